import type { SendResult } from '../../domain/outcome.ts'
import type { Reason } from '../../domain/reason.ts'
import { resultOfHttpFailure } from '../failure.ts'
import type { Taken } from '../provider.ts'
import { TwilioRefusal } from './client.ts'
import { reasonOf, vendorCodeOf } from './codes.ts'

/** What an HTTP status means for the attempt where the code says nothing. */
const REASON_OF_STATUS: ReadonlyMap<number, Reason> = new Map([
  [400, 'configuration'], [401, 'credentials'], [403, 'credentials'], [404, 'configuration'], [405, 'configuration'],
  [413, 'content_refused'], [415, 'configuration'], [422, 'configuration'], [429, 'rate_limited']
])

/** A code of Twilio's that is not in the book tells one thing all the same: we were let in, and it is something else. */
const reasonOfStatus = (status: number, vendorCode: string | undefined): Reason | undefined =>
  status === 403 && vendorCode !== undefined ? 'configuration' : REASON_OF_STATUS.get(status)

/** Reasons that lie in the message itself: no account of ours and no other day would change them. */
const OF_THE_MESSAGE: ReadonlySet<Reason> = new Set([
  'number_invalid', 'number_not_mobile', 'opted_out', 'fraud_blocked', 'too_many_codes'
])

/** A definite no, for a reason; `vendorCode` as `vendorCodeOf` gives it. */
export const notSent = (reason: Reason, vendorCode: string | undefined, retryAfter?: number): SendResult => {
  const named = vendorCode === undefined ? {} : { vendorCode }
  if (OF_THE_MESSAGE.has(reason)) return { kind: 'refused', reason, ...named }
  return { kind: 'failed', reason, ...named, ...(retryAfter === undefined ? {} : { retryAfter }) }
}

/** It may have been sent: Twilio answered with what says neither yes nor no. */
export const maybeSent = (vendorCode?: string): SendResult =>
  ({ kind: 'unknown', reason: 'provider_error', ...(vendorCode === undefined ? {} : { vendorCode }) })

/**
 * Reads what a call of the SDK threw. Only the statuses of requests that were not handled are a no. A fault of the
 * server may come after the message was made: https://www.twilio.com/docs/api/errors/20500
 */
export const toSendResult = (error: unknown): SendResult => {
  if (!(error instanceof TwilioRefusal)) return resultOfHttpFailure(error) ?? maybeSent()
  const vendorCode = vendorCodeOf(error.code)
  const isOpen = error.status < 400 || error.status === 408 || error.status >= 500
  const reason = isOpen ? undefined : reasonOf(vendorCode) ?? reasonOfStatus(error.status, vendorCode)
  return reason === undefined || reason === 'provider_error' ? maybeSent(vendorCode) : notSent(reason, vendorCode, error.retryAfter)
}

/** What Twilio does not know any more, or does not let be told of, needs nothing more. */
const NOTHING_TO_TELL: ReadonlySet<number> = new Set([400, 404])

/** Reads what a call of the SDK threw that told Twilio of something. */
export const takenAfter = (error: unknown): Taken =>
  error instanceof TwilioRefusal && NOTHING_TO_TELL.has(error.status) ? 'refused' : 'unknown'
