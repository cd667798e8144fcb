import type { Bus } from '../observability/bus.ts'

/** Work with somebody outside, who may be slow: it is waited for only so long, and then goes on beside that of others. */
export interface LingeringWork {
  /** Waits for work, but at most for so many milliseconds. Rejects as that does by then; that it fails later is told. */
  atMost (milliseconds: number, work: Promise<void>): Promise<void>
  /** Asks somebody outside, and gives the answer; `stopped` where nobody waits for it any more, or nobody asks. */
  unlessStopped<T> (ask: () => Promise<T>): Promise<T | 'stopped'>
  /** Waits for what goes on, but not for long: then no answer is waited for any more, and nobody is asked. Settles once nothing goes on. */
  stop (): Promise<void>
}

/** Milliseconds that what goes on has when the process ends. */
const GRACE = 2000

/** `what`: what is told to have failed. */
export const createLingeringWork = (what: string, bus: Pick<Bus, 'emit'>, grace: number = GRACE): LingeringWork => {
  const underWay = new Set<Promise<void>>()
  const ending = new AbortController()
  return {
    async atMost (milliseconds, work) {
      let isLate = false
      const run = work
        .catch((error: unknown) => { if (isLate) bus.emit({ type: 'work.failed', what, error }) })
        .finally(() => { underWay.delete(run) })
      underWay.add(run)
      let timer: NodeJS.Timeout | undefined
      const waited = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          isLate = true
          resolve()
        }, milliseconds)
      })
      await Promise.race([work, waited]).finally(() => { clearTimeout(timer) })
    },
    async unlessStopped (ask) {
      if (ending.signal.aborted) return 'stopped'
      const settled = new AbortController()
      const stopped = new Promise<'stopped'>((resolve) => {
        ending.signal.addEventListener('abort', () => { resolve('stopped') }, { signal: settled.signal })
      })
      return await Promise.race([ask(), stopped]).finally(() => { settled.abort() })
    },
    async stop () {
      const timer = setTimeout(() => { ending.abort() }, grace)
      while (underWay.size > 0) await Promise.all(underWay)
      clearTimeout(timer)
      ending.abort()
    }
  }
}
