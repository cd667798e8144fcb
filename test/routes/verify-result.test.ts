import { createRemoteJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { openSqliteApi, until, wrong } from '../verification/api-stand.ts'

const NUMBER = '+4915112345678'

t.test('a browser verifies a number with a session, and its app believes the result by the published keys', async (t) => {
  const api = await openSqliteApi(t, { settings: { BRAND_NAME: 'Shop', VERIFY_ORIGINS: 'https://app.example.com' } })
  const browser = await api.session({ origin: 'https://app.example.com', reference: 'order 4711' })
  t.match((await api.ask('GET', '/verify/session', undefined, browser)).body, { profile: { name: 'login', channels: ['sms', 'voice'] }, brand: 'Shop' })

  const { id } = (await api.ask('POST', '/verifications', { to: NUMBER }, browser)).body
  const code = await api.code()
  t.match((await api.check(id, wrong(code), browser)).body, { valid: false, status: 'pending' })
  const { body: checked } = await api.check(id, code, browser)
  t.match(checked, { valid: true, status: 'approved' })

  const keys = createRemoteJWKSet(new URL(`${api.url}/verify/keys`))
  const { payload } = await jwtVerify(checked.result, keys, { audience: 'default', issuer: api.environment.PUBLIC_URL ?? 'phone-code-gateway', currentDate: new Date(api.clock()) })
  t.match(payload, { sub: id, status: 'approved', ref: 'order 4711' })
  t.notMatch(JSON.stringify(payload), /5112345678/)
  api.clock.advance(200_000)
  t.match((await api.ask('GET', `/verifications/${id}`, undefined, browser)).body, { id, status: 'approved', result: checked.result }, 'who asks again gets the same')
  t.match((await api.check(id, code, browser)).body, { valid: false, status: 'approved', result: checked.result })
  api.clock.advance(100_000)
  const later = (await api.ask('GET', `/verifications/${id}`, undefined, browser)).body
  t.same([later.status, later.result], ['approved', undefined], 'and none that is fresh, five minutes later')
})

t.test('a session sees its own verifications only, and is over when it is over', async (t) => {
  const api = await openSqliteApi(t)
  const [browser, stranger] = [await api.session({ ttlSeconds: 60 }), await api.session()]
  const { id } = (await api.ask('POST', '/verifications', { to: NUMBER }, browser)).body
  t.match(await api.ask('GET', `/verifications/${id}`, undefined, stranger), { status: 404, body: { code: 'not_found' } })
  t.match(await api.ask('POST', '/verify/sessions', {}, browser), { status: 401 }, 'nor does it make others')
  api.clock.advance(60_000)
  for (const [method, path] of [['GET', '/verify/session'], ['GET', `/verifications/${id}`], ['POST', '/verifications'], ['DELETE', `/verifications/${id}`]] as const) {
    t.match(await api.ask(method, path, method === 'POST' ? { to: NUMBER } : undefined, browser), { status: 401, body: { code: 'unauthorized' } }, `${method} ${path}`)
  }
  await until(() => api.sandbox.messages.length === 1)
  t.notMatch(api.log.join(), new RegExp(`${browser.authorization?.slice('Bearer '.length)}|5112345678`))
})
