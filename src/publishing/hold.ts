import type { FeedReaders } from '../store/feed-readers.ts'

/** A reader of the feed, while this process has it. Once another may have it, nothing is written any more. */
export interface Hold {
  /** The last page that is done with. */
  readonly position: number
  /** How often it was tried in vain until now. */
  readonly tries: number
  /** Whether another process may have it by now. */
  readonly isOver: boolean
  /** Milliseconds since the position was last written down; without end where a clock was set back meanwhile. */
  readonly age: number
  /** Whether the position has moved on since then. */
  readonly isAhead: boolean
  /** Notes that all up to this page are done with. That is not written down yet. */
  moveTo (page: number): void
  /** Writes the position down: what was tried in vain is over, and the lease begins anew. */
  keep (): Promise<void>
  /** Gives the reader back; where `waitFor` is not 0, it was in vain once more, and nobody takes it for so many milliseconds. */
  release (waitFor: number): Promise<void>
}

/** Milliseconds for which a reader is this process's alone. Whoever takes over from a dead process waits as long. */
export const LEASE = 40_000

/** Takes the reader, where it can be had. */
export const takeHold = async (reader: string, readers: FeedReaders, now: () => number): Promise<Hold | undefined> => {
  // From before it is asked for: it ends here no later than in the store.
  let writtenAt = now()
  const taken = await readers.take(reader, LEASE)
  if (taken === undefined) return undefined
  const { holder } = taken
  let { position, tries } = taken
  let written = position
  let isLost = false
  const isOver = (): boolean => isLost || now() >= writtenAt + LEASE
  return {
    get position () { return position },
    get tries () { return tries },
    get isOver () { return isOver() },
    get age () {
      const age = now() - writtenAt
      return age < 0 ? Infinity : age
    },
    get isAhead () { return position > written },
    moveTo (page) { position = page },
    async keep () {
      if (isOver()) return
      const [begunAt, upTo] = [now(), position]
      isLost = !await readers.advance(reader, holder, upTo, LEASE)
      if (isLost) return
      writtenAt = begunAt
      written = upTo
      tries = 0
    },
    async release (waitFor) {
      if (!isOver()) await readers.release(reader, holder, waitFor)
    }
  }
}
