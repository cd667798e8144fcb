import { setTimeout as wait } from 'node:timers/promises'
import pg from 'pg'
import { createFollowers } from './followers.ts'
import { clientConfig, type PostgresPlace } from './postgres-connection.ts'
import { statement, TOPICS, type Step, type Topic } from './sql.ts'

/** Hears what any process on the store announces. */
export interface Listener {
  /** As in `Sql`. The connection is there only while somebody follows. */
  follow (topic: Topic, wake: () => void): () => void
  close (): Promise<void>
}

/** Milliseconds until it is tried again: the first time, twice as long each time, and at most. */
const AGAIN_IN = 1000
const AGAIN_IN_AT_MOST = 15_000

/**
 * How often it is said again what is listened for, and how long the server may take to confirm it, in milliseconds: so a
 * peer that is gone without a word is noticed, also one behind a proxy, which would answer probes of the connection.
 */
const CONFIRM_EVERY = 15_000
const CONFIRM_WITHIN = 5000

/** Milliseconds for a connection to be closed with a word, before it is cut. */
const CLOSE_WITHIN = 500

const channelOf = (topic: Topic): string => `phone_code_gateway_${topic}`

const LISTEN = TOPICS.map((topic) => `LISTEN ${channelOf(topic)}`).join('; ')

const notify = statement('SELECT pg_notify(:channel, \'\')')

/** The step that announces a topic with the commit of its unit. */
export const announcement = (topic: Topic): Step => notify({ channel: channelOf(topic) })

/** Nothing that goes wrong with the connection is told of: it is made anew after a pause, and all are woken then. */
export const createListener = (place: PostgresPlace, againIn = AGAIN_IN): Listener => {
  const followers = createFollowers()
  const running = new Set<Promise<void>>()
  let listening: AbortController | undefined
  let isClosed = false

  /** Listens on one connection until it ends, for whatever reason. Gives whether there was one. */
  const listenOnce = async (stopped: AbortSignal): Promise<boolean> => {
    const client = new pg.Client({ ...clientConfig(place), pipeline: false, query_timeout: CONFIRM_WITHIN })
    const over = new AbortController()
    const end = (): void => { over.abort() }
    const cut = (): void => { client.connection.stream.destroy() }
    const cutLate = (): void => { setTimeout(cut, CLOSE_WITHIN).unref() }
    for (const late of [end, cutLate]) stopped.addEventListener('abort', late)
    for (const event of ['error', 'end'] as const) client.on(event, end)
    client.on('notification', ({ channel }) => {
      for (const topic of TOPICS) if (channel === channelOf(topic)) followers.wake(topic)
    })
    let isListening = false
    const talk = async (): Promise<void> => {
      await client.connect()
      while (!over.signal.aborted) {
        await client.query(LISTEN)
        // What was announced while nobody listened is not told any more.
        if (!isListening) followers.wakeAll()
        isListening = true
        await pause(CONFIRM_EVERY, over.signal)
      }
    }
    await talk().catch(() => {})
    for (const late of [end, cutLate]) stopped.removeEventListener('abort', late)
    cutLate()
    await client.end()
    return isListening
  }

  const listen = async (stopped: AbortSignal): Promise<void> => {
    let next = againIn
    while (!stopped.aborted) {
      const wasThere = await listenOnce(stopped)
      await pause(wasThere ? againIn : next, stopped)
      next = wasThere ? againIn : Math.min(2 * next, AGAIN_IN_AT_MOST)
    }
  }

  const start = (): AbortController => {
    const stop = new AbortController()
    const run = listen(stop.signal).finally(() => { running.delete(run) })
    running.add(run)
    return stop
  }

  const stop = (): void => {
    listening?.abort()
    listening = undefined
  }

  return {
    follow (topic, wake) {
      const leave = followers.add(topic, wake)
      if (!isClosed) listening ??= start()
      return () => {
        leave()
        if (followers.count() === 0) stop()
      }
    },
    async close () {
      isClosed = true
      stop()
      await Promise.all(running)
    }
  }
}

/** Settles after that many milliseconds, or as soon as the signal is given. */
const pause = async (milliseconds: number, signal: AbortSignal): Promise<void> => {
  await wait(milliseconds, undefined, { signal, ref: false }).catch(() => {})
}
