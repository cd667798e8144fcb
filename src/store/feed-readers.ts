import { randomUUID } from 'node:crypto'
import { statement, type Sql } from './sql.ts'

/** A reader that somebody has. */
export interface TakenReader {
  /** By which it is known who has it. */
  readonly holder: string
  /** The last page that is done with. */
  readonly position: number
  /** How often it was tried in vain until now. */
  readonly tries: number
}

/** Those who read the feed for others, each by one process at a time, and how far they are. */
export interface FeedReaders {
  /**
   * Takes the reader for that many milliseconds, where nobody has it and it is not to wait; a new one begins at the newest
   * page. Atomic: nobody has it twice at a time.
   */
  take (reader: string, leaseFor: number): Promise<TakenReader | undefined>
  /**
   * Has read up to that page; the tries are over, and the lease goes on for that many milliseconds. Gives whether the holder
   * still had the reader: where not, nothing has changed.
   */
  advance (reader: string, holder: string, position: number, leaseFor: number): Promise<boolean>
  /**
   * Gives the reader back; it is tried again in that many milliseconds, and `tries` has grown by one where that is more than
   * 0. Where the holder has it no more, nothing changes.
   */
  release (reader: string, holder: string, waitFor: number): Promise<void>
}

const begin = statement(
  `INSERT INTO feed_readers (reader, position, tries, retry_at, lease_until)
   SELECT CAST(:reader AS TEXT), last_id, 0, 0, 0 FROM feed_head WHERE name = 'feed'
   ON CONFLICT (reader) DO NOTHING`)

const lease = statement(
  `UPDATE feed_readers SET lease_until = :now + :leaseFor, holder = :holder
   WHERE reader = :reader AND lease_until <= :now AND retry_at <= :now RETURNING position, tries`)

const move = statement(
  `UPDATE feed_readers SET position = :position, tries = 0, retry_at = 0, lease_until = :now + :leaseFor
   WHERE reader = :reader AND holder = :holder AND position <= :position RETURNING reader`)

const giveBack = statement(
  `UPDATE feed_readers SET lease_until = 0, holder = NULL, retry_at = :now + CAST(:waitFor AS BIGINT),
     tries = tries + CASE WHEN CAST(:waitFor AS BIGINT) > 0 THEN 1 ELSE 0 END
   WHERE reader = :reader AND holder = :holder`)

export const createFeedReaders = (sql: Sql): FeedReaders => ({
  async take (reader, leaseFor) {
    const holder = randomUUID()
    const [, [taken] = []] = await sql.write([begin({ reader }), lease({ reader, holder, leaseFor })])
    return taken && { holder, position: taken.position as number, tries: taken.tries as number }
  },
  async advance (reader, holder, position, leaseFor) {
    const [moved] = await sql.write([move({ reader, holder, position, leaseFor })])
    return (moved as unknown[]).length > 0
  },
  async release (reader, holder, waitFor) {
    // Pauses are often computed; moments are whole.
    await sql.write([giveBack({ reader, holder, waitFor: Math.ceil(waitFor) })])
  }
})
