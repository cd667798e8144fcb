import type { Bus } from '../observability/bus.ts'

/** What must still be written down once the store works again. */
export interface Unfinished {
  /** Does a piece of work now or, where that fails, later. Never rejects. The work may be done more than once. */
  settle (what: string, work: () => Promise<unknown>): Promise<void>
  /**
   * Tries again what has failed so far, until that fails several times. What failed again comes last from then on. Rejects
   * with the first failure. Who asks meanwhile waits for the same.
   */
  run (): Promise<void>
}

/** More than fails in any outage that the process outlives. */
const MOST = 10_000

/** By so many failures it is clear that it is not the work, but the store. */
const MOST_FAILURES = 3

/** Keeps work that failed, in memory: what a process that dies has left undone, the store itself settles by its leases. */
export const createUnfinished = (bus: Bus): Unfinished => {
  const waiting: Array<() => Promise<unknown>> = []
  let running: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    const failures: unknown[] = []
    const failed: Array<() => Promise<unknown>> = []
    while (waiting.length > 0 && failed.length < MOST_FAILURES) {
      const work = waiting[0] as () => Promise<unknown>
      await work().catch((error: unknown) => {
        failures.push(error)
        failed.push(work)
      })
      waiting.shift()
    }
    waiting.push(...failed)
    if (failures.length > 0) throw failures[0]
  }

  return {
    async settle (what, work) {
      try {
        await work()
      } catch (error) {
        bus.emit({ type: 'work.failed', what, error })
        if (waiting.length < MOST) waiting.push(work)
      }
    },
    run () {
      running ??= drain().finally(() => { running = undefined })
      return running
    }
  }
}
