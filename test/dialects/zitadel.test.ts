import { createHmac } from 'node:crypto'
import t from 'tap'
import { createNumberReader } from '../../src/dialects/number.ts'
import { createZitadel } from '../../src/dialects/zitadel.ts'
import { CODE, NUMBER, PROBLEM, SAYS_BY_STATUS, startDialect, testDialect, type DialectSuite, type WireRequest } from './suite.ts'

const OLD = 'mP4bT8rQ2zX6-old-signing-key'
const NEW = 'kL9vW3nY7cD1-new-signing-key'

const sign = (key: string, time: string, body: string): string => createHmac('sha256', key).update(`${time}.${body}`).digest('hex')

const signed = (body: string, moment: number, keys: readonly string[] = [OLD]): WireRequest => {
  const time = String(Math.floor(moment / 1000))
  return { headers: { 'ZITADEL-Signature': [`t=${time}`, ...keys.map((key) => `v1=${sign(key, time, body)}`)].join(',') }, body }
}

const withSignature = (change: (header: string) => string) => ({ headers, body }: WireRequest): WireRequest =>
  ({ headers: { 'ZITADEL-Signature': change(headers['ZITADEL-Signature'] as string) }, body })

const given = (number: string, code: string, preferredLoginName: unknown = 'kim@example.com') => ({
  contextInfo: { eventType: 'session.otp.sms.challenged', provider: { id: '285181292935381355', description: 'gateway' }, recipientPhoneNumber: number },
  templateData: { title: '', subject: 'VerifySMSOTP.Subject', greeting: 'VerifySMSOTP.Greeting', text: `${code} is your one-time password for example.com. Use it within the next 5m0s.\n@example.com #${code}` },
  args: { oTP: code, code, expiry: 300_000_000_000, domain: 'example.com', origin: 'https://example.com', sessionID: '309210', lastPhone: '+41791234567', verifiedPhone: '+41791234567', preferredLoginName }
})

const SUITE: DialectSuite = {
  name: 'zitadel',
  route: '/hooks/zitadel',
  settings: { ZITADEL_SIGNING_KEY: `${OLD},${NEW}` },
  channels: ['text'],
  tells: ['user'],
  bodyOf: ({ number, code, user }) => JSON.stringify(given(number, code, user ?? null)),
  authenticated: (body, moment, secret) => signed(body, moment, [secret === 'old' ? OLD : NEW]),
  forgeries: [
    ['no signature', (request) => ({ ...request, headers: {} })],
    ['an empty signature', withSignature(() => '')],
    ['the secret of the callers', (request) => ({ ...request, headers: { authorization: 'Bearer a-secret-for-tests-only' } })],
    ['a signature by another key', ({ body }, moment) => signed(body, moment, ['another-signing-key'])],
    ['a signature over another body', ({ headers, body }) => ({ headers, body: body.replaceAll(CODE, '000000') })],
    ['a signature over the same body with a space', ({ headers, body }) => ({ headers, body: `${body} ` })],
    ['a signature over another time', withSignature((header) => header.replace(/\d(?=,)/, (digit) => String((Number(digit) + 1) % 10)))],
    ['a time of five minutes ago', ({ body }, moment) => signed(body, moment - 301_000)],
    ['a time in five minutes', ({ body }, moment) => signed(body, moment + 302_000)],
    ['a time that is no number', ({ body }) => ({ headers: { 'ZITADEL-Signature': `t=now,v1=${sign(OLD, 'now', body)}` }, body })],
    ['a negative time', ({ body }) => ({ headers: { 'ZITADEL-Signature': `t=-1,v1=${sign(OLD, '-1', body)}` }, body })],
    ['no time', withSignature((header) => header.replace(/^t=\d+,/, ''))],
    ['two times', withSignature((header) => header.replace(/^(t=\d+),/, '$1,t=1,'))],
    ['the header twice', withSignature((header) => `${header}, ${header}`)],
    ['a signature that is cut', withSignature((header) => header.slice(0, -2))],
    ['a signature that goes on', withSignature((header) => `${header}00`)],
    ['a signature with letters after it', withSignature((header) => `${header}zz`)],
    ['a signature in base64', withSignature((header) => header.replace(/v1=(.*)/, (_, hex: string) => `v1=${Buffer.from(hex, 'hex').toString('base64')}`))],
    ['a signature of another version', withSignature((header) => header.replace('v1=', 'v2='))],
    ['a version without signature', withSignature((header) => header.replace(/v1=.*/, 'v1'))],
    ['an eleventh signature that fits', withSignature((header) => header.replace(',', `,${`v1=${'0'.repeat(64)},`.repeat(10)}`))],
    ['a header without end', withSignature((header) => `${header}${',x=y'.repeat(300)}`)]
  ],
  malformed: [
    ['no context', JSON.stringify({ ...given(NUMBER, CODE), contextInfo: undefined })],
    ['no number', JSON.stringify({ ...given(NUMBER, CODE), contextInfo: { eventType: 'x' } }), PROBLEM(400, 'number_missing')],
    ['an empty number', JSON.stringify({ ...given(NUMBER, CODE), contextInfo: { recipientPhoneNumber: '' } }), PROBLEM(400, 'number_missing')],
    ['a message for a mailbox', JSON.stringify({ ...given(NUMBER, CODE), contextInfo: { recipientEmailAddress: 'a@example.com' } }), PROBLEM(400, 'number_missing')],
    ['a number that is text', JSON.stringify(given('call me', CODE)), PROBLEM(400, 'number_impossible')],
    ['a number without its country', JSON.stringify(given('(415) 555-0123', CODE)), PROBLEM(400, 'number_needs_country')],
    ['a code that is null', JSON.stringify({ ...given(NUMBER, CODE), args: { code: null } }), PROBLEM(400, 'code_invalid')],
    ['a code of 40 characters', JSON.stringify({ ...given(NUMBER, CODE), args: { oTP: '4'.repeat(40) } }), PROBLEM(400, 'code_invalid')],
    ['a code of the wrong type', JSON.stringify({ ...given(NUMBER, CODE), args: { code: { is: CODE } } }), PROBLEM(400, 'invalid_body')],
    ['neither text nor code', JSON.stringify({ ...given(NUMBER, CODE), templateData: { text: ' ' }, args: {} }), PROBLEM(400, 'content_missing')],
    ['nothing but a number', JSON.stringify({ contextInfo: { recipientPhoneNumber: NUMBER }, args: null }), PROBLEM(400, 'content_missing')],
    ['a text as long as a book', JSON.stringify({ ...given(NUMBER, CODE), args: {}, templateData: { text: 'x'.repeat(1601) } }), PROBLEM(400, 'invalid_body')]
  ],
  says: SAYS_BY_STATUS
}

