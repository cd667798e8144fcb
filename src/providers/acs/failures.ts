import { isRestError, type RestError } from '@azure/core-rest-pipeline'
import type { Deadline } from '../../domain/deadline.ts'
import type { SendResult } from '../../domain/outcome.ts'
import type { Reason } from '../../domain/reason.ts'
import { pauseOf, resultOfHttpFailure } from '../failure.ts'

/** Time that a repetition needs to be worth trying, in milliseconds. */
const LEAST_TIME_TO_REPEAT = 200

/** What an HTTP status means for the attempt, whatever else the answer says. */
const REASON_OF_STATUS: ReadonlyMap<number, Reason> = new Map([
  [400, 'configuration'], [401, 'credentials'], [403, 'credentials'], [404, 'configuration'], [413, 'content_refused'],
  [415, 'configuration'], [429, 'rate_limited'], [503, 'provider_error']
])

/**
 * Reads what an SDK threw. Only an answer that says no is a no: the statuses above, which tell that the request
 * was not handled. Any other, a broken answer, and a request that was written and not answered leave it open.
 */
export const toSendResult = (error: unknown): SendResult => {
  const unanswered = resultOfHttpFailure(error)
  if (unanswered !== undefined) return unanswered
  if (!isRestError(error) || error.statusCode === undefined) return { kind: 'unknown', reason: 'provider_error' }
  const body = (error.details as { body?: unknown } | undefined)?.body
  const named = vendorCodeOf(error.code ?? (body as { error?: { code?: unknown } | null } | null | undefined)?.error?.code)
  const reason = REASON_OF_STATUS.get(error.statusCode)
  return reason === undefined
    ? { kind: 'unknown', reason: 'provider_error', ...named }
    : refine({ kind: 'failed', reason, ...named, ...retryAfterIn(error) }, body)
}

/** How long Azure wants to be left alone, where it is too busy. */
const retryAfterIn = ({ statusCode, response }: RestError): { retryAfter?: number } => {
  if (statusCode !== 429 && statusCode !== 503) return {}
  const retryAfter = pauseOf(response?.headers.get('retry-after'), response?.headers.get('date'))
  return retryAfter === undefined ? {} : { retryAfter }
}

/** The SDK for text messages tells the code only where a message comes with it; the body always has it. */
const vendorCodeOf = (code: unknown): { vendorCode?: string } =>
  typeof code === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(code) ? { vendorCode: code } : {}

/** SMS names the field that it refuses: `{"From":["…"]}`, `{"SmsRecipients[0].To":["…"]}`. */
const refine = (result: SendResult, body: unknown): SendResult => {
  const fields = typeof body === 'object' && body !== null ? Object.keys(body) : []
  if (fields.includes('From')) return { kind: 'failed', reason: 'sender_refused' }
  if (fields.some((field) => /To$|Recipient/.test(field))) return { kind: 'refused', reason: 'number_invalid' }
  return result
}

/**
 * Sends, and where the operator trusts the vendor's repeatability sends the same again while the outcome is open and
 * time is left. `send` is given the milliseconds of each try.
 */
export const sendOnce = async (
  send: (timeout: number) => Promise<SendResult>, deadline: Deadline, trustRepeatability: boolean
): Promise<SendResult> => {
  const attempt = async (timeout: number): Promise<SendResult> => {
    try {
      return await send(timeout)
    } catch (error) {
      return toSendResult(error)
    }
  }
  if (!trustRepeatability) return await attempt(deadline.remaining)
  const first = await attempt(deadline.remaining / 2)
  if (first.kind !== 'unknown' || deadline.remaining < LEAST_TIME_TO_REPEAT) return first
  const second = await attempt(deadline.remaining)
  // A repetition that never got there says nothing of the first.
  return second.kind === 'failed' ? first : second
}
