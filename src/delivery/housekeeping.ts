import type { Bus } from '../observability/bus.ts'
import type { CallControl } from '../providers/provider.ts'
import type { Attempts } from '../store/attempts.ts'
import { ENDED, type Calls } from '../store/calls.ts'
import type { Due, DueWork } from '../store/due.ts'
import type { Upkeep } from '../store/upkeep.ts'
import type { Unfinished } from './unfinished.ts'

export interface HousekeepingDeps {
  readonly due: Due
  readonly attempts: Attempts
  readonly calls: Calls
  readonly upkeep: Upkeep
  readonly unfinished: Unfinished
  readonly control: CallControl | undefined
  readonly bus: Bus
  readonly now: () => number
  readonly retentionDays: number
}

/** What is done from time to time, whether anybody asks or not. */
export interface Housekeeping {
  /** Writes down what could not be kept before, and does what has fallen due: ends calls that last too long. */
  runDue (): Promise<void>
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
const RECOVER_EVERY = 5000
const PURGE_EVERY = 60_000
const PURGE_BATCH = 500

/** How much work is taken at a time, and for how long it is ours alone, in milliseconds. */
const DUE_BATCH = 50
const DUE_LEASE = 30_000

export const createHousekeeping = ({ due, attempts, calls, upkeep, unfinished, control, bus, now, retentionDays }: HousekeepingDeps): Housekeeping => {
  const timers: NodeJS.Timeout[] = []
  const underWay = new Set<Promise<void>>()

  /** A call that may still go on stays due. */
  const hangUp = async (reference: string): Promise<void> => {
    if (control !== undefined && !await control.hangUp(reference)) throw new Error('the call may still go on')
  }

  /** What fails half-way stays due, and may all be done again. */
  const endCall = async (attempt: string): Promise<void> => {
    const call = await calls.find(attempt)
    if (call?.reference !== undefined) {
      // Told before the call is ended: the end of the call, which the provider tells in turn, has no better reason.
      if (call.step !== ENDED) await tellTooLong(attempt)
      await hangUp(call.reference)
    }
    await calls.over(attempt)
  }

  const tellTooLong = async (attempt: string): Promise<void> => {
    const reason = 'call_too_long'
    const news = await attempts.apply({ attempt, channel: 'voice', key: 'call too long', what: 'call.ended-by-us', status: 'undelivered', reason, vendorCode: undefined })
    if (news?.changed === true) bus.emit({ type: 'delivery.updated', delivery: news.delivery, attempt, status: news.status, reason, vendorCode: undefined })
  }

  const doWork = async ({ id, kind }: DueWork): Promise<void> => {
    if (kind === 'end-call') await endCall(id)
    else await hangUp(id)
    await due.done({ id, kind })
  }

  const housekeeping: Housekeeping = {
    async runDue () {
      const written = unfinished.run()
      await Promise.allSettled([written])
      const work = await due.take(DUE_BATCH, DUE_LEASE)
      const results = await Promise.allSettled([written, ...work.map(doWork)])
      const failed = results.find((result) => result.status === 'rejected')
      if (failed !== undefined) throw failed.reason
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
        every(DUE_EVERY, 'doing due work', housekeeping.runDue),
        every(RECOVER_EVERY, 'recovering', housekeeping.recover),
        every(PURGE_EVERY, 'purging', housekeeping.purge))
    },
    async stop () {
      for (const timer of timers.splice(0)) clearInterval(timer)
      await Promise.all(underWay)
      // What cannot be written down now either is settled by its lease.
      await unfinished.run().catch(() => {})
    }
  }

  /** Runs work at intervals, never twice at a time; a failure is told and tried again at the next turn. */
  const every = (milliseconds: number, what: string, work: () => Promise<void>): NodeJS.Timeout => {
    let running = false
    return setInterval(() => {
      if (running) return
      running = true
      const run = work()
        .catch((error: unknown) => { bus.emit({ type: 'work.failed', what, error }) })
        .finally(() => {
          running = false
          underWay.delete(run)
        })
      underWay.add(run)
    }, milliseconds).unref()
  }

  return housekeeping
}
