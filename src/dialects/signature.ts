import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IdempotencyKey } from '../domain/message.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Belief } from './dialect.ts'

/** Milliseconds by which a request may be old, or ahead of our clock. */
const TOLERANCE = 300_000

/** Bytes of an HMAC-SHA256. */
const LENGTH = 32

/** Characters that the header of a signature may have; ten signatures have two thirds of that. */
const LONGEST_HEADER = 1024

/** Whether a header is there, once, and no longer than one of a signature can be. */
export const isSignatureHeader = (value: string | string[] | undefined): value is string =>
  typeof value === 'string' && value.length <= LONGEST_HEADER

/** A sender signs once for each of its keys; nobody has more of them. */
const MOST_SIGNATURES = 10

/**
 * Whether one of the signatures is the HMAC-SHA256 of the message, given in parts, by one of the keys. Each of the first ten
 * is compared with all, in constant time; what has another length is no signature.
 */
export const isSigned = (parts: ReadonlyArray<string | Buffer>, signatures: readonly Buffer[], keys: readonly Buffer[]): boolean => {
  const presented = signatures.slice(0, MOST_SIGNATURES).filter(({ length }) => length === LENGTH)
  const comparisons = keys.flatMap((key) => {
    const expected = parts.reduce((hmac, part) => hmac.update(part), createHmac('sha256', key)).digest()
    return presented.map((signature) => timingSafeEqual(expected, signature))
  })
  return comparisons.includes(true)
}

/** Whether a moment in seconds since 1970, written in digits, is within five minutes of now, which is in milliseconds. */
export const isRecent = (seconds: string, now: number): boolean =>
  /^[0-9]{1,12}$/.test(seconds) && Math.abs(now - Number(seconds) * 1000) <= TOLERANCE

/** What a doubt about a request that was signed by `name` comes to; none: it is believed. */
export const believeSigned = (name: string, doubt: string | undefined): Belief => doubt === undefined ? { caller: name } : { doubt }

/** Why a request is not believed whose time is too far from ours. */
export const OUT_OF_TIME = 'its time is more than five minutes off: see the clocks, or it is an old request'

/** The least that a signed request is remembered, in milliseconds: its sender may try again for that long. */
const SHORTEST_HOLD = 600_000

/**
 * As long as a request may come again whose time may be off by so many milliseconds: it can be signed ahead of our clock, and
 * then grow old. The second is for the last moment, and for clocks that run apart.
 */
export const holdOfSigned = (tolerance: number): number => Math.max(SHORTEST_HOLD, 2 * tolerance) + 1000

/** A key for a signed request: what comes again with it, by whomever it is sent, sends nothing. */
export const keyOfSigned = (value: string): IdempotencyKey => ({ value: new SensitiveText(value), holdFor: holdOfSigned(TOLERANCE) })

/** What stands for a body where nothing in it does. */
export const digestOfBody = (body: Buffer): string => createHash('sha256').update(body).digest('hex')
