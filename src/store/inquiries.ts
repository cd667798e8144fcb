import type { Channel } from '../domain/message.ts'
import { SKIP_LOCKED, statement, type Sql, type SqlRow } from './sql.ts'

/** An attempt of whose end its provider has not told by itself in time. */
export type DueInquiry = Asked & (
  /** `reference` is the provider's own id of the message or call. */
  | { readonly reference: string, readonly sought: undefined }
  /** The answer that held the id was lost: `sought` is what it takes to find the message, sealed. */
  | { readonly reference: undefined, readonly sought: string }
)

interface Asked {
  readonly attempt: string
  readonly provider: string
  readonly channel: Channel
  /** When the attempt began, and when its result had to be there: milliseconds since 1970. */
  readonly startedAt: number
  readonly leaseUntil: number
  /** Milliseconds since the attempt began. */
  readonly age: number
}

// Nobody can be asked about an attempt that has no reference and cannot be found: it is taken off the list.
const lease = statement(
  `WITH taken AS MATERIALIZED (SELECT id FROM attempts WHERE ask_at <= :now ORDER BY ask_at LIMIT :most ${SKIP_LOCKED})
   UPDATE attempts SET ask_at = CASE WHEN reference IS NULL AND sought IS NULL THEN NULL ELSE :now + :leaseFor END
   WHERE id IN (SELECT id FROM taken)
   RETURNING id, provider, channel, reference, sought, started_at, lease_until, :now - started_at AS age`)

// What has come to its end meanwhile is not asked about again.
const postpone = statement('UPDATE attempts SET ask_at = :now + :milliseconds WHERE id = :attempt AND ask_at IS NOT NULL')

const endAsking = statement('UPDATE attempts SET ask_at = NULL, sought = NULL WHERE id = :attempt')

/** Which attempts their providers are to be asked about. An attempt is on the list until it has come to its end. */
export interface Inquiries {
  /**
   * Takes attempts whose time has come, for that many milliseconds: one that nothing is heard of by then is taken again.
   * Atomic: no attempt is taken twice at a time.
   */
  take (most: number, leaseFor: number): Promise<readonly DueInquiry[]>
  /** Sets in how many milliseconds an attempt is asked about again; absent: never, and nothing is kept to find it by. */
  again (attempt: string, milliseconds: number | undefined): Promise<void>
}

const namesOf = ({ reference, sought }: SqlRow): { reference: string, sought: undefined } | { reference: undefined, sought: string } =>
  reference === null ? { reference: undefined, sought: sought as string } : { reference: reference as string, sought: undefined }

export const createInquiries = (sql: Sql): Inquiries => ({
  async take (most, leaseFor) {
    const [rows = []] = await sql.write([lease({ most, leaseFor })])
    return rows.filter(({ reference, sought }) => (reference ?? sought) !== null).map((row) => ({
      attempt: row.id as string,
      provider: row.provider as string,
      channel: row.channel as Channel,
      ...namesOf(row),
      startedAt: row.started_at as number,
      leaseUntil: row.lease_until as number,
      age: row.age as number
    }))
  },
  async again (attempt, milliseconds) {
    await sql.write([milliseconds === undefined ? endAsking({ attempt }) : postpone({ attempt, milliseconds })])
  }
})
