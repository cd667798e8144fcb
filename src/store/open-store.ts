import type { PostgresPlace } from './postgres-connection.ts'
import type { Sql } from './sql.ts'
import { openSqlite } from './sqlite.ts'

/** Which engine keeps the record, and where. */
export type StorePlace =
  | { readonly engine: 'sqlite', readonly file: string }
  | { readonly engine: 'postgres' } & PostgresPlace

/**
 * Opens the store, migrated to the newest schema; `now` is the clock of an engine that has none of its own. Throws
 * `StoreRefused`.
 */
export const openStore = async (place: StorePlace, now: () => number): Promise<Sql> => {
  if (place.engine === 'sqlite') return openSqlite({ file: place.file, now })
  const { openPostgres } = await import('./postgres.ts')
  return await openPostgres(place)
}
