import { mock } from 'node:test'
import type { Test } from 'tap'
import { createMakeAttempt, type AttemptClaim, type MakeAttempt } from '../../src/delivery/attempt.ts'
import { createCircuits, type Circuits } from '../../src/delivery/circuits.ts'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import { Deadline } from '../../src/domain/deadline.ts'
import { createKeys } from '../../src/domain/keys.ts'
import type { OneTimeCode } from '../../src/domain/one-time-code.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { Order, Provider } from '../../src/providers/provider.ts'
import type { Attempts } from '../../src/store/attempts.ts'
import { codeOf, numberOf } from '../support/message.ts'
import { providerOf } from '../support/provider.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { HOLD, openSqliteStore, openWorld, type World } from '../support/store.ts'

/** How long a call may take, in milliseconds. */
export const LONGEST_CALL = 300_000

export const KEYS = createKeys([Buffer.alloc(32, 7)])

/** Timers that the test moves. */
export const mockTimers = (t: Test): { tick (milliseconds: number): void } => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => { mock.timers.reset() })
  return mock.timers
}

export interface AttemptWorld extends World, RecordedBus {
  readonly claimed: string
  readonly key: string
  /** Orders that a provider was asked to send. */
  readonly asked: Order[]
  readonly unfinished: Unfinished
  /** What the circuits were told: of whom, and what came of it. */
  readonly noted: ReadonlyArray<readonly [string, SendResult]>
  make (send: Provider['send'] | SendResult, options?: Partial<MakeOptions>): ReturnType<MakeAttempt>
}

export interface MakeOptions {
  readonly channel: 'sms' | 'voice'
  readonly claim: AttemptClaim | undefined
  readonly milliseconds: number
  readonly code: OneTimeCode | undefined
  readonly text: string | undefined
  readonly attempts: Partial<Attempts>
  readonly provider: Partial<Provider>
}

/** A claimed delivery, and the means to attempt it. */
export const openAttempt = async (t: Test): Promise<AttemptWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const { id, key } = await world.delivery()
  const asked: Order[] = []
  const unfinished = createUnfinished(recorded.bus)
  const ownClaim: AttemptClaim = { key, whileUnknown: HOLD, holdAfter: () => undefined }
  const noted: Array<readonly [string, SendResult]> = []
  const circuits: Circuits = {
    ...createCircuits({ providers: [], bus: recorded.bus, now: world.clock }),
    note: ({ name }, result) => { noted.push([name, result]) }
  }
  return {
    ...world,
    ...recorded,
    claimed: id,
    key,
    asked,
    unfinished,
    noted,
    make: async (send, options = {}) => {
      const { channel = 'sms', milliseconds = 20_000 } = options
      const code = 'code' in options ? options.code : codeOf('123456')
      const makeAttempt = createMakeAttempt({
        attempts: { ...world.attempts, ...options.attempts }, unfinished, circuits, bus: recorded.bus, now: world.clock, longestCallMs: LONGEST_CALL, keys: KEYS
      })
      return await makeAttempt({
        order: { delivery: id, to: numberOf('+4915112345678'), text: options.text === undefined ? undefined : new SensitiveText(options.text), code, locale: 'de', expiresAt: 0 },
        provider: providerOf(`acs-${channel}`, async (order, deadline) => {
          asked.push(order)
          return await (typeof send === 'function' ? send(order, deadline) : send)
        }, { channel, ...options.provider }),
        claim: 'claim' in options ? options.claim : ownClaim,
        deadline: Deadline.in(milliseconds)
      })
    }
  }
}
