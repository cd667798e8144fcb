import t from 'tap'
import { startPostgres } from '../support/postgres.ts'
import { openPostgresApi } from './api-stand.ts'
import { ASKING } from './api-suite.ts'

const server = await startPostgres(t)
if ('absent' in server) t.pass(server.absent)
else {
  for (const [name, addTests] of Object.entries(ASKING)) t.test(`PostgreSQL, ${name}`, async (t) => { addTests(t, openPostgresApi(server)) })
}
