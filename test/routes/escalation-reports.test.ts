import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import { AFTER, NUMBER, startEscalating, type EscalatingGateway } from './escalation-stand.ts'
import { WITHOUT_TOKEN } from './twilio-stand.ts'

const SILENT: Behaviour = { sms: { report: 'none' }, twilio: { message: { report: 'none' } } }

/** A gateway that has sent a text to a number that behaves so, on a way by which so many of a hundred reports came. */
const waiting = async (
  t: Test, reported: number, behaviour: Behaviour = SILENT, settings: Environment = {}, provider = 'acs-sms'
): Promise<EscalatingGateway & { readonly id: string }> => {
  const gateway = await startEscalating(t, settings)
  await gateway.counted(provider, 'sms', 100, reported)
  gateway.sandbox.script(NUMBER, behaviour)
  return { ...gateway, id: await gateway.send() }
}

t.test('where reports arrive, one that does not leads on after its time, and not a millisecond before', async (t) => {
  const { delivery, id, pass, sent } = await waiting(t, 81)
  await pass(AFTER - 1)
  t.same(sent(), ['azure sms'])
  await pass(1)
  t.same(sent(), ['azure sms', 'twilio whatsapp'])
  const record = await delivery(id)
  t.match(record, { status: 'accepted', attempts: [{ channel: 'sms', status: 'accepted' }, { channel: 'whatsapp', status: 'accepted' }] })
  t.match(record.timeline.find(({ what }: { what: string }) => what === 'escalated.whatsapp'), { reason: 'no_report', attempt: record.attempts[0].id })
})

t.test('the operator says how long it waits', async (t) => {
  const { pass, sent } = await waiting(t, 100, SILENT, { ESCALATE_AFTER_SECONDS: '15' })
  await pass(14_999)
  t.same(sent(), ['azure sms'])
  await pass(1)
  t.same(sent(), ['azure sms', 'twilio whatsapp'])
})

t.test('where no more than four of five arrive, or nothing is known, a missing one says nothing', async (t) => {
  for (const reported of [80, 0]) {
    const { pass, sent } = await waiting(t, reported)
    for (let time = 0; time < 4; time += 1) await pass(AFTER)
    t.same(sent(), ['azure sms'], String(reported))
  }
  const { pass, sandbox, send, sent } = await startEscalating(t)
  sandbox.script(NUMBER, SILENT)
  await send()
  for (let time = 0; time < 4; time += 1) await pass(AFTER)
  t.same(sent(), ['azure sms'])
})

t.test('a late word that it did not arrive leads on all the same', async (t) => {
  const { delivery, id, pass, post, sent, environment } = await waiting(t, 0)
  await pass(AFTER)
  t.same(sent(), ['azure sms'])
  const [{ id: attempt, reference }] = (await delivery(id)).attempts
  const event = {
    id: reference,
    eventType: 'Microsoft.Communication.SMSDeliveryReportReceived',
    dataVersion: '1.0',
    metadataVersion: '1',
    eventTime: new Date().toISOString(),
    subject: '',
    topic: '',
    data: { messageId: reference, tag: attempt, deliveryStatus: 'Failed', deliveryStatusDetails: '4005' }
  }
  t.match((await post(`/events?key=${environment.EVENT_GRID_SECRET}`, [event], { 'aeg-event-type': 'Notification' })).status, /20[0-9]/)
  await pass(1)
  t.same(sent(), ['azure sms', 'twilio whatsapp'])
})

t.test('a carrier that says that it gives no report is never missed one', async (t) => {
  const azure = await waiting(t, 100, { sms: { report: 'failed', reportDetails: '5002' } })
  for (let time = 0; time < 4; time += 1) await azure.pass(AFTER)
  t.same(azure.sent(), ['azure sms'])
  t.match(await azure.delivery(azure.id), { status: 'accepted' })
  const twilio = await waiting(t, 100, { twilio: { message: { report: 'undelivered', errorCode: 30410 } } }, { SMS_ROUTE: 'twilio-sms' }, 'twilio-sms')
  for (let time = 0; time < 4; time += 1) await twilio.pass(AFTER)
  t.same(twilio.sent(), ['twilio sms'])
})

t.test('a text of which nobody knows whether it was sent is waited for like one that was', async (t) => {
  for (const sms of [{ drop: 'before-read' }, { httpError: { status: 500 } }] as const) {
    const { delivery, id, pass, sent } = await waiting(t, 100, { sms: { ...sms, report: 'none' } })
    t.match(await delivery(id), { status: 'unknown' })
    await pass(AFTER - 1)
    t.same(sent(), [])
    await pass(1)
    t.same(sent(), ['twilio whatsapp'])
    t.match(await delivery(id), { status: 'delivered' })
  }
  const { pass, sent } = await waiting(t, 0, { sms: { drop: 'before-read' } })
  for (let time = 0; time < 4; time += 1) await pass(AFTER)
  t.same(sent(), [], 'where reports do not arrive it may be there')
})

t.test('what was unknown and did arrive, or is known not to have, is judged by that', async (t) => {
  const arrived = await waiting(t, 100, { sms: { drop: 'after-accept' } })
  await arrived.pass(AFTER)
  t.same(arrived.sent(), ['azure sms'])
  t.match(await arrived.delivery(arrived.id), { status: 'delivered' })
  const lost = await waiting(t, 0, { sms: { drop: 'after-accept', report: 'failed', reportDetails: '4005' } })
  await lost.pass(1)
  t.same(lost.sent(), ['azure sms', 'twilio whatsapp'])
})

t.test('a report that was lost on its way is asked for, and nothing sent that nobody needs', async (t) => {
  for (const [report, expected] of [['delivered', ['twilio sms']], ['undelivered', ['twilio sms', 'azure call']], ['none', ['twilio sms', 'azure call']]] as const) {
    const gateway = await startEscalating(t, { SMS_ROUTE: 'twilio-sms', ESCALATE_SMS: 'voice', ...WITHOUT_TOKEN.settings }, { sandbox: WITHOUT_TOKEN.sandbox ?? {} })
    const { counted, delivery, pass, sandbox, send, sent } = gateway
    await counted('twilio-sms', 'sms', 100, 100)
    sandbox.script(NUMBER, { twilio: { message: { report, errorCode: 30007 } } })
    const id = await send()
    t.match(await delivery(id), { status: 'accepted' }, 'nobody could tell it')
    await pass(AFTER)
    await pass(1)
    t.same(sent(), expected, report)
    t.match(await delivery(id), { attempts: [{ status: report === 'none' ? 'accepted' : report }] })
  }
})
