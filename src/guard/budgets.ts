import type { BudgetLimits, GuardModes, GuardRule, Limit } from '../domain/guard-rule.ts'
import type { Judgement } from './guard.ts'

/** Limits of what may be sent, by what is counted. */
export interface BudgetRules {
  readonly modes: GuardModes
  readonly budgets: BudgetLimits
}

/** One limit that a message counts against. */
export interface Quota extends Limit {
  readonly rule: GuardRule
  readonly mode: 'shadow' | 'enforce'
  /** Of what is counted and for what time. The limit itself is not in it: what was counted outlives its change. */
  readonly key: string
  /** Whether messages that have nothing else in common count against it, so that many come at a time. */
  readonly isShared: boolean
}

/** The numbers of no country are counted together. */
const NO_COUNTRY = '-'

/** Says what a message counts against: nothing for a person of whom nothing is known, and nothing where a rule is off. */
export const quotasOf = (rules: BudgetRules, { ranges, counted }: Pick<Judgement, 'ranges' | 'counted'>): Quota[] => {
  const { budgets } = rules
  const quotas = quotasIn(rules)
  const country = ranges.country ?? NO_COUNTRY
  return [
    ...numberQuotas(rules, counted.number),
    ...quotas('prefix-budget', budgets.prefix, 'prefix', ranges.block, false),
    ...quotas('country-budget', budgets.byCountry.get(country) ?? budgets.country, 'country', country, true),
    ...quotas('ip-budget', budgets.ip, 'ip', counted.ip, false),
    ...quotas('user-budget', budgets.user, 'user', counted.user, false),
    ...quotas('total-budget', budgets.total, 'total', 'all', true)
  ]
}

/** Says what counts against a number alone. `number` is its keyed digest. */
export const numberQuotas = (rules: BudgetRules, number: string): Quota[] =>
  quotasIn(rules)('number-budget', rules.budgets.number, 'number', number, false)

const quotasIn = ({ modes }: BudgetRules) =>
  (rule: GuardRule, limits: readonly Limit[], name: string, of: string | undefined, isShared: boolean): Quota[] => {
    const mode = modes[rule]
    if (mode === 'off' || of === undefined) return []
    return limits.map(({ most, within }) => ({ rule, mode, key: `${name}/${of}/${within}`, most, within, isShared }))
  }
