import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import type { Config } from './config/config.ts'
import type { CircuitState } from './delivery/circuits.ts'
import type { Deliver } from './delivery/deliver.ts'
import { createNoteLogins } from './delivery/logins.ts'
import type { CatalogEntry } from './dialects/catalog.ts'
import { createLoginTellers } from './dialects/logins/catalog.ts'
import { createNumberReader } from './dialects/number.ts'
import type { Keys } from './domain/keys.ts'
import type { Channel } from './domain/message.ts'
import type { Receiver } from './domain/receiver.ts'
import { createFeedRoom } from './feed/compose.ts'
import { createInspectorSessions } from './inspector/sessions.ts'
import { createTally } from './inspector/tally.ts'
import { createViewers } from './inspector/viewers.ts'
import type { Bus } from './observability/bus.ts'
import { createMetrics } from './observability/metrics.ts'
import { createTracing, NO_TRACING } from './observability/tracing.ts'
import type { HttpClient } from './providers/http-client.ts'
import { createTopic } from './providers/catalog.ts'
import { reachesNobody } from './providers/test-numbers.ts'
import { createPublishing } from './publishing/compose.ts'
import { createWebhookReceiver } from './publishing/webhook.ts'
import type { Authorization } from './routes/authorization.ts'
import { captureRoutes } from './routes/captures.ts'
import { inspectorApi, type InspectorFacts } from './routes/inspector-api.ts'
import { inspectorRoutes } from './routes/inspector.ts'
import { loginRoutes } from './routes/logins.ts'
import { addMetrics } from './routes/metrics.ts'
import { createObserveHook, type ObserveHook } from './routes/observe-hook.ts'
import type { Sql } from './store/sql.ts'
import type { Tables } from './store/tables.ts'
import { randomDigits } from './verification/random-code.ts'

export interface LiveDeps {
  readonly config: Config
  readonly tables: Tables
  readonly follow: Sql['follow']
  readonly keys: Keys
  readonly bus: Bus
  readonly http: HttpClient
  readonly now: () => number
  readonly machineNow: () => number
  readonly authorization: Authorization
  readonly dialects: readonly CatalogEntry[]
  readonly deliver: Deliver
  /** The same, in which nothing leaves. */
  readonly rehearse: Deliver
  /** Those that count uses. */
  readonly deliveries: Tables['deliveries']
  readonly hintOf: (provider: string, vendorCode: string, country: string | undefined) => string | undefined
  readonly circuitStates: () => readonly CircuitState[]
  /** Where the sandbox's handset is; absent: the providers are real. */
  readonly handset: string | undefined
}

/** All that looks on, for people and for machines. */
export interface Live {
  readonly observe: ObserveHook
  /** What is asked from outside, below any prefix. */
  readonly routes: FastifyPluginAsync
  /** Adds what stands at the root alone, and sees to the beginning and the end. */
  addTo (app: FastifyInstance): void
  /** A path that opens the inspector once; `undefined` where there is none. */
  inspectorLink (): string | undefined
  /** Tells nobody outside any more, beside the replies that are still written. */
  drain (): void
  /** Writes down and sends what is left. */
  stop (): Promise<void>
}

/** Verifications, and tests from the inspector, are asked for by no hook. */
const OWN_HOOKS = ['verifications', 'inspector']

/** Ties together everything that looks on: feed, inspector, metrics, traces, those who are told, and logins that tell of codes. */
export const createLive = async (deps: LiveDeps): Promise<Live> => {
  const { config, tables, keys, bus, now, authorization, deliveries, handset } = deps
  const { live, hooks } = config
  // Texts and calls that are asked for directly are one hook.
  const dialects = [...new Set(deps.dialects.flatMap((entry) => 'dialect' in entry ? [entry.dialect.name] : []))]
  const receivers = await createReceivers(deps)
  const isOn = live.inspector || receivers.length > 0
  const feed = createFeedRoom({ tables, follow: (wake) => deps.follow('feed', wake), keys, bus, now, replayMs: live.replayMs, isOn, isSeen: live.inspector })
  const tracing = live.tracing === undefined ? NO_TRACING : await createTracing(live.tracing, { bus, now })
  const publishing = createPublishing({ receivers, readers: tables.feedReaders, tail: feed.tail, bus, now })
  const tally = live.inspector ? createTally({ statistics: tables.statistics, bus, isTest: reachesNobody }) : undefined
  const viewers = createViewers({ tail: feed.tail, now })
  const metrics = createMetrics({
    bus, circuitStates: deps.circuitStates, dueCounts: tables.due.counts, viewers: viewers.count, hooks: [...dialects, ...OWN_HOOKS], withProcess: true
  })
  const sessions = config.adminSecret && createInspectorSessions({ adminSecret: config.adminSecret, keys, now })
  const isSeen = live.inspector && sessions !== undefined
  const tellers = createLoginTellers({ okta: hooks.settings.okta, callerOf: authorization.callerOf })
  const facts: InspectorFacts = {
    sandbox: handset !== undefined,
    handset,
    production: config.production,
    replayMinutes: live.replayMs / 60_000,
    retentionDays: config.retentionDays,
    channels: namesByChannel(deps.circuitStates()),
    hooks: [...dialects, ...OWN_HOOKS]
  }
  const noteLogins = createNoteLogins({ logins: tables.logins, deliveries, keys, bus, now, codeLifetimeMs: config.codeLifetimeMs })

  return {
    observe: createObserveHook({ tracing, recorder: feed.recorder, bus }),
    routes: async (app) => {
      await app.register(loginRoutes({ tellers, noteLogins }))
      await app.register(captureRoutes({ demoSecret: live.demoSecret, journal: feed.journal, now }))
      if (isSeen) {
        const api = inspectorApi({
          ...deps, ...tables, deliveries, prices: live.prices, facts, numbers: createNumberReader(config.defaultCountry), randomDigits, defaultLocale: hooks.defaultLocale, budgetMs: config.budgetMs
        })
        await app.register(inspectorRoutes({ sessions, authorization, viewers, publicUrl: config.publicUrl, hosts: live.inspectorHosts, api }))
      }
    },
    addTo (app) {
      addMetrics(app, { metrics, authorization, token: live.metricsToken })
      app.addHook('onReady', async () => { publishing.start() })
      // Their sockets would hold the end back.
      app.addHook('preClose', async () => { await viewers.stop() })
    },
    drain () { publishing.stop().catch(() => {}) },
    inspectorLink: () => isSeen ? `/inspector#enter=${sessions.makeLink()}` : undefined,
    async stop () {
      metrics.stop()
      // Each has its own time, and none waits for another: the store may be away.
      await Promise.all([publishing.stop(), tally?.stop(), feed.stop(), tracing.stop()])
    }
  }
}

const createReceivers = async ({ config: { live: { eventGridTopic, eventsWebhook }, publicUrl }, http, machineNow }: LiveDeps): Promise<Receiver[]> => {
  const source = publicUrl?.href.replace(/\/$/, '') ?? 'phone-code-gateway'
  return [
    ...(eventGridTopic === undefined ? [] : [await createTopic({ ...eventGridTopic, http, source })]),
    ...(eventsWebhook === undefined ? [] : [createWebhookReceiver({ ...eventsWebhook, http, now: machineNow, source })])
  ]
}

const namesByChannel = (states: readonly CircuitState[]): InspectorFacts['channels'] => {
  const of = (wanted: Channel): string[] => states.filter(({ channel }) => channel === wanted).map(({ provider }) => provider)
  return { sms: of('sms'), voice: of('voice'), whatsapp: of('whatsapp') }
}
