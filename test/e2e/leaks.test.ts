import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import Database from 'libsql'
import t, { type Test } from 'tap'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import { sign } from '../providers/twilio/signature.ts'
import { ADMIN, EVENT_GRID_SECRET, KEY, SECRET, startTestGateway, type Reply, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'

const NUMBER = '+14155557391'
const CODE = 'Q7X3Z9'
const TEXT = `The secret words are ${CODE}, my dear.`

const ACCOUNT = `AC${'7'.repeat(32)}`
const TOKEN = 'c0ffee11c0ffee22c0ffee33c0ffee44'
const API_KEY = { sid: `SK${'5'.repeat(32)}`, secret: 'the-secret-of-an-api-key-of-twilio' }
const SANDBOX = { twilio: { accountSid: ACCOUNT, authToken: TOKEN, apiKey: API_KEY } }
const credentialOf = (username: string, password: string): RegExp => new RegExp(Buffer.from(`${username}:${password}`).toString('base64').replace(/[+/=]/g, '\\$&'))

/** What must not be found anywhere, in whatever form it may turn up. */
const MARKS: ReadonlyArray<readonly [string, RegExp]> = [
  ['the number', /4155557391|415[ .-]?555[ .-]?7391/],
  ['the code', new RegExp(`${CODE}|${CODE.split('').join('[^A-Za-z0-9]{1,40}')}`)],
  // The words around the masked code are in the rows of what the hook was asked; the bytes are those of UTF-8.
  ['the text', /secret words(?! are (?:\xe2\x80\xa2){3}, my dear)/],
  ['the caller\'s secret', new RegExp(SECRET)],
  ['the admin\'s secret', new RegExp(ADMIN)],
  ['Event Grid\'s secret', new RegExp(EVENT_GRID_SECRET)],
  ['a gateway key', new RegExp(KEY.replace(/[+/=]/g, '\\$&'))],
  ['a sealed token', /[?&](call|announcement)=/],
  ['a signature', /HMAC-SHA256 SignedHeaders/],
  ['a bearer token', /eyJ[A-Za-z0-9_-]{20,}/],
  ['Twilio\'s token', new RegExp(TOKEN)],
  ['the secret of an API key', new RegExp(API_KEY.secret)],
  ['a credential', credentialOf(ACCOUNT, TOKEN)],
  ['the credential of an API key', credentialOf(API_KEY.sid, API_KEY.secret)],
  ['Twilio\'s signature', /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/]{27}=(?![=A-Za-z0-9])/]
]

type Flow = readonly [string, TestGatewayOptions, Behaviour]

const CALL_BACK: TestGatewayOptions = { settings: { INCOMING_CALLS: 'call-back' } }
const FLOWS: readonly Flow[] = [
  ['all goes well', {}, {}],
  ['a key is asked for', { settings: { VOICE_CONFIRM: 'keypress' } }, { call: { outcome: 'answer', keys: ['1', '2'] } }],
  ['the person calls back', CALL_BACK, {}],
  ['the provider refuses', {}, { sms: { recipientError: { httpStatusCode: 400, errorMessage: `no ${NUMBER} ${TEXT}` } }, call: { httpError: { status: 400, body: { error: { code: '8500', message: `${NUMBER} ${CODE}` } } } } }],
  ['the provider denies us', {}, { sms: { httpError: { status: 401, body: { error: { code: CODE, message: TEXT } } } }, call: { httpError: { status: 403, body: TEXT } } }],
  ['the provider breaks', {}, { sms: { httpError: { status: 500, body: TEXT } }, call: { httpError: { status: 500, body: TEXT } } }],
  ['the connection breaks', {}, { sms: { drop: 'before-read' }, call: { drop: 'before-read' } }],
  ['the answer breaks', {}, { sms: { malformed: 'broken-json' }, call: { malformed: 'html' } }],
  ['the provider hangs', { settings: { DIRECT_BUDGET_MS: '200' } }, { sms: { hang: true }, call: { hang: true } }],
  ['the speech fails', {}, { call: { outcome: 'answer', playFailures: 9, playFailure: { code: 400, subCode: 8565, message: TEXT } } }],
  ['the report fails', {}, { sms: { report: 'failed', reportDetails: `${NUMBER} ${TEXT}` }, call: { outcome: 'busy' } }]
]

const KEYPRESS = { VOICE_CONFIRM: 'keypress' }
const BY_VERIFY = { SMS_ROUTE: 'twilio-verify', VOICE_ROUTE: 'twilio-verify', WHATSAPP_ROUTE: 'twilio-verify' }
const TWILIO_FIRST = { SMS_ROUTE: 'twilio-sms,acs-sms', VOICE_ROUTE: 'twilio-voice,acs-voice' }
const AZURE_IS_DOWN: Behaviour = { sms: { httpError: { status: 503 } }, call: { httpError: { status: 503 } } }
type TwilioFault = NonNullable<NonNullable<Behaviour['twilio']>['later']>
const ofAll = (fault: TwilioFault): Behaviour => ({ twilio: { message: fault, call: fault, verification: fault, later: fault } })

