import { statement, type Sql } from './sql.ts'

const isOther = 'fingerprint <> CAST(:fingerprint AS TEXT) AND seen_at > :now - CAST(:within AS BIGINT)'

const others = statement(`SELECT fingerprint FROM keyrings WHERE ${isOther}`)

const noteSeen = (where: string) => statement(
  `INSERT INTO keyrings (fingerprint, seen_at) SELECT CAST(:fingerprint AS TEXT), :now FROM (SELECT 1 AS one) AS once WHERE ${where}
   ON CONFLICT (fingerprint) DO UPDATE SET seen_at = excluded.seen_at`)

// Who is turned away at the door must not keep others out.
const [noteFirst, noteAgain] = [noteSeen(`NOT EXISTS (SELECT 1 FROM keyrings WHERE ${isOther})`), noteSeen('one = 1')]

/** A process tells every 30 seconds that it is there. One that was not heard for so long is gone, in milliseconds. */
export const GONE_AFTER = 90_000

/** Whether all processes on a store know messages by the same keys. */
export interface Keyrings {
  /** Notes that a process with these keys begins its work. `false`, and nothing is noted, where others with other keys are at work. */
  join (fingerprint: string): Promise<boolean>
  /** Notes that it is still at work. `false` where others with other keys are as well. */
  stay (fingerprint: string): Promise<boolean>
}

export const createKeyrings = (sql: Sql): Keyrings => {
  const note = async (noting: typeof noteFirst, fingerprint: string): Promise<boolean> => {
    const [, found] = await sql.write([noting({ fingerprint, within: GONE_AFTER }), others({ fingerprint, within: GONE_AFTER })])
    return found?.length === 0
  }
  return {
    join: (fingerprint) => note(noteFirst, fingerprint),
    stay: (fingerprint) => note(noteAgain, fingerprint)
  }
}
