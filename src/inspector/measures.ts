import { TIME_BOUNDS, type Statistic } from '../store/statistics.ts'
import { chanceOfSoFew, type Part } from './chance.ts'
import { percentileGroup } from './times.ts'

/** By what one sees that messages fare worse. What did not arrive cannot be used: that stands behind it. */
export const MEASURES = ['delivered', 'failed', 'slower', 'used'] as const

export type Measure = typeof MEASURES[number]

export type Counted = Pick<Statistic, 'sent' | 'failed' | 'used' | 'times'>

/** One way, now and before. */
export interface Pair {
  readonly now: Counted
  readonly usual: Counted
}

/** How a measure has changed; shares are from 0 to 1. */
export interface Comparison {
  readonly now: number
  /** What it would be now if every way fared as it did before: not the same as before, where more goes a bad way than did. */
  readonly usual: number
  /** Of how many messages now. */
  readonly count: number
  readonly isWorse: boolean
  /** For `slower`: the shares are of what was delivered within so many seconds. */
  readonly within: number | undefined
}

/** Fewer messages than these tell nothing. */
const LEAST_NOW = 10
const LEAST_USUAL = 30

/** A smaller difference is not worth anybody's time, however certain it is. */
const LEAST_DIFFERENCE = 0.1

/**
 * Who looks at a hundred ways every few minutes sees what happens once in a thousand times all day long; and real messages
 * come in bunches, of which no test knows.
 */
const MOST_CHANCE = 1e-5

/** Compares ways, all together, at two times; new ones are left out. `undefined` where that tells nothing. */
export const compare = (measure: Measure, pairs: readonly Pair[]): Comparison | undefined => {
  const group = measure === 'slower' ? percentileGroup(timesOf(pairs), 0.95) : TIME_BOUNDS.length - 1
  const parts = pairs
    .map((pair) => ({ now: partOf(measure, pair.now, group), usual: partOf(measure, pair.usual, group) }))
    .filter(({ usual }) => usual.of > 0)
  const [now, usual] = [sumOf(parts.map((part) => part.now)), sumOf(parts.map((part) => part.usual))]
  if (now.of < LEAST_NOW || usual.of < LEAST_USUAL || (measure === 'used' && usual.hits === 0)) return undefined
  const [share, expected] = [now.hits / now.of, expectedOf(parts) / now.of]
  const isLess = expected - share >= LEAST_DIFFERENCE
  return {
    ...measure === 'failed' ? { now: 1 - share, usual: 1 - expected } : { now: share, usual: expected },
    count: now.of,
    isWorse: isLess && chanceOfSoFew(now, { hits: Math.round(expected * usual.of), of: usual.of }) <= MOST_CHANCE,
    within: measure === 'slower' ? TIME_BOUNDS[group] : undefined
  }
}

const timesOf = (pairs: readonly Pair[]): readonly number[] =>
  [...TIME_BOUNDS, Infinity].map((_bound, group) => pairs.reduce((sum, { usual }) => sum + (usual.times[group] as number), 0))

/** How many fared well, of how many. What was taken back after it was counted may leave less than nothing. */
const partOf = (measure: Measure, counted: Counted, group: number): Part => {
  const [sent, failed, used] = [counted.sent, counted.failed, counted.used].map((count) => Math.max(0, count)) as [number, number, number]
  const within = counted.times.slice(0, group + 1).reduce((sum, count) => sum + count, 0)
  switch (measure) {
    // Within the last of the bounds: then what was sent just now and what was sent last week have had the same time.
    case 'delivered': return { hits: within, of: Math.max(within, sent) }
    case 'failed': return { hits: sent, of: sent + failed }
    case 'slower': return { hits: within, of: counted.times.reduce((sum, count) => sum + count, 0) }
    case 'used': return { hits: used, of: Math.max(used, sent) }
  }
}

const sumOf = (parts: readonly Part[]): Part =>
  parts.reduce((sum, part) => ({ hits: sum.hits + part.hits, of: sum.of + part.of }), { hits: 0, of: 0 })

/** How many would fare well now if each way fared as before; ways of which little is known are taken together. */
const expectedOf = (parts: ReadonlyArray<{ readonly now: Part, readonly usual: Part }>): number => {
  const little = parts.filter(({ usual }) => usual.of < LEAST_USUAL)
  const together = { now: sumOf(little.map((part) => part.now)), usual: sumOf(little.map((part) => part.usual)) }
  return [...parts.filter(({ usual }) => usual.of >= LEAST_USUAL), ...little.length === 0 ? [] : [together]]
    .reduce((sum, { now, usual }) => sum + now.of * usual.hits / usual.of, 0)
}
