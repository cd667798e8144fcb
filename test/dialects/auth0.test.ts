import t, { type Test } from 'tap'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { BY_SECRET, CODE, NUMBER, PROBLEM, SAYS_OF_GUARD, testDialect } from './suite.ts'

const ROUTE = '/hooks/auth0'
const TENANT = 'example'

/** What our Action hands over of an event. */
const event = (notification: object, more: object = {}): object => ({
  tenant: TENANT,
  notification: { recipient: NUMBER, delivery_method: 'text', message_type: 'otp_verify', as_text: `Your code is ${CODE}`, as_voice: `Your code is ${CODE.split('').join(' ')}`, code: CODE, locale: 'en_US', ...notification },
  ...more
})

const olderEvent = (options: object, more: object = {}): object => ({
  tenant: TENANT,
  message_options: { recipient: NUMBER, message_type: 'sms', action: 'second-factor-authentication', text: `${CODE} is your code`, code: CODE, ...options },
  ...more
})

testDialect({
  name: 'auth0',
  route: ROUTE,
  channels: ['text', 'voice'],
  tells: ['ip', 'user'],
  bodyOf: ({ number, code, channel, ip, user }) => JSON.stringify(event({ recipient: number, delivery_method: channel, as_text: `Your code is ${code}`, as_voice: `Your code is ${code}`, code }, { ip, user })),
  ...BY_SECRET,
  malformed: [
    ['no number', JSON.stringify(event({ recipient: undefined })), PROBLEM(400, 'number_missing')],
    ['an empty number', JSON.stringify(event({ recipient: ' ' })), PROBLEM(400, 'number_missing')],
    ['a number that is text', JSON.stringify(event({ recipient: 'call me' })), PROBLEM(400, 'number_impossible')],
    ['a number that is an integer', JSON.stringify(event({ recipient: 14155550123 })), PROBLEM(400, 'invalid_body')],
    ['a number of nowhere', JSON.stringify(event({ recipient: '0170 1234567' })), PROBLEM(400, 'number_needs_country')],
    ['a code that is null', JSON.stringify(event({ code: null })), PROBLEM(400, 'code_invalid')],
    ['a code that is empty', JSON.stringify(event({ code: '' })), PROBLEM(400, 'code_invalid')],
    ['a code of 40 characters', JSON.stringify(event({ code: '4'.repeat(40) })), PROBLEM(400, 'code_invalid')],
    ['an unknown channel', JSON.stringify(event({ delivery_method: 'pigeon' })), PROBLEM(400, 'invalid_body')],
    ['no channel', JSON.stringify(event({ delivery_method: undefined })), PROBLEM(400, 'invalid_body')],
    ['nothing to say', JSON.stringify(event({ code: undefined, as_text: ' ', as_voice: 'words of a call' })), PROBLEM(400, 'content_missing')],
    ['a text that is too long', JSON.stringify(event({ as_text: 'x'.repeat(1601), code: undefined })), PROBLEM(400, 'invalid_body')],
    ['a tenant that is none', JSON.stringify(event({}, { tenant: { id: TENANT } })), PROBLEM(400, 'invalid_body')],
    ['the events of both triggers', JSON.stringify({ ...event({}), ...olderEvent({}) }), PROBLEM(400, 'invalid_body')],
    ['a tenant alone', JSON.stringify({ tenant: TENANT, locale: 'en_US' }), PROBLEM(400, 'invalid_body')],
    ['an unknown channel of the older trigger', JSON.stringify(olderEvent({ message_type: 'text' })), PROBLEM(400, 'invalid_body')],
    ['a code of the older trigger that is null', JSON.stringify(olderEvent({ code: null })), PROBLEM(400, 'code_invalid')],
    ['nothing to say by the older trigger', JSON.stringify(olderEvent({ code: undefined, text: undefined })), PROBLEM(400, 'content_missing')]
  ],
  says: {
    accepted: { status: 200, body: { status: 'accepted', provider: /^acs-/ } },
    duplicate: { status: 200, body: { status: 'duplicate', original: /accepted|delivered/ } },
    unknown: { status: 202, body: { status: 'unknown' } },
    refused: PROBLEM(422, 'recipient_refused'),
    ...SAYS_OF_GUARD,
    failed: PROBLEM(502, 'provider_failed'),
    malformed: { status: 400 },
    unauthorized: PROBLEM(401, 'unauthorized'),
    unavailable: PROBLEM(503, /store_unavailable|draining/)
  }
})

interface Stand extends TestGateway {
  /** Asks by the hook, and gives what was sent for it, or the code of the problem. */
  sent (body: object): Promise<{ readonly text: string | undefined, readonly speech: string | undefined, readonly problem: string | undefined }>
}

