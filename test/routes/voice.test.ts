import t from 'tap'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const CALL = { phoneNumber: NUMBER, code: '482913' }
const KEYPRESS: TestGatewayOptions = { settings: { VOICE_CONFIRM: 'keypress' } }

type Call = NonNullable<Behaviour['call']>

const callWith = async (t: Parameters<typeof startTestGateway>[0], call: Call, options?: TestGatewayOptions): Promise<TestGateway & { id: string }> => {
  const gateway = await startTestGateway(t, options)
  gateway.sandbox.script(NUMBER, { call })
  const { status, body } = await gateway.post('/send-voice-code', CALL)
  t.match({ status, body }, { status: 200, body: { status: 'accepted', channel: 'voice', provider: 'acs-voice' } })
  return { ...gateway, id: body.id }
}

/** How often the digits of the code are heard, one by one. */
const timesSpoken = ({ sandbox }: TestGateway): number =>
  sandbox.calls.flatMap(({ spoken }) => spoken).join(' ').match(/4\W+8\W+2\W+9\W+1\W+3/g)?.length ?? 0

t.test('a call that is answered speaks the code three times, hangs up, and is delivered', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer' })
  const delivery = await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  t.equal(timesSpoken(gateway), 3)
  t.match(gateway.sandbox.calls[0], { state: 'disconnected', from: '+15550100001', to: NUMBER })
  const happened = delivery.timeline.map(({ what }: { what: string }) => what)
  t.ok(['attempt.accepted', 'call.connected', 'call.spoken'].every((what) => happened.includes(what)), happened.join())
})

t.test('the language, the voice and the number of times are settings', async (t) => {
  const gateway = await startTestGateway(t, { settings: { VOICE_REPEATS: '1', VOICE_NAMES: 'de=de-DE-ConradNeural' } })
  const { body } = await gateway.post('/send-voice-code', { ...CALL, locale: 'de' })
  await gateway.reaches(body.id, 'delivered')
  t.equal(timesSpoken(gateway), 1)
  t.match(gateway.sandbox.calls[0]?.played[0], /de-DE-ConradNeural/)
})

t.test('with a key asked for, the code is spoken after it, and again at every further key', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', keys: ['1', '2', '3'] }, KEYPRESS)
  await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  const [prompt, ...codes] = gateway.sandbox.calls[0]?.spoken ?? []
  t.notMatch(prompt, /4\W+8\W+2/, 'the prompt does not hold the code')
  t.equal(codes.length, 3)
  t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
})

t.test('a key repeats the code a bounded number of times', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', keys: Array.from({ length: 50 }, () => '5') }, KEYPRESS)
  await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  t.equal(gateway.sandbox.calls[0]?.spoken.length, 1 + 5)
  t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
})

t.test('voicemail never holds the code where a key is asked for', async (t) => {
  const gateway = await callWith(t, { outcome: 'voicemail' }, KEYPRESS)
  t.match(await gateway.reaches(gateway.id, 'undelivered'), { reason: 'not_confirmed' })
  await gateway.sandbox.settled()
  t.equal(timesSpoken(gateway), 0)
  t.equal(gateway.sandbox.calls[0]?.spoken.length, 2, 'it was asked twice')
  t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
})

const endings: ReadonlyArray<readonly [NonNullable<Call['outcome']>, string]> = [
  ['busy', 'busy'], ['no-answer', 'no_answer'], ['declined', 'declined_or_limited'], ['unreachable', 'number_unreachable'],
  ['create-failed', 'configuration']
]
for (const [outcome, reason] of endings) {
  t.test(`a call that is not answered (${outcome}) is undelivered, and says why`, async (t) => {
    const gateway = await callWith(t, { outcome })
    const delivery = await gateway.reaches(gateway.id, 'undelivered')
    if (outcome === 'create-failed') t.type(delivery.reason, 'string')
    else t.equal(delivery.reason, reason)
    t.equal(timesSpoken(gateway), 0)
  })
}

t.test('a person who hangs up before the code was spoken did not get it', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', hangUpDuringPlay: true })
  t.match(await gateway.reaches(gateway.id, 'undelivered'), { reason: 'hung_up' })
})

t.test('speech that fails is tried once more in plain text', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', playFailures: 1 })
  await gateway.reaches(gateway.id, 'delivered')
  await gateway.sandbox.settled()
  const played = gateway.sandbox.calls[0]?.operations.flatMap(({ sources }) => sources) ?? []
  t.match(played[0], /^<speak/)
  t.notMatch(played.at(-1), /</)
})

t.test('speech that fails twice ends the call', async (t) => {
  for (const options of [{}, KEYPRESS]) {
    const gateway = await callWith(t, { outcome: 'answer', playFailures: 9 }, options)
    t.match(await gateway.reaches(gateway.id, 'undelivered'), { reason: 'speech_failed' })
    await gateway.sandbox.settled()
    t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
  }
})

t.test('speech that is refused outright is tried in plain text too', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', media: { httpError: { status: 400, body: { error: { code: '8500', message: 'no' } } }, times: 1 } })
  await gateway.reaches(gateway.id, 'delivered')
  const failing = await callWith(t, { outcome: 'answer', media: { httpError: { status: 403 } } })
  t.match(await failing.reaches(failing.id, 'undelivered'), { reason: 'speech_failed' })
})

