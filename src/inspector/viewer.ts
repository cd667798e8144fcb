import type { FeedPage } from '../domain/feed-entry.ts'
import type { Tail } from '../feed/tail.ts'
import { createStartOf } from './start-of.ts'

/** A viewer's connection, as `ws` has it. */
export interface ViewerSocket {
  /** Bytes that are not with the network yet. */
  readonly bufferedAmount: number
  send (data: string | Buffer, options: { readonly binary: boolean }): void
  ping (): void
  pong (data: Buffer): void
  close (code: number, reason: string): void
  terminate (): void
  on (event: 'pong' | 'close', listener: () => void): unknown
  on (event: 'ping', listener: (data: Buffer) => void): unknown
}

export interface ViewerOptions {
  /** The last page that the viewer has seen; below zero: it wants so many of the newest; absent: it wants new ones only. */
  readonly after: number | undefined
  /** When its session is over, milliseconds since 1970; absent: never. */
  readonly expires: number | undefined
  /** Which one it is; absent: none. */
  readonly session?: string | undefined
}

export interface ViewerDeps extends ViewerOptions {
  readonly socket: ViewerSocket
  readonly tail: Pick<Tail, 'read' | 'span'>
  /** Tells this process from others, and from itself after a restart. */
  readonly instance: string
  readonly now: () => number
}

/** One of those who look on. */
export interface Viewer {
  /** Whether it is told what happens, and not on its way out. */
  isHere (): boolean
  /** There may be something new. */
  look (): void
  /** A quarter of a second has passed. */
  tick (): void
  /** Sends it away. Who does not go within a second is cut off. */
  dismiss (code: number, reason: string): void
  /** That session is over. Who looks on by it is sent away. */
  endOf (session: string): void
  /** It is gone. */
  end (): void
}

/** How often `tick` is to be called, in milliseconds. */
export const TICK_MS = 250

/** A viewer with more bytes than that on the way gets no more until they have arrived. */
const MOST_UNSENT = 256 * 1024

/** In ticks: how long they may be on the way, how often a viewer must show that it is there, how often an absent store is asked, how long a goodbye takes. */
const [FULL_FOR, BEAT_EVERY, AGAIN_EVERY, GOODBYE_FOR] = [30_000, 20_000, 1000, 1000].map((milliseconds) => milliseconds / TICK_MS) as [number, number, number, number]

/** How many beats may go unanswered. */
const MOST_SILENT = 2

/** A viewer reads on from where it is whenever there is room on its way, so that nobody has to keep anything for it. */
export const createViewer = ({ socket, tail, instance, now, after, expires, session }: ViewerDeps): Viewer => {
  const startOf = createStartOf(tail)
  let state: 'here' | 'leaving' | 'gone' = 'here'
  let cursor: number | undefined
  let [isLooking, hasNews, isAway, isBehind] = [false, false, false, true]
  let [ticks, fullFor, silentBeats, leavingFor] = [0, 0, 0, 0]

  const isHere = (): boolean => state === 'here'
  const isFull = (): boolean => socket.bufferedAmount > MOST_UNSENT
  const tell = (message: object): void => {
    if (isHere()) socket.send(JSON.stringify(message), { binary: false })
  }
  socket.on('pong', () => { silentBeats = 0 })
  // Who asks without ever reading the answers would have them pile up here.
  socket.on('ping', (data) => { if (!isFull()) socket.pong(data) })

  const greet = async (): Promise<number> => {
    const { oldest, newest } = await tail.span()
    noticePresence()
    // Nobody misses what was there before they came: of too many it is given fewer.
    const from = after !== undefined && after < 0 ? await startOf(newest + after) : Math.min(after ?? newest, newest)
    tell({ kind: 'hello', instance, now: now(), oldest, newest, after: from })
    return from
  }

  const skipTo = (position: number, next: number): number => {
    if (next > position) tell({ kind: 'missed', from: position + 1, to: next })
    return Math.max(position, next)
  }

  const noticePresence = (): void => {
    if (isAway) tell({ kind: 'back' })
    isAway = false
  }

  const readOn = async (): Promise<void> => {
    let position = cursor ??= await greet()
    const start = isBehind ? await startOf(position) : position
    noticePresence()
    cursor = position = skipTo(position, start)
    isBehind = false
    for (;;) {
      const pages = await tail.read(position)
      noticePresence()
      for (const page of pages) {
        isBehind = isFull()
        if (isBehind || !isHere()) return
        skipTo(position, page.id - 1)
        socket.send(bytesOf(page), { binary: false })
        cursor = position = page.id
      }
      if (pages.length === 0) return
    }
  }

  const noticeAbsence = (): void => {
    if (!isAway) tell({ kind: 'away' })
    isAway = isBehind = true
  }

  const look = (): void => {
    hasNews = isLooking
    isBehind ||= isFull()
    if (isLooking || !isHere() || isFull()) return
    isLooking = true
    readOn().catch(noticeAbsence).then(() => {
      isLooking = false
      if (hasNews) look()
    })
  }

  const dismiss = (code: number, reason: string): void => {
    if (!isHere()) return
    state = 'leaving'
    socket.close(code, reason)
  }

  const endSession = (): void => { dismiss(4401, 'the session is over') }

  /** Who is silent for too long is not there any more, whatever the network says. */
  const beat = (): void => {
    if (silentBeats >= MOST_SILENT) return socket.terminate()
    silentBeats += 1
    socket.ping()
    look()
  }

  return {
    isHere,
    look,
    dismiss,
    endOf (ended) { if (ended === session) endSession() },
    end () { state = 'gone' },
    tick () {
      if (state === 'leaving' && ++leavingFor >= GOODBYE_FOR) return socket.terminate()
      if (!isHere()) return
      if (expires !== undefined && now() >= expires) return endSession()
      ticks += 1
      fullFor = isFull() ? fullFor + 1 : 0
      if (fullFor >= FULL_FOR) return socket.terminate()
      if (ticks % BEAT_EVERY === 0) beat()
      else if (isBehind && !isAway) look()
      else if (isAway && ticks % AGAIN_EVERY === 0) look()
    }
  }
}

/** Pages as they are sent, by their entries: written once for all viewers, and in memory once, however many of them are slow. */
const written = new WeakMap<FeedPage['entries'], Buffer>()

const bytesOf = ({ id, entries }: FeedPage): Buffer => {
  const bytes = written.get(entries) ?? Buffer.from(JSON.stringify({ kind: 'page', id, entries }))
  written.set(entries, bytes)
  return bytes
}
