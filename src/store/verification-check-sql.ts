import { statement, type SqlValue, type Step } from './sql.ts'
import { isUnderWay, left, WIPED } from './verification-sql.ts'

/** Who keeps a guess for longer than that, in milliseconds, has died over it: no vendor is given so long. */
const GUESS_KEPT_FOR = 60_000

const approveByHash = statement(
  `UPDATE verifications SET status = 'approved', ended_at = :now, ${WIPED}
   WHERE id = :id AND ${isUnderWay} AND is_decoy = 0 AND code_hash = :codeHash AND ${left} > 0 RETURNING id`)

const isKept = 'SELECT 1 FROM guesses WHERE guesses.verification_id = :id AND guesses.guess = :guess AND guesses.is_open = 1'

const approveByGuess = statement(
  `UPDATE verifications SET status = 'approved', ended_at = :now, ${WIPED}
   WHERE id = :id AND ${isUnderWay} AND EXISTS (${isKept}) RETURNING id`)

/** Of a number that its owner has shown to be theirs, the guesses on the way there do not count. */
const forgetApproved = statement(
  'DELETE FROM guesses WHERE verification_id = :id AND EXISTS (SELECT 1 FROM verifications WHERE id = :id AND status = \'approved\')')

/** Counts one more wrong code, where one is left. `isKept` 1: it is not known yet whether it is wrong, unless it cannot be right. */
const addGuess = statement(
  `INSERT INTO guesses (verification_id, guess, number_digest, is_decoy, guessed_at, is_open)
   SELECT id, used + 1, number_digest, is_decoy, :now, CASE WHEN is_decoy = 1 THEN 0 ELSE CAST(:isKept AS BIGINT) END
   FROM verifications WHERE id = :id AND ${isUnderWay} AND ${left} > 0
   RETURNING guess, is_open`)

const noteGuess = statement(
  `UPDATE verifications SET used = used + 1
   WHERE id = :id AND EXISTS (SELECT 1 FROM guesses WHERE guesses.verification_id = :id AND guesses.guess = verifications.used + 1)`)

const closeGuess = statement('UPDATE guesses SET is_open = 0 WHERE verification_id = :id AND guess = :guess')

// The number of the guess is not given to another one.
const giveGuessBack = statement(
  `UPDATE verifications SET granted = granted + 1, asked_hash = :codeHash WHERE id = :id AND ${isUnderWay} AND EXISTS (${isKept})`)

const removeGuess = statement('DELETE FROM guesses WHERE verification_id = :id AND guess = :guess AND is_open = 1')

const grantNoMore = statement(
  `UPDATE verifications SET granted = used WHERE id = :id AND ${isUnderWay} AND EXISTS (${isKept})`)

/** Ends what has no attempts left, unless the last of them may still be right. */
const failUsedUp = statement(
  `UPDATE verifications SET status = 'failed', ended_at = :now, ${WIPED}
   WHERE id = :id AND ${isUnderWay} AND ${left} <= 0
     AND NOT EXISTS (SELECT 1 FROM guesses WHERE guesses.verification_id = :id AND guesses.is_open = 1
       AND guesses.guessed_at > :now - ${GUESS_KEPT_FOR})`)

/** The steps that check a code by its digest. The first gives a row where it is right. */
export const checkSteps = (id: string, codeHash: string): Step[] =>
  [approveByHash({ id, codeHash }), forgetApproved({ id }), addGuess({ id, isKept: 0 }), noteGuess({ id }), failUsedUp({ id })]

/** The steps that keep a guess. The first gives its number, and whether it was kept: it is counted at once where it cannot be right. */
export const reserveSteps = (id: string): Step[] => [addGuess({ id, isKept: 1 }), noteGuess({ id }), failUsedUp({ id })]

/** What a vendor said of a code: `over` where it does not check any more, `unknown` where its answer was lost. */
export type VendorAnswer = 'right' | 'wrong' | 'unknown' | 'over'

interface KeptGuess {
  readonly id: string
  readonly guess: number
  readonly codeHash: string
}

const settling: Readonly<Record<VendorAnswer, (guess: Readonly<Record<keyof KeptGuess, SqlValue>>) => readonly Step[]>> = {
  right: (kept) => [approveByGuess(kept), forgetApproved(kept)],
  wrong: () => [],
  unknown: (kept) => [giveGuessBack(kept), removeGuess(kept)],
  over: (kept) => [grantNoMore(kept)]
}

/** The steps that settle a guess. Of a right one the first gives a row, where that approves it. */
export const settleSteps = ({ id, guess, codeHash }: KeptGuess, answer: VendorAnswer): Step[] =>
  [...settling[answer]({ id, guess, codeHash }), closeGuess({ id, guess }), failUsedUp({ id })]
