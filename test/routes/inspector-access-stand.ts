import { randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createInspectorSessions, type InspectorSessions } from '../../src/inspector/sessions.ts'
import { createViewers, type Viewers } from '../../src/inspector/viewers.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { createAuthorization } from '../../src/routes/authorization.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { inspectorRoutes } from '../../src/routes/inspector.ts'
import { createArrayTail, type ArrayTail } from '../inspector/array-tail.ts'
import { createClock, type Clock } from '../support/gateway.ts'

export const ADMIN = 'the-admin-secret-of-tests'
export const CALLER = 'the-secret-of-a-caller'

export interface InspectorStand {
  readonly app: FastifyInstance
  readonly tail: ArrayTail
  readonly clock: Clock
  readonly sessions: InspectorSessions
  readonly viewers: Viewers
  readonly log: any[]
  /** Header of a session. */
  cookie (): string
}

export interface InspectorStandOptions {
  readonly publicUrl?: string
  readonly hosts?: readonly string[]
  readonly prefixes?: readonly string[]
  readonly every?: (milliseconds: number, work: () => void) => () => void
}

/** The inspector's routes with a tail in memory, and an API that tells who got through. */
export const openInspector = async (t: Test, { publicUrl, hosts = [], prefixes = [''], every }: InspectorStandOptions = {}): Promise<InspectorStand> => {
  const log: any[] = []
  const clock = createClock()
  const tail = createArrayTail()
  const app = await createHttpApp({ logger: createLogger({ level: 'debug', destination: { write: (line) => { log.push(JSON.parse(line)) } } }), withDocs: false, isDraining: () => false })
  const sessions = createInspectorSessions({ adminSecret: new SensitiveText(ADMIN), keys: createKeys([randomBytes(32)]), now: clock })
  const authorization = createAuthorization(new Map([['app', [new SensitiveText(CALLER)]]]), new SensitiveText(ADMIN))
  const viewers = createViewers({ tail, now: clock, ...every && { every } })
  for (const prefix of prefixes) {
    await app.register(inspectorRoutes({
      sessions,
      authorization,
      viewers,
      publicUrl: publicUrl === undefined ? undefined : new URL(publicUrl),
      hosts,
      api: async (api) => {
        api.get('/state', async ({ entry }) => ({ expires: entry?.session?.expires ?? 'never' }))
        api.post('/search', async ({ entry }) => ({ expires: entry?.session?.expires ?? 'never' }))
      }
    }), { prefix })
  }
  app.get('/never', async (_request, reply) => reply.hijack())
  app.post('/echo', async ({ body, query }) => ({ body, query }))
  app.addHook('preClose', async () => { await viewers.stop() })
  t.teardown(() => app.close())
  return { app, tail, clock, sessions, viewers, log, cookie: () => `phone-code-inspector=${sessions.signIn(ADMIN)}` }
}
