import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import type { DeliverDeps } from '../../src/delivery/deliver.ts'
import { createNumberReader } from '../../src/dialects/number.ts'
import type { Message } from '../../src/domain/message.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import { sealMessage } from '../../src/feed/sealed-message.ts'
import { createLogger } from '../../src/observability/logger.ts'
import type { Order, Provider } from '../../src/providers/provider.ts'
import { REHEARSAL_PROVIDERS } from '../../src/providers/test-numbers.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { inspectorApi, type InspectorApiDeps, type InspectorFacts } from '../../src/routes/inspector-api.ts'
import type { StoredExchange } from '../../src/store/exchanges.ts'
import { deliverOn, KEYS } from '../delivery/deliver-stand.ts'
import { messageOf } from '../support/message.ts'
import { ACCEPTED, providerOf } from '../support/provider.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

export interface InspectorStand {
  readonly app: FastifyInstance
  readonly world: World
  /** What a real provider was asked to send. */
  readonly sent: Order[]
  readonly log: string[]
  get (path: string): Promise<{ readonly status: number, readonly headers: object, readonly body: any }>
  post (path: string, body: unknown): Promise<{ readonly status: number, readonly body: any }>
  /** A delivery that a hook asked for, with what it asked, sealed. */
  asked (message?: Partial<Message>, exchange?: Partial<StoredExchange>, keepFor?: number): Promise<{ readonly delivery: string, readonly exchange: string }>
}

export interface InspectorStandOptions {
  readonly facts?: Partial<InspectorFacts>
  readonly deps?: Partial<InspectorApiDeps>
  readonly result?: SendResult
  readonly delivering?: Partial<DeliverDeps>
}

export const EXCHANGE = '0b7c9a52-44f1-4d0a-9a0e-2f6f3c1d9e10'

const FACTS: InspectorFacts = {
  sandbox: false,
  handset: undefined,
  production: true,
  replayMinutes: 60,
  retentionDays: 30,
  channels: { sms: ['acs-sms'], voice: ['acs-voice'], whatsapp: [] },
  hooks: ['direct', 'okta']
}

/** What the inspector's page asks, on a real store and the real pipeline, with a provider that notes what it was to send. */
export const openInspectorApi = async (t: Test, { facts = {}, deps = {}, result = ACCEPTED, delivering = {} }: InspectorStandOptions = {}): Promise<InspectorStand> => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const sent: Order[] = []
  const log: string[] = []
  const send = async (order: Order): Promise<SendResult> => { sent.push(order); return result }
  const providers = [providerOf('acs-sms', send), providerOf('acs-voice', send, { channel: 'voice' })]
  const deliver = deliverOn(world, bus, providers, delivering)
  const rehearse = deliverOn(world, bus, providers, {
    senderFor: ({ channel }) => REHEARSAL_PROVIDERS.find((provider) => provider.channel === channel) as Provider
  })
  const app = await createHttpApp({ logger: createLogger({ level: 'trace', destination: { write: (line) => { log.push(line) } } }), withDocs: false, isDraining: () => false })
  await app.register(inspectorApi({
    ...world,
    hintOf: (provider, vendorCode, country) => `${provider} says ${vendorCode} in ${country}`,
    keys: KEYS,
    deliver,
    rehearse,
    circuitStates: () => [{ provider: 'acs-sms', channel: 'sms', state: 'open', failures: 5, reason: 'timeout', retryAt: 17 }],
    prices: { each: new Map([['acs-sms', 0.05], ['acs-sms:US', 0.01]]), currency: 'USD' },
    facts: { ...FACTS, ...facts },
    numbers: createNumberReader('DE'),
    randomDigits: (length) => '7305918264'.slice(0, length),
    defaultLocale: 'de',
    budgetMs: 5000,
    now: world.clock,
    ...deps
  }), { prefix: '/inspector/api' })
  t.teardown(() => app.close())
  return {
    app,
    world,
    sent,
    log,
    async get (path) {
      const { statusCode: status, headers, body } = await app.inject(`/inspector/api${path}`)
      return { status, headers, body: JSON.parse(body) }
    },
    async post (path, body) {
      const reply = await app.inject({ method: 'POST', url: `/inspector/api${path}`, headers: { 'content-type': 'application/json' }, payload: typeof body === 'string' ? body : JSON.stringify(body) })
      return { status: reply.statusCode, body: reply.json() }
    },
    async asked (message = {}, exchange = {}, keepFor = 3_600_000) {
      const { id: delivery } = await world.delivery()
      const id = exchange.id ?? EXCHANGE
      await world.exchanges.add([{
        id,
        delivery,
        hook: 'direct',
        status: 200,
        milliseconds: 12,
        request: '{"phoneNumber":"+49•••••••5678"}',
        reply: '{"status":"accepted"}',
        at: world.clock(),
        ...exchange,
        sealed: { text: sealMessage(messageOf(message), id, KEYS), keepFor }
      }])
      return { delivery, exchange: id }
    }
  }
}
