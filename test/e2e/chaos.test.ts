import { randomInt } from 'node:crypto'
import t from 'tap'
import { runChaos } from '../support/chaos/run.ts'
import { verdictOf } from '../support/chaos/verdict.ts'
import { temporaryFolder } from '../support/folder.ts'
import { testPort } from '../support/gateway.ts'
import { startPostgres } from '../support/postgres.ts'

const MESSAGES = 2000

const server = await startPostgres(t)
const skip = 'absent' in server ? server.absent : false

t.test('replicas die, databases hang and vendors fail, and nobody gets a message twice', { skip, timeout: 170_000 }, async (t) => {
  if ('absent' in server) return
  const seed = Number(process.env.CHAOS_SEED ?? randomInt(2 ** 31))
  t.comment(`CHAOS_SEED=${seed}, or npm run chaos -- --seed=${seed}`)
  const report = await runChaos({
    seed,
    messages: MESSAGES,
    minutes: 0,
    replicas: 3,
    rate: 50,
    databaseUrl: await server.database(t),
    folder: temporaryFolder(t),
    freePort: testPort,
    say: (line) => { t.comment(line) },
    keep: () => {}
  })
  const { doubles, missing, mixed, leaks, open, ...sums } = report
  t.comment(JSON.stringify(sums))
  t.same(verdictOf(report), [])
  t.equal(report.messages, MESSAGES)
  t.ok(report.faults.sessionsCut > 0, 'the database was cut off')
  t.ok((report.faults.played.kill ?? 0) > 0, 'and replicas were killed')
})
