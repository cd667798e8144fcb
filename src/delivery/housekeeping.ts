import { HISTORY_DAYS } from '../guard/thresholds.ts'
import type { Bus } from '../observability/bus.ts'
import { DUE_KINDS, type Due, type DueWork, type TakenWork } from '../store/due.ts'
import type { StoreClock } from '../store/clock.ts'
import type { Upkeep } from '../store/upkeep.ts'
import { throwFirst } from './throw-first.ts'
import type { Unfinished } from './unfinished.ts'

/** Does a piece of due work, which was put off so often before; `kept` where it has seen to itself that it falls due again, or does not. */
export type DoWork = (id: string, tries: number) => Promise<'kept' | void>

export interface HousekeepingDeps {
  readonly due: Due
  /** What is done for each kind of due work. What throws is done again later. */
  readonly work: Readonly<Record<DueWork['kind'], DoWork>>
  /** Asks vendors about messages of which nothing is heard; gives how many it asked about. */
  readonly inquire: (isStopping: () => boolean) => Promise<number>
  /** Writes down what was counted of messages, and judges by it. */
  readonly count: () => Promise<void>
  readonly upkeep: Upkeep
  readonly unfinished: Unfinished
  readonly bus: Bus
  readonly clock: StoreClock
  /** Whether all processes on the store have the same keys. */
  readonly keysAgree: () => Promise<boolean>
  readonly retentionDays: number
}

/** What is done from time to time, whether anybody asks or not. */
export interface Housekeeping {
  /** Writes down what could not be kept before, and then does what has fallen due, of every kind. */
  runDue (): Promise<void>
  /** Asks vendors about messages of which nothing final was heard. */
  inquire (): Promise<void>
  /** Writes down what was counted of messages, and shuts ranges of numbers that far too much is sent to. */
  count (): Promise<void>
  /** Settles what a dead process left behind, and wipes codes that have expired. */
  recover (): Promise<void>
  /** Removes deliveries and verifications that are older than the retention, what was counted and nobody asks for any more, and old pages of the feed; a small batch at a time. */
  purge (): Promise<void>
  /** Compares the clock of this machine with the store's, which all processes go by. */
  compareClocks (): Promise<void>
  /** Tells of it where another process on the store has other keys. */
  compareKeys (): Promise<void>
  /** Does all of it again and again, until `stop`. */
  start (): void
  /**
   * Takes no more work, and gives back what is taken and not begun; settles once what is begun is done and written down.
   * Calling it again does so for what has come since.
   */
  stop (): Promise<void>
}

const DAY = 24 * 60 * 60 * 1000
const UNFINISHED_EVERY = 1000
const DUE_EVERY = 1000
const COUNT_EVERY = 1000
const INQUIRE_EVERY = 5000
const RECOVER_EVERY = 5000
const COMPARE_EVERY = 30_000
const PURGE_EVERY = 60_000
const PURGE_BATCH = 500

/** Pages of the feed are large. */
const PURGE_PAGES = 50

/** A machine whose clock is off by more milliseconds than that should be seen to; nothing goes wrong by it here. */
const TOLERATED_SKEW = 2000

/** How often it is told of the same work that it fails, in milliseconds. */
const TELL_EVERY = 60_000

/**
 * For how long pages of the feed and statistics are kept at least, in milliseconds: somebody looks at them so far back; and
 * the keys by which they are written once.
 */
const FEED_FOR = 3 * DAY
const BATCHES_FOR = 60 * 60 * 1000
const MINUTES_FOR = 26 * 60 * 60 * 1000
const HOURS_FOR = 31 * DAY

/** What is usual is told by the days before the last one. */
const TRAFFIC_DAYS = HISTORY_DAYS + 2

/** How much work of a kind is taken at a time, and for how long it is ours alone, in milliseconds. */
const DUE_BATCH = 50
const DUE_LEASE = 30_000

