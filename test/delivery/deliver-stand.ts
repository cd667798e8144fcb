import { createMakeAttempt } from '../../src/delivery/attempt.ts'
import { createCircuits } from '../../src/delivery/circuits.ts'
import { createDeliver, type Deliver, type DeliverDeps } from '../../src/delivery/deliver.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import { createKeys } from '../../src/domain/keys.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { planOf, providerOf } from '../support/provider.ts'
import type { RecordedBus } from '../support/recorded-bus.ts'
import type { World } from '../support/store.ts'

/** The keys by which the deliveries of tests are sealed. */
export const KEYS = createKeys([Buffer.alloc(32, 1)])

/** How long the codes of tests live, in milliseconds. */
export const CODE_LIFETIME = 300_000

/** A provider that answers so, and notes that it was asked. */
export const notingProvider = (name: string, result: SendResult, asked: string[], options: Partial<Provider> = {}): Provider =>
  providerOf(name, async () => {
    asked.push(name)
    return result
  }, options)

/** Delivers on that store, through those providers. */
export const deliverOn = (world: World, bus: RecordedBus['bus'], providers: readonly Provider[], options: Partial<DeliverDeps> = {}): Deliver => {
  const { attempts, claims, clock, deliveries } = world
  const unfinished = options.unfinished ?? createUnfinished(bus)
  const circuits = createCircuits({ providers, bus, now: clock })
  return createDeliver({
    keys: KEYS,
    claims,
    deliveries,
    makeAttempt: createMakeAttempt({ attempts, unfinished, circuits, bus, now: clock, longestCallMs: 1, keys: KEYS }),
    unfinished,
    guard: OPEN_GUARD,
    testProviders: [],
    senderFor: (provider) => provider,
    plan: planOf(providers, circuits),
    bus,
    now: clock,
    codeLifetimeMs: CODE_LIFETIME,
    keepCodes: false,
    keepTexts: false,
    keepForEscalation: () => undefined,
    ...options
  })
}
