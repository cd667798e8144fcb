import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { doctor } from '../../src/cli/doctor/doctor.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { startTestGateway, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'

export const SUPABASE_SECRET = `v1,whsec_${Buffer.alloc(32, 7).toString('base64')}`

/** Every hook, and a country for the numbers of those that leave it out. */
export const HOOKS: Environment = {
  DEFAULT_COUNTRY: 'US',
  SUPABASE_HOOK_SECRET: SUPABASE_SECRET,
  ZITADEL_SIGNING_KEY: 'a-signing-key-of-zitadel',
  AUTH0_SMS_GATEWAY_SECRET: 'a-secret-of-the-sms-gateway',
  AUTH0_SMS_GATEWAY_AUDIENCE: 'https://codes.example.com'
}

export interface Report {
  readonly exit: number
  readonly lines: readonly string[]
  readonly text: string
  /** The lines of what is wrong. */
  readonly failures: readonly string[]
  readonly warnings: readonly string[]
}

export interface DoctorStand extends TestGateway {
  /** Has the doctor look at the gateway's own settings with some changed. */
  examine (changes?: Environment, options?: { readonly now?: () => number, readonly timeoutMs?: number }): Promise<Report>
}

/** Milliseconds that nothing takes here which answers at all, on however busy a machine. */
const PATIENCE = 30_000

/** Values that no report may hold. */
const isSecret = (name: string): boolean => /SECRET|TOKEN|KEY|CONNECTION_STRING|CALLERS/.test(name) && !/_SID$|TWILIO_API_KEY$/.test(name)

const secretsOf = (environment: Environment): string[] => Object.entries(environment)
  .flatMap(([name, value]) => isSecret(name) && value !== undefined ? [value, ...value.split(/accesskey=|whsec_|:/).slice(1)] : [])
  .filter((value) => value.length > 5)

/** Runs the doctor; rejects where its report says anything that is secret. */
export const reportOf = async (environment: Environment, folder: string, options: { readonly now?: () => number, readonly timeoutMs?: number } = {}): Promise<Report> => {
  const lines: string[] = []
  const exit = await doctor({ environment, folder, print: (line) => { lines.push(line) }, timeoutMs: PATIENCE, ...options })
  const text = lines.join('\n')
  if (secretsOf(environment).some((secret) => text.includes(secret))) throw new Error('the report holds a secret')
  const marked = (mark: string): string[] => lines.filter((line) => line.startsWith(`  ${mark}  `)).map((line) => line.slice(8))
  return { exit, lines, text, failures: marked('FAIL'), warnings: marked('warn') }
}

/** A gateway with every hook, in front of a sandbox that is both vendors. */
export const startDoctorStand = async (t: Test, options: TestGatewayOptions = {}): Promise<DoctorStand> => {
  const stand = await startTestGateway(t, { twilio: 'too', ...options, settings: { ...HOOKS, ...options.settings } })
  return {
    ...stand,
    examine: (changes = {}, how = {}) => reportOf({ ...stand.environment, ...changes }, stand.folder, { now: stand.clock, ...how })
  }
}

/** How a gateway refuses who has no secret. */
export const REFUSAL = { type: 'about:blank', title: 'The secret is missing or wrong.', status: 401, code: 'unauthorized', requestId: '6f1d5c1e-0000-4000-8000-000000000000' }

/** A server of somebody else, which is gone after the test. */
export const startStranger = async (t: Test, listener: RequestListener): Promise<string> => {
  const server = createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
