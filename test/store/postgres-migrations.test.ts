import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { COMPATIBLE_FROM, MIGRATIONS } from '../../src/store/migrations.ts'
import { migratePostgres, type Schema } from '../../src/store/postgres-migrations.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { placeOf, startPostgres, TLS, type PostgresServer } from '../support/postgres.ts'
import { openWorldOn } from '../support/store.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const NOW: Schema = { steps: MIGRATIONS, compatibleFrom: COMPATIBLE_FROM }

/** A later version, which adds what its predecessor can do without. */
const NEXT: Schema = { steps: [...MIGRATIONS, 'ALTER TABLE deliveries ADD COLUMN later TEXT', 'CREATE TABLE later (id TEXT PRIMARY KEY)'], compatibleFrom: MIGRATIONS.length }

/** One that its predecessors cannot work beside. */
const BREAKING: Schema = { steps: [...NEXT.steps, 'ALTER TABLE due RENAME TO work'], compatibleFrom: MIGRATIONS.length + 3 }

const VERSION = 'SELECT version, compatible_from FROM schema_version'

/** Parts of a URL, changed. */
const changed = (url: string, parts: Partial<Record<'port' | 'password' | 'username' | 'pathname' | 'hostname', string>>): string => Object.assign(new URL(url), parts).href

const addTests = (server: PostgresServer): void => {
  t.test('of many processes that start together on an empty database each finds the schema in order', async (t) => {
    const url = await server.database(t)
    await Promise.all(Array.from({ length: 8 }, () => migratePostgres(placeOf(url))))
    t.same(await server.run(url, VERSION), [{ version: String(MIGRATIONS.length), compatible_from: String(COMPATIBLE_FROM) }])
    await t.resolves(migratePostgres(placeOf(url)), 'and again')
  })

  t.test('old and new processes that start together come to the newest schema, and the old ones work on it', async (t) => {
    const url = await server.database(t)
    await migratePostgres(placeOf(url))
    await Promise.all([NOW, NEXT, NOW, NEXT, NOW, NEXT].map((schema) => migratePostgres(placeOf(url), schema)))
    t.same(await server.run(url, VERSION), [{ version: String(NEXT.steps.length), compatible_from: String(NEXT.compatibleFrom) }])
    const world = await openWorldOn(t, await openPostgres(placeOf(url)))
    const { delivery, attempt } = await world.begun()
    await world.attempts.finish(world.resultOf(attempt))
    t.match(await world.deliveries.find(delivery), { status: 'accepted' })
  })

  t.test('a process of the old version goes on while the new one changes the schema', async (t) => {
    const url = await server.database(t)
    const world = await openWorldOn(t, await openPostgres(placeOf(url)))
    const statuses: unknown[] = []
    let isMigrated = false
    const work = async (untilMigrated: boolean): Promise<void> => {
      const { delivery, attempt } = await world.begun()
      await world.attempts.finish(world.resultOf(attempt))
      await world.attempts.apply(world.newsOf(attempt))
      statuses.push((await world.deliveries.find(delivery))?.status)
      if (untilMigrated && !isMigrated) await work(true)
    }
    await work(false)
    const working = Promise.all([work(true), work(true), work(true)])
    await migratePostgres(placeOf(url), NEXT)
    isMigrated = true
    await working
    await work(false)
    t.ok(statuses.every((status) => status === 'delivered'))
  })

  t.test('a store of a newer version that cannot be worked beside is refused', async (t) => {
    const url = await server.database(t)
    await migratePostgres(placeOf(url), BREAKING)
    await t.rejects(openPostgres(placeOf(url)), { name: 'StoreRefused', message: /written by a newer version/ })
    t.same(await server.run(url, VERSION), [{ version: String(BREAKING.steps.length), compatible_from: String(BREAKING.compatibleFrom) }])
  })

  t.test('a step that fails leaves nothing behind, and is told of', async (t) => {
    const url = await server.database(t)
    const broken: Schema = { steps: [...MIGRATIONS, 'CREATE TABLE half (id TEXT); CREATE TABLE claims (id TEXT)'], compatibleFrom: 1 }
    await t.rejects(migratePostgres(placeOf(url), broken), { name: 'StoreRefused', message: /cannot hold our tables/, cause: { code: '42P07' } })
    t.same(await server.run(url, VERSION), [{ version: String(MIGRATIONS.length), compatible_from: '1' }])
    t.same(await server.run(url, 'SELECT to_regclass(\'half\') AS half'), [{ half: null }])
  })

  t.test('tables that others hold are waited for, a short while at a time; in the end it is told', async (t) => {
    const url = await server.database(t)
    await migratePostgres(placeOf(url))
    const hold = async (): Promise<unknown> => await server.run(url, 'BEGIN; LOCK TABLE deliveries IN SHARE MODE; SELECT pg_sleep(2.5); COMMIT')
    const isHeld = async (): Promise<void> => {
      const [{ held }] = await server.run(url, 'SELECT COUNT(*) AS held FROM pg_stat_activity WHERE datname = current_database() AND wait_event = \'PgSleep\'') as [{ held: string }]
      if (held === '0') await isHeld()
    }
    const holding = hold()
    await isHeld()
    await t.rejects(migratePostgres(placeOf(url), NEXT, 1), { name: 'StoreRefused', message: /others hold its tables/ })
    await t.resolves(migratePostgres(placeOf(url), NEXT, 10, 10))
    await holding
  })

  t.test('a database that is not there yet is waited for', async (t) => {
    const url = await server.database(t)
    const proxy = await startTcpProxy(t, Number(new URL(url).port))
    const place = placeOf(changed(url, { port: String(proxy.port) }))
    await proxy.shut()
    await t.rejects(migratePostgres(place, NOW, 2, 1), { name: 'StoreRefused', message: /cannot be reached \(ECONNREFUSED\)/ })
    const migrating = migratePostgres(place, NOW, 1000, 5)
    await proxy.open()
    await t.resolves(migrating)
  })

  t.test('one that ends every connection is told of', async (t) => {
    const { createServer } = await import('node:net')
    const closing = createServer((socket) => { socket.destroy() }).listen(0, '127.0.0.1')
    t.teardown(() => { closing.close() })
    await new Promise((resolve) => closing.once('listening', resolve))
    const { port } = closing.address() as { port: number }
    await t.rejects(migratePostgres(placeOf(`postgres://gateway:secret@127.0.0.1:${port}/gateway`), NOW, 2, 1), { name: 'StoreRefused', message: /cannot be reached/ })
  })

  const refusals: ReadonlyArray<readonly [what: string, change: Parameters<typeof changed>[1], says: RegExp]> = [
    ['a wrong password', { password: 'wrong' }, /does not let us in/],
    ['a missing password', { password: '' }, /wants a password/],
    ['a user that there is not', { username: 'nobody' }, /does not let us in/],
    ['a database that there is not', { pathname: '/nothing' }, /has no such database/]
  ]
  for (const [what, change, says] of refusals) {
    t.test(`${what} is told of at once, without a word of what was tried`, async (t) => {
      const url = changed(await server.database(t), change)
      const error = await openPostgres(placeOf(url)).then(() => undefined, (error: unknown) => error as Error)
      t.match(error, { name: 'StoreRefused', message: says })
      t.notMatch(String(error), /wrong|nobody|nothing|postgres:/)
    })
  }

  t.test('a user who may not make tables is told of', async (t) => {
    const url = await server.database(t)
    const user = `guest_${new URL(url).pathname.slice(9)}`
    await server.run(url, `CREATE USER ${user} PASSWORD 'guest'; REVOKE ALL ON SCHEMA public FROM PUBLIC`)
    t.teardown(() => server.run(url, `DROP USER ${user}`))
    await t.rejects(openPostgres(placeOf(changed(url, { username: user, password: 'guest' }))), { name: 'StoreRefused', message: /does not let us make tables|cannot hold our tables/ })
  })
}

