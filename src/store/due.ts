import { statement, type Sql } from './sql.ts'

/** Work that has fallen due. */
export interface DueWork {
  /** What the work is about: a delivery, an attempt, or an answered call. */
  readonly id: string
  readonly kind: 'end-call' | 'end-announcement' | 'retry' | 'feedback'
}

const lease = statement(
  `UPDATE due SET lease_until = :now + :leaseFor
   WHERE (id, kind) IN (SELECT id, kind FROM due WHERE due_at <= :now AND lease_until <= :now ORDER BY due_at LIMIT :most)
     AND lease_until <= :now
   RETURNING id, kind`)

const insert = statement(
  'INSERT INTO due (id, kind, due_at, lease_until) VALUES (:id, :kind, :now + :delay, 0) ON CONFLICT (id, kind) DO NOTHING')

const remove = statement('DELETE FROM due WHERE id = :id AND kind = :kind')

/** Work for later, which survives the process. */
export interface Due {
  /** Adds work to be done in that many milliseconds, unless work of that kind is there for that id already. */
  add (work: DueWork, delay: number): Promise<void>
  /**
   * Takes work that has fallen due, for that many milliseconds: work that was not `done` by then falls due again.
   * Atomic: no piece of work is taken twice at a time.
   */
  take (most: number, leaseFor: number): Promise<DueWork[]>
  /** Removes work for good. */
  done (work: DueWork): Promise<void>
}

export const createDue = (sql: Sql): Due => ({
  async add (work, delay) {
    await sql.write([insert({ ...work, delay })])
  },
  async take (most, leaseFor) {
    const [rows] = await sql.write([lease({ most, leaseFor })])
    return rows as unknown as DueWork[]
  },
  async done ({ id, kind }) {
    await sql.write([remove({ id, kind })])
  }
})
