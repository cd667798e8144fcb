import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { withGeneratedSecrets } from '../../config/development.ts'
import { isProduction, type Environment } from '../../config/read-settings.ts'
import { SETTINGS } from '../../config/settings.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import { Refusal } from '../refusal.ts'
import { earlierSecret, type EarlierKind } from './earlier-secret.ts'
import type { IdentityProvider } from './identity-providers.ts'

export interface HookSecret {
  /** Empty where the identity provider makes it. */
  readonly text: string
  /** What the gateway is to be told of it. */
  readonly lines: readonly string[]
}

export interface HookSecretDeps {
  readonly typed: string | undefined
  /** With what the file `.env` sets. */
  readonly environment: Environment
  /** Where the command was typed. */
  readonly folder: string
  /** Where the files are written. */
  readonly target: string
  /** Where the gateway is reached. */
  readonly url: string
}

/** Below the folder where a gateway is started. */
const GENERATED_FILE = 'data/development-secrets.json'

/** Characters that mean nothing in JSON, YAML, TOML, a header, a list of settings and between a shell's single quotes. */
const SAFE = /^[A-Za-z0-9._~+/=:;@|!*-]{1,512}$/
const SAFE_SAYS = 'must have 1 to 512 letters, digits and . _ ~ + / = : ; @ | ! * - only, so that it can stand in every file'

/**
 * The secret that the identity provider is given: as typed, or of the settings, or one that was made before, or a new one.
 * Throws `Refusal`.
 */
export const hookSecret = (kind: IdentityProvider['secret'], deps: HookSecretDeps): HookSecret => {
  switch (kind) {
    case 'of-caller': return secretOfCaller(deps)
    case 'standard-webhooks': return webhookSecret(deps)
    case 'made-there': return noSecret(deps)
  }
}

const secretOfCaller = (deps: HookSecretDeps): HookSecret => {
  const { typed, environment, folder } = deps
  const all = settingOf('SECRET_HEADER', environment)
  if (typed !== undefined) {
    const known = [...all, ...[...SETTINGS.CALLERS.kind.read(environment['CALLERS'] ?? '')?.values() ?? []].flat()]
    const isKnown = known.some((secret) => secret.reveal() === typed)
    return { text: safe('--secret', typed), lines: isKnown ? [] : ['The gateway has to know this secret: add it to SECRET_HEADER in its .env, behind a comma if there is another one.'] }
  }
  if (all[0] !== undefined) return { text: safe('SECRET_HEADER', all[0].reveal()), lines: [] }
  const kept = madeInDevelopment(environment, folder)
  if (kept !== undefined) return { text: kept, lines: [OF_DEVELOPMENT, `  SECRET_HEADER=${kept}`] }
  return earlierOrNew('of-caller', 'SECRET_HEADER', () => randomBytes(24).toString('base64url'), deps)
}

const webhookSecret = (deps: HookSecretDeps): HookSecret => {
  const { typed, environment } = deps
  const all = settingOf('SUPABASE_HOOK_SECRET', environment)
  if (typed !== undefined) {
    const [given, ...more] = SETTINGS.SUPABASE_HOOK_SECRET.kind.read(typed) ?? []
    if (given === undefined || more.length > 0) throw new Refusal('--secret must be one secret as Supabase shows it: v1,whsec_ and base64.', 2)
    const isKnown = all.some((secret) => secret.reveal() === given.reveal())
    return { text: `v1,whsec_${given.reveal()}`, lines: isKnown ? [] : ['The gateway has to know this secret: set it as SUPABASE_HOOK_SECRET in its .env.'] }
  }
  if (all[0] !== undefined) return { text: `v1,whsec_${all[0].reveal()}`, lines: [] }
  return earlierOrNew('standard-webhooks', 'SUPABASE_HOOK_SECRET', () => `v1,whsec_${randomBytes(32).toString('base64')}`, deps)
}

const noSecret = ({ typed }: HookSecretDeps): HookSecret => {
  if (typed !== undefined) throw new Refusal('--secret cannot be chosen here: the identity provider makes the key itself.', 2)
  return { text: '', lines: [] }
}

const OF_DEVELOPMENT = `The secret is the one of ${GENERATED_FILE}, which a gateway in development has made for itself. In production that file is not read: there the gateway needs this line in its .env:`

/** One secret for all that is set up for a gateway, be it in several commands. */
const earlierOrNew = (kind: EarlierKind, setting: string, make: () => string, { folder, target, url }: HookSecretDeps): HookSecret => {
  const earlier = earlierSecret(kind, { folder, target, url })
  if (earlier !== undefined) {
    const file = relative(folder, earlier.file)
    return { text: earlier.text, lines: [`The secret of an earlier setup was taken again, that of ${file}. The .env of the gateway needs this line, where it is not there yet:`, `  ${setting}=${earlier.text}`] }
  }
  const made = make()
  return { text: made, lines: ['A new secret was made. Put this line into the .env of the gateway, and start it anew:', `  ${setting}=${made}`] }
}

const settingOf = (name: 'SECRET_HEADER' | 'SUPABASE_HOOK_SECRET', environment: Environment): readonly SensitiveText[] => {
  const text = environment[name]?.trim() ?? ''
  if (text === '') return []
  const { kind } = SETTINGS[name]
  const secrets = kind.read(text)
  if (secrets === undefined) throw new Refusal(`${name} must be ${kind.says}.`, 1)
  return secrets
}

/** The secret that a gateway started here has made for itself, where it has: then it is the one that is asked for. */
const madeInDevelopment = (environment: Environment, folder: string): string | undefined =>
  !isProduction(environment) && existsSync(join(folder, GENERATED_FILE))
    ? withGeneratedSecrets(environment, folder)['SECRET_HEADER']
    : undefined

const safe = (name: string, secret: string): string => {
  // The gateway takes these words away, and would compare what is left of the header with all of the secret.
  const [scheme] = /^(Basic|Bearer)(?=\s)/i.exec(secret) ?? []
  if (scheme !== undefined) throw new Refusal(`${name} must be the secret alone, without ${scheme} in front: what needs that word adds it.`, 1)
  if (secret !== secret.trim()) throw new Refusal(`${name} must not begin or end with a blank.`, 1)
  if (secret.includes(',')) throw new Refusal(`${name} must not have a comma: the settings of the gateway separate secrets by commas.`, 1)
  if (!SAFE.test(secret)) throw new Refusal(`${name} ${SAFE_SAYS}.`, 1)
  return secret
}
