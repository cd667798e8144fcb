import { randomUUID } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { beginBatch, isOwnBatch } from './batches.ts'
import { SKIP_LOCKED, statement, type Sql, type SqlRow } from './sql.ts'

/** Upper bounds of the times that are told apart, in seconds; the last group has none. */
export const TIME_BOUNDS = [1, 2, 3, 5, 8, 13, 20, 30, 60, 120, 300] as const

/** How much went a way in a stretch of time, by when it was sent. */
export interface Statistic {
  /** When the stretch begins, milliseconds since 1970: a whole minute, or a whole hour, in UTC. */
  readonly bucket: number
  readonly provider: string
  readonly channel: string
  /** ISO code; empty where the number tells none. */
  readonly country: string
  /** Messages that the provider took, or may have taken. */
  readonly sent: number
  readonly delivered: number
  readonly undelivered: number
  /** Attempts that the provider refused, or that failed. */
  readonly failed: number
  readonly used: number
  /** How many were delivered within each of `TIME_BOUNDS`, and after; one number more than bounds. */
  readonly times: readonly number[]
}

export type Grain = 'minute' | 'hour'

export interface Statistics {
  /** Adds to what is there, in one unit. Tried again with the same key within an hour, it is added once. */
  add (grain: Grain, counts: readonly Statistic[], batch?: string): Promise<void>
  /** What lies in `[from, until)`, in order of time; at most `MOST_READ` rows, the newest of them. */
  read (grain: Grain, from: number, until: number): Promise<Statistic[]>
  /** The way that a delivery went in the end, and when; `undefined` where nobody took it. */
  wayOf (delivery: string): Promise<{ readonly provider: string, readonly channel: string, readonly country: string, readonly sentAt: number } | undefined>
  /** Removes up to `most` rows from before the moment. */
  purge (grain: Grain, before: number, most: number): Promise<number>
}

/**
 * How many rows are read at a time, and how often. On SQLite nothing else is done while one read is under way: 2,000 took
 * about 15 ms.
 */
const SLICE = 2000
const MOST_SLICES = 10

/** So many rows are read at most. */
export const MOST_READ = SLICE * MOST_SLICES

const COUNTS = ['sent', 'delivered', 'undelivered', 'failed', 'used'] as const

const TIMES = [...TIME_BOUNDS.keys(), TIME_BOUNDS.length]

const COLUMNS = [...COUNTS, ...TIMES.map((index) => `within_${index}`)]

const count = statement(
  `INSERT INTO statistics (grain, bucket, provider, channel, country, ${COLUMNS.join(', ')})
   SELECT CAST(:grain AS TEXT), CAST(:bucket AS BIGINT), CAST(:provider AS TEXT), CAST(:channel AS TEXT), CAST(:country AS TEXT),
     ${[...COUNTS, ...TIMES.map((index) => `within${index}`)].map((name) => `CAST(:${name} AS BIGINT)`).join(', ')}
   WHERE ${isOwnBatch}
   ON CONFLICT (grain, bucket, provider, channel, country)
   DO UPDATE SET ${COLUMNS.map((column) => `${column} = statistics.${column} + excluded.${column}`).join(', ')}`)

const newest = statement(
  `SELECT bucket, provider, channel, country, ${COUNTS.join(', ')}, ${TIMES.map((index) => `within_${index}`).join(' || \',\' || ')} AS times
   FROM statistics
   WHERE grain = :grain AND bucket >= :from AND (bucket, provider, channel, country) < (:bucket, :provider, :channel, :country)
   ORDER BY bucket DESC, provider DESC, channel DESC, country DESC LIMIT ${SLICE}`)

// Of several that went, the one that counts is the newest that a provider took for certain.
const way = statement(
  `SELECT attempts.provider, attempts.channel, COALESCE(deliveries.country, '') AS country, attempts.started_at
   FROM attempts JOIN deliveries ON deliveries.id = attempts.delivery_id
   WHERE attempts.delivery_id = :delivery AND attempts.status IN ('accepted', 'delivered', 'unknown', 'undelivered')
   ORDER BY CASE WHEN attempts.status IN ('accepted', 'delivered') THEN 0 ELSE 1 END, attempts.id DESC LIMIT 1`)

const forget = statement(
  `WITH gone AS MATERIALIZED (SELECT grain, bucket, provider, channel, country FROM statistics
     WHERE grain = :grain AND bucket < :before ORDER BY bucket LIMIT :most ${SKIP_LOCKED})
   DELETE FROM statistics
   WHERE (grain, bucket, provider, channel, country) IN (SELECT grain, bucket, provider, channel, country FROM gone)
   RETURNING bucket`)

type Way = Readonly<Record<'bucket', number> & Record<'provider' | 'channel' | 'country', string>>

const keyOf = ({ bucket, provider, channel, country }: Way): string => [bucket, provider, channel, country].join(' ')

export const createStatistics = (sql: Sql): Statistics => ({
  async add (grain, counts, batch = randomUUID()) {
    const own = { batch, writer: randomUUID() }
    // In one order for all, so that no two units wait for each other.
    const inOrder = [...counts].sort((one, other) => keyOf(one) < keyOf(other) ? -1 : 1)
    await sql.write([beginBatch(own), ...inOrder.map(({ times, ...rest }) =>
      count({ ...own, grain, ...rest, ...Object.fromEntries(TIMES.map((index) => [`within${index}`, times[index] ?? 0])) }))])
  },
  async read (grain, from, until) {
    const found: Statistic[] = []
    let last: Way = { bucket: until, provider: '', channel: '', country: '' }
    for (let slice = 0; slice < MOST_SLICES; slice += 1) {
      const rows = (await sql.read(newest({ grain, from, ...last }))).map(toStatistic)
      found.push(...rows)
      if (rows.length < SLICE) break
      const { bucket, provider, channel, country } = rows.at(-1) as Statistic
      last = { bucket, provider, channel, country }
      await nextTurn()
    }
    return found.reverse()
  },
  async wayOf (delivery) {
    const [row] = await sql.read(way({ delivery }))
    return row && { provider: row.provider as string, channel: row.channel as string, country: row.country as string, sentAt: row.started_at as number }
  },
  async purge (grain, before, most) {
    const [gone] = await sql.write([forget({ grain, before, most })])
    return (gone as unknown[]).length
  }
})

const toStatistic = (row: SqlRow): Statistic => ({
  bucket: row.bucket as number,
  provider: row.provider as string,
  channel: row.channel as string,
  country: row.country as string,
  sent: row.sent as number,
  delivered: row.delivered as number,
  undelivered: row.undelivered as number,
  failed: row.failed as number,
  used: row.used as number,
  times: (row.times as string).split(',').map(Number)
})
