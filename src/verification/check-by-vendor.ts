import { Deadline } from '../domain/deadline.ts'
import type { Keys } from '../domain/keys.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import { SHOWN_AS_SENDING } from '../domain/verification.ts'
import type { CodeOwner } from '../providers/provider.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Checked, VendorAnswer, VerificationRecord, Verifications } from '../store/verifications.ts'
import { done, refused } from './answered.ts'
import { createPace, type Pace } from './pace.ts'
import type { Answered } from './service.ts'
import { codeDigest } from './sealed-code.ts'
import { transactionsOf } from './transactions.ts'

export interface CheckByVendorDeps {
  readonly keys: Pick<Keys, 'digest'>
  readonly verifications: Pick<Verifications, 'find' | 'check' | 'reserve' | 'settle' | 'isItsOwn'>
  readonly deliveries: Pick<Deliveries, 'find'>
  readonly codeOwners: readonly CodeOwner[]
  /** How long a vendor has for a check, in milliseconds. */
  readonly budgetMs?: number
  /** How the checks go that decoys are like. */
  readonly pace?: Pace
}

/** Somebody waits for it; and guesses are kept for longer. */
const BUDGET = 8000

/**
 * Checks a code that a vendor has made. A guess is kept before the vendor is asked; where its answer was lost, the guess is
 * given back, and the same code may be tried again: also where it was approved meanwhile, it is found to be right then.
 * The vendor is never asked about a decoy, which is as slow as others are, and as often not to be told. Refused with
 * `verification_unavailable`, which counts for nothing, where it cannot be told now. Throws `StoreUnavailable`.
 */
export const createCheckByVendor = (
  { keys, verifications, deliveries, codeOwners, budgetMs = BUDGET, pace = createPace() }: CheckByVendorDeps
) => {
  const ask = async (record: VerificationRecord, owner: CodeOwner, transaction: string, code: OneTimeCode, codeHash: string): Promise<VendorAnswer> => {
    const deadline = Deadline.in(budgetMs)
    const answer = await owner.check(transaction, code, deadline)
    if (answer !== 'over') return answer
    // It may have been this code that was approved, by a check whose answer was lost.
    const known = await verifications.find(record.id)
    if (known?.askedHash !== codeHash || !await verifications.isItsOwn(known, transaction)) return 'over'
    switch (await owner.isApproved(transaction, deadline)) {
      case true: return 'right'
      case false: return 'over'
      case 'unknown': return 'unknown'
    }
  }

  const checkReal = async (record: VerificationRecord, owner: CodeOwner, code: OneTimeCode, codeHash: string): Promise<Answered<Checked>> => {
    const [transaction] = await transactionsOf(record, deliveries)
    if (transaction === undefined) return refused('verification_unavailable')
    const reserved = await verifications.reserve(record.id)
    if (reserved.kind === 'over') return done(reserved.checked)
    const answer = await pace.measure(() => ask(record, owner, transaction, code, codeHash), (answer) => answer !== 'unknown')
    const checked = await verifications.settle(record.id, reserved.guess, answer, codeHash)
    return answer === 'unknown' && checked.status === 'pending' ? refused('verification_unavailable') : done(checked)
  }

  const checkDecoy = async (record: VerificationRecord, codeHash: string): Promise<Answered<Checked>> =>
    await pace.repeat() ? done(await verifications.check(record.id, codeHash)) : refused('verification_unavailable')

  return async (record: VerificationRecord, code: OneTimeCode): Promise<Answered<Checked>> => {
    const { status, attemptsLeft } = record
    if (status !== 'pending') return done({ valid: false, status, attemptsLeft })
    const owner = codeOwners.find(({ name }) => name === record.codeMaker)
    if (owner === undefined) return refused('verification_unavailable')
    if (seemsUnsent(record)) return refused('verification_unavailable')
    const codeHash = codeDigest(code, record.codeId, keys)
    return await (record.isDecoy ? checkDecoy(record, codeHash) : checkReal(record, owner, code, codeHash))
  }
}

/**
 * Whether its first message is shown as being sent: then there is nothing to ask the vendor about. A real one whose message is
 * out sooner waits for as long as a decoy does, by which the two cannot be told apart.
 */
const seemsUnsent = ({ sends, sentAt, now }: VerificationRecord): boolean => sends === 1 && now - sentAt < SHOWN_AS_SENDING
