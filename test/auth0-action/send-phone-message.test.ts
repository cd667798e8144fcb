import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { answering, CODE, loadAction, NUMBER, problem, SECRET, SENSITIVE, startGateway, TEXT } from './stand.ts'

const NAME = 'send-phone-message'

/** An event as Auth0's reference describes it, with all that is optional. */
const auth0Event = ({ secrets = {}, options = {}, request = {} }: { secrets?: object, options?: object, request?: object } = {}) => ({
  message_options: { action: 'second-factor-authentication', code: CODE, message_type: 'sms', recipient: NUMBER, text: TEXT, ...options },
  client: { client_id: 'abc', name: 'Fabrikam', metadata: {} },
  custom_domain: { domain: 'login.fabrikam.test' },
  request: { ip: '203.0.113.7', method: 'POST', geoip: { countryCode: 'CH' }, language: 'de-CH,de;q=0.9,en;q=0.8', user_agent: 'spec', ...request },
  security_context: { ja3: 'x', ja4: 'y' },
  tenant: { id: 'fabrikam' },
  transaction: { acr_values: [] },
  user: { user_id: 'auth0|1', email: 'kim@example.com', phone_number: NUMBER, app_metadata: {}, user_metadata: {} },
  secrets: { GATEWAY_SECRET: SECRET, ...secrets }
})

/** Runs the Action once and gives what it threw. Whatever that is, it holds nothing of the message or the secrets. */
const run = async (test: Test, event: unknown, globals?: Record<string, unknown>): Promise<{ thrown: string | undefined, timeouts: number[] }> => {
  const { exported, timeouts, printed } = loadAction(NAME, globals)
  const used: unknown[] = []
  const api = { cache: new Proxy({}, { get: (_target, name) => { used.push(name) } }) }
  const error: unknown = await exported['onExecuteSendPhoneMessage']!(event, api).then(() => undefined, (thrown: unknown) => thrown)
  const said = inspect({ error, printed }, { showHidden: true, depth: 9 })
  test.same(SENSITIVE.filter(value => said.includes(value)), [], 'says nothing sensitive')
  test.same([printed, used], [[], []], 'says nothing but what it throws')
  if (error === undefined) return { thrown: undefined, timeouts }
  const { message, cause, name } = error as Error
  test.equal(name, 'Error')
  test.equal(cause, undefined)
  test.same(Object.keys(error as Error), [])
  test.ok(message.length < 120, 'a short one')
  return { thrown: message, timeouts }
}

t.test('hands each kind of message over', async t => {
  const gateway = await startGateway(t, answering(200, '{"id":"1","status":"accepted"}'))
  for (const action of ['enrollment', 'second-factor-authentication']) {
    for (const type of ['sms', 'voice']) {
      gateway.posted.length = 0
      const { thrown, timeouts } = await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url }, options: { action, message_type: type } }))
      t.equal(thrown, undefined)
      t.same(timeouts, [9500])
      t.equal(gateway.posted.length, 1)
      const [posted] = gateway.posted
      t.match(posted, { method: 'POST', path: '/hooks/auth0', headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' } })
      t.strictSame(posted?.body, {
        tenant: 'fabrikam',
        ip: '203.0.113.7',
        user: 'auth0|1',
        message_options: { action, code: CODE, message_type: type, recipient: NUMBER, text: TEXT },
        locale: 'de-CH'
      }, 'these fields, and nothing else of the event')
    }
  }
})

t.test('asks for the first language of the browser, where there is one', async t => {
  const gateway = await startGateway(t, answering(202))
  const cases: Array<[unknown, string | undefined]> = [
    ['de', 'de'], ['pt-BR', 'pt-BR'], [' pt-BR , pt;q=0.9', 'pt-BR'], ['en-US;q=0.8', 'en-US'], ['zh_Hans_CN', 'zh_Hans_CN'],
    ['*', undefined], ['', undefined], [',de', undefined], ['x'.repeat(36), undefined], ['de\r\nX: y', undefined], [7, undefined], [null, undefined], [undefined, undefined]
  ]
  for (const [language, locale] of cases) {
    gateway.posted.length = 0
    t.equal((await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url }, request: { language } }))).thrown, undefined)
    t.equal((gateway.posted[0]?.body as { locale?: string }).locale, locale, inspect(language))
  }
})

