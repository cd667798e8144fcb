import { isAbsolute, resolve } from 'node:path'
import type { SensitiveText } from '../domain/sensitive.ts'
import type { AcsAccount } from './kinds.ts'
import { readSettings, type CountrySenders, type Environment, type ReadSettings } from './read-settings.ts'
import { findProblems } from './rules.ts'
import type { SettingValues } from './settings.ts'

export interface EventGridConfig {
  readonly secrets: readonly SensitiveText[]
  /** Entra tokens are taken where tenant and audience are set. */
  readonly entra: { readonly tenantId: string, readonly audiences: readonly string[], readonly authority: URL } | undefined
}

export interface AcsConfig {
  readonly account: AcsAccount
  readonly sms: { readonly sender: string, readonly countrySenders: CountrySenders } | undefined
  readonly voice: { readonly sources: readonly string[], readonly cognitiveServicesEndpoint: URL, readonly callbackUrl: URL } | undefined
  /** The numbers that are ours: a call-back never goes there. */
  readonly ownNumbers: readonly string[]
  readonly callbackToken: { readonly resourceId: string, readonly issuer: string, readonly jwksUrl: URL } | undefined
  readonly eventGrid: EventGridConfig
  readonly trustRepeatability: boolean
}

export interface Listen {
  readonly host: string
  readonly port: number
  /** Whether the port was asked for: then no other will do. */
  readonly portIsFixed: boolean
}

/** Everything that the gateway is told from outside, checked. */
export interface Config {
  readonly production: boolean
  readonly listen: Listen
  readonly publicUrl: URL | undefined
  readonly logLevel: string
  readonly callers: ReadonlyMap<string, readonly SensitiveText[]>
  readonly adminSecret: SensitiveText | undefined
  readonly keys: readonly Buffer[]
  readonly storeFile: string
  readonly retentionDays: number
  readonly defaultCountry: string | undefined
  readonly codeLifetimeMs: number
  readonly directBudgetMs: number
  readonly acs: AcsConfig | undefined
  readonly voice: { readonly repeats: number, readonly confirm: 'none' | 'keypress', readonly names: ReadonlyMap<string, string>, readonly maxMs: number }
  readonly incomingCalls: 'reject' | 'announce' | 'call-back'
  /** Where the sandbox listens; absent: it is off. */
  readonly sandbox: Listen | undefined
  /** What works, but not as somebody may expect; for the log. */
  readonly warnings: readonly string[]
}

