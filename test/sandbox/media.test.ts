import t from 'tap'
import type { CallMediaRecognizeDtmfOptions, DtmfTone, FileSource, SsmlSource, TextSource } from '@azure/communication-call-automation'
import type { CallBehaviour } from '../../src/sandbox/sandbox.ts'
import { error, send, signed, SSML, startWorld, type World } from './gateway.ts'
import type { Test } from 'tap'

const TO = '+15551234567'
const PROMPT: SsmlSource = { kind: 'ssmlSource', ssmlText: SSML }

/** A call that somebody has answered, at a number that behaves so. */
const inCall = async (t: Test, behaviour: CallBehaviour, options: { pace?: number, cognitiveServicesEndpoint?: string } = {}) => {
  const world = await startWorld(t, options.pace === undefined ? {} : { pace: options.pace })
  const { sandbox, calls, call, control } = world
  sandbox.script(TO, { call: behaviour })
  const id = await call(TO, options)
  if (behaviour.outcome === 'manual') await control('POST', `/sandbox/calls/${id}/answer`)
  await sandbox.waitFor('call', ({ state }) => state === 'connected')
  const connection = calls.getCallConnection(id)
  const media = connection.getCallMedia()
  const recognize = (more: Partial<CallMediaRecognizeDtmfOptions> = {}) => media.startRecognizing({ phoneNumber: TO }, {
    kind: 'callMediaRecognizeDtmfOptions', maxTonesToCollect: 1, operationContext: 'ask', ...more
  })
  const press = (tone: string) => control('POST', `/sandbox/calls/${id}/keys`, { tone })
  const state = (wanted: string) => sandbox.waitFor('call', ({ operations }) => operations.at(-1)?.state === wanted)
  return { ...world, id, media, connection, recognize, press, state }
}

/** Resolves with the data of the event once the gateway has it. */
const told = async ({ sandbox, gateway }: World, type: string) => {
  await sandbox.waitFor('delivery', delivery => delivery.type.endsWith(type) && delivery.status === 200)
  return gateway.callbackData(type)
}

t.test('the first plays of a call fail as scripted', async t => {
  const world = await inCall(t, { outcome: 'answer', playFailures: 2, playFailure: { code: 429, subCode: 8565, message: 'Too many.' } })
  for (let plays = 0; plays < 3; plays += 1) await world.media.playToAll([PROMPT])
  await world.sandbox.settled()
  t.same(world.sandbox.calls[0]!.operations.map(({ state }) => state), ['failed', 'failed', 'completed'])
  t.match(world.gateway.callbackData('PlayFailed'), { resultInformation: { code: 429, subCode: 8565 }, failedPlaySourceIndex: 0 })

  const other = await inCall(t, { playFailures: 1 })
  await other.media.playToAll([PROMPT])
  t.match(await told(other, 'PlayFailed'), { resultInformation: { code: 401, subCode: 8565 } })
})

t.test('speech needs a speech service', async t => {
  const { media, sandbox, gateway } = await inCall(t, {}, { cognitiveServicesEndpoint: '' })
  await t.rejects(media.playToAll([PROMPT]), error({ statusCode: 400, message: /Cognitive Service Configuration not set/ }))
  await t.rejects(media.playToAll([{ kind: 'textSource', text: 'x', voiceName: 'en-US-JennyNeural' }]), error({ statusCode: 400 }))
  await media.playToAll([{ kind: 'fileSource', url: 'https://files.example/a.wav' }])
  await sandbox.settled()
  t.equal(gateway.callbackTypes().at(-1), 'PlayCompleted')
  t.match(sandbox.calls, [{ spoken: [''], played: ['https://files.example/a.wav'] }])
})

t.test('sources that the speech service cannot say', async t => {
  const world = await inCall(t, {})
  const { media, sandbox, gateway } = world
  for (const [source, subCode] of [
    [{ kind: 'ssmlSource', ssmlText: '<speak>' }, 8565],
    [{ kind: 'ssmlSource', ssmlText: ' ' }, 8582],
    [{ kind: 'textSource', text: '', voiceName: 'en-US-JennyNeural' }, 8582],
    [{ kind: 'textSource', text: 'x' }, 8565],
    [{ kind: 'textSource', text: 'x', voiceName: 'Jenny' }, 8565],
    [{ kind: 'textSource', text: 'x', sourceLocale: 'en-US' }, 8565]
  ] as Array<[SsmlSource | TextSource, number]>) {
    const file: FileSource = { kind: 'fileSource', url: 'https://files.example/a.wav' }
    await media.playToAll([file, source])
    await sandbox.settled()
    t.match(gateway.callbackData('PlayFailed'), { resultInformation: { subCode }, failedPlaySourceIndex: 1 })
  }
  for (const source of [
    { kind: 'textSource', text: 'Hello', voiceName: 'en-US-JennyNeural' },
    { kind: 'textSource', text: 'Hello', sourceLocale: 'en-US', voiceKind: 'female' }
  ] as TextSource[]) await media.playToAll([source])
  await sandbox.settled()
  t.same(sandbox.calls[0]!.spoken, ['Hello', 'Hello'])
})

