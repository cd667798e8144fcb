import type { CodeMaker } from '../domain/code-maker.ts'
import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import { SHOWN_AS_SENDING, type MessageState, type VerificationStatus } from '../domain/verification.ts'
import type { SqlRow } from './sql.ts'
import { attemptsLeft, isOver, statusNow } from './verification-sql.ts'

/** A verification as it stands now: what has expired is `expired`, whether anybody has noted it or not. */
export interface VerificationRecord {
  readonly id: string
  readonly caller: string
  readonly starter: string
  readonly profile: string
  /** The verification whose code it is: its own id, or that of one before, whose code it has taken over. Seals and digests of the code are bound to it. */
  readonly codeId: string
  readonly codeMaker: CodeMaker
  /** Somebody else has one of this number under way: nothing is sent for this one, and no code is right. */
  readonly isDecoy: boolean
  readonly status: VerificationStatus
  readonly numberDigest: string
  readonly numberMasked: string
  readonly country: string | undefined
  readonly sealedNumber: string
  /** Absent once it has ended. */
  readonly sealed: string | undefined
  readonly channel: Channel
  readonly attemptsLeft: number
  /** Messages asked for so far; the newest one's number. */
  readonly sends: number
  readonly maxSends: number
  /** When the next message may be asked for. Moments are milliseconds since 1970. */
  readonly resendAt: number
  readonly message: MessageState
  /** Why the newest message was not sent, where it was not. */
  readonly messageReason: Reason | undefined
  /** Ids of the deliveries that were sent, the newest last. Where its code was taken over, they are those of who took it, and none of its own. */
  readonly deliveries: readonly string[]
  /** Digest of a code that a vendor was asked about without its answer being known. */
  readonly askedHash: string | undefined
  readonly createdAt: number
  readonly sentAt: number
  readonly expiresAt: number
  readonly endedAt: number | undefined
  /** The store's now. */
  readonly now: number
}

/** A verification as it stands now, as the columns of a `SELECT` from `verifications`. */
export const RECORD_COLUMNS = `id, caller, starter, profile, code_id, code_maker, is_decoy, ${statusNow} AS status,
  number_digest, number_masked, country, sealed_number, CASE WHEN ${isOver} THEN NULL ELSE sealed END AS sealed, channel,
  ${attemptsLeft} AS attempts_left, sends, max_sends, resend_at, message, message_reason, deliveries,
  CASE WHEN ${isOver} THEN NULL ELSE asked_hash END AS asked_hash, created_at, sent_at, expires_at,
  CASE WHEN ended_at IS NULL AND ${isOver} THEN expires_at ELSE ended_at END AS ended_at, :now AS store_now`

/** Reads what those columns hold. */
export const toRecord = (row: SqlRow): VerificationRecord => ({
  id: row.id as string,
  caller: row.caller as string,
  starter: row.starter as string,
  profile: row.profile as string,
  codeId: row.code_id as string,
  codeMaker: row.code_maker as CodeMaker,
  isDecoy: row.is_decoy === 1,
  status: row.status as VerificationStatus,
  numberDigest: row.number_digest as string,
  numberMasked: row.number_masked as string,
  country: (row.country ?? undefined) as string | undefined,
  sealedNumber: row.sealed_number as string,
  sealed: (row.sealed ?? undefined) as string | undefined,
  channel: row.channel as Channel,
  attemptsLeft: row.attempts_left as number,
  sends: row.sends as number,
  maxSends: row.max_sends as number,
  resendAt: row.resend_at as number,
  message: messageOf(row),
  messageReason: (row.message_reason ?? undefined) as Reason | undefined,
  deliveries: row.deliveries === '' ? [] : (row.deliveries as string).split(','),
  askedHash: (row.asked_hash ?? undefined) as string | undefined,
  createdAt: row.created_at as number,
  sentAt: row.sent_at as number,
  expiresAt: row.expires_at as number,
  endedAt: (row.ended_at ?? undefined) as number | undefined,
  now: row.store_now as number
})

/** Nobody notes what became of a message that is not sent. */
const messageOf = (row: SqlRow): MessageState => {
  if (row.is_decoy !== 1) return row.message as MessageState
  return (row.store_now as number) - (row.sent_at as number) < SHOWN_AS_SENDING ? 'sending' : 'sent'
}
