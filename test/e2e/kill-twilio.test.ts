import t from 'tap'
import { createClock, startTestGateway } from '../support/gateway.ts'
import { MESSAGE, NUMBER, startChild, type ChildOptions } from './child-stand.ts'

const AZURE_IS_DOWN = { httpError: { status: 503 } }
const API_KEY = { sid: `SK${'5'.repeat(32)}`, secret: 'the-secret-of-an-api-key-of-twilio' }
const BY_API_KEY: ChildOptions = {
  sandbox: { twilio: { apiKey: API_KEY } },
  settings: { TWILIO_AUTH_TOKEN: undefined, TWILIO_API_KEY: API_KEY.sid, TWILIO_API_SECRET: API_KEY.secret }
}

t.test('killed after one provider failed and before the next was asked: nothing was sent, and later a retry is let through', async (t) => {
  const child = await startChild(t, { twilio: true, stallAt: 'INSERT INTO attempts', stallNumber: 2 })
  child.left.sandbox.script(NUMBER, { sms: AZURE_IS_DOWN })
  child.send('/send-text-code')
  await child.says('stalled')
  await child.kill()
  const clock = createClock()
  const { post, sandbox, gateway, delivery, reaches } = await startTestGateway(t, { after: child.left, clock })
  const early = await post('/send-text-code', MESSAGE)
  t.match(early, { status: 503, body: { code: 'under_way' } }, 'another process might still be at it')
  clock.advance(14_000)
  await gateway.housekeeping.recover()
  t.match(await delivery(early.body.id), { status: 'failed', attempts: [{ provider: 'acs-sms', status: 'failed' }] })
  const late = await post('/send-text-code', MESSAGE)
  t.match(late.body, { status: 'accepted', provider: 'twilio-sms' })
  await reaches(late.body.id, 'delivered')
  t.equal(sandbox.messages.length, 1)
})

t.test('killed while it waits for the next provider: nothing is sent again, by either', async (t) => {
  const child = await startChild(t, { twilio: true })
  child.left.sandbox.script(NUMBER, { sms: AZURE_IS_DOWN, twilio: { message: { hang: true, times: 1 } } })
  child.send('/send-text-code')
  await child.left.sandbox.waitFor('request', ({ vendor, status }) => vendor === 'twilio' && status === 'unanswered')
  await child.kill()
  const clock = createClock()
  const { post, sandbox, gateway, delivery } = await startTestGateway(t, { after: child.left, clock })
  clock.advance(90_000)
  await gateway.housekeeping.recover()
  await gateway.housekeeping.runDue()
  const { body } = await post('/send-text-code', MESSAGE)
  t.match(body, { status: 'duplicate', original: 'unknown' })
  t.match(await delivery(body.id), { status: 'unknown', attempts: [{ status: 'failed' }, { provider: 'twilio-sms', status: 'unknown', reason: 'interrupted' }] })
  t.same(sandbox.requests.map(({ vendor }) => vendor), ['azure', 'twilio'])
})

t.test('killed after Twilio took the message and before its record: nothing is sent again, and Twilio is asked what became of it', async (t) => {
  const child = await startChild(t, { twilio: true, stallAt: 'SET result', stallNumber: 2, ...BY_API_KEY })
  child.left.sandbox.script(NUMBER, { sms: AZURE_IS_DOWN })
  child.send('/send-text-code')
  await child.says('stalled')
  await child.kill()
  const clock = createClock()
  const { post, sandbox, gateway, delivery } = await startTestGateway(t, { after: child.left, clock })
  clock.advance(90_000)
  await gateway.housekeeping.recover()
  const { body } = await post('/send-text-code', MESSAGE)
  t.match(body, { status: 'duplicate', original: 'unknown' })
  t.match(await delivery(body.id), { status: 'unknown', reason: 'interrupted' })
  await gateway.housekeeping.inquire()
  t.match(await delivery(body.id), { status: 'delivered', attempts: [{}, { reference: sandbox.messages[0]?.id }] })
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'duplicate', original: 'delivered' })
  t.equal(sandbox.messages.length, 1)
})

t.test('where Twilio calls back, the process that comes after learns of it', async (t) => {
  const child = await startChild(t, { twilio: true, stallAt: 'SET result', stallNumber: 2 })
  child.left.sandbox.script(NUMBER, { sms: AZURE_IS_DOWN, twilio: { message: { report: 'none' } } })
  child.send('/send-text-code')
  await child.says('stalled')
  await child.left.sandbox.settled()
  await child.kill()
  const clock = createClock()
  const { post, sandbox, gateway, delivery } = await startTestGateway(t, { after: child.left, clock })
  clock.advance(90_000)
  await gateway.housekeeping.recover()
  const { body } = await post('/send-text-code', MESSAGE)
  t.match(body, { status: 'duplicate', original: 'accepted' })
  t.match((await delivery(body.id)).attempts[1], { status: 'accepted', reference: sandbox.messages[0]?.id })
  t.equal(sandbox.messages.length, 1)
})

t.test('a call that Twilio has placed asks the process that comes after, and the code is spoken', async (t) => {
  const child = await startChild(t, { twilio: true, settings: { VOICE_ROUTE: 'twilio-voice', VOICE_CONFIRM: 'keypress' } })
  child.left.sandbox.script(NUMBER, { twilio: { call: { outcome: 'manual', keys: ['1'] } } })
  child.send('/send-voice-code')
  const call = await child.left.sandbox.waitFor('call', ({ status }) => status === 'ringing')
  await child.left.sandbox.settled()
  await child.kill()
  const { post, sandbox, reaches } = await startTestGateway(t, { after: child.left })
  await fetch(`${sandbox.url}/sandbox/calls/${call.id}/answer`, { method: 'POST' })
  const again = await post('/send-voice-code', MESSAGE)
  t.match(again.body, { status: 'duplicate' })
  await reaches(again.body.id, 'delivered')
  await sandbox.settled()
  t.equal(sandbox.calls.length, 1)
  t.match(sandbox.calls[0]?.spoken.at(-1), /4\W+8\W+2\W+9\W+1\W+3/)
})
