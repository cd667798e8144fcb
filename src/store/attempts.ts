import { progressOf, type DeliveryStatus } from '../domain/delivery-status.ts'
import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import { statement, type Sql, type SqlRow, type SqlValue } from './sql.ts'
import { insertFeedback } from './feedback-sql.ts'
import { extendHold, holdClaim, setHold } from './hold-sql.ts'
import { deriveDelivery, holdDelivery, holdDeliveryOf, isMeant, moveAttempt, reopenDelivery } from './status-sql.ts'
import { toPlace, type Place } from './traffic.ts'

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
  /** What it takes to find the message where the answer is lost, sealed; absent where nobody can be asked. */
  readonly sought: string | undefined
}

export interface AttemptResult {
  readonly attempt: string
  readonly status: DeliveryStatus
  readonly reason: Reason | undefined
  readonly vendorCode: string | undefined
  /** The provider's own id of the message or call. */
  readonly reference: string | undefined
  /** How long the provider took. */
  readonly milliseconds: number | undefined
  /** What the provider calls that which the message belongs to, where there is such a thing. */
  readonly transaction: string | undefined
  /** After how long the provider is to be asked, unless it has told by then; absent: it is not asked. */
  readonly askIn: number | undefined
  /** How much longer the delivery holds its key; absent: unchanged. 0 frees it. */
  readonly claim: { readonly key: string, readonly delivery: string, readonly holdFor: number } | undefined
}

/** News of an attempt, told by its provider. */
export interface AttemptNews {
  /** Who tells it: of an attempt by the provider of another vendor it is no news. Absent: it is our own word. */
  readonly vendor: string | undefined
  readonly attempt: string
  /** News of one channel says nothing of an attempt by another. */
  readonly channel: Channel
  /**
   * The provider's own id of what the news is about, where it says so. An attempt without one is tied to it from now on;
   * of an attempt that has another one, it is no news.
   */
  readonly reference: string | undefined
  /** The same for repetitions of one piece of news, different for different ones. */
  readonly key: string
  readonly what: string
  /** Absent: an event that is only noted. */
  readonly status: DeliveryStatus | undefined
  readonly reason: Reason | undefined
  /** The vendor's own code for a failure. */
  readonly vendorCode: string | undefined
}

/** Where a piece of news belongs, and how it stands there now. */
export interface AppliedNews {
  /** Whether it moved the attempt's status. */
  readonly changed: boolean
  readonly delivery: string
  readonly status: DeliveryStatus
  /** How the message was wished for, which is not how this attempt sent it where another channel was tried. */
  readonly channel: Channel
  readonly country: string | undefined
  readonly provider: string
  readonly attemptStatus: DeliveryStatus
  /** How the attempt stood before. */
  readonly attemptWas: DeliveryStatus
  /** Whether it is the first that is known of how the attempt ended. */
  readonly ended: boolean
  /** When the attempt was made, milliseconds since 1970. */
  readonly attemptedAt: number
  /** Context of the span of the request that asked for the message, where it was traced. */
  readonly trace: string | undefined
  /** Where the message went. */
  readonly place: Place
}

const insertClaimedAttempt = statement(
  `INSERT INTO attempts (id, delivery_id, provider, channel, status, started_at, lease_until, sought)
   SELECT :id, :delivery, :provider, :channel, 'pending', :now, :now + :leaseFor, :sought
   FROM claims WHERE claim_key = :key AND delivery_id = :delivery AND held_until > 0
   RETURNING id`)

const insertAttempt = statement(
  `INSERT INTO attempts (id, delivery_id, provider, channel, status, started_at, lease_until, sought)
   VALUES (:id, :delivery, :provider, :channel, 'pending', :now, :now + :leaseFor, :sought)
   RETURNING id`)

