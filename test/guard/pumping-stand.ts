import type { Test } from 'tap'
import type { Ranges } from '../../src/guard/guard.ts'
import type { Meter } from '../../src/guard/meter.ts'
import type { Pumping } from '../../src/guard/pumping.ts'
import { createWatch, type WatchDeps } from '../../src/guard/watch.ts'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { hourOf, type Counts } from '../../src/store/traffic.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type OpenStore, type World } from '../support/store.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

export type RangeShut = Extract<GatewayEvent, { type: 'range.shut' }>

/** Where a number lies: `UZ 90 1234` is in the country UZ, in its area 90 and there in the block 1234. */
export const at = (place: string): Ranges => {
  const [country, area] = place.split(' ') as [string, string]
  return { country: country === '-' ? undefined : country, area: `${country} ${area}`, block: place, shownArea: `${country} ${area}…` }
}

/** One process that watches. */
export interface Watcher {
  readonly pumping: Pumping
  readonly meter: Meter
  /** Sends messages to many blocks of an area, so few to each that no block is shut for it. */
  spread (area: string, count: number): void
  /** Sends messages to a place, unless it is shut; gives how many were. Some of their codes are used. */
  send (place: string, count: number, used?: number): number
  isShut (place: string): boolean
}

export interface PumpingWorld extends World, Watcher {
  /** The ranges that were told to be shut, oldest first. */
  readonly told: RangeShut[]
  /** Another process on the same store. */
  start (options?: Partial<WatchDeps>): Watcher
  /**
   * Notes what was counted on each of the days before, for a place and the ranges around it, in an even hour each; its
   * busiest hour had a tenth.
   */
  past (place: string, days: number, counts: Partial<Counts>): Promise<void>
}

/** A store, in the middle of an hour, and a process that watches. */
export const openPumping = async (t: Test, open: OpenStore = openSqliteStore): Promise<PumpingWorld> => {
  const world = await openWorld(t, open)
  const { clock, traffic, trips } = world
  clock.advance(HOUR - clock() % HOUR + HOUR / 2)
  const { bus } = recordBus()
  const told: RangeShut[] = []
  bus.listen((event) => { if (event.type === 'range.shut') told.push(event) })

  const start = (options: Partial<WatchDeps> = {}): Watcher => {
    const { pumping, meter } = createWatch({ traffic, trips, mode: 'enforce', bus, now: clock, ...options })
    const isShut = (place: string): boolean => pumping.examine(at(place)) !== undefined
    return {
      pumping,
      meter,
      isShut,
      spread (area, count) {
        for (let index = 0; index < count; index += 1) pumping.noteSent(at(`${area} ${Math.floor(index / 15)}`), clock())
      },
      send (place, count, used = 0) {
        if (isShut(place)) return 0
        const ranges = at(place)
        for (let index = 0; index < count; index += 1) pumping.noteSent(ranges, clock())
        for (let index = 0; index < used; index += 1) meter.used({ ...ranges, sentAt: clock() })
        return count
      }
    }
  }

  return {
    ...world,
    ...start(),
    told,
    start,
    async past (place, days, counts) {
      const { country, area, block } = at(place)
      const keys = [`block ${block}`, `area ${area}`, `country ${country}`]
      const full = { sent: 0, reported: 0, delivered: 0, used: 0, ...counts }
      const tenth = { sent: full.sent / 10, reported: full.reported / 10, delivered: full.delivered / 10, used: full.used / 10 }
      for (let day = 1; day <= days; day += 1) {
        await traffic.add(keys.flatMap((key) => Array.from({ length: 10 }, (_, index) =>
          ({ key, hour: hourOf(clock()) - 24 * day - 2 * index, ...tenth }))))
      }
    }
  }
}