const start = async (t: Test, options: TestGatewayOptions = {}): Promise<Stand> => {
  const stand = await startTestGateway(t, options)
  return {
    ...stand,
    async sent (body) {
      const { sandbox } = stand
      const [texts, calls] = [sandbox.messages.length, sandbox.calls.length]
      const { body: told } = await stand.post(ROUTE, body)
      await sandbox.settled()
      return { text: sandbox.messages[texts]?.text, speech: sandbox.calls[calls]?.transcript.join(' '), problem: told.code }
    }
  }
}

t.test('each message type goes as a text, with a code and without', async (t) => {
  const { sent } = await start(t)
  for (const [type, text, code] of [
    ['otp_verify', 'Your code is 111111', '111111'],
    ['otp_enroll', 'Enroll with 222222', '222222'],
    ['change_password', 'Change it with 333333', '333333'],
    ['blocked_account', 'Your account is blocked after 10000 tries', undefined],
    ['password_breach', 'Your password is known to others', undefined],
    ['a_type_of_next_year', 'Something new', undefined]
  ] as const) {
    const { text: got, problem } = await sent(event({ message_type: type, as_text: text, code }))
    t.same([got, problem], [text, undefined], type)
  }
  t.equal((await sent(event({ message_type: undefined, as_text: 'Of no type', code: undefined }))).text, 'Of no type', 'no type at all')
})

t.test('in a call the code is spoken, and the words where there is none', async (t) => {
  const { sent } = await start(t)
  const call = async (notification: object) => (await sent(event({ delivery_method: 'voice', ...notification }))).speech ?? ''
  t.match(await call({ message_type: 'otp_verify', code: '1A2B3C' }), /1[^0-9]+A[^0-9]+2[^0-9]+B[^0-9]+3[^0-9]+C/, 'letters too')
  t.notMatch(await call({ message_type: 'otp_enroll', code: '222222', as_voice: 'never said' }), 'never said')
  t.match(await call({ message_type: 'otp_enroll', code: '232323', as_text: 'x'.repeat(1601), as_voice: 'y'.repeat(1601) }), /2[^0-9]+3/, 'as long as the words may be')
  t.match(await call({ message_type: 'blocked_account', code: undefined, as_text: 'Read: blocked', as_voice: 'Heard: blocked after many tries' }), 'Heard: blocked after many tries')
  t.match(await call({ message_type: 'password_breach', code: undefined, as_text: 'Known to others', as_voice: ' ' }), 'Known to others', 'words to be read where none are to be heard')
  t.match(await call({ message_type: 'password_breach', code: undefined, as_text: undefined, as_voice: 'Only heard' }), 'Only heard')
})

t.test('a type of message that has no code may say so by null', async (t) => {
  const { sent } = await start(t)
  t.equal((await sent(event({ message_type: 'blocked_account', code: null, as_text: 'Blocked' }))).text, 'Blocked')
  t.equal((await sent(event({ message_type: 'blocked_account', code: '1', as_text: 'Blocked' }))).problem, 'code_invalid')
  t.equal((await sent(event({ message_type: 'otp_verify', code: null, as_text: 'Use 482913' }))).problem, 'code_invalid', 'one that has a code may not')
})

t.test('only types that always have a code have it looked for in the text', async (t) => {
  const { sent } = await start(t)
  const call = async (type: string, text: string | undefined, speech?: string) =>
    (await sent(event({ delivery_method: 'voice', message_type: type, code: undefined, as_text: text, as_voice: speech }))).speech ?? ''
  const spelled = /7[^0-9]+3[^0-9]+9[^0-9]+1/
  const spoken = await call('otp_verify', 'Use 7391 now')
  t.match(spoken, spelled)
  t.notMatch(spoken, 'now', 'the code, and not the words around it')
  t.match(await call('otp_enroll', 'Use 7391 to enroll'), spelled)
  t.match(await call('otp_verify', undefined, 'Use 7391, heard only'), spelled, 'out of what is to be heard, where nothing else is there')
  t.match(await call('otp_verify', 'Use 7391 or 8402', 'Which of both'), 'Which of both', 'nobody can tell which one it is')
  for (const type of ['change_password', 'blocked_account', 'password_breach', 'new']) t.match(await call(type, `Try 7391 of ${type}`), `of ${type}`, `${type}: the words are spoken`)
})