/** What is shown only by a server whose certificate is ours. */
const addTlsTests = (server: PostgresServer): void => {
  const ca = readFileSync(join(TLS, 'ca.pem'), 'utf8')
  const isEncrypted = 'SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = current_database() AND application_name = \'phone-code-gateway\''
  const opened = async (t: Test, url: string, options: Parameters<typeof placeOf>[1]): Promise<unknown> => {
    const sql = await openPostgres(placeOf(url, options))
    t.teardown(() => sql.close())
    await sql.check()
    return await server.run(url, isEncrypted)
  }

  t.test('the way is encrypted, and the server shows who it is', async (t) => {
    const url = changed(await server.database(t), { hostname: 'localhost' })
    t.same(await opened(t, url, { tls: 'verify', ca }), [{ ssl: true }])
  })

  t.test('a certificate that nobody vouches for, or for another name, is refused', async (t) => {
    const url = await server.database(t)
    await t.rejects(openPostgres(placeOf(changed(url, { hostname: 'localhost' }), { tls: 'verify' })), { name: 'StoreRefused', message: /set STORE_CA_FILE/ })
    await t.rejects(openPostgres(placeOf(url, { tls: 'verify', ca })), { name: 'StoreRefused', message: /name the server in STORE_URL/ })
  })

  t.test('where only encryption is asked for, whoever answers is believed', async (t) => {
    t.same(await opened(t, await server.database(t), { tls: 'encrypt' }), [{ ssl: true }])
  })

  t.test('a server that offers no encryption is told of at once', async (t) => {
    const { createServer } = await import('node:net')
    const plain = createServer((socket) => { socket.once('data', () => socket.write('N')); socket.on('error', () => {}) }).listen(0, '127.0.0.1')
    t.teardown(() => { plain.close() })
    await new Promise((resolve) => plain.once('listening', resolve))
    const { port } = plain.address() as { port: number }
    await t.rejects(openPostgres(placeOf(`postgres://gateway:secret@127.0.0.1:${port}/gateway`, { tls: 'verify' })), { name: 'StoreRefused', message: /offers no encryption/ })
  })
}

const server = await startPostgres(t)
if ('absent' in server) t.pass(server.absent)
else {
  addTests(server)
  if (server.isOurs) addTlsTests(server)
}
