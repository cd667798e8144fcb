import { NEXT_STEPS, REASONS, type Reason } from '../domain/reason.ts'

/** The reasons after which nothing may be tried, as an SQL list, apart from some. */
export const reasonsThatForbid = (...except: readonly Reason[]): string =>
  REASONS.filter((reason) => NEXT_STEPS[reason].length === 0 && !except.includes(reason)).map((reason) => `'${reason}'`).join(', ')

/** Newer messages to the number of a delivery that went, or may have gone, as the SQL of an `EXISTS`. */
export const newerMessage = `SELECT 1 FROM deliveries AS newer
  WHERE newer.number_digest = deliveries.number_digest AND newer.id > deliveries.id
    AND newer.status IN ('pending', 'unknown', 'accepted', 'delivered')`
