import { statement, type SqlValue, type Step } from './sql.ts'
import { guessCounts, GUESS_COUNTS_FOR, isUnderWay, WIPED } from './verification-sql.ts'

const touch = statement(
  `INSERT INTO verification_locks (lock_key, touched_at) VALUES (:lockKey, :now)
   ON CONFLICT (lock_key) DO UPDATE SET touched_at = excluded.touched_at`)

/**
 * The steps that hold a number until the unit is over, whether it is known or not. First, as `holdNumberOf`. Where a starter may
 * not start any number of them, it is held too, before the number: its verifications are counted over all numbers.
 */
export const takeNumber = (numberDigest: string, starter: string | undefined): Step[] => [
  ...starter === undefined ? [] : [touch({ lockKey: `starter ${starter}` })], touch({ lockKey: numberDigest })
]

const ofThem = 'number_digest = :numberDigest AND profile = :profile'

/** Whether its starter has as many as it may. What nobody limits is not counted. */
const hasStartedAll = `CAST(:maxStarts AS BIGINT) IS NOT NULL AND CAST(:maxStarts AS BIGINT) <= (
  SELECT COUNT(*) FROM (SELECT 1 FROM verifications WHERE starter = :starter LIMIT COALESCE(CAST(:maxStarts AS BIGINT), 0)) AS all_of_it)`

/** Whether its code and its message may be taken over by a new one of the same starter, as SQL of `taken`. */
const mayBeTaken = `taken.number_digest = :numberDigest AND taken.profile = :profile AND taken.status = 'pending'
  AND taken.starter = :starter AND taken.code_maker = :codeMaker
  AND taken.resend_at > :now AND taken.expires_at > :now AND taken.expires_at >= :now + CAST(:leastLife AS BIGINT)`

/**
 * When a message may be asked for again by who has just had one, which cannot be taken over: messages wait for each other
 * however the verifications end. Nobody but who has the phone can approve one.
 */
const waitsUntil = `SELECT newest.resend_at
  FROM (SELECT status, resend_at FROM verifications WHERE ${ofThem} AND starter = :starter ORDER BY id DESC LIMIT 1) AS newest
  WHERE newest.status <> 'approved' AND newest.resend_at > :now AND NOT EXISTS (SELECT 1 FROM verifications AS taken WHERE ${mayBeTaken})`

/** Why there may be none to start: the limit of its starter, the guess that must be forgotten first, or the message before. */
const whatForbids = statement(
  `SELECT CASE WHEN ${hasStartedAll} THEN 1 ELSE 0 END AS has_started_all, (${waitsUntil}) - :now AS too_soon_for,
     (SELECT guessed_at + ${GUESS_COUNTS_FOR} - :now FROM guesses WHERE number_digest = :numberDigest AND ${guessCounts}
       ORDER BY guessed_at DESC LIMIT 1 OFFSET CAST(:maxAttempts AS BIGINT) - 1) AS retry_after`)

/** Of any profile: the guesses of a number are one count, and would tell of each other. */
const othersReal = `SELECT 1 FROM verifications AS other
  WHERE other.number_digest = :numberDigest AND other.status = 'pending' AND other.expires_at > :now
    AND other.is_decoy = 0 AND other.starter <> :starter`

/** The code and the message of the one before, or new ones, by whether that may be asked for a message already. */
const takenOr = (column: string, own: string): string => `CASE WHEN taken.id IS NULL THEN ${own} ELSE taken.${column} END`

// A decoy that is restarted before it may be sent again stays one, whatever has become of the other: by nothing can it be told apart.
const insertVerification = statement(
  `INSERT INTO verifications (id, caller, starter, profile, code_id, code_maker, is_decoy, status, number_digest, number_masked,
     country, sealed_number, sealed, code_hash, asked_hash, channel, granted, used, max_attempts, sends, max_sends, resend_at,
     message, message_reason, deliveries, created_at, sent_at, expires_at)
   SELECT :id, :caller, :starter, :profile, ${takenOr('code_id', ':id')}, :codeMaker,
     ${takenOr('is_decoy', `CASE WHEN EXISTS (${othersReal}) THEN 1 ELSE 0 END`)},
     'pending', :numberDigest, :numberMasked, :country, :sealedNumber, ${takenOr('sealed', ':sealed')},
     ${takenOr('code_hash', ':codeHash')}, taken.asked_hash, ${takenOr('channel', ':channel')},
     CAST(:maxAttempts AS BIGINT) - room.guessed, 0, CAST(:maxAttempts AS BIGINT), ${takenOr('sends', '1')}, CAST(:maxSends AS BIGINT),
     ${takenOr('resend_at', ':now + CAST(:cooldown AS BIGINT)')}, ${takenOr('message', '\'sending\'')}, taken.message_reason,
     COALESCE(taken.deliveries, ''), :now, ${takenOr('sent_at', ':now')}, ${takenOr('expires_at', ':now + CAST(:lifetime AS BIGINT)')}
   FROM (SELECT COUNT(*) AS guessed FROM guesses WHERE number_digest = :numberDigest AND ${guessCounts}) AS room
     LEFT JOIN verifications AS taken ON ${mayBeTaken}
   WHERE room.guessed < CAST(:maxAttempts AS BIGINT) AND NOT (${hasStartedAll}) AND NOT EXISTS (${waitsUntil})
   RETURNING id`)

/** Whether the new one is there, as SQL; else all stays as it was. */
const isThere = 'EXISTS (SELECT 1 FROM verifications AS begun WHERE begun.id = :id)'

const before = `SELECT id FROM verifications WHERE ${ofThem} AND starter = :starter AND ${isUnderWay} AND id <> :id`

/** Before `cancelBefore`: by that it is known which one it is. */
const hastenEndBefore = statement(
  `UPDATE due SET due_at = :now, lease_until = 0 WHERE kind = 'verification-end' AND due_at > :now AND id IN (${before}) AND ${isThere}`)

const dropSendBefore = statement(
  `DELETE FROM due WHERE kind = 'verification-send' AND id IN (${before}) AND ${isThere}`)

/** Cancels the one before. Messages that another one took over are not its own any more: that they were sent stands with the other. */
const cancelBefore = statement(
  `UPDATE verifications SET status = 'canceled', ended_at = :now, ${WIPED},
     deliveries = CASE WHEN code_id = (SELECT begun.code_id FROM verifications AS begun WHERE begun.id = :id) THEN '' ELSE deliveries END
   WHERE id IN (${before}) AND ${isThere}`)

/** A message that is not known to be sent is sent by whoever finds it due, and by its key once. */
const sendInTime = statement(
  `INSERT INTO due (id, kind, due_at, lease_until)
   SELECT id, 'verification-send', :now + CAST(:sendWithin AS BIGINT), 0 FROM verifications
   WHERE id = :id AND is_decoy = 0 AND message = 'sending'`)

const endInTime = statement(
  'INSERT INTO due (id, kind, due_at, lease_until) SELECT id, \'verification-end\', expires_at, 0 FROM verifications WHERE id = :id')

/**
 * The steps that start a verification, once its number is held. The first says what forbids it, where anything does: else
 * it is there behind them.
 */
export const startSteps = (request: Readonly<Record<string, SqlValue>>): Step[] => [
  whatForbids(request), insertVerification(request), hastenEndBefore(request), dropSendBefore(request), cancelBefore(request),
  sendInTime(request), endInTime(request)
]
