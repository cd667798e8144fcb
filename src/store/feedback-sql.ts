import { statement } from './sql.ts'

/**
 * Lets feedback fall due for an attempt that has a transaction, where its code was used before that was known. The
 * delivery's row is held by then: a use that is noted at the same time comes before this, or after.
 */
export const insertFeedback = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT attempts.id, 'feedback', :now, 0 FROM attempts JOIN deliveries ON deliveries.id = attempts.delivery_id
   WHERE attempts.id = :attempt AND attempts.transaction_id IS NOT NULL AND deliveries.used_at IS NOT NULL
   ON CONFLICT (id, kind) DO NOTHING`)
