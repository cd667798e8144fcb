import type { FastifyPluginAsync } from 'fastify'
import type { Test } from 'tap'
import type { AddressInfo } from 'node:net'
import type { FeedEntry, FeedPage } from '../../src/domain/feed-entry.ts'
import { createViewers } from '../../src/inspector/viewers.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { inspectorRoutes } from '../../src/routes/inspector.ts'

export const PASSWORD = 'the-secret-of-the-stand'
export const LINK = 'a-link-that-opens-once'

export interface StandOptions {
  /** What the gateway answers; each may be another at any time. */
  readonly answers?: Partial<Answers>
}

export interface Answers {
  state: object
  search: (query: Record<string, any>) => object
  delivery: (id: string) => object | undefined
  statistics: (span: string) => object
  sent: { status: number, body: object }
}

export interface Stand {
  readonly url: string
  readonly answers: Answers
  /** What was asked of the API: method, path and body. */
  readonly asked: Array<{ readonly what: string, readonly body: any }>
  /** Writes facts down as one page of the feed. */
  tell (...entries: FeedEntry[]): void
  /** As where so much happened that it cannot be followed. */
  forget (): void
  /** Whether sessions open. */
  isOpen: boolean
  /** Ends, and begins anew at the same address after `meanwhile`. */
  restart (meanwhile?: () => void): Promise<void>
}

const QUIET: Answers = {
  state: { sandbox: true, handset: 'http://localhost:8026/', production: false, replayMinutes: 60, retentionDays: 30, channels: { sms: ['acs-sms', 'twilio-sms'], voice: ['acs-voice'], whatsapp: [] }, hooks: ['auth0', 'okta'], providers: [{ provider: 'acs-sms', channel: 'sms', state: 'closed', failures: 0 }] },
  search: () => ({ deliveries: [] }),
  delivery: () => undefined,
  statistics: (span) => ({ span, grain: 'minute', from: Date.now() - 3_600_000, until: Date.now(), rows: [], totals: { sent: 0, delivered: 0, undelivered: 0, failed: 0, used: 0 }, byProvider: [], byChannel: [], byCountry: [], worse: [] }),
  sent: { status: 202, body: { id: '0195e0c2-0000-7000-8000-00000000beef', outcome: 'accepted', to: 'sandbox' } }
}

/** The inspector's own page and socket over a feed in memory, and an API that answers as it is told. */
export const startStand = async (t: Test, { answers: given }: StandOptions = {}): Promise<Stand> => {
  const answers: Answers = { ...QUIET, ...given }
  const asked: Stand['asked'] = []
  let pages: FeedPage[] = []
  let newest = 0
  const wakes = new Set<() => void>()
  let isLinkUsed = false

  const api: FastifyPluginAsync = async (app) => {
    const at = app.prefix.endsWith('/api') ? '' : '/api'
    app.addHook('preHandler', async ({ method, url, body }) => { asked.push({ what: `${method} ${url.replace(/^.*\/api/, '')}`, body }) })
    app.get(`${at}/state`, async () => ({ now: Date.now(), ...answers.state }))
    app.post(`${at}/search`, async ({ body }) => answers.search(body as Record<string, any>))
    app.get<{ Params: { id: string } }>(`${at}/deliveries/:id`, async ({ params: { id } }, reply) => answers.delivery(id) ?? reply.code(404).send({ code: 'not_found', title: 'There is nothing here.' }))
    app.get<{ Querystring: { span: string } }>(`${at}/statistics`, async ({ query: { span } }) => answers.statistics(span))
    for (const path of ['/deliveries/:id/replay', '/test']) app.post(`${at}${path}`, async (_request, reply) => reply.code(answers.sent.status).send(answers.sent.body))
  }

  const stand: Stand = {
    url: '',
    answers,
    asked,
    isOpen: true,
    tell (...entries) {
      newest += 1
      pages.push({ id: newest, entries })
      for (const wake of wakes) wake()
    },
    forget () {
      newest += 1_000
      pages = []
    },
    async restart (meanwhile) {
      const { port } = new URL(stand.url)
      await close()
      meanwhile?.()
      await open(Number(port))
    }
  }

  let close = async (): Promise<void> => {}
  const open = async (port: number): Promise<void> => {
    const app = await createHttpApp({ logger: createLogger({ level: 'silent', destination: { write () {} } }), withDocs: false, isDraining: () => false })
    const viewers = createViewers({
      tail: {
        read: async (after) => pages.filter(({ id }) => id > after).slice(0, 50),
        span: async () => ({ oldest: pages[0]?.id ?? newest + 1, newest }),
        follow (wake) {
          wakes.add(wake)
          return () => { wakes.delete(wake) }
        }
      },
      now: Date.now
    })
    await app.register(inspectorRoutes({
      sessions: {
        signIn: (secret) => secret === PASSWORD ? 'token' : undefined,
        noteWrong: () => 0,
        end () {},
        byLink (link) {
          const isRight = link === LINK && !isLinkUsed
          isLinkUsed ||= isRight
          return isRight ? 'token' : undefined
        },
        holds: (token) => token === 'token' && stand.isOpen ? { id: 'one', expires: Date.now() + 3_600_000 } : undefined,
        makeLink: () => LINK
      },
      authorization: { isAdmin: () => false },
      viewers,
      publicUrl: undefined,
      hosts: [],
      api
    }))
    await app.listen({ host: '127.0.0.1', port })
    Object.assign(stand, { url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` })
    close = async () => {
      await viewers.stop()
      await app.close()
    }
  }
  await open(0)
  t.teardown(() => close())
  return stand
}
