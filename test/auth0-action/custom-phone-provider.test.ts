import t, { type Test } from 'tap'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { createContext, Script } from 'node:vm'

const actionFile = new URL('../../src/auth0-action/custom-phone-provider.js', import.meta.url)

type Call = ['drop' | 'retry', string]
interface Posted { method?: string | undefined, path?: string | undefined, headers: IncomingHttpHeaders, body: unknown }
type Handler = (event: unknown, api: unknown) => Promise<void>

const SECRET = 'spec-0123456789abcdef'
const NUMBER = '+15551234567'
const CODE = '481516'
const TEXT = `${CODE} is your code for Fabrikam`

const MESSAGE_TYPES = ['otp_verify', 'otp_enroll', 'blocked_account', 'change_password', 'password_breach'] as const
const isWithoutCode = (type: string) => type === 'blocked_account' || type === 'password_breach'

/**
 * Loads the file as Auth0 does: a CommonJS module that finds the runtime's globals and nothing else. `AbortSignal` is
 * one whose clock runs five times faster, which still leaves a busy machine its time; what was asked of it is kept in `timeouts`.
 */
const loadAction = (globals: Record<string, unknown> = {}) => {
  const timeouts: number[] = []
  const printed: unknown[] = []
  const print = (...values: unknown[]) => { printed.push(...values) }
  const context = createContext({
    exports: {},
    fetch,
    URL,
    TextDecoder,
    AbortSignal: { timeout: (ms: number) => { timeouts.push(ms); return AbortSignal.timeout(ms / 5) } },
    console: { log: print, info: print, warn: print, error: print, debug: print },
    ...globals
  })
  new Script(readFileSync(actionFile, 'utf8'), { filename: actionFile.href }).runInContext(context)
  const { onExecuteCustomPhoneProvider } = context['exports'] as { onExecuteCustomPhoneProvider: Handler }
  return { handler: onExecuteCustomPhoneProvider, timeouts, printed }
}

