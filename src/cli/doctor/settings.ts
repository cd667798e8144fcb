import { readConfig, SettingsWrong, type Config } from '../../config/config.ts'
import { withEnvFile, withGeneratedSecrets } from '../../config/development.ts'
import { isProduction, isSet, type Environment } from '../../config/read-settings.ts'
import { fail, ok, type Finding } from '../../domain/finding.ts'
import { settingWarnings } from './setting-warnings.ts'

export interface Diagnosis {
  /** The settings as a start would have them, the file `.env` and the secrets of development among them; without those that are wrong. */
  readonly settings: Environment
  /** What they say. */
  readonly config: Config
  /** The names of those that are set, and were left out because something is wrong with them. */
  readonly leftOut: ReadonlySet<string>
  readonly findings: readonly Finding[]
}

/** Reads the settings as a start would, and goes on where a start would not. */
export const diagnoseSettings = (given: Environment, folder: string): Diagnosis => {
  const findings: Finding[] = []
  const configured = isProduction(given) ? given : attempt(given, (known) => withEnvFile(known, folder), '.env', findings)
  const environment = isProduction(configured)
    ? configured
    : attempt(configured, (known) => withGeneratedSecrets(known, folder), 'data/development-secrets.json', findings)
  const { settings, config, problems } = readAllThatIsRight(environment, folder)
  findings.push(...problems.map((problem) => fail('settings', problem)))
  const leftOut = new Set(Object.entries(environment).filter(([name, text]) => isSet(text) && !isSet(settings[name])).map(([name]) => name))
  findings.push(...settingWarnings({ environment, folder, config, problems, leftOut }))
  return { settings, config, leftOut, findings: findings.length === 0 ? [ok('settings', 'all of them can be read.')] : findings }
}

/** Adds to the environment what a file holds; where it cannot be had, says so and goes on without. */
const attempt = (environment: Environment, add: (known: Environment) => Environment, about: string, findings: Finding[]): Environment => {
  try {
    return add(environment)
  } catch (error) {
    findings.push(fail(about, error instanceof SettingsWrong ? error.problems.join(' ') : 'the file cannot be read or written: see who owns it and its folder.'))
    return environment
  }
}

interface Readable {
  readonly settings: Environment
  readonly config: Config
  readonly problems: readonly string[]
}

/** Leaves out what is wrong, until the rest can be read. The problems are those of all the settings. */
const readAllThatIsRight = (environment: Environment, folder: string): Readable => {
  try {
    return { settings: environment, config: readConfig(environment, folder), problems: [] }
  } catch (error) {
    const { problems } = error as SettingsWrong
    return { ...readAllThatIsRight(isProduction(environment) ? relaxed(environment) : without(environment, problems), folder), problems }
  }
}

/** What production is stricter about keeps nobody from looking further. */
const relaxed = (environment: Environment): Environment => ({ ...environment, NODE_ENV: 'development' })

/** The settings without those that the problems name; where they name what is missing, without all of its kind. */
const without = (environment: Environment, problems: readonly string[]): Environment => {
  const named = new Set(problems.join(' ').match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g))
  const kinds = new Set([...named].map(kindOf))
  const set = Object.entries(environment).filter(([, text]) => isSet(text))
  const isLeftOut = set.some(([name]) => named.has(name)) ? (name: string) => named.has(name) : (name: string) => kinds.has(kindOf(name))
  return Object.fromEntries(set.filter(([name]) => !isLeftOut(name)))
}

const kindOf = (name: string): string => name.split('_', 1)[0] as string
