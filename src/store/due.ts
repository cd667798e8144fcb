import { SKIP_LOCKED, statement, type Sql } from './sql.ts'

export const DUE_KINDS = ['end-call', 'end-announcement', 'retry', 'feedback', 'escalate', 'verification-send', 'verification-end', 'verification-webhook'] as const

/** Work that has fallen due. */
export interface DueWork {
  /** What the work is about: a delivery, an attempt, an answered call, or a verification. */
  readonly id: string
  readonly kind: typeof DUE_KINDS[number]
}

/** Work that was taken to be done. */
export interface TakenWork extends DueWork {
  /** How often it was put off with `later`. */
  readonly tries: number
}

const lease = statement(
  `WITH taken AS MATERIALIZED (
     SELECT id FROM due WHERE kind = :kind AND due_at <= :now AND lease_until <= :now ORDER BY due_at LIMIT :most ${SKIP_LOCKED})
   UPDATE due SET lease_until = :now + :leaseFor WHERE kind = :kind AND id IN (SELECT id FROM taken)
   RETURNING id, kind, tries`)

const insert = statement(
  'INSERT INTO due (id, kind, due_at, lease_until) VALUES (:id, :kind, :now + :delay, 0) ON CONFLICT (id, kind) DO NOTHING')

const release = statement('UPDATE due SET lease_until = 0 WHERE id = :id AND kind = :kind')

// Work that was done or removed meanwhile stays away.
const putOff = statement(
  'UPDATE due SET tries = tries + 1, due_at = :now + :delay, lease_until = 0 WHERE id = :id AND kind = :kind')

const remove = statement('DELETE FROM due WHERE id = :id AND kind = :kind')

const count = statement(
  `SELECT kind, SUM(CASE WHEN due_at <= :now THEN 1 ELSE 0 END) AS due, SUM(CASE WHEN due_at <= :now THEN 0 ELSE 1 END) AS waiting
   FROM due GROUP BY kind`)

/** How much work of a kind there is. */
export interface DueCount {
  readonly kind: DueWork['kind']
  /** Fallen due, whether somebody is at it or not. */
  readonly due: number
  /** Yet to fall due. */
  readonly waiting: number
}

/** Work for later, which survives the process. */
export interface Due {
  /** Adds work to be done in that many milliseconds, unless work of that kind is there for that id already. */
  add (work: DueWork, delay: number): Promise<void>
  /**
   * Takes work of that kind that has fallen due, for that many milliseconds: work that was not `done` by then falls due again.
   * Atomic: no piece of work is taken twice at a time.
   */
  take (kind: DueWork['kind'], most: number, leaseFor: number): Promise<TakenWork[]>
  /** Gives back work that was taken and will not be done by who took it: anybody may take it at once. */
  release (work: readonly DueWork[]): Promise<void>
  /** Puts off work that was tried in vain: it counts as tried once more, and falls due again in that many milliseconds. */
  later (work: DueWork, delay: number): Promise<void>
  /** Removes work for good. */
  done (work: DueWork): Promise<void>
  /** How much work there is of each kind, in the order of `DUE_KINDS`. */
  counts (): Promise<readonly DueCount[]>
}

export const createDue = (sql: Sql): Due => ({
  async add ({ id, kind }, delay) {
    await sql.write([insert({ id, kind, delay })])
  },
  async take (kind, most, leaseFor) {
    const [rows] = await sql.write([lease({ kind, most, leaseFor })])
    return rows as unknown as TakenWork[]
  },
  async release (work) {
    await sql.write(work.map(({ id, kind }) => release({ id, kind })))
  },
  async later ({ id, kind }, delay) {
    // Pauses are often computed; moments are whole.
    await sql.write([putOff({ id, kind, delay: Math.ceil(delay) })])
  },
  async done ({ id, kind }) {
    await sql.write([remove({ id, kind })])
  },
  async counts () {
    const rows = await sql.read(count())
    return DUE_KINDS.map((kind) => {
      const row = rows.find((one) => one.kind === kind)
      return { kind, due: (row?.due ?? 0) as number, waiting: (row?.waiting ?? 0) as number }
    })
  }
})
