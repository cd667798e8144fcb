import t from 'tap'
import { SECRET, startTestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'

t.test('a text is sent, followed to its delivery, and shown', async (t) => {
  const { post, sandbox, reaches } = await startTestGateway(t)
  const { status, body } = await post('/send-text-code', { phoneNumber: '+1 (415) 555-0123', text: 'Your code is 482913', code: '482913' })
  t.equal(status, 200)
  t.match(body, { status: 'accepted', channel: 'sms', provider: 'acs-sms' })
  const delivery = await reaches(body.id, 'delivered')
  t.equal(sandbox.messages.length, 1)
  t.match(sandbox.messages[0], { to: NUMBER, text: 'Your code is 482913', from: '+15550100001' })
  t.match(delivery, { number: '+1••••••0123', provider: 'acs-sms', route: '/send-text-code' })
  t.same(delivery.timeline.map(({ what }: { what: string }) => what),
    ['delivery.requested', 'attempt.started', 'attempt.accepted', 'report.delivered'])
})

t.test('a code alone is worded in the language of the locale', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  for (const [locale, number] of [['de_DE', '+4915112345678'], ['xx-YY', '+14155550123'], [undefined, '+14155550124']] as const) {
    t.equal((await post('/send-text-code', { phoneNumber: number, code: '4829AB', ...(locale && { locale }) })).status, 200)
  }
  const texts = sandbox.messages.map(({ text }) => text)
  t.match(texts[0], /4829AB/)
  t.not(texts[0], texts[1])
  t.equal(texts[1], texts[2], 'an unknown locale and none at all speak English')
})

t.test('the nested shape of Okta says the same', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  const profile = { phoneNumber: NUMBER, msgTemplate: 'Ihr Code: 482913', otpCode: '482913', locale: 'DE', somethingElse: { ignored: true } }
  t.match(await post('/send-text-code', { data: { messageProfile: profile, more: 1 }, eventId: 'x' }), { status: 200 })
  t.match(await post('/send-text-code', { data: { messageProfile: { phoneNumber: NUMBER, otpCode: 771204 } } }), { status: 200 })
  t.equal(sandbox.messages[0]?.text, 'Ihr Code: 482913')
  t.match(sandbox.messages[1]?.text, /771204/)
})

t.test('an integer code is the number that the text shows, with its leading zeros', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  t.match(await post('/send-voice-code', { phoneNumber: NUMBER, code: 9912 }), { status: 200 })
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, text: 'Code 000042.', code: 42 }), { status: 200 })
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, text: 'Code 00042', code: 42 }), { status: 200 })
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, text: 'No code here', code: 42 }), { status: 400, body: { code: 'code_invalid' } })
  t.equal(sandbox.messages.length, 2)
})

const refusals: ReadonlyArray<readonly [string, string, unknown, number, string]> = [
  ['broken JSON', '/send-text-code', '{"phoneNumber":', 400, 'invalid_json'],
  ['an empty body', '/send-text-code', '', 400, 'invalid_json'],
  ['a poisoned body', '/send-text-code', '{"__proto__":{"a":1},"phoneNumber":"+14155550123","code":"4829"}', 400, 'invalid_json'],
  ['a list', '/send-text-code', [], 400, 'invalid_body'],
  ['a text', '/send-text-code', '"hello"', 400, 'invalid_body'],
  ['null', '/send-text-code', 'null', 400, 'invalid_body'],
  ['both shapes at once', '/send-text-code', { phoneNumber: NUMBER, code: '482913', data: { messageProfile: { phoneNumber: NUMBER } } }, 400, 'invalid_body'],
  ['neither shape', '/send-text-code', { data: { profile: {} } }, 400, 'invalid_body'],
  ['no number', '/send-text-code', { code: '482913' }, 400, 'number_missing'],
  ['a blank number', '/send-text-code', { phoneNumber: '   ', code: '482913' }, 400, 'number_missing'],
  ['a number as a number', '/send-text-code', { phoneNumber: 14155550123, code: '482913' }, 400, 'invalid_body'],
  ['an impossible number', '/send-text-code', { phoneNumber: '+1415', code: '482913' }, 400, 'number_impossible'],
  ['a number that is text', '/send-text-code', { phoneNumber: 'call me', code: '482913' }, 400, 'number_impossible'],
  ['a number without a country', '/send-text-code', { phoneNumber: '4155550123', code: '482913' }, 400, 'number_needs_country'],
  ['neither text nor code', '/send-text-code', { phoneNumber: NUMBER }, 400, 'content_missing'],
  ['an empty text', '/send-text-code', { phoneNumber: NUMBER, text: '' }, 400, 'invalid_body'],
  ['a text of 1,601 characters', '/send-text-code', { phoneNumber: NUMBER, text: 'x'.repeat(1601) }, 400, 'invalid_body'],
  ['a call with neither text nor code', '/send-voice-code', { phoneNumber: NUMBER }, 400, 'code_missing'],
  ['true as a code', '/send-voice-code', { phoneNumber: NUMBER, code: true }, 400, 'invalid_body'],
  ['a list as a code', '/send-voice-code', { phoneNumber: NUMBER, code: ['1234'] }, 400, 'invalid_body'],
  ['a fraction as a code', '/send-voice-code', { phoneNumber: NUMBER, code: 1234.5 }, 400, 'invalid_body'],
  ['null as a code', '/send-voice-code', { phoneNumber: NUMBER, code: null }, 400, 'invalid_body'],
  ['a negative code', '/send-voice-code', { phoneNumber: NUMBER, code: -1234 }, 400, 'invalid_body'],
  ['a code of three', '/send-voice-code', { phoneNumber: NUMBER, code: '482' }, 400, 'code_invalid'],
  ['a code of eleven', '/send-voice-code', { phoneNumber: NUMBER, code: '12345678901' }, 400, 'code_invalid'],
  ['a code with a space', '/send-voice-code', { phoneNumber: NUMBER, code: '482 913' }, 400, 'code_invalid'],
  ['an enormous code', '/send-voice-code', { phoneNumber: NUMBER, code: '9'.repeat(65) }, 400, 'invalid_body'],
  ['a body over 64 KiB', '/send-text-code', { phoneNumber: NUMBER, code: '482913', padding: 'x'.repeat(70_000) }, 413, 'body_too_large']
]

