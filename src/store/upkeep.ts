import { firstIdAt } from '../domain/identifier.ts'
import { createForgetBatches } from './batches.ts'
import { forgetBudgets } from './budgets.ts'
import { createExchanges } from './exchanges.ts'
import { createFeed } from './feed.ts'
import { hold, SKIP_LOCKED, statement, type Sql } from './sql.ts'
import { createStatistics, type Grain } from './statistics.ts'
import { standAsBestAttempt } from './status-sql.ts'
import { forgetTraffic } from './traffic.ts'
import { forgetTrips } from './trips.ts'
import { forgetVerifications } from './verification-upkeep-sql.ts'

// Held first, in one order on every process: see `hold`.
const holdAbandoned = hold(
  `SELECT id FROM deliveries WHERE id IN (
     SELECT delivery_id FROM attempts WHERE status = 'pending' AND lease_until <= :now
     UNION SELECT id FROM deliveries WHERE status = 'pending' AND lease_until <= :now)
   ORDER BY id`)

const expireAttempts = statement(
  `UPDATE attempts SET status = 'unknown', reason = 'interrupted', ask_at = CASE WHEN sought IS NULL THEN ask_at ELSE :now END
   WHERE status = 'pending' AND lease_until <= :now RETURNING id`)

const settleAttempted = statement(
  `UPDATE deliveries SET ${standAsBestAttempt}
   WHERE status = 'pending' AND lease_until <= :now
     AND EXISTS (SELECT 1 FROM attempts WHERE delivery_id = deliveries.id)`)

const failUnattempted = statement(
  `UPDATE deliveries SET status = 'failed', reason = 'interrupted', updated_at = :now
   WHERE status = 'pending' AND lease_until <= :now
     AND NOT EXISTS (SELECT 1 FROM attempts WHERE delivery_id = deliveries.id) RETURNING id`)

/** Wipes columns of deliveries, some at a time, and passes over those that somebody is at work on: they have another turn. */
const wipe = (columns: readonly string[], where: string) => statement(
  `WITH gone AS MATERIALIZED (SELECT id FROM deliveries WHERE ${where} ORDER BY id LIMIT :most ${SKIP_LOCKED})
   UPDATE deliveries SET ${columns.map((column) => `${column} = NULL`).join(', ')} WHERE id IN (SELECT id FROM gone) RETURNING id`)

const FORGETTING = [
  wipe(['kept_code'], 'kept_code IS NOT NULL AND expires_at <= :now'),
  wipe(['kept_message'], 'kept_message IS NOT NULL AND (expires_at <= :now OR status = \'delivered\')'),
  wipe(['escalation', 'escalation_left'], 'escalation IS NOT NULL AND (expires_at <= :now OR status = \'delivered\')')
]

/** How many are wiped at a time. */
const FORGET_BATCH = 1000

/** How long it is looked for what a lost message became, in milliseconds. */
const LONGEST_SEARCH = 24 * 60 * 60_000

const forgetSought = statement(
  'UPDATE attempts SET sought = NULL WHERE sought IS NOT NULL AND started_at <= :now - :longest')

const oldest = 'SELECT id FROM deliveries WHERE id < :before ORDER BY id LIMIT :most'
const holdOldest = hold(oldest)
const holdClaims = hold(
  `SELECT claim_key FROM claims WHERE claim_key IN (SELECT claim_key FROM deliveries WHERE id IN (${oldest}))
   ORDER BY claim_key`)
const purgeTimeline = statement(
  `DELETE FROM timeline WHERE attempt_id IN (SELECT id FROM attempts WHERE delivery_id IN (${oldest}))`)
const purgeDueOfAttempts = statement(
  `DELETE FROM due WHERE id IN (SELECT id FROM attempts WHERE delivery_id IN (${oldest}))`)
const purgeDueOfDeliveries = statement(`DELETE FROM due WHERE id IN (${oldest})`)
const purgeDecisions = statement(`DELETE FROM decisions WHERE delivery_id IN (${oldest})`)
const purgeExchanges = statement(`DELETE FROM exchanges WHERE delivery_id IN (${oldest})`)
const purgeAttempts = statement(`DELETE FROM attempts WHERE delivery_id IN (${oldest})`)
const purgeClaims = statement(
  `DELETE FROM claims WHERE claim_key IN (SELECT claim_key FROM deliveries WHERE id IN (${oldest})) AND delivery_id IN (${oldest})`)
