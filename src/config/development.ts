import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { SettingsWrong } from './config.ts'
import { isSet, type Environment } from './read-settings.ts'

const secretText = (): string => randomBytes(24).toString('base64url')

/** Secrets that development makes by itself, so that a first start needs no settings. */
const GENERATED: Readonly<Record<string, () => string>> = {
  SECRET_HEADER: secretText,
  ADMIN_SECRET: secretText,
  EVENT_GRID_SECRET: secretText,
  GATEWAY_KEYS: () => randomBytes(32).toString('base64')
}

/** Whether other processes may use the store too, which must then have the same keys. */
const isShared = ({ STORE_URL }: Environment): boolean => /^\s*postgres/.test(STORE_URL ?? '')

/** Adds what the file `.env` of the folder sets to the environment, which has the last word. */
export const withEnvFile = (environment: Environment, folder: string): Environment => {
  const file = join(folder, '.env')
  if (!existsSync(file)) return environment
  const given = Object.fromEntries(Object.entries(environment).filter(([, text]) => isSet(text)))
  return { ...parseEnv(readFileSync(file, 'utf8')), ...given }
}

/**
 * Adds the secrets that are missing. They are made once and kept in `data/development-secrets.json`, readable by the
 * owner only. Never used in production.
 */
export const withGeneratedSecrets = (environment: Environment, folder: string): Environment => {
  const missing = Object.keys(GENERATED).filter((name) => !isSet(environment[name]) && !(name === 'GATEWAY_KEYS' && isShared(environment)))
  if (missing.length === 0) return environment
  const file = join(folder, 'data', 'development-secrets.json')
  const kept = existsSync(file) ? readKept(file) : {}
  const made = Object.fromEntries(missing.filter((name) => !isSet(kept[name])).map((name) => [name, (GENERATED[name] as () => string)()]))
  if (Object.keys(made).length > 0) {
    mkdirSync(join(folder, 'data'), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${JSON.stringify({ ...kept, ...made }, null, 2)}\n`, { mode: 0o600 })
  }
  return { ...environment, ...Object.fromEntries(missing.map((name) => [name, made[name] ?? kept[name]])) }
}

/** Where the file is broken, its owner is told; what the parser would say holds a piece of it. */
const readKept = (file: string): Readonly<Record<string, string | undefined>> => {
  try {
    return { ...JSON.parse(readFileSync(file, 'utf8')) }
  } catch {
    throw new SettingsWrong(['data/development-secrets.json cannot be read: remove it, and new secrets are made.'])
  }
}