t.test('what cannot be understood is refused in fixed words, and nothing is sent', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  for (const [what, path, body, status, code] of refusals) {
    const reply = await post(path, body)
    t.match(reply, { status, body: { status, code } }, what)
    t.match(reply.headers.get('content-type'), /^application\/problem\+json/, what)
    t.notMatch(JSON.stringify(reply.body), /482913|4155550123/, `${what}: no value comes back`)
  }
  t.equal(sandbox.requests.length, 0)
})

t.test('other media types are refused', async (t) => {
  const { post } = await startTestGateway(t)
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/xml', 'nonsense']) {
    t.match(await post('/send-text-code', '{}', { 'content-type': type }), { status: 415, body: { code: 'unsupported_media_type' } }, type)
  }
})

t.test('a wrong type names the field and what was expected there', async (t) => {
  const { post } = await startTestGateway(t)
  t.match((await post('/send-text-code', { phoneNumber: NUMBER, code: false })).body, { detail: '/code must be string or must be integer' })
  t.match((await post('/send-text-code', { phoneNumber: 7, code: '4829' })).body, { detail: '/phoneNumber must be string' })
  t.match((await post('/send-text-code', 'null')).body, { detail: /^The body must be object/ })
})

t.test('the secret opens the route, plain or as Bearer, and nothing else does', async (t) => {
  const { post, sandbox } = await startTestGateway(t, { settings: { SECRET_HEADER: `${SECRET},a-second-secret`, CALLERS: 'shop:the-secret-of-the-shop' } })
  const attempt = async (authorization: string | undefined, n: number): Promise<unknown> =>
    await post('/send-text-code', { phoneNumber: NUMBER, code: `4829${n}` }, { authorization: authorization as string })
  let n = 0
  for (const good of [SECRET, `Bearer ${SECRET}`, `bearer ${SECRET}`, 'a-second-secret', 'Bearer the-secret-of-the-shop']) {
    t.match(await attempt(good, n++), { status: 200 }, good)
  }
  for (const bad of ['', 'Bearer ', 'wrong', SECRET.slice(1), `${SECRET}x`, `Basic ${SECRET}`, `${SECRET},a-second-secret`]) {
    t.match(await attempt(bad, n++), { status: 401, body: { code: 'unauthorized' } }, bad)
  }
  t.equal(sandbox.messages.length, 5)
})

t.test('the secret is asked for before the body is read', async (t) => {
  const { post } = await startTestGateway(t)
  t.match(await post('/send-text-code', '{"broken', { authorization: 'wrong' }), { status: 401 })
  t.match(await post('/send-text-code', 'x'.repeat(70_000), { authorization: 'wrong' }), { status: 401 })
})

