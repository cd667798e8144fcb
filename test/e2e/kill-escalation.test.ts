import t, { type Test } from 'tap'
import { createClock, startTestGateway } from '../support/gateway.ts'
import { NUMBER, startChild, type Child, type ChildOptions } from './child-stand.ts'

const ESCALATING: ChildOptions = {
  twilio: true,
  settings: {
    ESCALATE_SMS: 'whatsapp,voice',
    ESCALATE_HOOKS: 'direct',
    ESCALATE_AFTER_SECONDS: '15',
    SMS_ROUTE: 'twilio-sms',
    WHATSAPP_ROUTE: 'twilio-whatsapp',
    VOICE_ROUTE: 'twilio-voice'
  }
}
const BLOCKED = { report: 'undelivered', errorCode: 30007 } as const

type Sandbox = Child['left']['sandbox']

/** Settles once so many messages are known not to have arrived. */
const undelivered = async (sandbox: Sandbox, times: number): Promise<void> => {
  await sandbox.waitFor('delivery', ({ type, status }) => {
    const told = sandbox.deliveries.filter((delivery) => delivery.type === 'MessageStatus=undelivered' && delivery.status === 204)
    return type === 'MessageStatus=undelivered' && status === 204 && told.length >= times
  })
  await sandbox.settled()
}

/** What went out, in order of each kind. */
const sent = ({ messages, calls }: Sandbox): string[] => [...messages.map(({ channel }) => channel), ...calls.map(() => 'call')]

/** Starts a gateway on what the dead one left, and lets it do all that falls due while the code lives. */
const goOnAfter = async (t: Test, { left }: Child): Promise<Sandbox> => {
  const clock = createClock()
  const { sandbox, gateway: { housekeeping } } = await startTestGateway(t, { after: left, clock })
  for (let turn = 0; turn < 8; turn += 1) {
    clock.advance(31_000)
    await housekeeping.recover()
    await housekeeping.runDue()
    await sandbox.settled()
  }
  return sandbox
}

/** A gateway whose text is known not to have arrived: the first step is due. */
const startBlocked = async (t: Test, options: ChildOptions = {}): Promise<Child> => {
  const child = await startChild(t, { ...ESCALATING, ...options })
  child.left.sandbox.script(NUMBER, { twilio: { message: BLOCKED } })
  child.send('/send-text-code')
  await undelivered(child.left.sandbox, 1)
  return child
}

for (const [when, options, expected] of [
  ['before the first step has been taken', { stallAt: 'SET escalation_left = CAST' }, ['sms', 'whatsapp', 'call']],
  ['after the first step was taken, and before it was begun', { stallAt: 'INSERT INTO attempts', stallNumber: 2 }, ['sms', 'call']],
  ['before the result of the first step was recorded', { stallAt: 'SET result', stallNumber: 2 }, ['sms', 'whatsapp', 'call']]
] as const) {
  t.test(`killed ${when}: it goes on behind it, and no step is made twice`, async (t) => {
    const child = await startBlocked(t, options)
    child.goOn(1000)
    await child.says('stalled')
    await child.left.sandbox.settled()
    await child.kill()
    const sandbox = await goOnAfter(t, child)
    t.same(sent(sandbox), expected)
    t.equal(sandbox.requests.length, expected.length)
  })
}

for (const [when, options, expected] of [
  ['before the second step has been taken', { stallAt: 'SET escalation_left = CAST', stallNumber: 2 }, ['sms', 'whatsapp', 'call']],
  ['after the second step was taken, and before it was begun', { stallAt: 'INSERT INTO attempts', stallNumber: 3 }, ['sms', 'whatsapp']]
] as const) {
  t.test(`killed ${when}: no step is made twice`, async (t) => {
    const child = await startBlocked(t, options)
    child.goOn(1000)
    await undelivered(child.left.sandbox, 2)
    child.goOn(1000)
    await child.says('stalled')
    await child.kill()
    const sandbox = await goOnAfter(t, child)
    t.same(sent(sandbox), expected)
    t.equal(sandbox.requests.length, expected.length)
  })
}

t.test('killed between the report and the first step: all steps are made', async (t) => {
  const child = await startBlocked(t)
  await child.kill()
  t.same(sent(await goOnAfter(t, child)), ['sms', 'whatsapp', 'call'])
})

t.test('killed between two steps: it goes on with the second', async (t) => {
  const child = await startBlocked(t)
  child.goOn(1000)
  await undelivered(child.left.sandbox, 2)
  await child.kill()
  t.same(sent(child.left.sandbox), ['sms', 'whatsapp'])
  t.same(sent(await goOnAfter(t, child)), ['sms', 'whatsapp', 'call'])
})

t.test('killed while a step waits for Twilio: it goes on with the next, and that one is not made again', async (t) => {
  const child = await startBlocked(t)
  const { sandbox } = child.left
  sandbox.script(NUMBER, { twilio: { message: { hang: true } } })
  child.goOn(1000)
  await sandbox.waitFor('request', ({ status }) => status === 'unanswered')
  await child.kill()
  sandbox.script(NUMBER, {})
  await goOnAfter(t, child)
  t.same(sent(sandbox), ['sms', 'call'])
  t.equal(sandbox.requests.length, 3)
})

t.test('killed after the last step was sent: nothing follows', async (t) => {
  const child = await startBlocked(t, { stallAt: 'SET result', stallNumber: 3 })
  const { sandbox } = child.left
  sandbox.script(NUMBER, { twilio: { message: BLOCKED, call: { outcome: 'busy' } } })
  child.goOn(1000)
  await undelivered(sandbox, 2)
  child.goOn(1000)
  await child.says('stalled')
  await sandbox.settled()
  await child.kill()
  t.same(sent(await goOnAfter(t, child)), ['sms', 'whatsapp', 'call'])
  t.equal(sandbox.requests.length, 3)
})
