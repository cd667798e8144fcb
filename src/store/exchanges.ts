import { SKIP_LOCKED, statement, type Sql } from './sql.ts'

/** What a hook asked and was answered, with nothing in it that must not be seen. */
export interface Exchange {
  /** Id of the request. */
  readonly id: string
  /** The delivery that it began or repeated. */
  readonly delivery: string | undefined
  readonly hook: string
  /** The HTTP status of the answer. */
  readonly status: number
  readonly milliseconds: number
  /** Masked JSON. */
  readonly request: string
  /** Masked JSON, or words. */
  readonly reply: string | undefined
  /** When it came, milliseconds since 1970. */
  readonly at: number
}

export interface NewExchange extends Exchange {
  /** The message itself, sealed, and for how many milliseconds it is kept; absent: it is not. */
  readonly sealed: { readonly text: string, readonly keepFor: number } | undefined
}

export interface StoredExchange extends Exchange {
  /** Until when it can be sent again, milliseconds since 1970. */
  readonly replayableUntil: number | undefined
}

/** What hooks were asked and answered. */
export interface Exchanges {
  /** Writes them down in one unit. One that is there already stays as it is. */
  add (exchanges: readonly NewExchange[]): Promise<void>
  /** Those of a delivery, in the order in which they came; at most 20. */
  of (delivery: string): Promise<StoredExchange[]>
  /** The sealed message of an exchange, where it is still kept. */
  sealed (id: string): Promise<{ readonly sealed: string, readonly delivery: string | undefined } | undefined>
  /** Wipes up to `most` sealed messages whose time is over. */
  forgetSealed (most: number): Promise<number>
  /** Removes up to `most` of those that came before the moment. */
  purge (before: number, most: number): Promise<number>
}

const MOST_OF_A_DELIVERY = 20

const insert = statement(
  `INSERT INTO exchanges (id, delivery_id, hook, status, milliseconds, request, reply, sealed, sealed_until, happened_at)
   VALUES (:id, :delivery, :hook, :status, :milliseconds, :request, :reply, :sealed, :now + CAST(:keepFor AS BIGINT), :at)
   ON CONFLICT (id) DO NOTHING`)

const ofDelivery = statement(
  `SELECT id, delivery_id, hook, status, milliseconds, request, reply, happened_at,
     CASE WHEN sealed IS NOT NULL AND sealed_until > :now THEN sealed_until END AS replayable_until
   FROM exchanges WHERE delivery_id = :delivery ORDER BY happened_at, id LIMIT ${MOST_OF_A_DELIVERY}`)

const sealedOf = statement(
  'SELECT sealed, delivery_id FROM exchanges WHERE id = :id AND sealed IS NOT NULL AND sealed_until > :now')

const wipe = statement(
  `WITH gone AS MATERIALIZED (SELECT id FROM exchanges WHERE sealed IS NOT NULL AND sealed_until <= :now
     ORDER BY sealed_until LIMIT :most ${SKIP_LOCKED})
   UPDATE exchanges SET sealed = NULL, sealed_until = NULL WHERE id IN (SELECT id FROM gone) RETURNING id`)

const forget = statement(
  `WITH gone AS MATERIALIZED (SELECT id FROM exchanges WHERE happened_at < :before ORDER BY happened_at LIMIT :most ${SKIP_LOCKED})
   DELETE FROM exchanges WHERE id IN (SELECT id FROM gone) RETURNING id`)

/** PostgreSQL keeps no text that has one, and would refuse the others of the unit too. */
const withoutNul = (text: string): string => text.replaceAll('\0', '')

export const createExchanges = (sql: Sql): Exchanges => ({
  async add (exchanges) {
    // In one order for all, so that no two units wait for each other.
    const inOrder = [...exchanges].sort((one, other) => one.id < other.id ? -1 : 1)
    await sql.write(inOrder.map(({ sealed, ...exchange }) => insert({
      ...exchange,
      delivery: exchange.delivery ?? null,
      request: withoutNul(exchange.request),
      reply: exchange.reply === undefined ? null : withoutNul(exchange.reply),
      milliseconds: Math.round(exchange.milliseconds),
      sealed: sealed?.text ?? null,
      keepFor: sealed?.keepFor ?? null
    })))
  },
  async of (delivery) {
    const rows = await sql.read(ofDelivery({ delivery }))
    return rows.map((row) => ({
      id: row.id as string,
      delivery: row.delivery_id as string,
      hook: row.hook as string,
      status: row.status as number,
      milliseconds: row.milliseconds as number,
      request: row.request as string,
      reply: (row.reply ?? undefined) as string | undefined,
      at: row.happened_at as number,
      replayableUntil: (row.replayable_until ?? undefined) as number | undefined
    }))
  },
  async sealed (id) {
    const [row] = await sql.read(sealedOf({ id }))
    return row && { sealed: row.sealed as string, delivery: (row.delivery_id ?? undefined) as string | undefined }
  },
  async forgetSealed (most) {
    const [wiped] = await sql.write([wipe({ most })])
    return (wiped as unknown[]).length
  },
  async purge (before, most) {
    const [gone] = await sql.write([forget({ before, most })])
    return (gone as unknown[]).length
  }
})