t.test('requests that the service refuses', async t => {
  const { media, recognize, sandbox, id } = await inCall(t, {})
  const invalid = (field: string) => error({ statusCode: 400, message: `The field ${field} is invalid.` })
  await t.rejects(media.playToAll([]), invalid('PlaySources'))
  await t.rejects(media.playToAll([PROMPT], { operationCallbackUrl: 'http://gateway.example/' }), invalid('OperationCallbackUri'))
  await t.rejects(recognize({ operationCallbackUrl: 'http://gateway.example/' }), invalid('OperationCallbackUri'))
  await t.rejects(recognize({ stopDtmfTones: ['nine hundred' as DtmfTone] }), invalid('StopTones'))
  await t.rejects(media.startRecognizing({ phoneNumber: TO }, { kind: 'callMediaRecognizeSpeechOptions' }), error({ statusCode: 400, message: /dtmf/ }))

  const post = async (action: string, request: object) => {
    const url = `${sandbox.url}/calling/callConnections/${id}:${action}`
    const body = JSON.stringify(request)
    const { status, json } = await send(url, 'POST', signed(sandbox.connectionString.replace(/.*accesskey=/, ''), url, 'POST', body), body)
    return [status, json.error.message]
  }
  for (const source of [null, {}, { kind: 'tape' }]) {
    t.same(await post('play', { playSources: [source] }), [400, 'The field PlaySources is invalid.'])
  }
  for (const source of [{ kind: 'file' }, { kind: 'file', file: {} }]) {
    t.same(await post('play', { playSources: [source] }), [400, 'The field File is invalid.'])
    t.same(await post('recognize', { recognizeInputType: 'dtmf', playPrompt: source }), [400, 'The field File is invalid.'])
  }
  t.same(await post('play', {}), [400, 'The field PlaySources is invalid.'])
  t.match(await post('play', []), [400, /JSON/])
  t.match(await post('recognize', {}), [400, /dtmf/])
})

t.test('sources without their content say nothing', async t => {
  const { sandbox, id, state } = await inCall(t, {})
  const url = `${sandbox.url}/calling/callConnections/${id}:play`
  for (const kind of ['text', 'ssml']) {
    const body = JSON.stringify({ playSources: [{ kind }] })
    await send(url, 'POST', signed(sandbox.connectionString.replace(/.*accesskey=/, ''), url, 'POST', body), body)
    const { operations } = await state('failed')
    t.match(operations.at(-1), { result: { subCode: 8582 } })
    await sandbox.settled()
  }
})

t.test('an unscripted number presses 1 when asked first, and nothing later', async t => {
  const { sandbox, gateway, recognize } = await inCall(t, {})
  await recognize({ playPrompt: PROMPT })
  await recognize()
  await sandbox.settled()
  t.match(gateway.callbackData('RecognizeCompleted'), {
    operationContext: 'ask', recognitionType: 'dtmf', dtmfResult: { tones: ['one'] }, resultInformation: { subCode: 8531 }
  })
  t.match(gateway.callbackData('RecognizeFailed'), { resultInformation: { code: 400, subCode: 8510 } })
  t.match(sandbox.calls, [{ keys: ['1'], spoken: ['Your code is 1 2.'], operations: [{ keys: ['1'] }, { keys: [] }] }])
})

t.test('scripted keys', async t => {
  const { sandbox, gateway, recognize } = await inCall(t, { keys: ['12#', '34', '', '5678'] })
  const ask = async (more: Partial<CallMediaRecognizeDtmfOptions>) => {
    await recognize({ maxTonesToCollect: 3, ...more })
    await sandbox.settled()
    const type = gateway.callbackTypes().at(-1)!
    const { dtmfResult, resultInformation } = gateway.callbackData(type)
    return [dtmfResult?.tones ?? [], resultInformation.subCode]
  }
  t.same(await ask({ maxTonesToCollect: 5, stopDtmfTones: ['pound' as DtmfTone] }), [['one', 'two', 'pound'], 8514])
  t.same(await ask({ interToneTimeoutInSeconds: 1 }), [[], 8532], 'too few')
  t.same(await ask({ initialSilenceTimeoutInSeconds: 1 }), [[], 8510], 'none')
  t.same(await ask({}), [['five', 'six', 'seven'], 8531], 'more than wanted')
  t.same(await ask({}), [[], 8510], 'no entry left')
})

