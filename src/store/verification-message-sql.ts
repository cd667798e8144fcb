import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import type { MessageState } from '../domain/verification.ts'
import { statement, type Step } from './sql.ts'
import { isUnderWay } from './verification-sql.ts'

/** Whether one more message may be asked for, as SQL. */
const maySend = `id = :id AND ${isUnderWay} AND expires_at >= :now + :leastLife AND resend_at <= :now AND sends < max_sends`

// Before `askAgain`: it asks for the same.
const sendAgain = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT id, 'verification-send', :now + :sendWithin, 0 FROM verifications WHERE ${maySend} AND is_decoy = 0
   ON CONFLICT (id, kind) DO UPDATE SET due_at = excluded.due_at, lease_until = 0, tries = 0`)

const askAgain = statement(
  `UPDATE verifications SET sends = sends + 1, channel = :channel, resend_at = :now + :cooldown, sent_at = :now,
     message = 'sending', message_reason = NULL
   WHERE ${maySend} RETURNING id`)

/** Who has the code of a verification by now, as SQL: one that has taken it over, or else itself. */
const heir = `COALESCE((SELECT newer.id FROM verifications AS newer
    WHERE newer.code_id <> newer.id AND newer.code_id = (SELECT own.code_id FROM verifications AS own WHERE own.id = :id)
    ORDER BY newer.created_at DESC, newer.id DESC LIMIT 1), :id)`

// With who asked for it, and with who has its code by now.
const noteMessage = statement(
  `UPDATE verifications SET message = :state, message_reason = :reason,
     resend_at = CASE WHEN :state = 'failed' THEN :now ELSE resend_at END
   WHERE (id = :id OR id = ${heir}) AND sends = :send`)

// It is not to be sent any more, unless another message has been asked for since.
const dropSent = statement(
  `DELETE FROM due WHERE kind = 'verification-send' AND id IN (SELECT id FROM verifications WHERE (id = :id OR id = ${heir}) AND sends = :send)`)

// One that was sent before the newest, and is told of late, does not come last.
const noteDelivery = statement(
  `UPDATE verifications SET deliveries = CASE WHEN deliveries = '' THEN CAST(:delivery AS TEXT)
     WHEN sends = :send THEN deliveries || ',' || CAST(:delivery AS TEXT) ELSE CAST(:delivery AS TEXT) || ',' || deliveries END
   WHERE id = ${heir} AND ',' || deliveries || ',' NOT LIKE '%,' || CAST(:delivery AS TEXT) || ',%'`)

/** The steps that ask for one more message. The last gives a row where there may be one. */
export const resendSteps = (id: string, channel: Channel, options: { readonly cooldown: number, readonly sendWithin: number, readonly leastLife: number }): Step[] => {
  const parameters = { ...options, id, channel }
  return [sendAgain(parameters), askAgain(parameters)]
}

/** What became of a message. */
export interface ToldMessage {
  readonly state: MessageState
  readonly reason: Reason | undefined
  readonly delivery: string | undefined
}

/** The steps that note what became of the message of that number. */
export const noteSteps = (id: string, send: number, { state, reason, delivery }: ToldMessage): Step[] => [
  noteMessage({ id, send, state, reason: reason ?? null }),
  dropSent({ id, send }),
  ...delivery === undefined ? [] : [noteDelivery({ id, send, delivery })]
]
