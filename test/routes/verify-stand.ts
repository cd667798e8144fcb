import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'
import { DEFAULT_PROFILES } from '../../src/config/profiles-file.ts'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createSigningKeys } from '../../src/domain/signing-keys.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { createAuthorization } from '../../src/routes/authorization.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { verifySessionRoutes, type VerifySessionDeps } from '../../src/routes/verify-sessions.ts'
import { createResults } from '../../src/verification/results.ts'
import type { Sessions } from '../../src/verification/session.ts'
import { createSessions } from '../../src/verification/sessions.ts'
import { createClock, type Clock } from '../support/gateway.ts'

export const SECRETS = { shop: 'the-secret-of-the-shop', forum: 'the-secret-of-the-forum' } as const

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: any
}

export interface Asked {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export interface VerifyStand {
  readonly url: string
  readonly clock: Clock
  readonly sessions: Sessions
  readonly log: string[]
  /** Asks exactly so: browsers' own rules are not in between. */
  ask (path: string, asked?: Asked): Promise<Answer>
  /** Makes a session with the secret of the shop. */
  create (body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Shows the session of a token. */
  show (token: string): Promise<Answer>
}

/** The routes of sessions on a real port, with the service that the test says. */
export const startVerifyStand = async (t: Test, options: Partial<VerifySessionDeps> & { readonly prefix?: string } = {}): Promise<VerifyStand> => {
  const clock = createClock()
  const key = randomBytes(32)
  const log: string[] = []
  const app = await createHttpApp({ logger: createLogger({ level: 'trace', destination: { write: (line) => { log.push(line) } } }), withDocs: false, isDraining: () => false })
  const callers = new Map(Object.entries(SECRETS).map(([name, secret]) => [name, [new SensitiveText(secret)]]))
  const sessions = createSessions({ keys: createKeys([key]), callers, now: clock })
  await app.register(verifySessionRoutes({
    authorization: createAuthorization(callers, undefined),
    sessions,
    results: createResults({ signingKeys: createSigningKeys({ keys: [key], waiting: 0 }), issuer: 'a-test', now: clock }),
    profiles: new Map(DEFAULT_PROFILES.map((profile) => [profile.name, profile])),
    offeredChannels: ({ channels }) => channels,
    brand: undefined,
    defaultCountry: undefined,
    origins: ['https://app.example.com', 'https://shop.example.com:8443'],
    publicUrl: undefined,
    now: clock,
    ...options
  }), { prefix: options.prefix ?? '' })
  t.teardown(async () => { await app.close() })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })

  const ask: VerifyStand['ask'] = async (path, { method = 'GET', headers = {}, body } = {}) => {
    const request = httpRequest(`${url}${path}`, { method, headers: { ...body !== undefined && { 'content-type': 'application/json' }, ...headers }, agent: false })
    request.end(body === undefined || typeof body === 'string' ? body : JSON.stringify(body))
    const [response] = await once(request, 'response') as [IncomingMessage]
    const content = await text(response)
    return { status: response.statusCode as number, headers: response.headers, body: /json/.test(response.headers['content-type'] ?? '') ? JSON.parse(content) : content }
  }
  return {
    url,
    clock,
    sessions,
    log,
    ask,
    create: async (body, headers = {}) => await ask('/verify/sessions', { method: 'POST', headers: { authorization: `Bearer ${SECRETS.shop}`, ...headers }, body }),
    show: async (token) => await ask('/verify/session', { headers: { authorization: `Bearer ${token}` } })
  }
}
