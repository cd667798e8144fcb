import type { ErrorCode } from '../domain/errors.ts'
import type { Answered, Refused } from './service.ts'

export const done = <T>(value: T): Answered<T> => ({ kind: 'done', value })

/** `retryAfter`: milliseconds. */
export const refused = (code: ErrorCode, retryAfter?: number): Refused => ({ kind: 'refused', code, retryAfter })
