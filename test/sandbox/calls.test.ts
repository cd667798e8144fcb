import { createServer } from 'node:http'
import t from 'tap'
import { CallAutomationClient } from '@azure/communication-call-automation'
import { error, FROM, SSML, startWorld, type World } from './gateway.ts'

const TO = '+15551234567'

const play = ({ calls }: World, id: string, options = {}) =>
  calls.getCallConnection(id).getCallMedia().playToAll([{ kind: 'ssmlSource', ssmlText: SSML }], { operationContext: 'the-play', ...options })

const connected = ({ sandbox }: World) => sandbox.waitFor('call', ({ state }) => state === 'connected')
const told = ({ sandbox }: World, type: string) =>
  sandbox.waitFor('delivery', delivery => delivery.type.endsWith(type) && delivery.status !== 'pending')

t.test('a call is answered, hears the code and ends', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway, call, calls, control } = world
  const id = await call(TO)
  await connected(world)
  t.match(await calls.getCallConnection(id).getCallConnectionProperties(), { callConnectionId: id, callConnectionState: 'connected' })
  await play(world, id)
  await told(world, 'PlayCompleted')
  await calls.getCallConnection(id).hangUp(true)
  await sandbox.settled()
  t.same(gateway.callbackTypes(), ['ParticipantsUpdated', 'CallConnected', 'PlayStarted', 'PlayCompleted', 'CallDisconnected'])
  t.match(sandbox.calls, [{
    id,
    callConnectionId: id,
    from: FROM,
    to: TO,
    state: 'disconnected',
    attended: false,
    spoken: ['Your code is 1 2.'],
    transcript: ['Your code is', '1 2.'],
    played: [SSML],
    operations: [{ kind: 'play', state: 'completed', operationContext: 'the-play' }],
    end: { code: 200, subCode: 7000 }
  }])
  t.same((await control('GET', '/sandbox/calls')).json, sandbox.calls)
  t.match((await control('GET', '/sandbox/deliveries')).json, Array(5).fill({ via: 'callback', status: 200, attempt: 1, subject: id }))
  const { body: [event], headers, url } = gateway.callbacks[1]!
  t.equal(url, '/callbacks?of=test', 'the query is kept')
  t.equal(headers['content-type'], 'application/json')
  t.match(event, {
    id: String,
    source: `calling/callConnections/${id}`,
    type: 'Microsoft.Communication.CallConnected',
    specversion: '1.0',
    datacontenttype: 'application/json',
    subject: `calling/callConnections/${id}`,
    time: /\+00:00$/,
    data: { operationContext: 'the-call', callConnectionId: id, publicEventType: 'Microsoft.Communication.CallConnected', resultInformation: { code: 200, subCode: 0 } }
  })
  t.match(gateway.callbackData('PlayCompleted'), { operationContext: 'the-play', resultInformation: { code: 200, subCode: 0 } })
  await t.rejects(calls.getCallConnection(id).getCallConnectionProperties(), error({ statusCode: 404, code: '8522' }), 'it is over')
})

t.test('how calls end that nobody answers', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway, call } = world
  for (const [outcome, type, subCode] of [
    ['busy', 'CallDisconnected', 560486],
    ['no-answer', 'CallDisconnected', 560480],
    ['declined', 'CallDisconnected', 560603],
    ['unreachable', 'CallDisconnected', 560404],
    ['create-failed', 'CreateCallFailed', 560403]
  ] as const) {
    sandbox.script(TO, { call: { outcome } })
    await call(TO)
    await sandbox.settled()
    t.equal(gateway.callbackTypes().at(-1), type, outcome)
    t.match(gateway.callbackData(type), { operationContext: 'the-call', resultInformation: { subCode } })
    t.match(sandbox.calls.at(-1), { state: 'disconnected', end: { subCode } })
  }
  t.notOk(gateway.callbackTypes().includes('CallConnected'))
})

t.test('the gateway takes back a call that rings', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway, call, calls } = world
  sandbox.script(TO, { call: { outcome: 'manual' } })
  const id = await call(TO)
  await t.rejects(play(world, id), error({ statusCode: 400, code: '8501' }), 'nothing can be played yet')
  await calls.getCallConnection(id).hangUp(false)
  await sandbox.settled()
  t.match(gateway.callbackData('CallDisconnected'), { resultInformation: { code: 487, subCode: 560487 } })
  t.same(sandbox.calls.map(({ attended, state }) => [attended, state]), [[true, 'disconnected']])
})

