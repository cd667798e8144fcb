import type { FeedEntry, FeedPage } from '../../src/domain/feed-entry.ts'
import type { Tail } from '../../src/feed/tail.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'

/** A tail over pages in memory. */
export interface ArrayTail extends Tail {
  /** Writes pages of one entry each, or of as many as are said, and wakes whoever follows. */
  write (pages?: number, entries?: number, entry?: FeedEntry): void
  /** Removes the pages up to that one. */
  purge (to: number): void
  /** Whether the store is away. */
  away: boolean
  /** Whether nobody is woken. */
  deaf: boolean
  readonly reads: number[]
  readonly followers: ReadonlySet<() => void>
}

export const createArrayTail = (): ArrayTail => {
  let pages: FeedPage[] = []
  let newest = 0
  const followers = new Set<() => void>()
  const reads: number[] = []
  const reach = async (): Promise<void> => {
    if (tail.away) throw new StoreUnavailable()
  }
  const tail: ArrayTail = {
    away: false,
    deaf: false,
    reads,
    followers,
    write (count = 1, entries = 1, entry = { at: 1, type: 'test' }) {
      for (let written = 0; written < count; written++) pages.push({ id: ++newest, entries: Array<FeedEntry>(entries).fill(entry) })
      if (!tail.deaf) for (const wake of followers) wake()
    },
    purge (to) { pages = pages.filter(({ id }) => id > to) },
    async read (after) {
      await reach()
      reads.push(after)
      return pages.filter(({ id }) => id > after).slice(0, 50)
    },
    async span () {
      await reach()
      return { oldest: pages[0]?.id ?? newest + 1, newest }
    },
    follow (wake) {
      followers.add(wake)
      return () => { followers.delete(wake) }
    }
  }
  return tail
}
