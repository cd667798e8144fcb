import { Deadline } from '../domain/deadline.ts'
import type { CodeOwner, Taken } from '../providers/provider.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { VerificationRecord, Verifications } from '../store/verifications.ts'
import { transactionsOf } from './transactions.ts'

export interface CancelAtVendorDeps {
  readonly verifications: Pick<Verifications, 'hasAnother'>
  readonly deliveries: Pick<Deliveries, 'find'>
  readonly codeOwners: readonly CodeOwner[]
  /** How long a vendor has, in milliseconds. */
  readonly budgetMs?: number
}

const BUDGET = 5000

/**
 * Lets the codes that a vendor has made for a verification be right no more, so that the next one begins anew. `refused` where
 * there is nothing to cancel: also where another verification of the number is under way, for which the vendor may have sent
 * the same code. `unknown` where it must be tried again. Throws `StoreUnavailable`.
 */
export const createCancelAtVendor = ({ verifications, deliveries, codeOwners, budgetMs = BUDGET }: CancelAtVendorDeps) =>
  async (verification: VerificationRecord): Promise<Taken> => {
    const owner = codeOwners.find(({ name }) => name === verification.codeMaker)
    if (owner === undefined || await verifications.hasAnother(verification)) return 'refused'
    const deadline = Deadline.in(budgetMs)
    const transactions = await transactionsOf(verification, deliveries)
    const taken = await Promise.all(transactions.map((transaction) => owner.cancel(transaction, deadline)))
    return (['unknown', 'taken'] as const).find((answer) => taken.includes(answer)) ?? 'refused'
  }