t.test('the older trigger: texts and calls, with its code and without', async (t) => {
  const { sent } = await start(t)
  const spelled = /4[^0-9]+8[^0-9]+2[^0-9]+9[^0-9]+1[^0-9]+3/
  for (const action of ['enrollment', 'second-factor-authentication']) {
    t.equal((await sent(olderEvent({ action, text: `${action}: ${CODE}` }))).text, `${action}: ${CODE}`)
    t.match((await sent(olderEvent({ action, message_type: 'voice' }))).speech, spelled, action)
    t.match((await sent(olderEvent({ action, message_type: 'voice', code: undefined, text: `Found: ${CODE}` }))).speech, spelled, `${action}, out of the text`)
  }
  t.match((await sent(olderEvent({ action: undefined, text: undefined, code: '555555' }, { locale: 'es-MX' }))).text, /código.*555555|555555.*código/i, 'worded here, in the language beside it')
})

t.test('a locale comes in any form, and nobody goes without a code for it', async (t) => {
  const { sent } = await start(t, { settings: { DEFAULT_LOCALE: 'fr' } })
  let code = 600_000
  const worded = async (locale: unknown) => (await sent(event({ locale, as_text: undefined, code: String(++code) }))).text?.replace(String(code), '#')
  const [english, german, french] = [await worded('en'), await worded('de'), await worded('fr')]
  t.equal(new Set([english, german, french]).size, 3)
  for (const locale of ['en_US', 'en-US', 'EN-us', 'en_US.UTF-8']) t.equal(await worded(locale), english, locale)
  for (const locale of ['de_DE', 'de-AT', `de-CH,${'en;q=0.9,'.repeat(30)}`]) t.equal(await worded(locale), german, locale)
  for (const locale of [undefined, null, '', '!?', 42, ['de'], { language: 'de' }, 'x'.repeat(10_000), '\u0000']) t.equal(await worded(locale), french, String(locale))
})

t.test('a number is read with spaces, and without + where that is one', async (t) => {
  const { sent, sandbox } = await start(t)
  const numbers: unknown[] = ['+1 415 555 0123', '+1 (415) 555-0123', ' +14155550123 ', '12025550143']
  for (const [index, recipient] of numbers.entries()) t.equal((await sent(event({ recipient, code: `70000${index}` }))).problem, undefined, String(recipient))
  t.same(sandbox.messages.map(({ to }) => to), [NUMBER, NUMBER, NUMBER, '+12025550143'])
  t.equal((await sent(event({ recipient: '415 555 2671' }))).problem, 'number_needs_country')
})

t.test('without a country code a number is one of DEFAULT_COUNTRY', async (t) => {
  const { sent, sandbox } = await start(t, { settings: { DEFAULT_COUNTRY: 'US' } })
  t.equal((await sent(event({ recipient: '(415) 555-2671' }))).problem, undefined)
  t.same(sandbox.messages.map(({ to }) => to), ['+14155552671'])
})

t.test('messages are told apart by tenant, number, type, method and code, and by nothing else', async (t) => {
  const { post, clock } = await start(t)
  const ask = async (body: object): Promise<string> => {
    clock.advance(1000)
    return (await post(ROUTE, body)).body.status
  }
  t.equal(await ask(event({})), 'accepted')
  t.equal(await ask(event({ as_text: 'Rendered anew', as_voice: 'Too', locale: 'de_DE' })), 'duplicate', 'other words around the same code')
  for (const [what, body] of [
    ['another tenant', event({}, { tenant: 'other' })],
    ['another number', event({ recipient: '+12025550143' })],
    ['another type', event({ message_type: 'otp_enroll' })],
    ['another method', event({ delivery_method: 'voice' })],
    ['another code', event({ code: '999999' })],
    ['no code', event({ message_type: 'blocked_account', code: undefined, as_text: 'Blocked' })],
    ['no code, other words', event({ message_type: 'blocked_account', code: undefined, as_text: 'Blocked again' })],
    ['no code, words that are a code', event({ code: undefined, as_text: CODE })],
    ['the older trigger', olderEvent({})],
    ['another action of it', olderEvent({ action: 'enrollment' })]
  ] as const) {
    t.equal(await ask(body), 'accepted', what)
    t.equal(await ask(body), 'duplicate', `${what}, again`)
  }
})

t.test('texts may travel as calls: without a code the words for the ear are spoken', async (t) => {
  const { sent, sandbox } = await start(t, { settings: { HOOK_CHANNELS: 'auth0=voice' } })
  t.match((await sent(event({}))).speech, /4[^0-9]+8[^0-9]+2/)
  t.match((await sent(event({ delivery_method: 'voice' }))).speech, /4[^0-9]+8[^0-9]+2/, 'who asks for a call after a text gets one more')
  t.equal(sandbox.calls.length, 2)
  t.match((await sent(event({ message_type: 'blocked_account', code: undefined, as_text: 'Read', as_voice: 'Heard' }))).speech, 'Heard')
})
