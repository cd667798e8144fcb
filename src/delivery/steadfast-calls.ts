import type { Bus } from '../observability/bus.ts'
import { ENDED, type Calls, type CallState } from '../store/calls.ts'
import type { Unfinished } from './unfinished.ts'

/** Calls that are remembered; more than go on at one time. */
const MAX_REMEMBERED = 10_000

interface Remembered extends CallState {
  /** Moved on while the store was down: then the store is behind, and this counts. */
  readonly ahead: boolean
}

/**
 * The state of calls, also while the store is down: a person who has picked up must hear the code, once. Each process
 * remembers the calls that it sees. Which call is ours, the vendor must confirm where the store cannot be asked.
 */
export const createSteadfastCalls = (calls: Calls, unfinished: Unfinished, bus: Bus): Calls => {
  const remembered = new Map<string, Remembered>()

  const remember = (attempt: string, state: Remembered): void => {
    remembered.delete(attempt)
    remembered.set(attempt, state)
    const [oldest] = remembered.keys()
    if (remembered.size > MAX_REMEMBERED) remembered.delete(oldest as string)
  }

  const recall = (attempt: string): Remembered => remembered.get(attempt) ?? { reference: undefined, step: '', ahead: false }

  const orElse = async <T>(work: () => Promise<T>, fallback: () => T): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      bus.emit({ type: 'work.failed', what: 'keeping the state of a call', error })
      return fallback()
    }
  }

  /** Moves a call in memory alone, and its row as soon as the store works again. */
  const moveAhead = (attempt: string, from: string, to: string): boolean => {
    const state = recall(attempt)
    if (state.step !== from) return false
    remember(attempt, { ...state, step: to, ahead: true })
    unfinished.settle('moving a call', () => calls.advance(attempt, from, to))
    return true
  }

  return {
    find: (attempt) => orElse(async () => {
      const state = recall(attempt)
      if (state.ahead) return state
      const stored = await calls.find(attempt)
      if (stored !== undefined) remember(attempt, { ...stored, ahead: false })
      return stored
    }, () => recall(attempt)),
    bind: (attempt, reference) => orElse(async () => {
      const bound = await calls.bind(attempt, reference)
      if (bound !== undefined) remember(attempt, { ...recall(attempt), reference: bound })
      return bound
    }, () => {
      const state = recall(attempt)
      const bound = state.reference ?? reference
      remember(attempt, { ...state, reference: bound, ahead: true })
      unfinished.settle('binding a call', () => calls.bind(attempt, bound))
      return bound
    }),
    advance: (attempt, from, to) => recall(attempt).ahead
      ? Promise.resolve(moveAhead(attempt, from, to))
      : orElse(async () => {
        const moved = await calls.advance(attempt, from, to)
        if (moved) remember(attempt, { ...recall(attempt), step: to })
        return moved
      }, () => moveAhead(attempt, from, to)),
    async end (attempt) {
      remember(attempt, { ...recall(attempt), step: ENDED })
      await unfinished.settle('ending a call', () => calls.end(attempt))
    },
    async over (attempt) {
      remember(attempt, { ...recall(attempt), step: ENDED })
      await unfinished.settle('ending a call', () => calls.over(attempt))
    },
    endIn: (attempt, milliseconds) => unfinished.settle('timing a call', () => calls.endIn(attempt, milliseconds))
  }
}