/** Thrown where the settings are wrong. The message names every problem and holds no value. */
export class SettingsWrong extends Error {
  constructor (problems: readonly string[]) {
    super(`The settings are wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'SettingsWrong'
  }
}

/** Reads and checks the settings. Throws `SettingsWrong` with all that is wrong at once. */
export const readConfig = (environment: Environment, folder: string): Config => {
  const settings = readSettings(environment)
  const problems = [...settings.problems, ...findProblems(settings)]
  if (problems.length > 0) throw new SettingsWrong(problems)
  return assemble(settings, folder)
}

const assemble = (settings: ReadSettings, folder: string): Config => {
  const { values, given } = settings
  const production = values.NODE_ENV === 'production'
  const acs = acsConfig(settings)
  const file = values.STORE_URL.slice('sqlite:'.length)
  return {
    production,
    listen: { host: values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'), port: values.PORT, portIsFixed: production || given.has('PORT') },
    publicUrl: values.PUBLIC_URL,
    logLevel: values.LOG_LEVEL,
    callers: new Map([['default', values.SECRET_HEADER ?? []], ...values.CALLERS ?? []]),
    adminSecret: values.ADMIN_SECRET,
    keys: values.GATEWAY_KEYS ?? [],
    storeFile: isAbsolute(file) ? file : resolve(folder, file),
    retentionDays: values.RETENTION_DAYS,
    defaultCountry: values.DEFAULT_COUNTRY,
    codeLifetimeMs: values.CODE_TTL_SECONDS * 1000,
    directBudgetMs: values.DIRECT_BUDGET_MS,
    acs,
    voice: { repeats: values.VOICE_REPEATS, confirm: values.VOICE_CONFIRM, names: values.VOICE_NAMES ?? new Map(), maxMs: values.VOICE_MAX_SECONDS * 1000 },
    incomingCalls: values.INCOMING_CALLS,
    sandbox: sandboxRuns(values)
      ? { host: values.SANDBOX_HOST, port: values.SANDBOX_PORT, portIsFixed: given.has('SANDBOX_PORT') }
      : undefined,
    warnings: warningsOf(settings, acs)
  }
}

const sandboxRuns = (values: SettingValues): boolean =>
  values.SANDBOX === 'on' || (values.SANDBOX === 'auto' && values.NODE_ENV !== 'production' && values.ACS_CONNECTION_STRING === undefined)

/** Where Azure reaches `/events`. */
const callbackUrlOf = (values: SettingValues): URL | undefined => {
  if (values.ACS_CALLBACK_URL !== undefined) return values.ACS_CALLBACK_URL
  if (values.PUBLIC_URL === undefined) return undefined
  const { origin, pathname } = values.PUBLIC_URL
  return new URL(`${origin}${pathname.replace(/\/$/, '')}/events`)
}

const acsConfig = ({ values, countrySenders }: ReadSettings): AcsConfig | undefined => {
  if (values.ACS_CONNECTION_STRING === undefined) return undefined
  const sources = values.ACS_SOURCE_PHONE_NUMBER ?? []
  const sender = values.ACS_SENDER_ID ?? sources[0]
  const callbackUrl = callbackUrlOf(values)
  const endpoint = values.ACS_COGNITIVE_SERVICES_ENDPOINT
  return {
    account: values.ACS_CONNECTION_STRING,
    sms: sender === undefined ? undefined : { sender, countrySenders },
    voice: sources.length > 0 && endpoint !== undefined && callbackUrl !== undefined
      ? { sources, cognitiveServicesEndpoint: endpoint, callbackUrl }
      : undefined,
    ownNumbers: [...sources, ...[values.ACS_SENDER_ID, ...countrySenders.values()].filter((own): own is string => own?.startsWith('+') === true)],
    callbackToken: values.ACS_RESOURCE_ID === undefined
      ? undefined
      : { resourceId: values.ACS_RESOURCE_ID, issuer: values.ACS_CALLBACK_ISSUER.href.replace(/\/$/, ''), jwksUrl: values.ACS_CALLBACK_JWKS_URL },
    eventGrid: {
      secrets: values.EVENT_GRID_SECRET ?? [],
      entra: values.EVENT_GRID_TENANT_ID !== undefined && values.EVENT_GRID_AUDIENCE !== undefined
        ? { tenantId: values.EVENT_GRID_TENANT_ID, audiences: values.EVENT_GRID_AUDIENCE, authority: values.EVENT_GRID_AUTHORITY }
        : undefined
    },
    trustRepeatability: values.ACS_TRUST_REPEATABILITY === 'on'
  }
}

const warningsOf = ({ values, unknown }: ReadSettings, acs: AcsConfig | undefined): string[] => {
  const warnings = unknown.map((name) => `${name} is not a setting of the gateway: is it misspelt?`)
  if (acs === undefined) return warnings
  if (acs.sms === undefined) warnings.push('Text messages are off: set ACS_SENDER_ID or ACS_SOURCE_PHONE_NUMBER.')
  if (acs.voice === undefined) warnings.push('Calls are off: they need ACS_SOURCE_PHONE_NUMBER, ACS_COGNITIVE_SERVICES_ENDPOINT and ACS_CALLBACK_URL or PUBLIC_URL.')
  if (acs.voice !== undefined && acs.callbackToken === undefined) warnings.push('Call callbacks are checked by their sealed token alone: set ACS_RESOURCE_ID to have Azure\'s signature checked as well.')
  if (values.DEFAULT_COUNTRY === undefined) warnings.push('Numbers without + are refused: set DEFAULT_COUNTRY to read them as numbers of that country.')
  return warnings
}
