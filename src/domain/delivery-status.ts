/** How far one attempt got. Ordered: news may only move an attempt towards the end of this list. */
export const ATTEMPT_STATUSES = ['pending', 'unknown', 'accepted', 'refused', 'failed', 'undelivered', 'delivered'] as const

/** What became of a message, or of one attempt to deliver it. */
export type DeliveryStatus = typeof ATTEMPT_STATUSES[number]

/** The worst first: a delivery stands as well as the best of its attempts. */
const FROM_WORST_TO_BEST: readonly DeliveryStatus[] =
  ['refused', 'failed', 'undelivered', 'unknown', 'pending', 'accepted', 'delivered']

/**
 * How far along a status is. News applies to an attempt only where it raises this number, which makes late, repeated and
 * unordered news harmless: whatever the order, the highest wins.
 */
export const progressOf = (status: DeliveryStatus): number => ATTEMPT_STATUSES.indexOf(status)

/** How good a status is for the delivery: the delivery has the status of its best attempt. */
export const qualityOf = (status: DeliveryStatus): number => FROM_WORST_TO_BEST.indexOf(status)
