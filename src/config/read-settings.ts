import { country } from './kinds.ts'
import { COUNTRY_SETTINGS, SETTINGS, type CountryValues, type Setting, type SettingName, type SettingValues } from './settings.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Whether the text of a setting says anything. */
export const isSet = (text: string | undefined): boolean => text !== undefined && text.trim() !== ''

/** Whether this is production; asked before the settings are read, because it decides where they are read from. */
export const isProduction = ({ NODE_ENV }: Environment): boolean => NODE_ENV?.trim() === 'production'

export interface ReadSettings {
  readonly values: SettingValues
  /** The settings that the environment sets itself, with the name by which it does: their own, or an alias. */
  readonly given: ReadonlyMap<SettingName, string>
  readonly countrySettings: CountryValues
  /** Names that look like settings of ours and are none: misspelt, perhaps. */
  readonly unknown: readonly string[]
  /** One line for each setting that is wrong; names, never values. */
  readonly problems: readonly string[]
}

const ENTRIES = Object.entries(SETTINGS) as ReadonlyArray<[SettingName, Setting]>

/** Reads every setting from the environment. An empty text counts as not set. */
export const readSettings = (environment: Environment): ReadSettings => {
  const values: Record<string, unknown> = {}
  const given = new Map<SettingName, string>()
  const problems: string[] = []
  for (const [name, setting] of ENTRIES) {
    const found = [name, ...setting.aliases ?? []].flatMap((by) => textOf(environment, by))
    const { by, text } = found[0] ?? { by: name, text: setting.default }
    const other = found.find((one) => one.text !== text)
    if (found.length > 0) given.set(name, by)
    if (other !== undefined) problems.push(`${by} and ${other.by} are names of one setting: they must not differ.`)
    else if (text !== undefined) {
      values[name] = setting.kind.read(text)
      if (values[name] === undefined) problems.push(`${by} must be ${setting.kind.says}.`)
    }
  }
  return { values: values as SettingValues, given, countrySettings: readCountrySettings(environment, problems), unknown: findUnknown(environment), problems }
}

/** What the environment says under a name: nothing, or one text. */
const textOf = (environment: Environment, by: string): Array<{ by: string, text: string }> => {
  const text = environment[by]?.trim() ?? ''
  return text === '' ? [] : [{ by, text }]
}

/** What all our longer names begin with. Other names in the environment are none of our business. */
const OURS = /^(ACS|TWILIO|SMS|VOICE|WHATSAPP|RETRY|ESCALATE|EVENT_GRID|SANDBOX|GATEWAY|INCOMING|HOOKS?|STORE|BUDGET|GUARD|DENIED|VERIFICATION|VERIFY|WEBOTP|WORDING)_[A-Z_]+$/

/** The names of all settings, aliases among them, and what those of a country begin with. */
export const SETTING_NAMES: readonly string[] = ENTRIES.flatMap(([name, { aliases }]) => [name, ...aliases ?? []])
export const COUNTRY_PREFIXES: readonly string[] = Object.keys(COUNTRY_SETTINGS)

/** Whether the gateway reads a name of the environment. */
export const isSetting = (name: string): boolean => SETTING_NAMES.includes(name) || COUNTRY_PREFIXES.some((prefix) => name.startsWith(prefix))

/** What apps that ask the gateway have in their environment, which may be this one. */
const OF_APPS: readonly string[] = ['GATEWAY_URL', 'GATEWAY_SECRET']

const findUnknown = (environment: Environment): string[] =>
  Object.keys(environment).filter((name) => OURS.test(name) && !isSetting(name) && !OF_APPS.includes(name))

const readCountrySettings = (environment: Environment, problems: string[]): CountryValues =>
  Object.fromEntries(Object.entries(COUNTRY_SETTINGS).map(([prefix, setting]) =>
    [prefix, readByCountry(environment, prefix, setting, problems)])) as unknown as CountryValues

const readByCountry = (environment: Environment, prefix: string, setting: Setting, problems: string[]): ReadonlyMap<string, unknown> => {
  const values = new Map<string, unknown>()
  for (const name of Object.keys(environment).filter((name) => name.startsWith(prefix))) {
    for (const { text } of textOf(environment, name)) {
      const to = country.read(name.slice(prefix.length))
      const value = setting.kind.read(text)
      if (to === undefined) problems.push(`${name} must end with ${country.says}.`)
      else if (value === undefined) problems.push(`${name} must be ${setting.kind.says}.`)
      else values.set(to, value)
    }
  }
  return values
}
