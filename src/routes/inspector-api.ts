import type { FastifyPluginAsync } from 'fastify'
import type { CircuitState } from '../delivery/circuits.ts'
import type { Deliver } from '../delivery/deliver.ts'
import { readLocale } from '../dialects/locale.ts'
import type { NumberReader } from '../dialects/number.ts'
import { RequestError } from '../domain/errors.ts'
import { ID_PATTERN } from '../domain/identifier.ts'
import type { Keys } from '../domain/keys.ts'
import type { Channel } from '../domain/message.ts'
import { createDetails, type DetailsDeps } from '../inspector/details.ts'
import { createPlots, type Span } from '../inspector/plots.ts'
import type { Prices } from '../inspector/prices.ts'
import { createReplay } from '../inspector/replay.ts'
import { createSearch } from '../inspector/search.ts'
import { createSendTestCode } from '../inspector/test-code.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Exchanges } from '../store/exchanges.ts'
import type { Inspection } from '../store/inspection.ts'
import type { Statistics } from '../store/statistics.ts'
import { DeliveryParams, ReplayBody, SearchBody, StatisticsQuery, TestBody, type ReplayFields, type SearchFields, type TestFields } from './inspector-schemas.ts'

export interface InspectorApiDeps {
  readonly deliveries: Pick<Deliveries, 'find'>
  readonly inspection: Inspection
  readonly exchanges: Pick<Exchanges, 'of' | 'sealed'>
  readonly statistics: Pick<Statistics, 'read'>
  readonly hintOf: DetailsDeps['hintOf']
  readonly keys: Keys
  readonly deliver: Deliver
  /** Delivers as `deliver` does, but to nobody: nothing leaves, and no budget is taken. */
  readonly rehearse: Deliver
  readonly circuitStates: () => readonly CircuitState[]
  readonly prices: Prices
  readonly facts: InspectorFacts
  readonly numbers: Pick<NumberReader, 'strict' | 'careful'>
  /** Gives digits that nobody can foretell. */
  readonly randomDigits: (length: number) => string
  readonly defaultLocale: string | undefined
  /** The most milliseconds that sending a message takes. */
  readonly budgetMs: number
  readonly now: () => number
}

/** What does not change as long as the gateway runs. */
export interface InspectorFacts {
  /** Whether the providers are the sandbox's. */
  readonly sandbox: boolean
  /** Where the sandbox's handset is, if there is one. */
  readonly handset: string | undefined
  readonly production: boolean
  /** For how long a message can be sent again; 0: never. */
  readonly replayMinutes: number
  readonly retentionDays: number
  /** Names of the providers of each channel. */
  readonly channels: Readonly<Record<Channel, readonly string[]>>
  readonly hooks: readonly string[]
}

interface OfOne {
  readonly Params: { readonly id: string }
}

/** A number and a few words, in bytes. */
const BODY_LIMIT = 4096

/** What the inspector's page asks, below `/inspector/api`. Whoever asks is known: that is seen to before. */
export const inspectorApi = (deps: InspectorApiDeps): FastifyPluginAsync => async (app) => {
  const { circuitStates, prices, facts, numbers, now } = deps
  const isSandbox = facts.sandbox
  const details = createDetails(deps)
  const search = createSearch({ ...deps, readNumber: numbers.careful })
  const plots = createPlots(deps)
  const replay = createReplay({ ...deps, isSandbox })
  const sendTestCode = createSendTestCode({ ...deps, isSandbox })
  // A page of its own asks these, and no program is to rely on them.
  const hidden = { hide: true } as const

  app.addHook('onRequest', async (_request, reply) => { reply.header('cache-control', 'no-store') })

  app.get('/state', { schema: hidden }, async () => ({
    now: now(),
    ...facts,
    currency: prices.each.size > 0 ? prices.currency : undefined,
    providers: circuitStates()
  }))

  app.post<{ Body: SearchFields }>('/search', { schema: { ...hidden, body: SearchBody }, bodyLimit: BODY_LIMIT },
    async ({ body }) => await search(body))

  app.get<OfOne>('/deliveries/:id', { schema: { ...hidden, params: DeliveryParams } }, async ({ params: { id } }) => {
    const found = ID_PATTERN.test(id) ? await details(id) : undefined
    if (found === undefined) throw new RequestError('not_found')
    return found
  })

  app.get<{ Querystring: { readonly span?: Span } }>('/statistics', { schema: { ...hidden, querystring: StatisticsQuery } },
    async ({ query: { span = 'hour' } }) => await plots(span))

  app.post<OfOne & { Body: ReplayFields }>('/deliveries/:id/replay', {
    schema: { ...hidden, params: DeliveryParams, body: ReplayBody }, bodyLimit: BODY_LIMIT
  }, async ({ id: request, params: { id }, body: { exchange, to, confirmed = false } }, reply) => {
    const sent = await replay({ delivery: id, exchange, to, confirmed, origin: { request, trace: undefined } })
    return reply.code(202).send(sent)
  })

  app.post<{ Body: TestFields }>('/test', { schema: { ...hidden, body: TestBody }, bodyLimit: BODY_LIMIT },
    async ({ id: request, body: { to, channel, locale, confirmed = false } }, reply) => {
      const sent = await sendTestCode({ to: numbers.strict(to), channel, locale: readLocale(locale), confirmed, origin: { request, trace: undefined } })
      return reply.code(202).send(sent)
    })
}
