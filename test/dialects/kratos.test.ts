import t from 'tap'
import { createKratos } from '../../src/dialects/kratos.ts'
import { createNumberReader } from '../../src/dialects/number.ts'
import { ADMIN, SECRET } from '../support/gateway.ts'
import { CODE, NEW_SECRET, NUMBER, PROBLEM, SAYS_BY_STATUS, startDialect, testDialect, type DialectSuite, type WireRequest } from './suite.ts'

/** The words of Kratos's own template, with the line for browsers. */
const words = (code: string): string => `Your login code is: ${code}\n\nIt expires in 15 minutes.\n\n@auth.example.com #${code}\n`

const given = (number: string, code: string, ip?: unknown, user?: unknown) => ({
  recipient: number,
  body: words(code),
  template_type: 'login_code_valid',
  template_data: { login_code: code, expires_in_minutes: 15 },
  request_headers: { 'Accept-Language': ['de-DE,de;q=0.9,en;q=0.8'] },
  ip,
  user
})

const headers = (given: Readonly<Record<string, string>>) => ({ body }: WireRequest): WireRequest => ({ headers: given, body })
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const SUITE: DialectSuite = {
  name: 'kratos',
  route: '/hooks/kratos',
  channels: ['text'],
  tells: ['ip', 'user'],
  bodyOf: ({ number, code, ip, user }) => JSON.stringify(given(number, code, ip, user)),
  authenticated: (body, _moment, secret) => ({ headers: { authorization: secret === 'old' ? SECRET : basic('kratos', NEW_SECRET) }, body }),
  forgeries: [
    ['no secret', headers({})],
    ['an empty secret', headers({ authorization: '' })],
    ['another secret', headers({ authorization: 'another-secret-altogether' })],
    ['a secret that is shorter', headers({ authorization: SECRET.slice(1) })],
    ['a secret that is longer', headers({ authorization: `${SECRET}x` })],
    ['the secret as a name', headers({ authorization: basic(SECRET, 'password') })],
    ['the secret of the admin', headers({ authorization: ADMIN })],
    ['another key', headers({ 'x-api-key': 'another-key' })],
    ['the key twice', headers({ 'x-api-key': `${SECRET}, ${SECRET}` })],
    ['the key under another name', headers({ 'x-other-key': SECRET })],
    ['another cookie', headers({ cookie: 'key=another-key' })],
    ['the secret as the name of a cookie', headers({ cookie: `${SECRET}=key` })],
    ['the secret in the eleventh cookie', headers({ cookie: `${'a=b; '.repeat(10)}key=${SECRET}` })]
  ],
  malformed: [
    ['no number', JSON.stringify({ ...given(NUMBER, CODE), recipient: undefined }), PROBLEM(400, 'number_missing')],
    ['an empty number', JSON.stringify(given('', CODE)), PROBLEM(400, 'number_missing')],
    ['a number that is text', JSON.stringify(given('call me', CODE)), PROBLEM(400, 'number_impossible')],
    ['a number without its country', JSON.stringify(given('(415) 555-0123', CODE)), PROBLEM(400, 'number_needs_country')],
    ['a number of the wrong type', JSON.stringify({ ...given(NUMBER, CODE), recipient: [NUMBER] }), PROBLEM(400, 'invalid_body')],
    ['codes that are all null', JSON.stringify({ ...given(NUMBER, CODE), template_data: { login_code: null, recovery_code: null } }), PROBLEM(400, 'code_invalid')],
    ['a code of 40 characters', JSON.stringify({ ...given(NUMBER, CODE), template_data: { login_code: '4'.repeat(40) } }), PROBLEM(400, 'code_invalid')],
    ['neither text nor code', JSON.stringify({ ...given(NUMBER, CODE), body: ' \n', template_data: null }), PROBLEM(400, 'content_missing')],
    ['a notice without words', JSON.stringify({ recipient: NUMBER, template_type: 'authenticator_key_added', code: CODE }), PROBLEM(400, 'content_missing')],
    ['a text as long as a book', JSON.stringify({ recipient: NUMBER, body: 'x'.repeat(1601) }), PROBLEM(400, 'invalid_body')]
  ],
  says: SAYS_BY_STATUS
}

testDialect(SUITE)

const authorization = SECRET

