import type { Test } from 'tap'
import { Deadline } from '../../src/domain/deadline.ts'
import { createKeys } from '../../src/domain/keys.ts'
import { numberDigest } from '../../src/domain/number-digest.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { CodeOwner, Order } from '../../src/providers/provider.ts'
import { createTwilio } from '../../src/providers/twilio/twilio.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import type { VerificationRecord, VerificationRequest } from '../../src/store/verifications.ts'
import { startHttp } from '../providers/twilio/vendor.ts'
import { WORDS_OF_CALLS } from '../providers/twilio/call-parts.ts'
import { numberOf } from '../support/message.ts'
import { startAtVendor } from '../store/suite/verifications-stand.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

export const MINUTE = 60_000
export const NUMBER = '+15551234567'
export const KEYS = createKeys([Buffer.alloc(32, 7)])

const LONG = 30_000

export interface VendorStand {
  readonly world: World
  readonly sandbox: Sandbox
  readonly owner: CodeOwner
  /** Starts a verification whose code the vendor makes; nothing is sent for it yet. */
  start (options?: Partial<VerificationRequest>): Promise<VerificationRecord>
  /** Sends its newest message, and notes that it was sent; gives its delivery. */
  send (verification: VerificationRecord): Promise<string>
  /** Starts one and sends its message; gives it as it stands then. */
  begin (options?: Partial<VerificationRequest>): Promise<VerificationRecord>
  now (verification: VerificationRecord): Promise<VerificationRecord>
  /** The code that came last. */
  code (): string
  /** Another one of as many digits. */
  wrong (by?: number): string
  /** Requests that the vendor got so far. */
  requests (): number
}

/** A store with verifications, and a vendor that makes and checks their codes. */
export const startVendorStand = async (t: Test): Promise<VendorStand> => {
  const world = await openWorld(t, openSqliteStore)
  const { verifications, attempts, clock } = world
  const sandbox = await startSandbox({ eventGridSecret: 'event-grid-secret', pace: 0, now: clock })
  t.teardown(() => sandbox.close())
  const { accountSid, authToken, baseUrl, verifySid } = sandbox.twilio
  const { codeOwners } = createTwilio({
    settings: {
      accountSid,
      credential: { username: accountSid, password: new SensitiveText(authToken) },
      authTokens: [],
      phoneNumber: undefined,
      messagingServiceSid: undefined,
      whatsapp: undefined,
      verifySid,
      messageFeedback: false,
      region: undefined,
      edge: undefined,
      baseUrl: new URL(baseUrl),
      callbackUrl: undefined,
      voiceNames: new Map()
    },
    voice: { repeats: 1, confirm: 'none', maxSeconds: 90 },
    words: WORDS_OF_CALLS,
    http: startHttp(t),
    keys: KEYS,
    now: clock
  })
  const [owner] = codeOwners as [CodeOwner]
  const to = numberOf(NUMBER)
  const now = async ({ id }: VerificationRecord): Promise<VerificationRecord> => await verifications.find(id) as VerificationRecord
  const code = (): string => /(\d{6})$/.exec(sandbox.messages.at(-1)?.text ?? '')?.[1] as string

  const start: VendorStand['start'] = async (options = {}) => await startAtVendor(world, {
    numberDigest: numberDigest(KEYS, to), numberMasked: to.masked, country: 'US', lifetime: 10 * MINUTE, cooldown: 1000, leastLife: 1000, maxSends: 4, ...options
  })

  const send: VendorStand['send'] = async ({ id, sends, numberDigest }) => {
    const { id: delivery } = await world.delivery({ numberDigest })
    const attempt = world.attemptOf(delivery, { provider: 'twilio-verify' })
    await attempts.begin(attempt)
    const order: Order = { delivery, attempt: attempt.id, startedAt: clock(), to, text: undefined, code: undefined, locale: '', expiresAt: clock() + 10 * MINUTE }
    const result = await owner.providers[0]?.send(order, Deadline.in(LONG))
    if (result?.kind !== 'accepted') throw new Error(result?.kind)
    await attempts.finish(world.resultOf(attempt.id, { reference: result.reference, transaction: result.transaction }))
    await verifications.noteSent(id, sends, { state: 'sent', reason: undefined, delivery })
    return delivery
  }

  return {
    world,
    sandbox,
    owner,
    start,
    send,
    async begin (options) {
      const verification = await start(options)
      await send(verification)
      return await now(verification)
    },
    now,
    code,
    wrong: (by = 1) => String((Number(code()) + by) % 1_000_000).padStart(6, '0'),
    requests: () => sandbox.requests.length
  }
}
