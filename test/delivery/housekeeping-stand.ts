import { mock } from 'node:test'
import type { Test } from 'tap'
import { createHousekeeping, type Housekeeping, type HousekeepingDeps } from '../../src/delivery/housekeeping.ts'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import type { Due, DueWork } from '../../src/store/due.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, storeClockOf, type World } from '../support/store.ts'

/** In milliseconds. */
export const DAY = 24 * 60 * 60 * 1000
/** How often each is done, in milliseconds. */
export const [UNFINISHED, DUE, INQUIRY, RECOVERY, PURGE] = [1000, 1000, 5000, 5000, 60_000]
/** For how long due work is taken, and how much at a time. */
export const DUE_LEASE = 30_000
export const DUE_BATCH = 50

/** A store, and the housekeeping on it. */
export interface HousekeepingWorld extends World, RecordedBus {
  readonly housekeeping: Housekeeping
  readonly unfinished: Unfinished
  /** Makes another one on the same store. */
  make (options: Partial<HousekeepingDeps>): Housekeeping
  /** The work that was done. */
  readonly done: string[]
}

/** Work of every kind that is done so. */
export const workOf = (work: (kind: DueWork['kind'], id: string) => Promise<void>): HousekeepingDeps['work'] => ({
  'end-call': (id) => work('end-call', id),
  'end-announcement': (id) => work('end-announcement', id),
  retry: (id) => work('retry', id),
  feedback: (id) => work('feedback', id),
  escalate: (id) => work('escalate', id),
  'verification-send': (id) => work('verification-send', id),
  'verification-end': (id) => work('verification-end', id),
  'verification-webhook': (id) => work('verification-webhook', id)
})

/** Housekeeping on an open store, whose work is only noted. */
export const openHousekeeping = async (t: Test): Promise<HousekeepingWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const done: string[] = []
  const unfinished = createUnfinished(recorded.bus)
  const work = workOf(async (kind, id) => { done.push(`${kind} ${id}`) })
  const make = (options: Partial<HousekeepingDeps>): Housekeeping => {
    const housekeeping = createHousekeeping({
      ...world, work, inquire: async () => 0, count: async () => {}, unfinished, bus: recorded.bus, clock: storeClockOf(world.clock), keysAgree: async () => true, retentionDays: 30, ...options
    })
    t.teardown(() => housekeeping.stop())
    return housekeeping
  }
  return { ...world, ...recorded, done, unfinished, make, housekeeping: make({}) }
}

/** Timers that the test moves. */
export const mockTimers = (t: Test): { tick (milliseconds: number): void } => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => { mock.timers.reset() })
  return mock.timers
}

/** Of that kind nothing is due that the test does not say; of the others nothing is. */
export const onlyTaking = (due: Due, kind: DueWork['kind'], take: () => Promise<[]>): Due =>
  ({ ...due, take: async (taken) => taken === kind ? await take() : [] })

/** Lets go on what waits for nothing but its turn. */
export const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })
