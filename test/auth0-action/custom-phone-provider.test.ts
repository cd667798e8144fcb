import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { answering, CODE, fileOf, loadAction, NUMBER, problem, SECRET, SENSITIVE, startGateway, TEXT } from './stand.ts'

type Call = ['drop' | 'retry', string]

const MESSAGE_TYPES = ['otp_verify', 'otp_enroll', 'blocked_account', 'change_password', 'password_breach'] as const
const isWithoutCode = (type: string) => type === 'blocked_account' || type === 'password_breach'

const load = (globals?: Record<string, unknown>) => {
  const { exported, ...rest } = loadAction('custom-phone-provider', globals)
  return { handler: exported['onExecuteCustomPhoneProvider']!, ...rest }
}

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
  const { handler, timeouts, printed } = load(globals)
  const { calls, api } = recordingApi()
  await handler(event, api)
  const said = inspect({ calls, printed })
  test.same(SENSITIVE.filter(value => said.includes(value)), [], 'says nothing sensitive')
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
        t.equal(posted?.path, '/hooks/auth0')
        t.strictSame(posted?.body, {
          tenant: 'fabrikam',
          ip: '203.0.113.7',
          user: 'auth0|1',
          notification: {
            recipient: NUMBER,
            delivery_method: method,
            message_type: type,
            as_text: TEXT,
            as_voice: `Your code is ${CODE}`,
            ...(isWithoutCode(type) ? {} : { code: CODE }),
            locale: 'en_US'
          }
        }, 'these fields, and nothing else of the event')
      })
    }
  }
})

t.test('sends the fields as they are, and none that are not there', async t => {
  const gateway = await startGateway(t, answering(204))
  const posts = async (event: object) => {
    gateway.posted.length = 0
    t.same((await run(t, event)).calls, [])
    return gateway.posted[0]?.body
  }
  const secrets = { GATEWAY_URL: gateway.url }
  const { tenant, request, user, ...nameless } = auth0Event({ secrets })
  t.match(await posts(auth0Event({ secrets, notification: { recipient: ' +1 (555) 123-4567', code: '0M53RF', as_text: ` ${TEXT}\n`, locale: 'zh_Hans_CN' } })),
    { notification: { recipient: ' +1 (555) 123-4567', code: '0M53RF', as_text: ` ${TEXT}\n`, locale: 'zh_Hans_CN' } }, 'reading them is the gateway\'s part')
  t.strictSame(await posts({ ...nameless, notification: { recipient: NUMBER } }), { notification: { recipient: NUMBER } })
  for (const none of [null, undefined, {}]) {
    t.strictSame(await posts({ ...nameless, tenant: none, notification: { recipient: NUMBER, code: null, locale: undefined } }), { notification: { recipient: NUMBER } })
  }
  t.strictSame(await posts({ ...nameless, tenant, request, user, notification: {} }), { tenant: tenant.id, ip: request.ip, user: user.user_id, notification: {} }, 'that there is nothing to send is the gateway\'s word')
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

t.test('drops what the gateway will not take minutes later either, and retries the 429 of anybody else', async t => {
  for (const [status, code, action] of [[403, 'recipient_not_allowed', 'drop'], [429, 'too_many_messages', 'drop'], [429, 'rate_limited', 'retry']] as const) {
    const gateway = await startGateway(t, problem(status, code))
    t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: gateway.url } }))).calls, [[action, `The gateway answered ${status} (${code}).`]])
    t.equal(gateway.posted.length, 1, 'asks once')
  }
  const proxy = await startGateway(t, answering(429, '<h1>Slow down</h1>', { 'retry-after': '1' }))
  t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: proxy.url } }))).calls, [['retry', 'The gateway answered 429.']])
})

t.test('says of the person what is there, and no more than an id and an address can be', async t => {
  const gateway = await startGateway(t, answering(202))
  const cases: ReadonlyArray<[request: unknown, user: unknown, sent: object]> = [
    [{ ip: ' 2001:db8::7 ' }, { user_id: ' sms|5f7c8ec7 ' }, { ip: '2001:db8::7', user: 'sms|5f7c8ec7' }],
    [{ ip: '' }, { user_id: ' ' }, {}],
    [{ ip: 7 }, { user_id: { id: 1 } }, {}],
    [{}, {}, {}],
    [null, null, {}],
    [undefined, 'kim', {}],
    [{ ip: 'x'.repeat(257) }, { user_id: 'x'.repeat(256) }, { user: 'x'.repeat(256) }]
  ]
  for (const [request, user, sent] of cases) {
    gateway.posted.length = 0
    t.same((await run(t, { ...auth0Event({ secrets: { GATEWAY_URL: gateway.url } }), request, user, notification: { recipient: NUMBER } })).calls, [])
    t.strictSame(gateway.posted[0]?.body, { tenant: 'fabrikam', ...sent, notification: { recipient: NUMBER } })
  }
})