export const createHousekeeping = ({ due, work, inquire, count, upkeep, unfinished, bus, clock, keysAgree, retentionDays }: HousekeepingDeps): Housekeeping => {
  const timers: NodeJS.Timeout[] = []
  let stopping = false
  const underWay = new Set<Promise<void>>()

  const doWork = async ({ id, kind, tries }: TakenWork): Promise<void> => {
    if (await work[kind](id, tries) !== 'kept') await due.done({ id, kind })
  }

  /**
   * Does what has fallen due of one kind, batch after batch; whatever fails is done again when its lease is over. Kinds
   * do not wait for each other: a vendor that hangs where a text is sent once more must not keep calls from being ended.
   */
  const doDueWork = async (kind: DueWork['kind']): Promise<void> => {
    const taken = await due.take(kind, DUE_BATCH, DUE_LEASE)
    // Whoever goes on takes it at once, and not when our lease is over.
    if (stopping) return await due.release(taken)
    const done = await Promise.allSettled(taken.map(doWork))
    const rest = taken.length < DUE_BATCH || stopping ? [] : await Promise.allSettled([doDueWork(kind)])
    throwFirst([...done, ...rest])
  }

  /** Removes batch after batch, until one is not full; where this does not run again and again, one. */
  const inBatches = async (remove: () => Promise<number>, full = PURGE_BATCH): Promise<void> => {
    let removed: number
    do {
      removed = await remove()
    } while (removed === full && timers.length > 0)
  }

  const housekeeping: Housekeeping = {
    async runDue () {
      const written = unfinished.run()
      await Promise.allSettled([written])
      throwFirst(await Promise.allSettled([...DUE_KINDS.map(doDueWork), written]))
    },
    async inquire () {
      // Batch after batch, until nobody is left to ask about: whoever was asked about has been put off.
      if (await inquire(() => stopping) > 0 && !stopping) await housekeeping.inquire()
    },
    count,
    async recover () {
      const { unknown, interrupted } = await upkeep.recover()
      if (unknown + interrupted > 0) bus.emit({ type: 'deliveries.recovered', unknown, interrupted })
      await upkeep.forgetExpiredCodes()
    },
    async purge () {
      await inBatches(async () => {
        const removed = await upkeep.purge(clock.now() - retentionDays * DAY, PURGE_BATCH)
        if (removed > 0) bus.emit({ type: 'rows.purged', deliveries: removed })
        return removed
      })
      await inBatches(() => upkeep.forgetExchanges(clock.now() - retentionDays * DAY, PURGE_BATCH))
      await inBatches(() => upkeep.forgetVerifications(clock.now() - retentionDays * DAY, PURGE_BATCH))
      await inBatches(() => upkeep.forgetBudgets(PURGE_BATCH))
      await inBatches(() => upkeep.forgetTraffic(clock.now() - TRAFFIC_DAYS * DAY, PURGE_BATCH))
      await inBatches(() => upkeep.forgetFeed(clock.now() - FEED_FOR, PURGE_PAGES), PURGE_PAGES)
      await inBatches(() => upkeep.forgetBatches(clock.now() - BATCHES_FOR, PURGE_BATCH))
      await inBatches(() => upkeep.forgetStatistics('minute', clock.now() - MINUTES_FOR, PURGE_BATCH))
      await inBatches(() => upkeep.forgetStatistics('hour', clock.now() - Math.max(HOURS_FOR, retentionDays * DAY), PURGE_BATCH))
    },
    async compareClocks () {
      const milliseconds = await clock.sync()
      if (Math.abs(milliseconds) > TOLERATED_SKEW) bus.emit({ type: 'clock.skewed', milliseconds })
    },
    async compareKeys () {
      if (!await keysAgree()) bus.emit({ type: 'keys.disagree' })
    },
    start () {
      timers.push(
        every(UNFINISHED_EVERY, 'writing down what was kept', unfinished.run),
        ...DUE_KINDS.map((kind) => every(DUE_EVERY, `doing due work: ${kind}`, () => doDueWork(kind))),
        every(COUNT_EVERY, 'counting', housekeeping.count),
        every(INQUIRE_EVERY, 'asking vendors', housekeeping.inquire),
        every(RECOVER_EVERY, 'recovering', housekeeping.recover),
        every(COMPARE_EVERY, 'comparing clocks', housekeeping.compareClocks),
        every(COMPARE_EVERY, 'comparing keys', housekeeping.compareKeys),
        every(PURGE_EVERY, 'purging', housekeeping.purge))
    },
    async stop () {
      stopping = true
      for (const timer of timers.splice(0)) clearInterval(timer)
      await Promise.all(underWay)
      // What cannot be written down now either is settled by its lease.
      await unfinished.run().catch(() => {})
      await count().catch(() => {})
    }
  }

  /**
   * Runs work at intervals, never twice at a time; a failure is tried again at the next turn. Where it fails again and again,
   * as while the store is away, that is told now and then only.
   */
  const every = (milliseconds: number, what: string, task: () => Promise<void>): NodeJS.Timeout => {
    let isRunning = false
    let tellAgainAt = -Infinity
    return setInterval(() => {
      if (isRunning) return
      isRunning = true
      const run = task()
        .then(() => { tellAgainAt = -Infinity }, (error: unknown) => {
          if (clock.now() < tellAgainAt) return
          tellAgainAt = clock.now() + TELL_EVERY
          bus.emit({ type: 'work.failed', what, error })
        })
        .finally(() => {
          isRunning = false
          underWay.delete(run)
        })
      underWay.add(run)
    }, milliseconds).unref()
  }

  return housekeeping
}
