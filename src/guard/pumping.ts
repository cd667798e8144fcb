import type { GuardMode } from '../domain/guard-rule.ts'
import type { Bus } from '../observability/bus.ts'
import { areaKey, blockKey, countryKey, HOURS_OF_DAY, type Traffic } from '../store/traffic.ts'
import type { ShutFor, TrippedRange, Trips } from '../store/trips.ts'
import type { Ranges } from './guard.ts'
import type { Meter } from './meter.ts'
import { FLOORS, RANGE_KINDS, type PerWindow, type RangeKind } from './thresholds.ts'
import type { Tally } from './tally.ts'
import { createUsual } from './usual.ts'

export interface PumpingDeps {
  readonly tally: Pick<Tally, 'flush'>
  readonly meter: Pick<Meter, 'sent'>
  readonly traffic: Pick<Traffic, 'read' | 'days' | 'firstHour'>
  readonly trips: Pick<Trips, 'trip' | 'active' | 'within'>
  /** Whether nothing goes to what is shut, or it is only told. */
  readonly mode: Exclude<GuardMode, 'off'>
  readonly bus: Bus
  readonly now: () => number
}

/**
 * Finds out where far more codes are sent to than anybody uses, which is how numbers are pumped: by their owner, who
 * has a share in what their messages cost. It shuts the narrowest range of numbers that this explains.
 */
export interface Pumping {
  /**
   * Whether one of the ranges is shut, and for how many milliseconds. Asks nobody: as of the last turn. To be asked once
   * for each message: of a range that was shut only some may go before it is judged again.
   */
  examine (ranges: Ranges): { readonly retryAfter: number } | undefined
  /** Notes that a message was sent, or may have been, at that moment. */
  noteSent (ranges: Ranges, at: number): void
  /** Writes down what was counted, and shuts what has too much of it. Of any number of processes one tells of it. */
  turn (): Promise<void>
}

const HOUR = 60 * 60_000

/**
 * For how long a range is shut, in milliseconds. Then a message to it is enough to have it judged again, and each time that
 * it is shut within a day it is for twice as long.
 */
export const SHUT_FOR: ShutFor = { first: HOUR / 4, most: 4 * HOUR, again: HOURS_OF_DAY * HOUR }

/**
 * How many messages a process lets go to a range on trial before it is judged again: after each turn so many more. What
 * waits for the moment in which a range opens does not all get out before anybody looks.
 */
export const MOST_ON_TRIAL = 5

/** About when a range on trial will have been judged, in milliseconds. */
const TURN_MS = 1000

/** The most ranges that wait to be judged; those that are left out are there again with their next message. */
const MOST_TOUCHED = 10_000

interface Range extends TrippedRange {
  readonly kind: RangeKind
  readonly widest: string
}

