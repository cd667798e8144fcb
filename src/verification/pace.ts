import { setTimeout as wait } from 'node:timers/promises'

/** How the checks of a vendor go at present, so that what is no check can be like them. */
export interface Pace {
  /** Does a piece of work, and remembers how long it took, and whether its result was an answer. */
  measure<T> (work: () => Promise<T>, isAnswer: (result: T) => boolean): Promise<T>
  /** Takes as long as one of those that were measured lately, and gives whether there was an answer to that one. */
  repeat (): Promise<boolean>
}

interface Measured {
  readonly at: number
  readonly milliseconds: number
  readonly isAnswered: boolean
}

/** How many are remembered, and for how many milliseconds. */
const MOST = 20
const LATELY = 5 * 60_000

/** About as long as a vendor takes, where nothing was measured lately, in milliseconds. */
const USUAL = 200

/** `random`: from 0 up to but not including 1. `now`: milliseconds since any moment. */
export const createPace = (random: () => number = Math.random, now: () => number = () => performance.now()): Pace => {
  let measured: readonly Measured[] = []

  return {
    async measure (work, isAnswer) {
      const began = now()
      const result = await work()
      const at = now()
      measured = [...measured, { at, milliseconds: at - began, isAnswered: isAnswer(result) }].slice(-MOST)
      return result
    },
    async repeat () {
      const from = now() - LATELY
      const lately = measured.filter(({ at }) => at >= from)
      const { milliseconds, isAnswered } = lately[Math.floor(random() * lately.length)] ?? { milliseconds: USUAL, isAnswered: true }
      await wait(milliseconds)
      return isAnswered
    }
  }
}
