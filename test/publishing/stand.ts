import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { FeedEntry } from '../../src/domain/feed-entry.ts'
import type { LifecycleEvent } from '../../src/domain/receiver.ts'
import type { Tail } from '../../src/feed/tail.ts'
import type { Sql } from '../../src/store/sql.ts'
import type { Later } from '../../src/publishing/alarm.ts'
import { tablesOf, type Tables } from '../support/store.ts'

export interface Told {
  readonly path: string | undefined
  readonly method: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export type Answer = (reply: ServerResponse, told: Told) => void

export const status = (code: number, headers: Record<string, string> = {}): Answer => (reply) => { reply.writeHead(code, headers).end() }

export interface ReceiverServer {
  readonly url: URL
  /** What it was told, in the order in which it came. */
  readonly told: Told[]
  /** How it answers from now on. */
  answer: Answer
  /** Settles once it has been told that often. */
  heard (times: number): Promise<void>
}

/** A receiver at an address of its own. */
export const startReceiver = async (t: Test, answer: Answer = status(204)): Promise<ReceiverServer> => {
  const told: Told[] = []
  const waiting = new Set<() => void>()
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { url: path, method, headers } = request
    const one = { path, method, headers, body: Buffer.concat(chunks).toString() }
    told.push(one)
    receiver.answer(reply, one)
    for (const look of waiting) look()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const receiver: ReceiverServer = {
    url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/events?of=codes`),
    told,
    answer,
    heard: (times) => new Promise((resolve) => {
      const look = (): void => {
        if (told.length < times) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  }
  return receiver
}

/** Time that passes when the test says so. */
export interface Timers {
  readonly later: Later
  /** Settles once somebody sleeps for so many milliseconds. */
  sleeps (milliseconds: number): Promise<void>
  /** How many sleep. */
  readonly count: number
  /** Ends all sleeps. */
  fire (): void
}

export const createTimers = (): Timers => {
  const asleep = new Set<{ readonly milliseconds: number, readonly call: () => void }>()
  const waiting = new Set<() => void>()
  return {
    later (milliseconds, call) {
      const one = { milliseconds, call }
      asleep.add(one)
      for (const look of waiting) look()
      return () => { asleep.delete(one) }
    },
    sleeps: (milliseconds) => new Promise((resolve) => {
      const look = (): void => {
        if (![...asleep].some((one) => one.milliseconds === milliseconds)) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    }),
    get count () { return asleep.size },
    fire () {
      for (const one of [...asleep]) {
        asleep.delete(one)
        one.call()
      }
    }
  }
}

/** The feed as a process reads it, and nothing kept of it. */
export const tailOf = (sql: Sql, { feed }: Pick<Tables, 'feed'> = tablesOf(sql)): Tail => ({
  read: (after) => feed.read(after, 50),
  span: () => feed.span(),
  follow: (wake) => sql.follow('feed', wake)
})

export const used = (delivery: string, at = 1_795_000_000_000): FeedEntry => ({ type: 'delivery.used', at, delivery })

/** A fact of which nobody outside is told. */
export const silent = (): FeedEntry => ({ type: 'hook.answered', at: 1, request: 'r', hook: 'okta', status: 200, milliseconds: 3 })

/** A lifecycle event that is like others. */
export const eventOf = (options: Partial<LifecycleEvent> = {}): LifecycleEvent => ({
  id: '7-0-mqw',
  type: 'phone-code-gateway.delivery.used',
  time: Date.UTC(2026, 10, 21, 12, 3, 4, 567),
  subject: 'deliveries/d1',
  data: { delivery: 'd1' },
  ...options
})

/** The deliveries that requests to a receiver were about, in their order. */
export const deliveriesOf = (told: readonly Told[]): string[] =>
  told.flatMap(({ body }) => [JSON.parse(body)].flat().map((event: { data: { delivery: string } }) => event.data.delivery))
