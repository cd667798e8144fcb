import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { readHooks, type ReadHooks } from '../dialects/generic/hooks-file.ts'
import type { KeyRing } from '../domain/keys.ts'
import type { Channel } from '../domain/message.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import { acsConfig, type AcsConfig } from './acs-config.ts'
import { guardConfig, type GuardConfig } from './guard-config.ts'
import { hooksConfig, type HooksConfig } from './hooks-config.ts'
import { hookProblems } from './hooks-rules.ts'
import { liveConfig, liveProblems, liveWarnings, type LiveConfig } from './live-config.ts'
import { isAnyVendorGiven } from './provider-needs.ts'
import { readSettings, type Environment, type ReadSettings } from './read-settings.ts'
import { routesConfig, type RoutesConfig } from './routes-config.ts'
import { findProblems } from './rules.ts'
import { storeConfig, storeProblems, type StoreConfig } from './store-config.ts'
import { twilioConfig, type TwilioConfig } from './twilio-config.ts'
import { readVerification, type ReadVerification, type VerificationConfig } from './verification-config.ts'
import { findWarnings } from './warnings.ts'

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
  readonly keys: KeyRing
  readonly store: StoreConfig
  readonly retentionDays: number
  readonly defaultCountry: string | undefined
  readonly codeLifetimeMs: number
  /** In which a request is answered; a hook may have less. */
  readonly budgetMs: number
  readonly acs: AcsConfig | undefined
  readonly twilio: TwilioConfig | undefined
  readonly routes: RoutesConfig
  /** Whether a text that did not arrive, for a reason that passes, is sent once more. */
  readonly retrySms: boolean
  /** By which channels a text goes on that did not arrive, for the hooks of those names. */
  readonly escalation: { readonly channels: readonly Channel[], readonly hooks: ReadonlySet<string>, readonly afterMs: number }
  readonly guard: GuardConfig
  readonly voice: { readonly repeats: number, readonly confirm: 'none' | 'keypress', readonly names: ReadonlyMap<string, string>, readonly maxMs: number }
  readonly incomingCalls: 'reject' | 'announce' | 'call-back'
  readonly hooks: HooksConfig
  readonly verification: VerificationConfig
  readonly live: LiveConfig
  /** Where the sandbox listens; absent: it is off. */
  readonly sandbox: Listen | undefined
  /** What works, but not as somebody may expect; for the log. */
  readonly warnings: readonly string[]
}

/** Thrown where the settings are wrong. The message names every problem and holds no value. */
export class SettingsWrong extends Error {
  readonly problems: readonly string[]

  constructor (problems: readonly string[]) {
    super(`The settings are wrong:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'SettingsWrong'
    this.problems = problems
  }
}

/** Reads and checks the settings. Throws `SettingsWrong` with all that is wrong at once. */
export const readConfig = (environment: Environment, folder: string): Config => {
  const settings = readSettings(environment)
  const hooks = readHooksFile(settings.values.HOOKS_FILE, environment, folder)
  const verification = readVerification(settings, folder)
  const problems = [...settings.problems, ...findProblems(settings), ...storeProblems(settings, folder), ...hooks.problems, ...hookProblems(settings, hooks.hooks), ...verification.problems, ...liveProblems(settings)]
  if (problems.length > 0) throw new SettingsWrong(problems)
  return assemble(settings, hooks, verification, folder)
}

const readHooksFile = (file: string | undefined, environment: Environment, folder: string): ReadHooks => {
  if (file === undefined) return { hooks: [], problems: [] }
  try {
    return readHooks(readFileSync(resolve(folder, file), 'utf8'), environment)
  } catch {
    return { hooks: [], problems: ['HOOKS_FILE must name a file that can be read.'] }
  }
}

const assemble = (settings: ReadSettings, { hooks }: ReadHooks, verification: ReadVerification, folder: string): Config => {
  const { values, given } = settings
  const production = values.NODE_ENV === 'production'
  return {
    production,
    listen: { host: values.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'), port: values.PORT, portIsFixed: production || given.has('PORT') },
    publicUrl: values.PUBLIC_URL,
    logLevel: values.LOG_LEVEL,
    callers: new Map([['default', values.SECRET_HEADER ?? []], ...values.CALLERS ?? []]),
    adminSecret: values.ADMIN_SECRET,
    keys: values.GATEWAY_KEYS ?? { keys: [], waiting: 0 },
    store: storeConfig(settings, folder),
    retentionDays: values.RETENTION_DAYS,
    defaultCountry: values.DEFAULT_COUNTRY,
    codeLifetimeMs: values.CODE_TTL_SECONDS * 1000,
    budgetMs: values.DIRECT_BUDGET_MS,
    acs: acsConfig(settings),
    twilio: twilioConfig(settings),
    routes: routesConfig(settings),
    retrySms: values.RETRY_SMS === '1',
    escalation: { channels: values.ESCALATE_SMS ?? [], hooks: new Set(values.ESCALATE_HOOKS), afterMs: values.ESCALATE_AFTER_SECONDS * 1000 },
    guard: guardConfig(settings),
    voice: { repeats: values.VOICE_REPEATS, confirm: values.VOICE_CONFIRM, names: values.VOICE_NAMES ?? new Map(), maxMs: values.VOICE_MAX_SECONDS * 1000 },
    incomingCalls: values.INCOMING_CALLS,
    hooks: hooksConfig(settings, hooks),
    verification: verification.config,
    live: liveConfig(settings),
    sandbox: sandboxRuns(settings)
      ? { host: values.SANDBOX_HOST, port: values.SANDBOX_PORT, portIsFixed: given.has('SANDBOX_PORT') }
      : undefined,
    warnings: [...findWarnings(settings), ...verification.warnings, ...liveWarnings(settings)]
  }
}

const sandboxRuns = ({ values, given }: ReadSettings): boolean =>
  values.SANDBOX === 'on' || (values.SANDBOX === 'auto' && values.NODE_ENV !== 'production' && !isAnyVendorGiven(given))
