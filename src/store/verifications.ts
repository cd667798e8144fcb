import type { CodeMaker } from '../domain/code-maker.ts'
import type { Channel } from '../domain/message.ts'
import type { VerificationStatus } from '../domain/verification.ts'
import { statement, type Sql, type SqlRow, type Step } from './sql.ts'
import { createVendorCodes, type VendorCodes } from './vendor-codes.ts'
import { checkSteps, reserveSteps, settleSteps, type VendorAnswer } from './verification-check-sql.ts'
import { noteSteps, resendSteps, type ToldMessage } from './verification-message-sql.ts'
import { RECORD_COLUMNS, toRecord, type VerificationRecord } from './verification-record.ts'
import { afterChange, cancelIt, expireIt, holdNumberOf } from './verification-sql.ts'
import { startSteps, takeNumber } from './verification-start-sql.ts'

export type { ToldMessage, VendorAnswer, VerificationRecord }

/** A verification that is to begin. Times are milliseconds. */
export interface VerificationRequest {
  readonly id: string
  /** The name of the caller whose secret, or whose session, came with the request. */
  readonly caller: string
  /** Digest of who starts it: a caller, or one browser session. */
  readonly starter: string
  readonly profile: string
  readonly numberDigest: string
  readonly numberMasked: string
  readonly country: string | undefined
  /** The sealed number, kept beyond the end; opaque here. */
  readonly sealedNumber: string
  /** The sealed code, and what it takes to send it; opaque here, and wiped at the end. */
  readonly sealed: string
  /** Digest of the code; absent where a vendor makes it. */
  readonly codeHash: string | undefined
  readonly codeMaker: CodeMaker
  readonly channel: Channel
  readonly lifetime: number
  readonly maxAttempts: number
  readonly cooldown: number
  readonly maxSends: number
  /** How many its starter may start in all; absent: any number. */
  readonly maxStarts: number | undefined
  /** In how many milliseconds another process sends the message, if this one has not by then. */
  readonly sendWithin: number
  /** With less life than that left, the code of a verification before is not taken over. */
  readonly leastLife: number
}

export type Started =
  /** `isNew`: its message is to be sent. Where it took a code over, the message of that code is as good. */
  | { readonly kind: 'started', readonly verification: VerificationRecord, readonly isNew: boolean }
  /** Too many wrong codes for that number; `retryAfter`: milliseconds until the oldest of them does not count any more. */
  | { readonly kind: 'too-many-attempts', readonly retryAfter: number }
  | { readonly kind: 'too-many-starts' }
  /** Its starter has just had a message for that number and profile; `retryAfter`: milliseconds until the next may be asked for. */
  | { readonly kind: 'too-soon', readonly retryAfter: number }

/** What came of a code. */
export interface Checked {
  /** Right, and the first right one: of any number at a time one is. */
  readonly valid: boolean
  readonly status: VerificationStatus
  readonly attemptsLeft: number
}

export type Resent =
  | { readonly kind: 'resent', readonly verification: VerificationRecord }
  /** Too soon; `retryAfter` is in milliseconds. */
  | { readonly kind: 'too-soon', readonly retryAfter: number }
  | { readonly kind: 'too-many' }
  /** It has ended, or is about to: a message would come too late. */
  | { readonly kind: 'over', readonly status: VerificationStatus }

/** A guess that is kept for a code which somebody else checks. */
export type Reserved =
  | { readonly kind: 'reserved', readonly guess: number }
  | { readonly kind: 'over', readonly checked: Checked }

/** Codes of our own, and who is about to enter them. Of what has ended, the code is not there any more. */
export interface Verifications extends VendorCodes {
  /**
   * Starts one. Atomic for a number: at any time those of one starter can succeed, one of each profile. Where its starter has one of that
   * profile under way, that one is canceled; its code and message are taken over where they may not be sent again yet. Where they
   * cannot be, or the one before has ended without being approved, it is too soon until then, and nothing changes. Where
   * another starter has, the new one is a decoy. With it, the sending falls due (unless it is a decoy, or took over what
   * was sent), and its end.
   */
  start (request: VerificationRequest): Promise<Started>
  find (id: string): Promise<VerificationRecord | undefined>
  /** Checks a code of our own making by its digest: one atomic step. What has ended is told as it is, and counts nothing. */
  check (id: string, codeHash: string): Promise<Checked>
  /** Keeps a guess for a code that a vendor checks: it counts as a wrong one until it is settled. Decoys have none to keep: theirs are wrong. */
  reserve (id: string): Promise<Reserved>
  /**
   * Settles a guess that was kept. `right` approves, if it has not ended; `wrong` leaves it counted; `unknown` gives it back,
   * and keeps the digest of the code that was asked about; `over`: the vendor does not check any more, and it fails.
   */
  settle (id: string, guess: number, answer: VendorAnswer, codeHash: string): Promise<Checked>
  /** Asks for the same code once more, by that channel. Atomic. The sending falls due, unless it is a decoy. */
  resend (id: string, channel: Channel, options: { readonly cooldown: number, readonly sendWithin: number, readonly leastLife: number }): Promise<Resent>
  /** Cancels what has not ended; gives the status in the end. */
  cancel (id: string): Promise<VerificationStatus>
  /** Notes what became of the message of that number, which is not due any more. One that failed may be asked for anew at once. */
  noteSent (id: string, send: number, told: ToldMessage): Promise<void>
  /** Ends what has expired. Gives it as it stands; `undefined` where there is none. */
  end (id: string): Promise<VerificationRecord | undefined>
}

