import type { DeliveryStatus } from '../domain/delivery-status.ts'
import type { Channel } from '../domain/message.ts'
import { insertFeedback } from './feedback-sql.ts'
import { hold, statement, type Sql, type SqlRow } from './sql.ts'
import { holdDeliveryOf, standAsBestAttempt } from './status-sql.ts'

/** An attempt that may have become the same message as another one. */
export interface Rival {
  readonly attempt: string
  /** What it was to be found by, sealed; absent where that was wiped, or never kept. */
  readonly sought: string | undefined
}

/** What a search found: the provider's own id of the message, and of what the message belongs to. */
export interface Found {
  readonly attempt: string
  readonly reference: string
  readonly transaction: string | undefined
}

/** An attempt that its provider has no record of, and how its delivery stands now. */
export interface Settled {
  readonly delivery: string
  readonly status: DeliveryStatus
  /** The channel of the attempt. */
  readonly channel: Channel
  readonly country: string | undefined
  /** When the attempt was made, milliseconds since 1970. */
  readonly attemptedAt: number
  /** Context of the span of the request that asked for the message, where it was traced. */
  readonly trace: string | undefined
}

/** How far two clocks may be apart for two attempts to count as made at the same time, in milliseconds. */
const MARGIN = 1000

const rivalsOf = statement(
  `SELECT other.id, other.sought
   FROM attempts AS mine JOIN deliveries AS wished ON wished.id = mine.delivery_id
     JOIN deliveries AS beside ON beside.number_digest = wished.number_digest
     JOIN attempts AS other ON other.delivery_id = beside.id
   WHERE mine.id = :attempt AND other.id <> mine.id AND other.provider = mine.provider AND other.channel = mine.channel
     AND other.reference IS NULL AND other.status IN ('pending', 'unknown', 'accepted')
     AND other.started_at <= mine.lease_until + :margin AND other.lease_until + :margin >= mine.started_at
   ORDER BY other.id`)

const holderOf = statement('SELECT id FROM attempts WHERE reference = :reference AND id <> :attempt LIMIT 1')

// A message has one number: where all deliveries to it are held, nobody else ties an attempt to the same message.
const holdNumber = hold(
  `SELECT id FROM deliveries
   WHERE number_digest = (SELECT number_digest FROM deliveries WHERE id = (SELECT delivery_id FROM attempts WHERE id = :attempt))
   ORDER BY id`)

const tie = statement(
  `UPDATE attempts SET reference = :reference, transaction_id = COALESCE(transaction_id, :transaction), sought = NULL
   WHERE id = :attempt AND reference IS NULL AND status = 'unknown'
     AND NOT EXISTS (SELECT 1 FROM attempts AS other WHERE other.reference = :reference)
   RETURNING id`)

const settle = statement(
  `UPDATE attempts SET status = 'failed', reason = 'not_taken', vendor_code = NULL, ask_at = NULL, sought = NULL
   WHERE id = :attempt AND reference IS NULL AND status = 'unknown'
   RETURNING channel, started_at`)

const insertEvent = statement(
  `INSERT INTO timeline (attempt_id, event_key, happened_at, what, reason)
   SELECT id, 'search', :now, 'search.absent', reason FROM attempts WHERE id = :attempt AND reason = 'not_taken'
   ON CONFLICT (attempt_id, event_key) DO NOTHING`)

const derive = statement(
  `UPDATE deliveries SET ${standAsBestAttempt}
   WHERE id = (SELECT delivery_id FROM attempts WHERE id = :attempt AND reason = 'not_taken')
   RETURNING id, status, country, trace`)

/** What a search for lost messages asks and writes down. */
export interface Searches {
  /** Other attempts to send to the same number, by the same provider and at the same time, whose answers were lost too. */
  rivals (attempt: string): Promise<readonly Rival[]>
  /** Which of the references no other attempt has. */
  free (attempt: string, references: readonly string[]): Promise<readonly string[]>
  /**
   * Ties an attempt whose fate is unknown to a reference. Atomic: of any number of attempts to one number, one gets a
   * reference. `false` where this one did not, or knows more by now. Where the code is known to be used, feedback falls due.
   */
  tie (found: Found): Promise<boolean>
  /**
   * Settles an attempt that its provider has no record of as `failed`. Gives its delivery, and how that stands now;
   * `undefined` where more is known of the attempt by now.
   */
  settle (attempt: string): Promise<Settled | undefined>
}

export const createSearches = (sql: Sql): Searches => ({
  async rivals (attempt) {
    const rows = await sql.read(rivalsOf({ attempt, margin: MARGIN }))
    return rows.map(({ id, sought }: SqlRow) => ({ attempt: id as string, sought: (sought ?? undefined) as string | undefined }))
  },
  async free (attempt, references) {
    const held = await Promise.all(references.map((reference) => sql.read(holderOf({ attempt, reference }))))
    return references.filter((_reference, index) => held[index]?.length === 0)
  },
  async tie ({ attempt, reference, transaction }) {
    const [, tied] = await sql.write([holdNumber({ attempt }), tie({ attempt, reference, transaction: transaction ?? null }), insertFeedback({ attempt })])
    return tied?.length === 1
  },
  async settle (attempt) {
    const [, [settled] = [], , [delivery] = []] = await sql.write([holdDeliveryOf({ attempt }), settle({ attempt }), insertEvent({ attempt }), derive({ attempt })])
    return settled && delivery && {
      delivery: delivery.id as string,
      status: delivery.status as DeliveryStatus,
      channel: settled.channel as Channel,
      country: (delivery.country ?? undefined) as string | undefined,
      attemptedAt: settled.started_at as number,
      trace: (delivery.trace ?? undefined) as string | undefined
    }
  }
})
