import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import t from 'tap'
import { ADMIN, CALLER, openInspector } from './inspector-access-stand.ts'

const PAGE = new URL('../../src/inspector/page/', import.meta.url)
const HOST = 'localhost:8000'
const OWN = { host: HOST, origin: `http://${HOST}` }
const SESSION = '/inspector/session'
const HOURS_12 = 12 * 3_600_000

type Headers = Record<string, string>

const open = async (...options: Parameters<typeof openInspector>) => {
  const stand = await openInspector(...options)
  const ask = (method: 'GET' | 'POST' | 'DELETE' | 'HEAD', url: string, headers: Headers = {}, payload?: object) =>
    stand.app.inject({ method, url, headers: { host: HOST, ...headers }, ...payload && { payload } })
  return {
    ...stand,
    ask,
    get: (url: string, headers?: Headers) => ask('GET', url, headers),
    signIn: (payload: object, headers: Headers = OWN) => ask('POST', SESSION, headers, payload)
  }
}

const policyOf = ({ headers }: { headers: Record<string, unknown> }): Record<string, string> =>
  Object.fromEntries(String(headers['content-security-policy']).split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]))

t.test('a stranger is shown where to sign in, and whoever has the secret or a session the page', async (t) => {
  const { get, cookie } = await open(t)
  const stranger = await get('/inspector')
  t.equal(stranger.statusCode, 401)
  t.equal(stranger.body, readFileSync(new URL('sign-in.html', PAGE), 'utf8'))
  for (const headers of [{ cookie: cookie() }, { authorization: ADMIN }, { authorization: `Bearer ${ADMIN}` }, { authorization: `Basic ${Buffer.from(`me:${ADMIN}`).toString('base64')}` }]) {
    const page = await get('/inspector', headers as unknown as Headers)
    t.equal(page.statusCode, 200)
    t.equal(page.body, readFileSync(new URL('index.html', PAGE), 'utf8'))
  }
})

t.test('both pages say what they may do, and are kept by nobody', async (t) => {
  const { get, cookie } = await open(t)
  for (const headers of [{}, { cookie: cookie() }] as Headers[]) {
    const reply = await get('/inspector', headers)
    t.match(reply.headers, {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': /camera=\(\)/
    })
    t.same(policyOf(reply), {
      'default-src': "'none'",
      'script-src': "'self'",
      'style-src': "'self'",
      'img-src': "'self'",
      'connect-src': `'self' ws://${HOST} wss://${HOST}`,
      'form-action': "'none'",
      'base-uri': "'none'",
      'require-trusted-types-for': "'script'",
      'trusted-types': "'none'",
      'frame-ancestors': "'none'"
    })
    t.notOk('access-control-allow-origin' in reply.headers)
  }
  t.equal(policyOf(await get('/inspector', { host: '[::1]:8000' }))['connect-src'], "'self'", 'an IPv6 address cannot be said there')
})

