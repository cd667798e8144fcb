import t from 'tap'
import { readCallEvent, vendorCodeOf } from '../../../src/providers/acs/call-event-reader.ts'
import { EventData } from '../../../src/providers/acs/event-items.ts'

const read = (type: string, data: object = {}) =>
  readCallEvent({ id: '1', type: `Microsoft.Communication.${type}`, source: 'calling/callConnections/c', data: new EventData(data) })

const codeOf = (data: object): string | undefined =>
  vendorCodeOf({ id: '1', type: 'Microsoft.Communication.CallDisconnected', source: '', data: new EventData(data) })

const result = (code: unknown, subCode: unknown) => ({ resultInformation: { code, subCode, message: 'as recorded' } })

t.test('each event that we use has its meaning, and keeps its step', async (t) => {
  const operationContext = 'say-code'
  t.same(read('CallConnected', { operationContext: 'attempt', ...result(200, 0) }), { type: 'connected' })
  t.same(read('PlayStarted', { operationContext, ...result(200, 0) }), { type: 'speaking', step: 'say-code' })
  t.same(read('PlayCompleted', { operationContext, ...result(200, 0) }), { type: 'spoken', step: 'say-code' })
  t.same(read('PlayFailed', { operationContext, ...result(400, 8535), failedPlaySourceIndex: 0 }), { type: 'speech-failed', step: 'say-code' })
  t.same(read('RecognizeCompleted', { operationContext, recognitionType: 'dtmf', dtmfResult: { tones: ['one'] }, ...result(200, 8531) }), { type: 'key-pressed', step: 'say-code' })
})

t.test('a recognition that fails for silence is not one that could not speak', async (t) => {
  for (const subCode of [8510, 8532]) t.match(read('RecognizeFailed', { operationContext: 'ask', ...result(400, subCode) }), { type: 'no-key', step: 'ask' })
  for (const subCode of [8511, 8534, 8565, 8512, 0, '8510', undefined]) {
    t.match(read('RecognizeFailed', { operationContext: 'ask', ...result(400, subCode) }), { type: 'speech-failed', step: 'ask' }, String(subCode))
  }
})

t.test('how a call ended is read from its subcode', async (t) => {
  const reasons: ReadonlyArray<readonly [number, string]> = [
    [560000, 'hung_up'], [7000, 'hung_up'], [560403, 'carrier_blocked'], [510403, 'carrier_blocked'], [560404, 'number_unreachable'],
    [560408, 'no_answer'], [560480, 'no_answer'], [560484, 'number_invalid'], [560486, 'busy'], [540487, 'canceled'], [560487, 'canceled'],
    [560500, 'carrier_error'], [560503, 'carrier_error'], [560603, 'declined_or_limited']
  ]
  for (const [subCode, reason] of reasons) {
    t.same(read('CallDisconnected', result(200, subCode)), { type: 'ended', reason }, `ended: ${subCode}`)
    t.same(read('CreateCallFailed', result(500, subCode)), { type: 'not-placed', reason }, `not placed: ${subCode}`)
  }
})

t.test('an end that is not explained is somebody who hung up: older versions explain none', async (t) => {
  for (const data of [{}, { resultInformation: null }, { resultInformation: 'x' }, result(200, 1), result(200, '560486')]) {
    t.same(read('CallDisconnected', data), { type: 'ended', reason: 'hung_up' })
  }
})

t.test('a call that was not placed is read from its code where the subcode says nothing', async (t) => {
  const reasons: ReadonlyArray<readonly [unknown, string]> = [
    [486, 'busy'], [408, 'no_answer'], [480, 'no_answer'], [404, 'number_unreachable'], [603, 'declined_or_limited'],
    [401, 'configuration'], [403, 'configuration'], [500, 'provider_error'], ['486', 'provider_error'], [undefined, 'provider_error']
  ]
  for (const type of ['CreateCallFailed', 'ConnectFailed', 'AnswerFailed']) {
    for (const [code, reason] of reasons) t.same(read(type, result(code, 10124)), { type: 'not-placed', reason }, `${type} ${code}`)
    t.same(read(type), { type: 'not-placed', reason: 'provider_error' })
  }
})

t.test('an event without a step has an empty one', async (t) => {
  t.same(read('PlayCompleted'), { type: 'spoken', step: '' })
  t.same(read('PlayCompleted', { operationContext: 7 }), { type: 'spoken', step: '' })
})

t.test('names are read in any case', async (t) => {
  t.same(read('CallDisconnected', { ResultInformation: { Code: 200, SubCode: 560486 } }), { type: 'ended', reason: 'busy' })
})

t.test('whatever else is told of a call changes nothing', async (t) => {
  const types = ['PlayCanceled', 'RecognizeCanceled', 'ParticipantsUpdated', 'PlayPaused', 'CallTransferAccepted', 'IncomingCall', 'callConnected', '', 'toString']
  for (const type of types) t.equal(read(type), undefined, type)
  t.equal(readCallEvent({ id: '1', type: 'CallConnected', source: '', data: new EventData({}) }), undefined, 'the vendor\'s prefix belongs to it')
  t.equal(readCallEvent({ id: '1', type: 'Other.CallConnected', source: '', data: new EventData({}) }), undefined)
})

t.test('a call that ended with a code but no subcode that we know says what the code says', async (t) => {
  for (const [code, reason] of [[200, 'hung_up'], [486, 'busy'], [480, 'no_answer'], [404, 'number_unreachable'], [603, 'declined_or_limited'], [500, 'provider_error']] as const) {
    t.same(read('CallDisconnected', result(code, 999_999)), { type: 'ended', reason })
  }
})

t.test('what went wrong has Azure\'s own code, and what went well has none', async (t) => {
  t.equal(codeOf(result(403, 560603)), '403.560603')
  t.equal(codeOf(result(300, 1)), '300.1')
  t.equal(codeOf(result(500, undefined)), '500.0', 'without a subcode')
  t.equal(codeOf({ ResultInformation: { Code: 487, SubCode: 560487 } }), '487.560487', 'in any case')
  for (const data of [{}, { resultInformation: null }, result(200, 0), result(299, 7000), result(undefined, 560486), result('403', 560603)]) {
    t.equal(codeOf(data), undefined, JSON.stringify(data))
  }
})

t.test('a fraction does not add a third part to the code', async (t) => {
  t.equal(codeOf(result(403.7, 560603.2)), '403.560603')
})