/** A gateway that answers as `answer` says and remembers what came. */
const startGateway = async (test: Test, answer: RequestListener) => {
  const posted: Posted[] = []
  const server = createServer((request, response) => {
    let raw = ''
    request.setEncoding('utf8').on('data', (part: string) => { raw += part }).on('end', () => {
      posted.push({ method: request.method, path: request.url, headers: request.headers, body: JSON.parse(raw) })
      answer(request, response)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  test.teardown(() => new Promise<void>(resolve => { server.closeAllConnections(); server.close(() => resolve()) }))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, posted }
}

const answering = (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => { response.writeHead(status, headers).end(body) }

const problem = (status: number, code: string) =>
  answering(status, JSON.stringify({ type: 'about:blank', title: 'No', status, code }), { 'content-type': 'application/problem+json' })

/** An event as Auth0's reference describes it. */
const auth0Event = ({ secrets = {}, notification = {} }: { secrets?: object, notification?: Record<string, unknown> } = {}) => {
  const type = (notification['message_type'] ?? 'otp_verify') as string
  return {
    notification: {
      as_text: TEXT,
      as_voice: `Your code is ${CODE}`,
      ...(isWithoutCode(type) ? {} : { code: CODE }),
      delivery_method: 'text',
      from: '+15550001111',
      locale: 'en_US',
      message_type: type,
      recipient: NUMBER,
      ...notification
    },
    client: { client_id: 'abc', name: 'Fabrikam', metadata: {} },
    connection: { id: 'con_1', name: 'Username-Password-Authentication', strategy: 'auth0' },
    request: { ip: '203.0.113.7', method: 'POST', geoip: { countryCode: 'US', timeZone: 'America/New_York' }, language: 'en', user_agent: 'spec' },
    tenant: { id: 'fabrikam' },
    transaction: { correlation_id: 'c1' },
    user: { user_id: 'auth0|1', email: 'kim@example.com', email_verified: true, phone_number: NUMBER, app_metadata: {}, user_metadata: {} },
    secrets: { GATEWAY_SECRET: SECRET, ...secrets }
  }
}

const recordingApi = () => {
  const calls: Call[] = []
  const api = { notification: { drop: (reason: string) => { calls.push(['drop', reason]) }, retry: (reason: string) => { calls.push(['retry', reason]) } } }
  return { calls, api }
}

/** Runs the Action once. Nothing that it says may hold anything of the message or the secrets, whatever the test is about. */
const run = async (test: Test, event: unknown, globals?: Record<string, unknown>) => {
  const { handler, timeouts, printed } = loadAction(globals)
  const { calls, api } = recordingApi()
  await handler(event, api)
  const said = inspect({ calls, printed })
  const sensitive = [SECRET, NUMBER, NUMBER.slice(1), CODE, TEXT, 'Fabrikam', '127.0.0.1', 'gateway.test']
  test.same(sensitive.filter(value => said.includes(value)), [], 'says nothing sensitive')
  test.ok(calls.length <= 1 && calls.every(([, reason]) => reason.length < 120), 'gives at most one verdict, and a short one')
  return { calls, timeouts }
}

t.test('hands each kind of message over', async t => {
  const gateway = await startGateway(t, answering(202, '{"id":"1"}'))
  for (const type of MESSAGE_TYPES) {
    for (const method of ['text', 'voice']) {
      t.test(`${type} by ${method}`, async t => {
        gateway.posted.length = 0
        const notification = { message_type: type, delivery_method: method }
        const { calls, timeouts } = await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url }, notification }))
        t.same(calls, [])
        t.same(timeouts, [9500])
        t.equal(gateway.posted.length, 1)
        const [posted] = gateway.posted
        t.equal(posted?.method, 'POST')
        t.match(posted?.headers, { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' })
        const isSpoken = method === 'voice' && !isWithoutCode(type)
        t.equal(posted?.path, isSpoken ? '/send-voice-code' : '/send-text-code')
        t.strictSame(posted?.body, isSpoken
          ? { phoneNumber: NUMBER, code: CODE, locale: 'en-US' }
          : { phoneNumber: NUMBER, text: TEXT, ...(isWithoutCode(type) ? {} : { code: CODE }), locale: 'en-US' })
      })
    }
  }
})

t.test('reads codes and locales with care', async t => {
  const gateway = await startGateway(t, answering(204))
  const posts = async (notification: Record<string, unknown>) => {
    gateway.posted.length = 0
    t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url }, notification }))).calls, [])
    return { path: gateway.posted[0]?.path, body: gateway.posted[0]?.body as Record<string, unknown> }
  }

  t.match(await posts({ delivery_method: 'voice', code: '0M53RF' }), { path: '/send-voice-code', body: { code: '0M53RF' } }, 'letters')
  for (const code of ['123', '12345678901', '12 34', '', null, 481516]) {
    const { path, body } = await posts({ delivery_method: 'voice', code })
    t.equal(path, '/send-text-code', `${code} cannot be spoken`)
    t.notOk('code' in body)
    t.equal(body['text'], TEXT)
  }
  for (const [locale, sent] of [['pt-BR', 'pt-BR'], ['zh_Hans_CN', 'zh-Hans-CN'], ['de', 'de'], ['', undefined], [undefined, undefined], [7, undefined], ['en_US.UTF-8', undefined]]) {
    t.equal((await posts({ locale })).body['locale'], sent, `locale ${locale}`)
  }
  t.equal((await posts({ as_text: ` ${TEXT}\n` })).body['text'], ` ${TEXT}\n`, 'the text goes as it came')
})

t.test('does what the status asks for', async t => {
  const expected: Record<string, number[]> = {
    retry: [408, 429, 500, 502, 503, 504, 599],
    drop: [400, 401, 403, 404, 405, 409, 413, 415, 418, 422]
  }
  for (const [action, statuses] of Object.entries(expected)) {
    for (const status of statuses) {
      const gateway = await startGateway(t, problem(status, 'recipient_refused'))
      const { calls } = await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url } }))
      t.same(calls, [[action, `The gateway answered ${status} (recipient_refused).`]])
      t.equal(gateway.posted.length, 1, 'asks once')
    }
  }
})

t.test('does not follow a redirect', async t => {
  const elsewhere = await startGateway(t, answering(200))
  for (const status of [301, 302, 303, 307, 308]) {
    const gateway = await startGateway(t, answering(status, '', { location: `${elsewhere.url}/send-text-code` }))
    const { calls } = await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url } }))
    t.same(calls, [['drop', `The gateway answered ${status}.`]])
  }
  t.same(elsewhere.posted, [])
})

