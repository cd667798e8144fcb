import type { FastifyInstance } from 'fastify'
import type { DestinationStream } from 'pino'
import type { Config } from './config/config.ts'
import { createMakeAttempt } from './delivery/attempt.ts'
import { createCircuits } from './delivery/circuits.ts'
import { createFollowUp } from './delivery/compose.ts'
import { createDeliver } from './delivery/deliver.ts'
import { createKeepForEscalation } from './delivery/escalation-message.ts'
import { createHousekeeping, type Housekeeping } from './delivery/housekeeping.ts'
import { meteredAttempt, meteredUse } from './delivery/metering.ts'
import { createPlan } from './delivery/plan.ts'
import { createRehearsal } from './delivery/rehearsal.ts'
import type { TrackDeps } from './delivery/track.ts'
import { createUnfinished } from './delivery/unfinished.ts'
import { createDialects } from './dialects/catalog.ts'
import { createKeys } from './domain/keys.ts'
import { createSigningKeys } from './domain/signing-keys.ts'
import { createGuard } from './guard/create-guard.ts'
import { createGiveBackUsed } from './guard/used-codes.ts'
import { createWatch } from './guard/watch.ts'
import { createLive } from './live.ts'
import { createBus, type Bus } from './observability/bus.ts'
import { createLogger, logEvent } from './observability/logger.ts'
import { createProviders } from './providers/catalog.ts'
import { createHttpClient, fetchingKeys } from './providers/http-client.ts'
import type { CallWords, Provider } from './providers/provider.ts'
import { TEST_PROVIDERS } from './providers/test-numbers.ts'
import { createAuthorization } from './routes/authorization.ts'
import { callbackRoutes } from './routes/callbacks.ts'
import { codeRoutes } from './routes/code-routes.ts'
import { addDeliveries } from './routes/deliveries.ts'
import { eventRoutes } from './routes/events.ts'
import { addHealth } from './routes/health.ts'
import { hookRoute, unconfiguredHook } from './routes/hooks.ts'
import { createHttpApp } from './routes/http-app.ts'
import { idleConnections } from './routes/idle-connections.ts'
import { createStoreClock } from './store/clock.ts'
import { createKeyAgreement } from './store/key-agreement.ts'
import type { Sql } from './store/sql.ts'
import { tablesOf } from './store/tables.ts'
import { createVerificationRoom } from './verification/compose.ts'
import { codePrompt, codeSpeech, confirmPrompt } from './wording/wording.ts'

export interface GatewayOptions {
  readonly config: Config
  /** The store; the gateway closes it. */
  readonly sql: Sql
  /** The clock of this machine, milliseconds since 1970. */
  readonly now: () => number
  /** Where the sandbox's handset is; absent: the providers are real. */
  readonly handset?: string | undefined
  /** Where log lines go; JSON to the standard output where absent. */
  readonly logDestination?: DestinationStream
}

/** A gateway, built and not yet listening. */
export interface Gateway {
  readonly app: FastifyInstance
  readonly bus: Bus
  readonly housekeeping: Housekeeping
  /** The providers that messages can go by. */
  readonly providerNames: readonly string[]
  /** A path that opens the inspector once; `undefined` where there is none. */
  inspectorLink (): string | undefined
  /** Takes no new messages and begins no work from now on; what is under way is finished. */
  drain (): void
  /** Finishes what is under way and closes everything that is open. */
  close (): Promise<void>
}

/** How often connections that have turned idle are closed at the end. */
const SWEEP_EVERY_MS = 20

/** Ringing takes at most two minutes; after that a call is answered, or over. */
const LONGEST_RINGING_MS = 120_000

const SIGNATURE_HINT = 'check PUBLIC_URL and TWILIO_AUTH_TOKEN: Twilio signs for another address, or with another token'

const CALL_WORDS: CallWords = {
  code: (locale, code, repeats) => codeSpeech(locale, code, { repeats }),
  codeThenKey: (locale, code, repeats) => codePrompt(locale, code, { repeats }),
  confirm: confirmPrompt
}

