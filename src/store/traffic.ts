import { SKIP_LOCKED, statement, type Sql, type SqlRow, type SqlValue, type Step } from './sql.ts'

/** What is counted of messages, each in the hour in which it was sent. */
export interface Counts {
  /** Messages that were, or may have been, sent; of a route those that its provider took. */
  readonly sent: number
  /** Of a route: how many of them its vendor told the end of, unasked. */
  readonly reported: number
  readonly delivered: number
  /** Codes that are known to be used. */
  readonly used: number
}

/** What is counted by a key in an hour: milliseconds since 1970, divided by those of an hour. */
export interface HourOfTraffic extends Counts {
  readonly key: string
  readonly hour: number
}

/** What is counted by a key in 24 hours. */
export interface DayOfTraffic {
  readonly key: string
  /** How many times 24 hours ago. */
  readonly day: number
  readonly total: Counts
  /** The busiest hour of each. */
  readonly busiest: Counts
}

/** Where a message went, and when. */
export interface Place {
  readonly country: string | undefined
  /** Digests. Absent of deliveries that are older than these. */
  readonly area: string | undefined
  readonly block: string | undefined
  /** Milliseconds since 1970. */
  readonly sentAt: number
}

export const HOUR_MS = 3_600_000

export const HOURS_OF_DAY = 24

export const hourOf = (at: number): number => Math.floor(at / HOUR_MS)

/** What a way to a country is counted by. */
export const routeKey = (provider: string, channel: string, country: string | undefined): string =>
  `route ${provider} ${channel} ${country ?? '-'}`

/** What ranges of numbers are counted by. */
export const countryKey = (country: string): string => `country ${country}`
export const areaKey = (area: string): string => `area ${area}`
export const blockKey = (block: string): string => `block ${block}`

/** As many rows as one statement has: few statements, each of them prepared once. */
const SIZES = [64, 8, 1] as const

const indices = (size: number): number[] => Array.from({ length: size }, (_, index) => index)

const addRows = (size: number) => statement(
  `INSERT INTO traffic (traffic_key, hour, sent, reported, delivered, used)
   VALUES ${indices(size).map((index) => `(:key${index}, :hour${index}, :sent${index}, :reported${index}, :delivered${index}, :used${index})`).join(', ')}
   ON CONFLICT (traffic_key, hour) DO UPDATE SET sent = traffic.sent + excluded.sent, reported = traffic.reported + excluded.reported,
     delivered = traffic.delivered + excluded.delivered, used = traffic.used + excluded.used
   RETURNING traffic_key, hour, sent, reported, delivered, used`)

const keysOf = (size: number): string => indices(size).map((index) => `:key${index}`).join(', ')

const readHours = (size: number) => statement(
  `SELECT traffic_key, hour, sent, reported, delivered, used FROM traffic
   WHERE traffic_key IN (${keysOf(size)}) AND hour >= :fromHour`)

const ofEach = (column: string): string =>
  `CAST(SUM(${column}) AS BIGINT) AS ${column}, MAX(${column}) AS busiest_${column}`

const readDays = (size: number) => statement(
  `SELECT traffic_key, (CAST(:hour AS BIGINT) - hour) / ${HOURS_OF_DAY} AS day,
     ${['sent', 'reported', 'delivered', 'used'].map(ofEach).join(', ')}
   FROM traffic WHERE traffic_key IN (${keysOf(size)}) AND hour >= :fromHour AND hour < :beforeHour
   GROUP BY 1, 2 ORDER BY 1, 2`)

const bySize = (make: (size: number) => ReturnType<typeof statement>): ReadonlyMap<number, ReturnType<typeof statement>> =>
  new Map(SIZES.map((size) => [size, make(size)]))

const [adding, readingHours, readingDays] = [bySize(addRows), bySize(readHours), bySize(readDays)]

const firstHour = statement('SELECT COALESCE(MIN(hour), CAST(:hour AS BIGINT)) AS hour FROM traffic')

const placeOf = statement('SELECT country, area, block, created_at FROM deliveries WHERE id = :delivery')

const forget = statement(
  `DELETE FROM traffic WHERE (traffic_key, hour) IN
     (SELECT traffic_key, hour FROM traffic WHERE hour < :beforeHour ORDER BY hour LIMIT :most ${SKIP_LOCKED})
   RETURNING hour`)

/** The step that removes up to so many rows from before that moment; gives a row for each. */
export const forgetTraffic = (before: number, most: number): Step => forget({ beforeHour: hourOf(before), most })

