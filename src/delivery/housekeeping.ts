import type { Bus } from '../observability/bus.ts'
import type { Due, DueWork } from '../store/due.ts'
import type { Upkeep } from '../store/upkeep.ts'
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
  /** Writes down what could not be kept before, and does what has fallen due: ends calls, sends once more. */
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
const DUE_EVERY = 1000
const INQUIRE_EVERY = 5000
const RECOVER_EVERY = 5000
const PURGE_EVERY = 60_000
const PURGE_BATCH = 500

/** How much work is taken at a time, and for how long it is ours alone, in milliseconds. */
const DUE_BATCH = 50
const DUE_LEASE = 30_000

/** So many runs of due work may go on at a time: a message that is sent once more must not keep calls from being ended. */
const MOST_DUE_RUNS = 5

export const createHousekeeping = ({ due, work, inquire, upkeep, unfinished, bus, now, retentionDays }: HousekeepingDeps): Housekeeping => {
  const timers: NodeJS.Timeout[] = []
  let stopping = false
  const underWay = new Set<Promise<void>>()

  const doWork = async ({ id, kind }: DueWork): Promise<void> => {
    await work[kind](id)
    await due.done({ id, kind })
  }

  /** Does what has fallen due, batch after batch; whatever fails is done again when its lease is over. */
  const doDueWork = async (): Promise<PromiseSettledResult<void>[]> => {
    const taken = await due.take(DUE_BATCH, DUE_LEASE)
    const results = await Promise.allSettled(taken.map(doWork))
    return taken.length < DUE_BATCH || stopping ? results : [...results, ...await doDueWork()]
  }

  const housekeeping: Housekeeping = {
    async runDue () {
      const written = unfinished.run()
      await Promise.allSettled([written])
      const results = [...await doDueWork(), ...await Promise.allSettled([written])]
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
    async inquire () {
      // Others may be waiting as long as a batch is full.
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
        every(DUE_EVERY, 'doing due work', housekeeping.runDue, MOST_DUE_RUNS),
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

  /** Runs work at intervals, and only so often at a time; a failure is told and tried again at the next turn. */
  const every = (milliseconds: number, what: string, task: () => Promise<void>, most = 1): NodeJS.Timeout => {
    let running = 0
    return setInterval(() => {
      if (running === most) return
      running += 1
      const run = task()
        .catch((error: unknown) => { bus.emit({ type: 'work.failed', what, error }) })
        .finally(() => {
          running -= 1
          underWay.delete(run)
        })
      underWay.add(run)
    }, milliseconds).unref()
  }

  return housekeeping
}
