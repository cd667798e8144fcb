import t from 'tap'
import { openPostgresStore, startPostgres } from '../support/postgres.ts'
import * as suite from './surroundings-suite.ts'

const server = await startPostgres(t)
if ('absent' in server) t.pass(server.absent)
else {
  for (const [name, addTests] of Object.entries(suite)) {
    t.test(`PostgreSQL, ${name}`, async (t) => { addTests(t, openPostgresStore(server)) })
  }
}
