import { randomUUID } from 'node:crypto'
import type { Grain, Statistic } from '../store/statistics.ts'
import { noTimes } from './times.ts'

/** Which way a message goes. */
export interface Way {
  readonly provider: string
  readonly channel: string
  /** Empty where the number tells none. */
  readonly country: string
}

/** What is to be added; less than 0 where what was counted before has turned out otherwise. */
export interface Change {
  readonly sent?: number
  readonly delivered?: number
  readonly undelivered?: number
  readonly failed?: number
  readonly used?: number
  /** The group of times in which one more was delivered. */
  readonly time?: number
}

/** What was counted and is not written down yet. */
export interface Counts {
  note (way: Way, at: number, change: Change): void
  /**
   * Hands all of it to `write`, part by part, each with a key of its own. What could not be written is kept, and the failure
   * thrown; the part that was tried may have been written though nobody said so: next time it comes as it was, by the same key.
   */
  flush (write: (rows: readonly Statistic[], key: string) => Promise<void>): Promise<void>
}

/** How long a stretch of each grain is, in milliseconds. */
export const GRAIN_MS: Readonly<Record<Grain, number>> = { minute: 60_000, hour: 3_600_000 }

/** So many rows wait at most, while the store is away; what would need another one is not counted. */
const MOST_ROWS = 20_000

const ROWS_A_WRITE = 500

interface Row extends Way {
  readonly bucket: number
  sent: number
  delivered: number
  undelivered: number
  failed: number
  used: number
  readonly times: number[]
}

interface Part {
  readonly key: string
  readonly rows: readonly Row[]
}

export const createCounts = (grain: Grain): Counts => {
  const rows = new Map<string, Row>()
  /** What was tried, and may not be written. */
  let tried: Part | undefined

  const rowOf = ({ provider, channel, country }: Way, bucket: number): Row | undefined => {
    const key = `${bucket} ${provider} ${channel} ${country}`
    const known = rows.get(key)
    if (known !== undefined || rows.size + (tried?.rows.length ?? 0) >= MOST_ROWS) return known
    const fresh = { bucket, provider, channel, country, sent: 0, delivered: 0, undelivered: 0, failed: 0, used: 0, times: noTimes() }
    rows.set(key, fresh)
    return fresh
  }
  /** Takes a part of what waits, the oldest of it. */
  const cut = (): Part => {
    const part = [...rows].slice(0, ROWS_A_WRITE)
    for (const [key] of part) rows.delete(key)
    return { key: randomUUID(), rows: part.map(([, row]) => row) }
  }

  return {
    note (way, at, { time, ...change }) {
      const row = rowOf(way, at - at % GRAIN_MS[grain])
      if (row === undefined) return
      add(row, change)
      if (time !== undefined) row.times[time] = (row.times[time] as number) + 1
    },
    async flush (write) {
      // What is counted meanwhile is for the next time.
      for (let left = Math.ceil(rows.size / ROWS_A_WRITE) + (tried === undefined ? 0 : 1); left > 0; left -= 1) {
        tried ??= cut()
        await write(tried.rows, tried.key)
        tried = undefined
      }
    }
  }
}

const add = (row: Row, { sent = 0, delivered = 0, undelivered = 0, failed = 0, used = 0 }: Change): void => {
  row.sent += sent
  row.delivered += delivered
  row.undelivered += undelivered
  row.failed += failed
  row.used += used
}
