import type { SensitiveText } from '../domain/sensitive.ts'
import { acsProblems, acsProductionProblems } from './acs-rules.ts'
import { hookProductionProblems } from './hooks-rules.ts'
import { ACCOUNTS, isAnyVendorGiven } from './provider-needs.ts'
import type { ReadSettings } from './read-settings.ts'
import { emptyRoutes } from './routes-config.ts'
import { tooShort } from './secret-length.ts'
import type { SettingValues } from './settings.ts'
import { twilioProblems, twilioProductionProblems } from './twilio-rules.ts'

/** What is wrong with the settings taken together; one line each, names and never values. */
export const findProblems = (settings: ReadSettings): string[] => {
  const { values, given } = settings
  return [
    ...sandboxProblems(values, given),
    ...secretProblems(values),
    ...acsProblems(given),
    ...twilioProblems(given),
    ...(values.NODE_ENV === 'production' ? productionProblems(settings) : [])
  ]
}

/** Whether a setting is there is asked of these: one that is wrong is not told of a second time, as missing. */
type Given = ReadSettings['given']

const SET_ONE = `set ${Object.values(ACCOUNTS).join(' or ')}`

const sandboxProblems = (values: SettingValues, given: Given): string[] => {
  const providers = Object.values(ACCOUNTS).filter((name) => given.has(name))
  const problems: string[] = []
  if (values.SANDBOX === 'on' && providers.length > 0) problems.push(`SANDBOX must not be on together with a real provider (${providers.join(', ')}).`)
  if (values.SANDBOX === 'on' && values.NODE_ENV === 'production') problems.push('SANDBOX must not be on in production.')
  if (values.SANDBOX === 'off' && providers.length === 0) problems.push(`With SANDBOX off a provider is needed: ${SET_ONE}.`)
  return problems
}

/** One secret must tell who calls: no two callers may share one, nor may the admin, who scrapes, or who reports from outside. */
const secretProblems = (values: SettingValues): string[] => {
  const named: Array<[string, readonly SensitiveText[]]> = [
    ['SECRET_HEADER', values.SECRET_HEADER ?? []],
    ['ADMIN_SECRET', values.ADMIN_SECRET === undefined ? [] : [values.ADMIN_SECRET]],
    ['METRICS_TOKEN', values.METRICS_TOKEN === undefined ? [] : [values.METRICS_TOKEN]],
    ['DEMO_SECRET', values.DEMO_SECRET === undefined ? [] : [values.DEMO_SECRET]],
    ...[...values.CALLERS?.values() ?? []].map((secrets, index): [string, readonly SensitiveText[]] => [`CALLERS (caller ${index + 1})`, secrets])
  ]
  const owners = new Map<string, string>()
  const problems = new Set(named.filter(([, secrets]) => secrets.some(hasScheme)).map(([owner]) =>
    `${owner} must be written without Basic or Bearer in front: that is the header's, and no part of the secret.`))
  for (const [owner, secrets] of named) {
    for (const secret of secrets) {
      const other = owners.get(secret.reveal())
      if (other !== undefined && other !== owner) problems.add(`${owner} must not share a secret with ${other}.`)
      owners.set(secret.reveal(), owner)
    }
  }
  return [...problems]
}

/** A header's scheme is taken away before its secret is compared. */
const hasScheme = (secret: SensitiveText): boolean => /^(basic|bearer)( |$)/i.test(secret.reveal())

const productionProblems = (settings: ReadSettings): string[] => {
  const { values, given } = settings
  return [
    ...(given.has('SECRET_HEADER') ? [] : ['SECRET_HEADER must be set in production.']),
    ...(given.has('GATEWAY_KEYS') ? [] : ['GATEWAY_KEYS must be set in production.']),
    ...tooShort('SECRET_HEADER', values.SECRET_HEADER),
    ...tooShort('ADMIN_SECRET', values.ADMIN_SECRET && [values.ADMIN_SECRET]),
    ...tooShort('Every secret of CALLERS', [...values.CALLERS?.values() ?? []].flat()),
    ...hookProductionProblems(settings),
    ...(given.has(ACCOUNTS.acs) ? acsProductionProblems(values, given) : []),
    ...(given.has(ACCOUNTS.twilio) ? twilioProductionProblems(given) : []),
    ...(isAnyVendorGiven(given) ? emptyRoutes(settings) : noProvider(values))
  ]
}

const noProvider = (values: SettingValues): string[] =>
  values.SANDBOX === 'off' ? [] : [`A provider is needed in production: ${SET_ONE}.`]