t.test('kratos: it may authenticate in each of its ways', async (t) => {
  const stand = await startDialect(t, SUITE)
  const ways: ReadonlyArray<Readonly<Record<string, string>>> = [
    { authorization }, { authorization: `Bearer ${SECRET}` }, { authorization: basic('anybody', SECRET) }, { authorization: basic('', NEW_SECRET) },
    { 'x-api-key': SECRET }, { 'x-api-key': NEW_SECRET, authorization: 'something that a proxy put there' },
    { cookie: `key=${SECRET}` }, { cookie: `a=b; c; key="${NEW_SECRET}"` }, { cookie: `${'a=b; '.repeat(9)}key=${SECRET}` }
  ]
  for (const [index, way] of ways.entries()) {
    t.match(await stand.send({ headers: way, body: SUITE.bodyOf({ number: NUMBER, code: `10000${index}`, channel: 'text' }) }), { status: 200 }, JSON.stringify(Object.keys(way)))
  }
  t.equal(stand.sandbox.messages.length, ways.length)
})

t.test('kratos: a text is sent as it is, with the line for browsers', async (t) => {
  const stand = await startDialect(t, SUITE)
  await stand.ask({})
  t.equal(stand.sandbox.messages[0]?.text, words(CODE))
})

/** What Kratos sends of each kind, and the code that a call speaks; none: the words themselves. */
const KINDS: ReadonlyArray<readonly [string, object | undefined, string, string | undefined]> = [
  ['login_code_valid', { login_code: '111111' }, 'Your login code is: 111111', '111111'],
  ['registration_code_valid', { registration_code: '222222' }, 'Your registration code is: 222222', '222222'],
  ['verification_code_valid', { verification_code: '333333' }, 'Your verification code is: 333333', '333333'],
  ['recovery_code_valid', { verification_code: '444444' }, 'Your recovery code is: 444444', '444444'],
  ['recovery_code_valid', { recovery_code: '555555' }, 'Here is your recovery code.', '555555'],
  ['login_code_valid', { login_code: '' }, 'Your login code is: 666666', '666666'],
  ['login_code_valid', {}, 'Your login code is: 777777', '777777'],
  ['login_code_valid', { login_code: null, registration_code: '121212' }, 'Look at this.', '121212'],
  ['login_code_valid', undefined, words('888888'), '888888'],
  ['a_kind_of_next_year', { login_code: 'A1B2C3' }, 'Look at this.', 'A1B2C3'],
  ['authenticator_key_added', { login_code: '999999' }, 'A new key was added on 20260820.', undefined],
  ['verifiable_address_changed', undefined, 'Your number is now 4155550123.', undefined],
  ['login_code_invalid', undefined, 'There is no account 123456.', undefined]
]

const spelled = (code: string): RegExp => new RegExp([...code].join('\\W+'))

t.test('kratos: a call speaks the code by the kind of message, else the one in the words, else the words', async (t) => {
  const stand = await startDialect(t, SUITE, { settings: { HOOK_CHANNELS: 'kratos=voice' } })
  for (const [index, [kind, data, body]] of KINDS.entries()) {
    const recipient = `+141555502${String(index).padStart(2, '0')}`
    t.match(await stand.send({ headers: { authorization }, body: JSON.stringify({ recipient, body, template_type: kind, template_data: data }) }), { status: 200 }, kind)
  }
  await stand.sandbox.settled()
  const heard = new Map(stand.sandbox.calls.map(({ to, transcript }) => [to, transcript.join(' ')]))
  for (const [index, [kind, , body, code]] of KINDS.entries()) {
    const said = heard.get(`+141555502${String(index).padStart(2, '0')}`) ?? ''
    if (code === undefined) t.ok(said.includes(body.slice(0, 14)), `${kind}: the words`)
    else t.match(said, spelled(code), `${kind}: the code`)
    t.notMatch(said, /@|browser/, 'and never the line for browsers')
  }
})

t.test('kratos: by SMS each of them is sent as it is', async (t) => {
  const stand = await startDialect(t, SUITE)
  for (const [kind, data, body] of KINDS) {
    t.match(await stand.send({ headers: { authorization }, body: JSON.stringify({ recipient: NUMBER, body, template_type: kind, template_data: data }) }), { status: 200 }, kind)
  }
  t.same(stand.sandbox.messages.map(({ text }) => text), KINDS.map(([, , body]) => body))
})

t.test('kratos: codes to a country go by WhatsApp where that is set, and notices by SMS', async (t) => {
  const stand = await startDialect(t, SUITE, { twilio: 'too', settings: { HOOK_CHANNEL_US: 'whatsapp' } })
  t.match(await stand.ask({}), { status: 200, body: { status: 'accepted' } })
  t.match(await stand.ask({ number: '+4915112345678' }), { status: 200, body: { status: 'accepted' } })
  const notice = { recipient: NUMBER, template_type: 'authenticator_key_added', body: 'A new key was added.' }
  t.match(await stand.send({ headers: { authorization }, body: JSON.stringify(notice) }), { status: 200, body: { status: 'accepted' } })
  t.same(stand.events.flatMap((event) => event.type === 'delivery.finished' ? [event.channel] : []), ['whatsapp', 'sms', 'sms'])
})

