import type { Keys } from '../domain/keys.ts'
import type { VerificationRecord } from '../store/verifications.ts'
import { resultOf, type SignResult } from './result-of.ts'
import { openCode, openNumber, openReference } from './sealed-code.ts'
import type { Asker, View } from './service.ts'

export interface ViewDeps {
  readonly keys: Keys
  readonly sign: SignResult
}

/** Shows a verification to somebody whose it is. */
export type ToView = (record: VerificationRecord, asker: Asker) => View

/**
 * For so many milliseconds after a message was asked for, it is shown as being sent at least: as long as that of a decoy, by
 * which the two cannot be told apart.
 */
const SHOWN_AS_SENDING = 1000

export const createToView = ({ keys, sign }: ViewDeps): ToView => (record, asker) => {
  const { id, status, profile, channel, numberMasked, sealedNumber, attemptsLeft, sends, maxSends, resendAt, createdAt, expiresAt, endedAt, now } = record
  return {
    id,
    status,
    profile,
    channel,
    number: numberMasked,
    to: asker.kind === 'caller' ? openNumber(sealedNumber, id, keys) : undefined,
    reference: asker.kind === 'caller' ? openReference(sealedNumber, id, keys) : undefined,
    codeLength: openCode(record.sealed, record.codeId, keys)?.codeLength,
    attemptsLeft,
    sendsLeft: maxSends - sends,
    resendAt,
    message: messageOf(record),
    createdAt,
    expiresAt,
    endedAt,
    now,
    result: resultOf(sign, id, status, asker)
  }
}

const messageOf = ({ message, messageReason, sentAt, now }: VerificationRecord): View['message'] =>
  ({ state: message === 'sent' && now - sentAt < SHOWN_AS_SENDING ? 'sending' : message, reason: messageReason })