/** Builds every part of the gateway and ties them together. This is the only place that knows all of them. */
export const createGateway = async ({ config, sql, now: machineNow, handset, logDestination }: GatewayOptions): Promise<Gateway> => {
  const logger = createLogger({ level: config.logLevel, destination: logDestination })
  const bus = createBus()
  bus.listen((event) => { logEvent(logger, event) })
  const clock = createStoreClock(sql, machineNow)
  // Where the store is away right now, the clock of this machine will do until the next comparison.
  await clock.sync().catch((error: unknown) => { bus.emit({ type: 'work.failed', what: 'comparing clocks', error }) })
  const { now } = clock
  const keys = createKeys(config.keys.keys, config.keys.waiting)
  const unfinished = createUnfinished(bus)
  const http = createHttpClient()
  const tables = tablesOf(sql)
  const { claims, attempts, budgets, decisions, deliveries, due, keyrings, traffic, trips, upkeep, verifications } = tables
  const keyAgreement = createKeyAgreement(keyrings, keys)
  if (config.store.engine === 'postgres') await keyAgreement.require()
  const { meter, pumping } = createWatch({ traffic, trips, mode: config.guard.modes.pumping, bus, now })

  const { acs, twilio, voice } = config
  const { providers, ownNumbers, calls: control, codeOwners, events, callbacks } = await createProviders({
    acs: acs && { ...acs, voice: acs.voice && { ...acs.voice, voiceNames: voice.names } },
    twilio,
    voice: { ...voice, maxSeconds: voice.maxMs / 1000 },
    words: CALL_WORDS,
    http,
    keys,
    now
  })
  const hintOf: TrackDeps['hintOf'] = (name, vendorCode, country) => providers.find((provider) => provider.name === name)?.hint(vendorCode, country)
  const circuits = createCircuits({ providers, bus, now })
  const plan = createPlan({ providers, codeOwners, routes: config.routes, circuits })
  const longestCallMs = LONGEST_RINGING_MS + voice.maxMs
  const makeAttempt = meteredAttempt(createMakeAttempt({ attempts, unfinished, circuits, bus, now, longestCallMs, keys }), meter, now)
  const guard = createGuard({
    rules: config.guard,
    keys,
    budgets,
    decisions,
    pumping,
    canCall: (country, hasCode, codeMaker) => plan.for('voice', country, hasCode, codeMaker).length > 0,
    settle: unfinished.settle,
    bus,
    now
  })
  const delivering = {
    keys,
    claims,
    deliveries,
    makeAttempt,
    unfinished,
    guard,
    plan,
    testProviders: TEST_PROVIDERS,
    senderFor: (provider: Provider) => provider,
    bus,
    now,
    codeLifetimeMs: config.codeLifetimeMs,
    keepCodes: config.incomingCalls === 'call-back' && control !== undefined,
    keepTexts: config.retrySms,
    keepForEscalation: createKeepForEscalation(keys, config.escalation)
  }
  const deliver = createDeliver(delivering)

  const followUp = createFollowUp({
    rules: config, tables, providers, control, ownNumbers, hintOf, makeAttempt, plan, guard, meter, unfinished, keys, bus, now, longestCallMs
  })
  const meteredDeliveries = meteredUse(deliveries, { traffic, meter, giveBack: createGiveBackUsed({ rules: config.guard, budgets }), unfinished })
  const room = createVerificationRoom({
    rules: { ...config, ...config.hooks, ...config.verification, ...config.guard },
    parts: { keys, verifications, deliveries: meteredDeliveries, due, deliver, plan, guard, codeOwners, http, bus, now, machineNow },
    signingKeys: createSigningKeys(config.keys)
  })
  const housekeeping = createHousekeeping({
    due,
    work: { ...followUp.work, ...room.work },
    inquire: followUp.inquire,
    count: pumping.turn,
    upkeep,
    unfinished,
    bus,
    clock,
    keysAgree: keyAgreement.stay,
    retentionDays: config.retentionDays
  })

  let draining = false
  const app = await createHttpApp({ logger, withDocs: !config.production, isDraining: () => draining })
  const closeIdle = idleConnections(app.server)
  const authorization = createAuthorization(config.callers, config.adminSecret)
  const dialects = createDialects({
    settings: config.hooks.settings,
    callerOf: authorization.callerOf,
    defaultCountry: config.defaultCountry,
    fetchKeys: fetchingKeys(http),
    // Signatures of others are as old as the clock of this machine says.
    now: machineNow
  })
  const live = await createLive({
    config, tables, follow: sql.follow.bind(sql), keys, bus, http, now, machineNow, authorization, dialects, deliver, rehearse: createRehearsal(delivering), deliveries: meteredDeliveries, hintOf, circuitStates: circuits.states, handset
  })
  // A proxy may take the path of PUBLIC_URL away, or leave it.
  for (const prefix of new Set(['', config.publicUrl?.pathname.replace(/\/$/, '') ?? ''])) {
    for (const entry of dialects) {
      const route = 'dialect' in entry ? hookRoute({ dialect: entry.dialect, budgetMs: config.budgetMs, deliver, observe: live.observe, ...config.hooks }) : unconfiguredHook(entry.route, entry.missing, now)
      await app.register(route, { prefix })
    }
    await app.register(codeRoutes({ ...config, ...config.hooks, ...config.verification, ...room, authorization, now }), { prefix })
    await app.register(live.routes, { prefix })
    if (events !== undefined) await app.register(eventRoutes({ vendor: 'acs', reader: events, track: followUp.track, bus }), { prefix })
    if (callbacks !== undefined) await app.register(callbackRoutes({ vendor: 'twilio', hint: SIGNATURE_HINT, reader: callbacks, track: followUp.track, unfinished, bus }), { prefix })
  }
  addDeliveries(app, { authorization, deliveries: meteredDeliveries, hintOf, bus })
  live.addTo(app)
  addHealth(app, { sql, authorization, circuitStates: circuits.states, isDraining: () => draining })

  let handedOver: Promise<void> | undefined
  app.addHook('onClose', async () => {
    await handedOver
    await room.idle()
    await housekeeping.stop()
    await live.stop()
    await http.close()
    await sql.close()
  })

  return {
    app,
    bus,
    housekeeping,
    inspectorLink: live.inspectorLink,
    providerNames: providers.map((provider) => provider.name),
    drain () {
      draining = true
      logger.info('gateway.stopping')
      // What others can do is theirs from now on, while the last replies are written.
      handedOver = housekeeping.stop()
      live.drain()
    },
    async close () {
      draining = true
      // A connection that is kept alive turns idle when its last reply is written, and would hold the end back then.
      const sweep = setInterval(closeIdle, SWEEP_EVERY_MS)
      await app.close()
      clearInterval(sweep)
      logger.info('gateway.stopped')
    }
  }
}
