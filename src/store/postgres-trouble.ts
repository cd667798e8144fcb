import pg from 'pg'
import { clientConfig, type PostgresPlace } from './postgres-connection.ts'

/**
 * What will not pass by waiting, by the beginning of the error's code or by its words, and what is said of it.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const LASTING: ReadonlyArray<readonly [sign: RegExp, says: string]> = [
  [/client password must be a string|empty password/, 'PostgreSQL wants a password, and STORE_URL has none.'],
  [/^28/, 'PostgreSQL does not let us in: see the user and the password in STORE_URL.'],
  [/^3D000/, 'PostgreSQL has no such database: create the one that STORE_URL names.'],
  [/^(42501|3F000)/, 'PostgreSQL does not let us make tables: give the user of STORE_URL the right to create in its schema.'],
  [/CERT|SELF_SIGNED|ISSUER|ALTNAME|SIGNATURE/, 'The certificate of PostgreSQL is not trusted: set STORE_CA_FILE to that of who signed it, and name the server in STORE_URL as the certificate does.'],
  [/does not support SSL/, 'PostgreSQL offers no encryption there: turn it on, or set STORE_TLS=off where the way to it is safe.'],
  [/^(0A|22|23|42|XX)/, 'PostgreSQL cannot hold our tables: see that the database is meant for the gateway, and that its version is supported.']
]

/** Why a PostgreSQL cannot be used, in words for the operator that hold nothing of what was tried. */
export interface Trouble {
  readonly says: string
  /** Whether it may be otherwise a moment later, without anybody's doing. */
  readonly mayPass: boolean
}

/** What is to be said of an error of a connection, or of a change of the schema. */
export const troubleOf = (error: unknown): Trouble => {
  const { code = '', message } = error as NodeJS.ErrnoException
  const lasting = LASTING.find(([sign]) => sign.test(code) || sign.test(message))?.[1]
  if (lasting !== undefined) return { says: lasting, mayPass: false }
  const says = code === '55P03'
    ? 'The schema could not be changed, because others hold its tables all the time: end long transactions, or try at a quieter time.'
    : `PostgreSQL cannot be reached (${code === '' ? 'no answer' : code}): see STORE_URL, and whether it is running.`
  return { says, mayPass: true }
}

/** Why that PostgreSQL cannot be used right now; `undefined` where it can. Changes nothing there. */
export const probePostgres = async (place: PostgresPlace): Promise<Trouble | undefined> => {
  const client = new pg.Client({ ...clientConfig(place), pipeline: false, query_timeout: PROBE_WITHIN })
  client.on('error', () => {})
  const trouble = await client.connect().then(() => client.query('SELECT 1')).then(() => undefined, troubleOf)
  await client.end()
  return trouble
}

/** Milliseconds for the answer to a question. */
const PROBE_WITHIN = 3000
