/** Calls once after that many milliseconds; gives the function that stops it. */
export type Later = (milliseconds: number, call: () => void) => () => void

/** By the clock of the process, which does not go on living for it. */
export const later: Later = (milliseconds, call) => {
  const timer = setTimeout(call, milliseconds).unref()
  return () => { clearTimeout(timer) }
}

/** A sleep that can be cut short. */
export interface Alarm {
  /** Ends the sleep, or the next one, where nobody sleeps. */
  ring (): void
  /** Forgets that it rang. */
  hush (): void
  /** Settles after that many milliseconds, or as soon as it rings. One sleeps at a time. */
  sleep (milliseconds: number): Promise<void>
}

export const createAlarm = (after: Later): Alarm => {
  let hasRung = false
  let wake = (): void => {}
  return {
    ring () {
      hasRung = true
      wake()
    },
    hush () { hasRung = false },
    async sleep (milliseconds) {
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          const stop = after(milliseconds, resolve)
          wake = () => {
            stop()
            resolve()
          }
        })
      }
      hasRung = false
    }
  }
}
