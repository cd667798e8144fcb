import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { FeedEntry } from '../domain/feed-entry.ts'
import type { Bus } from '../observability/bus.ts'
import type { Feed } from '../store/feed.ts'
import { entryOf, isStrangers } from './entries.ts'
import { roughSize } from './rough-size.ts'
import { createTokenBucket } from './token-bucket.ts'

/** Writes down what happens, a page at a time. */
export interface Journal {
  /** Takes an entry. It waits for nothing, and never throws. */
  note (entry: FeedEntry): void
}

export interface RunningJournal extends Journal {
  /** Hears no more facts, and writes down what it has, for a while at most. */
  stop (): Promise<void>
}

/** How long things take, in milliseconds. */
export interface JournalPauses {
  /** What happens within that time stands on one page. */
  readonly collect: number
  /** Until what could not be written is tried again. */
  readonly again: number
  /** It is told no oftener that something was lost. */
  readonly tell: number
  /** For the last pages, at the end. */
  readonly end: number
}

export interface JournalDeps {
  readonly feed: Pick<Feed, 'append'>
  readonly bus: Bus
  readonly now: () => number
  readonly pauses?: JournalPauses
}

const PAUSES: JournalPauses = { collect: 150, again: 1000, tell: 60_000, end: 3000 }

/** A page has no more entries, and no more characters. */
const MOST_ON_PAGE = 500
const LONGEST_PAGE = 256 * 1024

/** So much waits to be written; what comes then is lost, and counted. */
const MOST_WAITING = 5000
const LARGEST_WAITING = 4 * 1024 * 1024

/** After so many tries it is found out whether it is the page that the store does not take, and nothing else. */
const MOST_REFUSALS = 10

/** What strangers can bring about is written down no oftener: they shall not fill the store. */
const OF_STRANGERS = { perSecond: 10, burst: 50 }

interface Waiting {
  readonly entry: FeedEntry
  readonly size: number
}

/** Makes the journal, which hears every fact from now on. */
export const createJournal = ({ feed, bus, now, pauses = PAUSES }: JournalDeps): RunningJournal => {
  const strangers = createTokenBucket({ ...OF_STRANGERS, now })
  const hurry = new AbortController()
  const over = new AbortController()
  const waiting: Waiting[] = []
  let size = 0
  let unwritten = 0
  let untold = 0
  let telling: NodeJS.Timeout | undefined
  let working: Promise<void> | undefined

  const tell = (): void => {
    clearTimeout(telling)
    telling = undefined
    if (untold === 0) return
    const facts = untold
    untold = 0
    telling = setTimeout(tell, pauses.tell).unref()
    bus.emit({ type: 'feed.lost', facts })
  }

  const tellLost = (count: number): void => {
    untold += count
    if (telling === undefined) tell()
  }

  const lose = (count: number): void => {
    unwritten += count
    tellLost(count)
  }

  const put = (entry: FeedEntry, entrySize: number): void => {
    waiting.push({ entry, size: entrySize })
    size += entrySize
    working ??= work()
  }

  const putLost = (): void => {
    if (unwritten > 0) put({ at: now(), type: 'feed.lost', facts: unwritten }, 64)
    unwritten = 0
  }

  const take = (count: number): void => {
    for (const taken of waiting.splice(0, count)) size -= taken.size
  }

  const pageOf = (): FeedEntry[] => {
    const page: FeedEntry[] = []
    let length = 0
    for (const { entry, size: entrySize } of waiting) {
      length += entrySize
      if (page.length === MOST_ON_PAGE || (length > LONGEST_PAGE && page.length > 0)) break
      page.push(entry)
    }
    return page
  }

  /** Gives what came of it, where it could not be written. */
  const append = async (page: readonly FeedEntry[], batch: string): Promise<{ readonly error: unknown } | undefined> =>
    await feed.append(page, batch).then(() => undefined, (error: unknown) => ({ error }))

  /**
   * Tries until the page is written, which it may have been though it was not said: so it bears the same key each time, and
   * holds the same. Where the store does not take it, but takes that it was lost, that stands in its place.
   */
  const writePage = async (page: readonly FeedEntry[]): Promise<void> => {
    const [batch, inItsPlace] = [randomUUID(), randomUUID()]
    for (let tries = 1; !over.signal.aborted; tries += 1) {
      const failure = await append(page, batch)
      if (failure === undefined) return
      if (tries === 1) bus.emit({ type: 'work.failed', what: 'writing down what happens', error: failure.error })
      if (tries % MOST_REFUSALS === 0 && await append([{ at: now(), type: 'feed.lost', facts: page.length }], inItsPlace) === undefined) {
        tellLost(page.length)
        return
      }
      await pause(pauses.again, over.signal)
    }
  }

  const write = async (): Promise<void> => {
    while (waiting.length > 0 && !over.signal.aborted) {
      const page = pageOf()
      await writePage(page)
      if (over.signal.aborted) break
      take(page.length)
      // What was lost came after all that waited.
      if (waiting.length === 0) putLost()
    }
    // In the same turn as it was seen that nothing waits.
    working = undefined
  }

  const work = async (): Promise<void> => {
    await pause(pauses.collect, hurry.signal)
    await write()
  }

  const note = (entry: FeedEntry): void => {
    const entrySize = roughSize(entry)
    if (waiting.length >= MOST_WAITING || size + entrySize > LARGEST_WAITING) lose(1)
    else {
      putLost()
      put(entry, entrySize)
    }
  }

  const stopListening = bus.listen((event) => {
    const entry = isStrangers(event) && !strangers.take() ? undefined : entryOf(event, now())
    if (entry !== undefined) note(entry)
  })

  return {
    note,
    async stop () {
      stopListening()
      hurry.abort()
      await Promise.race([working, pause(pauses.end, over.signal)])
      over.abort()
      const left = waiting.length
      take(left)
      if (left > 0) lose(left)
      tell()
      clearTimeout(telling)
    }
  }
}

/** Waits so long, or until the signal. */
const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  await wait(milliseconds, undefined, { signal }).catch(() => {})
}
