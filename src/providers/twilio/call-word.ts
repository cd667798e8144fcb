import type { Reason } from '../../domain/reason.ts'
import type { Word } from '../../domain/signal.ts'
import { reasonOf, vendorCodeOf } from './codes.ts'

const ACCEPTED: Word = { status: 'accepted', reason: undefined, vendorCode: undefined }

/** Answers of the other side that say more than Twilio's status. https://www.rfc-editor.org/rfc/rfc3261#section-21 */
const REASON_OF_SIP: ReadonlyMap<string, Reason> = new Map([
  ['403', 'carrier_blocked'], ['404', 'number_unreachable'], ['408', 'no_answer'], ['410', 'number_invalid'], ['480', 'no_answer'],
  ['484', 'number_invalid'], ['486', 'busy'], ['600', 'busy'], ['603', 'declined_or_limited'], ['604', 'number_unreachable'],
  ['607', 'carrier_blocked'], ['608', 'carrier_blocked']
])

/**
 * What Twilio's status of a call says, in any case; `undefined` where it is none that we know. A call that was completed
 * was hung up, unless it told itself that the code was spoken: delivered stays delivered.
 * https://www.twilio.com/docs/voice/api/call-resource#call-status-values
 */
export const wordOfCall = (status: unknown, sipResponseCode?: unknown, errorCode?: unknown): Word | undefined => {
  switch (String(status).toLowerCase()) {
    case 'initiated':
    case 'queued':
    case 'ringing':
    case 'in-progress':
    case 'answered': return ACCEPTED
    case 'completed': return { status: 'undelivered', reason: 'hung_up', vendorCode: vendorCodeOf(errorCode) }
    case 'busy': return undelivered('busy', sipResponseCode, errorCode)
    case 'no-answer': return undelivered('no_answer', sipResponseCode, errorCode)
    case 'canceled': return undelivered('canceled', sipResponseCode, errorCode)
    // Most often the number does not exist.
    case 'failed': return undelivered('number_unreachable', sipResponseCode, errorCode)
    default: return undefined
  }
}

/** The same, where it is final. That a call was completed does not tell whether anybody heard the code. */
export const finalWordOfCall = (status: unknown): Word | undefined => {
  const word = wordOfCall(status)
  return word?.status === 'undelivered' && word.reason !== 'hung_up' ? word : undefined
}

const undelivered = (otherwise: Reason, sipResponseCode: unknown, errorCode: unknown): Word => {
  const [code, sip] = [vendorCodeOf(errorCode), sipCodeOf(sipResponseCode)]
  const reason = reasonOf(code) ?? reasonOfSip(sip) ?? otherwise
  return { status: 'undelivered', reason, vendorCode: code ?? sip }
}

const reasonOfSip = (sip: string | undefined): Reason | undefined =>
  REASON_OF_SIP.get(sip ?? '') ?? (sip?.startsWith('5') ? 'carrier_error' : undefined)

/** A failure of the other side: `486`. */
const sipCodeOf = (code: unknown): string | undefined => /^[456][0-9]{2}$/.exec(String(code))?.[0]
