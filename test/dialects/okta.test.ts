import t, { type Test } from 'tap'
import { SECRET, startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { bearer, CODE, NEW_SECRET, NUMBER, testDialect, type DialectSuite } from './suite.ts'

const ROUTE = '/hooks/okta'
const MINUTE = 60_000
const SPELLED = /4[^0-9]+8[^0-9]+2[^0-9]+9[^0-9]+1[^0-9]+3/

const command = (value: object) => ({ commands: [{ type: 'com.okta.telephony.action', value: [value] }] })

/** What Okta tells of a message; the event has no id unless one is given. */
const event = (profile: object, more: object = {}) =>
  ({ data: { messageProfile: { msgTemplate: `Your code is ${CODE}`, phoneNumber: NUMBER, otpCode: CODE, deliveryChannel: 'SMS', locale: 'EN-US', ...profile } }, ...more })

/** Okta's own sample: https://developer.okta.com/docs/references/telephony-hook/#sample-json-payload-of-a-request */
const sample = (profile: object = {}): object => ({
  eventId: 'uS5871kJThSsU8qlA1LTcg',
  eventTime: '2022-01-28T21:43:40.000Z',
  eventType: 'com.okta.telephony.provider',
  eventTypeVersion: '1.0',
  contentType: 'application/json',
  cloudEventVersion: '0.1',
  // eslint-disable-next-line no-template-curly-in-string
  source: 'https://${yourOktaDomain}/api/v1/inlineHooks/calz6lVQA77AwFeEe0g3',
  requestType: 'com.okta.user.telephony.pre-enrollment',
  data: {
    context: { request: { id: 'reqRgSk8IBBRhuo0YdlEDTmUw', method: 'POST', url: { value: '/api/internal/v1/inlineHooks/com.okta.telephony.provider/generatePreview' }, ipAddress: '127.0.0.1' } },
    userProfile: { firstName: 'test', lastName: 'user', login: 'test.user@okta.com', userId: '00uyxxSknGtK8022w0g3' },
    messageProfile: { msgTemplate: '(HOOK)Your code is 11111', phoneNumber: '9876543210', otpExpires: '2022-01-28T21:48:34.321Z', deliveryChannel: 'SMS', otpCode: '11111', locale: 'EN-US', ...profile }
  }
})

/** The moment at which the sample was made. */
const clockOfSample = () => {
  let now = Date.parse('2022-01-28T21:43:41.000Z')
  return Object.assign(() => now, { advance: (milliseconds: number) => { now += milliseconds } })
}

/** A failure as Okta reads one: words for the person, and the cause for the administrator. */
const failed = (words: string, cause: string) => ({ status: 200, body: { error: { errorSummary: words, errorCauses: [{ errorSummary: words, reason: new RegExp(`^(${cause})(?![a-z_])`) }] } } })
const NOT_HERE = 'The code cannot be delivered to this phone number.'
const NOT_NOW = 'The code could not be sent right now. Please try again later.'
const NOT_SENT = 'The code could not be sent.'
const TOO_MANY = 'Too many codes were asked for. Please try again later.'

const MALFORMED: DialectSuite['malformed'] = [
  ['no number', JSON.stringify(event({ phoneNumber: undefined })), failed(NOT_HERE, 'number_missing')],
  ['an empty number', JSON.stringify(event({ phoneNumber: '' })), failed(NOT_HERE, 'number_missing')],
  ['a number that is text', JSON.stringify(event({ phoneNumber: 'call me' })), failed(NOT_HERE, 'number_impossible')],
  ['a number that is null', JSON.stringify(event({ phoneNumber: null })), failed(NOT_SENT, 'invalid_body')],
  ['a number that is a fraction', JSON.stringify(event({ phoneNumber: 14155550123.5 })), failed(NOT_SENT, 'invalid_body')],
  ['a number that is zero', JSON.stringify(event({ phoneNumber: 0 })), failed(NOT_HERE, 'number_impossible')],
  ['a code that is null', JSON.stringify(event({ otpCode: null })), failed(NOT_SENT, 'code_invalid')],
  ['a code that is blank', JSON.stringify(event({ otpCode: ' ' })), failed(NOT_SENT, 'code_invalid')],
  ['a code that is an object', JSON.stringify(event({ otpCode: { code: CODE } })), failed(NOT_SENT, 'code_invalid')],
  ['a code of 40 characters', JSON.stringify(event({ otpCode: '4'.repeat(40) })), failed(NOT_SENT, 'code_invalid')],
  ['a code that is negative', JSON.stringify(event({ otpCode: -482913 })), failed(NOT_SENT, 'code_invalid')],
  ['an unknown channel', JSON.stringify(event({ deliveryChannel: 'pigeon' })), failed(NOT_SENT, 'invalid_body: .* \\(/data/messageProfile/deliveryChannel must be SMS or voice call\\)')],
  ['a channel that is empty', JSON.stringify(event({ deliveryChannel: '' })), failed(NOT_SENT, 'invalid_body')],
  ['a channel that is a number', JSON.stringify(event({ deliveryChannel: 1 })), failed(NOT_SENT, 'invalid_body')],
  ['words that are a list', JSON.stringify(event({ msgTemplate: [CODE] })), failed(NOT_SENT, 'invalid_body')],
  ['no profile', JSON.stringify({ eventId: 'x', data: {} }), failed(NOT_SENT, 'invalid_body')],
  ['neither words nor code', JSON.stringify(event({ msgTemplate: ' ', otpCode: undefined })), failed(NOT_SENT, 'content_missing')],
  ['a code that is over', JSON.stringify(event({ otpExpires: '2022-01-28T21:48:34.321Z' })), failed(NOT_SENT, 'code_expired')]
]

const SUITE: DialectSuite = {
  name: 'okta',
  route: ROUTE,
  channels: ['text', 'voice'],
  tells: ['ip', 'user'],
  bodyOf ({ number, code, channel, ip, user }) {
    const profile = { msgTemplate: `Your code is ${code}`, phoneNumber: number, otpCode: code, deliveryChannel: channel === 'voice' ? 'voice call' : 'SMS' }
    const { data } = event(profile)
    return JSON.stringify({ eventId: `event-${number}-${code}-${channel}`, data: { context: { request: { ipAddress: ip } }, userProfile: { userId: user }, ...data } })
  },
  authenticated: (body, _moment, secret) => ({ headers: { authorization: secret === 'old' ? SECRET : NEW_SECRET }, body }),
  forgeries: [
    ['no secret', (request) => ({ ...request, headers: {} })],
    ['an empty secret', bearer('')],
    ['another secret', bearer('another-secret-altogether')],
    ['a secret that is shorter', bearer(SECRET.slice(1))],
    ['a secret that is longer', bearer(`${SECRET}x`)],
    ['both secrets', bearer(`${SECRET},${NEW_SECRET}`)],
    ['the secret in another header', (request) => ({ ...request, headers: { 'x-okta-secret': SECRET } })]
  ],
  malformed: MALFORMED,
  says: {
    accepted: { status: 200, body: command({ status: 'SUCCESSFUL', provider: /^acs-/, transactionId: /.+/, transactionMetadata: /^delivery=[0-9a-f-]{36}$/ }) },
    duplicate: { status: 200, body: command({ status: 'SUCCESSFUL', transactionId: /.+/, transactionMetadata: /^delivery=/ }) },
    unknown: { status: 200, body: command({ status: 'PENDING', transactionId: /.+/, transactionMetadata: /^delivery=/ }) },
    refused: failed(NOT_HERE, 'recipient_refused'),
    notAllowed: failed(NOT_HERE, 'recipient_not_allowed'),
    limited: failed(TOO_MANY, 'too_many_messages'),
    failed: failed(NOT_NOW, 'provider_failed'),
    malformed: failed(NOT_SENT, 'invalid_body|invalid_json'),
    unauthorized: { status: 401, body: { status: 401, code: 'unauthorized' } },
    unavailable: failed(NOT_NOW, 'store_unavailable|draining')
  }
}

testDialect(SUITE)

const FAILED = (cause: string) => ({ status: 200, body: command({ status: 'FAILED', transactionMetadata: new RegExp(`^reason=(${cause})$`) }) })

testDialect({
  ...SUITE,
  name: 'okta, told FAILED',
  settings: { OKTA_FAILURE: 'failed', OKTA_HEADER: 'X-Whatever' },
  authenticated: (body, _moment, secret) => ({ headers: { 'x-whatever': secret === 'old' ? SECRET : `Basic ${Buffer.from(`okta:${NEW_SECRET}`).toString('base64')}` }, body }),
  forgeries: [
    ['no secret', (request) => ({ ...request, headers: {} })],
    ['another secret', (request) => ({ ...request, headers: { 'x-whatever': 'another-secret-altogether' } })],
    ['the secret twice', (request) => ({ ...request, headers: { 'x-whatever': `${SECRET}, ${SECRET}` } })],
    ['the secret where it usually is', bearer(SECRET)]
  ],
  malformed: MALFORMED.map(([what, body]) => [what, body, FAILED('(number|code|content)_[a-z]+|invalid_body')]),
  says: {
    ...SUITE.says,
    refused: FAILED('recipient_refused'),
    notAllowed: FAILED('recipient_not_allowed'),
    limited: FAILED('too_many_messages'),
    failed: FAILED('provider_failed'),
    malformed: FAILED('invalid_body|invalid_json'),
    unavailable: FAILED('store_unavailable|draining')
  }
})

interface Stand extends TestGateway {
  /** Asks by the hook: what Okta is told, what the person gets. */
  ask (body: object): Promise<{ readonly status: string | undefined, readonly cause: string | undefined, readonly told: any }>
}

const start = async (t: Test, options: TestGatewayOptions = {}): Promise<Stand> => {
  const stand = await startTestGateway(t, options)
  return {
    ...stand,
    async ask (body) {
      const { body: told } = await stand.post(ROUTE, body)
      return { status: told.commands?.[0].value[0].status, cause: told.error?.errorCauses[0].reason, told }
    }
  }
}

t.test('Okta\'s own sample has a number of no country: it is one of DEFAULT_COUNTRY, and of none without', async (t) => {
  for (const phoneNumber of ['9876543210', 9876543210]) {
    const without = await start(t, { clock: clockOfSample() })
    const { told, cause } = await without.ask(sample({ phoneNumber }))
    t.equal(told.error.errorSummary, NOT_HERE)
    t.match(cause, /^number_needs_country: .*DEFAULT_COUNTRY/, 'whoever runs the gateway reads which setting to make')
    t.equal(without.sandbox.requests.length, 0)

    const { ask, sandbox } = await start(t, { clock: clockOfSample(), settings: { DEFAULT_COUNTRY: 'IN' } })
    t.equal((await ask(sample({ phoneNumber, otpCode: typeof phoneNumber === 'number' ? 11111 : '11111' }))).status, 'SUCCESSFUL')
    t.match(sandbox.messages, [{ to: '+919876543210', text: '(HOOK)Your code is 11111' }])
  }
})

t.test('a number without + is an international one, where it is valid', async (t) => {
  const { ask, sandbox } = await start(t)
  for (const [index, phoneNumber] of ['12025550143', 12025550143, '+12025550143', ' +1 (202) 555-0143 '].entries()) {
    t.equal((await ask(event({ phoneNumber, otpCode: `10000${index}`, msgTemplate: `${index}` }))).status, 'SUCCESSFUL', String(phoneNumber))
  }
  t.same(sandbox.messages.map(({ to }) => to), Array(4).fill('+12025550143'))
})

t.test('a code that came as an integer has its leading zeros back', async (t) => {
  const { ask, sandbox } = await start(t)
  t.equal((await ask(event({ otpCode: 7391, msgTemplate: 'Your code is 007391', deliveryChannel: 'voice' }))).status, 'SUCCESSFUL')
  await sandbox.settled()
  t.match(sandbox.calls[0]?.transcript.join(' '), /0[^0-9]+0[^0-9]+7[^0-9]+3[^0-9]+9[^0-9]+1/)
})

t.test('every spelling of the channel', async (t) => {
  const { ask, sandbox } = await start(t)
  let code = 200_000
  const spellings: unknown[] = ['SMS', 'sms', ' Sms ', undefined, null]
  for (const deliveryChannel of spellings) t.equal((await ask(event({ deliveryChannel, otpCode: String(++code), msgTemplate: `${code}` }))).status, 'SUCCESSFUL', String(deliveryChannel))
  t.same([sandbox.messages.length, sandbox.calls.length], [5, 0])
  for (const deliveryChannel of ['Voice', 'voice', 'voice call', 'VOICE CALL', 'CALL', 'VOICE_CALL']) t.equal((await ask(event({ deliveryChannel, otpCode: String(++code) }))).status, 'SUCCESSFUL', deliveryChannel)
  t.same([sandbox.messages.length, sandbox.calls.length], [5, 6])
})

t.test('a call speaks the code, whatever the words are, and finds it in them where it did not come by itself', async (t) => {
  const { ask, sandbox } = await start(t)
  for (const profile of [{ msgTemplate: 'never said' }, { msgTemplate: undefined }, { msgTemplate: null }, { otpCode: undefined }, { otpCode: '' }, { msgTemplate: 'never said'.repeat(200) }, { otpCode: undefined, msgTemplate: `Another ${CODE}` }]) {
    const number = `+1202555012${sandbox.calls.length}`
    t.equal((await ask(event({ phoneNumber: number, deliveryChannel: 'voice call', ...profile }))).status, 'SUCCESSFUL')
    await sandbox.settled()
    const said = sandbox.calls.at(-1)?.transcript.join(' ')
    t.match(said, SPELLED, JSON.stringify(profile))
    t.notMatch(said, /never said|Another/)
  }
})

t.test('without words the gateway words the code, in the language of any spelling', async (t) => {
  const { ask, sandbox } = await start(t, { settings: { DEFAULT_LOCALE: 'fr' } })
  let code = 300_000
  const worded = async (locale: unknown): Promise<string | undefined> => {
    t.equal((await ask(event({ msgTemplate: undefined, otpCode: String(++code), locale }))).status, 'SUCCESSFUL')
    return sandbox.messages.at(-1)?.text.replace(String(code), '#')
  }
  const [english, german, french] = [await worded('en'), await worded('de'), await worded('fr')]
  t.equal(new Set([english, german, french]).size, 3)
  for (const locale of ['EN-US', 'en_us']) t.equal(await worded(locale), english, locale)
  for (const locale of ['DE', 'De-at']) t.equal(await worded(locale), german, locale)
  for (const locale of [undefined, null, '', 'nonsense!', 7, {}, '-'.repeat(5000)]) t.equal(await worded(locale), french, String(locale))
})

t.test('an event of the same id, number and code is the same message for ten minutes, whatever else it says', async (t) => {
  const { ask, sandbox, clock } = await start(t)
  const first = await ask(event({}, { eventId: 'one' }))
  t.equal(first.status, 'SUCCESSFUL')
  clock.advance(9 * MINUTE)
  const again = await ask(event({}, { eventId: 'one' }))
  t.equal(again.status, 'SUCCESSFUL', 'long after the reply was written')
  t.equal(again.told.commands[0].value[0].transactionMetadata, first.told.commands[0].value[0].transactionMetadata)
  t.equal((await ask(event({ locale: 'fr', msgTemplate: 'Votre code' }, { eventId: 'one' }))).status, 'SUCCESSFUL')
  t.equal(sandbox.messages.length, 1)
  t.equal((await ask(event({ otpCode: '999999' }, { eventId: 'one' }))).status, 'SUCCESSFUL')
  t.equal(sandbox.messages.length, 2, 'another code is another message')
  t.equal((await ask(event({}, { eventId: 'two' }))).status, 'SUCCESSFUL')
  clock.advance(11 * MINUTE)
  t.equal((await ask(event({}, { eventId: 'one' }))).status, 'SUCCESSFUL')
  t.equal(sandbox.messages.length, 4)
})

t.test('without an id that can be one, an event is told apart by what it says', async (t) => {
  const { ask, sandbox, clock } = await start(t)
  let code = 400_000
  for (const eventId of [undefined, null, '', 'x'.repeat(256), 17, { id: 1 }]) {
    const body = event({ otpCode: String(++code), msgTemplate: `${code}` }, { eventId })
    for (const time of ['first', 'again']) t.equal((await ask(body)).status, 'SUCCESSFUL', `${JSON.stringify(eventId)}, ${time}`)
  }
  t.equal(sandbox.messages.length, 6)
  for (let time = 0; time < 2; time += 1) {
    await ask(event({ otpCode: '500001' }, { eventId: 'x'.repeat(255) }))
    clock.advance(MINUTE)
  }
  t.equal(sandbox.messages.length, 7, 'an id of 255 characters is one')
})

t.test('what nobody knows stays pending, and so does its repetition', async (t) => {
  const { ask, sandbox } = await start(t)
  sandbox.script(NUMBER, { sms: { httpError: { status: 500 }, times: 1 } })
  for (const time of ['first', 'again']) t.equal((await ask(event({}, { eventId: 'one' }))).status, 'PENDING', time)
  t.equal(sandbox.requests.length, 1)
})

t.test('a code is dropped from its expiry on; an expiry that cannot be read says nothing', async (t) => {
  const { ask, clock, sandbox } = await start(t)
  let code = 600_000
  const until = async (otpExpires: unknown): Promise<string | undefined> => {
    const { status, cause } = await ask(event({ otpExpires, otpCode: String(++code) }))
    return status ?? cause?.split(':')[0]
  }
  const at = (milliseconds: number): string => new Date(clock() + milliseconds).toISOString()
  for (const over of [at(0), at(-1), '2022-01-28T21:48:34.321Z', '2022-01-28T21:48Z', '2022-01-28T21:48:34+02:00']) t.equal(await until(over), 'code_expired', over)
  t.equal(sandbox.requests.length, 0)
  for (const live of [at(1), at(5 * MINUTE), at(1000).replace('Z', '+00:00')]) t.equal(await until(live), 'SUCCESSFUL', live)
  for (const odd of [undefined, null, '', 'soon', '1', 1643406514, '2022-01-28', '2022-01-28T21:48:34', '2022-13-41T99:99:99Z', {}]) t.equal(await until(odd), 'SUCCESSFUL', String(odd))
})

t.test('a call says no code that is over by the time that somebody picks up', async (t) => {
  const { ask, clock, sandbox, reaches } = await start(t)
  sandbox.script(NUMBER, { call: { outcome: 'manual' } })
  const { told } = await ask(event({ deliveryChannel: 'voice', otpExpires: new Date(clock() + 2000).toISOString() }))
  clock.advance(2001)
  await fetch(`${sandbox.url}/sandbox/calls/${sandbox.calls[0]?.id}/answer`, { method: 'POST' })
  t.match(await reaches(told.commands[0].value[0].transactionMetadata.split('=')[1], 'undelivered'), { reason: 'expired' })
  await sandbox.settled()
  t.notMatch(sandbox.calls[0]?.transcript.join(' '), SPELLED)
})

t.test('texts may travel by WhatsApp', async (t) => {
  const { ask, sandbox } = await start(t, { twilio: 'too', settings: { HOOK_CHANNELS: 'okta=whatsapp' } })
  const { told } = await ask(event({ otpCode: undefined }))
  t.match(told, command({ status: 'SUCCESSFUL', provider: 'twilio-whatsapp', transactionId: /^SM/ }))
  t.match((await ask(event({ otpCode: undefined, msgTemplate: 'No code in it' }))).told, command({ status: 'SUCCESSFUL', provider: 'acs-sms' }), 'words alone go by SMS')
  t.match((await ask(event({ deliveryChannel: 'voice' }))).told, command({ status: 'SUCCESSFUL', provider: 'acs-voice' }), 'a call stays a call')
  t.match(sandbox.messages.map(({ text }) => text).join('\n'), 'No code in it')
})

t.test('the header has any name, even one that comes as a list', async (t) => {
  const { post } = await startTestGateway(t, { settings: { OKTA_HEADER: 'Set-Cookie' } })
  t.equal((await post(ROUTE, event({}), { 'set-cookie': SECRET })).status, 200)
  t.equal((await post(ROUTE, event({}))).status, 401)
})
