import { MOST_READ, type Grain, type Statistic, type Statistics } from '../store/statistics.ts'
import { GRAIN_MS } from './counts.ts'
import { groupBy } from './group-by.ts'
import { costOf, type Prices } from './prices.ts'
import { noTimes, percentileOf } from './times.ts'
import { createBecomeWorse, type Worse } from './worse.ts'

export interface PlotsDeps {
  readonly statistics: Pick<Statistics, 'read'>
  readonly prices: Prices
  readonly now: () => number
}

/** How far back one can look. */
export const SPANS = ['hour', 'day', 'week'] as const

export type Span = typeof SPANS[number]

/** How much went, and how fast. */
export interface Sum {
  readonly sent: number
  readonly delivered: number
  readonly undelivered: number
  readonly failed: number
  readonly used: number
  /** Absent where no price is known of any of it. */
  readonly cost: number | undefined
  /** Seconds within which half of what was delivered was; absent where nothing was. */
  readonly median: number | undefined
  /** The same of 95 in 100. */
  readonly percentile95: number | undefined
}

export interface Group extends Sum {
  /** Empty for numbers that tell no country. */
  readonly name: string
}

export interface Plots {
  readonly span: Span
  readonly grain: Grain
  /** Moments, in milliseconds since 1970. What is added up begins later than the span where there is too much of it. */
  readonly from: number
  readonly until: number
  readonly rows: ReadonlyArray<Statistic & { readonly cost: number | undefined }>
  readonly totals: Sum
  /** What most went by comes first. */
  readonly byProvider: readonly Group[]
  readonly byChannel: readonly Group[]
  readonly byCountry: readonly Group[]
  readonly worse: readonly Worse[]
}

const STRETCHES: Readonly<Record<Span, { readonly grain: Grain, readonly count: number }>> = {
  hour: { grain: 'minute', count: 60 },
  day: { grain: 'hour', count: 24 },
  week: { grain: 'hour', count: 168 }
}

/** However many look on, all of this is added up so often at most, in milliseconds. */
const GOOD_FOR = 2000

/** Gives what a span holds, the stretch that is going on included, and what has just become worse. */
export const createPlots = ({ statistics, prices, now }: PlotsDeps): (span: Span) => Promise<Plots> => {
  const becomeWorse = createBecomeWorse({ statistics, now })
  const made = new Map<Span, { readonly at: number, readonly plots: Promise<Plots> }>()

  const make = async (span: Span): Promise<Plots> => {
    const { grain, count } = STRETCHES[span]
    const length = GRAIN_MS[grain]
    const until = now() - now() % length + length
    const asked = until - count * length
    const [read, worse] = await Promise.all([statistics.read(grain, asked, until), becomeWorse()])
    const from = read.length < MOST_READ ? asked : (read[0] as Statistic).bucket
    const rows = read.map((row) => ({ ...row, cost: costOf(prices, row.provider, row.country, row.sent) }))
    return {
      span,
      grain,
      from,
      until,
      rows,
      totals: sumOf(rows),
      byProvider: groupsOf(rows, ({ provider }) => provider),
      byChannel: groupsOf(rows, ({ channel }) => channel),
      byCountry: groupsOf(rows, ({ country }) => country),
      worse
    }
  }

  return (span) => {
    const last = made.get(span)
    const age = now() - (last?.at ?? -Infinity)
    if (last !== undefined && age >= 0 && age < GOOD_FOR) return last.plots
    const plots = make(span)
    made.set(span, { at: now(), plots })
    // What failed is no answer for the next one.
    plots.catch(() => { made.delete(span) })
    return plots
  }
}

type PricedRow = Plots['rows'][number]

const groupsOf = (rows: readonly PricedRow[], nameOf: (row: PricedRow) => string): Group[] =>
  [...groupBy(rows, nameOf)]
    .map(([name, group]) => ({ name, ...sumOf(group) }))
    .sort((one, other) => other.sent + other.failed - one.sent - one.failed || one.name.localeCompare(other.name))

const sumOf = (rows: readonly PricedRow[]): Sum => {
  const sum = { sent: 0, delivered: 0, undelivered: 0, failed: 0, used: 0, cost: undefined as number | undefined }
  const times = noTimes()
  for (const row of rows) {
    sum.sent += row.sent
    sum.delivered += row.delivered
    sum.undelivered += row.undelivered
    sum.failed += row.failed
    sum.used += row.used
    if (row.cost !== undefined) sum.cost = (sum.cost ?? 0) + row.cost
    row.times.forEach((count, group) => { times[group] = (times[group] as number) + count })
  }
  return { ...sum, median: percentileOf(times, 0.5), percentile95: percentileOf(times, 0.95) }
}
