import { hold, statement } from './sql.ts'

/**
 * Lets a delivery hold its key for longer. A key that was freed (0) is not held again by who has given it up, however late
 * that comes here.
 */
export const extendHold = statement(
  `UPDATE claims SET held_until = CASE WHEN held_until < :now + :holdFor THEN :now + :holdFor ELSE held_until END
   WHERE claim_key = :key AND delivery_id = :delivery AND held_until > 0`)

/** Holds the row of a key until the unit is over. By itself: what is asked after that sees an attempt that was begun meanwhile. */
export const holdClaim = hold('SELECT claim_key FROM claims WHERE claim_key = :key AND delivery_id = :delivery')

/**
 * Sets for how long a delivery holds its key. The key is with the newest attempt: what is written down late of an earlier
 * one says nothing of it.
 */
export const setHold = statement(
  `UPDATE claims SET held_until = :now + :holdFor WHERE claim_key = :key AND delivery_id = :delivery
     AND NOT EXISTS (SELECT 1 FROM attempts AS newer JOIN attempts AS own ON own.id = :attempt
       WHERE newer.delivery_id = :delivery AND newer.id <> own.id
         AND (newer.started_at > own.started_at OR (newer.started_at = own.started_at AND newer.id > own.id)))`)