const TWILIO_FLOWS: readonly Flow[] = [
  ['Twilio sends', { twilio: 'alone' }, {}],
  ['Twilio asks for a key', { twilio: 'alone', settings: KEYPRESS }, { twilio: { call: { outcome: 'answer', keys: ['1', '2'] } } }],
  ['an API key sends, and Twilio is asked', { twilio: 'alone', settings: { TWILIO_AUTH_TOKEN: undefined, TWILIO_API_KEY: API_KEY.sid, TWILIO_API_SECRET: API_KEY.secret } }, {}],
  ['Verify sends', { twilio: 'alone', settings: BY_VERIFY }, {}],
  ['Twilio takes over', { twilio: 'too', settings: KEYPRESS }, AZURE_IS_DOWN],
  ['Azure takes over', { twilio: 'too', settings: TWILIO_FIRST }, { twilio: { message: { error: { status: 400, code: 21408 } }, call: { error: { status: 400, code: 21215 } } } }],
  ['a text is sent once more', { twilio: 'alone', settings: { RETRY_SMS: '1' } }, { twilio: { message: { report: 'undelivered', errorCode: 30003 } } }],
  ['Twilio refuses', { twilio: 'alone' }, ofAll({ httpError: { status: 400, body: { code: 21211, message: `Invalid 'To' ${NUMBER} ${TEXT}`, more_info: `https://example.com/?to=${NUMBER}&code=${CODE}` } } })],
  ['Twilio denies us', { twilio: 'alone' }, ofAll({ httpError: { status: 401, body: { code: CODE, message: `${ACCOUNT}:${TOKEN} ${TEXT}` } } })],
  ['Twilio breaks', { twilio: 'alone' }, ofAll({ httpError: { status: 500, body: TEXT } })],
  ['Twilio has too much to do', { twilio: 'alone' }, ofAll({ httpError: { status: 429, body: { code: 20429, message: TEXT }, headers: { 'Retry-After': '7' } } })],
  ['the connection to Twilio breaks', { twilio: 'too', settings: TWILIO_FIRST }, ofAll({ drop: 'before-read' })],
  ['Twilio\'s answer is lost', { twilio: 'alone' }, ofAll({ drop: 'after-accept' })],
  ['Twilio\'s answer breaks', { twilio: 'alone' }, ofAll({ malformed: 'broken-json' })],
  ['Twilio answers in HTML', { twilio: 'alone', settings: BY_VERIFY }, ofAll({ malformed: 'html' })],
  ['Twilio hangs', { twilio: 'alone', settings: { DIRECT_BUDGET_MS: '200' } }, { twilio: { message: { hang: true }, call: { hang: true }, verification: { hang: true } } }],
  ['the person is not reached', { twilio: 'alone', settings: KEYPRESS }, { twilio: { message: { report: 'failed', errorCode: 30005 }, call: { outcome: 'voicemail' } } }]
]

/** Every byte that the store has put on disk. */
const storedBytes = (folder: string): string =>
  readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')).join('\n')

const findMarks = (t: Test, places: Readonly<Record<string, string>>): void => {
  for (const [place, content] of Object.entries(places)) {
    for (const [what, mark] of MARKS) t.notMatch(mark.exec(content)?.[0] ?? '', mark, `${what} in ${place}`)
  }
}

/** What a caller can send, and what it should not. */
const sendAll = async ({ post }: TestGateway): Promise<Reply[]> => [
  await post('/send-text-code', { phoneNumber: NUMBER, text: TEXT, code: CODE }),
  await post('/send-text-code', { phoneNumber: NUMBER, text: TEXT, code: CODE }),
  await post('/send-text-code', { phoneNumber: NUMBER, code: CODE }, { 'idempotency-key': `${NUMBER} ${CODE}` }),
  await post('/send-voice-code', { phoneNumber: NUMBER, code: CODE }),
  await post('/send-text-code', { phoneNumber: NUMBER, text: TEXT }),
  await post('/send-voice-code', { phoneNumber: NUMBER, text: TEXT }),
  await post('/send-text-code', { phoneNumber: NUMBER, code: CODE, channel: 'whatsapp' }),
  await post('/send-text-code', { phoneNumber: NUMBER, code: CODE, channel: `${NUMBER} ${CODE}` }),
  await post('/send-voice-code', { phoneNumber: NUMBER, code: CODE, data: { messageProfile: { phoneNumber: NUMBER } } }),
  await post('/send-text-code', { phoneNumber: NUMBER, code: { secret: CODE } }),
  await post(`/send-text-code?number=${NUMBER}&code=${CODE}`, `{"phoneNumber":"${NUMBER}","code":"${CODE}"`),
  await post(`/${CODE}/${NUMBER}`, {}),
  await post(`/deliveries/${CODE}/used`, `{"phoneNumber":"${NUMBER}"`),
  await post(`/events?key=wrong&call=${CODE}`, [{ eventType: CODE, data: { to: NUMBER } }])
]