t.test('voicemail answers, listens and presses nothing', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway, call, calls } = world
  sandbox.script(TO, { call: { outcome: 'voicemail', keys: ['1'] } })
  const id = await call(TO)
  await connected(world)
  await calls.getCallConnection(id).getCallMedia().startRecognizing({ phoneNumber: TO },
    { kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1, playPrompt: { kind: 'ssmlSource', ssmlText: SSML } })
  await told(world, 'RecognizeFailed')
  t.match(gateway.callbackData('RecognizeFailed'), { resultInformation: { code: 400, subCode: 8510 } })
  t.same(sandbox.calls[0]!.spoken, ['Your code is 1 2.'])
})

t.test('a create that is repeated makes no second call', async t => {
  const world = await startWorld(t)
  const { sandbox, calls } = world
  const client = new CallAutomationClient(sandbox.connectionString, {
    allowInsecureConnection: true, retryOptions: { maxRetries: 1, retryDelayInMs: 0, maxRetryDelayInMs: 0 }
  })
  const create = (automation: CallAutomationClient) => automation.createCall(
    { targetParticipant: { phoneNumber: TO }, sourceCallIdNumber: { phoneNumber: FROM } }, world.gateway.callbackUrl)
  sandbox.script(TO, { call: { outcome: 'manual', drop: 'after-accept', times: 1 } })
  const { callConnectionProperties: { callConnectionId } } = await create(client)
  t.match(sandbox.calls, [{ id: callConnectionId, repeats: 1 }])
  t.same(sandbox.requests.map(({ status }) => status), ['dropped', 201])

  sandbox.script(TO, { call: { outcome: 'busy', drop: 'after-accept', times: 1, ignoreRepeatability: true } })
  await create(client)
  t.equal(sandbox.calls.length, 3, 'unless the number ignores it')
  sandbox.script(TO, { call: { outcome: 'busy', drop: 'after-accept', delayMs: 5, times: 1 } })
  await create(client)
  t.equal(sandbox.calls.length, 4)
  await create(calls)
  t.equal(sandbox.calls.length, 5, 'a new create has a new id')
  await sandbox.settled()
  t.notMatch(sandbox.calls[1], { operationContext: String })
})

t.test('a repeated create finds a call that is over', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway } = world
  const client = new CallAutomationClient(sandbox.connectionString, {
    allowInsecureConnection: true,
    retryOptions: { maxRetries: 1, retryDelayInMs: 0, maxRetryDelayInMs: 0 },
    additionalPolicies: [{
      position: 'perRetry',
      policy: {
        name: 'late-retry',
        async sendRequest (request, next) {
          if (sandbox.calls.length > 0) await sandbox.waitFor('call', ({ state }) => state === 'disconnected')
          return next(request)
        }
      }
    }]
  })
  sandbox.script(TO, { call: { outcome: 'busy', drop: 'after-accept', times: 1 } })
  await client.createCall({ targetParticipant: { phoneNumber: TO }, sourceCallIdNumber: { phoneNumber: FROM } }, gateway.callbackUrl)
  t.match(sandbox.calls, [{ state: 'disconnected', repeats: 1 }])
  t.equal(sandbox.calls.length, 1)
})

t.test('faults', async t => {
  const world = await startWorld(t)
  const { sandbox, call } = world
  sandbox.script(TO, { call: { httpError: { status: 500 } } })
  await t.rejects(call(TO), error({ statusCode: 500 }))
  sandbox.script(TO, { call: { drop: 'before-read' } })
  await t.rejects(call(TO), error({ code: 'ECONNRESET' }))
  t.same(sandbox.calls, [])
  sandbox.script(TO, { call: { malformed: 'empty-object', outcome: 'manual' } })
  await call(TO).then(() => t.fail('resolved'), error => t.match(error, /callConnectionId is missing/))
  sandbox.script(TO, { call: { outcome: 'answer', media: { httpError: { status: 503 }, times: 1 } } })
  const id = await call(TO)
  await sandbox.waitFor('call', one => one.id === id && one.state === 'connected')
  await t.rejects(play(world, id), error({ statusCode: 503 }))
  await play(world, id)
  sandbox.script(TO, { call: { media: { drop: 'after-accept' } } })
  await t.rejects(play(world, id), error({ code: 'ECONNRESET' }))
  await sandbox.settled()
  t.same(sandbox.calls.at(-1)!.operations.map(({ state }) => state), ['completed', 'completed'])
})

