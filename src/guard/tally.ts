import type { Counts, HourOfTraffic, Traffic } from '../store/traffic.ts'
import { hourOf } from '../store/traffic.ts'

/** Counts in memory, and writes it down now and then: nothing that counts waits for the store. */
export interface Tally {
  /** Counts by a key, in the hour of the moment given. */
  note (key: string, at: number, counts: Partial<Counts>): void
  /**
   * Writes down all that was counted. Gives what each hour that was added to stands at now, over all processes. Where it
   * fails nothing is lost but what is oldest, should it become too much; an answer that was lost makes it count twice.
   */
  flush (): Promise<HourOfTraffic[]>
}

/** The most rows that wait: more than a busy process counts in a quarter of an hour. */
const MOST_WAITING = 50_000

/** The rows of one unit. */
const BATCH = 512

export const createTally = (traffic: Pick<Traffic, 'add'>): Tally => {
  let waiting = new Map<string, HourOfTraffic>()

  const keep = (row: HourOfTraffic): void => {
    const id = `${row.hour} ${row.key}`
    const before = waiting.get(id)
    waiting.set(id, before === undefined ? row : sum(row, before))
    if (waiting.size <= MOST_WAITING) return
    const [oldest] = waiting.keys()
    waiting.delete(oldest as string)
  }

  /** What could not be written is older than what was counted meanwhile. */
  const takeBack = (rows: readonly HourOfTraffic[]): void => {
    const newer = waiting
    waiting = new Map()
    for (const row of [...rows, ...newer.values()]) keep(row)
  }

  return {
    note (key, at, counts) {
      keep({ key, hour: hourOf(at), ...NOTHING, ...counts })
    },
    async flush () {
      const rows = [...waiting.values()]
      waiting = new Map()
      const standing: HourOfTraffic[] = []
      for (let written = 0; written < rows.length; written += BATCH) {
        try {
          standing.push(...await traffic.add(rows.slice(written, written + BATCH)))
        } catch (error) {
          takeBack(rows.slice(written))
          throw error
        }
      }
      return standing
    }
  }
}

const NOTHING: Counts = { sent: 0, reported: 0, delivered: 0, used: 0 }

const sum = (row: HourOfTraffic, { sent, reported, delivered, used }: Counts): HourOfTraffic => ({
  ...row,
  sent: row.sent + sent,
  reported: row.reported + reported,
  delivered: row.delivered + delivered,
  used: row.used + used
})
