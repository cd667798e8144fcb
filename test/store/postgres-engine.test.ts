import t, { type Test } from 'tap'
import { openPostgres, type PostgresOptions } from '../../src/store/postgres.ts'
import { statement, StoreUnavailable, type Sql } from '../../src/store/sql.ts'
import { placeOf, startPostgres, type PostgresServer } from '../support/postgres.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const insert = statement('INSERT INTO due (id, kind, due_at, lease_until) VALUES (:id, \'retry\', :now, 0) RETURNING id')
const ids = statement('SELECT id FROM due ORDER BY id')
const moment = statement('SELECT CAST(:now AS BIGINT) AS moment')
const setting = statement('SELECT current_setting(:name) AS value')
const sleep = statement('SELECT pg_sleep(0.02)')

interface Stand {
  readonly url: string
  readonly sql: Sql
  readonly proxy: TcpProxy
}

const withPort = (url: string, port: number): string => Object.assign(new URL(url), { port: String(port) }).href

/** A store on a database of its own, reached through a proxy. */
const open = async (t: Test, server: PostgresServer, options: Partial<PostgresOptions> = {}): Promise<Stand> => {
  const url = await server.database(t)
  const proxy = await startTcpProxy(t, Number(new URL(url).port))
  const sql = await openPostgres({ ...placeOf(withPort(url, proxy.port)), ...options })
  t.teardown(() => sql.close())
  return { url, sql, proxy }
}

const KILL = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()'

