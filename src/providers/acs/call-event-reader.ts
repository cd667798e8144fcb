import type { Reason } from '../../domain/reason.ts'
import type { CallEvent } from '../../domain/signal.ts'
import type { EventItem } from './event-items.ts'

const PREFIX = 'Microsoft.Communication.'

/** Subcodes of a call that did not come about or ended: SIP answers of the other side, with Azure's prefix. */
const REASON_OF_SUBCODE: ReadonlyMap<number, Reason> = new Map([
  [560000, 'hung_up'], [7000, 'hung_up'], [560403, 'carrier_blocked'], [510403, 'carrier_blocked'],
  [560404, 'number_unreachable'], [560408, 'no_answer'], [560480, 'no_answer'], [560484, 'number_invalid'],
  [560486, 'busy'], [540487, 'canceled'], [560487, 'canceled'], [560500, 'carrier_error'], [560503, 'carrier_error'],
  [560603, 'declined_or_limited']
])

/** Subcodes of a recognise that ended without a key because nobody pressed one. */
const NO_KEY = new Set([8510, 8532])

/** Reads an event of a call; `undefined` for events that change nothing here. Codes: Call Automation's error codes. */
export const readCallEvent = ({ type, data }: EventItem): CallEvent | undefined => {
  const step = data.text('operationContext') ?? ''
  const result = data.inside('resultInformation')
  const subCode = result.number('subCode') ?? 0
  switch (type.startsWith(PREFIX) ? type.slice(PREFIX.length) : '') {
    case 'CallConnected': return { type: 'connected' }
    case 'PlayStarted': return { type: 'speaking', step }
    case 'PlayCompleted': return { type: 'spoken', step }
    case 'PlayFailed': return { type: 'speech-failed', step }
    case 'RecognizeCompleted': return { type: 'key-pressed', step }
    case 'RecognizeFailed': return { type: NO_KEY.has(subCode) ? 'no-key' : 'speech-failed', step }
    case 'CallDisconnected': return { type: 'ended', reason: REASON_OF_SUBCODE.get(subCode) ?? reasonOfCode(result.number('code') ?? 200) }
    case 'CreateCallFailed':
    case 'ConnectFailed':
    case 'AnswerFailed': return { type: 'not-placed', reason: REASON_OF_SUBCODE.get(subCode) ?? reasonOfCode(result.number('code')) }
    default: return undefined
  }
}

const reasonOfCode = (code: number | undefined): Reason => {
  switch (code) {
    case 486: return 'busy'
    case 408:
    case 480: return 'no_answer'
    case 404: return 'number_unreachable'
    case 603: return 'declined_or_limited'
    case 200: return 'hung_up'
    case 401:
    case 403: return 'configuration'
    default: return 'provider_error'
  }
}

/** Azure's code and subcode of what went wrong, `403.560603`; `undefined` where nothing did. */
export const vendorCodeOf = ({ data }: EventItem): string | undefined => {
  const result = data.inside('resultInformation')
  const [code = 200, subCode = 0] = [result.number('code'), result.number('subCode')]
  return code < 300 ? undefined : `${Math.trunc(code)}.${Math.trunc(subCode)}`
}
