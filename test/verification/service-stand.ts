import type { Test } from 'tap'
import type { Deliver } from '../../src/delivery/deliver.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Profile } from '../../src/domain/verification.ts'
import type { Message } from '../../src/domain/message.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createVerification, type Verification, type VerificationDeps } from '../../src/verification/create-verification.ts'
import type { Answered, Asker, StartRequest } from '../../src/verification/service.ts'
import { KEYS } from '../delivery/deliver-stand.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { numberOf } from '../support/message.ts'
import { providerOf } from '../support/provider.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

export const PROFILE: Profile = {
  name: 'login', purpose: 'login', channels: ['sms', 'voice'], codeLength: 6, lifetime: 300_000, maxAttempts: 5, cooldown: 30_000, maxSends: 4, codeMaker: 'gateway'
}

export const SHOP: Asker = { kind: 'caller', caller: 'shop' }

export const DELIVERY = '01a1fcb4-ecf7-7bfb-b82b-76fc54041a31'

export const ACCEPTED: Outcome = { kind: 'accepted', id: DELIVERY, channel: 'sms', provider: 'acs-sms', reference: undefined }

/** The room on a real store, with a delivery of the test's own. */
export interface ServiceStand extends World, Verification, Pick<RecordedBus, 'events' | 'next'> {
  /** Every message that was to be delivered. */
  readonly messages: Message[]
  /** How many milliseconds each of them had. */
  readonly deadlines: number[]
  /** What becomes of messages from now on; what is thrown is no outcome. */
  become (outcome: Outcome | Error): void
  /** The same store, as another process with other settings has it. */
  another (options: Partial<VerificationDeps>): Verification
  begin (options?: Partial<StartRequest>): Promise<string>
}

export const profilesOf = (...profiles: Array<Partial<Profile>>): ReadonlyMap<string, Profile> =>
  new Map(profiles.map((profile) => ({ ...PROFILE, ...profile })).map((profile) => [profile.name, profile]))

export const startOf = (options: Partial<StartRequest> = {}): StartRequest => ({
  to: numberOf('+4915112345678'),
  profile: undefined,
  channel: undefined,
  locale: undefined,
  codeLength: undefined,
  lifetime: undefined,
  maxAttempts: undefined,
  ip: undefined,
  user: undefined,
  session: undefined,
  ...options
})

/** What was answered. Throws where it was refused. */
export const valueOf = <T>(answered: Answered<T>): T => {
  if (answered.kind === 'refused') throw new Error(answered.code)
  return answered.value
}

export const openService = async (t: Test, options: Partial<VerificationDeps> = {}): Promise<ServiceStand> => {
  const world = await openWorld(t, openSqliteStore)
  const { bus, events, next } = recordBus()
  const [messages, deadlines]: [Message[], number[]] = [[], []]
  let outcome: Outcome | Error = ACCEPTED
  const deliver: Deliver = async (message, deadline) => {
    messages.push(message)
    deadlines.push(deadline.remaining)
    if (outcome instanceof Error) throw outcome
    return { outcome, answered: async () => {} }
  }
  const another = (others: Partial<VerificationDeps>): Verification => createVerification({
    keys: KEYS,
    verifications: world.verifications,
    deliver,
    plan: { for: (channel) => [providerOf('acs', undefined, { channel })] },
    guard: OPEN_GUARD,
    checkByVendor: async () => ({ kind: 'refused', code: 'verification_unavailable' }),
    words: { text: ({ code }) => new SensitiveText(`text ${code.reveal()}`), speech: ({ lifetime }) => new SensitiveText(`speech for ${lifetime}`) },
    profiles: profilesOf({}),
    testNumbers: new Map(),
    sign: ({ status }) => `signed ${status}`,
    defaultLocale: undefined,
    budgetMs: 8000,
    bus,
    now: world.clock,
    ...options,
    ...others
  })
  const room = another({})
  return {
    ...world,
    ...room,
    events,
    next,
    messages,
    deadlines,
    another,
    become: (next) => { outcome = next },
    begin: async (options) => valueOf(await room.service.start(startOf(options), SHOP)).id
  }
}
