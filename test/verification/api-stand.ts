import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Test } from 'tap'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { openPostgres } from '../../src/store/postgres.ts'
import { createClock, SECRET, startTestGateway, type Reply, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { placeOf, type PostgresServer } from '../support/postgres.ts'

export const NUMBER = '+4915112345678'

/** Two apps, so that there is somebody else. */
export const CALLERS = { CALLERS: 'shop:the-secret-of-the-shop,bank:the-secret-of-the-bank' }
export const SHOP = { authorization: 'Bearer the-secret-of-the-shop' }
export const BANK = { authorization: 'Bearer the-secret-of-the-bank' }
export const NOBODY = { authorization: '' }

/** A gateway, and the words in which tests talk to its API. */
export interface Api extends TestGateway {
  /** Asks as the default caller, unless the headers say otherwise. */
  ask (method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Reply>
  /** Starts a verification of `NUMBER`, unless the body says otherwise. Fails where it is refused. */
  begin (body?: object, headers?: Record<string, string>): Promise<any>
  look (id: string, headers?: Record<string, string>): Promise<any>
  check (id: string, code: unknown, headers?: Record<string, string>): Promise<Reply>
  resend (id: string, body?: object, headers?: Record<string, string>): Promise<Reply>
  cancel (id: string, headers?: Record<string, string>): Promise<Reply>
  /** Lets a browser session begin; gives its headers. */
  session (body?: object, headers?: Record<string, string>): Promise<Record<string, string>>
  /** The code of the message of that number, the first one being 1, once the provider has it. */
  code (nth?: number, length?: number): Promise<string>
  /** Settles once it is known what became of the newest message, with the verification as it stands then. Moves the clock by a second. */
  settled (id: string, headers?: Record<string, string>): Promise<any>
  /** Everything that is kept in the store. */
  stored (): Promise<string>
  /** The facts of one kind that were told. */
  told<T extends GatewayEvent['type']> (type: T): Array<Extract<GatewayEvent, { type: T }>>
}

export type OpenApi = (t: Test, options?: TestGatewayOptions) => Promise<Api>

export const openSqliteApi: OpenApi = async (t, options) => {
  const gateway = await startTestGateway(t, options)
  const { folder } = gateway
  return apiOf(gateway, async () => readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1')).join('\n'))
}

/** Gateways on that PostgreSQL, by the clock of the test. */
export const openPostgresApi = (server: PostgresServer): OpenApi => async (t, options = {}) => {
  const clock = options.clock ?? createClock()
  const url = await server.database(t)
  const gateway = await startTestGateway(t, { ...options, clock, sql: await openPostgres({ ...placeOf(url), now: clock }) })
  return apiOf(gateway, async () => {
    const tables = await server.run(url, 'SELECT tablename FROM pg_tables WHERE schemaname = \'public\'')
    return JSON.stringify(await Promise.all(tables.map(({ tablename }) => server.run(url, `SELECT * FROM ${tablename}`))))
  })
}

/** Real milliseconds after which something does not happen any more. */
const PATIENCE = 15_000

/** Settles once it is so. */
export const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  const patience = AbortSignal.timeout(PATIENCE)
  while (!await isSo()) {
    if (patience.aborted) throw new Error('it never came to that')
    await nextTurn()
  }
}

export const wrong = (code: string): string => code.replace(/./, (digit) => String((Number(digit) + 1) % 10))

const apiOf = (gateway: TestGateway, stored: Api['stored']): Api => {
  const { url, sandbox, clock, events } = gateway
  const ask: Api['ask'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${SECRET}`, ...body === undefined ? {} : { 'content-type': 'application/json' }, ...headers },
      ...body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  const successful = ({ status, body }: Reply): any => {
    if (status >= 300) throw new Error(`refused: ${JSON.stringify(body)}`)
    return body
  }
  const look: Api['look'] = async (id, headers) => successful(await ask('GET', `/verifications/${id}`, undefined, headers))
  return {
    ...gateway,
    stored,
    ask,
    look,
    begin: async (body = {}, headers = {}) => successful(await ask('POST', '/verifications', { to: NUMBER, ...body }, headers)),
    check: (id, code, headers) => ask('POST', `/verifications/${id}/check`, { code }, headers),
    resend: (id, body, headers) => ask('POST', `/verifications/${id}/resend`, body, headers),
    cancel: (id, headers) => ask('DELETE', `/verifications/${id}`, undefined, headers),
    async session (body = {}, headers = {}) {
      const { token } = successful(await ask('POST', '/verify/sessions', body, headers))
      return { authorization: `Bearer ${token}` }
    },
    async code (nth = 1, length = 6) {
      await until(() => sandbox.messages.length >= nth)
      return new RegExp(`(?<![0-9])[0-9]{${length}}(?![0-9])`).exec(sandbox.messages[nth - 1]?.text ?? '')?.[0] ?? ''
    },
    async settled (id, headers) {
      clock.advance(1000)
      let found: any
      await until(async () => {
        found = await look(id, headers)
        return found.message.state !== 'sending'
      })
      return found
    },
    told: (type) => events.filter((event) => event.type === type) as never
  }
}
