import type { Keys } from '../domain/keys.ts'
import { SHOWN_AS_SENDING } from '../domain/verification.ts'
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
    deliveries: asker.kind === 'caller' && status === 'approved' ? record.deliveries : undefined,
    result: resultOf(sign, record, status, asker)
  }
}

const messageOf = ({ message, messageReason, sentAt, now }: VerificationRecord): View['message'] =>
  ({ state: message === 'sent' && now - sentAt < SHOWN_AS_SENDING ? 'sending' : message, reason: messageReason })
