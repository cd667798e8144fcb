import { statement, type Sql } from './sql.ts'

const readClock = statement('SELECT CAST(:now AS BIGINT) AS moment')

/** The store's clock, by which all processes that share it go: what one of them writes, another one compares. */
export interface StoreClock {
  /** Milliseconds since 1970. */
  now (): number
  /** Asks the store what time it is. Gives by how many milliseconds the clock of this machine is behind it. */
  sync (): Promise<number>
}

/** Makes the clock, which goes as this machine's does until it is compared with the store's. */
export const createStoreClock = (sql: Sql, machineNow: () => number): StoreClock => {
  let offset = 0
  return {
    now: () => machineNow() + offset,
    async sync () {
      const asked = machineNow()
      const [row] = await sql.read(readClock())
      const answered = machineNow()
      const measured = (row?.moment as number) - (asked + answered) / 2
      // What lies within the time that the question took is not known any better: then the clock need not jump.
      if (Math.abs(measured - offset) > (answered - asked) / 2 + 1) offset = Math.round(measured)
      return offset
    }
  }
}
