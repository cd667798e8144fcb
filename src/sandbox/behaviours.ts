import type { Behaviour, CallBehaviour, RequestFault, SmsBehaviour } from './behaviour.ts'
import type { TwilioBehaviour } from './twilio/behaviour.ts'

const LIMIT = 1_000

/** Stands for every number that has no script of its own. */
export const EVERY_NUMBER = '*'

/** Kinds of requests, each counted for itself. */
export type Counted = 'sms' | 'call' | 'media' | `twilio-${keyof TwilioBehaviour}`

interface Entry {
  readonly behaviour: Behaviour
  readonly requests: Partial<Record<Counted, number>>
}

/** What each number was told to do, and how many requests it has met since. */
export interface Behaviours {
  /** Replaces what the number does, and starts its counts anew. `*` is every number without a script of its own. */
  set (number: string, behaviour: Behaviour): void
  /** The number behaves as one that was never scripted. */
  reset (number: string): void
  /** The script of this very number. */
  get (number: string): Behaviour | undefined
  sms (number: string): SmsBehaviour
  call (number: string): CallBehaviour
  twilio (number: string): TwilioBehaviour
  /** Counts one request to the number, and says whether it is still among those that suffer the fault. */
  counts (number: string, kind: Counted, fault: RequestFault): boolean
}

/** Keeps the behaviours of the last 1,000 numbers. */
export const createBehaviours = (): Behaviours => {
  const entries = new Map<string, Entry>()
  let others: Entry | undefined
  const entryOf = (number: string) => entries.get(number) ?? others
  const ownEntryOf = (number: string) => number === EVERY_NUMBER ? others : entries.get(number)
  return {
    set (number, behaviour) {
      const entry = { behaviour, requests: {} }
      if (number === EVERY_NUMBER) {
        others = entry
        return
      }
      entries.delete(number)
      entries.set(number, entry)
      if (entries.size > LIMIT) entries.delete(entries.keys().next().value!)
    },
    reset (number) {
      if (number === EVERY_NUMBER) others = undefined
      else entries.delete(number)
    },
    get: number => ownEntryOf(number)?.behaviour,
    sms: number => entryOf(number)?.behaviour.sms ?? {},
    call: number => entryOf(number)?.behaviour.call ?? {},
    twilio: number => entryOf(number)?.behaviour.twilio ?? {},
    counts (number, kind, fault) {
      const requests = entryOf(number)?.requests
      if (requests === undefined) return false
      const count = (requests[kind] ?? 0) + 1
      requests[kind] = count
      return count <= (fault.times ?? Infinity)
    }
  }
}
