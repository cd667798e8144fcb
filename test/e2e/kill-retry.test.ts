import t from 'tap'
import { createClock, startTestGateway } from '../support/gateway.ts'
import { NUMBER, startChild, type ChildOptions } from './child-stand.ts'

const RETRY: ChildOptions = { twilio: true, settings: { SMS_ROUTE: 'twilio-sms', RETRY_SMS: '1' } }
const UNREACHABLE = { report: 'undelivered', errorCode: 30003 } as const
const WHEN_DUE = 11_000

for (const [when, options, texts] of [
  ['between the report and the retry', {}, 2],
  ['before the retry has taken the message', { stallAt: 'SET kept_message = NULL WHERE id = :id AND status' }, 2],
  ['after the retry has taken the message', { stallAt: 'INSERT INTO attempts', stallNumber: 2 }, 1],
  ['before the retry was recorded', { stallAt: 'SET result', stallNumber: 2 }, 2]
] as const) {
  t.test(`killed ${when}: the text is sent once more at most`, async (t) => {
    const child = await startChild(t, { ...RETRY, ...options })
    child.left.sandbox.script(NUMBER, { twilio: { message: UNREACHABLE } })
    child.send('/send-text-code')
    await child.left.sandbox.waitFor('delivery', ({ type, status }) => type === 'MessageStatus=undelivered' && status === 204)
    await child.left.sandbox.settled()
    if ('stallAt' in options) {
      child.goOn(WHEN_DUE)
      await child.says('stalled')
      await child.left.sandbox.settled()
    }
    await child.kill()
    const clock = createClock()
    const { sandbox, gateway } = await startTestGateway(t, { after: child.left, clock })
    for (let turn = 0; turn < 5; turn += 1) {
      clock.advance(31_000)
      await gateway.housekeeping.recover()
      await gateway.housekeeping.runDue()
      await sandbox.settled()
    }
    t.equal(sandbox.messages.length, texts)
    t.equal(sandbox.requests.length, texts)
  })
}

t.test('killed while the retry waits for Twilio: nothing is sent again', async (t) => {
  const child = await startChild(t, RETRY)
  const { sandbox } = child.left
  sandbox.script(NUMBER, { twilio: { message: UNREACHABLE } })
  child.send('/send-text-code')
  await sandbox.waitFor('delivery', ({ type, status }) => type === 'MessageStatus=undelivered' && status === 204)
  sandbox.script(NUMBER, { twilio: { message: { hang: true } } })
  child.goOn(WHEN_DUE)
  await sandbox.waitFor('request', ({ status }) => status === 'unanswered')
  await child.kill()
  sandbox.script(NUMBER, {})
  const clock = createClock()
  const { gateway } = await startTestGateway(t, { after: child.left, clock })
  for (let turn = 0; turn < 5; turn += 1) {
    clock.advance(31_000)
    await gateway.housekeeping.recover()
    await gateway.housekeeping.runDue()
  }
  t.equal(sandbox.requests.length, 2)
})
