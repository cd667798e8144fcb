import type { AcsSettings } from './acs/acs.ts'
import type { HttpClient } from './http-client.ts'
import type { Providers } from './provider.ts'
import type { Keys } from '../domain/keys.ts'

export interface CatalogDeps {
  /** Absent: not configured. */
  readonly acs: AcsSettings | undefined
  readonly http: HttpClient
  readonly keys: Keys
  readonly now: () => number
}

/** The only list of vendors. Each is loaded where it is configured: an SDK costs time and memory at start. */
export const createProviders = async ({ acs, ...shared }: CatalogDeps): Promise<Providers> => {
  if (acs === undefined) return { providers: [], ownNumbers: [], calls: undefined, events: undefined }
  const { createAcs } = await import('./acs/acs.ts')
  return createAcs({ settings: acs, ...shared })
}