testDialect(SUITE)

/** The body as ZITADEL's documentation shows it; that of a mail. https://zitadel.com/docs/guides/manage/customize/notification-providers */
const DOCUMENTED = {
  contextInfo: { eventType: 'user.human.initialization.code.added', provider: { id: '285181292935381355', description: 'test' }, recipientEmailAddress: 'example@zitadel.com' },
  templateData: {
    title: 'Zitadel - Initialize User',
    preHeader: 'Initialize User',
    subject: 'Initialize User',
    greeting: 'Hello GivenName FamilyName,',
    text: 'This user was created in Zitadel. Use the username Username to login. Please click the button below to finish the initialization process. (Code 0M53RF) If you didn\'t ask for this mail, please ignore it.',
    url: 'http://example.zitadel.com/ui/login/user/init?authRequestID=\u0026code=0M53RF\u0026loginname=Username',
    buttonText: 'Finish initialization',
    primaryColor: '#5469d4',
    footerText: 'InitCode.Footer'
  },
  args: {
    changeDate: '2024-09-16T10:58:50.73237+02:00',
    code: '0M53RF',
    creationDate: '2024-09-16T10:58:50.73237+02:00',
    displayName: 'GivenName FamilyName',
    lastEmail: 'example@zitadel.com',
    lastPhone: '+41791234567',
    loginNames: ['Username'],
    nickName: '',
    preferredLoginName: 'Username',
    verifiedEmail: 'example@zitadel.com',
    verifiedPhone: ''
  }
}

t.test('zitadel: the documented body is sent where it is for a phone, and what is for a mailbox is not', async (t) => {
  const stand = await startDialect(t, SUITE)
  t.match(await stand.send(signed(JSON.stringify(DOCUMENTED), stand.clock())), PROBLEM(400, 'number_missing'))
  t.equal(stand.sandbox.requests.length, 0)
  const forPhone = { ...DOCUMENTED, contextInfo: { ...DOCUMENTED.contextInfo, eventType: 'user.human.phone.code.added', recipientEmailAddress: undefined, recipientPhoneNumber: '+41791234567' } }
  t.match(await stand.send(signed(JSON.stringify(forPhone), stand.clock())), { status: 200 })
  t.same(stand.sandbox.messages.map(({ to, text }) => [to, text]), [['+41791234567', DOCUMENTED.templateData.text]])
})