t.test('kratos: without words the code is worded in the language of the browser', async (t) => {
  const stand = await startDialect(t, SUITE)
  const languages: ReadonlyArray<readonly [RegExp, unknown]> = [
    [/Code lautet/i, { 'Accept-Language': ['de-DE,de;q=0.9'] }], [/Code lautet/i, { 'Accept-Language': 'de' }], [/Code lautet/i, { 'accept-language': ['de;q=0.9', 'en'] }],
    [/code is/i, { 'Accept-Language': ['*'] }], [/code is/i, { 'Accept-Language': [] }], [/code is/i, { 'Accept-Language': [7] }], [/code is/i, { Accept: ['*/*'] }], [/code is/i, null], [/code is/i, undefined]
  ]
  for (const [index, [expected, headers]] of languages.entries()) {
    const body = JSON.stringify({ ...given(NUMBER, `20000${index}`), body: undefined, request_headers: headers })
    t.match(await stand.send({ headers: { authorization }, body }), { status: 200 })
    t.match(stand.sandbox.messages.at(-1)?.text, expected, JSON.stringify(headers))
  }
})

t.test('kratos: bodies of other Jsonnet files are understood, as JSON and as a form', async (t) => {
  const stand = await startDialect(t, SUITE, { settings: { HOOK_CHANNELS: 'kratos=voice' } })
  const own: ReadonlyArray<readonly [string, string]> = [
    ['application/json', JSON.stringify({ to: NUMBER, text: 'Your code is 111111' })],
    ['application/json', JSON.stringify({ To: NUMBER, From: '+14155550100', Body: 'Your code is 222222' })],
    ['application/json', JSON.stringify({ recipient: '', to: '', To: NUMBER, code: '333333' })],
    ['application/json', JSON.stringify({ to: NUMBER, code: 44, text: 'It is 000044, and not 555555' })],
    ['application/x-www-form-urlencoded', new URLSearchParams({ To: NUMBER, From: 'X', Body: 'Your code is 555555' }).toString()]
  ]
  for (const [type, body] of own) t.match(await stand.send({ headers: { authorization, 'content-type': type }, body }), { status: 200, body: { status: 'accepted' } }, body)
  await stand.sandbox.settled()
  const heard = stand.sandbox.calls.map(({ transcript }) => transcript.join(' ')).join('\n')
  for (const code of ['111111', '222222', '333333', '000044', '555555']) t.match(heard, spelled(code))
})

t.test('kratos: a number without its country is one of the default country', async (t) => {
  const stand = await startDialect(t, SUITE, { settings: { DEFAULT_COUNTRY: 'US' } })
  t.match(await stand.ask({ number: '(415) 555-0123' }), { status: 200 })
  t.equal(stand.sandbox.messages[0]?.to, NUMBER)
})

t.test('kratos: a code lives as long as it says, within reason', async (t) => {
  const stand = await startDialect(t, SUITE, { settings: { CODE_TTL_SECONDS: '3600' } })
  for (const [index, [minutes, seconds]] of ([[15, 900], [1, 60], [60, 3600], [0.5, 3600], [61, 3600], [-1, 3600], ['15', 3600], [null, 3600], [undefined, 3600]] as const).entries()) {
    const body = JSON.stringify({ ...given(`+1415555020${index}`, CODE), template_data: { login_code: CODE, expires_in_minutes: minutes } })
    const { createdAt, expiresAt } = await stand.delivery((await stand.send({ headers: { authorization }, body })).body.id)
    t.equal(Date.parse(expiresAt) - Date.parse(createdAt), seconds * 1000, String(minutes))
  }
})

t.test('kratos: a life that no code has is let go', async (t) => {
  const { read } = createKratos({ callerOf: () => undefined, numbers: createNumberReader(undefined), now: () => 1000 })
  for (const [minutes, expected] of [[60, 3_601_000], [61, undefined], [1e308, undefined], [1, 61_000], [0.9, undefined]] as const) {
    const body = { ...given(NUMBER, CODE), template_data: { login_code: CODE, expires_in_minutes: minutes } }
    t.equal(read(body, { headers: {}, body: Buffer.alloc(0) }).expiresAt, expected, String(minutes))
  }
})
