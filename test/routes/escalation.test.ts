import t from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import { startTestGateway } from '../support/gateway.ts'
import { AFTER, NUMBER, startEscalating } from './escalation-stand.ts'

const BLOCKED = { sms: { report: 'failed', reportDetails: '4005' } } as const
const SILENT = { sms: { report: 'none' } } as const
const NOT_ON_WHATSAPP = { twilio: { message: { report: 'undelivered', errorCode: 63024 } } } as const
const WHATSAPP_SILENT = { twilio: { message: { report: 'none' } } } as const

t.test('a code that did not arrive goes by WhatsApp, and where that does not arrive either, by a call; each step is on record', async (t) => {
  const { delivery, events, pass, sandbox, send, sent } = await startEscalating(t)
  sandbox.script(NUMBER, { ...BLOCKED, ...NOT_ON_WHATSAPP })
  const id = await send()
  t.same(sent(), ['azure sms'])
  await pass(1)
  t.same(sent(), ['azure sms', 'twilio whatsapp'])
  t.match(sandbox.messages[1], { text: /482913/ })
  await pass(1)
  t.same(sent(), ['azure sms', 'twilio whatsapp', 'azure call'])
  t.match(sandbox.calls[0]?.spoken.join(' '), /4\W+8\W+2\W+9\W+1\W+3/)
  const record = await delivery(id)
  t.match(record, {
    status: 'delivered',
    channel: 'sms',
    provider: 'acs-voice',
    plan: ['acs-sms'],
    attempts: [
      { channel: 'sms', status: 'undelivered', reason: 'carrier_blocked' },
      { channel: 'whatsapp', provider: 'twilio-whatsapp', status: 'undelivered', reason: 'destination_unsupported' },
      { channel: 'voice', provider: 'acs-voice', status: 'delivered' }
    ]
  })
  const steps = record.timeline.filter(({ what }: { what: string }) => what.startsWith('escalated'))
  t.match(steps, [
    { what: 'escalated.whatsapp', reason: 'carrier_blocked', attempt: record.attempts[0].id },
    { what: 'escalated.voice', reason: 'destination_unsupported', attempt: record.attempts[1].id }
  ])
  t.match(events.filter(({ type }) => type === 'delivery.escalated'), [
    { delivery: id, channel: 'whatsapp', why: 'carrier_blocked' }, { delivery: id, channel: 'voice', why: 'destination_unsupported' }
  ])
})

