import type { Behaviour, CallBehaviour, RequestFault, SmsBehaviour } from './behaviour.ts'

const LIMIT = 1_000

type Counted = 'sms' | 'call' | 'media'

interface Entry {
  readonly behaviour: Behaviour
  readonly requests: Record<Counted, number>
}

/** What each number was told to do, and how many requests it has met since. */
export interface Behaviours {
  /** Replaces what the number does, and starts its counts anew. */
  set (number: string, behaviour: Behaviour): void
  /** The number behaves as one that was never scripted. */
  reset (number: string): void
  get (number: string): Behaviour | undefined
  sms (number: string): SmsBehaviour
  call (number: string): CallBehaviour
  /** Counts one request to the number, and says whether it is still among those that suffer the fault. */
  counts (number: string, kind: Counted, fault: RequestFault): boolean
}

/** Keeps the behaviours of the last 1,000 numbers. */
export const createBehaviours = (): Behaviours => {
  const entries = new Map<string, Entry>()
  return {
    set (number, behaviour) {
      entries.delete(number)
      entries.set(number, { behaviour, requests: { sms: 0, call: 0, media: 0 } })
      if (entries.size > LIMIT) entries.delete(entries.keys().next().value!)
    },
    reset (number) {
      entries.delete(number)
    },
    get: number => entries.get(number)?.behaviour,
    sms: number => entries.get(number)?.behaviour.sms ?? {},
    call: number => entries.get(number)?.behaviour.call ?? {},
    counts (number, kind, fault) {
      const entry = entries.get(number)
      if (entry === undefined) return false
      entry.requests[kind] += 1
      return entry.requests[kind] <= (fault.times ?? Infinity)
    }
  }
}