t.test('what the service refuses', async t => {
  const world = await startWorld(t)
  const { sandbox, calls, call, gateway } = world
  const create = (to: string, from: string, url: string) =>
    calls.createCall({ targetParticipant: { phoneNumber: to }, sourceCallIdNumber: { phoneNumber: from } }, url)
  const invalid = (field: string) => error({ statusCode: 400, message: `The field ${field} is invalid.` })
  await t.rejects(create(TO, FROM, 'http://gateway.example/events'), invalid('CallbackUri'))
  await t.rejects(create(TO, FROM, 'ftp://127.0.0.1/events'), invalid('CallbackUri'))
  await t.rejects(create(TO, FROM, 'events'), invalid('CallbackUri'))
  await t.rejects(create('nobody', FROM, gateway.callbackUrl), invalid('Targets'))
  await t.rejects(create(TO, 'nobody', gateway.callbackUrl), invalid('SourceCallerIdNumber'))
  await t.rejects(create(TO, '+15550009999', gateway.callbackUrl), error({ statusCode: 401 }))
  await t.rejects(calls.createCall({ targetParticipant: { communicationUserId: '8:acs:x' } }, gateway.callbackUrl), invalid('Targets'))
  await t.rejects(calls.createGroupCall([], gateway.callbackUrl), invalid('Targets'))
  t.same(sandbox.calls, [])

  const nobody = calls.getCallConnection('none')
  await t.rejects(nobody.hangUp(true), error({ statusCode: 404 }))
  await t.rejects(nobody.hangUp(false), error({ statusCode: 404 }))
  const id = await call(TO)
  await connected(world)
  await t.rejects(calls.getCallConnection(id).addParticipant({ targetParticipant: { phoneNumber: TO } }), error({ statusCode: 404 }))
  await t.rejects(calls.getCallConnection(id).getCallMedia().hold({ phoneNumber: TO }), error({ statusCode: 404 }))
  await t.rejects(calls.answerCall('context', gateway.callbackUrl), error({ statusCode: 404 }))
  await t.rejects(calls.answerCall('context', 'events'), invalid('CallbackUri'))
  await t.rejects(calls.rejectCall('bm8ganNvbg'), error({ statusCode: 404 }))
})

t.test('callbacks that are lost, doubled or late', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway, call } = world
  sandbox.script(TO, { call: { loseCallbacks: ['ParticipantsUpdated'], callbackCopies: 2, reorderCallbacks: ['PlayStarted', 'CallDisconnected'], hangUpDuringPlay: true } })
  const id = await call(TO)
  await connected(world)
  await play(world, id)
  await sandbox.settled()
  t.same(gateway.callbackTypes(), [
    'CallConnected', 'CallConnected', 'PlayCanceled', 'PlayCanceled', 'PlayStarted', 'PlayStarted', 'CallDisconnected', 'CallDisconnected'
  ])
  t.equal(new Set(gateway.callbacks.map(({ body }) => body[0].id)).size, 4, 'a copy has the id of its original')
  t.match(gateway.callbackData('CallDisconnected'), { resultInformation: { code: 200, subCode: 560000 } })
  t.match(sandbox.calls, [{ operations: [{ state: 'canceled' }], end: { subCode: 560000 } }])
})

t.test('a callback is not sent again', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway, call } = world
  gateway.callbackStatus = 503
  sandbox.script(TO, { call: { outcome: 'busy' } })
  await call(TO)
  await sandbox.settled()
  t.match(sandbox.deliveries, [{ type: 'Microsoft.Communication.CallDisconnected', status: 503 }])
  t.equal(sandbox.deliveries.length, 1)
})

t.test('a gateway that is not there', async t => {
  const { sandbox, call } = await startWorld(t)
  sandbox.script(TO, { call: { outcome: 'busy' } })
  await call(TO, { callbackUrl: 'http://127.0.0.1:1/callbacks' })
  await sandbox.settled()
  t.equal(sandbox.deliveries.at(-1)?.status, 'unreachable')
})

t.test('a gateway that never answers', async t => {
  const { sandbox, call } = await startWorld(t, { patienceMs: 50 })
  sandbox.script(TO, { call: { outcome: 'busy' } })
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  t.teardown(() => silent.closeAllConnections())
  t.teardown(() => silent.close())
  await new Promise(resolve => silent.once('listening', resolve))
  const { port } = silent.address() as { port: number }
  await call(TO, { callbackUrl: `http://127.0.0.1:${port}/callbacks` })
  await sandbox.settled()
  t.equal(sandbox.deliveries.at(-1)?.status, 'timeout')
})

t.test('the document that leads to the key', async t => {
  const { sandbox, control } = await startWorld(t)
  const { json } = await control('GET', '/calling/.well-known/acsopenidconfiguration')
  t.match(json, { issuer: sandbox.callbackIssuer, jwks_uri: sandbox.callbackJwksUrl })
})
