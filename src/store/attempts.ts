import { progressOf, type DeliveryStatus } from '../domain/delivery-status.ts'
import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import { statement, type Sql, type SqlValue } from './sql.ts'
import { deriveDelivery, moveAttempt } from './status-sql.ts'

/** An attempt about to be made. Moments are milliseconds from the store's now. */
export interface NewAttempt {
  readonly id: string
  readonly delivery: string
  readonly provider: string
  readonly channel: Channel
  /** How long the provider may take before an attempt without a result is `unknown`. */
  readonly leaseFor: number
  /** The key that the delivery must still hold, and for how long it holds it now; absent where no key is at stake. */
  readonly claim: { readonly key: string, readonly holdFor: number } | undefined
  /** When the call must be over, for attempts that are calls. */
  readonly endCallIn: number | undefined
}

export interface AttemptResult {
  readonly attempt: string
  readonly status: DeliveryStatus
  readonly reason: Reason | undefined
  readonly vendorCode: string | undefined
  /** The provider's own id of the message or call. */
  readonly reference: string | undefined
  /** How much longer the delivery holds its key; absent: unchanged. 0 frees it. */
  readonly claim: { readonly key: string, readonly delivery: string, readonly holdFor: number } | undefined
}

/** News of an attempt, told by its provider. */
export interface AttemptNews {
  readonly attempt: string
  /** News of one channel says nothing of an attempt by another. */
  readonly channel: Channel
  /** The same for repetitions of one piece of news, different for different ones. */
  readonly key: string
  readonly what: string
  /** Absent: an event that is only noted. */
  readonly status: DeliveryStatus | undefined
  readonly reason: Reason | undefined
  /** The vendor's own code for a failure. */
  readonly vendorCode: string | undefined
}

/** What a piece of news changed: the delivery, its status as it stands now, and whether the attempt's was moved. */
export interface AppliedNews {
  readonly changed: boolean
  readonly delivery: string
  readonly status: DeliveryStatus
}

const insertClaimedAttempt = statement(
  `INSERT INTO attempts (id, delivery_id, provider, channel, status, started_at, lease_until)
   SELECT :id, :delivery, :provider, :channel, 'pending', :now, :now + :leaseFor
   FROM claims WHERE claim_key = :key AND delivery_id = :delivery
   RETURNING id`)

const insertAttempt = statement(
  `INSERT INTO attempts (id, delivery_id, provider, channel, status, started_at, lease_until)
   VALUES (:id, :delivery, :provider, :channel, 'pending', :now, :now + :leaseFor)
   RETURNING id`)

const insertEndOfCall = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT id, 'end-call', :now + :endCallIn, 0 FROM attempts WHERE id = :id`)

const extendHold = statement(
  `UPDATE claims SET held_until = CASE WHEN held_until < :now + :holdFor THEN :now + :holdFor ELSE held_until END
   WHERE claim_key = :key AND delivery_id = :delivery`)

const setHold = statement(
  'UPDATE claims SET held_until = :now + :holdFor WHERE claim_key = :key AND delivery_id = :delivery')

const recordResult = statement(
  `UPDATE attempts SET result = :result, finished_at = :now, reference = COALESCE(reference, :reference)
   WHERE id = :attempt`)

const insertNews = statement(
  `INSERT INTO timeline (attempt_id, event_key, happened_at, what, reason)
   SELECT id, :key, :now, :what, CASE status WHEN 'delivered' THEN NULL ELSE :reason END FROM attempts WHERE id = :attempt AND channel = :channel
   ON CONFLICT (attempt_id, event_key) DO NOTHING`)

const attemptByReference = statement('SELECT id FROM attempts WHERE reference = :reference')

/** `pending` is the beginning of all: moving there moves nothing. */
const move = (status: DeliveryStatus, reason: Reason | undefined, attempt: string, channel: Channel | null): Record<string, SqlValue> =>
  ({ attempt, channel, status, reason: reason ?? null, progress: progressOf(status) })

/** The attempts to deliver, one row each: on disk before the request that they stand for is written. */
export interface Attempts {
  /** Begins an attempt. `false` where the delivery has lost its key meanwhile: then nothing may be sent. */
  begin (attempt: NewAttempt): Promise<boolean>
  /** Records what the provider answered, unless its events have already told more. */
  finish (result: AttemptResult): Promise<void>
  /** Applies news; `undefined` where there is no such attempt. Repeated and late news changes nothing. */
  apply (news: AttemptNews): Promise<AppliedNews | undefined>
  /** The attempt to which the provider gave that id. */
  findByReference (reference: string): Promise<string | undefined>
}

export const createAttempts = (sql: Sql): Attempts => ({
  async begin ({ claim, endCallIn, ...attempt }) {
    const insert = claim === undefined
      ? [insertAttempt({ ...attempt })]
      : [insertClaimedAttempt({ ...attempt, key: claim.key }), extendHold({ ...claim, delivery: attempt.delivery })]
    const timed = endCallIn === undefined ? [] : [insertEndOfCall({ id: attempt.id, endCallIn })]
    const [inserted] = await sql.write([...insert, ...timed])
    return inserted?.length === 1
  },
  async finish ({ attempt, status, reason, vendorCode, reference, claim }) {
    await sql.write([
      recordResult({ attempt, result: status, reference: reference ?? null }),
      moveAttempt({ ...move(status, reason, attempt, null), vendorCode: vendorCode ?? null }),
      deriveDelivery({ attempt, channel: null }),
      ...(claim === undefined ? [] : [setHold({ ...claim })])
    ])
  },
  async apply ({ attempt, channel, key, what, status, reason, vendorCode }) {
    const [, moved, [delivery] = []] = await sql.write([
      insertNews({ attempt, channel, key, what, reason: reason ?? null }),
      moveAttempt({ ...move(status ?? 'pending', reason, attempt, channel), vendorCode: vendorCode ?? null }),
      deriveDelivery({ attempt, channel })
    ])
    return delivery && { changed: moved?.length === 1, delivery: delivery.id as string, status: delivery.status as DeliveryStatus }
  },
  async findByReference (reference) {
    const [row] = await sql.read(attemptByReference({ reference }))
    return row?.id as string | undefined
  }
})