const addTests = (server: PostgresServer): void => {
  t.test('the clock is the database\'s, and stands still for all steps of a unit', async (t) => {
    const { sql, url } = await open(t, server)
    const ask = async (): Promise<number> => Number((await server.run(url, 'SELECT EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS now'))[0].now)
    const before = await ask()
    const [[first], , [second]] = await sql.write([moment(), sleep(), moment()]) as [[{ moment: number }], unknown, [{ moment: number }]]
    t.ok(first.moment >= Math.floor(before) && first.moment <= await ask())
    t.equal(first.moment, second.moment)
    const [later] = await sql.read(moment()) as [{ moment: number }]
    t.ok(later.moment >= first.moment + 20)
  })

  t.test('a unit goes out as a whole, before any of it is answered', async (t) => {
    const { proxy, sql } = await open(t, server)
    await sql.check()
    proxy.hold()
    const written = sql.write([insert({ id: 'a' }), insert({ id: 'b' }), ids()])
    await proxy.said('COMMIT')
    proxy.resume()
    t.same((await written)[2], [{ id: 'a' }, { id: 'b' }])
  })

  t.test('what is committed is on disk, whatever the database is set to', async (t) => {
    const url = await server.database(t)
    const name = new URL(url).pathname.slice(1)
    for (const [set, holds] of [['off', 'on'], ['local', 'local'], ['remote_apply', 'remote_apply']]) {
      await server.run(url, `ALTER DATABASE ${name} SET synchronous_commit = ${set}`)
      const sql = await openPostgres(placeOf(url))
      t.same(await sql.read(setting({ name: 'synchronous_commit' })), [{ value: holds }])
      await sql.close()
    }
  })

  t.test('the server gives up by itself what nobody waits for any more', async (t) => {
    const { sql } = await open(t, server)
    t.same(await sql.read(setting({ name: 'statement_timeout' })), [{ value: '4s' }])
    t.same(await sql.read(setting({ name: 'lock_timeout' })), [{ value: '3s' }])
    t.same(await sql.read(setting({ name: 'idle_in_transaction_session_timeout' })), [{ value: '4s' }])
    t.same(await sql.read(setting({ name: 'tcp_keepalives_idle' })), [{ value: '10' }])
  })

  t.test('connections that are killed while nobody uses them are replaced', async (t) => {
    const { sql, url } = await open(t, server)
    await Promise.all([sql.check(), sql.check(), sql.check()])
    await server.run(url, KILL)
    const failed: string[] = []
    for (const id of ['a', 'b', 'c', 'd']) await sql.write([insert({ id }), moment()]).catch(() => failed.push(id))
    t.ok(failed.length <= 3, 'no dead connection is met twice')
    t.same((await sql.read(ids())).map(({ id }) => id), ['a', 'b', 'c', 'd'].filter((id) => !failed.includes(id)))
  })

  t.test('a unit whose connection is killed says that it may not have happened, and nothing of it is left half done', async (t) => {
    const { proxy, sql, url } = await open(t, server)
    await sql.check()
    proxy.hold()
    const written = sql.write([insert({ id: 'a' }), sleep(), insert({ id: 'b' })])
    const rejected = t.rejects(written, StoreUnavailable)
    await proxy.said('COMMIT')
    await server.run(url, KILL)
    proxy.resume()
    await rejected
    t.ok([0, 2].includes((await sql.read(ids())).length))
  })

  t.test('one whose answer is lost says that it may not have happened', async (t) => {
    const { proxy, sql } = await open(t, server)
    await sql.check()
    proxy.hold()
    const written = sql.write([insert({ id: 'a' }), insert({ id: 'b' })])
    const rejected = t.rejects(written, StoreUnavailable)
    await proxy.said('COMMIT')
    proxy.cut()
    await rejected
    proxy.resume()
    t.ok([0, 2].includes((await sql.read(ids())).length))
  })

  t.test('a database that says nothing holds nobody up for ever', async (t) => {
    const { proxy, sql } = await open(t, server, { unitWithin: 100 })
    await sql.check()
    proxy.hold()
    await t.rejects(sql.read(ids()), StoreUnavailable)
    await t.rejects(sql.write([insert({ id: 'a' })]), StoreUnavailable)
    proxy.resume()
    t.resolves(sql.check())
  })

  t.test('a database that is away is told of at once, and used again when it is back', async (t) => {
    const { proxy, sql } = await open(t, server)
    await sql.write([insert({ id: 'a' })])
    await proxy.shut()
    await t.rejects(sql.check(), StoreUnavailable)
    await t.rejects(sql.write([insert({ id: 'b' })]), StoreUnavailable)
    await t.rejects(sql.read(ids()), StoreUnavailable)
    await proxy.open()
    await sql.write([insert({ id: 'c' })])
    t.same(await sql.read(ids()), [{ id: 'a' }, { id: 'c' }])
  })

  t.test('more units than connections wait for their turn, and all are done', async (t) => {
    const { sql, url } = await open(t, server, { poolSize: 2 })
    const names = Array.from({ length: 200 }, (_, index) => String(index).padStart(3, '0'))
    await Promise.all(names.map((id) => sql.write([insert({ id }), moment()])))
    t.same((await sql.read(ids())).map(({ id }) => id), names)
    const [{ count }] = await server.run(url, 'SELECT COUNT(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name = \'phone-code-gateway\'') as [{ count: string }]
    t.equal(count, '2')
  })

  t.test('a unit that waits for a row gives up after a while, and the connection is used again', async (t) => {
    const { sql, url } = await open(t, server, { poolSize: 1 })
    await sql.write([insert({ id: 'a' })])
    const holder = server.run(url, 'BEGIN; UPDATE due SET lease_until = 1; SELECT pg_sleep(3.5); COMMIT')
    const change = statement('UPDATE due SET lease_until = 2 WHERE id = :id')
    const waiting = async (): Promise<void> => {
      const [{ held }] = await server.run(url, 'SELECT COUNT(*) AS held FROM pg_stat_activity WHERE datname = current_database() AND wait_event = \'PgSleep\'') as [{ held: string }]
      if (held === '0') await waiting()
    }
    await waiting()
    await t.rejects(sql.write([insert({ id: 'b' }), change({ id: 'a' })]), { name: 'StoreUnavailable', cause: { code: '55P03' } })
    t.same(await sql.read(ids()), [{ id: 'a' }])
    await holder
  })

  t.test('no error shows the password, however it is printed', async (t) => {
    const { proxy, sql } = await open(t, server)
    await proxy.shut()
    const error = await sql.check().then(() => undefined, (error: unknown) => error)
    const { inspect } = await import('node:util')
    for (const text of [String(error), JSON.stringify(error), inspect(error, { depth: 10, showHidden: true })]) t.notMatch(text, /:postgres@|password: '/)
  })
}

const server = await startPostgres(t)
if ('absent' in server) t.pass(server.absent)
else addTests(server)
