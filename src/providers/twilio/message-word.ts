import type { Word } from '../../domain/signal.ts'
import { reasonOf, vendorCodeOf } from './codes.ts'

const ACCEPTED: Word = { status: 'accepted', reason: undefined, vendorCode: undefined }
const DELIVERED: Word = { status: 'delivered', reason: undefined, vendorCode: undefined }

/**
 * What Twilio's status of a message says, in any case; `undefined` where it says nothing yet, or is none that we know.
 * https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
 */
export const wordOfMessage = (status: unknown, errorCode: unknown): Word | undefined => {
  switch (String(status).toLowerCase()) {
    case 'sent': return ACCEPTED
    case 'delivered':
    case 'partially_delivered':
    case 'read': return DELIVERED
    case 'failed':
    case 'undelivered': return undelivered(errorCode, 'unspecified')
    case 'canceled': return undelivered(errorCode, 'canceled')
    default: return undefined
  }
}

const undelivered = (errorCode: unknown, otherwise: 'unspecified' | 'canceled'): Word => {
  const vendorCode = vendorCodeOf(errorCode)
  const reason = reasonOf(vendorCode) ?? otherwise
  // Where the carrier gives no report the message may well have arrived.
  return { status: reason === 'no_report' ? 'unknown' : 'undelivered', reason, vendorCode }
}

/** Whether nothing else will come after a word: it was delivered, or it was not. */
export const isFinal = (word: Word): boolean => word.status !== 'accepted'

/** The same as `wordOfMessage`, where nothing else will come after it. */
export const finalWordOfMessage = (status: unknown, errorCode: unknown): Word | undefined => {
  const word = wordOfMessage(status, errorCode)
  return word !== undefined && isFinal(word) ? word : undefined
}