t.test('takes no more from an answer than a well-formed code', async t => {
  const bodies: Record<string, string> = {
    empty: '',
    'broken JSON': '{"code":',
    'JSON that is no object': 'null',
    'a page': '<h1>Bad gateway</h1>',
    'no code': '{"title":"No"}',
    'a code that is no word': JSON.stringify({ code: `text_for_${NUMBER}` }),
    'a code that is too long': JSON.stringify({ code: 'a'.repeat(65) }),
    'a code that is no string': '{"code":481516}',
    'a body without end': JSON.stringify({ code: 'too_large', padding: 'x'.repeat(1_000_000) })
  }
  for (const [name, body] of Object.entries(bodies)) {
    const gateway = await startGateway(t, answering(422, body))
    t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url } }))).calls, [['drop', 'The gateway answered 422.']], name)
  }

  const echo = await startGateway(t, (_request, response) => { response.writeHead(404).end(JSON.stringify(echo.posted.at(-1)?.body)) })
  const echoed = await run(t, auth0Event({ secrets: { GATEWAY_URL: echo.url }, notification: { code: 'qwertz' } }))
  t.same(echoed.calls, [['drop', 'The gateway answered 404.']], 'the code of the message is not the code of a problem')
})

t.test('retries when nothing came back', async t => {
  const silent = await startGateway(t, () => {})
  const late = await run(t, auth0Event({ secrets: { GATEWAY_URL: silent.url } }))
  t.same(late, { calls: [['retry', 'The gateway did not answer in time.']], timeouts: [9500] })

  const broken = await startGateway(t, request => { request.socket.resetAndDestroy() })
  t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: broken.url } }))).calls, [['retry', 'The gateway could not be reached.']])

  const gone = 'http://127.0.0.1:9' // discard: nothing listens there, and fetch refuses it besides
  t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: gone } }))).calls, [['retry', 'The gateway could not be reached.']])
})

t.test('does not wait for the rest of an answer that hangs', async t => {
  for (const [status, verdict] of [[202, []], [422, [['drop', 'The gateway answered 422.']]], [503, [['retry', 'The gateway answered 503.']]]] as const) {
    const gateway = await startGateway(t, (_request, response) => { response.writeHead(status).write('{"code":"rec') })
    t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url } }))).calls, verdict, `${status}`)
  }
})

t.test('finds the gateway by its secrets', async t => {
  const gateway = await startGateway(t, answering(202))
  const reaches = async (secrets: object) => {
    gateway.posted.length = 0
    t.same((await run(t, auth0Event({ secrets }))).calls, [])
    return gateway.posted[0]?.path
  }
  const { url } = gateway
  t.equal(await reaches({ GATEWAY_URL: `${url}/` }), '/send-text-code')
  t.equal(await reaches({ GATEWAY_URL: `  ${url}//\n` }), '/send-text-code')
  t.equal(await reaches({ GATEWAY_URL: `${url}/codes/eu/` }), '/codes/eu/send-text-code')
  t.equal(await reaches({ GATEWAY_URL: `${url}/codes#top` }), '/codes/send-text-code')
  t.equal(await reaches({ GATEWAY_URL: `${url}/codes?region=eu` }), '/codes/send-text-code?region=eu')
  t.equal(await reaches({ GATEWAY_URL: `${url}//elsewhere.test/` }), '//elsewhere.test/send-text-code', 'a path is never taken for a host')
  t.equal(await reaches({ GATEWAY_URL: url.replace('127.0.0.1', 'localhost') }), '/send-text-code')
  for (const end of ['/send-voice-code', '/send-text-code', '/send-voice-code/', '//send-voice-code//']) {
    t.equal(await reaches({ VOICE_API_URL: url + end }), '/send-text-code', end)
    t.equal(await reaches({ GATEWAY_URL: `${url}/codes${end}` }), '/codes/send-text-code', `/codes${end}`)
  }
  t.equal(await reaches({ GATEWAY_URL: url, VOICE_API_URL: 'http://gateway.test' }), '/send-text-code', 'the new name wins')
  t.equal(await reaches({ GATEWAY_URL: ' ', VOICE_API_URL: url }), '/send-text-code', 'an empty one does not')
  t.equal(await reaches({ GATEWAY_URL: url, GATEWAY_SECRET: `${SECRET}\n` }), '/send-text-code')
  t.equal(gateway.posted[0]?.headers.authorization, `Bearer ${SECRET}`, 'a pasted line end is no part of the secret')
})

