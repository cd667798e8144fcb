import { randomUUID } from 'node:crypto'
import { Agent, request } from 'undici'
import type { Ledger } from './ledger.ts'
import type { Pacer } from './pacer.ts'
import type { EventDelivery } from './records.ts'

const LONGEST_REPLY = 64 * 1024

/** A request to the gateway. */
export interface Post {
  readonly method?: 'POST' | 'GET' | 'OPTIONS'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  /** Real milliseconds after which it is given up, where that is sooner than usual. */
  readonly deadlineMs?: number
}

/** What the gateway answered; `status` tells why where it did not. */
export interface PostResult {
  readonly status: number | 'unreachable' | 'timeout'
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** The sandbox's way out to the gateway. */
export interface Outbox {
  /** Sends once. Never rejects, and gives up after the deadline. */
  send (post: Post): Promise<PostResult>
  /** Sends an event once and keeps a record of it. */
  deliver (post: Post, event: Pick<EventDelivery, 'via' | 'eventId' | 'type' | 'attempt' | 'subject'>): Promise<PostResult>
  /** Breaks off what is under way. */
  close (): Promise<void>
}

export interface OutboxDeps {
  readonly ledger: Ledger
  readonly pacer: Pacer
  readonly deadlineMs: number
}

/** Makes the way out; it keeps its connections open between requests. */
export const createOutbox = ({ ledger, pacer, deadlineMs }: OutboxDeps): Outbox => {
  // The deadline is kept here, over the whole exchange; the client's own timers are coarser.
  const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, maxResponseSize: LONGEST_REPLY })

  const exchange = async ({ method = 'POST', url, headers, body = '' }: Post, signal: AbortSignal): Promise<PostResult> => {
    const response = await request(url, { dispatcher: agent, method, headers, body, signal })
    return { status: response.statusCode, headers: response.headers, text: await response.body.text() }
  }

  const send = (post: Post) => {
    const late = new AbortController()
    const deadline = pacer.deadline(Math.min(deadlineMs, post.deadlineMs ?? Infinity), () => late.abort())
    return pacer.track(exchange(post, late.signal)
      .catch((): PostResult => ({ status: late.signal.aborted ? 'timeout' : 'unreachable', headers: {}, text: '' }))
      .finally(() => deadline.cancel()))
  }

  return {
    send,
    async deliver (post, event) {
      const id = randomUUID()
      ledger.put('delivery', { id, ...event, status: 'pending' })
      const result = await send(post)
      ledger.put('delivery', { id, ...event, status: result.status })
      return result
    },
    close: () => agent.destroy()
  }
}