t.test('there is nothing in the pages that their policy would not allow', async (t) => {
  for (const name of ['index.html', 'sign-in.html']) {
    const page = readFileSync(new URL(name, PAGE), 'utf8')
    t.notMatch(page, /<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:|data:/i)
    for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) t.match(address, /^(?:inspector\/assets\/[\w./-]+|#[\w/-]*)$/, 'addresses are relative')
  }
})

t.test('what the pages are made of is open to all, and not sent again where it has not changed', async (t) => {
  const { get } = await open(t, { prefixes: ['', '/codes'] })
  const named = ['index.html', 'sign-in.html'].flatMap((name) => [...readFileSync(new URL(name, PAGE), 'utf8').matchAll(/(?:src|href)="(inspector[^"]+)"/g)].map(([, address]) => address as string))
  const files = readdirSync(PAGE).filter((name) => /\.(?:js|css|svg)$/.test(name)).map((name) => `inspector/assets/${name}`)
  for (const address of new Set([...named, ...files, 'inspector/assets/vendor/uplot.js', 'inspector/assets/vendor/uplot.css'])) {
    for (const base of ['/', '/codes/']) {
      const reply = await get(`${base}${address}`, { host: 'anything.example' })
      t.equal(reply.statusCode, 200, address)
      t.match(reply.headers, { 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff', 'content-type': /^(text\/(javascript|css)|image\/svg)/ })
      t.match(await get(`${base}${address}`, { 'if-none-match': reply.headers.etag as string }), { statusCode: 304, body: '' })
    }
  }
  t.match((await get('/inspector/assets/vendor/uplot.js')).body, /export \{ uPlot as default \}/)
  for (const path of ['nothing.js', 'vendor', '', 'constructor', '../../routes/inspector.ts', '%2e%2e/%2e%2e/sessions.ts', 'vendor/uPlot.esm.js']) {
    t.match(await get(`/inspector/assets/${path}`), { statusCode: 404 }, path)
  }
})

t.test('an address that ends with a slash leads to the page', async (t) => {
  const { get } = await open(t, { prefixes: ['', '/codes'] })
  t.match(await get('/codes/inspector/'), { statusCode: 308, headers: { location: '../inspector' } })
  t.match(await get('/inspector/?x=/'), { statusCode: 308 })
  t.match(await get('/inspector?x=/'), { statusCode: 401 })
  t.match(await get('/inspector/', { host: 'evil.example' }), { statusCode: 403 })
})

t.test('the secret becomes a cookie that only the pages below it get, and no script', async (t) => {
  const { signIn, get, clock } = await open(t)
  const reply = await signIn({ secret: ADMIN })
  t.match(reply, { statusCode: 204, body: '' })
  t.equal(reply.headers['cache-control'], 'no-store')
  const header = String(reply.headers['set-cookie'])
  t.match(header, /^phone-code-inspector=[\w-]+; Max-Age=43200; HttpOnly; SameSite=Strict$/, 'without a path browsers take that of the page')
  const cookie = header.replace(/;.*/, '')
  t.same((await get('/inspector/api/state', { cookie })).json(), { expires: clock() + HOURS_12 })
  t.match(await get(SESSION, { cookie: `other=1; ${cookie}; third="x"` }), { statusCode: 204 })
  t.match(String((await signIn({ secret: ADMIN }, { host: HOST, origin: `https://${HOST}` })).headers['set-cookie']), /; Secure$/)
  t.match(await signIn({ secret: ADMIN }, { host: HOST }), { statusCode: 204 }, 'a script of the operator says no origin')
})

t.test('a link becomes a cookie once', async (t) => {
  const { signIn, sessions, get } = await open(t)
  const link = sessions.makeLink()
  const { headers, statusCode } = await signIn({ link })
  t.equal(statusCode, 204)
  t.match(await get('/inspector', { cookie: String(headers['set-cookie']).replace(/;.*/, '') }), { statusCode: 200 })
  const again = await signIn({ link })
  t.match([again.statusCode, again.json().code, 'set-cookie' in again.headers], [401, 'unauthorized', false])
  t.match(await signIn({ secret: link }), { statusCode: 401 })
})

t.test('signing out takes the cookie away', async (t) => {
  const { ask, cookie } = await open(t)
  for (const headers of [{ ...OWN, cookie: cookie() }, OWN, { host: HOST, authorization: ADMIN }] as Headers[]) {
    const reply = await ask('DELETE', SESSION, headers)
    t.equal(reply.statusCode, 204)
    t.match(reply.headers['set-cookie'], /^phone-code-inspector=; Max-Age=0; HttpOnly; SameSite=Strict$/)
  }
  t.match((await ask('DELETE', SESSION, { host: HOST, origin: `https://${HOST}` })).headers['set-cookie'], /; Secure$/)
  t.match(await ask('DELETE', SESSION, { host: HOST, cookie: cookie() }), { statusCode: 403 })
})

t.test('who signs out has no session any more, by none of the cookies; other sessions are open still', async (t) => {
  const { ask, get, cookie } = await open(t, { prefixes: ['', '/codes'] })
  const [mine, mineBelow, other, kept] = [cookie(), cookie(), cookie(), cookie()]
  t.match(await ask('DELETE', SESSION, { ...OWN, cookie: `${mine}; x=y; ${mineBelow}` }), { statusCode: 204 })
  t.match(await ask('DELETE', `/codes${SESSION}`, { host: HOST, authorization: ADMIN, cookie: other }), { statusCode: 204 })
  for (const ended of [mine, mineBelow, other]) {
    for (const path of ['/inspector', '/inspector/api/state', SESSION, '/codes/inspector/api/state']) t.match(await get(path, { cookie: ended }), { statusCode: 401 }, path)
  }
  t.match(await ask('DELETE', SESSION, { host: HOST, cookie: kept }), { statusCode: 403 })
  t.match(await get('/inspector/api/state', { cookie: kept }), { statusCode: 200 }, 'another page ends nothing')
})

t.test('who shows a wrong secret or link is told to wait after ten, wherever they come from; who has the right one never is', async (t) => {
  const { signIn, get, ask, sessions, clock, cookie, log } = await open(t)
  const wrong = [
    () => signIn({ secret: 'guess' }),
    () => signIn({ link: 'guess' }),
    () => get(SESSION, { authorization: 'guess' }),
    () => get('/inspector/api/state', { authorization: 'Bearer guess' }),
    () => ask('POST', '/inspector/api/search', { ...OWN, authorization: 'Basic eDp5' }, {})
  ]
  for (const attempt of [...wrong, ...wrong]) {
    const reply = await attempt()
    t.match([reply.statusCode, reply.json().code, reply.headers['cache-control']], [401, 'unauthorized', 'no-store'])
  }
  for (const attempt of wrong) {
    const reply = await attempt()
    t.match(reply, { statusCode: 429, headers: { 'retry-after': '60', 'cache-control': 'no-store' } })
    t.match(reply.json(), { code: 'too_many_sign_ins', retryAfter: 60 })
    t.notOk('set-cookie' in reply.headers)
  }
  t.same(log.map(({ level, problem }) => [level, problem]), [...Array(10).fill([30, 'unauthorized']), ...Array(5).fill([20, 'too_many_sign_ins'])])

  t.match(await signIn({ secret: ADMIN }), { statusCode: 204, headers: { 'set-cookie': /^phone-code-inspector=.{40}/ } })
  t.match(await signIn({ link: sessions.makeLink() }), { statusCode: 204 })
  for (const headers of [{ authorization: ADMIN }, { cookie: cookie() }, { cookie: cookie(), authorization: 'Basic eDp5' }] as Headers[]) {
    for (const path of [SESSION, '/inspector/api/state', '/inspector']) t.ok((await get(path, headers)).statusCode < 300, path)
  }
  for (const path of [SESSION, '/inspector/api/state', '/inspector']) t.match(await get(path), { statusCode: 401 }, 'who shows nothing is where to sign in')
  t.match(await get('/inspector', { authorization: 'Basic eDp5' }), { statusCode: 401, body: /<form/ }, 'a proxy may have a secret of its own')
  clock.advance(60_000)
  t.match(await signIn({ secret: 'guess' }), { statusCode: 401 })
})

t.test('at the name of PUBLIC_URL nobody signs in without TLS, nor uses a cookie', async (t) => {
  const { signIn, ask, cookie } = await open(t, { publicUrl: 'https://codes.example.com' })
  const host = 'codes.example.com'
  for (const plain of [{ host, origin: `http://${host}` }, { host: `${host}:80`, origin: `http://${host}` }]) {
    const reply = await signIn({ secret: ADMIN }, plain)
    t.same([reply.statusCode, reply.json().code, 'set-cookie' in reply.headers], [403, 'forbidden', false])
    t.match(await ask('POST', '/inspector/api/search', { ...plain, cookie: cookie() }, {}), { statusCode: 403 })
  }
  t.match((await signIn({ secret: ADMIN }, { host, origin: `https://${host}` })).headers['set-cookie'], /; Secure$/)
})

t.test('a body that is none is not looked at', async (t) => {
  const { signIn, ask, sessions } = await open(t)
  for (const body of [{}, { secret: 1 }, { secret: ADMIN, link: 'x' }, { secret: ADMIN, more: 1 }, { secret: 'x'.repeat(1025) }, { link: 'x'.repeat(257) }, [], { secret: null }]) {
    t.match(await signIn(body), { statusCode: 400 }, JSON.stringify(body).slice(0, 50))
  }
  t.match(await signIn({ secret: 'x'.repeat(5000) }), { statusCode: 413 })
  t.match(await ask('POST', SESSION, { ...OWN, 'content-type': 'text/plain' }, Buffer.from(JSON.stringify({ secret: ADMIN })) as object), { statusCode: 415 }, 'what a form of another page can send')
  t.equal(Array.from({ length: 10 }, () => sessions.noteWrong()).join(''), '0000000000', 'nor counted')
})

t.test('the API is open to the secret and to sessions alone', async (t) => {
  const { get, ask, cookie, clock, sessions } = await open(t)
  const good = cookie()
  const token = good.replace(/^[^=]*=/, '')
  t.same((await get('/inspector/api/state', { authorization: `Bearer ${ADMIN}` })).json(), { expires: 'never' })
  const held = await get('/inspector/api/state', { cookie: good })
  t.same([held.json(), held.headers['cache-control']], [{ expires: clock() + HOURS_12 }, 'no-store'])
  t.match(await ask('POST', '/inspector/api/search', { ...OWN, cookie: good }, {}), { statusCode: 200 })
  t.match(await ask('POST', '/inspector/api/search', { host: HOST, authorization: ADMIN }, {}), { statusCode: 200 }, 'a script of the operator says no origin')
  t.match(await get('/inspector/api/state', { cookie: good, authorization: 'Basic eDp5' }), { statusCode: 200 }, 'a proxy may have a secret of its own')
  t.match(await get('/inspector/api/state', { cookie: `phone-code-inspector=stale; ${good}` }), { statusCode: 200 })

  const strangers: Headers[] = [
    {}, { authorization: `Bearer ${CALLER}` }, { authorization: CALLER }, { authorization: `Bearer ${token}` }, { authorization: token }, { authorization: `Bearer ${sessions.makeLink()}` },
    { cookie: `phone-code-inspector=${ADMIN}` }, { cookie: token }, { cookie: `x${good}` }, { cookie: good.slice(0, -1) }, { cookie: 'phone-code-inspector=' },
    { cookie: `${'phone-code-inspector=x; '.repeat(5)}${good}` }, { cookie: `${good}`.toUpperCase() }
  ]
  for (const headers of strangers) {
    clock.advance(60_000)
    for (const reply of [await get('/inspector/api/state', headers), await ask('POST', '/inspector/api/search', { ...OWN, ...headers }, {}), await get(SESSION, headers)]) {
      t.match(reply.json(), { status: 401, code: 'unauthorized' }, JSON.stringify(headers).slice(0, 60))
      t.equal(reply.headers['cache-control'], 'no-store')
    }
  }
  clock.advance(HOURS_12)
  t.match(await get('/inspector/api/state', { cookie: good }), { statusCode: 401 })
  t.match(await get('/inspector', { cookie: good }), { statusCode: 401 })
})

t.test('a name that is not ours leads nowhere, whoever asks', async (t) => {
  const { ask, cookie } = await open(t, { publicUrl: 'https://codes.example.com/x', hosts: ['gateway.internal:8000'] })
  const paths = [['GET', '/inspector'], ['GET', '/inspector/api/state'], ['POST', '/inspector/api/search'], ['GET', SESSION], ['POST', SESSION], ['DELETE', SESSION], ['GET', '/inspector/socket']] as const
  for (const host of ['evil.example', 'localhost.evil.example', '10.0.0.1:8000', 'codes.example.com:8443', 'gateway.internal']) {
    for (const [method, path] of paths) {
      for (const who of [{ cookie: cookie(), origin: `http://${host}` }, { authorization: ADMIN }, { authorization: ADMIN, 'x-forwarded-host': 'localhost:8000', forwarded: 'host=localhost' }] as Headers[]) {
        const reply = await ask(method, path, { ...who, host }, method === 'POST' ? { secret: ADMIN } : undefined)
        t.match(reply.json(), { status: 403, code: 'host_not_allowed' }, `${host} ${path}`)
        t.notOk('set-cookie' in reply.headers)
      }
    }
  }
  for (const host of ['codes.example.com', 'Codes.example.com:443', 'gateway.internal:8000', '127.0.0.1:9', '[::1]:8000']) {
    t.match(await ask('GET', '/inspector', { host, authorization: ADMIN, 'x-forwarded-host': 'evil.example' }), { statusCode: 200 }, host)
  }
})

t.test('another page is sent away, with whatever it has got hold of', async (t) => {
  const { ask, cookie } = await open(t)
  const paths = [['GET', '/inspector'], ['GET', '/inspector/api/state'], ['POST', '/inspector/api/search'], ['GET', SESSION], ['POST', SESSION], ['DELETE', SESSION]] as const
  for (const origin of ['https://evil.example', 'null', 'http://localhost:3000', 'http://127.0.0.1:8000', '']) {
    for (const [method, path] of paths) {
      for (const who of [{ cookie: cookie() }, { authorization: ADMIN }] as Headers[]) {
        const reply = await ask(method, path, { ...who, origin }, method === 'POST' ? { secret: ADMIN } : undefined)
        t.match(reply.json(), { status: 403, code: 'forbidden' }, `${origin} ${path}`)
        t.notOk('set-cookie' in reply.headers)
      }
    }
  }
})

t.test('a cookie that asks for more than to look must come with an origin', async (t) => {
  const { ask, cookie } = await open(t)
  t.match((await ask('POST', '/inspector/api/search', { cookie: cookie() }, {})).json(), { status: 403, code: 'forbidden' })
  for (const method of ['GET', 'HEAD'] as const) t.match(await ask(method, '/inspector/api/state', { cookie: cookie() }), { statusCode: 200 })
})

t.test('a host that is missing, or comes twice, is nobody', async (t) => {
  const { app } = await open(t)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const ask = async (lines: string[]): Promise<string> => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.end([...lines, `Authorization: Bearer ${ADMIN}`, 'Connection: close', '', ''].join('\r\n'))
    return await text(socket)
  }
  t.match(await ask(['GET /inspector/api/state HTTP/1.1', 'Host: localhost']), /^HTTP\/1.1 200/)
  t.match(await ask(['GET /inspector/api/state HTTP/1.0']), /^HTTP\/1.1 403[^]*host_not_allowed/)
  t.match(await ask(['GET /inspector/api/state HTTP/1.1']), /^HTTP\/1.1 400/)
  t.match(await ask(['GET /inspector/api/state HTTP/1.1', 'Host: localhost', 'Host: evil.example']), /^HTTP\/1.1 40[03]/)
  t.match(await ask(['GET /inspector/api/state HTTP/1.1', 'Host: localhost', 'HOST: localhost']), /^HTTP\/1.1 40[03]/)
  t.match(await ask(['GET http://localhost/inspector/api/state HTTP/1.1', 'Host: evil.example']), /^HTTP\/1.1 40[034]/)
})

t.test('who looks has no line among what is worth reading, and nothing secret is in any', async (t) => {
  const { get, signIn, cookie, log, sessions } = await open(t)
  const [held, link] = [cookie(), sessions.makeLink()]
  await get('/inspector', { cookie: held })
  await get('/inspector')
  await get('/inspector/assets/sign-in.js')
  await get('/inspector/api/state', { cookie: held })
  t.same(log.map(({ level, route }) => [level, route]), [[20, '/inspector'], [20, '/inspector'], [20, '/inspector/assets/*'], [20, '/inspector/api/state']])
  await signIn({ link })
  await signIn({ secret: ADMIN })
  await signIn({ secret: `${ADMIN}!` })
  await get(`/inspector?link=${link}`, { host: 'evil.example', cookie: held })
  t.same(log.slice(4).map(({ level, problem }) => [level, problem]), [[30, undefined], [30, undefined], [30, 'unauthorized'], [30, 'host_not_allowed']])
  for (const secret of [ADMIN, link, held.replace(/^[^=]*=/, '')]) t.notMatch(JSON.stringify(log), secret)
})
