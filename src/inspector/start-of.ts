import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FeedPage } from '../domain/feed-entry.ts'
import type { Tail } from '../feed/tail.ts'

/** How far behind the newest page a viewer may be and still be given all of it: nobody reads more than that. */
const MOST_PAGES = 500
const MOST_ENTRIES = 5000

/** How many pages `Tail.read` gives at a time at most. */
const PAGES_A_READ = 50

/**
 * Makes the function that gives the page after which a viewer goes on that has read up to `position`: a later one, where too
 * much has happened since. It looks again only where there is something to be found, so that it can be asked often.
 */
export const createStartOf = (tail: Pick<Tail, 'read' | 'span'>) => {
  let checked: number | undefined
  return async (position: number): Promise<number> => {
    const { oldest, newest } = await tail.span()
    const first = Math.max(position, oldest - 1, newest - MOST_PAGES)
    if (checked !== undefined && newest - checked < PAGES_A_READ) return first
    let entries = 0
    // From the newest back, since it is the newest that people want to see.
    for (let from = newest; from > first; from -= PAGES_A_READ) {
      const pages = await pagesBetween(tail, Math.max(first, from - PAGES_A_READ), from)
      for (const page of pages.toReversed()) {
        entries += page.entries.length
        if (entries > MOST_ENTRIES) {
          checked = newest
          return page.id
        }
      }
    }
    checked = newest
    return first
  }
}

/** The pages after the first number, up to the other one. Each read is a turn of its own: large pages take their time. */
const pagesBetween = async (tail: Pick<Tail, 'read'>, after: number, upTo: number): Promise<FeedPage[]> => {
  const pages: FeedPage[] = []
  for (let last = after; last < upTo;) {
    const read = await tail.read(last)
    await nextTurn()
    pages.push(...read.filter(({ id }) => id <= upTo))
    last = read.at(-1)?.id ?? upTo
  }
  return pages
}
