import type { Bus } from '../observability/bus.ts'
import type { Calls, CallState } from '../store/calls.ts'

/** Calls that are remembered while the store is down; more than ring at one time. */
const MAX_REMEMBERED = 10_000

/**
 * The state of calls, also while the store is down: a person who has picked up must hear the code. Then each process
 * remembers the calls that it sees by itself, and starts from nothing: which call is ours, the vendor must confirm.
 */
export const createSteadfastCalls = (calls: Calls, bus: Bus): Calls => {
  const remembered = new Map<string, CallState>()

  const remember = (attempt: string, state: CallState): void => {
    remembered.delete(attempt)
    remembered.set(attempt, state)
    const [oldest] = remembered.keys()
    if (remembered.size > MAX_REMEMBERED) remembered.delete(oldest as string)
  }

  const stateOf = (attempt: string): CallState => remembered.get(attempt) ?? { reference: undefined, step: '' }

  const orElse = async <T>(work: Promise<T>, fallback: () => T): Promise<T> => {
    try {
      return await work
    } catch (error) {
      bus.emit({ type: 'work.failed', what: 'keeping the state of a call', error })
      return fallback()
    }
  }

  const move = (attempt: string, from: string | undefined, to: string): boolean => {
    const state = stateOf(attempt)
    if (state.step === to || (from !== undefined && state.step !== from)) return false
    remember(attempt, { ...state, step: to })
    return true
  }

  return {
    find: (attempt) => orElse(calls.find(attempt), () => stateOf(attempt)),
    bind: (attempt, reference) => orElse(calls.bind(attempt, reference), () => {
      const bound = stateOf(attempt).reference ?? reference
      remember(attempt, { ...stateOf(attempt), reference: bound })
      return bound
    }),
    advance: (attempt, from, to) => orElse(calls.advance(attempt, from, to), () => move(attempt, from, to)),
    end: (attempt, from) => orElse(calls.end(attempt, from), () => move(attempt, from, 'ended')),
    endIn: (attempt, milliseconds) => orElse(calls.endIn(attempt, milliseconds), () => {})
  }
}
