import { firstIdAt } from '../domain/identifier.ts'
import { hold, SKIP_LOCKED, statement, type Step } from './sql.ts'
import { GUESS_COUNTS_FOR } from './verification-sql.ts'

const oldest = 'SELECT id FROM verifications WHERE id < :before ORDER BY id LIMIT :most'

// Held first, in one order on every process: see `hold`.
const holdNumbers = hold(
  `SELECT lock_key FROM verification_locks WHERE lock_key IN (SELECT number_digest FROM verifications WHERE id IN (${oldest}))
   ORDER BY lock_key`)

const purgeDue = statement(`DELETE FROM due WHERE id IN (${oldest})`)

const purgeVerifications = statement(`DELETE FROM verifications WHERE id IN (${oldest}) RETURNING id`)

const forgetGuesses = statement(
  `WITH gone AS MATERIALIZED (SELECT verification_id, guess FROM guesses WHERE guessed_at <= :now - ${GUESS_COUNTS_FOR}
     ORDER BY guessed_at LIMIT :most ${SKIP_LOCKED})
   DELETE FROM guesses WHERE (verification_id, guess) IN (SELECT verification_id, guess FROM gone) RETURNING guess`)

// It is touched by each start, also by one that is refused.
const forgetLocks = statement(
  `WITH gone AS MATERIALIZED (SELECT lock_key FROM verification_locks WHERE touched_at <= :now - ${GUESS_COUNTS_FOR}
       AND NOT EXISTS (SELECT 1 FROM verifications
         WHERE verifications.number_digest = verification_locks.lock_key AND verifications.status = 'pending')
       AND NOT EXISTS (SELECT 1 FROM guesses WHERE guesses.number_digest = verification_locks.lock_key)
     ORDER BY touched_at LIMIT :most ${SKIP_LOCKED})
   DELETE FROM verification_locks WHERE lock_key IN (SELECT lock_key FROM gone) RETURNING lock_key`)

/**
 * The steps that remove up to so many verifications made before the moment, with what is due for them, guesses that do not
 * count any more, and locks of numbers and starters of which nothing is left. The last three give what they removed.
 */
export const forgetVerifications = (moment: number, most: number): Step[] => {
  const range = { before: firstIdAt(moment), most }
  return [holdNumbers(range), purgeDue(range), purgeVerifications(range), forgetGuesses({ most }), forgetLocks({ most })]
}