t.test('does not follow a redirect', async t => {
  const elsewhere = await startGateway(t, answering(200))
  for (const status of [301, 302, 303, 307, 308]) {
    const gateway = await startGateway(t, answering(status, '', { location: `${elsewhere.url}/hooks/auth0` }))
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

  for (const code of ['qwertz', SECRET]) {
    const echo = await startGateway(t, problem(404, code))
    const echoed = await run(t, auth0Event({ secrets: { GATEWAY_URL: echo.url }, notification: { code: 'qwertz' } }))
    t.same(echoed.calls, [['drop', 'The gateway answered 404.']], 'the code of the message is not the code of a problem')
  }
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
  t.equal(await reaches({ GATEWAY_URL: `${url}/` }), '/hooks/auth0')
  t.equal(await reaches({ GATEWAY_URL: `  ${url}//\n` }), '/hooks/auth0')
  t.equal(await reaches({ GATEWAY_URL: `${url}/codes/eu/` }), '/codes/eu/hooks/auth0')
  t.equal(await reaches({ GATEWAY_URL: `${url}/codes#top` }), '/codes/hooks/auth0')
  t.equal(await reaches({ GATEWAY_URL: `${url}/codes?region=eu` }), '/codes/hooks/auth0?region=eu')
  t.equal(await reaches({ GATEWAY_URL: `${url}//elsewhere.test/` }), '//elsewhere.test/hooks/auth0', 'a path is never taken for a host')
  t.equal(await reaches({ GATEWAY_URL: url.replace('127.0.0.1', 'localhost') }), '/hooks/auth0')
  for (const end of ['/send-voice-code', '/send-text-code', '/hooks/auth0', '/send-voice-code/', '//send-voice-code//', '//hooks//auth0/']) {
    t.equal(await reaches({ VOICE_API_URL: url + end }), '/hooks/auth0', end)
    t.equal(await reaches({ GATEWAY_URL: `${url}/codes${end}` }), '/codes/hooks/auth0', `/codes${end}`)
  }
  t.equal(await reaches({ GATEWAY_URL: `${url}/auth0` }), '/auth0/hooks/auth0', 'only what is ours is taken away')
  t.equal(await reaches({ GATEWAY_URL: `${url}/my-hooks/auth0` }), '/my-hooks/auth0/hooks/auth0')
  t.equal(await reaches({ GATEWAY_URL: url, VOICE_API_URL: 'http://gateway.test' }), '/hooks/auth0', 'the new name wins')
  t.equal(await reaches({ GATEWAY_URL: ' ', VOICE_API_URL: url }), '/hooks/auth0', 'an empty one does not')
  t.equal(await reaches({ GATEWAY_URL: url, GATEWAY_SECRET: `${SECRET}\n` }), '/hooks/auth0')
  t.equal(gateway.posted[0]?.headers.authorization, `Bearer ${SECRET}`, 'a pasted line end is no part of the secret')
})

t.test('asks over https everywhere but on this machine', async t => {
  const asked: string[] = []
  const record = (url: URL) => { asked.push(url.href); return Promise.resolve({ ok: true, status: 202, body: null }) }
  for (const address of ['https://gateway.test/', 'http://[::1]:8000', 'http://127.8.9.1', 'http://localhost']) {
    t.same((await run(t, auth0Event({ secrets: { GATEWAY_URL: address } }), { fetch: record })).calls, [])
  }
  t.same(asked, ['https://gateway.test/hooks/auth0', 'http://[::1]:8000/hooks/auth0', 'http://127.8.9.1/hooks/auth0', 'http://localhost/hooks/auth0'])
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

t.test('never throws, whatever it is given', async t => {
  const gateway = await startGateway(t, problem(400, 'number_missing'))
  const secrets = { GATEWAY_URL: gateway.url, GATEWAY_SECRET: SECRET }
  const unreadable = { get notification (): never { throw new Error(`not for the log: ${NUMBER}`) } }
  for (const event of [undefined, null, 'event', 7, [], {}, { secrets }, { secrets, notification: null }, unreadable]) {
    t.same((await run(t, event)).calls, [['drop', 'The Action could not read the event.']])
  }
  t.same((await run(t, { secrets: null, notification: {} })).calls, [['drop', 'The secret GATEWAY_URL is missing.']])
  t.same(gateway.posted, [])
  for (const notification of ['x', 7, [], {}]) {
    t.same((await run(t, { secrets, notification })).calls, [['drop', 'The gateway answered 400 (number_missing).']])
  }

  const { handler } = load()
  for (const api of [undefined, null, {}, { notification: {} }, { notification: { drop () { throw new Error('no') } } }]) {
    await t.resolves(handler({}, api))
  }
})

t.test('what both Actions share is the same in both, to the letter', async t => {
  const sharedBy = (name: string) => /^\/\/ ---- The same in both Actions, to the letter ----$.*^\/\/ ---- End of what is the same ----$/ms.exec(readFileSync(fileOf(name), 'utf8'))?.[0] ?? ''
  t.match(sharedBy('custom-phone-provider'), 'const hand = async')
  t.equal(sharedBy('send-phone-message'), sharedBy('custom-phone-provider'))
})
