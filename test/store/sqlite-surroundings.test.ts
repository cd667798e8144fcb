import t from 'tap'
import { openSqliteStore } from '../support/store.ts'
import * as suite from './surroundings-suite.ts'

for (const [name, addTests] of Object.entries(suite)) {
  t.test(`SQLite, ${name}`, async (t) => { addTests(t, openSqliteStore) })
}