t.test('zitadel: letters of a code are spoken one by one', async (t) => {
  const stand = await startDialect(t, SUITE, { settings: { HOOK_CHANNELS: 'zitadel=voice' } })
  t.match(await stand.ask({ code: '0M53RF' }), { status: 200, body: { status: 'accepted' } })
  await stand.sandbox.settled()
  t.match(stand.sandbox.calls[0]?.transcript.join(' '), /0\W+M\W+5\W+3\W+R\W+F/)
})

t.test('zitadel: the code is found under each of its names, and in the text where it has none', async (t) => {
  const stand = await startDialect(t, SUITE, { settings: { HOOK_CHANNELS: 'zitadel=voice' } })
  const all = [{ code: '111111' }, { oTP: '222222' }, { otp: '333333' }, { Code: '444444' }, { OTP: '555555' }, { code: '', oTP: '666666' }, { oTP: 777777 }, {}, null, undefined]
  for (const [index, args] of all.entries()) {
    const sent = { contextInfo: { recipientPhoneNumber: `+1415555020${index}` }, templateData: { text: 'Your code is 888888.' }, args }
    t.match(await stand.send(signed(JSON.stringify(sent), stand.clock())), { status: 200 }, JSON.stringify(args))
  }
  await stand.sandbox.settled()
  const heard = new Map(stand.sandbox.calls.map(({ to, transcript }) => [to, transcript.join(' ')]))
  for (const [index, digit] of [...'1234567888'].entries()) {
    t.match(heard.get(`+1415555020${index}`), new RegExp(Array(6).fill(digit).join('\\W+')), `call ${index}: one by one`)
  }
})

t.test('zitadel: a code that is found in the text is a code, for WhatsApp too', async (t) => {
  const stand = await startDialect(t, SUITE, { twilio: 'too', settings: { HOOK_CHANNELS: 'zitadel=whatsapp' } })
  for (const text of ['Your code is 888888.', 'Your password was changed.']) {
    const sent = { contextInfo: { recipientPhoneNumber: NUMBER }, templateData: { text }, args: {} }
    t.match(await stand.send(signed(JSON.stringify(sent), stand.clock())), { status: 200 })
  }
  t.same(stand.events.flatMap((event) => event.type === 'delivery.finished' ? [event.channel] : []), ['whatsapp', 'sms'])
})

t.test('zitadel: a text without a code is sent as it is; without a text the code is worded here', async (t) => {
  const stand = await startDialect(t, SUITE)
  const notice = { ...given(NUMBER, CODE), templateData: { text: 'Your password was changed.' }, args: { domain: 'example.com' } }
  t.match(await stand.send(signed(JSON.stringify(notice), stand.clock())), { status: 200 })
  t.match(await stand.send(signed(JSON.stringify({ ...given(NUMBER, CODE), templateData: undefined }), stand.clock())), { status: 200 })
  t.equal(stand.sandbox.messages[0]?.text, 'Your password was changed.')
  t.match(stand.sandbox.messages[1]?.text, CODE)
})

t.test('zitadel: times as far as five minutes away are believed', async (t) => {
  const stand = await startDialect(t, SUITE)
  for (const [seconds, code] of [[-299, '111111'], [299, '222222']] as const) {
    t.match(await stand.send(signed(SUITE.bodyOf({ number: NUMBER, code, channel: 'text' }), stand.clock() + seconds * 1000)), { status: 200 }, `${seconds} s`)
  }
  t.equal(stand.sandbox.messages.length, 2)
})

