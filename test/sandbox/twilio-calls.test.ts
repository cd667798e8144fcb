import t from 'tap'
import { error, send } from './gateway.ts'
import { startTwilioWorld, type TwilioWorld } from './twilio-world.ts'

const TO = '+15551234567'
const TWIML = '<Response><Say voice="alice" language="de-DE">Ihr Code ist 1, 2, 3.</Say></Response>'
const EVENTS = ['initiated', 'ringing', 'answered', 'completed']

const call = ({ client, sandbox, receiver }: TwilioWorld, more: object = {}) => client.calls.create({
  to: TO, from: sandbox.twilio.phoneNumber, twiml: TWIML, statusCallback: receiver.url, statusCallbackEvent: EVENTS, ...more
})
const act = async ({ sandbox }: TwilioWorld, id: string, action: string, body?: object) => {
  const { status } = await send(`${sandbox.url}/sandbox/calls/${id}/${action}`, 'POST',
    body === undefined ? {} : { 'content-type': 'application/json' }, body && JSON.stringify(body))
  return status
}
const connected = ({ sandbox }: TwilioWorld) => sandbox.waitFor('call', ({ state }) => state === 'connected')

t.test('a call is answered, says the code and ends', async t => {
  const clock = { now: Date.parse('2026-11-21T02:39:55Z') }
  const world = await startTwilioWorld(t, { now: () => clock.now })
  const { sandbox, client, receiver } = world
  const { accountSid, phoneNumber } = sandbox.twilio
  sandbox.waitFor('call', ({ operations }) => operations[0]?.state === 'speaking').then(() => { clock.now += 61_000 })
  const created = await call(world, { timeout: 25 })
  t.match(created, { sid: /^CA[0-9a-f]{32}$/, status: 'queued', to: TO, from: phoneNumber, accountSid, direction: 'outbound-api', duration: null, startTime: null })
  await sandbox.settled()
  t.match(sandbox.calls, [{
    id: created.sid,
    vendor: 'twilio',
    callConnectionId: created.sid,
    direction: 'outbound',
    from: phoneNumber,
    to: TO,
    state: 'disconnected',
    status: 'completed',
    attended: false,
    spoken: ['Ihr Code ist 1, 2, 3.'],
    played: ['<Say voice="alice" language="de-DE">Ihr Code ist 1, 2, 3.</Say>'],
    operations: [{ kind: 'play', state: 'completed', speech: [{ kind: 'say', text: 'Ihr Code ist 1, 2, 3.', locale: 'de-DE' }] }],
    end: { code: 200, message: 'completed' },
    duration: 61,
    form: { To: TO, Timeout: '25', Twiml: TWIML, StatusCallbackEvent: 'initiated ringing answered completed' }
  }])
  t.notOk('warnings' in sandbox.calls[0]!)
  t.same(receiver.told('CallStatus'), ['initiated', 'ringing', 'in-progress', 'completed'])
  t.same(receiver.told('SequenceNumber'), ['0', '1', '2', '3'])
  t.ok(receiver.heard.every(({ genuine, fields }) => genuine && fields.CallSid === created.sid && fields.CallbackSource === 'call-progress-events'))
  t.match(receiver.heard[0]!.fields, { AccountSid: accountSid, ApiVersion: '2010-04-01', Direction: 'outbound-api', From: phoneNumber, To: TO, Timestamp: 'Sat, 21 Nov 2026 02:39:55 +0000' })
  t.notOk('CallDuration' in receiver.heard[2]!.fields)
  t.match(receiver.heard[3]!.fields, { CallDuration: '61', Duration: '2', SipResponseCode: '200' })
  t.match(await client.calls(created.sid).fetch(), { status: 'completed', duration: '61', startTime: Date, endTime: Date })
  t.match(sandbox.deliveries.map(({ via, type }) => `${via} ${type}`), ['status-callback CallStatus=initiated'])
})

t.test('how calls end that nobody answers', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, receiver, client } = world
  for (const [outcome, sipCode, statuses] of [
    ['busy', 486, ['initiated', 'busy']],
    ['failed', 404, ['initiated', 'failed']],
    ['no-answer', 480, ['initiated', 'ringing', 'no-answer']],
    ['canceled', 487, ['initiated', 'ringing', 'canceled']]
  ] as const) {
    receiver.heard.length = 0
    sandbox.script(TO, { twilio: { call: { outcome, errorCode: 13224 } } })
    const { sid } = await call(world)
    await sandbox.settled()
    t.same(receiver.told('CallStatus'), statuses, outcome)
    t.match(receiver.heard.at(-1)!.fields, { CallDuration: '0', SipResponseCode: String(sipCode), ErrorCode: '13224' })
    t.match(sandbox.calls.at(-1), { state: 'disconnected', status: outcome, errorCode: 13224, end: { code: sipCode, subCode: 13224 }, spoken: [] })
    t.match(await client.calls(sid).fetch(), { status: outcome, duration: '0', startTime: null })
  }
  sandbox.script(TO, { twilio: { call: { outcome: 'busy' } } })
  await call(world)
  await sandbox.settled()
  t.notOk('ErrorCode' in receiver.heard.at(-1)!.fields)
})

