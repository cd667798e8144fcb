import { firstIdAt } from '../domain/identifier.ts'
import { statement, type Sql } from './sql.ts'
import { standAsBestAttempt } from './status-sql.ts'

const expireAttempts = statement(
  `UPDATE attempts SET status = 'unknown', reason = 'interrupted'
   WHERE status = 'pending' AND lease_until <= :now RETURNING id`)

const settleAttempted = statement(
  `UPDATE deliveries SET ${standAsBestAttempt}
   WHERE status = 'pending' AND lease_until <= :now
     AND EXISTS (SELECT 1 FROM attempts WHERE delivery_id = deliveries.id)`)

const failUnattempted = statement(
  `UPDATE deliveries SET status = 'failed', reason = 'interrupted', updated_at = :now
   WHERE status = 'pending' AND lease_until <= :now
     AND NOT EXISTS (SELECT 1 FROM attempts WHERE delivery_id = deliveries.id) RETURNING id`)

const forgetExpiredCodes = statement(
  'UPDATE deliveries SET kept_code = NULL WHERE kept_code IS NOT NULL AND expires_at <= :now')

const forgetMessages = statement(
  `UPDATE deliveries SET kept_message = NULL
   WHERE kept_message IS NOT NULL AND (expires_at <= :now OR status = 'delivered')`)

const oldest = 'SELECT id FROM deliveries WHERE id < :before ORDER BY id LIMIT :most'
const purgeTimeline = statement(
  `DELETE FROM timeline WHERE attempt_id IN (SELECT id FROM attempts WHERE delivery_id IN (${oldest}))`)
const purgeDueOfAttempts = statement(
  `DELETE FROM due WHERE id IN (SELECT id FROM attempts WHERE delivery_id IN (${oldest}))`)
const purgeDueOfDeliveries = statement(`DELETE FROM due WHERE id IN (${oldest})`)
const purgeAttempts = statement(`DELETE FROM attempts WHERE delivery_id IN (${oldest})`)
const purgeClaims = statement(
  `DELETE FROM claims WHERE claim_key IN (SELECT claim_key FROM deliveries WHERE id IN (${oldest})) AND delivery_id IN (${oldest})`)
const purgeDeliveries = statement(`DELETE FROM deliveries WHERE id IN (${oldest}) RETURNING id`)

/** What must be done to the store from time to time. */
export interface Upkeep {
  /**
   * Settles what a process left behind when it died, once its lease is over: an attempt without a result is `unknown`;
   * a delivery without an attempt was not sent, and `failed`.
   */
  recover (): Promise<{ readonly unknown: number, readonly interrupted: number }>
  /** Wipes the codes and messages that were kept and have expired, and the messages that have arrived. */
  forgetExpiredCodes (): Promise<void>
  /** Removes up to `most` of the oldest deliveries made before the moment, with all that belongs to them. */
  purge (before: number, most: number): Promise<number>
}

export const createUpkeep = (sql: Sql): Upkeep => ({
  async recover () {
    const [unknown, , interrupted] = await sql.write([expireAttempts(), settleAttempted(), failUnattempted()])
    return { unknown: (unknown as unknown[]).length, interrupted: (interrupted as unknown[]).length }
  },
  async forgetExpiredCodes () {
    await sql.write([forgetExpiredCodes(), forgetMessages()])
  },
  async purge (before, most) {
    const range = { before: firstIdAt(before), most }
    const rows = await sql.write([
      purgeTimeline(range), purgeDueOfAttempts(range), purgeDueOfDeliveries(range), purgeAttempts(range), purgeClaims(range), purgeDeliveries(range)
    ])
    return (rows.at(-1) as unknown[]).length
  }
})
