import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Ledger, RecordKind } from './ledger.ts'

const REMEMBERED = 1_000
const MOST_VIEWERS = 50
/** A viewer that is further behind than this is cut off; it comes back and catches up. */
const MOST_UNREAD_BYTES = 1024 * 1024

/** What happens in the sandbox, as server-sent events. */
export interface Feed {
  /** How many look on. */
  readonly viewers: number
  /**
   * Makes the response a stream of changes. One that comes back with its `Last-Event-ID` gets what it missed;
   * otherwise the stream begins with the whole state. Gives `false`, and does nothing, where there are too many.
   */
  open (request: IncomingMessage, response: ServerResponse): boolean
  close (): void
}

export interface FeedDeps {
  readonly ledger: Ledger
  /** What a new viewer begins with. */
  readonly state: () => unknown
  /** How often a viewer hears something though nothing happens, which also finds out who has gone. */
  readonly heartbeatMs: number
}

const SHOWN: readonly RecordKind[] = ['message', 'call', 'delivery']

/** Makes the feed; it follows the ledger from then on. */
export const createFeed = ({ ledger, state, heartbeatMs }: FeedDeps): Feed => {
  // Numbers of another run of the sandbox mean nothing in this one.
  const run = randomUUID()
  const viewers = new Set<ServerResponse>()
  const recent: string[] = []
  let count = 0

  const format = (event: string, data: unknown) => `id: ${run}.${count}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`

  const write = (viewer: ServerResponse, text: string) => {
    viewer.write(text)
    if (viewer.writableLength > MOST_UNREAD_BYTES) viewer.destroy()
  }

  ledger.onChange((kind, record) => {
    if (!SHOWN.includes(kind)) return
    count += 1
    const text = format(kind, record)
    if (recent.push(text) > REMEMBERED) recent.shift()
    for (const viewer of viewers) write(viewer, text)
  })

  const heartbeat = setInterval(() => {
    for (const viewer of viewers) write(viewer, ': still here\n\n')
  }, heartbeatMs)
  heartbeat.unref()

  const missed = (lastEventId: unknown): string[] | undefined => {
    const [from, number] = String(lastEventId).split('.')
    const behind = count - Number(number)
    return from === run && behind >= 0 && behind <= recent.length ? recent.slice(recent.length - behind) : undefined
  }

  return {
    get viewers () { return viewers.size },
    open (request, response) {
      if (viewers.size >= MOST_VIEWERS) return false
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      const since = missed(request.headers['last-event-id'])
      response.write('retry: 1000\n\n')
      for (const text of since ?? [format('state', state())]) response.write(text)
      viewers.add(response)
      response.once('close', () => viewers.delete(response))
      return true
    },
    close () {
      clearInterval(heartbeat)
      for (const viewer of viewers) viewer.destroy()
    }
  }
}
