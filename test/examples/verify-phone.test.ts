import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { until } from '../verification/api-stand.ts'
import { FILE, startApp, type AppOptions } from './verify-phone-app.ts'

const NUMBER = '+14155550123'

interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly body: any
}

/** One browser, as far as it matters here: it keeps its cookie. */
interface Visitor {
  cookie: string
  ask (method: string, path: string): Promise<Answer>
}

interface Example extends TestGateway {
  readonly app: string
  visitor (): Visitor
  /** Does what the gateway's page does with a session, or an app with its secret: verifies a number by the code that arrives. */
  verify (session: string | undefined, to?: string): Promise<string>
}

const startExample = async (t: Test, options?: AppOptions): Promise<Example> => {
  const gateway = await startTestGateway(t)
  const app = await startApp(t, gateway.url, options)
  return {
    ...gateway,
    app,
    visitor () {
      const visitor: Visitor = {
        cookie: '',
        async ask (method, path) {
          const reply = await fetch(`${app}${path}`, { method, headers: { cookie: visitor.cookie } })
          visitor.cookie = reply.headers.get('set-cookie')?.split(';')[0] as string
          const text = await reply.text()
          return { status: reply.status, headers: reply.headers, text, body: text.startsWith('{') ? JSON.parse(text) : undefined }
        }
      }
      return visitor
    },
    async verify (session, to = NUMBER) {
      const headers = session === undefined ? {} : { authorization: `Bearer ${session}` }
      const { body: { id } } = await gateway.post('/verifications', { to }, headers)
      const { text } = await gateway.sandbox.waitFor('message', (message) => message.to === to)
      const checked = await gateway.post(`/verifications/${id as string}/check`, { code: /\b\d{4,8}\b/.exec(text)?.[0] }, headers)
      t.match(checked.body, { valid: true })
      return id
    }
  }
}

t.test('it is short', async (t) => {
  t.ok(readFileSync(FILE, 'utf8').trimEnd().split('\n').length < 40)
})

t.test('a visitor verifies a number', async (t) => {
  const { app, url, visitor, verify } = await startExample(t)
  const { ask } = visitor()
  const page = await ask('GET', '/')
  t.match(page.headers.get('content-type'), 'text/html')
  t.ok(page.text.includes(`<script src="${url}/verify.js"></script>`))
  t.match((await ask('GET', '/page.js')).text, /PhoneCode\.verify/)
  const { body: { session } } = await ask('POST', '/session')
  t.type(session, 'string')
  const shown = await fetch(`${url}/verify/session`, { headers: { authorization: `Bearer ${session as string}` } })
  t.match(await shown.json(), { origin: app }, 'the dialog may tell this page, and no other')
  const id = await verify(session)
  t.same((await ask('POST', `/verified?id=${id}`)).body, { phone: NUMBER })
  t.same((await ask('POST', '/verified?id=whatever')).body, { phone: NUMBER }, 'it is known from now on')
})

t.test('nothing else counts', async (t) => {
  const { post, visitor, verify } = await startExample(t)
  const [one, other] = [visitor(), visitor()]
  const { body: { session } } = await one.ask('POST', '/session')
  const headers = { authorization: `Bearer ${session as string}` }
  const isRefused = async ({ ask }: Visitor, id: string, why: string): Promise<void> => {
    t.same((await ask('POST', `/verified?id=${id}`)).body, {}, why)
  }
  await isRefused(one, '', 'no verification')
  await isRefused(one, '..%2F..%2Freadyz', 'another address of the gateway')
  const { body: { id } } = await post('/verifications', { to: NUMBER }, headers)
  await isRefused(one, id, 'one that goes on')
  await post(`/verifications/${id as string}/check`, { code: '000' }, headers)
  await isRefused(one, id, 'a wrong code')
  const theirs = await verify((await other.ask('POST', '/session')).body.session, '+14155550124')
  await isRefused(one, theirs, 'that of somebody else')
  await isRefused(visitor(), theirs, 'that of somebody else, for a stranger')
  t.same((await other.ask('POST', `/verified?id=${theirs}`)).body, { phone: '+14155550124' })
})

t.test('a verification that the app began otherwise says nothing of a visitor', async (t) => {
  const { visitor, verify } = await startExample(t)
  const id = await verify(undefined)
  const { ask } = visitor()
  t.same((await ask('POST', `/verified?id=${id}`)).body, {})
  await ask('POST', '/session')
  t.same((await ask('POST', `/verified?id=${id}`)).body, {})
})