t.test('callbacks that come twice, late or in another order change nothing', async (t) => {
  for (const [call, options] of [
    [{ callbackCopies: 3 }, {}],
    [{ callbackCopies: 3, keys: ['1', '2'] }, KEYPRESS],
    [{ reorderCallbacks: ['PlayStarted', 'ParticipantsUpdated'] }, {}]
  ] as ReadonlyArray<[Call, TestGatewayOptions]>) {
    const gateway = await callWith(t, { outcome: 'answer', ...call }, options)
    await gateway.reaches(gateway.id, 'delivered')
    await gateway.sandbox.settled()
    t.match(await gateway.delivery(gateway.id), { status: 'delivered' })
    t.equal(timesSpoken(gateway), options === KEYPRESS ? 2 * 3 : 3, JSON.stringify(call))
    t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
  }
})

t.test('where the answer of createCall is lost, the call still speaks, once Azure confirms that it is ours', async (t) => {
  const gateway = await startTestGateway(t)
  gateway.sandbox.script(NUMBER, { call: { outcome: 'answer', drop: 'after-accept' } })
  const { status, body } = await gateway.post('/send-voice-code', CALL)
  t.equal(status, 202)
  await gateway.reaches(body.id, 'delivered')
  t.equal(timesSpoken(gateway), 3)
  t.equal(gateway.sandbox.calls.length, 1)
})

t.test('a call ends in time where its callbacks are lost', async (t) => {
  const gateway = await callWith(t, { outcome: 'answer', loseCallbacks: ['PlayCompleted'] })
  await gateway.sandbox.settled()
  await gateway.gateway.housekeeping.runDue()
  t.equal(gateway.sandbox.calls[0]?.state, 'connected', 'not before its time')
  gateway.clock.advance(91_000)
  await gateway.gateway.housekeeping.runDue()
  t.match(await gateway.delivery(gateway.id), { status: 'undelivered', reason: 'call_too_long' })
  t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
  await gateway.sandbox.settled()
  t.match(await gateway.delivery(gateway.id), { status: 'undelivered', reason: 'call_too_long' })
})

t.test('once the code has expired nothing is spoken any more', async (t) => {
  for (const options of [{}, KEYPRESS]) {
    const gateway = await callWith(t, { outcome: 'manual' }, options)
    const [call] = gateway.sandbox.calls
    gateway.clock.advance(301_000)
    await fetch(`${gateway.sandbox.url}/sandbox/calls/${call?.id}/answer`, { method: 'POST' })
    t.match(await gateway.reaches(gateway.id, 'undelivered'), { reason: 'expired' })
    await gateway.sandbox.settled()
    t.equal(timesSpoken(gateway), 0)
    t.equal(gateway.sandbox.calls[0]?.state, 'disconnected')
  }
})

t.test('with the store down, a person who picks up hears the code all the same', async (t) => {
  for (const options of [{}, KEYPRESS]) {
    let isDown = false
    const gateway = await callWith(t, { outcome: 'manual', callbackCopies: 2, keys: ['1'] }, {
      ...options,
      wrapSql: (sql) => {
        const orFail = <T>(work: () => Promise<T>): Promise<T> => isDown ? Promise.reject(new Error('the disk is gone')) : work()
        return { read: (step) => orFail(() => sql.read(step)), write: (steps) => orFail(() => sql.write(steps)), follow: (topic, wake) => sql.follow(topic, wake), check: () => orFail(() => sql.check()), close: () => sql.close() }
      }
    })
    isDown = true
    await fetch(`${gateway.sandbox.url}/sandbox/calls/${gateway.sandbox.calls[0]?.id}/answer`, { method: 'POST' })
    await gateway.sandbox.waitFor('call', ({ state }) => state === 'disconnected')
    t.equal(timesSpoken(gateway), 3)
    t.match(await fetch(`${gateway.url}/readyz`), { status: 503 })
  }
})

t.test('a code with letters is spelled', async (t) => {
  const gateway = await startTestGateway(t)
  const { body } = await gateway.post('/send-voice-code', { phoneNumber: NUMBER, code: '0M53RF' })
  await gateway.reaches(body.id, 'delivered')
  t.match(gateway.sandbox.calls[0]?.spoken[0], /0\W+M\W+5\W+3\W+R\W+F/)
})

t.test('a call that is not answered shows Azure\'s own code', async (t) => {
  const gateway = await callWith(t, { outcome: 'busy' })
  const { attempts } = await gateway.reaches(gateway.id, 'undelivered')
  t.match(attempts, [{ vendorCode: /^[0-9]+\.560486$/ }])
})

t.test('a call whose time is up is ended once, whoever looks', async (t) => {
  const gateway = await startTestGateway(t)
  gateway.sandbox.script(NUMBER, { call: { outcome: 'answer', loseCallbacks: ['PlayCompleted'] } })
  await gateway.post('/send-voice-code', CALL)
  await gateway.sandbox.settled()
  gateway.clock.advance(91_000)
  await Promise.all([gateway.gateway.housekeeping.runDue(), gateway.gateway.housekeeping.runDue()])
  t.match(gateway.sandbox.calls, [{ state: 'disconnected' }])
})
