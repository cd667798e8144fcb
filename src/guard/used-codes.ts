import { placeAt, type Budgets } from '../store/budgets.ts'
import { numberQuotas, type BudgetRules } from './budgets.ts'

export interface UsedCodesDeps {
  readonly rules: BudgetRules
  readonly budgets: Pick<Budgets, 'giveBack'>
}

/** A message whose code was used. */
export interface UsedMessage {
  /** The keyed digest of its number. */
  readonly numberDigest: string
  /** Milliseconds since 1970. */
  readonly createdAt: number
}

/**
 * Gives back the places that a message took in the budgets of its number: who uses his codes may have as many as he needs.
 * All the other budgets are about what was sent, and keep theirs. To be called once for each message.
 */
export const createGiveBackUsed = ({ rules, budgets }: UsedCodesDeps) =>
  async ({ numberDigest, createdAt }: UsedMessage): Promise<void> => {
    await budgets.giveBack(numberQuotas(rules, numberDigest).map((quota) => placeAt(quota, createdAt)))
  }
