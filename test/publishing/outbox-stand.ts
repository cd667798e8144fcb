import type { Test } from 'tap'
import type { FeedEntry } from '../../src/domain/feed-entry.ts'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import type { Receiver } from '../../src/domain/receiver.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createHttpClient, type HttpClient } from '../../src/providers/http-client.ts'
import { createPublishing, type Publishing, type PublishingDeps } from '../../src/publishing/compose.ts'
import { createWebhookReceiver } from '../../src/publishing/webhook.ts'
import type { TakenReader } from '../../src/store/feed-readers.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type OpenStore, type World } from '../support/store.ts'
import { createTimers, startReceiver, tailOf, type Answer, type ReceiverServer, type Timers } from './stand.ts'

/** A gateway's process that publishes, on a clock that the test moves. */
export interface Process extends RecordedBus, Omit<Timers, 'count'> {
  readonly publishing: Publishing
  /** Positions that it wrote down, in their order. */
  readonly written: number[]
  /** Settles once it has written that position down. */
  wrote (position: number): Promise<void>
}

export interface OutboxWorld extends World {
  readonly server: ReceiverServer
  readonly http: HttpClient
  /** The receiver at the server, as every process has it. */
  readonly receiver: Receiver
  /** Starts a process. */
  start (options?: Partial<PublishingDeps>): Process
  /** Starts a process, and waits until it has nothing to do. */
  startIdle (options?: Partial<PublishingDeps>): Promise<Process>
  /** Has the reader begin with what is written from now on. */
  begin (reader: string): Promise<void>
  /** Writes pages of the feed, one an argument. */
  write (...pages: ReadonlyArray<readonly FeedEntry[]>): Promise<void>
}

const SECRET = new SensitiveText(Buffer.alloc(24, 7).toString('base64'))

/** Milliseconds after which it is looked again where nothing happens. */
export const IDLE = 10_000

/** A store, a receiver that answers so, and processes that tell it what happens. */
export const openOutbox = async (t: Test, answer?: Answer, open: OpenStore = openSqliteStore): Promise<OutboxWorld> => {
  const world = await openWorld(t, open)
  const server = await startReceiver(t, answer)
  const http = createHttpClient()
  t.teardown(() => http.close())
  const receiver = createWebhookReceiver({ url: server.url, secrets: [SECRET], http, now: world.clock, source: 'https://codes.example.com' })
  const start: OutboxWorld['start'] = (options = {}) => {
    const recorded = recordBus()
    const timers = createTimers()
    const written: number[] = []
    const waiting = new Set<() => void>()
    const readers = options.readers ?? world.feedReaders
    const publishing = createPublishing({
      receivers: [receiver],
      tail: tailOf(world.sql),
      bus: recorded.bus,
      now: world.clock,
      later: timers.later,
      ...options,
      readers: {
        ...readers,
        async advance (reader, holder, position, leaseFor) {
          const isMoved = await readers.advance(reader, holder, position, leaseFor)
          written.push(position)
          for (const look of waiting) look()
          return isMoved
        }
      }
    })
    t.teardown(async () => {
      server.answer = (reply) => { reply.writeHead(204).end() }
      await publishing.stop()
    })
    publishing.start()
    return {
      ...recorded,
      ...timers,
      publishing,
      written,
      wrote: (position) => new Promise((resolve) => {
        const look = (): void => { if (written.includes(position)) resolve() }
        waiting.add(look)
        look()
      })
    }
  }
  return {
    ...world,
    server,
    http,
    receiver,
    start,
    async startIdle (options) {
      const process = start(options)
      await process.sleeps(IDLE)
      return process
    },
    async begin (reader) {
      const { holder } = await world.feedReaders.take(reader, 1) as TakenReader
      await world.feedReaders.release(reader, holder, 0)
    },
    async write (...pages) {
      for (const entries of pages) await world.feed.append(entries)
    }
  }
}

/** Facts about publishing that were told. */
export const told = ({ events }: Pick<RecordedBus, 'events'>): GatewayEvent[] => events.filter(({ type }) => /^publishing|^work/.test(type))