/** What comes to Twilio's routes: forged, of a wrong kind, and signed but of somebody else's making. */
const callBackAll = async ({ post, url }: TestGateway): Promise<Reply[]> => {
  const form = { MessageSid: `SM${'8'.repeat(32)}`, MessageStatus: 'undelivered', ErrorCode: CODE, To: NUMBER, Body: TEXT, CallSid: `CA${'8'.repeat(32)}`, CallStatus: CODE }
  const replies: Reply[] = []
  for (const about of ['message', 'call']) {
    for (const query of ['', `?attempt=${CODE}&to=${NUMBER}`, `?step=${CODE}&call=${CODE}&delivery=${NUMBER}`]) {
      const path = `/events/twilio/${about}${query}`
      const body = new URLSearchParams(form).toString()
      for (const signature of [sign(TOKEN, `${url}${path}`, form), sign(SECRET, path, form), `${CODE}${NUMBER}`]) {
        const reply = await fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature }, body })
        replies.push({ status: reply.status, headers: reply.headers, body: await reply.text() })
      }
      replies.push(await post(path, form))
    }
  }
  return replies
}

for (const [name, options, behaviour] of [...FLOWS, ...TWILIO_FLOWS]) {
  t.test(`where ${name}, no code, number or secret is left in logs, rows, replies or facts`, async (t) => {
    const test = await startTestGateway(t, { sandbox: SANDBOX, ...options })
    const { sandbox, log, events, folder, gateway, delivery, url, post, clock } = test
    sandbox.script(NUMBER, behaviour)
    const replies = await sendAll(test)
    await sandbox.settled()
    if (options.twilio !== undefined) replies.push(...await callBackAll(test))
    const ids: string[] = replies.map(({ body }) => body?.id).filter(Boolean)
    const early = storedBytes(folder)
    await fetch(`${sandbox.url}/sandbox/incoming-calls`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ from: NUMBER }) })
    await sandbox.settled()
    await gateway.housekeeping.recover()
    if (options.twilio !== undefined) {
      for (const id of ids) replies.push(await post(`/deliveries/${id}/used`, '{}'))
      clock.advance(61_000)
      await gateway.housekeeping.inquire()
      await gateway.housekeeping.runDue().catch((error: unknown) => { gateway.bus.emit({ type: 'work.failed', what: 'doing due work', error }) })
    }
    const records = await Promise.all(ids.map(async (id) => await delivery(id)))
    const open = await (await fetch(`${url}/deliveries/${replies[0]?.body.id}`)).text()

    t.ok(log.length > 5, 'something was logged')
    findMarks(t, {
      log: log.join('\n'),
      replies: JSON.stringify(replies.map(({ body }) => body)),
      records: JSON.stringify(records) + open,
      facts: JSON.stringify(events) + inspect(events, { depth: 20 }) + String(events),
      early,
      rows: storedBytes(folder)
    })
  })
}

t.test('a text that is kept to be sent once more is sealed, and gone once it was', async (t) => {
  const { post, sandbox, folder, gateway, clock, log, events, reaches } = await startTestGateway(t, { twilio: 'alone', sandbox: SANDBOX, settings: { RETRY_SMS: '1', SMS_ROUTE: 'twilio-sms' } })
  const kept = (): Array<string | null> => {
    const database = new Database(join(folder, 'gateway.db'), { readonly: true })
    const rows = database.prepare('SELECT kept_message FROM deliveries').all() as Array<{ kept_message: string | null }>
    database.close()
    return rows.map((row) => row.kept_message)
  }
  sandbox.script(NUMBER, { twilio: { message: { report: 'undelivered', errorCode: 30008 } } })
  const { body } = await post('/send-text-code', { phoneNumber: NUMBER, text: TEXT, code: CODE })
  await reaches(body.id, 'undelivered')
  await sandbox.settled()
  t.match(kept(), [/^[A-Za-z0-9_-]{100,}$/], 'it is there')
  findMarks(t, { rows: storedBytes(folder), opened: Buffer.from(String(kept()[0]), 'base64url').toString('latin1') })
  sandbox.script(NUMBER, {})
  clock.advance(11_000)
  await gateway.housekeeping.runDue()
  await reaches(body.id, 'delivered')
  t.same(sandbox.messages.map(({ text }) => text), [TEXT, TEXT])
  t.same(kept(), [null])
  findMarks(t, { rows: storedBytes(folder), log: log.join('\n'), facts: inspect(events, { depth: 20 }) })
})

t.test('the marks would be found', async (t) => {
  for (const [what, text] of [
    ['the code', 'Q, 7, X, 3, Z, 9'], ['the code', CODE], ['the number', '415-555-7391'], ['a sealed token', '/events?a=1&call=x'],
    ['a credential', `Basic ${Buffer.from(`${ACCOUNT}:${TOKEN}`).toString('base64')}`], ['Twilio\'s signature', `"x-twilio-signature":"${sign(TOKEN, 'https://gateway.example/', {})}"`]
  ] as const) {
    const mark = MARKS.find(([name]) => name === what)?.[1] as RegExp
    t.match(text, mark)
  }
})
