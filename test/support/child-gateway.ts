import { join } from 'node:path'
import { createGateway } from '../../src/app.ts'
import { readConfig } from '../../src/config/config.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Sql } from '../../src/store/sql.ts'

/**
 * A gateway in a process of its own, to be killed. `TEST_FOLDER` and `TEST_PORT` say where; it stands still, for ever, at
 * the first write whose SQL holds the text of `TEST_STALL_AT`. It prints `ready` when it listens and `stalled` when it
 * stands still.
 */
const folder = process.env.TEST_FOLDER as string
const stallAt = process.env.TEST_STALL_AT

const stalling = (sql: Sql): Sql => ({
  read: (step) => sql.read(step),
  async write (steps) {
    if (stallAt !== undefined && steps.some(({ text }) => text.includes(stallAt))) {
      process.stdout.write('stalled\n')
      await new Promise(() => {})
    }
    return await sql.write(steps)
  },
  check: () => sql.check(),
  close: () => sql.close()
})

const { app } = await createGateway({
  config: readConfig(process.env, folder),
  sql: stalling(openSqlite({ file: join(folder, 'gateway.db'), now: Date.now })),
  now: Date.now,
  logDestination: { write: () => {} }
})
await app.listen({ host: '127.0.0.1', port: Number(process.env.TEST_PORT) })
process.stdout.write('ready\n')
