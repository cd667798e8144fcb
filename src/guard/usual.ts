import { HOURS_OF_DAY, hourOf, type DayOfTraffic, type HourOfTraffic, type Traffic } from '../store/traffic.ts'
import { createRemembered } from './remembered.ts'
import { HISTORY_DAYS, measureOf, thresholds, unexplained, type PerWindow, type RangeKind } from './thresholds.ts'

/** A range of numbers, by the keys of what is counted. */
export interface CountedRange {
  readonly key: string
  readonly kind: RangeKind
  /** The widest range that it is or lies in: a country or, of numbers that are of none, an area. */
  readonly widest: string
}

/** What is sent to ranges of numbers, and what is usual there; remembered for a minute. */
export interface Usual {
  /** Takes what hours are known to stand at, so that it need not be read. */
  learn (hours: Iterable<HourOfTraffic>): void
  /** What is sent now and not explained, for each of the keys. */
  unexplained (keys: readonly string[]): Promise<ReadonlyMap<string, PerWindow>>
  /** From where on that is too much, for each of the ranges. */
  thresholds (ranges: readonly CountedRange[]): Promise<ReadonlyMap<string, PerWindow>>
  /** What is sent to these is read anew. */
  forget (keys: readonly string[]): void
  forgetAll (): void
}

const MINUTE = 60_000
const MOST_REMEMBERED = 10_000

export const createUsual = ({ traffic, now }: { readonly traffic: Pick<Traffic, 'read' | 'days' | 'firstHour'>, readonly now: () => number }): Usual => {
  /** The last day, by the hour. */
  const recent = createRemembered<Map<number, HourOfTraffic>>({
    async read (keys) {
      const found = new Map(keys.map((key) => [key, new Map<number, HourOfTraffic>()]))
      const hours = await traffic.read(keys, hourOf(now()) - HOURS_OF_DAY + 1)
      for (const counted of hours) found.get(counted.key)?.set(counted.hour, counted)
      return found
    },
    lasts: MINUTE,
    most: MOST_REMEMBERED,
    now
  })

  /** The days before. */
  const history = createRemembered<DayOfTraffic[]>({
    async read (keys) {
      const found = new Map(keys.map((key) => [key, [] as DayOfTraffic[]]))
      const days = await traffic.days(keys, hourOf(now()), HISTORY_DAYS)
      for (const counted of days) found.get(counted.key)?.push(counted)
      return found
    },
    lasts: MINUTE,
    most: MOST_REMEMBERED,
    now
  })

  return {
    learn (hours) {
      for (const counted of hours) recent.peek(counted.key)?.set(counted.hour, counted)
    },
    async unexplained (keys) {
      const counted = await recent.of(keys)
      return new Map([...counted].map(([key, hours]) => [key, unexplained(hours.values(), now())]))
    },
    async thresholds (ranges) {
      if (ranges.length === 0) return new Map()
      // What callers and carriers tell is a matter of the country: of a narrow range too little is known, and that may be an attack.
      const known = await history.of(ranges.flatMap(({ key, widest }) => [key, widest]))
      const thisHour = hourOf(now())
      const oldest = Math.floor((thisHour - await traffic.firstHour(thisHour)) / HOURS_OF_DAY)
      const daysOf = (key: string): DayOfTraffic[] => known.get(key) as DayOfTraffic[]
      return new Map(ranges.map(({ key, kind, widest }) => [key, thresholds(kind, daysOf(key), measureOf(daysOf(widest)), oldest)]))
    },
    forget: recent.forget,
    forgetAll: recent.clear
  }
}
