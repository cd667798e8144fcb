import type { Channel } from '../domain/message.ts'
import { statement, type Sql } from './sql.ts'

/** An attempt of whose end its provider has not told by itself in time. */
export interface DueInquiry {
  readonly attempt: string
  readonly provider: string
  readonly channel: Channel
  /** The provider's own id of the message or call. */
  readonly reference: string
  /** Milliseconds since the attempt began. */
  readonly age: number
}

// Nobody can be asked about an attempt that has no reference: it is taken off the list.
const lease = statement(
  `UPDATE attempts SET ask_at = CASE WHEN reference IS NULL THEN NULL ELSE :now + :leaseFor END
   WHERE id IN (SELECT id FROM attempts WHERE ask_at <= :now ORDER BY ask_at LIMIT :most) AND ask_at <= :now
   RETURNING id, provider, channel, reference, :now - started_at AS age`)

// What has come to its end meanwhile is not asked about again.
const postpone = statement('UPDATE attempts SET ask_at = :now + :milliseconds WHERE id = :attempt AND ask_at IS NOT NULL')

/** Which attempts their providers are to be asked about. An attempt is on the list until it has come to its end. */
export interface Inquiries {
  /**
   * Takes attempts whose time has come, for that many milliseconds: one that nothing is heard of by then is taken again.
   * Atomic: no attempt is taken twice at a time.
   */
  take (most: number, leaseFor: number): Promise<readonly DueInquiry[]>
  /** Sets in how many milliseconds an attempt is asked about again; absent: never. */
  again (attempt: string, milliseconds: number | undefined): Promise<void>
}

export const createInquiries = (sql: Sql): Inquiries => ({
  async take (most, leaseFor) {
    const [rows = []] = await sql.write([lease({ most, leaseFor })])
    return rows.filter(({ reference }) => reference !== null).map((row) => ({
      attempt: row.id as string,
      provider: row.provider as string,
      channel: row.channel as Channel,
      reference: row.reference as string,
      age: row.age as number
    }))
  },
  async again (attempt, milliseconds) {
    await sql.write([postpone({ attempt, milliseconds: milliseconds ?? null })])
  }
})
