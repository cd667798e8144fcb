import t from 'tap'
import { openPostgres } from '../../src/store/postgres.ts'
import { startTestGateway, testPort } from '../support/gateway.ts'
import { placeOf, startPostgres, type PostgresServer } from '../support/postgres.ts'
import { startChild } from './child-stand.ts'
import { addKillTests, askerOf, type StartStand } from './verification-kill-suite.ts'

/** The one that goes on is at work before the other one is dead. */
const onPostgres = (server: PostgresServer): StartStand => async (t, options) => {
  const database = await server.database(t)
  const child = await startChild(t, { ...options, database })
  return {
    child,
    ask: askerOf(child),
    async goOn (clock) {
      const port = await testPort()
      const other = await startTestGateway(t, { after: { ...child.left, port }, sql: await openPostgres({ ...placeOf(database), now: clock }), subscribe: false, clock })
      await other.gateway.housekeeping.runDue()
      await child.kill()
      return other
    }
  }
}

const server = await startPostgres(t)
if ('absent' in server) t.test('PostgreSQL', { skip: server.absent }, async () => {})
else addKillTests(t, onPostgres(server))
