import { setImmediate as nextTurn } from 'node:timers/promises'
import { Deadline } from '../domain/deadline.ts'
import type { FeedPage } from '../domain/feed-entry.ts'
import type { Publication, Receiver } from '../domain/receiver.ts'
import type { Tail } from '../feed/tail.ts'
import type { Bus } from '../observability/bus.ts'
import type { FeedReaders } from '../store/feed-readers.ts'
import { createAlarm, type Later } from './alarm.ts'
import { LEASE, takeHold, type Hold } from './hold.ts'
import { untoldOf, type Untold } from './untold.ts'

export interface OutboxDeps {
  readonly receiver: Receiver
  readonly readers: FeedReaders
  readonly tail: Tail
  readonly bus: Pick<Bus, 'emit'>
  /** Milliseconds since 1970, by the store's clock. */
  readonly now: () => number
  readonly later: Later
  /** Milliseconds that what is under way has when the process ends. */
  readonly grace?: number
}

/** Tells one receiver what happens. */
export interface Outbox {
  /** Begins, and goes on until it is stopped. */
  start (): void
  /** Tells nothing more. Settles once what is under way has been told; after 5 seconds that is left to another process. */
  stop (): Promise<void>
}

const SECOND = 1000
const MINUTE = 60 * SECOND

/** How long it is waited after each failure in a row; the last pause is that of all further ones. */
export const PUBLISHING_PAUSES = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE] as const

/** An event that was refused so often in a row is left out. */
export const MOST_REFUSALS = 5

/** Milliseconds that a receiver has for its answer. */
export const ANSWER_WITHIN = 15 * SECOND

/** After so many milliseconds it is seen whether the process that has the reader still has it. */
const ASK_AGAIN = 10 * SECOND

/** Where nothing happens, it is looked all the same, and the lease begins anew. */
const LOOK_AGAIN = 10 * SECOND

/** That a page is done with is written down no more often than that. */
const WRITE_AGAIN = SECOND

/** It is waited so long where the store is away. */
const STORE_AWAY = 5 * SECOND

/** Milliseconds that what is under way has when the process ends. */
const GRACE = 5 * SECOND

type Untaken = Exclude<Publication, { readonly kind: 'taken' }>

/**
 * Tells a receiver of all lifecycle events in their order, each at least once: it is not told of the next before it has taken
 * this one. One process at a time does so; where that dies, another goes on from the last page that is written down.
 */
