import { ATTEMPT_STATUSES, progressOf, qualityOf, type DeliveryStatus } from '../domain/delivery-status.ts'
import { hold, statement } from './sql.ts'

/** A rank of the domain's, as an SQL expression on a column. */
const caseOf = (column: string, rank: (status: DeliveryStatus) => number): string =>
  `CASE ${column} ${ATTEMPT_STATUSES.map((status) => `WHEN '${status}' THEN ${rank(status)}`).join(' ')} END`

const progress = (column: string): string => caseOf(column, progressOf)

const quality = (column: string): string => caseOf(column, qualityOf)

/**
 * An attempt, as the SQL of a `WHERE` clause: one by that channel, by a provider of such a name (a pattern), that is not
 * tied to another reference. What is not given is not looked at.
 */
export const isMeant = `id = :attempt AND channel = COALESCE(:channel, channel) AND provider LIKE COALESCE(:providers, '%')
     AND COALESCE(reference, :reference, '') = COALESCE(:reference, reference, '')`

/**
 * Sets an attempt's status where that is news (see `progressOf`). Gives a row where it was. Beyond `accepted` all is
 * said: then nobody is asked any more. From `accepted` on nothing is sought.
 */
export const moveAttempt = statement(
  `UPDATE attempts SET status = :status, reason = :reason, vendor_code = :vendorCode,
     delivered_at = CASE WHEN :progress = ${progressOf('delivered')} THEN :now ELSE delivered_at END,
     ask_at = CASE WHEN :progress > ${progressOf('accepted')} THEN NULL ELSE ask_at END,
     sought = CASE WHEN :progress >= ${progressOf('accepted')} THEN NULL ELSE sought END
   WHERE ${isMeant} AND ${progress('status')} < :progress
   RETURNING id`)

/**
 * Holds the delivery of an attempt until the unit is over: of two attempts of one delivery that change at the same time,
 * the later one must see what the earlier one has become.
 */
export const holdDeliveryOf = hold('SELECT id FROM deliveries WHERE id = (SELECT delivery_id FROM attempts WHERE id = :attempt)')

/** Holds a delivery until the unit is over. */
export const holdDelivery = hold('SELECT id FROM deliveries WHERE id = :id')

const bestAttempt = (column: string): string =>
  `(SELECT ${column} FROM attempts WHERE delivery_id = deliveries.id ORDER BY ${quality('status')} DESC, id DESC LIMIT 1)`

/** Assigns a delivery the status of its best attempt, as the SQL of a `SET` clause. */
export const standAsBestAttempt = `status = ${bestAttempt('status')}, reason = ${bestAttempt('reason')}, updated_at = :now`

/** Makes a delivery pending again for a further attempt, unless an earlier one has been taken or has arrived. */
export const reopenDelivery = statement(
  `UPDATE deliveries SET status = 'pending', reason = NULL, updated_at = :now
   WHERE id = :delivery AND ${quality('status')} < ${qualityOf('pending')} AND EXISTS (SELECT 1 FROM attempts WHERE id = :id)`)

/** Gives the delivery of an attempt the status of its best attempt. Gives what the delivery is, and how it stands now. */
export const deriveDelivery = statement(
  `UPDATE deliveries SET ${standAsBestAttempt}
   WHERE id = (SELECT delivery_id FROM attempts WHERE ${isMeant})
   RETURNING id, status, channel, country, area, block, created_at, trace`)
