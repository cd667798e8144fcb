/**
 * A fact as the feed keeps it and viewers and receivers are told: no code, no secret, and only masked numbers. Beside these
 * fields stand those of the fact itself, as in `GatewayEvent`.
 */
export interface FeedEntry {
  /** When it happened, milliseconds since 1970 by the store's clock. */
  readonly at: number
  /** As in `GatewayEvent`; or `feed.lost`, `capture`. */
  readonly type: string
  /** The delivery that it is about. */
  readonly delivery?: string | undefined
  /** The verification that it is about. */
  readonly verification?: string | undefined
  readonly [fact: string]: unknown
}

/** Facts that were written down together. Numbers of pages have no gap, and grow in the order in which they can be seen. */
export interface FeedPage {
  readonly id: number
  readonly entries: readonly FeedEntry[]
}