/** How much goes where, by the hour. */
export interface Traffic {
  /**
   * Adds to what is counted, all of it or nothing; no key and hour may be there twice. Gives what each of these hours
   * stands at, with what all others have added to it.
   */
  add (rows: readonly HourOfTraffic[]): Promise<HourOfTraffic[]>
  /** What is counted by these keys from that hour on. */
  read (keys: readonly string[], fromHour: number): Promise<HourOfTraffic[]>
  /**
   * What is counted by these keys, by days of 24 hours of which the last ends with the hour given. Of that last day, 0,
   * nothing is given; nor of days with no traffic.
   */
  days (keys: readonly string[], hour: number, days: number): Promise<DayOfTraffic[]>
  /** The first hour of which anything is known; the one given where nothing is. */
  firstHour (hour: number): Promise<number>
  /** Where the message of a delivery went. */
  placeOf (delivery: string): Promise<Place | undefined>
}

export const createTraffic = (sql: Sql): Traffic => ({
  async add (rows) {
    // In one order everywhere, so that no two processes wait for each other's rows.
    const sorted = [...rows].sort((one, other) => one.key < other.key || (one.key === other.key && one.hour < other.hour) ? -1 : 1)
    const written = await sql.write(inSlices(sorted).map(({ rows, size }) => stepOf(adding, size, parametersOf(rows))))
    return written.flat().map(toHour)
  },
  async read (keys, fromHour) {
    const rows = await Promise.all(inFullSlices(keys).map((slice) => sql.read(stepOf(readingHours, slice.length, { ...keyParameters(slice), fromHour }))))
    return rows.flat().map(toHour)
  },
  async days (keys, hour, days) {
    const span = { hour, fromHour: hour - HOURS_OF_DAY * (days + 1) + 1, beforeHour: hour - HOURS_OF_DAY + 1 }
    const rows = await Promise.all(inFullSlices(keys).map((slice) => sql.read(stepOf(readingDays, slice.length, { ...keyParameters(slice), ...span }))))
    return rows.flat().map((row) => ({
      key: row.traffic_key as string,
      day: row.day as number,
      total: toCounts(row),
      busiest: toCounts(row, 'busiest_')
    }))
  },
  async firstHour (hour) {
    const [row] = await sql.read(firstHour({ hour }))
    return (row as SqlRow).hour as number
  },
  async placeOf (delivery) {
    const [row] = await sql.read(placeOf({ delivery }))
    return row && toPlace(row)
  }
})

/** Where a message went, by the row of its delivery. */
export const toPlace = (row: SqlRow): Place => ({
  country: (row.country ?? undefined) as string | undefined,
  area: (row.area ?? undefined) as string | undefined,
  block: (row.block ?? undefined) as string | undefined,
  sentAt: row.created_at as number
})

type Statements = ReadonlyMap<number, ReturnType<typeof statement>>

const stepOf = (statements: Statements, size: number, parameters: Record<string, SqlValue>): Step =>
  (statements.get(size) as ReturnType<typeof statement>)(parameters)

/** Cuts rows into as few slices as there are, each of a size for which there is a statement. */
const inSlices = <T>(rows: readonly T[]): Array<{ readonly rows: readonly T[], readonly size: number }> => {
  const size = SIZES.find((size) => size <= rows.length)
  return size === undefined ? [] : [{ rows: rows.slice(0, size), size }, ...inSlices(rows.slice(size))]
}

/** The same for keys that are asked for: a slice that is not full is filled with its last key, which changes no answer. */
const inFullSlices = (keys: readonly string[]): string[][] => {
  const last = keys.at(-1)
  if (last === undefined) return []
  const size = SIZES.findLast((size) => size >= keys.length) ?? SIZES[0]
  return [indices(size).map((index) => keys[index] ?? last), ...inFullSlices(keys.slice(size))]
}

const keyParameters = (keys: readonly string[]): Record<string, SqlValue> =>
  Object.fromEntries(keys.map((key, index) => [`key${index}`, key]))

const parametersOf = (rows: readonly HourOfTraffic[]): Record<string, SqlValue> =>
  Object.fromEntries(rows.flatMap((row, index) => Object.entries(row).map(([name, value]) => [`${name}${index}`, value as SqlValue])))

const toHour = (row: SqlRow): HourOfTraffic => ({ key: row.traffic_key as string, hour: row.hour as number, ...toCounts(row) })

const toCounts = (row: SqlRow, prefix = ''): Counts => ({
  sent: row[`${prefix}sent`] as number,
  reported: row[`${prefix}reported`] as number,
  delivered: row[`${prefix}delivered`] as number,
  used: row[`${prefix}used`] as number
})