t.test('a number without + is read as one of the default country', async (t) => {
  const { post, sandbox } = await startTestGateway(t, { settings: { DEFAULT_COUNTRY: 'DE' } })
  t.match(await post('/send-text-code', { phoneNumber: '0151 12345678', code: '482913' }), { status: 200 })
  t.match(await post('/send-text-code', { phoneNumber: '+1 415 555 0123', code: '482913' }), { status: 200 })
  t.same(sandbox.messages.map(({ to }) => to), ['+4915112345678', NUMBER])
})

t.test('a country may have a sender of its own', async (t) => {
  const { post, sandbox } = await startTestGateway(t, { settings: { ACS_SENDER_ID: 'CONTOSO', ACS_SENDER_ID_DE: '+15550100001' } })
  await post('/send-text-code', { phoneNumber: '+4915112345678', code: '482913' })
  await post('/send-text-code', { phoneNumber: '+33612345678', code: '482913' })
  t.same(sandbox.messages.map(({ from }) => from), ['+15550100001', 'CONTOSO'])
})

const faults = [
  { name: 'the number is refused', behaviour: { recipientError: { httpStatusCode: 400, errorMessage: 'Invalid To phone number format.' } }, status: 422, code: 'recipient_refused', ends: 'refused' },
  { name: 'the number has opted out', behaviour: { recipientError: { httpStatusCode: 400, errorMessage: 'Recipient has opted out.' } }, status: 422, code: 'recipient_refused', ends: 'refused' },
  { name: 'the recipient could not be served', behaviour: { recipientError: { httpStatusCode: 503, errorMessage: 'ServiceUnavailable' } }, status: 502, code: 'provider_failed', ends: 'failed' },
  { name: 'our account is refused', behaviour: { httpError: { status: 401, body: { error: { code: 'Denied', message: 'Denied by the resource provider.' } } } }, status: 502, code: 'provider_failed', ends: 'failed' },
  { name: 'there are too many requests', behaviour: { httpError: { status: 429 } }, status: 502, code: 'provider_failed', ends: 'failed' },
  { name: 'the service is unavailable', behaviour: { httpError: { status: 503 } }, status: 502, code: 'provider_failed', ends: 'failed' },
  { name: 'the service breaks', behaviour: { httpError: { status: 500 } }, status: 202, code: undefined, ends: 'unknown' },
  { name: 'the connection is reset', behaviour: { drop: 'before-read' as const }, status: 202, code: undefined, ends: 'unknown' },
  { name: 'the answer is no JSON', behaviour: { malformed: 'broken-json' as const, report: 'none' as const }, status: 202, code: undefined, ends: 'unknown' },
  { name: 'the answer is empty', behaviour: { malformed: 'empty-object' as const, report: 'none' as const }, status: 202, code: undefined, ends: 'unknown' },
  { name: 'the answer never ends', behaviour: { malformed: 'huge' as const, report: 'none' as const }, status: 202, code: undefined, ends: 'unknown' }
]

for (const { name, behaviour, status, code, ends } of faults) {
  t.test(`where ${name}, the caller hears ${status}`, async (t) => {
    const { post, sandbox, delivery } = await startTestGateway(t)
    sandbox.script(NUMBER, { sms: behaviour })
    const reply = await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
    t.equal(reply.status, status)
    t.equal(reply.body.code, code)
    t.match(await delivery(reply.body.id), { status: ends })
    t.equal(sandbox.requests.length, 1, 'it was asked once')
  })
}

t.test('where the provider does not answer, the caller hears so inside the budget', async (t) => {
  const { post, sandbox, delivery } = await startTestGateway(t, { settings: { DIRECT_BUDGET_MS: '300' } })
  sandbox.script(NUMBER, { sms: { hang: true } })
  const { status, body } = await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  t.equal(status, 202)
  t.match(body, { status: 'unknown' })
  t.match(await delivery(body.id), { status: 'unknown', reason: 'timeout' })
})

t.test('where nobody listens at the provider\'s, nothing was sent, and a retry is let through', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  await sandbox.close()
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' }), { status: 502, body: { code: 'provider_failed', detail: 'connection' } })
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' }), { status: 502 })
})

t.test('where no provider sends text messages, the caller hears 502', async (t) => {
  const { post } = await startTestGateway(t, { settings: { ACS_SOURCE_PHONE_NUMBER: '' }, subscribe: false })
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' }), { status: 502, body: { detail: 'no_provider' } })
  t.match(await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' }), { status: 502, body: { detail: 'no_provider' } })
})

t.test('unknown routes are a problem like any other', async (t) => {
  const { post, url } = await startTestGateway(t)
  t.match(await post('/send-fax', {}), { status: 404, body: { code: 'not_found' } })
  t.match(await (await fetch(`${url}/send-text-code`)).json(), { code: 'method_not_allowed', status: 405 })
})
