import { hold, statement, type Step } from './sql.ts'

/** For how long a wrong code counts against its number, in milliseconds. */
export const GUESS_COUNTS_FOR = 60 * 60_000

/** Whether a guess still counts, as SQL. */
export const guessCounts = `guesses.guessed_at > :now - ${GUESS_COUNTS_FOR}`

/** Whether a verification has ended, noted or not, as SQL. */
export const isOver = '(status <> \'pending\' OR expires_at <= :now)'

/** Whether it has not, as SQL. */
export const isUnderWay = 'status = \'pending\' AND expires_at > :now'

/** How it stands now, as SQL. */
export const statusNow = 'CASE WHEN status = \'pending\' AND expires_at <= :now THEN \'expired\' ELSE status END'

/**
 * How many wrong codes may still come: what was granted to it, and what the number has left where the code could be right.
 * Decoys count for themselves: what others are about must not show in them.
 */
export const left = `(SELECT CASE
    WHEN verifications.is_decoy = 1 OR verifications.granted - verifications.used < verifications.max_attempts - COUNT(*)
      THEN verifications.granted - verifications.used
    ELSE verifications.max_attempts - COUNT(*) END
  FROM guesses WHERE guesses.number_digest = verifications.number_digest AND guesses.is_decoy = 0 AND ${guessCounts})`

/** As `left`, but never below nothing, and nothing where it was that which ended it. */
export const attemptsLeft = `CASE WHEN status = 'failed' OR ${left} < 0 THEN 0 ELSE ${left} END`

/** What is left of a verification once it has ended, as the SQL of a `SET` clause. */
export const WIPED = 'sealed = NULL, code_hash = NULL, asked_hash = NULL'

/**
 * Holds the number of a verification until the unit is over: nothing of that number changes beside it. By itself, and first:
 * what follows sees what the others have done before.
 */
export const holdNumberOf = hold(
  'SELECT lock_key FROM verification_locks WHERE lock_key = (SELECT number_digest FROM verifications WHERE id = :id)')

/** Cancels what has not ended. */
export const cancelIt = statement(
  `UPDATE verifications SET status = 'canceled', ended_at = :now, ${WIPED} WHERE id = :id AND ${isUnderWay}`)

/** Notes that it has expired, where it has. */
export const expireIt = statement(
  `UPDATE verifications SET status = 'expired', ended_at = expires_at, ${WIPED} WHERE id = :id AND status = 'pending' AND expires_at <= :now`)

const hasEnded = 'EXISTS (SELECT 1 FROM verifications WHERE verifications.id = :id AND status <> \'pending\')'

/** What is to be done at the end falls due at once, where it has ended. */
const hastenEnd = statement(
  `UPDATE due SET due_at = :now, lease_until = 0 WHERE id = :id AND kind = 'verification-end' AND due_at > :now AND ${hasEnded}`)

/** Nothing is to be sent any more for what has ended. */
const dropSend = statement(`DELETE FROM due WHERE id = :id AND kind = 'verification-send' AND ${hasEnded}`)

/** What follows on any change of a verification. Without effect where it has not ended. */
export const afterChange = (id: string): Step[] => [hastenEnd({ id }), dropSend({ id })]
