import pg from 'pg'
import type { SensitiveText } from '../domain/sensitive.ts'

/** How a PostgreSQL is reached. */
export interface PostgresPlace {
  /** With the password. */
  readonly url: SensitiveText
  /** The most connections at a time. */
  readonly poolSize: number
  readonly tls: 'verify' | 'encrypt' | 'off'
  /** Certificates in PEM form that the server's is checked against; absent: those that every machine knows. */
  readonly ca: string | undefined
}

/** Milliseconds for a connection to be there, new or free. */
const CONNECT_WITHIN = 3000

/** Milliseconds after which the server gives up a statement, or the wait for a row that somebody holds. */
const STATEMENT_WITHIN = 4000
const LOCK_WITHIN = 3000

/** Milliseconds after which a connection that nobody needs is closed. */
const IDLE_FOR = 60_000

/**
 * What every session is told, each by itself. What is committed must be on disk, or a message might go out twice after a
 * crash. A client that has vanished must not hold its rows for hours.
 */
const SESSION = [
  'SELECT set_config(\'synchronous_commit\', \'on\', false) WHERE current_setting(\'synchronous_commit\') = \'off\'',
  `SET statement_timeout = ${STATEMENT_WITHIN}; SET lock_timeout = ${LOCK_WITHIN}; SET idle_in_transaction_session_timeout = ${STATEMENT_WITHIN}`,
  'SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3'
]

/** Whole numbers come as text, since there are some that JavaScript cannot hold; moments and counts are none of them. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (oid: number) => oid === pg.types.builtins.INT8 || oid === pg.types.builtins.INT4 || oid === pg.types.builtins.NUMERIC ? Number : String
}

/** What `pg` takes to connect. Statements are sent without waiting for the answer to the one before. */
export const clientConfig = ({ url, tls, ca }: PostgresPlace): pg.ClientConfig => ({
  connectionString: url.reveal(),
  ssl: tls === 'off' ? false : { rejectUnauthorized: tls === 'verify', ...(ca === undefined ? {} : { ca }) },
  application_name: 'phone-code-gateway',
  connectionTimeoutMillis: CONNECT_WITHIN,
  keepAlive: true,
  types: TYPES,
  pipeline: true
})

/** A pool of connections, none of which is made yet. */
export const createPool = (place: PostgresPlace): pg.Pool => {
  const pool = new pg.Pool({
    ...clientConfig(place),
    max: place.poolSize,
    idleTimeoutMillis: IDLE_FOR,
    onConnect: (client) => {
      // Where a connection breaks in use, what was under way is told of it; the event itself would end the process.
      client.on('error', () => {})
      // It goes ahead of what the connection is wanted for; where the server refuses a part, it is used all the same.
      for (const text of SESSION) client.query(text).catch(() => {})
    }
  })
  // A connection that dies while nobody uses it is replaced by the next one.
  pool.on('error', () => {})
  return pool
}
