import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Bus } from '../observability/bus.ts'

/** Sends that nobody waits for. */
export interface Background {
  /** Begins to send, once what is under way has been answered. Where it fails, that is told, and the work stays due. */
  begin (id: string): void
  /** Settles once none is under way any more. */
  idle (): Promise<void>
}

export const createBackground = (send: (id: string) => Promise<unknown>, bus: Pick<Bus, 'emit'>): Background => {
  const underWay = new Set<Promise<void>>()
  return {
    begin (id) {
      const run = nextTurn()
        .then(async () => { await send(id) })
        .catch((error: unknown) => { bus.emit({ type: 'work.failed', what: 'sending a code', error }) })
        .finally(() => { underWay.delete(run) })
      underWay.add(run)
    },
    async idle () {
      while (underWay.size > 0) await Promise.all(underWay)
    }
  }
}
