import type { Keys } from '../domain/keys.ts'
import type { Bus } from '../observability/bus.ts'
import type { Tables } from '../store/tables.ts'
import { createJournal, type Journal } from './journal.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { createTail, type Tail } from './tail.ts'

export interface FeedRoomDeps {
  readonly tables: Pick<Tables, 'feed' | 'exchanges'>
  /** Calls back soon after a page was written by whatever process; gives the function that stops it. */
  readonly follow: (wake: () => void) => () => void
  readonly keys: Keys
  readonly bus: Bus
  readonly now: () => number
  /** For how long a message can be sent again, in milliseconds; 0: never. */
  readonly replayMs: number
  /** Whether anything is written down. */
  readonly isOn: boolean
  /** Whether anybody can look at what hooks were asked: else it is not kept. */
  readonly isSeen: boolean
}

/** What happens is written down here, for those who look on and for those who are told. */
export interface FeedRoom {
  readonly journal: Journal
  readonly recorder: Recorder
  readonly tail: Tail
  /** Writes down what is not written yet, for a while at most, and stops. */
  stop (): Promise<void>
}

/** Takes anything and does nothing. */
const SILENT = { note () {}, async stop () {} }

export const createFeedRoom = ({ tables: { feed, exchanges }, follow, keys, bus, now, replayMs, isOn, isSeen }: FeedRoomDeps): FeedRoom => {
  const journal = isOn ? createJournal({ feed, bus, now }) : SILENT
  const recorder = isOn && isSeen ? createRecorder({ exchanges, keys, bus, now, replayMs }) : SILENT
  const tail = createTail({ feed, follow })
  return {
    journal,
    recorder,
    tail,
    async stop () {
      await Promise.all([journal.stop(), recorder.stop()])
      tail.stop()
    }
  }
}
