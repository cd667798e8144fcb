/** Something scheduled that can be called off; calling it off twice, or too late, does nothing. */
export interface Scheduled {
  cancel (): void
}

/** The sandbox's sense of time. */
export interface Pacer {
  /** Runs the work after a simulated delay: `milliseconds` times the pace, at pace 0 in the next event-loop turn. */
  after (milliseconds: number, work: () => void): Scheduled
  /** The same as a promise; rejects where the sandbox closes first. */
  delay (milliseconds: number): Promise<void>
  /**
   * Runs the work when somebody else, a person or the gateway, has let so many real milliseconds pass. Not
   * multiplied, since they know nothing of the pace, and not waited for by `settled`.
   */
  deadline (milliseconds: number, work: () => void): Scheduled
  /** Counts a promise as in flight until it settles. */
  track<T> (work: Promise<T>): Promise<T>
  /** Resolves when nothing is scheduled nor in flight. */
  settled (): Promise<void>
  /** Calls off everything, and schedules nothing from then on. */
  close (): void
}

/** Makes a pacer; `pace` multiplies simulated delays. */
export const createPacer = (pace: number): Pacer => {
  const scheduled = new Set<Scheduled>()
  const delays = new Set<(reason: Error) => void>()
  const waiting: Array<() => void> = []
  let busy = 0
  let closed = false

  const closing = () => new Error('The sandbox was closed.')
  const settle = () => {
    if (busy > 0) return
    for (const resolve of waiting.splice(0)) resolve()
  }
  const done = () => {
    busy -= 1
    // What has just finished often starts the next thing before this turn ends.
    if (busy === 0 && waiting.length > 0) setImmediate(settle)
  }

  const schedule = (start: (run: () => void) => () => void, work: () => void, counted: boolean): Scheduled => {
    if (closed) return { cancel () {} }
    const finish = () => {
      if (!scheduled.delete(entry)) return false
      if (counted) done()
      return true
    }
    const stop = start(() => {
      work()
      finish()
    })
    const entry: Scheduled = {
      cancel () {
        if (finish()) stop()
      }
    }
    scheduled.add(entry)
    if (counted) busy += 1
    return entry
  }

  const timeout = (milliseconds: number) => (run: () => void) => {
    const timer = setTimeout(run, milliseconds)
    return () => clearTimeout(timer)
  }
  const nextTurn = (run: () => void) => {
    const immediate = setImmediate(run)
    return () => clearImmediate(immediate)
  }

  const pacer: Pacer = {
    after: (milliseconds, work) =>
      schedule(milliseconds * pace === 0 ? nextTurn : timeout(milliseconds * pace), work, true),
    delay: milliseconds => new Promise((resolve, reject) => {
      if (closed) return reject(closing())
      delays.add(reject)
      pacer.after(milliseconds, () => {
        delays.delete(reject)
        resolve()
      })
    }),
    deadline: (milliseconds, work) => schedule(timeout(milliseconds), work, false),
    async track (work) {
      busy += 1
      try {
        return await work
      } finally {
        done()
      }
    },
    settled: () => new Promise(resolve => {
      waiting.push(resolve)
      setImmediate(settle)
    }),
    close () {
      closed = true
      for (const entry of [...scheduled]) entry.cancel()
      for (const reject of delays) reject(closing())
      for (const resolve of waiting.splice(0)) resolve()
    }
  }
  return pacer
}
