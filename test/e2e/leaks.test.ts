import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import { ADMIN, EVENT_GRID_SECRET, KEY, SECRET, startTestGateway, type TestGatewayOptions } from '../support/gateway.ts'

const NUMBER = '+14155557391'
const CODE = 'Q7X3Z9'
const TEXT = `The secret words are ${CODE}, my dear.`

/** What must not be found anywhere, in whatever form it may turn up. */
const MARKS: ReadonlyArray<readonly [string, RegExp]> = [
  ['the number', /4155557391|415[ .-]?555[ .-]?7391/],
  ['the code', new RegExp(`${CODE}|${CODE.split('').join('[^A-Za-z0-9]{1,40}')}`)],
  ['the text', /secret words/],
  ['the caller\'s secret', new RegExp(SECRET)],
  ['the admin\'s secret', new RegExp(ADMIN)],
  ['Event Grid\'s secret', new RegExp(EVENT_GRID_SECRET)],
  ['a gateway key', new RegExp(KEY.replace(/[+/=]/g, '\\$&'))],
  ['a sealed token', /[?&](call|announcement)=/],
  ['a signature', /HMAC-SHA256 SignedHeaders/],
  ['a bearer token', /eyJ[A-Za-z0-9_-]{20,}/]
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

/** Every byte that the store has put on disk. */
const storedBytes = (folder: string): string =>
  readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')).join('\n')

for (const [name, options, behaviour] of FLOWS) {
  t.test(`where ${name}, no code, number or secret is left in logs, rows, replies or facts`, async (t) => {
    const { post, sandbox, log, events, folder, gateway, delivery, url } = await startTestGateway(t, options)
    sandbox.script(NUMBER, behaviour)
    const replies = [
      await post('/send-text-code', { phoneNumber: NUMBER, text: TEXT, code: CODE }),
      await post('/send-text-code', { phoneNumber: NUMBER, text: TEXT, code: CODE }),
      await post('/send-text-code', { phoneNumber: NUMBER, code: CODE }, { 'idempotency-key': `${NUMBER} ${CODE}` }),
      await post('/send-voice-code', { phoneNumber: NUMBER, code: CODE }),
      await post('/send-text-code', { phoneNumber: NUMBER, text: TEXT }),
      await post('/send-voice-code', { phoneNumber: NUMBER, code: CODE, data: { messageProfile: { phoneNumber: NUMBER } } }),
      await post('/send-text-code', { phoneNumber: NUMBER, code: { secret: CODE } }),
      await post(`/send-text-code?number=${NUMBER}&code=${CODE}`, `{"phoneNumber":"${NUMBER}","code":"${CODE}"`),
      await post(`/${CODE}/${NUMBER}`, {}),
      await post(`/events?key=wrong&call=${CODE}`, [{ eventType: CODE, data: { to: NUMBER } }])
    ]
    await sandbox.settled()
    await fetch(`${sandbox.url}/sandbox/incoming-calls`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ from: NUMBER }) })
    await sandbox.settled()
    await gateway.housekeeping.recover()
    const records = await Promise.all(replies.map(({ body }) => body?.id).filter(Boolean).map(async (id) => await delivery(id)))
    const open = await (await fetch(`${url}/deliveries/${replies[0]?.body.id}`)).text()

    const places = {
      log: log.join('\n'),
      replies: JSON.stringify(replies.map(({ body }) => body)),
      records: JSON.stringify(records) + open,
      facts: JSON.stringify(events) + inspect(events, { depth: 20 }) + String(events),
      rows: storedBytes(folder)
    }
    t.ok(log.length > 5, 'something was logged')
    for (const [place, content] of Object.entries(places)) {
      for (const [what, mark] of MARKS) t.notMatch(mark.exec(content)?.[0] ?? '', mark, `${what} in ${place}`)
    }
  })
}

t.test('the marks would be found', async (t) => {
  for (const [what, text] of [['the code', 'Q, 7, X, 3, Z, 9'], ['the code', CODE], ['the number', '415-555-7391'], ['a sealed token', '/events?a=1&call=x']] as const) {
    const mark = MARKS.find(([name]) => name === what)?.[1] as RegExp
    t.match(text, mark)
  }
})