t.test('leaves out what is not there', async t => {
  const gateway = await startGateway(t, answering(202))
  const secrets = { GATEWAY_URL: gateway.url, GATEWAY_SECRET: SECRET }
  t.equal((await run(t, { message_options: { recipient: NUMBER, text: TEXT, code: null }, secrets })).thrown, undefined)
  t.strictSame(gateway.posted[0]?.body, { message_options: { recipient: NUMBER, text: TEXT } })
})

t.test('throws whatever the gateway did not take', async t => {
  for (const status of [301, 307, 400, 401, 404, 408, 422, 429, 500, 502, 503]) {
    const gateway = await startGateway(t, problem(status, 'recipient_refused'))
    const { thrown } = await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url } }))
    t.equal(thrown, `The gateway answered ${status} (recipient_refused).`)
    t.equal(gateway.posted.length, 1, 'asks once')
  }
  const echo = await startGateway(t, problem(404, 'qwertz'))
  t.equal((await run(t, auth0Event({ secrets: { GATEWAY_URL: echo.url }, options: { code: 'qwertz' } }))).thrown, 'The gateway answered 404.')
})

t.test('an answer that names no problem is told by its status', async t => {
  for (const body of ['', 'no JSON', '<html></html>', '{"code":7}', '{"code":"Not A Code"}', 'null', `{"code":"${'x'.repeat(20_000)}"}`]) {
    const gateway = await startGateway(t, answering(502, body))
    t.equal((await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url } }))).thrown, 'The gateway answered 502.', body.slice(0, 40))
  }
})

t.test('throws when nothing came back', async t => {
  const silent = await startGateway(t, () => {})
  t.equal((await run(t, auth0Event({ secrets: { GATEWAY_URL: silent.url } }))).thrown, 'The gateway did not answer in time.')
  const broken = await startGateway(t, request => { request.socket.resetAndDestroy() })
  t.equal((await run(t, auth0Event({ secrets: { GATEWAY_URL: broken.url } }))).thrown, 'The gateway could not be reached.')
})

t.test('reads the secrets as the other Action does', async t => {
  const asked: string[] = []
  const globals = { fetch: (url: URL) => { asked.push(url.href); return Promise.resolve({ ok: true, status: 202, body: null }) } }
  for (const GATEWAY_URL of ['https://gateway.test', 'https://gateway.test/hooks/auth0', 'https://gateway.test/send-text-code/']) {
    t.equal((await run(t, auth0Event({ secrets: { GATEWAY_URL } }), globals)).thrown, undefined)
  }
  t.same(asked, Array(3).fill('https://gateway.test/hooks/auth0'))
  const cases: Array<[object, string]> = [
    [{}, 'The secret GATEWAY_URL is missing.'],
    [{ GATEWAY_URL: 'gateway.test' }, 'The secret GATEWAY_URL is not a URL.'],
    [{ VOICE_API_URL: 'voice' }, 'The secret VOICE_API_URL is not a URL.'],
    [{ GATEWAY_URL: 'https://somebody:else@gateway.test' }, 'The secret GATEWAY_URL must not contain a user name or password.'],
    [{ GATEWAY_URL: 'https://gateway.test', GATEWAY_SECRET: 'geheim\u00e4' }, 'The secret GATEWAY_SECRET has characters other than plain ASCII.'],
    [{ GATEWAY_URL: 'http://gateway.test' }, 'The secret GATEWAY_URL must begin with https://.'],
    [{ GATEWAY_URL: 'https://gateway.test', GATEWAY_SECRET: '' }, 'The secret GATEWAY_SECRET is missing.']
  ]
  for (const [secrets, reason] of cases) t.equal((await run(t, auth0Event({ secrets }), globals)).thrown, reason)
  t.equal(asked.length, 3)
})

t.test('throws a sentence of its own for an event that it cannot read', async t => {
  const secrets = { GATEWAY_URL: 'https://gateway.test', GATEWAY_SECRET: SECRET }
  const unreadable = { secrets, get message_options (): never { throw new Error(`not for the log: ${NUMBER}`) } }
  for (const event of [undefined, null, 'event', {}, { secrets }, { secrets, message_options: null }, { secrets, notification: {} }, unreadable]) {
    t.equal((await run(t, event)).thrown, 'The Action could not read the event.')
  }
})
