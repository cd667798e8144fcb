import t from 'tap'
import { examineStore } from '../../src/cli/doctor/machine.ts'
import type { StorePlace } from '../../src/store/open-store.ts'
import { placeOf, startPostgres, type PostgresServer } from '../support/postgres.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const at = (url: string): StorePlace => ({ engine: 'postgres', ...placeOf(url) })

// First of all: once every test that is known has ended, no more can be added.
const server = await startPostgres(t)

t.test('a PostgreSQL that is not running is told of', async (t) => {
  const { port, shut } = await startTcpProxy(t, 1)
  await shut()
  t.match(await examineStore(at(`postgres://gateway:secret@127.0.0.1:${port}/codes`)), { level: 'fail', about: 'STORE_URL', says: /cannot be reached \(ECONNREFUSED\)/ })
})

const addTests = (server: PostgresServer): void => {
  t.test('a PostgreSQL that answers is well, and nothing is changed there', async (t) => {
    const url = await server.database(t)
    t.match(await examineStore(at(url)), { level: 'ok', about: 'STORE_URL', says: 'PostgreSQL answers and lets us in.' })
    t.same(await server.run(url, 'SELECT tablename FROM pg_tables WHERE schemaname = \'public\''), [])
  })

  t.test('a wrong password is told of, and not repeated', async (t) => {
    const url = Object.assign(new URL(await server.database(t)), { password: 'open-sesame' }).href
    const finding = await examineStore(at(url))
    t.match(finding, { level: 'fail', says: /does not let us in/ })
    t.notMatch(JSON.stringify(finding), /sesame/)
  })
}

if ('absent' in server) t.pass(server.absent)
else addTests(server)
