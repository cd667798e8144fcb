// npm run chaos: replicas, their database and the vendors fail at random; nothing may be sent twice.
import { randomInt } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { nextFreePort } from '../../../src/free-port.ts'
import { startPostgres } from '../postgres.ts'
import { runChaos } from './run.ts'
import { verdictOf } from './verdict.ts'

const HELP = `npm run chaos -- [options]
  --seed=N       the same seed plays the same faults; any where it is left out
  --messages=N   how many messages are wished for, at least (2000)
  --minutes=N    for how long messages are wished for, at least (0)
  --replicas=N   how many gateways share the database (3)
  --rate=N       how many messages a second (40)
  --log=FILE     what the replicas write is kept there`

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    messages: { type: 'string', default: '2000' },
    minutes: { type: 'string', default: '0' },
    replicas: { type: 'string', default: '3' },
    rate: { type: 'string', default: '40' },
    log: { type: 'string' },
    help: { type: 'boolean', default: false }
  }
})

const say = (line: string): void => { process.stdout.write(`${line}\n`) }

const main = async (): Promise<number> => {
  if (values.help) {
    say(HELP)
    return 0
  }
  const seed = Number(values.seed ?? randomInt(2 ** 31))
  say(`seed ${seed}`)
  const ends: Array<() => unknown> = []
  const scope = { teardown: (end: () => unknown): void => { ends.push(end) } }
  const folder = mkdtempSync(join(tmpdir(), 'gateway-chaos-'))
  let port = 12_000
  try {
    const server = await startPostgres(scope)
    if ('absent' in server) {
      say(server.absent)
      return 1
    }
    const report = await runChaos({
      seed,
      messages: Number(values.messages),
      minutes: Number(values.minutes),
      replicas: Number(values.replicas),
      rate: Number(values.rate),
      databaseUrl: await server.database(scope),
      folder,
      freePort: async () => {
        port = await nextFreePort('127.0.0.1', port + 1)
        return port
      },
      say,
      keep: (line) => { if (values.log !== undefined) appendFileSync(values.log, `${line}\n`) }
    })
    say(JSON.stringify(report, null, 2))
    const problems = verdictOf(report)
    for (const problem of problems) say(`WRONG: ${problem}`)
    if (problems.length === 0) say('nothing was sent twice')
    return problems.length === 0 ? 0 : 1
  } finally {
    for (const end of ends.reverse()) await end()
    rmSync(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main()
