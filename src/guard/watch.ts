import type { GuardMode } from '../domain/guard-rule.ts'
import type { Bus } from '../observability/bus.ts'
import type { Traffic } from '../store/traffic.ts'
import type { Trips } from '../store/trips.ts'
import { createMeter, type Meter } from './meter.ts'
import { createPumping, type Pumping } from './pumping.ts'
import { createTally } from './tally.ts'

export interface WatchDeps {
  readonly traffic: Traffic
  readonly trips: Trips
  /** What the rule does that judges by what is counted. Off: only routes are counted, and nothing is judged. */
  readonly mode: GuardMode
  readonly bus: Bus
  readonly now: () => number
}

/** Watches how much goes where. */
export interface Watch {
  readonly meter: Meter
  readonly pumping: Pumping
}

export const createWatch = ({ traffic, trips, mode, bus, now }: WatchDeps): Watch => {
  const tally = createTally(traffic)
  const meter = createMeter(tally, { withRanges: mode !== 'off' })
  const idle: Pumping = {
    examine: () => undefined,
    noteSent: () => {},
    turn: async () => { await tally.flush() }
  }
  return {
    meter,
    pumping: mode === 'off' ? idle : createPumping({ tally, meter, traffic, trips, mode, bus, now })
  }
}
