import t from 'tap'
import { openSqliteApi } from './api-stand.ts'
import { ASKING } from './api-suite.ts'

for (const [name, addTests] of Object.entries(ASKING)) t.test(name, async (t) => { addTests(t, openSqliteApi) })
