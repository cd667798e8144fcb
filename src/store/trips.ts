import { SKIP_LOCKED, statement, type Sql, type SqlRow, type Step } from './sql.ts'

/** A range of numbers. */
export interface TrippedRange {
  readonly key: string
  /** The key of the country that it is or lies in, where that is known. */
  readonly country: string | undefined
  /** The key of the area that it is or lies in; absent of a country. */
  readonly area: string | undefined
  /** As people may read it. */
  readonly shown: string
}

/** A block, or the area that one lies in. */
export interface NarrowRange extends TrippedRange {
  readonly area: string
}

/** Over which time there were too many. */
export type TripCause = 'hour' | 'day'

/** For how long a range is shut, all in milliseconds. */
export interface ShutFor {
  readonly first: number
  /** Twice as long each time, up to this. */
  readonly most: number
  /** It is again where the range was shut in that time before. */
  readonly again: number
}

/** A range that is shut, or on trial after it was: for as long as it was shut. */
export interface ActiveTrip {
  readonly key: string
  /** Milliseconds for which it is still shut; not over 0 of one that is on trial. */
  readonly left: number
  /** Milliseconds until its trial ends. */
  readonly trialLeft: number
}

/** More than are shut in any attack that a wider range does not end; enough that what is read each second stays small. */
const MOST_ACTIVE = 10_000
const MOST_WITHIN = 200

/** For how long a range is shut again that is on record. */
const AGAIN = `CASE
  WHEN trips.shut_until <= excluded.tripped_at - CAST(:again AS BIGINT) THEN excluded.shut_until - excluded.tripped_at
  WHEN 2 * (trips.trial_until - trips.shut_until) > CAST(:most AS BIGINT) THEN CAST(:most AS BIGINT)
  ELSE 2 * (trips.trial_until - trips.shut_until) END`

const trip = statement(
  `INSERT INTO trips (range_key, country, area, shown, cause, tripped_at, shut_until, trial_until)
   VALUES (:key, :country, :area, :shown, :cause, :now, :now + CAST(:first AS BIGINT), :now + 2 * CAST(:first AS BIGINT))
   ON CONFLICT (range_key) DO UPDATE
     SET cause = excluded.cause, tripped_at = excluded.tripped_at,
       shut_until = excluded.tripped_at + ${AGAIN},
       trial_until = excluded.tripped_at + 2 * (${AGAIN})
     WHERE trips.shut_until <= excluded.tripped_at
   RETURNING shut_until - tripped_at AS shut_for`)

const active = statement(
  `SELECT range_key, shut_until - :now AS time_left, trial_until - :now AS trial_left
   FROM trips WHERE trial_until > :now ORDER BY trial_until DESC LIMIT ${MOST_ACTIVE}`)

const within = (column: 'country' | 'area') => statement(
  `SELECT range_key, country, area, shown FROM trips
   WHERE ${column} = :key AND range_key <> :key AND tripped_at > :now - CAST(:age AS BIGINT)
   ORDER BY tripped_at DESC LIMIT ${MOST_WITHIN}`)

const [withinCountry, withinArea] = [within('country'), within('area')]

const forget = statement(
  `DELETE FROM trips WHERE range_key IN
     (SELECT range_key FROM trips WHERE tripped_at < :before AND shut_until <= :now ORDER BY tripped_at LIMIT :most ${SKIP_LOCKED})
   RETURNING range_key`)

/** The step that removes up to so many that were shut before that moment and are open again; gives a row for each. */
export const forgetTrips = (before: number, most: number): Step => forget({ before, most })

/** The ranges of numbers that were found to be under attack. */
export interface Trips {
  /**
   * Shuts a range. Of any number of callers one is told for how many milliseconds, as long as it is shut; the others
   * get nothing.
   */
  trip (range: TrippedRange, cause: TripCause, shutFor: ShutFor): Promise<number | undefined>
  /** What is shut now, or on trial. */
  active (): Promise<ActiveTrip[]>
  /** The ranges inside of this one that were shut at some time in the last so many milliseconds, the newest first. */
  within (range: Pick<TrippedRange, 'key' | 'area'>, age: number): Promise<NarrowRange[]>
}

export const createTrips = (sql: Sql): Trips => ({
  async trip ({ key, country, area, shown }, cause, { first, most, again }) {
    const [rows] = await sql.write([trip({ key, country: country ?? null, area: area ?? null, shown, cause, first, most, again })])
    return rows?.[0]?.shut_for as number | undefined
  },
  async active () {
    const rows = await sql.read(active())
    return rows.map(({ range_key: key, time_left: left, trial_left: trialLeft }) =>
      ({ key: key as string, left: left as number, trialLeft: trialLeft as number }))
  },
  async within ({ key, area }, age) {
    const rows = await sql.read(area === undefined ? withinCountry({ key, age }) : withinArea({ key, age }))
    return rows.map(toRange)
  }
})

const toRange = ({ range_key: key, country, area, shown }: SqlRow): NarrowRange => ({
  key: key as string,
  country: (country ?? undefined) as string | undefined,
  area: area as string,
  shown: shown as string
})
