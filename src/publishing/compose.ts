import type { Receiver } from '../domain/receiver.ts'
import type { Tail } from '../feed/tail.ts'
import type { Bus } from '../observability/bus.ts'
import type { FeedReaders } from '../store/feed-readers.ts'
import { later as byProcess, type Later } from './alarm.ts'
import { createOutbox } from './outbox.ts'

export interface PublishingDeps {
  readonly receivers: readonly Receiver[]
  readonly readers: FeedReaders
  readonly tail: Tail
  readonly bus: Pick<Bus, 'emit'>
  /** Milliseconds since 1970, by the store's clock. */
  readonly now: () => number
  /** Calls later; by the clock of the process where absent. */
  readonly later?: Later
  /** Milliseconds that what is under way has when the process ends; 5 seconds where absent. */
  readonly grace?: number
}

/** Tells systems of the operator what happens. Nothing waits for it, and one receiver does not wait for another. */
export interface Publishing {
  start (): void
  /**
   * Tells nothing more. Settles once what is under way has been told; after 5 seconds that is left to another process. It
   * can be called early, and again: then it settles as the first time.
   */
  stop (): Promise<void>
}

export const createPublishing = ({ receivers, later = byProcess, ...shared }: PublishingDeps): Publishing => {
  const outboxes = receivers.map((receiver) => createOutbox({ receiver, later, ...shared }))
  return {
    start () {
      for (const outbox of outboxes) outbox.start()
    },
    async stop () {
      await Promise.all(outboxes.map((outbox) => outbox.stop()))
    }
  }
}
