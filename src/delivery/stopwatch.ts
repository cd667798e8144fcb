import type { Stages } from '../domain/gateway-event.ts'

/** Tells how long the parts of a delivery took that come one after the other. */
export interface Stopwatch {
  /** The part that was under way is over now; the next one begins. */
  lap (stage: keyof Stages): void
  /** Whole milliseconds of each part. */
  readonly stages: Stages
  /** Whole milliseconds since the beginning. */
  readonly total: number
}

export const startStopwatch = (): Stopwatch => {
  const started = performance.now()
  const stages = { claim: 0, admit: 0, send: 0 }
  let last = started
  return {
    lap (stage) {
      const now = performance.now()
      stages[stage] += now - last
      last = now
    },
    get stages () {
      return { claim: Math.round(stages.claim), admit: Math.round(stages.admit), send: Math.round(stages.send) }
    },
    get total () {
      return Math.round(performance.now() - started)
    }
  }
}