const insertEndOfCall = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT id, 'end-call', :now + :endCallIn, 0 FROM attempts WHERE id = :id`)

/** In how many milliseconds an attempt is asked about that has its reference from the news: who sent it had no answer. */
const ASK_TIED_AFTER = 120_000

const recordResult = statement(
  `UPDATE attempts SET result = :result, finished_at = :now, reference = COALESCE(reference, :reference),
     milliseconds = :milliseconds, transaction_id = :transaction,
     sought = CASE WHEN :result = 'unknown' AND COALESCE(reference, :reference) IS NULL THEN sought ELSE NULL END
   WHERE id = :attempt`)

const askLater = statement(
  `UPDATE attempts SET ask_at = :now + :askIn
   WHERE id = :attempt AND status IN ('unknown', 'accepted') AND (reference IS NOT NULL OR sought IS NOT NULL)`)

const tieReference = statement(
  `UPDATE attempts SET reference = :reference, sought = NULL,
     ask_at = CASE WHEN status IN ('pending', 'unknown', 'accepted') THEN :now + :askIn ELSE NULL END
   WHERE ${isMeant} AND reference IS NULL`)

const insertNews = statement(
  `INSERT INTO timeline (attempt_id, event_key, happened_at, what, reason)
   SELECT id, :key, :now, :what, CASE status WHEN 'delivered' THEN NULL ELSE :reason END FROM attempts WHERE ${isMeant}
   ON CONFLICT (attempt_id, event_key) DO NOTHING`)

const attemptNow = statement('SELECT provider, status, started_at FROM attempts WHERE id = :attempt')

const attemptById = statement(
  'SELECT provider, channel, status, transaction_id, :now - started_at AS age FROM attempts WHERE id = :attempt')

const attemptByReference = statement('SELECT id FROM attempts WHERE reference = :reference')

const isEnd = ({ status }: SqlRow): boolean => progressOf(status as DeliveryStatus) > progressOf('accepted')

/** `pending` is the beginning of all: moving there moves nothing. */
const move = (status: DeliveryStatus, reason: Reason | undefined, vendorCode: string | undefined): Record<string, SqlValue> =>
  ({ status, reason: reason ?? null, vendorCode: vendorCode ?? null, progress: progressOf(status) })

/** An attempt, by what its provider knows it. */
export interface MadeAttempt {
  readonly provider: string
  readonly channel: Channel
  readonly status: DeliveryStatus
  /** What the provider calls that which the message belongs to. */
  readonly transaction: string | undefined
  /** Milliseconds since the attempt began. */
  readonly age: number
}

/** The attempts to deliver, one row each: on disk before the request that they stand for is written. */
export interface Attempts {
  /** Begins an attempt. `false` where the delivery has lost its key meanwhile: then nothing may be sent. */
  begin (attempt: NewAttempt): Promise<boolean>
  /**
   * Records what the provider answered, unless its events have already told more. Where the code is known to be used and
   * the answer names a transaction, feedback falls due.
   */
  finish (result: AttemptResult): Promise<void>
  /**
   * Applies news; `undefined` where there is no such attempt, or not by that vendor or reference. Repeated and late news
   * changes nothing. An attempt that is tied to a reference by it is to be asked about, unless this is the end.
   */
  apply (news: AttemptNews): Promise<AppliedNews | undefined>
  /** `undefined` where there is no such attempt. */
  find (attempt: string): Promise<MadeAttempt | undefined>
  /** The attempt to which the provider gave that id. */
  findByReference (reference: string): Promise<string | undefined>
}

export const createAttempts = (sql: Sql): Attempts => ({
  async begin ({ claim, endCallIn, ...attempt }) {
    // The hold first: whoever claims the key meanwhile waits for it, or has taken it before.
    const held = [...(claim === undefined ? [] : [extendHold({ ...claim, delivery: attempt.delivery })]), holdDelivery({ id: attempt.delivery })]
    const row = { ...attempt, sought: attempt.sought ?? null }
    const insert = claim === undefined ? insertAttempt(row) : insertClaimedAttempt({ ...row, key: claim.key })
    const timed = endCallIn === undefined ? [] : [insertEndOfCall({ id: attempt.id, endCallIn })]
    const rows = await sql.write([...held, insert, reopenDelivery({ id: attempt.id, delivery: attempt.delivery }), ...timed])
    return rows[held.length]?.length === 1
  },
  async finish ({ attempt, status, reason, vendorCode, reference, milliseconds, transaction, askIn, claim }) {
    const meant = { attempt, channel: null, providers: null, reference: null }
    await sql.write([
      ...(claim === undefined ? [] : [holdClaim({ key: claim.key, delivery: claim.delivery }), setHold({ ...claim, attempt })]),
      holdDeliveryOf({ attempt }),
      recordResult({
        attempt, result: status, reference: reference ?? null, milliseconds: milliseconds ?? null, transaction: transaction ?? null
      }),
      moveAttempt({ ...meant, ...move(status, reason, vendorCode) }),
      deriveDelivery(meant),
      ...(transaction === undefined ? [] : [insertFeedback({ attempt })]),
      ...(askIn === undefined ? [] : [askLater({ attempt, askIn })])
    ])
  },
  async apply ({ vendor, attempt, channel, reference, key, what, status, reason, vendorCode }) {
    // The name of a provider begins with its vendor's.
    const meant = { attempt, channel, providers: vendor === undefined ? null : `${vendor}-%`, reference: reference ?? null }
    // Tied first: of two that name different references, the steps below then hold for one only.
    const tied = reference === undefined ? [] : [tieReference({ ...meant, askIn: ASK_TIED_AFTER })]
    const rows = await sql.write([
      holdDeliveryOf({ attempt }),
      attemptNow({ attempt }),
      ...tied,
      insertNews({ ...meant, key, what, reason: reason ?? null }),
      moveAttempt({ ...meant, ...move(status ?? 'pending', reason, vendorCode) }),
      deriveDelivery(meant),
      attemptNow({ attempt })
    ])
    const [before] = rows[1] as SqlRow[]
    const [moved, [delivery] = [], [now] = []] = rows.slice(tied.length + 3)
    return delivery && now && {
      changed: moved?.length === 1,
      delivery: delivery.id as string,
      status: delivery.status as DeliveryStatus,
      channel: delivery.channel as Channel,
      country: (delivery.country ?? undefined) as string | undefined,
      provider: now.provider as string,
      attemptStatus: now.status as DeliveryStatus,
      attemptWas: (before as SqlRow).status as DeliveryStatus,
      ended: isEnd(now) && !isEnd(before as SqlRow),
      attemptedAt: now.started_at as number,
      trace: (delivery.trace ?? undefined) as string | undefined,
      place: toPlace(delivery)
    }
  },
  async find (attempt) {
    const [row] = await sql.read(attemptById({ attempt }))
    return row && {
      provider: row.provider as string,
      channel: row.channel as Channel,
      status: row.status as DeliveryStatus,
      transaction: (row.transaction_id ?? undefined) as string | undefined,
      age: row.age as number
    }
  },
  async findByReference (reference) {
    const [row] = await sql.read(attemptByReference({ reference }))
    return row?.id as string | undefined
  }
})
