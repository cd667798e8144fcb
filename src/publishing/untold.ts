import type { FeedPage } from '../domain/feed-entry.ts'
import type { LifecycleEvent } from '../domain/receiver.ts'
import { lifecycleEventOf } from './lifecycle.ts'

/** An event that is to be told, and where it stands in the feed. */
export interface Untold {
  readonly event: LifecycleEvent
  readonly page: number
  readonly index: number
}

/** The events of the pages, in their order. */
export const untoldOf = (pages: readonly FeedPage[]): Untold[] => pages.flatMap(({ id: page, entries }) =>
  entries.flatMap((entry, index) => {
    const event = lifecycleEventOf(entry, page, index)
    return event === undefined ? [] : [{ event, page, index }]
  }))
