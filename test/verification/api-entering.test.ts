import t from 'tap'
import { openSqliteApi } from './api-stand.ts'
import { ENTERING } from './api-suite.ts'

for (const [name, addTests] of Object.entries(ENTERING)) t.test(name, async (t) => { addTests(t, openSqliteApi) })