t.test('asks over https everywhere but on this machine', async t => {
  const asked: string[] = []
  const record = (url: URL) => { asked.push(url.href); return Promise.resolve({ ok: true, status: 202, body: null }) }
  for (const address of ['https://gateway.test/', 'http://[::1]:8000', 'http://127.8.9.1', 'http://localhost']) {
    t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: address } }), { fetch: record })).calls, [])
  }
  t.same(asked, ['https://gateway.test/send-text-code', 'http://[::1]:8000/send-text-code', 'http://127.8.9.1/send-text-code', 'http://localhost/send-text-code'])
})

t.test('drops, naming the secret that is wrong', async t => {
  const fetched: unknown[] = []
  const globals = { fetch: (url: unknown) => { fetched.push(url); return Promise.reject(new Error('asked all the same')) } }
  const cases: [object, string][] = [
    [{}, 'The secret GATEWAY_URL is missing.'],
    [{ GATEWAY_URL: ' ' }, 'The secret GATEWAY_URL is missing.'],
    [{ GATEWAY_URL: 42 }, 'The secret GATEWAY_URL is missing.'],
    [{ GATEWAY_URL: 'gateway.test' }, 'The secret GATEWAY_URL is not a URL.'],
    [{ VOICE_API_URL: 'gateway.test' }, 'The secret VOICE_API_URL is not a URL.'],
    [{ GATEWAY_URL: 'http://gateway.test' }, 'The secret GATEWAY_URL must begin with https://.'],
    [{ GATEWAY_URL: 'http://127.0.0.1.gateway.test' }, 'The secret GATEWAY_URL must begin with https://.'],
    [{ VOICE_API_URL: 'ftp://gateway.test' }, 'The secret VOICE_API_URL must begin with https://.'],
    [{ GATEWAY_URL: 'https://kim:pass@gateway.test' }, 'The secret GATEWAY_URL must not contain a user name or password.'],
    [{ GATEWAY_URL: 'https://gateway.test', GATEWAY_SECRET: undefined }, 'The secret GATEWAY_SECRET is missing.'],
    [{ GATEWAY_URL: 'https://gateway.test', GATEWAY_SECRET: '' }, 'The secret GATEWAY_SECRET is missing.'],
    [{ GATEWAY_URL: 'https://gateway.test', GATEWAY_SECRET: 'clé' }, 'The secret GATEWAY_SECRET has characters other than plain ASCII.'],
    [{ GATEWAY_URL: 'https://gateway.test', GATEWAY_SECRET: 'a\nb' }, 'The secret GATEWAY_SECRET has characters other than plain ASCII.']
  ]
  for (const [secrets, reason] of cases) {
    t.same((await run(t, auth0Event({ secrets }), globals)).calls, [['drop', reason]])
  }
  t.same(fetched, [])
})

t.test('drops a message that has nothing to send', async t => {
  const secrets = { GATEWAY_URL: 'https://gateway.test' }
  for (const recipient of [undefined, null, '', ' ', 5551234567]) {
    t.same((await run(t, auth0Event({ secrets, notification: { recipient } }))).calls, [['drop', 'The message has no recipient.']])
  }
  for (const text of [undefined, null, '', 5]) {
    t.same((await run(t, auth0Event({ secrets, notification: { as_text: text } }))).calls, [['drop', 'The message has no text.']])
  }
})

t.test('never throws, whatever it is given', async t => {
  const { user, secrets } = { ...auth0Event(), secrets: { GATEWAY_URL: 'https://gateway.test', GATEWAY_SECRET: SECRET } }
  const unreadable = { get notification (): never { throw new Error(`not for the log: ${NUMBER}`) } }
  for (const event of [undefined, null, 'event', 7, [], {}, { secrets }, { secrets, notification: null }, { secrets, notification: 'x' }, { user, secrets, notification: {} }, { secrets: null, notification: {} }, unreadable]) {
    const { calls } = await run(t, event)
    t.match(calls, [['drop', String]])
  }
  t.same((await run(t, unreadable)).calls, [['drop', 'The Action could not read the event.']])

  const { handler } = loadAction()
  for (const api of [undefined, null, {}, { notification: {} }, { notification: { drop () { throw new Error('no') } } }]) {
    await t.resolves(handler({}, api))
  }
})