t.test('only what was asked for is told', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, receiver } = world
  await call(world, { statusCallbackEvent: undefined })
  await sandbox.settled()
  t.same(receiver.told('CallStatus'), ['completed'])
  await call(world, { statusCallback: undefined })
  await sandbox.settled()
  t.equal(receiver.heard.length, 1)
  sandbox.script(TO, { twilio: { call: { loseCallbacks: ['in-progress'], callbackCopies: 2 } } })
  await call(world)
  await sandbox.settled()
  t.same(receiver.told('CallStatus').slice(1), ['initiated', 'initiated', 'ringing', 'ringing', 'completed', 'completed'])
  t.same(receiver.told('SequenceNumber').slice(-1), ['3'], 'what is lost had its number')
})

t.test('who has answered', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, receiver } = world
  await call(world, { machineDetection: 'Enable' })
  await sandbox.settled()
  t.same(receiver.told('AnsweredBy'), [undefined, undefined, 'human', 'human'])
  sandbox.script(TO, { twilio: { call: { outcome: 'voicemail', keys: ['1'] } } })
  await call(world, { machineDetection: 'Enable', twiml: '<Response><Gather timeout="3" action="http://127.0.0.1:1/"><Say>Press</Say></Gather><Say>Nobody</Say></Response>' })
  await sandbox.settled()
  t.same(receiver.told('AnsweredBy').slice(-2), ['machine_start', 'machine_start'])
  t.match(sandbox.calls.at(-1), { keys: [], spoken: ['Press', 'Nobody'], status: 'completed' })
})

t.test('a person answers, declines, listens and hangs up', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox } = world
  sandbox.script(TO, { twilio: { call: { outcome: 'manual' } } })
  const declined = await call(world)
  t.equal(await act(world, declined.sid, 'keys', { tone: '1' }), 409)
  t.equal(await act(world, declined.sid, 'decline'), 204)
  t.equal(await act(world, declined.sid, 'answer'), 404)
  const rung = await call(world)
  await sandbox.settled()
  t.equal(await act(world, rung.sid, 'hang-up'), 204)
  const answered = await call(world, { twiml: '<Response><Say loop="0">Again</Say></Response>' })
  await sandbox.settled()
  t.equal(await act(world, answered.sid, 'answer'), 204)
  t.equal(await act(world, answered.sid, 'answer'), 409)
  await sandbox.settled()
  t.equal(await act(world, answered.sid, 'hang-up'), 204)
  t.same(sandbox.calls.map(({ status, attended }) => [status, attended]), [['busy', true], ['busy', true], ['completed', true]])
  t.match(sandbox.calls[0], { end: { code: 603 } })
  t.match(sandbox.calls[2], { operations: [{ loop: true, state: 'canceled' }] })
})

t.test('the handset says itself when it is done', async t => {
  const world = await startTwilioWorld(t, { pace: 0.1 })
  const { sandbox } = world
  sandbox.script(TO, { twilio: { call: { outcome: 'manual' } } })
  const { sid } = await call(world, { twiml: `<Response><Say>${'long '.repeat(700)}</Say></Response>` })
  await act(world, sid, 'answer')
  const { operations } = await sandbox.waitFor('call', ({ operations }) => operations[0]?.state === 'speaking')
  t.equal(await act(world, sid, 'spoken', { operation: operations[0]!.id }), 204)
  t.match(await sandbox.waitFor('call', ({ state }) => state === 'disconnected'), { status: 'completed' })
})

t.test('while a handset is open, an unscripted number rings there, and not for ever', async t => {
  const world = await startTwilioWorld(t, { patienceMs: 20 })
  const { sandbox } = world
  const page = new AbortController()
  t.teardown(() => page.abort())
  await fetch(`${sandbox.url}/sandbox/stream`, { signal: page.signal })
  await call(world)
  t.match(await sandbox.waitFor('call', ({ state }) => state === 'disconnected'), { attended: true, status: 'no-answer' })
  sandbox.script(TO, { twilio: { call: { outcome: 'answer' } } })
  await call(world)
  await sandbox.settled()
  t.match(sandbox.calls.at(-1), { attended: false, status: 'completed' }, 'unlike one that is scripted')
})

