import pg from 'pg'
import { setTimeout as wait } from 'node:timers/promises'
import { COMPATIBLE_FROM, MIGRATIONS } from './migrations.ts'
import { clientConfig, type PostgresPlace } from './postgres-connection.ts'
import { troubleOf } from './postgres-trouble.ts'
import { StoreRefused } from './sql.ts'

/** A schema: its steps, and how many of them a version of the gateway must know at least to work on it. */
export interface Schema {
  readonly steps: readonly string[]
  readonly compatibleFrom: number
}

/** Any number will do that nobody else on the server uses: who has it changes the schema. */
const LOCK = 7_304_121_190_231

/** How often it is tried, and the milliseconds between: a database may start at the same time, and its rows may be held. */
const MOST_TRIES = 30
const TRY_EVERY = 1000

/** Milliseconds for the wait for a table that others use. They wait behind us meanwhile, so it is short. */
const LOCK_WITHIN = 2000

/** Milliseconds for a process to go on with the next statement, and for a single one: an index on a large table takes its time. */
const IDLE_WITHIN = 10_000
const STATEMENT_WITHIN = 15 * 60_000

/**
 * Brings the schema up to date, once for all processes that start together; those of an older version may go on working.
 * Waits for a database that is not there yet. Throws `StoreRefused`.
 */
export const migratePostgres = async (
  place: PostgresPlace, schema: Schema = { steps: MIGRATIONS, compatibleFrom: COMPATIBLE_FROM }, tries = MOST_TRIES, pause = TRY_EVERY
): Promise<void> => {
  try {
    await migrateOnce(place, schema)
  } catch (error) {
    if (error instanceof StoreRefused) throw error
    const { says, mayPass } = troubleOf(error)
    if (tries <= 1 || !mayPass) throw new StoreRefused(says, { cause: error })
    await wait(pause)
    await migratePostgres(place, schema, tries - 1, pause)
  }
}

const migrateOnce = async (place: PostgresPlace, { steps, compatibleFrom }: Schema): Promise<void> => {
  const client = new pg.Client({ ...clientConfig(place), pipeline: false, query_timeout: STATEMENT_WITHIN })
  // What breaks shows in the next query.
  client.on('error', () => {})
  try {
    await client.connect()
    let isDone = false
    while (!isDone) isDone = await takeStep(client, steps, compatibleFrom)
  } finally {
    await client.end()
  }
}

/** Takes the next step in a transaction of its own. Gives whether nothing is left to be done. */
const takeStep = async (client: pg.Client, steps: readonly string[], compatibleFrom: number): Promise<boolean> => {
  await client.query('BEGIN')
  // A process that vanishes in the midst of it must not keep all others from starting.
  await client.query(`SET LOCAL lock_timeout = ${LOCK_WITHIN}; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_WITHIN}`)
  await client.query(`SELECT pg_advisory_xact_lock(${LOCK})`)
  await client.query('CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL, compatible_from BIGINT NOT NULL)')
  const { rows: [found] } = await client.query<{ version: number, compatible_from: number }>('SELECT version, compatible_from FROM schema_version')
  const version = found?.version ?? 0
  if (version > steps.length && (found?.compatible_from as number) > steps.length) {
    throw new StoreRefused('The store was written by a newer version of the gateway, which this one cannot work beside.')
  }
  const step = steps[version]
  if (step !== undefined) {
    await client.query(step)
    await client.query(found === undefined ? 'INSERT INTO schema_version (version, compatible_from) VALUES ($1, $2)' : 'UPDATE schema_version SET version = $1, compatible_from = $2', [version + 1, compatibleFrom])
  }
  await client.query('COMMIT')
  return step === undefined
}