const purgeDeliveries = statement(`DELETE FROM deliveries WHERE id IN (${oldest}) RETURNING id`)

/** What must be done to the store from time to time. */
export interface Upkeep {
  /**
   * Settles what a process left behind when it died, once its lease is over: an attempt without a result is `unknown`, and
   * is looked for where its vendor has records; a delivery without an attempt was not sent, and `failed`.
   */
  recover (): Promise<{ readonly unknown: number, readonly interrupted: number }>
  /**
   * Wipes the codes and messages that were kept and have expired, the messages that have arrived, those that were kept to be
   * sent again by hand, and by what lost messages were looked for a day long.
   */
  forgetExpiredCodes (): Promise<void>
  /** Removes up to `most` of the oldest deliveries made before the moment, with all that belongs to them. */
  purge (before: number, most: number): Promise<number>
  /** Removes up to `most` of the budgets in which nothing counts any more. */
  forgetBudgets (most: number): Promise<number>
  /** Removes up to `most` hours of traffic from before the moment, and as many ranges that were shut before it. */
  forgetTraffic (before: number, most: number): Promise<number>
  /**
   * Removes up to `most` of the oldest verifications made before the moment, with the work that is due for them; as many
   * wrong codes that do not count any more, and as many numbers of which nothing is left. Gives the largest of these.
   */
  forgetVerifications (before: number, most: number): Promise<number>
  /** Removes up to `most` of the oldest pages of the feed from before the moment. */
  forgetFeed (before: number, most: number): Promise<number>
  /** Removes up to `most` of the keys of what was written before the moment; nobody tries it any more. */
  forgetBatches (before: number, most: number): Promise<number>
  /** Removes up to `most` of what hooks were asked and answered before the moment. */
  forgetExchanges (before: number, most: number): Promise<number>
  /** Removes up to `most` statistics from before the moment. */
  forgetStatistics (grain: Grain, before: number, most: number): Promise<number>
}

/** Repeats what does so much at a time, until it has not that much to do any more. */
const untilDone = async (most: number, work: (most: number) => Promise<number>): Promise<void> => {
  let done: number
  do {
    done = await work(most)
  } while (done === most)
}

export const createUpkeep = (sql: Sql): Upkeep => ({
  forgetFeed: createFeed(sql).purge,
  forgetBatches: createForgetBatches(sql),
  forgetExchanges: createExchanges(sql).purge,
  forgetStatistics: createStatistics(sql).purge,
  async recover () {
    const [, unknown, , interrupted] = await sql.write([holdAbandoned(), expireAttempts(), settleAttempted(), failUnattempted()])
    return { unknown: (unknown as unknown[]).length, interrupted: (interrupted as unknown[]).length }
  },
  async forgetExpiredCodes () {
    for (const forget of FORGETTING) {
      await untilDone(FORGET_BATCH, async (most) => {
        const [wiped] = await sql.write([forget({ most })])
        return (wiped as unknown[]).length
      })
    }
    await untilDone(FORGET_BATCH, createExchanges(sql).forgetSealed)
    await sql.write([forgetSought({ longest: LONGEST_SEARCH })])
  },
  async purge (before, most) {
    const range = { before: firstIdAt(before), most }
    const rows = await sql.write([
      holdClaims(range), holdOldest(range), purgeTimeline(range), purgeDueOfAttempts(range), purgeDueOfDeliveries(range), purgeDecisions(range), purgeExchanges(range), purgeAttempts(range), purgeClaims(range), purgeDeliveries(range)
    ])
    return (rows.at(-1) as unknown[]).length
  },
  async forgetBudgets (most) {
    const [forgotten] = await sql.write([forgetBudgets(most)])
    return (forgotten as unknown[]).length
  },
  async forgetTraffic (before, most) {
    const [hours, trips] = await sql.write([forgetTraffic(before, most), forgetTrips(before, most)])
    return Math.max((hours as unknown[]).length, (trips as unknown[]).length)
  },
  async forgetVerifications (before, most) {
    const rows = await sql.write(forgetVerifications(before, most))
    return Math.max(...rows.slice(-3).map((removed) => removed.length))
  }
})
