import { readdirSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { createLogger } from '../../src/observability/logger.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { verifyPageRoutes, type VerifyPageDeps } from '../../src/routes/verify-page.ts'

const PAGE = new URL('../../src/verify-page/page/', import.meta.url)

const open = async (t: Test, origins: VerifyPageDeps['origins'] = [], prefix = '') => {
  const app = await createHttpApp({ logger: createLogger({ level: 'fatal', destination: { write () {} } }), withDocs: false, isDraining: () => false })
  await app.register(verifyPageRoutes({ origins }), { prefix })
  t.teardown(() => app.close())
  return (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers })
}

const policyOf = ({ headers }: { headers: Record<string, unknown> }): Record<string, string> =>
  Object.fromEntries(String(headers['content-security-policy']).split('; ').map((part) => [part.split(' ')[0], part.split(' ').slice(1).join(' ')]))

t.test('the page says what it may do, and who may frame it', async (t) => {
  const get = await open(t, ['https://app.example.com', 'https://shop.example.com'])
  const reply = await get('/verify')
  t.equal(reply.statusCode, 200)
  t.match(reply.headers, {
    'content-type': 'text/html; charset=utf-8',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cross-origin-opener-policy': 'unsafe-none',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-cache',
    'permissions-policy': /^otp-credentials=\(self\), camera=\(\), /
  })
  t.same(policyOf(reply), {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self'",
    'connect-src': "'self'",
    'form-action': "'none'",
    'base-uri': "'none'",
    'require-trusted-types-for': "'script'",
    'trusted-types': "'none'",
    'frame-ancestors': 'https://app.example.com https://shop.example.com'
  })
  t.notOk('x-frame-options' in reply.headers, 'which knows no origins')
  t.notOk('access-control-allow-origin' in reply.headers)
})

t.test('where nobody may frame it, old browsers are told as well', async (t) => {
  const get = await open(t, [])
  const reply = await get('/verify')
  t.equal(policyOf(reply)['frame-ancestors'], "'none'")
  t.equal(reply.headers['x-frame-options'], 'SAMEORIGIN')
})

t.test('in development every page of this machine may', async (t) => {
  const get = await open(t, 'local')
  t.equal(policyOf(await get('/verify'))['frame-ancestors'], 'http://localhost:* http://127.0.0.1:* https://localhost:* https://127.0.0.1:*')
})

t.test('there is nothing in the page that its policy would not allow', async (t) => {
  const page = readFileSync(new URL('index.html', PAGE), 'utf8')
  t.notMatch(page, /<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:/i)
  for (const [, address] of page.matchAll(/(?:src|href)="([^"]+)"/g)) t.match(address, /^(?:verify\/assets\/[\w./-]+|#[\w-]+)$/, 'addresses are relative')
})

t.test('the browser is told of every module at once, and need not find them one by one', async (t) => {
  const page = readFileSync(new URL('index.html', PAGE), 'utf8')
  const preloaded = [...page.matchAll(/<link rel="modulepreload" href="verify\/assets\/([\w-]+\.js)">/g)].map(([, name]) => name)
  t.same(preloaded.sort(), readdirSync(PAGE).filter((name) => name.endsWith('.js') && name !== 'main.js').sort())
})

t.test('all that the page names is there, below whatever path', async (t) => {
  const get = await open(t, [], '/codes')
  const { body } = await get('/codes/verify')
  const named = [...body.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, address]) => address as string)
  t.ok(named.length >= 4)
  for (const address of [...named, 'verify/assets/words/zh-Hant.js', 'verify/assets/code-step.js']) {
    const reply = await get(`/codes/${address}`)
    t.equal(reply.statusCode, 200, address)
    t.match(reply.headers, { 'cross-origin-resource-policy': 'same-origin', 'x-content-type-options': 'nosniff', 'content-type': /^(text\/(javascript|css)|image\/svg)/ })
  }
  t.match(await get('/codes/verify/'), { statusCode: 308, headers: { location: '../verify' } })
  t.match(await get('/codes/verify/?x=/'), { statusCode: 308 })
  t.match(await get('/codes/verify?x=/'), { statusCode: 200 })
})

t.test('what is no part of the page is not given', async (t) => {
  const get = await open(t)
  for (const path of ['nothing.js', 'words', 'words/', 'words/xx.js', '../../routes/verify-page.ts', '%2e%2e/%2e%2e/package.json', 'constructor', '']) {
    t.match(await get(`/verify/assets/${path}`), { statusCode: 404 }, path)
  }
})

t.test('what has not changed is not sent again', async (t) => {
  const get = await open(t)
  for (const path of ['/verify', '/verify/assets/main.js', '/verify.js']) {
    const first = await get(path)
    const tag = first.headers.etag as string
    t.match(tag, /^"[\w-]{22}"$/)
    const second = await get(path, { 'if-none-match': tag })
    t.match({ status: second.statusCode, body: second.body }, { status: 304, body: '' }, path)
    t.match(await get(path, { 'if-none-match': '"another"' }), { statusCode: 200 })
  }
})

t.test('the countries are those of the numbers, the largest of each prefix first', async (t) => {
  const get = await open(t)
  const reply = await get('/verify/assets/countries.json')
  t.match(reply.headers['content-type'], 'application/json')
  const countries = reply.json()
  t.match(countries, { 1: ['US'], 7: ['RU', 'KZ'], 44: ['GB'], 49: ['DE'], 971: ['AE'] })
  t.ok(countries[1].includes('CA'))
})

t.test('pages of others may load the script, and compare it with a hash', async (t) => {
  const get = await open(t)
  for (const path of ['/verify.js', '/verify.mjs']) {
    t.match(await get(path), {
      statusCode: 200,
      headers: {
        'content-type': 'text/javascript; charset=utf-8',
        'cross-origin-resource-policy': 'cross-origin',
        'access-control-allow-origin': '*',
        'cache-control': 'public, max-age=300',
        'x-content-type-options': 'nosniff'
      }
    })
  }
})
