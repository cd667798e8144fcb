import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes, randomInt } from 'node:crypto'
import type { Test } from 'tap'
import { createGateway, type Gateway } from '../../src/app.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { nextFreePort } from '../../src/free-port.ts'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import type { Sql } from '../../src/store/sql.ts'

export const SECRET = 'a-secret-for-tests-only'
export const ADMIN = 'an-admin-secret-for-tests'
export const EVENT_GRID_SECRET = 'an-event-grid-secret'
export const KEY = randomBytes(32).toString('base64')

/** A clock that stands still until it is moved. */
export interface Clock {
  (): number
  advance: (milliseconds: number) => void
}

export const createClock = (): Clock => {
  let now = Date.now()
  return Object.assign(() => now, { advance: (milliseconds: number) => { now += milliseconds } })
}

export interface TestGatewayOptions {
  readonly settings?: Environment
  /** Whether Twilio is configured beside Azure, or alone; Azure alone where absent. */
  readonly twilio?: 'too' | 'alone'
  readonly sandbox?: Partial<SandboxOptions>
  readonly wrapSql?: (sql: Sql) => Sql
  /** The store, where it is not a file of its own. */
  readonly sql?: Sql
  /** Whether Event Grid is subscribed; yes where absent. */
  readonly subscribe?: boolean
  readonly clock?: Clock
  /** What a gateway before this one has left: its folder, its settings and its sandbox. */
  readonly after?: { readonly folder: string, readonly environment: Environment, readonly sandbox: Sandbox, readonly port: number }
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly body: any
}

export interface TestGateway {
  readonly gateway: Gateway
  readonly sandbox: Sandbox
  readonly url: string
  readonly clock: Clock
  readonly folder: string
  /** Every log line. */
  readonly log: string[]
  readonly events: GatewayEvent[]
  readonly environment: Environment
  /** Posts JSON with the secret, unless the headers say otherwise. */
  post (path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>
  /** Gives the record of a delivery, as the admin sees it. */
  delivery (id: string): Promise<any>
  /** Settles once a delivery has that status. */
  reaches (id: string, status: string): Promise<any>
  close (): Promise<void>
}

/** Ports below those that the system gives to outgoing connections, apart for each of the test runner's jobs. */
export const testPort = (): Promise<number> =>
  nextFreePort('127.0.0.1', 11_000 + 1000 * (Number(process.env.TAP_JOB_ID ?? 0) % 10) + 100 * (process.pid % 8) + randomInt(90))

/** The settings of a gateway in front of a sandbox. */
export const settingsFor = (sandbox: Sandbox, port: number): Environment => ({
  SECRET_HEADER: SECRET,
  ADMIN_SECRET: ADMIN,
  GATEWAY_KEYS: KEY,
  EVENT_GRID_SECRET,
  LOG_LEVEL: 'trace',
  // Many tests write to numbers that no country has given out, and often to the same one.
  DENIED_NUMBER_TYPES: 'premium,shared-cost',
  BUDGET_NUMBER: '10000/10m',
  BUDGET_PREFIX: '10000/10m',
  BUDGET_IP: '10000/10m',
  BUDGET_USER: '10000/10m',
  ...settingsOf(sandbox, port, isAzures)
})

/** The settings of a gateway for which the sandbox is Twilio. */
export const twilioSettingsFor = (sandbox: Sandbox, port: number): Environment => settingsOf(sandbox, port, (name) => !isAzures(name))

const isAzures = (name: string): boolean => name.startsWith('ACS_')

const settingsOf = (sandbox: Sandbox, port: number, isWanted: (name: string) => boolean): Environment =>
  Object.fromEntries(Object.entries(sandbox.settingsFor(port)).filter(([name]) => isWanted(name)))

const WITHOUT_AZURE: Environment = { ACS_CONNECTION_STRING: undefined, ACS_SOURCE_PHONE_NUMBER: undefined, ACS_COGNITIVE_SERVICES_ENDPOINT: undefined, ACS_CALLBACK_URL: undefined }

/** A gateway on a real port, with a real store, in front of a sandbox; closed at the end of the test. */
export const startTestGateway = async (t: Test, options: TestGatewayOptions = {}): Promise<TestGateway> => {
  const folder = options.after?.folder ?? mkdtempSync(join(tmpdir(), 'gateway-test-'))
  const clock = options.clock ?? createClock()
  const sandbox = options.after?.sandbox ?? await startSandbox({ eventGridSecret: EVENT_GRID_SECRET, pace: 0, now: clock, ...options.sandbox })
  const port = options.after?.port ?? await testPort()
  const environment: Environment = {
    ...settingsFor(sandbox, port),
    ...options.twilio && twilioSettingsFor(sandbox, port),
    ...options.twilio === 'alone' && WITHOUT_AZURE,
    ...options.after?.environment,
    ...options.settings
  }
  const log: string[] = []
  const events: GatewayEvent[] = []
  const sql = options.sql ?? openSqlite({ file: join(folder, 'gateway.db'), now: clock })
  const gateway = await createGateway({
    config: readConfig(environment, folder),
    sql: options.wrapSql?.(sql) ?? sql,
    now: clock,
    logDestination: { write: (line) => { log.push(line) } }
  })
  gateway.bus.listen((event) => { events.push(event) })
  const close = async (): Promise<void> => {
    await gateway.close()
    await sandbox.close()
    rmSync(folder, { recursive: true, force: true })
  }
  t.teardown(close)
  const url = await gateway.app.listen({ host: '127.0.0.1', port })
  if (options.subscribe !== false && options.twilio !== 'alone') await sandbox.subscribe(`${url}/events`)

  const admin = { authorization: `Bearer ${ADMIN}` }
  const delivery = async (id: string): Promise<any> => {
    const reply = await fetch(`${url}/deliveries/${id}`, { headers: admin })
    return await reply.json()
  }
  return {
    gateway,
    sandbox,
    url,
    clock,
    folder,
    log,
    events,
    environment,
    delivery,
    close,
    async post (path, body, headers = {}) {
      const response = await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body)
      })
      const text = await response.text()
      return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
    },
    async reaches (id, status) {
      const patience = AbortSignal.timeout(15_000)
      const late = new Promise((resolve) => { patience.addEventListener('abort', resolve) })
      for (;;) {
        const changed = new Promise<void>((resolve) => {
          const stop = gateway.bus.listen(() => { stop(); resolve() })
        })
        const found = await delivery(id)
        if (found.status === status) return found
        if (patience.aborted) throw new Error(`the delivery never became ${status}: ${JSON.stringify(found)} ${JSON.stringify(sandbox.deliveries)}`)
        await Promise.race([changed, late])
      }
    }
  }
}