t.test('what is kept for it is sealed, and gone with the last step', async (t) => {
  const { log, pass, sandbox, send, stored } = await startEscalating(t)
  sandbox.script(NUMBER, { ...BLOCKED, ...NOT_ON_WHATSAPP })
  await send()
  t.match(await stored(), /"escalation":"/)
  await pass(1)
  t.match(await stored(), /"escalation":"/)
  await pass(1)
  t.match(await stored(), /"escalation":null/)
  t.notMatch(`${await stored()} ${log.join(' ')}`, /482913|4155550123/)
})

t.test('unless it is set for the hook, a code goes nowhere else, and nothing is kept', async (t) => {
  for (const settings of [
    { ESCALATE_SMS: undefined }, { ESCALATE_HOOKS: undefined }, { ESCALATE_SMS: undefined, ESCALATE_HOOKS: undefined }, { ESCALATE_HOOKS: 'okta,auth0' }
  ] satisfies Environment[]) {
    const { pass, sandbox, send, sent, stored } = await startEscalating(t, settings)
    sandbox.script(NUMBER, BLOCKED)
    await send()
    t.notMatch(await stored(), /"escalation":"|"escalate"/)
    await pass(1)
    await pass(AFTER)
    t.same(sent(), ['azure sms'], JSON.stringify(settings))
  }
})

t.test('a hook that is named by its own name escalates, and no other', async (t) => {
  const { pass, post, sandbox, sent } = await startEscalating(t, { ESCALATE_HOOKS: 'auth0', ESCALATE_SMS: 'voice' })
  sandbox.script(NUMBER, BLOCKED)
  const notification = { recipient: NUMBER, delivery_method: 'text', message_type: 'otp_verify', as_text: 'Your code is 482913', code: '482913' }
  t.equal((await post('/hooks/auth0', { tenant: 'example', notification })).status, 200)
  await sandbox.settled()
  await pass(1)
  t.same(sent(), ['azure sms', 'azure call'])
})

t.test('a text without a code, and what went by another channel, goes nowhere else', async (t) => {
  const { pass, post, sandbox, send, sent, stored } = await startEscalating(t)
  sandbox.script(NUMBER, { ...BLOCKED, ...NOT_ON_WHATSAPP, call: { outcome: 'busy' } })
  await send({ code: undefined, text: 'There is somebody at the door' })
  await send({ channel: 'whatsapp' })
  t.equal((await post('/send-voice-code', { phoneNumber: NUMBER, code: '482913' })).status, 200)
  await sandbox.settled()
  t.notMatch(await stored(), /"escalation":"|"escalate"/)
  await pass(AFTER)
  t.same(sent(), ['azure sms', 'twilio whatsapp', 'azure call'])
})

t.test('a test number gets nothing by any channel', async (t) => {
  const { pass, sandbox, send, stored } = await startEscalating(t, { TEST_NUMBERS: `${NUMBER}:123456` })
  await send()
  t.notMatch(await stored(), /"escalation":"|"escalate"/)
  await pass(AFTER)
  t.equal(sandbox.requests.length, 0)
})

t.test('what arrived goes nowhere else, and what was kept is wiped', async (t) => {
  const { pass, send, sent, stored } = await startEscalating(t)
  await send()
  t.match(await stored(), /"escalation":"/)
  await pass(AFTER)
  t.same(sent(), ['azure sms'])
  t.notMatch(await stored(), /"escalation":"|"escalate"/)
})

t.test('a person who is protected is reached by no other channel', async (t) => {
  for (const [code, reason] of [['4007', 'opted_out'], ['4000', 'fraud_blocked'], ['4002', 'number_invalid']] as const) {
    const { delivery, pass, sandbox, send, sent } = await startEscalating(t)
    sandbox.script(NUMBER, { sms: { report: 'failed', reportDetails: code } })
    const id = await send()
    await pass(1)
    await pass(AFTER)
    t.same(sent(), ['azure sms'], reason)
    t.match(await delivery(id), { status: 'undelivered', reason })
  }
})

t.test('a step that nobody would take leads to the next', async (t) => {
  const { delivery, pass, sandbox, send, sent } = await startEscalating(t, { WHATSAPP_ROUTE: 'twilio-whatsapp' })
  sandbox.script(NUMBER, { ...BLOCKED, twilio: { message: { error: { status: 400, code: 63003 } } } })
  const id = await send()
  await pass(1)
  await pass(1)
  t.same(sent(), ['azure sms', 'azure call'])
  t.match(await delivery(id), { status: 'delivered', attempts: [{ channel: 'sms' }, { channel: 'whatsapp', reason: 'destination_unsupported' }, { channel: 'voice' }] })
})

t.test('a channel without a provider is passed over', async (t) => {
  const { pass, sandbox, send, sent } = await startEscalating(t, { WHATSAPP_ROUTE: 'twilio-whatsapp', TWILIO_WHATSAPP_NUMBER: undefined, TWILIO_WHATSAPP_CONTENT_SID: undefined, TWILIO_VERIFY_SID: undefined })
  sandbox.script(NUMBER, BLOCKED)
  await send()
  await pass(1)
  t.same(sent(), ['azure sms', 'azure call'])
})

t.test('Verify takes a step as others do', async (t) => {
  const { delivery, pass, sandbox, send } = await startEscalating(t, { WHATSAPP_ROUTE: 'twilio-verify' })
  sandbox.script(NUMBER, BLOCKED)
  const id = await send()
  await pass(1)
  t.match(sandbox.messages[1], { vendor: 'twilio', channel: 'whatsapp', verification: {} })
  t.match((await delivery(id)).attempts, [{ provider: 'acs-sms' }, { provider: 'twilio-verify', channel: 'whatsapp', status: 'accepted' }])
})

t.test('a call that nobody answers leads on, where there is another step', async (t) => {
  for (const outcome of ['busy', 'no-answer', 'declined'] as const) {
    const { pass, sandbox, send, sent } = await startEscalating(t, { ESCALATE_SMS: 'voice,whatsapp' })
    sandbox.script(NUMBER, { ...BLOCKED, call: { outcome } })
    await send()
    await pass(1)
    t.same(sent(), ['azure sms', 'azure call'])
    await pass(1)
    t.same(sent(), ['azure sms', 'twilio whatsapp', 'azure call'], outcome)
    await pass(AFTER)
    t.equal(sent().length, 3)
  }
})

t.test('a report that comes three times, and three that look at it at once, make one step', async (t) => {
  const { clock, gateway: { housekeeping }, pass, sandbox, send, sent } = await startEscalating(t)
  sandbox.script(NUMBER, { sms: { report: 'failed', reportDetails: '4005', reportCopies: 3 }, ...WHATSAPP_SILENT })
  await send()
  clock.advance(1)
  await Promise.all([housekeeping.runDue(), housekeeping.runDue(), housekeeping.runDue()])
  await sandbox.settled()
  await pass(1)
  await pass(30_000)
  t.same(sent(), ['azure sms', 'twilio whatsapp'])
})

t.test('who says that the code was used, or asks for a newer one, gets it by no other channel', async (t) => {
  const { pass, post, sandbox, send, sent, stored } = await startEscalating(t)
  sandbox.script(NUMBER, BLOCKED)
  const id = await send()
  t.equal((await post(`/deliveries/${id}/used`, {})).status, 204)
  t.notMatch(await stored(), /"escalation":"/)
  await pass(1)
  t.same(sent(), ['azure sms'])
  await send({ text: 'Your code is 771204', code: '771204' })
  sandbox.script(NUMBER, SILENT)
  await send({ text: 'Your code is 990011', code: '990011' })
  await pass(1)
  t.same(sent(), ['azure sms', 'azure sms', 'azure sms'])
})

t.test('a code that has expired, or is about to, goes nowhere', async (t) => {
  for (const late of [281_000, 300_000]) {
    const { pass, sandbox, send, sent, stored } = await startEscalating(t)
    sandbox.script(NUMBER, BLOCKED)
    await send()
    await pass(late)
    t.same(sent(), ['azure sms'], `after ${late} ms`)
    t.notMatch(await stored(), /"escalation":"|"escalate"/)
  }
})

t.test('no step goes past a budget: what is refused is on record', async (t) => {
  const { delivery, pass, sandbox, send, sent, stored } = await startEscalating(t, { BUDGET_NUMBER: '2/10m' })
  sandbox.script(NUMBER, { ...BLOCKED, ...NOT_ON_WHATSAPP })
  const id = await send()
  await pass(1)
  await pass(1)
  await pass(AFTER)
  t.same(sent(), ['azure sms', 'twilio whatsapp'])
  const record = await delivery(id)
  t.match(record.timeline.find(({ what }: { what: string }) => what === 'escalation.refused'), { reason: 'too_many_messages', attempt: record.attempts[1].id })
  t.match(record.decisions, [{ rule: 'number-budget' }])
  t.notMatch(await stored(), /"escalation":"|"escalate"/)
})

t.test('a text is sent once more first, where that is set and its reason passes; then the steps follow', async (t) => {
  const { delivery, pass, sandbox, send, sent } = await startEscalating(t, { RETRY_SMS: '1' })
  sandbox.script(NUMBER, { sms: { report: 'failed', reportDetails: '4006' } })
  const id = await send()
  await pass(1)
  await pass(5000)
  t.same(sent(), ['azure sms'], 'it waits for that')
  await pass(5000)
  t.same(sent(), ['azure sms', 'azure sms'])
  for (let time = 0; time < 3; time += 1) await pass(5000)
  t.same(sent(), ['azure sms', 'azure sms', 'twilio whatsapp'])
  t.match(await delivery(id), { status: 'delivered', attempts: [{ status: 'undelivered' }, { status: 'undelivered' }, { channel: 'whatsapp', status: 'delivered' }] })
})

t.test('a text that arrives when it is sent once more goes nowhere else', async (t) => {
  const { pass, sandbox, send, sent } = await startEscalating(t, { RETRY_SMS: '1' })
  sandbox.script(NUMBER, { sms: { report: 'failed', reportDetails: '4006' } })
  await send()
  sandbox.script(NUMBER, {})
  for (let time = 0; time < 20; time += 1) await pass(5000)
  t.same(sent(), ['azure sms', 'azure sms'])
})

t.test('a restart between two steps loses nothing, and doubles nothing', async (t) => {
  const before = await startEscalating(t)
  before.sandbox.script(NUMBER, { ...BLOCKED, ...NOT_ON_WHATSAPP })
  const id = await before.send()
  await before.pass(1)
  await before.gateway.close()
  const { clock, environment, folder, sandbox, url } = before
  const after = await startTestGateway(t, { clock, after: { folder, environment, sandbox, port: Number(new URL(url).port) } })
  for (let time = 0; time < 3; time += 1) {
    clock.advance(1000)
    await after.gateway.housekeeping.runDue()
    await sandbox.settled()
  }
  t.match(await after.delivery(id), { status: 'delivered', attempts: [{ channel: 'sms' }, { channel: 'whatsapp' }, { channel: 'voice' }] })
  t.same(before.sent(), ['azure sms', 'twilio whatsapp', 'azure call'])
})

t.test('a restart with the setting off leaves what was due unsent', async (t) => {
  const before = await startEscalating(t)
  before.sandbox.script(NUMBER, BLOCKED)
  await before.send()
  await before.gateway.close()
  const { clock, environment, folder, sandbox, url } = before
  const after = await startTestGateway(t, { clock, settings: { ESCALATE_SMS: undefined }, after: { folder, environment, sandbox, port: Number(new URL(url).port) } })
  clock.advance(1000)
  await after.gateway.housekeeping.runDue()
  await sandbox.settled()
  t.same(before.sent(), ['azure sms'])
})
