import type { GuardModes, GuardRule, NumberType } from '../domain/guard-rule.ts'
import type { Channel } from '../domain/message.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import type { Reason } from '../domain/reason.ts'
import type { Finding } from './guard.ts'

/** What the operator has set of numbers. */
export interface NumberRules {
  readonly modes: GuardModes
  /** Absent: all. */
  readonly allowedCountries: ReadonlySet<string> | undefined
  /** With the `+`. */
  readonly deniedPrefixes: readonly string[]
  readonly deniedTypes: readonly NumberType[]
}

export interface NumberVerdict {
  readonly channel: Channel
  readonly findings: readonly Finding[]
}

/**
 * Judges a message by its number. A landline gets a call in place of a text, which it could not show; where nothing can
 * call it, the message is refused. That is as long as `number-types` is enforced; else nothing is done about landlines.
 */
export const judgeNumber = (rules: NumberRules, to: PhoneNumber, channel: Channel, canCall: () => boolean): NumberVerdict => {
  const { modes, allowedCountries, deniedPrefixes, deniedTypes } = rules
  const { kind } = to
  const finding = (rule: GuardRule, isBroken: boolean, reason: Reason): Finding[] => {
    const mode = modes[rule]
    return isBroken && mode !== 'off' ? [{ rule, mode, reason, retryAfter: undefined }] : []
  }
  const needsCall = kind === 'landline' && channel !== 'voice' && modes['number-types'] === 'enforce'
  const isCalled = needsCall && canCall()
  return {
    channel: isCalled ? 'voice' : channel,
    findings: [
      ...finding('allowed-countries', allowedCountries?.has(to.country ?? '') === false, 'country_not_allowed'),
      ...finding('denied-prefixes', deniedPrefixes.some((prefix) => to.e164.startsWith(prefix)), 'prefix_denied'),
      ...finding('number-types', deniedTypes.some((type) => type === kind), 'number_type_refused'),
      ...finding('number-types', needsCall && !isCalled, 'number_not_mobile')
    ]
  }
}
