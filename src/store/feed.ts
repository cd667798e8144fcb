import { randomUUID } from 'node:crypto'
import type { FeedEntry, FeedPage } from '../domain/feed-entry.ts'
import { beginBatch, isOwnBatch } from './batches.ts'
import { SKIP_LOCKED, statement, type Sql } from './sql.ts'

/** What happened, page by page, in the order in which it was written down. */
export interface Feed {
  /**
   * Writes a page, announces `feed`, and gives its number. Numbers have no gap, and whoever sees one sees all below it.
   * Tried again with the same key within an hour, it is there once, and its number is given.
   */
  append (entries: readonly FeedEntry[], batch?: string): Promise<number>
  /** Gives up to `most` of the pages after that one, in order; fewer, but one at least, where they are large. */
  read (after: number, most: number): Promise<FeedPage[]>
  /** Numbers of the oldest page that is kept and of the newest there ever was; `oldest` is `newest + 1` where none is kept. */
  span (): Promise<{ readonly oldest: number, readonly newest: number }>
  /** Removes up to `most` of the oldest pages that were written before the moment; gives how many. */
  purge (before: number, most: number): Promise<number>
}

/** Nobody reads more characters at a time, but for the last page. To take in as many needs some milliseconds. */
const LARGEST_READ = 1024 * 1024

// Who has counted on holds the row until the page is there: the next one, in whatever process, waits for that.
const countOn = statement(`UPDATE feed_head SET last_id = last_id + 1 WHERE name = 'feed' AND ${isOwnBatch} RETURNING last_id`)

const insert = statement(
  `INSERT INTO feed (id, written_at, size, entries) SELECT last_id, :now, CAST(:size AS BIGINT), CAST(:entries AS TEXT)
   FROM feed_head WHERE name = 'feed' AND ${isOwnBatch}`)

const noteNumber = statement(
  `UPDATE batches SET page = (SELECT last_id FROM feed_head WHERE name = 'feed')
   WHERE batch_key = :batch AND writer = :writer`)

const numberOf = statement('SELECT page FROM batches WHERE batch_key = :batch')

// Sizes are looked at first, and only then the pages themselves.
const pagesAfter = statement(
  `SELECT id, entries FROM feed
   WHERE id > :after AND id <= (
     SELECT MAX(id) FROM (
       SELECT id, SUM(size) OVER (ORDER BY id) - size AS size_before
       FROM (SELECT id, size FROM feed WHERE id > :after ORDER BY id LIMIT :most) AS following
     ) AS sized WHERE size_before < ${LARGEST_READ})
   ORDER BY id`)

const ends = statement(
  `SELECT last_id AS newest, COALESCE((SELECT id FROM feed ORDER BY id LIMIT 1), last_id + 1) AS oldest
   FROM feed_head WHERE name = 'feed'`)

// What is left begins at one page and has no hole, also where clocks were set back between two of them.
const forget = statement(
  `WITH oldest AS MATERIALIZED (SELECT id, written_at FROM feed ORDER BY id LIMIT :most ${SKIP_LOCKED})
   DELETE FROM feed WHERE id IN (SELECT id FROM oldest WHERE written_at < :before)
     AND id < COALESCE((SELECT MIN(id) FROM oldest WHERE written_at >= :before), id + 1)
   RETURNING id`)

export const createFeed = (sql: Sql): Feed => ({
  async append (entries, batch = randomUUID()) {
    const own = { batch, writer: randomUUID() }
    const text = JSON.stringify(entries)
    const [, [head] = []] = await sql.write([
      beginBatch(own), countOn(own), { ...insert({ ...own, size: text.length, entries: text }), announces: 'feed' }, noteNumber(own)
    ])
    if (head !== undefined) return head.last_id as number
    const [row] = await sql.read(numberOf({ batch }))
    return row?.page as number
  },
  async read (after, most) {
    const rows = await sql.read(pagesAfter({ after, most }))
    return rows.map(({ id, entries }) => ({ id: id as number, entries: JSON.parse(entries as string) as FeedEntry[] }))
  },
  async span () {
    const [row] = await sql.read(ends())
    return row as { oldest: number, newest: number }
  },
  async purge (before, most) {
    const [gone] = await sql.write([forget({ before, most })])
    return (gone as unknown[]).length
  }
})