export const createPumping = ({ tally, meter, traffic, trips, mode, bus, now }: PumpingDeps): Pumping => {
  const usual = createUsual({ traffic, now })
  /** Until when each range is shut, and from then on on trial. */
  let shut = new Map<string, { readonly until: number, readonly trialUntil: number }>()
  /** How many messages were let go to ranges on trial since the last turn. */
  let onTrial = new Map<string, number>()
  /** Ranges to which something was sent since they were judged. */
  let touched = new Map<string, Range>()

  const touch = (ranges: Iterable<Range>): void => {
    for (const range of ranges) {
      if (touched.size < MOST_TOUCHED) touched.set(range.key, range)
    }
  }

  const isShut = (key: string | undefined): boolean => key !== undefined && (shut.get(key)?.until ?? 0) > now()

  const isOpen = ({ key, area, country }: Range): boolean => ![key, area, country].some(isShut)

  /**
   * How much of what is sent to a range goes to narrower ones that were shut for it. Each of them still counts with as
   * much as is never too much: what goes to one says nothing of its neighbours, what goes to many does.
   */
  const explainedWithin = async (range: Range): Promise<PerWindow> => {
    if (range.kind === 'block') return { hour: 0, day: 0 }
    const tripped = await trips.within(range, HOURS_OF_DAY * HOUR)
    const keys = new Set(tripped.map(({ key }) => key))
    const narrower = tripped.filter(({ key, area }) => key === area || !keys.has(area))
    const counted = await usual.unexplained(narrower.map(({ key }) => key))
    const sum = { hour: 0, day: 0 }
    for (const { key, area } of narrower) {
      const [floor, found] = [FLOORS[key === area ? 'area' : 'block'], counted.get(key) as PerWindow]
      sum.hour += Math.max(0, found.hour - floor.hour)
      sum.day += Math.max(0, found.day - floor.day)
    }
    return sum
  }

  /** Judges by what is in the store now, with what others have counted. */
  const judge = async (range: Range, threshold: PerWindow): Promise<void> => {
    const { key, country, shown, kind } = range
    usual.forget([key])
    const [counted, explained] = [await usual.unexplained([key]), await explainedWithin(range)]
    const found = counted.get(key) as PerWindow
    const cause = (['hour', 'day'] as const).find((window) => found[window] - explained[window] >= threshold[window])
    if (cause === undefined) return
    const milliseconds = await trips.trip({ key, country, area: range.area, shown }, cause, SHUT_FOR)
    // Where another process has shut it, the next turn says for how long.
    const shutFor = milliseconds ?? SHUT_FOR.first
    shut.set(key, { until: now() + shutFor, trialUntil: now() + 2 * shutFor })
    if (milliseconds === undefined) return
    bus.emit({
      type: 'range.shut',
      country: country?.replace(countryKey(''), ''),
      range: kind,
      shown,
      mode,
      cause,
      unexplained: Math.round(found[cause] - explained[cause]),
      threshold: threshold[cause],
      milliseconds
    })
  }

  const judgeAll = async (ranges: readonly Range[]): Promise<void> => {
    const counted = await usual.unexplained(ranges.map(({ key }) => key))
    const isOver = ({ key }: Range, threshold: PerWindow): boolean => {
      const found = counted.get(key) as PerWindow
      return found.hour >= threshold.hour || found.day >= threshold.day
    }
    const many = ranges.filter((range) => isOver(range, FLOORS[range.kind]))
    const thresholds = await usual.thresholds(many)
    for (const range of many) {
      const threshold = thresholds.get(range.key) as PerWindow
      if (isOver(range, threshold)) await judge(range, threshold)
    }
  }

  return {
    examine (ranges) {
      const keys = toRanges(ranges).map(({ key }) => key)
      const until = Math.max(...keys.map((key) => shut.get(key)?.until ?? 0))
      if (until > now()) return { retryAfter: until - now() }
      const tried = keys.filter((key) => (shut.get(key)?.trialUntil ?? 0) > now())
      if (tried.some((key) => (onTrial.get(key) ?? 0) >= MOST_ON_TRIAL)) return { retryAfter: TURN_MS }
      for (const key of tried) onTrial.set(key, (onTrial.get(key) ?? 0) + 1)
      return undefined
    },
    noteSent (ranges, at) {
      const { country, area, block } = ranges
      meter.sent({ country, area, block, sentAt: at })
      touch(toRanges(ranges))
    },
    async turn () {
      const taken = touched
      touched = new Map()
      try {
        usual.learn(await tally.flush())
        const active = await trips.active()
        shut = new Map(active.map(({ key, left, trialLeft }) => [key, { until: now() + left, trialUntil: now() + trialLeft }]))
        // The narrowest first: what they explain is no fault of the wider ones.
        for (const kind of RANGE_KINDS) await judgeAll([...taken.values()].filter((range) => range.kind === kind && isOpen(range)))
        onTrial = new Map()
      } catch (error) {
        usual.forgetAll()
        touch(taken.values())
        throw error
      }
    }
  }
}

/** From the narrowest to the widest. */
const toRanges = ({ country, area, block, shownArea }: Ranges): Range[] => {
  const whole = country && countryKey(country)
  const inside = { country: whole, area: areaKey(area), widest: whole ?? areaKey(area), shown: shownArea }
  return [
    { kind: 'block', key: blockKey(block), ...inside },
    { kind: 'area', key: areaKey(area), ...inside },
    ...(country === undefined ? [] : [countryOf(country)])
  ]
}

const countryOf = (country: string): Range => {
  const key = countryKey(country)
  return { kind: 'country', key, country: key, area: undefined, widest: key, shown: country }
}
