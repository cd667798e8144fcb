import type { BudgetLimits, GuardModes, NumberType } from '../domain/guard-rule.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import type { ReadSettings } from './read-settings.ts'

/** What the guard goes by. */
export interface GuardConfig {
  readonly modes: GuardModes
  /** Absent: all. */
  readonly allowedCountries: ReadonlySet<string> | undefined
  /** With the `+`. */
  readonly deniedPrefixes: readonly string[]
  readonly deniedTypes: readonly NumberType[]
  readonly budgets: BudgetLimits
  /** In E.164 form, each with its code. */
  readonly testNumbers: ReadonlyMap<string, OneTimeCode>
}

export const guardConfig = ({ values, countrySettings }: ReadSettings): GuardConfig => ({
  modes: values.GUARD_MODES,
  allowedCountries: values.ALLOWED_COUNTRIES,
  deniedPrefixes: values.DENIED_PREFIXES ?? [],
  deniedTypes: values.DENIED_NUMBER_TYPES,
  budgets: {
    number: values.BUDGET_NUMBER,
    prefix: values.BUDGET_PREFIX,
    country: values.BUDGET_COUNTRY ?? [],
    byCountry: countrySettings.BUDGET_COUNTRY_,
    ip: values.BUDGET_IP,
    user: values.BUDGET_USER,
    total: values.BUDGET_TOTAL ?? []
  },
  testNumbers: values.TEST_NUMBERS ?? new Map()
})