const recordById = statement(`SELECT ${RECORD_COLUMNS} FROM verifications WHERE id = :id`)

export const createVerifications = (sql: Sql): Verifications => {
  /** Runs steps about one verification, beside which nothing of its number changes. Gives their rows, and it as it is then. */
  const change = async (id: string, steps: readonly Step[]): Promise<{ readonly rows: SqlRow[][], readonly record: VerificationRecord | undefined }> => {
    const rows = await sql.write([holdNumberOf({ id }), ...steps, ...afterChange(id), recordById({ id })])
    return { rows: rows.slice(1), record: rows.at(-1)?.map(toRecord)[0] }
  }

  return {
    ...createVendorCodes(sql),
    async start (request) {
      const { id, numberDigest, starter, country = null, codeHash = null, maxStarts = null } = request
      const held = takeNumber(numberDigest, maxStarts === null ? undefined : starter)
      const rows = await sql.write([...held, ...startSteps({ ...request, country, codeHash, maxStarts }), recordById({ id })])
      const [begun] = (rows.at(-1) as SqlRow[]).map(toRecord)
      if (begun !== undefined) return { kind: 'started', verification: begun, isNew: begun.codeId === id }
      const [forbids] = rows[held.length] as [SqlRow]
      if (forbids.has_started_all === 1) return { kind: 'too-many-starts' }
      return forbids.retry_after === null
        ? { kind: 'too-soon', retryAfter: forbids.too_soon_for as number }
        : { kind: 'too-many-attempts', retryAfter: forbids.retry_after as number }
    },
    async find (id) {
      return (await sql.read(recordById({ id }))).map(toRecord)[0]
    },
    async check (id, codeHash) {
      const { rows: [approved], record } = await change(id, checkSteps(id, codeHash))
      return toChecked(record, approved?.length === 1)
    },
    async reserve (id) {
      const { rows: [counted], record } = await change(id, reserveSteps(id))
      const kept = counted?.find((guess) => guess.is_open === 1)
      return kept === undefined ? { kind: 'over', checked: toChecked(record, false) } : { kind: 'reserved', guess: kept.guess as number }
    },
    async settle (id, guess, answer, codeHash) {
      const { rows: [approved], record } = await change(id, settleSteps({ id, guess, codeHash }, answer))
      return toChecked(record, answer === 'right' && approved?.length === 1)
    },
    async resend (id, channel, options) {
      const { rows: [, asked], record } = await change(id, resendSteps(id, channel, options))
      if (record === undefined) return { kind: 'over', status: GONE }
      if (asked?.length === 1) return { kind: 'resent', verification: record }
      const { status, expiresAt, resendAt, sends, maxSends, now } = record
      if (status !== 'pending' || expiresAt < now + options.leastLife) return { kind: 'over', status }
      return sends >= maxSends ? { kind: 'too-many' } : { kind: 'too-soon', retryAfter: resendAt - now }
    },
    async cancel (id) {
      return (await change(id, [cancelIt({ id })])).record?.status ?? GONE
    },
    async noteSent (id, send, told) {
      await change(id, noteSteps(id, send, told))
    },
    async end (id) {
      return (await change(id, [expireIt({ id })])).record
    }
  }
}

/** How a verification ended of which nothing is known any more: it was long ago. */
const GONE: VerificationStatus = 'expired'

const toChecked = (record: VerificationRecord | undefined, valid: boolean): Checked =>
  ({ valid, status: record?.status ?? GONE, attemptsLeft: record?.attemptsLeft ?? 0 })