export const createOutbox = ({ receiver, readers, tail, bus, now, later, grace = GRACE }: OutboxDeps): Outbox => {
  const alarm = createAlarm(later)
  const [stopping, ending] = [new AbortController(), new AbortController()]
  let running = Promise.resolve()
  let stopped: Promise<void> | undefined
  let isStoreAway = false
  let hold: Hold | undefined
  /** Nothing is followed yet. */
  let unfollow = alarm.hush
  /** How far a page has been told that is not done with yet; another process would begin it anew. */
  let within = { page: 0, upTo: 0 }
  /** How often this event was refused in a row. */
  let refused = { event: '', times: 0 }
  /** So many events are told at once; fewer, while one is sought that is refused. */
  let most = receiver.mostAtOnce

  const take = async (): Promise<Hold | undefined> => {
    hold = await takeHold(receiver.name, readers, now)
    if (hold !== undefined) unfollow = tail.follow(alarm.ring)
    return hold
  }

  const leave = (): void => {
    hold = undefined
    unfollow()
    // What happens from now on is another process's business, or nobody's for a while.
    alarm.hush()
  }

  const giveBack = async (taken: Hold, waitFor: number): Promise<void> => {
    leave()
    if (taken.isAhead) await taken.keep()
    await taken.release(waitFor)
  }

  const noteMissed = (pages: number): void => { bus.emit({ type: 'publishing.missed', receiver: receiver.name, pages }) }

  /** Pages that are not kept any more can be told to nobody. */
  const passOverGone = (taken: Hold, first: FeedPage): void => {
    const pages = first.id - 1 - taken.position
    if (pages <= 0) return
    taken.moveTo(first.id - 1)
    noteMissed(pages)
  }

  const passOverRefused = ({ event }: Untold): boolean => {
    refused = { event: event.id, times: refused.event === event.id ? refused.times + 1 : 1 }
    if (refused.times < MOST_REFUSALS) return false
    noteMissed(1)
    return true
  }

  /** Notes of the first so many that they are done with. */
  const settle = (taken: Hold, untold: Untold[], count: number): void => {
    const { page, index } = untold[count - 1] as Untold
    untold.splice(0, count)
    within = { page, upTo: index + 1 }
    if (untold[0] !== undefined) taken.moveTo(untold[0].page - 1)
  }

  /** Tells of these pages. Gives what came of what was not taken; none where all was, or where it is no time to tell more. */
  const tell = async (taken: Hold, pages: readonly FeedPage[]): Promise<Untaken | undefined> => {
    const untold = untoldOf(pages).filter(({ page, index }) => page !== within.page || index >= within.upTo)
    while (untold.length > 0) {
      if (taken.age > LEASE / 2) await taken.keep()
      if (stopping.signal.aborted || taken.isOver) return undefined
      const batch = untold.slice(0, most)
      const publication = await unlessAborted(ending.signal, receiver.publish(batch.map(({ event }) => event), Deadline.in(ANSWER_WITHIN)))
      if (publication === undefined) return undefined
      if (publication.kind === 'taken') {
        settle(taken, untold, batch.length)
        most = Math.min(receiver.mostAtOnce, most * 2)
        // What fails from now on fails for the first time.
        if (taken.tries > 0) await taken.keep()
      } else if (publication.kind === 'refused' && batch.length > 1) most = Math.ceil(batch.length / 2)
      else if (publication.kind === 'refused' && passOverRefused(batch[0] as Untold)) settle(taken, untold, 1)
      else return publication
    }
    taken.moveTo((pages.at(-1) as FeedPage).id)
    return undefined
  }

  const pause = async (taken: Hold, status: number | undefined): Promise<number> => {
    if (taken.isAhead) await taken.keep()
    const { tries, position } = taken
    const waitFor = PUBLISHING_PAUSES[Math.min(tries, PUBLISHING_PAUSES.length - 1)] as number
    await giveBack(taken, waitFor)
    bus.emit({ type: 'publishing.failed', receiver: receiver.name, tries: tries + 1, status, pages: (await tail.span()).newest - position })
    return waitFor
  }

  /** Where there is nothing to tell, writes down what is done with, if that is due. */
  const rest = async (taken: Hold): Promise<number> => {
    const pauseOf = (): number => taken.isAhead ? WRITE_AGAIN : LOOK_AGAIN
    if (taken.age >= pauseOf()) await taken.keep()
    return pauseOf() - taken.age
  }

  /** Does what can be done now, and says for how many milliseconds there is nothing else to do. */
  const round = async (): Promise<number> => {
    if (hold?.isOver === true) leave()
    const taken = hold ?? await take()
    if (taken === undefined) return ASK_AGAIN
    const pages = await tail.read(taken.position)
    const [first] = pages
    if (first === undefined) return await rest(taken)
    passOverGone(taken, first)
    const untaken = await tell(taken, pages)
    return untaken === undefined ? 0 : await pause(taken, untaken.status)
  }

  /** That the store is away is told once. */
  const noteFailure = (error: unknown): number => {
    if (!isStoreAway) bus.emit({ type: 'work.failed', what: `publishing to ${receiver.name}`, error })
    isStoreAway = true
    return STORE_AWAY
  }

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      const waitFor = await round().then((milliseconds) => {
        isStoreAway = false
        return milliseconds
      }, noteFailure)
      // Pages of which nothing is told could otherwise keep the process from everything else.
      await nextTurn()
      if (!stopping.signal.aborted && waitFor > 0) await alarm.sleep(waitFor)
    }
    if (hold !== undefined) await giveBack(hold, 0).catch(noteFailure)
  }

  const end = async (): Promise<void> => {
    stopping.abort()
    alarm.ring()
    const timer = setTimeout(() => { ending.abort() }, grace)
    await running
    clearTimeout(timer)
  }

  return {
    start () { running = run() },
    async stop () {
      stopped ??= end()
      await stopped
    }
  }
}

/** What the work comes to; nothing where the signal comes first. */
const unlessAborted = async <T>(signal: AbortSignal, work: Promise<T>): Promise<T | undefined> => {
  const settled = new AbortController()
  const aborted = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => { resolve(undefined) }, { signal: settled.signal })
  })
  return await Promise.race([work, aborted]).finally(() => { settled.abort() })
}
