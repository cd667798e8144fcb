import { country } from './kinds.ts'
import { COUNTRY_SETTINGS, SETTINGS, type Setting, type SettingName, type SettingValues } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Senders by country, from `ACS_SENDER_ID_US` and the like. */
export type CountrySenders = ReadonlyMap<string, string>

export interface ReadSettings {
  readonly values: SettingValues
  /** Names of the settings that the environment sets itself. */
  readonly given: ReadonlySet<SettingName>
  readonly countrySenders: CountrySenders
  /** Names that look like settings of ours and are none: misspelt, perhaps. */
  readonly unknown: readonly string[]
  /** One line for each setting that is wrong; names, never values. */
  readonly problems: readonly string[]
}

/** Reads every setting from the environment. An empty text counts as not set. */
export const readSettings = (environment: Environment): ReadSettings => {
  const values: Record<string, unknown> = {}
  const given = new Set<SettingName>()
  const problems: string[] = []
  const entries: ReadonlyArray<[SettingName, Setting]> = Object.entries(SETTINGS) as Array<[SettingName, Setting]>
  for (const [name, setting] of entries) {
    const text = environment[name]?.trim()
    if (text !== undefined && text !== '') given.add(name)
    const effective = given.has(name) ? text : setting.default
    if (effective === undefined) continue
    values[name] = setting.kind.read(effective)
    if (values[name] === undefined) problems.push(`${name} must be ${setting.kind.says}.`)
  }
  return { values: values as SettingValues, given, countrySenders: readCountrySenders(environment, problems), unknown: findUnknown(environment), problems }
}

/** What all our longer names begin with. Other names in the environment are none of our business. */
const OURS = /^(ACS|VOICE|EVENT_GRID|SANDBOX|GATEWAY|INCOMING)_[A-Z_]+$/

const findUnknown = (environment: Environment): string[] => Object.keys(environment).filter((name) =>
  OURS.test(name) && !Object.hasOwn(SETTINGS, name) && !Object.keys(COUNTRY_SETTINGS).some((prefix) => name.startsWith(prefix)))

const readCountrySenders = (environment: Environment, problems: string[]): CountrySenders => {
  const senders = new Map<string, string>()
  for (const [prefix, setting] of Object.entries(COUNTRY_SETTINGS)) {
    for (const [name, text] of Object.entries(environment)) {
      if (!name.startsWith(prefix) || text === undefined || text.trim() === '') continue
      const to = country.read(name.slice(prefix.length))
      const sender = setting.kind.read(text.trim())
      if (to === undefined) problems.push(`${prefix}… must end with ${country.says}.`)
      else if (sender === undefined) problems.push(`${name} must be ${setting.kind.says}.`)
      else senders.set(to, sender)
    }
  }
  return senders
}
