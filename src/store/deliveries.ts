import type { DeliveryStatus } from '../domain/delivery-status.ts'
import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import { statement, type Sql, type SqlRow } from './sql.ts'

export interface DeliveryRecord {
  readonly id: string
  readonly caller: string
  readonly route: string
  readonly channel: Channel
  readonly number: string
  readonly status: DeliveryStatus
  readonly reason: Reason | undefined
  /** Moments are milliseconds since 1970. */
  readonly createdAt: number
  readonly updatedAt: number
  readonly expiresAt: number
  readonly attempts: readonly AttemptRecord[]
}

export interface AttemptRecord {
  readonly id: string
  readonly provider: string
  readonly channel: Channel
  readonly status: DeliveryStatus
  readonly reason: Reason | undefined
  /** The vendor's own name for a failure. */
  readonly vendorCode: string | undefined
  readonly startedAt: number
  /** When the provider's answer was there, and what it was. */
  readonly finishedAt: number | undefined
  readonly result: DeliveryStatus | undefined
  readonly events: ReadonlyArray<{ readonly at: number, readonly what: string, readonly reason: Reason | undefined }>
}

const deliveryById = statement('SELECT * FROM deliveries WHERE id = :id')
const attemptsOf = statement('SELECT * FROM attempts WHERE delivery_id = :id ORDER BY id')
const timelineOf = statement(
  `SELECT timeline.* FROM timeline JOIN attempts ON attempts.id = timeline.attempt_id
   WHERE attempts.delivery_id = :id ORDER BY happened_at, event_key`)

const failClaimed = statement(
  `UPDATE deliveries SET status = 'failed', reason = :reason, updated_at = :now
   WHERE id = :id AND status = 'pending' AND NOT EXISTS (SELECT 1 FROM attempts WHERE delivery_id = :id)`)
const freeClaim = statement('UPDATE claims SET held_until = 0 WHERE claim_key = :key AND delivery_id = :id')

const newestKeptCode = `SELECT id FROM deliveries WHERE number_digest = :numberDigest AND kept_code IS NOT NULL
  AND expires_at > :now ORDER BY id DESC LIMIT 1`
const readKeptCode = statement(
  `SELECT id, kept_code, expires_at - :now AS expires_in FROM deliveries WHERE id = (${newestKeptCode})`)
const wipeKeptCodes = statement(
  'UPDATE deliveries SET kept_code = NULL WHERE number_digest = :numberDigest AND kept_code IS NOT NULL RETURNING id')

/** A code that is kept for a call-back. */
export interface KeptCode {
  readonly delivery: string
  readonly sealed: string
  /** Milliseconds for which the code is still valid. */
  readonly expiresIn: number
}

/** The record of every message. */
export interface Deliveries {
  find (id: string): Promise<DeliveryRecord | undefined>
  /** Ends a delivery for which nothing was attempted, and frees its key. */
  abandon (id: string, key: string, reason: Reason): Promise<void>
  /** Takes the newest code kept for a number, and forgets the older ones: of any number of callers one gets it. */
  takeKeptCode (numberDigest: string): Promise<KeptCode | undefined>
}

export const createDeliveries = (sql: Sql): Deliveries => ({
  async find (id) {
    const [[delivery], attempts, timeline] = await Promise.all(
      [sql.read(deliveryById({ id })), sql.read(attemptsOf({ id })), sql.read(timelineOf({ id }))])
    return delivery && toDelivery(delivery, attempts, timeline)
  },
  async abandon (id, key, reason) {
    await sql.write([failClaimed({ id, reason }), freeClaim({ id, key })])
  },
  async takeKeptCode (numberDigest) {
    const [[found] = [], wiped = []] = await sql.write([readKeptCode({ numberDigest }), wipeKeptCodes({ numberDigest })])
    if (found === undefined || !wiped.some(({ id }) => id === found.id)) return undefined
    return { delivery: found.id as string, sealed: found.kept_code as string, expiresIn: found.expires_in as number }
  }
})

const toDelivery = (row: SqlRow, attempts: SqlRow[], timeline: SqlRow[]): DeliveryRecord => ({
  id: row.id as string,
  caller: row.caller as string,
  route: row.route as string,
  channel: row.channel as Channel,
  number: row.number_masked as string,
  status: row.status as DeliveryStatus,
  reason: reasonOf(row),
  createdAt: row.created_at as number,
  updatedAt: row.updated_at as number,
  expiresAt: row.expires_at as number,
  attempts: attempts.map((attempt) => ({
    id: attempt.id as string,
    provider: attempt.provider as string,
    channel: attempt.channel as Channel,
    status: attempt.status as DeliveryStatus,
    reason: reasonOf(attempt),
    vendorCode: (attempt.vendor_code ?? undefined) as string | undefined,
    startedAt: attempt.started_at as number,
    finishedAt: (attempt.finished_at ?? undefined) as number | undefined,
    result: (attempt.result ?? undefined) as DeliveryStatus | undefined,
    events: timeline.filter((event) => event.attempt_id === attempt.id)
      .map((event) => ({ at: event.happened_at as number, what: event.what as string, reason: reasonOf(event) }))
  }))
})

const reasonOf = (row: SqlRow): Reason | undefined => (row.reason ?? undefined) as Reason | undefined
