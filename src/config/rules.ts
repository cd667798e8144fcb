import type { SensitiveText } from '../domain/sensitive.ts'
import type { ReadSettings } from './read-settings.ts'
import type { SettingValues } from './settings.ts'

const SHORTEST_SECRET = 16

/** What is wrong with the settings taken together; one line each, names and never values. */
export const findProblems = ({ values, given }: ReadSettings): string[] => [
  ...sandboxProblems(values, given),
  ...secretProblems(values),
  ...entraProblems(given),
  ...(values.NODE_ENV === 'production' ? productionProblems(values, given) : [])
]

/** Whether a setting is there is asked of these: one that is wrong is not told of a second time, as missing. */
type Given = ReadSettings['given']

const sandboxProblems = (values: SettingValues, given: Given): string[] => {
  const provider = given.has('ACS_CONNECTION_STRING')
  const problems: string[] = []
  if (values.SANDBOX === 'on' && provider) problems.push('SANDBOX must not be on together with a real provider (ACS_CONNECTION_STRING).')
  if (values.SANDBOX === 'on' && values.NODE_ENV === 'production') problems.push('SANDBOX must not be on in production.')
  if (values.SANDBOX === 'off' && !provider) problems.push('With SANDBOX off a provider is needed: set ACS_CONNECTION_STRING.')
  return problems
}

/** One secret must tell who calls: no two callers, and not the admin either, may share one. */
const secretProblems = (values: SettingValues): string[] => {
  const named: Array<[string, readonly SensitiveText[]]> = [
    ['SECRET_HEADER', values.SECRET_HEADER ?? []],
    ['ADMIN_SECRET', values.ADMIN_SECRET === undefined ? [] : [values.ADMIN_SECRET]],
    ...[...values.CALLERS?.values() ?? []].map((secrets, index): [string, readonly SensitiveText[]] => [`CALLERS (caller ${index + 1})`, secrets])
  ]
  const owners = new Map<string, string>()
  const problems = new Set<string>()
  for (const [owner, secrets] of named) {
    for (const secret of secrets) {
      const other = owners.get(secret.reveal())
      if (other !== undefined && other !== owner) problems.add(`${owner} must not share a secret with ${other}.`)
      owners.set(secret.reveal(), owner)
    }
  }
  return [...problems]
}

const entraProblems = (given: Given): string[] =>
  given.has('EVENT_GRID_TENANT_ID') === given.has('EVENT_GRID_AUDIENCE')
    ? []
    : ['EVENT_GRID_TENANT_ID and EVENT_GRID_AUDIENCE must be set together.']

const productionProblems = (values: SettingValues, given: Given): string[] => {
  const problems: string[] = []
  const tooShort = (secrets: readonly SensitiveText[]): boolean => secrets.some((secret) => secret.reveal().length < SHORTEST_SECRET)
  const requireLong = (name: string, secrets: readonly SensitiveText[] | undefined): void => {
    if (tooShort(secrets ?? [])) problems.push(`${name} must have at least ${SHORTEST_SECRET} characters in production.`)
  }
  if (!given.has('SECRET_HEADER')) problems.push('SECRET_HEADER must be set in production.')
  if (!given.has('GATEWAY_KEYS')) problems.push('GATEWAY_KEYS must be set in production.')
  requireLong('SECRET_HEADER', values.SECRET_HEADER)
  requireLong('ADMIN_SECRET', values.ADMIN_SECRET && [values.ADMIN_SECRET])
  requireLong('Every secret of CALLERS', [...values.CALLERS?.values() ?? []].flat())
  requireLong('EVENT_GRID_SECRET', values.EVENT_GRID_SECRET)
  return [...problems, ...(given.has('ACS_CONNECTION_STRING') ? acsProblems(values, given) : noProvider(values))]
}

const noProvider = (values: SettingValues): string[] =>
  values.SANDBOX === 'off' ? [] : ['A provider is needed in production: set ACS_CONNECTION_STRING.']

const acsProblems = (values: SettingValues, given: Given): string[] => {
  const problems: string[] = []
  const voice = given.has('ACS_COGNITIVE_SERVICES_ENDPOINT')
  if (!given.has('ACS_SENDER_ID') && !given.has('ACS_SOURCE_PHONE_NUMBER')) {
    problems.push('ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER must be set: messages need a sender.')
  }
  if (voice && !given.has('ACS_SOURCE_PHONE_NUMBER')) problems.push('ACS_SOURCE_PHONE_NUMBER must be set: calls need a number to come from.')
  if (voice && !given.has('ACS_CALLBACK_URL') && !given.has('PUBLIC_URL')) {
    problems.push('PUBLIC_URL or ACS_CALLBACK_URL must be set: calls need callbacks.')
  }
  const name = given.has('ACS_CALLBACK_URL') ? 'ACS_CALLBACK_URL' : 'PUBLIC_URL'
  if (voice && values[name]?.protocol === 'http:') problems.push(`${name} must be https in production.`)
  if (!given.has('EVENT_GRID_SECRET') && !given.has('EVENT_GRID_TENANT_ID')) {
    problems.push('EVENT_GRID_SECRET, or EVENT_GRID_TENANT_ID with EVENT_GRID_AUDIENCE, must be set: delivery reports need a credential.')
  }
  return problems
}
