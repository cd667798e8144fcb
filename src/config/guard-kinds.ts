import { Type } from 'typebox'
import { DEFAULT_GUARD_MODES, GUARD_MODES, GUARD_RULES, type GuardMode, type GuardModes, type GuardRule, type Limit } from '../domain/guard-rule.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { isCountry, PhoneNumber } from '../domain/phone-number.ts'
import { kind, list, type Kind } from './kinds.ts'

/** Countries separated by commas. */
export const countries: Kind<ReadonlySet<string>> =
  kind(Type.String({ maxLength: 2048 }), 'two-letter codes of countries, as in ISO 3166 (GB, not UK), separated by commas', (value) => {
    const items = list(value)
    return items.length > 0 && items.every(isCountry) ? new Set(items) : undefined
  })

const MILLISECONDS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const SHORTEST = 10_000
const LONGEST = 7 * 86_400_000
const LIMITS_SAY = 'messages per time, such as 5/10m,20/1d (s, m, h or d; from 10s to 7d), separated by commas'

/** One or more limits, `5/10m,20/1d`. */
export const limits: Kind<readonly Limit[]> =
  kind(Type.String({ maxLength: 256 }), LIMITS_SAY, (value) => {
    const items = list(value).map(limitOf)
    return items.length > 0 && items.every((item) => item !== undefined) && new Set(items.map(({ within }) => within)).size === items.length ? items : undefined
  })

const limitOf = (item: string): Limit | undefined => {
  const [, count, amount, unit] = /^([1-9][0-9]{0,7})\/([1-9][0-9]{0,4})([smhd])$/.exec(item) ?? []
  const within = Number(amount) * (MILLISECONDS[unit ?? ''] as number)
  return within >= SHORTEST && within <= LONGEST ? { most: Number(count), within } : undefined
}

const isMode = (text: string | undefined): text is GuardMode => GUARD_MODES.some((mode) => mode === text)

/** What each rule of the guard does, `pumping=enforce,…`; `all` is every rule. Those that are not named do as always. */
export const guardModes: Kind<GuardModes> =
  kind(Type.String({ maxLength: 1024 }), `rule=mode pairs separated by commas, no rule twice; a rule is one of all, ${GUARD_RULES.join(', ')}; a mode one of ${GUARD_MODES.join(', ')}`, (value) => {
    const named = new Map<string, GuardMode>()
    for (const item of list(value)) {
      const [rule = '', mode, ...rest] = item.split('=')
      const isRule = rule === 'all' || GUARD_RULES.some((known) => known === rule)
      if (!isRule || !isMode(mode) || rest.length > 0 || named.has(rule)) return undefined
      named.set(rule, mode)
    }
    const modeOf = (rule: GuardRule): GuardMode => named.get(rule) ?? named.get('all') ?? DEFAULT_GUARD_MODES[rule]
    return Object.fromEntries(GUARD_RULES.map((rule) => [rule, modeOf(rule)])) as GuardModes
  })

/** Numbers to which nothing is sent, each with the code that is right for it. By E.164 form. */
export const testNumbers: Kind<ReadonlyMap<string, OneTimeCode>> =
  kind(Type.String({ maxLength: 4096 }), 'number:code pairs such as +15005550006:123456, separated by commas, no number twice', (value) => {
    const items = list(value).map((item) => item.split(':'))
    const read = items.map(([number, code, ...rest]) => rest.length > 0 ? undefined : testNumber(number as string, code))
    const found = read.filter((item) => item !== undefined)
    return found.length === items.length && new Set(found.map(([number]) => number)).size === items.length ? new Map(found) : undefined
  })

const testNumber = (text: string, characters = ''): readonly [string, OneTimeCode] | undefined => {
  const number = text.startsWith('+') ? PhoneNumber.parse(text) : undefined
  const code = OneTimeCode.parse(characters)
  return number instanceof PhoneNumber && code instanceof OneTimeCode ? [number.e164, code] : undefined
}