t.test('what counts is the session that was made last', async (t) => {
  const { visitor, verify } = await startExample(t)
  const { ask } = visitor()
  const { body: { session: earlier } } = await ask('POST', '/session')
  await ask('POST', '/session')
  t.same((await ask('POST', `/verified?id=${await verify(earlier)}`)).body, {})
})

t.test('a visitor is known by a cookie that the app has made, and no script can read', async (t) => {
  const { visitor } = await startExample(t)
  const one = visitor()
  const { headers } = await one.ask('GET', '/')
  t.match(headers.get('set-cookie'), /^visitor=[0-9a-f-]{36}; HttpOnly; SameSite=Lax; Path=\/$/)
  t.match(headers.get('content-security-policy'), /^default-src 'self' http:\/\/127\.0\.0\.1:\d+; frame-ancestors 'none'$/)
  const { cookie } = one
  await one.ask('GET', '/')
  t.equal(one.cookie, cookie)
  const planted = 'visitor=00000000-0000-4000-8000-000000000000'
  one.cookie = planted
  await one.ask('GET', '/')
  t.not(one.cookie, planted)
})

t.test('where the gateway is away, nobody is verified', async (t) => {
  const complaints: string[] = []
  const { gateway, url, visitor } = await startExample(t, { complaints })
  const { ask } = visitor()
  await gateway.close()
  t.match(await ask('POST', '/session'), { status: 502, body: { message: 'Not available' } })
  t.match(await ask('POST', '/verified?id=1'), { status: 502, body: { message: 'Not available' } })
  await until(() => complaints.join('').split('\n').length === 3)
  t.equal(complaints.join(''), `${url}/verify/sessions: no answer\n${url}/verifications/1: no answer\n`)
})

t.test('where the secret is wrong, the app says so in its log, and nothing else', async (t) => {
  for (const secret of ['a-wrong-one', 'a wrong\none']) {
    const complaints: string[] = []
    const { visitor } = await startExample(t, { secret, complaints })
    const { ask } = visitor()
    const refused = await ask('POST', '/session')
    t.match(refused, { status: 502, body: { message: 'Not available' } })
    t.match(await ask('POST', '/verified?id=1'), { status: 502 })
    await until(() => complaints.join('').split('\n').length === 3)
    t.match(complaints.join(''), /^http:\S+\/verify\/sessions: (401|no answer)\nhttp:\S+\/verifications\/1: (401|no answer)\n$/)
    t.notMatch(complaints.join('') + refused.text, /wrong/)
  }
})

t.test('an id that is none is no fault of anybody\'s', async (t) => {
  const complaints: string[] = []
  const { gateway, visitor } = await startExample(t, { complaints })
  const { ask } = visitor()
  t.match(await ask('POST', '/verified?id=undefined'), { status: 200, body: {} })
  await gateway.close()
  await ask('POST', '/session')
  await until(() => complaints.length > 0)
  t.match(complaints.join(''), /^\S+\/verify\/sessions: no answer\n$/)
})

t.test('a visitor is known by a cookie that nobody else reads, and only over https where there is that', async (t) => {
  const cookieOf = async (url?: string): Promise<string | null> => {
    const app = await startApp(t, 'http://127.0.0.1:9', url === undefined ? {} : { url })
    return (await fetch(app)).headers.get('set-cookie')
  }
  t.match(await cookieOf(), /^visitor=[0-9a-f-]{36}; HttpOnly; SameSite=Lax; Path=\/$/)
  t.match(await cookieOf('https://app.example.com'), /; Path=\/; Secure$/)
})

t.test('of very many visitors the oldest is forgotten', async (t) => {
  const app = await startApp(t, 'http://127.0.0.1:9')
  const visit = async (cookie = ''): Promise<string> => {
    const reply = await fetch(app, { headers: { cookie } })
    await reply.text()
    return reply.headers.get('set-cookie')?.split(';')[0] as string
  }
  const [first, second] = [await visit(), await visit()]
  t.equal(await visit(first), first)
  for (let visitor = 2; visitor < 1001; visitor += 1) await visit()
  t.equal(await visit(second), second)
  t.not(await visit(first), first)
})
