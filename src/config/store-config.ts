import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { SensitiveText } from '../domain/sensitive.ts'
import { isLoopback } from './kinds.ts'
import type { ReadSettings } from './read-settings.ts'
import type { StorePlace, StoreTls } from './store-kinds.ts'

/** Where the record is kept, and how it is reached. */
export type StoreConfig =
  | { readonly engine: 'sqlite', readonly file: string }
  | {
    readonly engine: 'postgres'
    /** With the password. */
    readonly url: SensitiveText
    readonly poolSize: number
    readonly tls: StoreTls
    /** Certificates in PEM form; absent: those that every machine knows. */
    readonly ca: string | undefined
  }

/** The store, by settings that have no problems. Relative paths begin at the folder. */
export const storeConfig = ({ values }: ReadSettings, folder: string): StoreConfig => {
  const place = values.STORE_URL
  if (place.engine === 'sqlite') return { engine: 'sqlite', file: resolve(folder, place.file) }
  return {
    engine: 'postgres',
    url: place.url,
    poolSize: values.STORE_POOL_SIZE,
    tls: values.STORE_TLS ?? place.tls ?? (isOnThisMachine(place) ? 'off' : 'verify'),
    ca: readCertificates(values.STORE_CA_FILE, folder)
  }
}

const isOnThisMachine = ({ host }: Extract<StorePlace, { engine: 'postgres' }>): boolean => isLoopback(new URL(`http://${host}`))

const readCertificates = (file: string | undefined, folder: string): string | undefined =>
  file === undefined ? undefined : readFileSync(resolve(folder, file), 'utf8')

/** What is wrong with the settings of the store; one line each. */
export const storeProblems = ({ values, given }: ReadSettings, folder: string): string[] => {
  if (values.STORE_URL?.engine !== 'postgres') return []
  const problems: string[] = []
  // What each process makes by itself no other one can open.
  if (!given.has('GATEWAY_KEYS')) problems.push('GATEWAY_KEYS must be set with PostgreSQL: all processes that share it must have the same keys (openssl rand -base64 32).')
  try {
    if (!/-----BEGIN CERTIFICATE-----/.test(readCertificates(values.STORE_CA_FILE, folder) ?? '-----BEGIN CERTIFICATE-----')) problems.push('STORE_CA_FILE must hold certificates in PEM form.')
  } catch {
    problems.push('STORE_CA_FILE must name a file that can be read.')
  }
  return problems
}