t.test('a recognition whose prompt cannot be said', async t => {
  const world = await inCall(t, {})
  await world.recognize({ playPrompt: { kind: 'ssmlSource', ssmlText: '<speak/>' } })
  t.match(await told(world, 'RecognizeFailed'), { resultInformation: { subCode: 8511 } })
})

t.test('a person presses keys, also into a prompt', async t => {
  const world = await inCall(t, { outcome: 'manual' }, { pace: 1 })
  await world.recognize({ playPrompt: PROMPT, interruptPrompt: true, maxTonesToCollect: 2, interToneTimeoutInSeconds: 60 })
  await world.state('speaking')
  t.equal((await world.press('7')).status, 204)
  await world.state('listening')
  await world.press('*')
  t.match(await told(world, 'RecognizeCompleted'), { dtmfResult: { tones: ['seven', 'asterisk'] } })
  t.equal((await world.press('9')).status, 204, 'nobody asked for it')
  t.same(world.sandbox.calls[0]!.keys, ['7', '*', '9'])
})

t.test('a prompt that may not be interrupted', async t => {
  const world = await inCall(t, { outcome: 'manual' }, { pace: 1 })
  await world.recognize({ playPrompt: PROMPT, interruptPrompt: false })
  const { operations } = await world.state('speaking')
  await world.press('7')
  const spoken = (operation: string) => world.control('POST', `/sandbox/calls/${world.id}/spoken`, { operation })
  t.equal((await spoken('another')).status, 204)
  t.equal(world.sandbox.calls[0]!.operations[0]!.state, 'speaking')
  t.equal((await spoken(operations[0]!.id)).status, 204)
  await world.state('listening')
  await world.press('8')
  t.match(await told(world, 'RecognizeCompleted'), { dtmfResult: { tones: ['eight'] } })
})

t.test('a person says nothing', async t => {
  const world = await inCall(t, { outcome: 'manual' })
  // The least that the wire can say is a second; the sandbox takes any number.
  await world.recognize({ initialSilenceTimeoutInSeconds: 0.01 })
  t.match(await told(world, 'RecognizeFailed'), { resultInformation: { subCode: 8510 } })
})

t.test('operations wait for each other, unless they interrupt', async t => {
  const world = await inCall(t, {})
  const { media, sandbox, gateway, state } = world
  await media.playToAll([PROMPT], { loop: true, operationContext: 'music' })
  await state('speaking')
  await media.playToAll([PROMPT], { operationContext: 'waiting' })
  t.equal(sandbox.calls[0]!.operations[1]!.state, 'queued')
  const elsewhere = `${gateway.callbackUrl}&operation=1`
  await media.playToAll([PROMPT], { interruptCallMediaOperation: true, operationContext: 'urgent', operationCallbackUrl: elsewhere })
  await sandbox.settled()
  t.same(sandbox.calls[0]!.operations.map(one => [one.operationContext, one.state]),
    [['music', 'canceled'], ['waiting', 'canceled'], ['urgent', 'completed']])
  t.same(gateway.callbacks.filter(({ url }) => url.endsWith('operation=1')).map(({ body }) => body[0].type),
    ['Microsoft.Communication.PlayStarted', 'Microsoft.Communication.PlayCompleted'])
})

t.test('everything is cancelled', async t => {
  const world = await inCall(t, {})
  const { media, sandbox, gateway, recognize, state, control, id } = world
  await media.playToAll([PROMPT], { loop: true })
  const { operations } = await state('speaking')
  await control('POST', `/sandbox/calls/${id}/spoken`, { operation: operations[0]!.id })
  t.equal(sandbox.calls[0]!.operations[0]!.state, 'speaking', 'a loop is never at its end')
  await recognize()
  await media.cancelAllOperations()
  await media.cancelAllOperations()
  await sandbox.settled()
  t.same(gateway.callbackTypes().slice(-2), ['PlayCanceled', 'RecognizeCanceled'])
  t.notOk('resultInformation' in gateway.callbackData('PlayCanceled'), 'as it was recorded')
})
