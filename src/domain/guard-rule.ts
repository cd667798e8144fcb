/** The rules by which a message can be refused before anything is sent, in the order in which they are asked. */
export const GUARD_RULES = [
  'allowed-countries', 'denied-prefixes', 'number-types',
  'number-budget', 'prefix-budget', 'country-budget', 'ip-budget', 'user-budget', 'total-budget',
  'pumping'
] as const

export type GuardRule = typeof GUARD_RULES[number]

/** What a rule does: nothing; decide and let the message go all the same; or refuse it. */
export const GUARD_MODES = ['off', 'shadow', 'enforce'] as const

export type GuardMode = typeof GUARD_MODES[number]

export type GuardModes = Readonly<Record<GuardRule, GuardMode>>

/** What operators have set themselves is enforced; of what is our guess they first see what it would refuse. */
export const DEFAULT_GUARD_MODES: GuardModes = {
  'allowed-countries': 'enforce',
  'denied-prefixes': 'enforce',
  'number-types': 'enforce',
  'number-budget': 'enforce',
  'prefix-budget': 'shadow',
  'country-budget': 'enforce',
  'ip-budget': 'shadow',
  'user-budget': 'shadow',
  'total-budget': 'enforce',
  pumping: 'shadow'
}

/** So many messages in so many milliseconds. */
export interface Limit {
  readonly most: number
  readonly within: number
}

/** Limits of what may be sent, by what is counted; several hold together. */
export interface BudgetLimits {
  readonly number: readonly Limit[]
  readonly prefix: readonly Limit[]
  readonly country: readonly Limit[]
  /** By ISO code, in place of `country`. */
  readonly byCountry: ReadonlyMap<string, readonly Limit[]>
  readonly ip: readonly Limit[]
  readonly user: readonly Limit[]
  readonly total: readonly Limit[]
}

/** Kinds of numbers that can be refused. `unknown`: in no range that its country has given out, or of no country. */
export const NUMBER_TYPES = ['premium', 'shared-cost', 'unknown', 'toll-free', 'voip', 'personal', 'pager', 'universal'] as const

export type NumberType = typeof NUMBER_TYPES[number]