t.test('zitadel: of several signatures one fits', async (t) => {
  const stand = await startDialect(t, SUITE)
  const forms: Array<(header: string) => string> = [
    (header) => header.replace(',', `,v1=${'0'.repeat(64)},`),
    (header) => `${header},v1=${'0'.repeat(64)}`,
    (header) => header.replace(',', ',v1=no-hex,v1,v2=00,'),
    (header) => header.replace(',', `,${`v1=${'0'.repeat(64)},`.repeat(9)}`),
    (header) => header.replace(/v1=(.*)/, (_, hex: string) => ` v1=${hex.toUpperCase()}`)
  ]
  for (const [index, form] of forms.entries()) {
    const request = signed(SUITE.bodyOf({ number: NUMBER, code: `10000${index}`, channel: 'text' }), stand.clock())
    t.match(await stand.send(withSignature(form)(request)), { status: 200 }, String(form))
  }
  const both = signed(SUITE.bodyOf({ number: NUMBER, code: '200000', channel: 'text' }), stand.clock(), ['a-key-that-we-do-not-have', NEW, OLD])
  t.match(await stand.send(both), { status: 200 }, 'while it changes its key ZITADEL signs with both')
  t.equal(stand.sandbox.messages.length, forms.length + 1)
})

t.test('zitadel: the same request sends nothing again as long as it is believed', async (t) => {
  const stand = await startDialect(t, SUITE)
  const notice = JSON.stringify({ ...given(NUMBER, CODE), templateData: { text: 'Your password was changed.' }, args: {} })
  for (const body of [SUITE.bodyOf({ number: NUMBER, code: CODE, channel: 'text' }), notice]) {
    const request = signed(body, stand.clock() + 299_000)
    t.match(await stand.send(request), { status: 200, body: { status: 'accepted' } })
    for (const minutes of [1, 4, 4]) {
      stand.clock.advance(minutes * 60_000)
      t.match(await stand.send(request), { status: 200, body: { status: 'duplicate' } })
    }
    stand.clock.advance(60_000)
    t.match(await stand.send(request), { status: 401 }, 'old by now')
  }
  t.equal(stand.sandbox.messages.length, 2)
})

t.test('zitadel: a retry of a job is known by its code, whatever else has changed by then', async (t) => {
  const stand = await startDialect(t, SUITE)
  const first = given(NUMBER, CODE)
  const retry = { ...first, contextInfo: { ...first.contextInfo, eventType: 'notification.retry.requested' }, args: { ...first.args, changeDate: '2026-09-16T10:58:50Z' } }
  t.match(await stand.send(signed(JSON.stringify(first), stand.clock())), { status: 200, body: { status: 'accepted' } })
  stand.clock.advance(60_000)
  t.match(await stand.send(signed(JSON.stringify(retry), stand.clock())), { status: 200, body: { status: 'duplicate' } })
  t.match(await stand.ask({ number: '+14155550199' }), { status: 200, body: { status: 'accepted' } }, 'the same code for another person')
  t.equal(stand.sandbox.messages.length, 2)
})

t.test('zitadel: a code lives as long as it says, within reason', async (t) => {
  const stand = await startDialect(t, SUITE, { settings: { CODE_TTL_SECONDS: '3600' } })
  const lives: ReadonlyArray<readonly [unknown, number]> = [
    [300_000_000_000, 300], [1_000_000_000, 1], [3_600_000_000_000, 3600], [3_601_000_000_000, 3600], [999_999_999, 3600], [-1, 3600], ['300', 3600], [null, 3600], [undefined, 3600]
  ]
  for (const [index, [expiry, seconds]] of lives.entries()) {
    const told = await stand.send(signed(JSON.stringify({ ...given(`+1415555020${index}`, CODE), args: { code: CODE, expiry } }), stand.clock()))
    const { createdAt, expiresAt } = await stand.delivery(told.body.id)
    t.equal(Date.parse(expiresAt) - Date.parse(createdAt), seconds * 1000, String(expiry))
  }
})

t.test('zitadel: a life that no code has is let go', async (t) => {
  const { read } = createZitadel({ signingKeys: [], numbers: createNumberReader(undefined), now: () => 1000 })
  for (const [expiry, expected] of [[3_600_000_000_000, 3_601_000], [3_600_000_000_001, undefined], [1e308, undefined], [1_000_000_000, 2000], [999_999_999, undefined]] as const) {
    t.equal(read({ ...given(NUMBER, CODE), args: { code: CODE, expiry } }, { headers: {}, body: Buffer.alloc(0) }).expiresAt, expected, String(expiry))
  }
})

t.test('zitadel: without its key the hook says so', async (t) => {
  const stand = await startDialect(t, { ...SUITE, settings: {} })
  t.match(await stand.ask({}), { status: 404, body: { code: 'hook_not_configured' } })
  t.match(stand.log.join('\n'), /ZITADEL_SIGNING_KEY/)
})
