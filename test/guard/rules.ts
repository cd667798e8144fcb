import { createKeys } from '../../src/domain/keys.ts'
import { GUARD_RULES, type GuardMode, type GuardModes, type GuardRule, type Limit } from '../../src/domain/guard-rule.ts'
import type { GuardRules } from '../../src/guard/create-guard.ts'

export { numberOf } from '../support/message.ts'

export const KEYS = createKeys([Buffer.alloc(32, 7)])

/** Every rule in that mode, but for those that are named. */
export const modesOf = (mode: GuardMode, others: Partial<GuardModes> = {}): GuardModes =>
  ({ ...Object.fromEntries(GUARD_RULES.map((rule: GuardRule) => [rule, mode])) as GuardModes, ...others })

export interface RuleOptions extends Partial<Omit<GuardRules, 'budgets'>> {
  readonly budgets?: Partial<GuardRules['budgets']>
}

/** Everything enforced, and nothing limited, unless the options say otherwise. */
export const rulesOf = (options: RuleOptions = {}): GuardRules => ({
  modes: modesOf('enforce'),
  allowedCountries: undefined,
  deniedPrefixes: [],
  deniedTypes: ['premium', 'shared-cost', 'unknown'],
  testNumbers: new Map(),
  ...options,
  budgets: { number: [], prefix: [], country: [], byCountry: new Map(), ip: [], user: [], total: [], ...options.budgets }
})

export const limit = (most: number, within = 600_000): readonly Limit[] => [{ most, within }]
