import { firstIdAt } from '../domain/identifier.ts'
import { statement, type Sql } from './sql.ts'

/** A login with a code that somebody tells of. */
export interface SoughtLogin {
  readonly caller: string
  /** Beginning of the names of hooks that the code can have come by: `okta`, `auth0`. */
  readonly hook: string
  /** Keyed digest of the account. */
  readonly userDigest: string
  /** When it happened, milliseconds since 1970. */
  readonly at: number
  /** How long before that the code can have been sent, in milliseconds. */
  readonly within: number
}

/** A delivery that a login may have been made by. */
export interface FoundDelivery {
  readonly delivery: string
  /** Whether its code is known to be used already: then the login was told of before, or is another one that had no code. */
  readonly isUsed: boolean
}

/** Deliveries by the account that they were for. */
export interface Logins {
  /**
   * The newest delivery to that account that may have arrived and was made in the time before the login, used or not: an
   * older one is not what the person had to type. `undefined` where there is none.
   */
  deliveryFor (login: SoughtLogin): Promise<FoundDelivery | undefined>
}

const newestFor = statement(
  `SELECT id, used_at FROM deliveries
   WHERE user_digest = :userDigest AND id >= :from AND created_at <= :at AND caller = :caller
     AND (hook = CAST(:hook AS TEXT) OR hook LIKE CAST(:hook AS TEXT) || '-%')
     AND status IN ('pending', 'unknown', 'accepted', 'undelivered', 'delivered')
   ORDER BY id DESC LIMIT 1`)

export const createLogins = (sql: Sql): Logins => ({
  async deliveryFor ({ caller, hook, userDigest, at, within }) {
    const [row] = await sql.read(newestFor({ caller, hook, userDigest, at, from: firstIdAt(Math.max(0, at - within)) }))
    return row && { delivery: row.id as string, isUsed: row.used_at !== null }
  }
})
