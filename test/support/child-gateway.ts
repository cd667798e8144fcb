import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { createGateway } from '../../src/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Sql } from '../../src/store/sql.ts'
import { placeOf } from './postgres.ts'

/**
 * A gateway in a process of its own, to be killed. `TEST_FOLDER` and `TEST_PORT` say where, and `TEST_DATABASE` has the URL of
 * its PostgreSQL, if it is to have one; it stands still, for ever, at
 * each write whose SQL holds the text of `TEST_STALL_AT`, from the one of that number in `TEST_STALL_NUMBER` on. It prints
 * `ready` when it listens and `stalled` when it stands still. For each number that it reads its clock goes that
 * many milliseconds forward, and what has fallen due is done.
 */
const folder = process.env.TEST_FOLDER as string
const database = process.env.TEST_DATABASE
const stallAt = process.env.TEST_STALL_AT
let writesUntilStall = Number(process.env.TEST_STALL_NUMBER ?? 1)
let ahead = 0
const now = (): number => Date.now() + ahead

const stalling = (sql: Sql): Sql => ({
  read: (step) => sql.read(step),
  async write (steps) {
    if (stallAt !== undefined && steps.some(({ text }) => text.includes(stallAt)) && --writesUntilStall <= 0) {
      process.stdout.write('stalled\n')
      await new Promise(() => {})
    }
    return await sql.write(steps)
  },
  follow: (topic, wake) => sql.follow(topic, wake),
  check: () => sql.check(),
  close: () => sql.close()
})

const { app, housekeeping } = await createGateway({
  config: readConfig(process.env, folder),
  sql: stalling(database === undefined ? openSqlite({ file: join(folder, 'gateway.db'), now }) : await openPostgres({ ...placeOf(database), now })),
  now,
  logDestination: { write: () => {} }
})
await app.listen({ host: '127.0.0.1', port: Number(process.env.TEST_PORT) })
createInterface({ input: process.stdin }).on('line', (line) => {
  ahead += Number(line)
  housekeeping.runDue().catch(() => {})
})
process.stdout.write('ready\n')
