import type pg from 'pg'
import { createPool, type PostgresPlace } from './postgres-connection.ts'
import { announcement, createListener } from './postgres-listener.ts'
import { migratePostgres } from './postgres-migrations.ts'
import { createPrepare, type Prepared } from './postgres-statement.ts'
import { StoreUnavailable, type Sql, type SqlRow, type Step } from './sql.ts'

export interface PostgresOptions extends PostgresPlace {
  /** The store's clock, milliseconds since 1970; the database's own where absent. */
  readonly now?: () => number
  /** Milliseconds for a unit, from its first byte to its last. The connection is given up then: nobody knows what it holds. */
  readonly unitWithin?: number
  /** Milliseconds until the first try to listen again, where the connection that is listened on broke. */
  readonly listenAgainIn?: number
}

const UNIT_WITHIN = 5000

/** Gives a row where the server takes writes: a standby answers too. */
const WRITABLE = 'SELECT 1 WHERE current_setting(\'transaction_read_only\') = \'off\''

/**
 * Opens the PostgreSQL engine, for any number of processes at a time, migrated to the newest schema. A unit is sent at once
 * and costs one round trip. Throws `StoreRefused` where the database cannot be used.
 */
export const openPostgres = async ({ now, unitWithin = UNIT_WITHIN, listenAgainIn, ...place }: PostgresOptions): Promise<Sql> => {
  await migratePostgres(place)
  const pool = createPool(place)
  const listener = createListener(place, listenAgainIn)
  const prepare = createPrepare(now === undefined ? 'database' : 'parameter')
  const underWay = new Set<Promise<unknown>>()
  let isClosed = false

  const run = async (steps: readonly Step[]): Promise<SqlRow[][]> => {
    const moment = now === undefined ? {} : { now: now() }
    const queries = withAnnouncements(steps).map(({ text, parameters }) => {
      const prepared = prepare(text)
      return { prepared, values: prepared.valuesOf({ ...parameters, ...moment }) }
    })
    const client = await pool.connect()
    const late = setTimeout(() => { client.connection.stream.destroy() }, unitWithin)
    // Where the server itself said no, the connection is as good as before.
    const release = (error?: unknown): void => { client.release(error !== undefined && !isAnswered(error)) }
    const done = inOneUnit(client, queries)
    done.then(() => { release() }, release).finally(() => { clearTimeout(late) })
    return (await done).slice(0, steps.length)
  }

  const tracked = async (steps: readonly Step[]): Promise<SqlRow[][]> => {
    if (isClosed) throw new StoreUnavailable()
    const work = run(steps).catch((cause: unknown) => { throw new StoreUnavailable({ cause }) })
    underWay.add(work)
    return await work.finally(() => { underWay.delete(work) })
  }

  return {
    read: async (step) => (await tracked([step]))[0] as SqlRow[],
    write: async (steps) => steps.length === 0 ? [] : await tracked(steps),
    follow: (topic, wake) => listener.follow(topic, wake),
    async check () {
      const [rows] = await tracked([{ text: WRITABLE, parameters: {} }])
      if (rows?.length !== 1) throw new StoreUnavailable()
    },
    async close () {
      if (isClosed) return
      isClosed = true
      await Promise.allSettled([...underWay, listener.close()])
      await pool.end()
    }
  }
}

/** The steps, and behind them what they announce: that is told with the commit, and only then. */
const withAnnouncements = (steps: readonly Step[]): readonly Step[] =>
  [...steps, ...new Set(steps.flatMap(({ announces }) => announces ?? []))].map((one) => typeof one === 'string' ? announcement(one) : one)

interface Query {
  readonly prepared: Prepared
  readonly values: ReturnType<Prepared['valuesOf']>
}

/** Sends all of it at once: one statement is a transaction by itself, several stand between BEGIN and COMMIT. */
const inOneUnit = async (client: pg.PoolClient, queries: readonly Query[]): Promise<SqlRow[][]> => {
  const { stream } = client.connection
  const isOne = queries.length === 1
  stream.cork()
  const begun = isOne ? [] : [client.query('BEGIN')]
  const results = queries.map(({ prepared: { name, text }, values }) => client.query<SqlRow>({ name, text, values }))
  // After a failed step this takes back what the others did.
  const ended = isOne ? [] : [client.query('COMMIT')]
  stream.uncork()
  const settled = await Promise.allSettled([...begun, ...results, ...ended])
  const failed = settled.find((one) => one.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  return (await Promise.all(results)).map(({ rows }) => rows)
}

/**
 * Whether the server answered with an error, and is as good as before. A connection that broke has no such code; one to a
 * server that is going away (57P), or takes no writes (25006), is of no use.
 */
const isAnswered = (error: unknown): boolean => {
  const { code = '' } = error as { code?: string }
  return /^[0-9A-Z]{5}$/.test(code) && !/^(57P|08|25006)/.test(code)
}
