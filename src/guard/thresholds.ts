import { HOUR_MS, HOURS_OF_DAY, hourOf, type Counts, type DayOfTraffic, type HourOfTraffic } from '../store/traffic.ts'

/** Kinds of ranges of numbers, from the narrowest to the widest. */
export const RANGE_KINDS = ['block', 'area', 'country'] as const

export type RangeKind = typeof RANGE_KINDS[number]

/** Something that is measured over the last hour and over the last 24. */
export interface PerWindow {
  readonly hour: number
  readonly day: number
}

/**
 * So many unexplained messages are never too many, whatever is known of a range. A block is ten thousand numbers next to
 * each other: people who ask for a code at the same time have theirs there by chance, and those of one company by
 * office; twenty of them who fail within an hour are neither. An area is about a network, where a new audience of
 * thousands may try at the same time, and a country has several of them.
 */
export const FLOORS: Readonly<Record<RangeKind, PerWindow>> = {
  block: { hour: 20, day: 60 },
  area: { hour: 100, day: 300 },
  country: { hour: 500, day: 2000 }
}

/**
 * So many times as much as usual is too much. An hour varies more than a day does: a campaign or a broken session brings
 * many people at once, but not for a whole day.
 */
export const FACTORS: PerWindow = { hour: 5, day: 3 }

/**
 * How many messages a code that was used explains. Codes are asked for twice, mistyped and given up; where only every
 * second one is used, that is still people. So a launch explains itself by its codes, however fast it grows, and those
 * who pump have to use codes for as much as every second message.
 */
export const EXPLAINED_BY_USE = 2

/** Days of which the usual is made. Of codes that were used it is their median: an attack of some days does not count as usual. */
const USUAL_DAYS = 14

/** Days that are looked back on: those of which the usual is made, and three weeks in which an attack may have made it grow. */
export const HISTORY_DAYS = USUAL_DAYS + 21

/**
 * Where deliveries are counted for want of conversions, what an attack had delivered counts too. So the usual is what at
 * least three of five days had, which is just enough for those who have nobody on weekends, and no day makes it more
 * than so many times what was usual before that day.
 */
const QUIET_SHARE = 0.4
const MOST_GROWTH = 1.5

/**
 * What is known of at least that part of the messages on most days measures the usual. At this, three times the codes
 * that are used are more than all messages of an ordinary day: where callers cease to tell which codes are used, nothing
 * is shut for that.
 */
export const LEAST_SHARE_KNOWN = 0.4

/**
 * A country whose codes were told as used on so many days is measured by them as long as at least that part of what was
 * told then is told: an attack lets the share of codes that are used sink, not their number.
 */
const FEWEST_DAYS_TOLD = 5
const LEAST_PART_TOLD = 0.5
const DAYS_OF_WEEK = 7

/** What the usual is measured by. */
export type Measure = 'used' | 'delivered' | 'sent'

/** Unexplained messages of the last hour, which is this one and the part of the one before that lies in it, and of the last 24. */
export const unexplained = (hours: Iterable<HourOfTraffic>, now: number): PerWindow => {
  const part = 1 - (now % HOUR_MS) / HOUR_MS
  const [hour, day] = [{ sent: 0, used: 0 }, { sent: 0, used: 0 }]
  for (const { hour: counted, sent, used } of hours) {
    // A process whose clock is ahead may count in an hour that has not come yet.
    const age = Math.max(0, hourOf(now) - counted)
    const weight = age === 0 ? 1 : age === 1 ? part : 0
    hour.sent += weight * sent
    hour.used += weight * used
    if (age >= HOURS_OF_DAY) continue
    day.sent += sent
    day.used += used
  }
  return { hour: excess(hour), day: excess(day) }
}

const excess = ({ sent, used }: Pick<Counts, 'sent' | 'used'>): number => Math.max(0, sent - EXPLAINED_BY_USE * used)

/**
 * By what the usual is measured: by codes that were used, which nobody can pump. Where callers do not tell that of most
 * messages, it is deliveries, and where carriers tell nothing either, it is what was sent. Of those that count now all
 * the same only the unexplained are compared with it: deliveries of before say how much is usual, deliveries of now say
 * nothing, because the messages of an attack arrive too.
 */
export const measureOf = (days: readonly DayOfTraffic[]): Measure => {
  const busy = days.filter(({ total }) => total.sent > 0)
  const isKnown = (measure: Measure): boolean =>
    median(busy.filter(({ day }) => day <= USUAL_DAYS).map((day) => shareOf(day, measure))) >= LEAST_SHARE_KNOWN
  if (isKnown('used') || isStillTold(busy)) return 'used'
  return isKnown('delivered') ? 'delivered' : 'sent'
}

const shareOf = ({ total }: DayOfTraffic, measure: Measure): number => total[measure] / total.sent

const isStillTold = (days: readonly DayOfTraffic[]): boolean => {
  const told = days.filter((day) => shareOf(day, 'used') >= LEAST_SHARE_KNOWN)
  const usedOf = (days: readonly DayOfTraffic[]): number => median(days.map(({ total }) => total.used))
  return told.length >= FEWEST_DAYS_TOLD && usedOf(days.filter(({ day }) => day <= DAYS_OF_WEEK)) >= LEAST_PART_TOLD * usedOf(told)
}

/**
 * From where on a range has too many unexplained messages. Night and day make no difference: an hour is compared with
 * the busiest of each day.
 * @param days what is known of the range
 * @param oldest how many days ago anything at all was counted first
 */
export const thresholds = (kind: RangeKind, days: readonly DayOfTraffic[], measure: Measure, oldest: number): PerWindow => {
  const own = Math.max(0, ...days.map(({ day }) => day))
  // Days on which nothing went to a range count as well: what is new may be an attack, unless everything is.
  const known = measure === 'used' ? Math.min(own, USUAL_DAYS) : Math.max(own, Math.min(oldest, HISTORY_DAYS))
  const usual = (of: (day: DayOfTraffic) => Counts, never: number): number => {
    const values = Array.from({ length: known }, (_, index) => {
      const found = days.find(({ day }) => day === index + 1)
      return found === undefined ? 0 : of(found)[measure]
    })
    return measure === 'used' ? median(values) : slowly(values, never)
  }
  const [floor, hourly, daily] = [FLOORS[kind], ({ busiest }: DayOfTraffic) => busiest, ({ total }: DayOfTraffic) => total]
  return {
    hour: Math.max(floor.hour, FACTORS.hour * usual(hourly, floor.hour / FACTORS.hour)),
    day: Math.max(floor.day, FACTORS.day * usual(daily, floor.day / FACTORS.day))
  }
}

/**
 * What is usual where an attack counts too: days that have far more than was usual before them count only as so many times
 * that. The first week that is known has nothing before it, and counts as it is.
 * @param values what each day had, from yesterday back
 * @param never what is usual anywhere
 */
const slowly = (values: readonly number[], never: number): number => {
  const later = Math.max(0, values.length - DAYS_OF_WEEK)
  let counted = values.slice(later)
  for (const value of values.slice(0, later).toReversed()) {
    const most = MOST_GROWTH * Math.max(never, quiet(counted))
    counted = [Math.min(value, most), ...counted].slice(0, USUAL_DAYS)
  }
  return quiet(counted)
}

/** The value at that part of the way from the least to the most; 0 of none. */
const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length * part)] ?? 0

/** The middle one; of two the greater. */
const median = (values: readonly number[]): number => quantile(values, 0.5)

const quiet = (values: readonly number[]): number => quantile(values, QUIET_SHARE)
