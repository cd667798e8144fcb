import { randomUUID } from 'node:crypto'
import type { Tail } from '../feed/tail.ts'
import { createViewer, TICK_MS, type Viewer, type ViewerOptions, type ViewerSocket } from './viewer.ts'

export interface ViewersDeps {
  readonly tail: Tail
  /** The store's clock, milliseconds since 1970. */
  readonly now: () => number
  /** Calls `work` again and again, after so many milliseconds each; gives the function that ends it. */
  readonly every?: (milliseconds: number, work: () => void) => () => void
}

/** Those who look on. Each reads at its own pace from where it is; none can hold anything back. */
export interface Viewers {
  /** How many look on. */
  count (): number
  /** Whether so many are being turned away already that another one need not even be greeted. */
  isCrowded (): boolean
  /** Takes a viewer, or turns it away: 50 may look on. */
  add (socket: ViewerSocket, options: ViewerOptions): void
  /** Sends those away at once who look on by that session. */
  endOf (session: string): void
  /** Sends everybody away, as the gateway restarts, and takes nobody any more; settles within about a second. */
  stop (): Promise<void>
}

const MOST_VIEWERS = 50

/** With those who are turned away and have not gone yet. */
const MOST_CONNECTIONS = 100

const everyInterval: NonNullable<ViewersDeps['every']> = (milliseconds, work) => {
  const timer = setInterval(work, milliseconds)
  return () => { clearInterval(timer) }
}

/** Where nobody looks on, nothing is followed and no time is kept. */
export const createViewers = ({ tail, now, every = everyInterval }: ViewersDeps): Viewers => {
  const instance = randomUUID()
  const connected = new Set<Viewer>()
  let endings: ReadonlyArray<() => void> = []
  let isStopped = false
  let waiting: ReadonlyArray<() => void> = []

  const begin = (): void => {
    const all = (what: 'look' | 'tick') => () => { for (const viewer of connected) viewer[what]() }
    endings = [tail.follow(all('look')), every(TICK_MS, all('tick'))]
  }
  const forget = (viewer: Viewer): void => {
    viewer.end()
    connected.delete(viewer)
    if (connected.size > 0) return
    for (const end of [...endings, ...waiting]) end()
    waiting = []
  }
  const count = (): number => [...connected].filter((viewer) => viewer.isHere()).length
  const goodbye = (viewer: Viewer): void => { viewer.dismiss(1012, 'the gateway restarts') }

  return {
    count,
    isCrowded: () => connected.size >= MOST_CONNECTIONS,
    add (socket, options) {
      const isFull = count() >= MOST_VIEWERS
      const viewer = createViewer({ ...options, socket, tail, instance, now })
      socket.on('close', () => { forget(viewer) })
      connected.add(viewer)
      if (connected.size === 1) begin()
      if (isStopped) goodbye(viewer)
      else if (isFull) viewer.dismiss(1013, 'as many look on as may')
      else viewer.look()
    },
    endOf (session) {
      for (const viewer of connected) viewer.endOf(session)
    },
    async stop () {
      isStopped = true
      for (const viewer of connected) goodbye(viewer)
      if (connected.size > 0) await new Promise<void>((resolve) => { waiting = [...waiting, resolve] })
    }
  }
}