t.test('the gateway ends a call', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, client } = world
  sandbox.script(TO, { twilio: { call: { outcome: 'manual' } } })
  const update = (sid: string, status: string) => client.calls(sid).update({ status: status as 'completed' })
  for (const status of ['completed', 'canceled']) {
    const { sid } = await call(world)
    t.match(await update(sid, status), { sid, status: 'canceled' })
    await t.rejects(update(sid, status), error({ status: 400, code: 21220 }))
  }
  const { sid } = await call(world, { twiml: '<Response><Gather timeout="600"/></Response>' })
  await act(world, sid, 'answer')
  await connected(world)
  await t.rejects(update(sid, 'canceled'), error({ code: 21220 }))
  await t.rejects(update(sid, 'ringing'), error({ code: 20001 }))
  t.match(await update(sid, 'completed'), { sid, status: 'completed' })
  await sandbox.settled()
  t.match(sandbox.calls.at(-1), { status: 'completed', operations: [{ kind: 'recognize', state: 'canceled' }] })
  await t.rejects(update(`CA${'0'.repeat(32)}`, 'completed'), error({ status: 404, code: 20404 }))
  await t.rejects(client.calls(`CA${'0'.repeat(32)}`).fetch(), error({ status: 404, code: 20404 }))
  const { json } = await send(`${sandbox.url}/sandbox/incoming-calls`, 'POST', { 'content-type': 'application/json' }, JSON.stringify({ from: TO }))
  await t.rejects(client.calls(json.id).fetch(), error({ status: 404, code: 20404 }), 'a call of another vendor')
})

t.test('a call that is taken back is not answered any more', async t => {
  const world = await startTwilioWorld(t, { pace: 1 })
  const { sandbox, client, receiver } = world
  sandbox.script(TO, { twilio: { call: { outcome: 'answer' } } })
  const { sid } = await call(world)
  await sandbox.waitFor('delivery', ({ type, status }) => type === 'CallStatus=ringing' && status === 204)
  await client.calls(sid).update({ status: 'canceled' })
  await sandbox.settled()
  t.match(sandbox.calls, [{ state: 'disconnected', status: 'canceled', spoken: [] }])
  t.same(receiver.told('CallStatus'), ['initiated', 'ringing', 'canceled'])
  t.notOk('connectedAt' in sandbox.calls[0]!)
})

t.test('a call has its longest time', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox } = world
  sandbox.script(TO, { twilio: { call: { outcome: 'manual' } } })
  const { sid } = await call(world, { timeLimit: 1, twiml: '<Response><Gather timeout="600"/></Response>' })
  await act(world, sid, 'answer')
  t.match(await sandbox.waitFor('call', ({ state }) => state === 'disconnected'), { status: 'completed' })
})

t.test('the callee hangs up while something is said', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, receiver } = world
  sandbox.script(TO, { twilio: { call: { hangUpDuringPlay: true } } })
  await call(world, { twiml: '<Response><Say>One</Say><Pause/><Say>Two</Say></Response>' })
  await sandbox.settled()
  t.match(sandbox.calls, [{ spoken: ['One'], status: 'completed', operations: [{ state: 'canceled' }] }])
  t.equal(sandbox.calls[0]!.operations.length, 1)
  t.equal(receiver.told('CallStatus').filter(status => status === 'completed').length, 1)
})

t.test('what Twilio refuses', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox } = world
  const refuses = (change: object, code: number, status = 400) =>
    t.rejects(call(world, change), error({ code, status }), JSON.stringify(change).slice(0, 100))
  await refuses({ to: '' }, 21201)
  await refuses({ from: '' }, 21213)
  await refuses({ to: '5551234567' }, 21211)
  await refuses({ from: '5551234567' }, 21212)
  await refuses({ from: '+15550009999' }, 21210)
  await refuses({ twiml: undefined }, 21205)
  await refuses({ twiml: 'x'.repeat(4_001) }, 21205)
  await refuses({ url: 'told' }, 21205)
  await refuses({ statusCallback: 'http://my_gateway.example/' }, 21609)
  for (const [to, code] of [['0001', 21217], ['0002', 21214], ['0003', 21215], ['0004', 21216]] as const) await refuses({ to: `+1500555${to}` }, code)
  await refuses({ from: '+15005550001' }, 21212)
  sandbox.script(TO, { twilio: { call: { error: { status: 429, code: 20429 }, times: 1 } } })
  await refuses({}, 20429, 429)
  t.same(sandbox.calls, [])
  t.match(await call(world, { from: '+15005550006', timeout: 0, timeLimit: 'x' }), { status: 'queued' })
  await sandbox.settled()
})
