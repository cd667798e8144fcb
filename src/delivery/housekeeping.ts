import type { Bus } from '../observability/bus.ts'
import { DUE_KINDS, type Due, type DueWork } from '../store/due.ts'
import type { Upkeep } from '../store/upkeep.ts'
import { throwFirst } from './throw-first.ts'
import type { Unfinished } from './unfinished.ts'

export interface HousekeepingDeps {
  readonly due: Due
  /** What is done for each kind of due work. What throws is done again later. */
  readonly work: Readonly<Record<DueWork['kind'], (id: string) => Promise<void>>>
  /** Asks vendors about messages of which nothing is heard; gives how many it asked about. */
  readonly inquire: () => Promise<number>
  readonly upkeep: Upkeep
  readonly unfinished: Unfinished
  readonly bus: Bus
  readonly now: () => number
  readonly retentionDays: number
}

/** What is done from time to time, whether anybody asks or not. */
export interface Housekeeping {
  /** Writes down what could not be kept before, and then does what has fallen due, of every kind. */
  runDue (): Promise<void>
  /** Asks vendors about messages of which nothing final was heard. */
  inquire (): Promise<void>
  /** Settles what a dead process left behind, and wipes codes that have expired. */
  recover (): Promise<void>
  /** Removes deliveries that are older than the retention, a small batch at a time. */
  purge (): Promise<void>
  /** Does all of it again and again, until `stop`. */
  start (): void
  /** Ends it; settles once what is under way is done. */
  stop (): Promise<void>
}

const DAY = 24 * 60 * 60 * 1000
const UNFINISHED_EVERY = 1000
const DUE_EVERY = 1000
const INQUIRE_EVERY = 5000
const RECOVER_EVERY = 5000
const PURGE_EVERY = 60_000
const PURGE_BATCH = 500

/** How much work of a kind is taken at a time, and for how long it is ours alone, in milliseconds. */
const DUE_BATCH = 50
const DUE_LEASE = 30_000

export const createHousekeeping = ({ due, work, inquire, upkeep, unfinished, bus, now, retentionDays }: HousekeepingDeps): Housekeeping => {
  const timers: NodeJS.Timeout[] = []
  let stopping = false
  const underWay = new Set<Promise<void>>()

  const doWork = async ({ id, kind }: DueWork): Promise<void> => {
    await work[kind](id)
    await due.done({ id, kind })
  }

  /**
   * Does what has fallen due of one kind, batch after batch; whatever fails is done again when its lease is over. Kinds
   * do not wait for each other: a vendor that hangs where a text is sent once more must not keep calls from being ended.
   */
  const doDueWork = async (kind: DueWork['kind']): Promise<void> => {
    const taken = await due.take(kind, DUE_BATCH, DUE_LEASE)
    const done = await Promise.allSettled(taken.map(doWork))
    const rest = taken.length < DUE_BATCH || stopping ? [] : await Promise.allSettled([doDueWork(kind)])
    throwFirst([...done, ...rest])
  }

  const housekeeping: Housekeeping = {
    async runDue () {
      const written = unfinished.run()
      await Promise.allSettled([written])
      throwFirst(await Promise.allSettled([...DUE_KINDS.map(doDueWork), written]))
    },
    async inquire () {
      // Batch after batch, until nobody is left to ask about: whoever was asked about has been put off.
      if (await inquire() > 0 && !stopping) await housekeeping.inquire()
    },
    async recover () {
      const { unknown, interrupted } = await upkeep.recover()
      if (unknown + interrupted > 0) bus.emit({ type: 'deliveries.recovered', unknown, interrupted })
      await upkeep.forgetExpiredCodes()
    },
    async purge () {
      let removed: number
      do {
        removed = await upkeep.purge(now() - retentionDays * DAY, PURGE_BATCH)
        if (removed > 0) bus.emit({ type: 'rows.purged', deliveries: removed })
      } while (removed === PURGE_BATCH && timers.length > 0)
    },
    start () {
      timers.push(
        every(UNFINISHED_EVERY, 'writing down what was kept', unfinished.run),
        ...DUE_KINDS.map((kind) => every(DUE_EVERY, `doing due work: ${kind}`, () => doDueWork(kind))),
        every(INQUIRE_EVERY, 'asking vendors', housekeeping.inquire),
        every(RECOVER_EVERY, 'recovering', housekeeping.recover),
        every(PURGE_EVERY, 'purging', housekeeping.purge))
    },
    async stop () {
      stopping = true
      for (const timer of timers.splice(0)) clearInterval(timer)
      await Promise.all(underWay)
      // What cannot be written down now either is settled by its lease.
      await unfinished.run().catch(() => {})
    }
  }

  /** Runs work at intervals, never twice at a time; a failure is told and tried again at the next turn. */
  const every = (milliseconds: number, what: string, task: () => Promise<void>): NodeJS.Timeout => {
    let isRunning = false
    return setInterval(() => {
      if (isRunning) return
      isRunning = true
      const run = task()
        .catch((error: unknown) => { bus.emit({ type: 'work.failed', what, error }) })
        .finally(() => {
          isRunning = false
          underWay.delete(run)
        })
      underWay.add(run)
    }, milliseconds).unref()
  }

  return housekeeping
}
