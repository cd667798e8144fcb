import { Deadline } from '../domain/deadline.ts'
import type { Provider } from '../providers/provider.ts'
import type { Attempts } from '../store/attempts.ts'

export interface FeedbackDeps {
  readonly attempts: Attempts
  readonly providers: readonly Provider[]
}

/** Milliseconds that a vendor has to answer. */
const BUDGET = 5000

/** So old, in milliseconds, a verification is over for the vendor as well. */
const OLDEST = 60 * 60_000

/** Tells the provider of an attempt that its code was used, where it wants to know. Throws where it must be told again. */
export const createGiveFeedback = ({ attempts, providers }: FeedbackDeps) => async (attempt: string): Promise<void> => {
  const made = await attempts.find(attempt)
  const provider = providers.find(({ name, channel }) => name === made?.provider && channel === made.channel)
  if (made?.transaction === undefined || provider?.feedback === undefined || made.age > OLDEST) return
  if (made.status === 'undelivered' && !provider.feedback.ofUndelivered) return
  const taken = await provider.feedback.used(made.transaction, Deadline.in(BUDGET))
  if (taken === 'unknown') throw new Error('the vendor may not know that the code was used')
}
