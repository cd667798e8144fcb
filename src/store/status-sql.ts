import { ATTEMPT_STATUSES, progressOf, qualityOf, type DeliveryStatus } from '../domain/delivery-status.ts'
import { statement } from './sql.ts'

/** A rank of the domain's, as an SQL expression on a column. */
const caseOf = (column: string, rank: (status: DeliveryStatus) => number): string =>
  `CASE ${column} ${ATTEMPT_STATUSES.map((status) => `WHEN '${status}' THEN ${rank(status)}`).join(' ')} END`

const progress = (column: string): string => caseOf(column, progressOf)

const quality = (column: string): string => caseOf(column, qualityOf)

/** An attempt, if it is one by that channel; any, where no channel is given. */
const ofChannel = 'id = :attempt AND channel = COALESCE(:channel, channel)'

/** Sets an attempt's status where that is news (see `progressOf`). Gives a row where it was. */
export const moveAttempt = statement(
  `UPDATE attempts SET status = :status, reason = :reason, vendor_code = :vendorCode WHERE ${ofChannel} AND ${progress('status')} < :progress
   RETURNING id`)

const bestAttempt = (column: string): string =>
  `(SELECT ${column} FROM attempts WHERE delivery_id = deliveries.id ORDER BY ${quality('status')} DESC, id DESC LIMIT 1)`

/** Assigns a delivery the status of its best attempt, as the SQL of a `SET` clause. */
export const standAsBestAttempt = `status = ${bestAttempt('status')}, reason = ${bestAttempt('reason')}, updated_at = :now`

/** Gives the delivery of an attempt the status of its best attempt. Gives the delivery's id and status. */
export const deriveDelivery = statement(
  `UPDATE deliveries SET ${standAsBestAttempt}
   WHERE id = (SELECT delivery_id FROM attempts WHERE ${ofChannel})
   RETURNING id, status`)
