// npm run measure: what one gateway and its store need for a message, on both engines. Nothing fails, and vendors answer at once.
import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import Database from 'libsql'
import { Agent, request } from 'undici'
import { nextFreePort } from '../../src/free-port.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { messageOf, ROUTES } from './chaos/messages.ts'
import { createReplica } from './chaos/replica.ts'
import { startPostgres, type PostgresServer, type Scope } from './postgres.ts'

const { values } = parseArgs({ options: { messages: { type: 'string', default: '5000' }, clients: { type: 'string', default: '32' } } })
const [MESSAGES, CLIENTS] = [Number(values.messages), Number(values.clients)]

const SECRET = 'the-secret-of-the-callers-that-measure'
const MANY = '1000000/1h'

/** What an engine tells of itself; bytes, and units of work. */
interface Size {
  readonly stored: number
  readonly written: number | undefined
  readonly units: number | undefined
}

interface Engine {
  readonly name: string
  readonly url: string | undefined
  readonly size: (folder: string) => Promise<Size>
}

const sqlite: Engine = {
  name: 'SQLite',
  url: undefined,
  size: async (folder) => {
    const database = new Database(join(folder, 'data', 'gateway.db'))
    const [row] = database.prepare('SELECT page_count * page_size AS stored FROM pragma_page_count(), pragma_page_size()').all() as Array<{ stored: number }>
    database.close()
    return { stored: Number(row?.stored), written: undefined, units: undefined }
  }
}

const postgres = (server: PostgresServer, url: string): Engine => ({
  name: 'PostgreSQL',
  url,
  async size () {
    await server.run(url, 'CHECKPOINT')
    const [row] = await server.run(url, `SELECT (SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace) AS stored,
      pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS written, (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS units`)
    return { stored: Number(row.stored), written: Number(row.written), units: Number(row.units) }
  }
})

/** Milliseconds of processor time that a process has used, where the system tells. */
const processorTimeOf = (pid: number | undefined): number => {
  try {
    const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')
    const [user, system] = after.split(' ').slice(11, 13)
    return (Number(user) + Number(system)) * 10
  } catch {
    return NaN
  }
}

const measure = async ({ name, url, size }: Engine): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-measure-'))
  const eventGridSecret = 'the-secret-of-event-grid-that-measures'
  const sandbox = await startSandbox({ eventGridSecret, pace: 0.1 })
  const port = await nextFreePort('127.0.0.1', 12_500)
  const replica = createReplica({
    name: 'the gateway',
    port,
    folder,
    settings: {
      ...sandbox.settingsFor(port),
      ...ROUTES,
      SECRET_HEADER: SECRET,
      ADMIN_SECRET: 'the-secret-of-the-admin-who-measures',
      GATEWAY_KEYS: randomBytes(32).toString('base64'),
      EVENT_GRID_SECRET: eventGridSecret,
      SANDBOX: 'off',
      LOG_LEVEL: 'warn',
      SMS_ROUTE_GB: 'acs-sms',
      SMS_ROUTE_ES: 'acs-sms',
      BUDGET_NUMBER: MANY,
      BUDGET_PREFIX: MANY,
      ...(url === undefined ? {} : { STORE_URL: url })
    },
    skew: 0,
    read: () => {}
  })
  const agent = new Agent()
  const send = async (index: number): Promise<void> => {
    const { number, code } = messageOf(1, index)
    const { body } = await request(`http://127.0.0.1:${port}/send-text-code`, {
      dispatcher: agent, method: 'POST', headers: { authorization: SECRET, 'content-type': 'application/json' }, body: JSON.stringify({ phoneNumber: number, code })
    })
    const told = await body.json() as { status: string }
    if (told.status !== 'accepted') throw new Error(`message ${index} was ${JSON.stringify(told)}`)
  }
  const sendAll = async (from: number, to: number): Promise<void> => {
    let next = from
    await Promise.all(Array.from({ length: CLIENTS }, async () => { while (next < to) await send(next++) }))
  }
  try {
    await replica.start()
    await sandbox.subscribe(`http://127.0.0.1:${port}/events`)
    // What is loaded once, and made once, is no message's.
    await sendAll(0, 500)
    await sandbox.settled()
    const [before, timeBefore, began] = [await size(folder), processorTimeOf(replica.pid), performance.now()]
    await sendAll(500, 500 + MESSAGES)
    const seconds = (performance.now() - began) / 1000
    await sandbox.settled()
    const time = processorTimeOf(replica.pid) - timeBefore
    await replica.terminate()
    const after = await size(folder)
    const each = (one: number | undefined, other: number | undefined): string => one === undefined || other === undefined ? '-' : ((other - one) / MESSAGES).toFixed(0)
    process.stdout.write(`${name}: ${(time / MESSAGES).toFixed(2)} ms of processor time, ${each(before.stored, after.stored)} bytes kept, ${each(before.written, after.written)} bytes of log, ` +
      `${each(before.units, after.units)} transactions for each message with its reports; ${(MESSAGES / seconds).toFixed(0)} messages a second, with vendors and callers on the same machine\n`)
  } finally {
    await replica.kill()
    await agent.destroy()
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const ends: Array<() => unknown> = []
const scope: Scope = { teardown: (end) => { ends.push(end as () => unknown) } }
try {
  await measure(sqlite)
  const server = await startPostgres(scope)
  if ('absent' in server) process.stdout.write(`${server.absent}\n`)
  else await measure(postgres(server, await server.database(scope)))
} finally {
  for (const end of ends.reverse()) await end()
}
