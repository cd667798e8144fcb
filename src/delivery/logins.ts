import { DeadlinePassed, type Deadline } from '../domain/deadline.ts'
import type { Keys } from '../domain/keys.ts'
import type { Login } from '../domain/login.ts'
import { userDigest } from '../domain/user-digest.ts'
import type { Bus } from '../observability/bus.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Logins } from '../store/logins.ts'

export interface NoteLoginsDeps {
  readonly logins: Logins
  /** Those that count uses, and give back their budgets. */
  readonly deliveries: Pick<Deliveries, 'markUsed'>
  readonly keys: Keys
  readonly bus: Bus
  readonly now: () => number
  /** How long a code is good for, in milliseconds. */
  readonly codeLifetimeMs: number
}

/**
 * Finds the messages whose codes were used to log in, and notes that. Told again, nothing changes. Throws where the store is
 * away, and `DeadlinePassed` where the time is up: then all of it is to be told again.
 */
export type NoteLogins = (logins: readonly Login[], deadline: Deadline) => Promise<void>

/** Milliseconds for which a code may be good, whatever the settings say. */
const LONGEST_LIFETIME = 10 * 60_000

/** By how many milliseconds the clocks may differ: for so much longer a code may have been good. */
const SKEW = 60_000

/** A message that was asked for so many milliseconds after the login may be its own all the same; a later one is the next login's. */
const AHEAD = 5000

/** A login that is told of so late, in milliseconds, helps nobody any more. */
const OLDEST = 60 * 60_000

/** How many are looked for at once, in each process: messages come first. */
const LANES = 4

export const createNoteLogins = ({ logins, deliveries, keys, bus, now, codeLifetimeMs }: NoteLoginsDeps): NoteLogins => {
  const within = Math.min(codeLifetimeMs, LONGEST_LIFETIME) + SKEW
  const lanes: Array<Promise<unknown>> = Array.from({ length: LANES }, () => Promise.resolve())
  let turns = 0

  const note = async ({ caller, hook, user, at }: Login): Promise<void> => {
    const sought = { caller, hook, userDigest: userDigest(keys, caller, user), within }
    // What was made after the login is meant only where nothing was made before: it may be the next login's.
    const found = await logins.deliveryFor({ ...sought, at }) ?? await logins.deliveryFor({ ...sought, at: at + AHEAD })
    if (found === undefined || found.isUsed) return
    const { delivery } = found
    if (await deliveries.markUsed(delivery, caller) !== 'first') return
    bus.emit({ type: 'delivery.used', delivery })
    bus.emit({ type: 'login.matched', from: hook, delivery })
  }

  /** Waits behind what is in the same lane; what is late by then is not begun. */
  const inLane = async (login: Login, deadline: Deadline): Promise<void> => {
    const lane = turns++ % LANES
    const done = Promise.resolve(lanes[lane]).then(async () => {
      if (deadline.remaining === 0) throw new DeadlinePassed()
      await note(login)
    })
    lanes[lane] = done.catch(() => {})
    await done
  }

  return async (told, deadline) => {
    const latest = now()
    const recent = told.filter(({ at }) => at > latest - OLDEST).map((login) => ({ ...login, at: Math.min(login.at, latest) }))
    await deadline.bound(Promise.all(recent.map((login) => inLane(login, deadline))))
  }
}
