import type { SendResult } from '../domain/outcome.ts'
import { HttpFailure } from './http-client.ts'

/** A vendor that wants to be left alone for longer is asked again after an hour all the same. */
const LONGEST_PAUSE = 3_600_000

/** What a request that got no answer means for the attempt; `undefined` for other errors. A timeout is not a no. */
export const resultOfHttpFailure = (error: unknown): SendResult | undefined => {
  if (!(error instanceof HttpFailure)) return undefined
  const reason = error.why === 'timeout' ? 'timeout' : 'connection'
  return error.written ? { kind: 'unknown', reason } : { kind: 'failed', reason }
}

/**
 * How long a vendor wants to be left alone, in milliseconds, by the headers `Retry-After` and `Date` of its answer; at
 * most an hour, and `undefined` where it does not say. A moment is compared with the vendor's own clock.
 * https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export const pauseOf = (retryAfter: string | undefined, date: string | undefined): number | undefined => {
  if (retryAfter === undefined) return undefined
  const pause = /^[0-9]{1,9}$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - Date.parse(date ?? '')
  return Number.isNaN(pause) ? undefined : Math.min(Math.max(pause, 0), LONGEST_PAUSE)
}
