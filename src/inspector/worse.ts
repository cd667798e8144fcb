import type { Statistic, Statistics } from '../store/statistics.ts'
import { GRAIN_MS, type Way } from './counts.ts'
import { groupBy } from './group-by.ts'
import { compare, MEASURES, type Comparison, type Counted, type Measure, type Pair } from './measures.ts'
import { noTimes } from './times.ts'

/** A provider, a country, or a way to a country, by which messages have just begun to fare worse than before. */
export interface Worse extends Partial<Way> {
  readonly measure: Measure
  /** Shares, from 0 to 1, now and before: of what was sent, delivered within five minutes, or used; of what was tried, failed. */
  readonly now: number
  readonly usual: number
  /** Of how many messages now. */
  readonly count: number
  /** Since when messages were looked at, milliseconds since 1970. */
  readonly since: number
  /** For `slower`: the shares are of what was delivered within so many seconds, as 95 in 100 usually are. */
  readonly within?: number | undefined
}

const MINUTE = GRAIN_MS.minute
const HOUR = GRAIN_MS.hour
const WEEK = 168 * HOUR

/** What is looked at as now, in milliseconds. */
const LATELY = 30 * MINUTE

/** How old messages must be, in milliseconds, until it can be told how they fared. */
const TOLD_AFTER: Readonly<Record<Measure, number>> = { delivered: 5 * MINUTE, failed: 0, slower: 5 * MINUTE, used: 5 * MINUTE }

/** The most that are told. */
const MOST = 10

/** What was usual changes slowly: it is read so often at most, in milliseconds. */
const USUAL_GOOD_FOR = 5 * MINUTE

export interface BecomeWorseDeps {
  readonly statistics: Pick<Statistics, 'read'>
  readonly now: () => number
}

/** Tells what has just become worse, by what is on record. */
export const createBecomeWorse = ({ statistics, now }: BecomeWorseDeps): () => Promise<readonly Worse[]> => {
  let known = { at: -Infinity, usual: [] as readonly Statistic[] }
  const usual = async (): Promise<readonly Statistic[]> => {
    const age = now() - known.at
    if (age >= 0 && age < USUAL_GOOD_FOR) return known.usual
    const until = floor(now() - LATELY - TOLD_AFTER.delivered, HOUR)
    known = { at: now(), usual: [...waysOf(await statistics.read('hour', until - WEEK, until)).values()] }
    return known.usual
  }
  return async () => {
    const [before, lately] = await Promise.all([usual(), statistics.read('minute', floor(now() - LATELY - TOLD_AFTER.delivered, MINUTE), now())])
    return findWorse(lately, before, now())
  }
}

/** Finds what has become worse, the worst first: what was sent by the minute lately is compared with all that was sent before. */
export const findWorse = (lately: readonly Statistic[], before: readonly Statistic[], now: number): readonly Worse[] => {
  const usual = waysOf(before)
  const found = MEASURES.flatMap((measure) => {
    const until = floor(now - TOLD_AFTER[measure], MINUTE)
    const since = until - LATELY
    const ways = [...waysOf(lately.filter(({ bucket }) => bucket >= since && bucket < until))]
      .map(([key, way]) => ({ ...way, now: way, usual: usual.get(key) ?? NOTHING }))
    return worseBy(measure, ways).map((worse) => ({ ...worse, since }))
  })
  return found
    .filter((worse) => !isExplained(worse, found))
    .sort((one, other) => excessOf(other) - excessOf(one))
    .slice(0, MOST)
}

type WayPair = Way & Pair

const NOTHING: Counted = { sent: 0, failed: 0, used: 0, times: noTimes() }

const floor = (moment: number, length: number): number => moment - moment % length

/** What went each way, all of it together. */
const waysOf = (rows: readonly Statistic[]): Map<string, Statistic> =>
  new Map([...groupBy(rows, ({ provider, channel, country }) => `${provider} ${channel} ${country}`)].map(([key, group]) => [key, group.reduce(added)]))

const added = (one: Statistic, other: Statistic): Statistic => ({
  ...one,
  sent: one.sent + other.sent,
  delivered: one.delivered + other.delivered,
  undelivered: one.undelivered + other.undelivered,
  failed: one.failed + other.failed,
  used: one.used + other.used,
  times: one.times.map((count, group) => count + (other.times[group] as number))
})

/** The whole of a provider or a country where all of it fares worse; else the ways to a country that do. */
const worseBy = (measure: Measure, ways: readonly WayPair[]): Array<Omit<Worse, 'since'>> => {
  const bad = new Set(ways.filter((way) => compare(measure, [way])?.isWorse === true))
  const told = new Set<WayPair>()
  const wholes = [
    ...[...groupBy(ways, ({ provider }) => provider)].map(([provider, members]) => ({ name: { provider }, members })),
    ...[...groupBy(ways, ({ country }) => country)].filter(([country]) => country !== '').map(([country, members]) => ({ name: { country }, members }))
  ].flatMap(({ name, members }) => {
    const comparison = compare(measure, members)
    const parts = members.filter((way) => bad.has(way))
    const others = compare(measure, members.filter((way) => !bad.has(way)))
    // Its bad parts tell more than the whole, unless they are many and there is nothing good beside them.
    const isInParts = parts.length > 0 && others?.isWorse !== true && (parts.length === 1 || others !== undefined)
    if (comparison?.isWorse !== true || isInParts || (parts.length > 0 && parts.every((way) => told.has(way)))) return []
    members.forEach((way) => { told.add(way) })
    return [toWorse(name, measure, comparison)]
  })
  const parts = [...bad].filter((way) => !told.has(way))
    .map((way) => toWorse({ provider: way.provider, channel: way.channel, country: way.country }, measure, compare(measure, [way]) as Comparison))
  return [...wholes, ...parts]
}

const toWorse = (way: Partial<Way>, measure: Measure, { now, usual, count, within }: Comparison): Omit<Worse, 'since'> =>
  ({ ...way, measure, now, usual, count, within })

/** How many fared worse than they would have before. */
const excessOf = ({ now, usual, count }: Worse): number => Math.abs(usual - now) * count

/** What does not arrive comes late where it does, and is not used: that need not be told too. */
const isExplained = (worse: Worse, all: readonly Worse[]): boolean =>
  (worse.measure === 'slower' || worse.measure === 'used') && all.some((other) => other.measure === 'delivered' && overlap(worse, other))

const overlap = (one: Worse, other: Worse): boolean => (['provider', 'country'] as const).every((part) =>
  one[part] === undefined || other[part] === undefined || one[part] === other[part])
