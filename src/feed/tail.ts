import type { FeedPage } from '../domain/feed-entry.ts'
import type { Feed } from '../store/feed.ts'
import { roughSize } from './rough-size.ts'

/** The newest of what was written down, for any number of those who look on. */
export interface Tail {
  /** Gives up to 50 of the pages after that one, in order. */
  read (after: number): Promise<readonly FeedPage[]>
  /** Numbers of the oldest page that is kept and of the newest there ever was; `oldest` is `newest + 1` where none is kept. */
  span (): Promise<{ readonly oldest: number, readonly newest: number }>
  /** Calls `wake` whenever there may be a new page; gives the function that stops it. */
  follow (wake: () => void): () => void
}

export interface RunningTail extends Tail {
  /** Wakes nobody any more. */
  stop (): void
}

export interface TailDeps {
  readonly feed: Pick<Feed, 'read' | 'span'>
  /** Calls back soon after a page was written by whatever process; gives the function that stops it. */
  readonly follow: (wake: () => void) => () => void
  readonly pauses?: TailPauses
}

/** How long things take, in milliseconds. */
export interface TailPauses {
  /** What wakes within that time wakes once. */
  readonly collect: number
  /** Those who look on are woken that often though nobody called back. */
  readonly poll: number
}

const PAUSES: TailPauses = { collect: 20, poll: 2000 }

const MOST_AT_A_TIME = 50

/** So much is remembered, for those who are nearly up to date: pages, and about so many characters. */
const MOST_PAGES = 200
const LARGEST = 4 * 1024 * 1024

interface Remembered extends FeedPage {
  readonly size: number
}

export const createTail = ({ feed, follow, pauses = PAUSES }: TailDeps): RunningTail => {
  const followers = new Set<() => void>()
  /** The newest pages that were read, without a gap. */
  let newest: Remembered[] = []
  let size = 0
  /** What is being read since the last time that there may have been a new page: one read serves all who ask for the same. */
  let underWay = new Map<number, Promise<readonly FeedPage[]>>()
  let collecting: NodeJS.Timeout | undefined
  let stopFollowing: (() => void) | undefined

  const wakeAll = (): void => {
    collecting = undefined
    for (const wake of [...followers]) wake()
  }

  const woken = (): void => {
    // What is read from now on shall hold the new page.
    underWay = new Map()
    collecting ??= setTimeout(wakeAll, pauses.collect).unref()
  }

  const remember = (pages: readonly FeedPage[]): void => {
    for (const { id, entries } of pages) {
      if (newest.length > 0 && id > (newest.at(-1) as FeedPage).id + 1) forget()
      const page = { id, entries, size: roughSize(entries) }
      newest.push(page)
      size += page.size
    }
    while (newest.length > MOST_PAGES || size > LARGEST) size -= (newest.shift() as Remembered).size
  }

  const forget = (): void => {
    newest = []
    size = 0
  }

  const begin = (): void => {
    const poll = setInterval(woken, pauses.poll).unref()
    const stopStore = follow(woken)
    stopFollowing = () => {
      clearInterval(poll)
      clearTimeout(collecting)
      collecting = stopFollowing = undefined
      stopStore()
      forget()
    }
  }

  const remembered = (after: number): readonly FeedPage[] => {
    const first = newest[0]
    return first === undefined || after < first.id - 1 ? [] : newest.slice(after - first.id + 1, after - first.id + 1 + MOST_AT_A_TIME)
  }

  const fetch = (after: number): Promise<readonly FeedPage[]> => {
    const asked = underWay
    const reading = feed.read(after, MOST_AT_A_TIME).then((pages) => {
      // Far behind, it is nobody else's; and without followers nobody's.
      if (stopFollowing !== undefined && (newest.length === 0 || after >= (newest.at(-1) as FeedPage).id)) remember(pages)
      return pages
    })
    asked.set(after, reading)
    const done = (): void => { asked.delete(after) }
    reading.then(done, done)
    return reading
  }

  return {
    async read (after) {
      const pages = remembered(after)
      return pages.length > 0 ? pages : await (underWay.get(after) ?? fetch(after))
    },
    span: () => feed.span(),
    follow (wake) {
      // Who comes twice is two.
      const follower = (): void => { wake() }
      followers.add(follower)
      if (stopFollowing === undefined) begin()
      return () => {
        followers.delete(follower)
        if (followers.size === 0) stopFollowing?.()
      }
    },
    stop () {
      followers.clear()
      stopFollowing?.()
    }
  }
}
