import { createHmac, randomBytes, randomUUID } from 'node:crypto'
import t from 'tap'
import { CODE, NUMBER, startDialect, testDialect, type DialectSuite, type WireRequest } from './suite.ts'

const OLD = randomBytes(32)
const NEW = randomBytes(24)

const sign = (key: Buffer, id: string, time: string, body: string): string => `v1,${createHmac('sha256', key).update(`${id}.${time}.${body}`).digest('base64')}`

/** As Supabase signs: every attempt has an id and a time of its own. */
const signed = (body: string, moment: number, keys: readonly Buffer[] = [OLD], id = randomUUID() as string): WireRequest => {
  const time = String(Math.floor(moment / 1000))
  return { headers: { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': keys.map((key) => sign(key, id, time, body)).join(', ') }, body }
}

const given = (number: string, code: string, ip: unknown = '192.0.2.7', user: unknown = '6481a5c1-3d37-4a56-9f6a-bee08c554965'): object => ({
  metadata: { uuid: `6f1f0a5e-0000-4000-8000-${number.slice(1)}-${code}`, time: '2026-08-20T10:11:12.123456Z', name: 'send-sms', ip_address: ip },
  user: { id: user, aud: 'authenticated', email: '', phone: number.slice(1), user_metadata: {}, identities: [] },
  sms: { otp: code }
})

const withHeader = (name: string, change: (value: string) => string | undefined) => ({ headers, body }: WireRequest): WireRequest => {
  const { [name]: value = '', ...others } = headers
  const changed = change(value)
  return { headers: changed === undefined ? others : { ...others, [name]: changed }, body }
}

const error = (status: number, message: RegExp) => ({ status: 200, body: { error: { http_code: status, message } } })
const LATER = /^The code could not be sent right now\. Please try again later\.$/
const OF_THE_NUMBER = /^The code cannot be delivered to this phone number\.$/

const SUITE: DialectSuite = {
  name: 'supabase',
  route: '/hooks/supabase',
  settings: { SUPABASE_HOOK_SECRET: `v1,whsec_${OLD.toString('base64')}|v1,whsec_${NEW.toString('base64')}` },
  channels: ['text'],
  tells: ['ip', 'user'],
  bodyOf: ({ number, code, ip, user }) => JSON.stringify(given(number, code, ip ?? null, user ?? null)),
  authenticated: (body, moment, secret) => signed(body, moment, [secret === 'old' ? OLD : NEW]),
  forgeries: [
    ['no signature', withHeader('webhook-signature', () => undefined)],
    ['no id', withHeader('webhook-id', () => undefined)],
    ['no timestamp', withHeader('webhook-timestamp', () => undefined)],
    ['an empty signature', withHeader('webhook-signature', () => '')],
    ['the secret of the callers', (request) => ({ ...request, headers: { authorization: 'Bearer a-secret-for-tests-only' } })],
    ['a signature by another secret', ({ body }, moment) => signed(body, moment, [randomBytes(32)])],
    ['a signature by the secret as it is written', ({ body }, moment) => signed(body, moment, [Buffer.from(OLD.toString('base64'))])],
    ['a signature over another body', ({ headers, body }) => ({ headers, body: body.replace(CODE, '000000') })],
    ['a signature over the same body with a space', ({ headers, body }) => ({ headers, body: `${body} ` })],
    ['a signature over another id', withHeader('webhook-id', () => randomUUID())],
    ['a signature over another time', withHeader('webhook-timestamp', (time) => String(Number(time) - 1))],
    ['a time of five minutes ago', ({ body }, moment) => signed(body, moment - 301_000)],
    ['a time in five minutes', ({ body }, moment) => signed(body, moment + 302_000)],
    ['a time in milliseconds', ({ body }, moment) => signed(body, moment * 1000)],
    ['a time that is no number', ({ body }) => {
      const id = randomUUID()
      return { headers: { 'webhook-id': id, 'webhook-timestamp': 'now', 'webhook-signature': sign(OLD, id, 'now', body) }, body }
    }],
    ['the id twice', withHeader('webhook-id', (id) => `${id}, ${id}`)],
    ['the timestamp twice', withHeader('webhook-timestamp', (time) => `${time}, ${time}`)],
    ['an id as long as a book', ({ body }, moment) => signed(body, moment, [OLD], 'x'.repeat(1025))],
    ['a signature that is cut', withHeader('webhook-signature', (signature) => signature.slice(0, -4))],
    ['a signature that goes on', withHeader('webhook-signature', (signature) => `${signature.slice(0, -1)}AAAA=`)],
    ['a signature in hex', withHeader('webhook-signature', (signature) => `v1,${Buffer.from(signature.slice(3), 'base64').toString('hex')}`)],
    ['a signature without its version', withHeader('webhook-signature', (signature) => signature.slice(3))],
    ['a signature of another version', withHeader('webhook-signature', (signature) => signature.replace('v1', 'v1a'))],
    ['an eleventh signature that fits', withHeader('webhook-signature', (signature) => [...Array(10).fill(`v1,${'A'.repeat(43)}=`), signature].join(' '))],
    ['signatures without end', withHeader('webhook-signature', (signature) => `${signature} ${'x '.repeat(600)}`)]
  ],
  malformed: [
    ['no number', JSON.stringify({ user: {}, sms: { otp: CODE } }), error(422, OF_THE_NUMBER)],
    ['empty numbers', JSON.stringify({ user: { phone: '' }, sms: { otp: CODE, phone: '' } }), error(422, OF_THE_NUMBER)],
    ['no user at all', JSON.stringify({ user: null, sms: { otp: CODE, phone: null } }), error(422, OF_THE_NUMBER)],
    ['a number that is text', JSON.stringify({ user: { phone: 'call me' }, sms: { otp: CODE } }), error(422, OF_THE_NUMBER)],
    ['a number that nobody has', JSON.stringify({ user: { phone: '999999999999999' }, sms: { otp: CODE } }), error(422, OF_THE_NUMBER)],
    ['a number in a list', JSON.stringify({ user: { phone: [NUMBER] }, sms: { otp: CODE } })],
    ['no code', JSON.stringify({ user: { phone: NUMBER }, sms: {} })],
    ['an empty code', JSON.stringify({ user: { phone: NUMBER }, sms: { otp: '' } })],
    ['a code that is null', JSON.stringify({ user: { phone: NUMBER }, sms: { otp: null } })],
    ['a code of 40 characters', JSON.stringify({ user: { phone: NUMBER }, sms: { otp: '4'.repeat(40) } })],
    ['a code of 400 characters', JSON.stringify({ user: { phone: NUMBER }, sms: { otp: '4'.repeat(400) } })],
    ['a code that is a fraction', JSON.stringify({ user: { phone: NUMBER }, sms: { otp: 4829.13 } })],
    ['the hook for mail', JSON.stringify({ user: { phone: NUMBER }, email_data: { token: CODE } })]
  ],
  says: {
    accepted: { status: 200, body: {} },
    duplicate: { status: 200, body: {} },
    unknown: { status: 200, body: {} },
    refused: error(422, OF_THE_NUMBER),
    notAllowed: error(422, OF_THE_NUMBER),
    // With 200, and without Retry-After, so that it is told and not tried again.
    limited: error(429, /^Too many codes were asked for\. Please try again later\.$/),
    failed: error(502, LATER),
    malformed: error(400, /^The code could not be sent\.$/),
    unauthorized: { status: 401, body: { status: 401, code: 'unauthorized' } },
    unavailable: error(503, LATER)
  }
}

testDialect(SUITE)

const body = (changes: object, code = CODE): string => JSON.stringify({ ...given(NUMBER, code), ...changes })

t.test('supabase: every 200 has a JSON content type, and one without error says nothing at all', async (t) => {
  const stand = await startDialect(t, SUITE)
  const good = await stand.ask({})
  t.match(good.type, /^application\/json/)
  t.same(good.body, {})
  const bad = await stand.ask({ number: '+999' })
  t.equal(bad.status, 200)
  t.match(bad.type, /^application\/json/)
  t.same(Object.keys(bad.body), ['error'])
})

t.test('supabase: times as far as five minutes away are believed', async (t) => {
  const stand = await startDialect(t, SUITE)
  for (const [seconds, code] of [[-299, '1111'], [299, '2222']] as const) {
    t.same((await stand.send(signed(body({ metadata: null }, code), stand.clock() + seconds * 1000))).body, {}, `${seconds} s`)
  }
  t.equal(stand.sandbox.messages.length, 2)
})

t.test('supabase: of several signatures one fits, however they are parted', async (t) => {
  const stand = await startDialect(t, SUITE)
  const forms: Array<(fits: string) => string> = [
    (fits) => `${fits},`,
    (fits) => `v1,AAAA, ${fits}`,
    (fits) => `${fits}, v1,AAAA,`,
    (fits) => `v1,${'A'.repeat(43)}=   ${fits}`,
    (fits) => `v1a,ed25519 ${fits}`,
    (fits) => [...Array(9).fill(`v1,${'A'.repeat(43)}=`), fits].join(' ')
  ]
  for (const [index, form] of forms.entries()) {
    const request = signed(SUITE.bodyOf({ number: NUMBER, code: `100${index}`, channel: 'text' }), stand.clock())
    t.same((await stand.send(withHeader('webhook-signature', form)(request))).status, 200, String(form))
  }
  const both = signed(SUITE.bodyOf({ number: NUMBER, code: '2000', channel: 'text' }), stand.clock(), [NEW, OLD])
  t.equal((await stand.send(both)).status, 200, 'while Supabase changes its secret it signs with both')
  t.equal(stand.sandbox.messages.length, forms.length + 1)
})

t.test('supabase: the same request sends nothing again as long as it is believed', async (t) => {
  const stand = await startDialect(t, SUITE)
  const request = signed(SUITE.bodyOf({ number: NUMBER, code: CODE, channel: 'text' }), stand.clock() + 299_000)
  t.same((await stand.send(request)).body, {})
  for (const minutes of [1, 4, 4]) {
    stand.clock.advance(minutes * 60_000)
    t.same((await stand.send(request)).body, {}, 'taken')
  }
  stand.clock.advance(60_000)
  t.equal((await stand.send(request)).status, 401, 'old by now')
  t.equal(stand.sandbox.messages.length, 1)
})

t.test('supabase: an attempt is known by the uuid, or by its bytes where there is none', async (t) => {
  const stand = await startDialect(t, SUITE)
  for (const [what, metadata] of [['uuid', { uuid: 'dc0b1b9c-0c5f-4f43-9b7a-1b2c3d4e5f60' }], ['null', null], ['nothing', undefined], ['another type', { uuid: 7 }], ['no id', { uuid: 'x'.repeat(65) }]] as const) {
    const before = stand.sandbox.messages.length
    const attempt = body({ metadata }, `7${stand.sandbox.messages.length}00`)
    for (let times = 0; times < 3; times++) {
      t.same((await stand.send(signed(attempt, stand.clock()))).body, {}, what)
      stand.clock.advance(60_000)
    }
    t.equal(stand.sandbox.messages.length, before + 1, what)
  }
})

t.test('supabase: one uuid for two messages is told as a failure', async (t) => {
  const stand = await startDialect(t, SUITE)
  const metadata = { uuid: randomUUID() }
  t.same((await stand.send(signed(body({ metadata }), stand.clock()))).body, {})
  t.match((await stand.send(signed(body({ metadata }, '999999'), stand.clock()))).body, { error: { http_code: 422, message: 'The code could not be sent.' } })
  t.equal(stand.sandbox.messages.length, 1)
})

t.test('supabase: the number is that of the message, else that of the user, with or without a plus', async (t) => {
  const stand = await startDialect(t, SUITE)
  const cases: ReadonlyArray<readonly [string, object, object]> = [
    ['+4915112345678', { phone: '4915112345678' }, { phone: '14155550199' }],
    ['+14155550199', { phone: '' }, { phone: '14155550199' }],
    ['+14155550199', { phone: null }, { phone: '+14155550199' }],
    ['+14155550199', {}, { phone: 14155550199 }],
    ['+919876543210', {}, { phone: '+91 98765 43210' }]
  ]
  for (const [index, [expected, sms, user]] of cases.entries()) {
    t.same((await stand.send(signed(JSON.stringify({ user, sms: { ...sms, otp: `300${index}` } }), stand.clock()))).body, {}, expected)
    t.equal(stand.sandbox.messages.at(-1)?.to, expected)
  }
})

t.test('supabase: its digits are never a number of the default country', async (t) => {
  const stand = await startDialect(t, SUITE, { settings: { DEFAULT_COUNTRY: 'BR' } })
  t.same((await stand.send(signed(body({ user: { phone: '11987654321' } }), stand.clock()))).body, {})
  t.equal(stand.sandbox.messages[0]?.to, '+11987654321')
})

t.test('supabase: a code that came as an integer is sent', async (t) => {
  const stand = await startDialect(t, SUITE)
  t.same((await stand.send(signed(body({ sms: { otp: 482913 } }), stand.clock()))).body, {})
  t.match(stand.sandbox.messages[0]?.text, CODE)
})

t.test('supabase: the words are in the language that the application keeps of its user', async (t) => {
  const stand = await startDialect(t, SUITE)
  const cases: ReadonlyArray<readonly [RegExp, unknown]> = [
    [/Code lautet/i, { locale: 'de-AT' }], [/Code lautet/i, { language: 'de' }], [/Code lautet/i, { locale: '', language: 'de_DE' }], [/Code lautet/i, { locale: 7, language: 'de' }],
    [/code is/i, { locale: 'somewhere else' }], [/code is/i, null], [/code is/i, 'de'], [/code is/i, { locale: { of: 'de' } }], [/code is/i, undefined]
  ]
  for (const [index, [words, metadata]] of cases.entries()) {
    await stand.send(signed(body({ metadata: null, user: { phone: NUMBER, user_metadata: metadata } }, `400${index}`), stand.clock()))
    t.match(stand.sandbox.messages.at(-1)?.text, words, JSON.stringify(metadata))
  }
  t.equal(stand.sandbox.messages.length, cases.length)
})

t.test('supabase: without its secret the hook says so', async (t) => {
  const stand = await startDialect(t, { ...SUITE, settings: {} })
  const told = await stand.ask({})
  t.match(told, { status: 404, body: { code: 'hook_not_configured' } })
  t.match(stand.log.join('\n'), /SUPABASE_HOOK_SECRET/)
})
