import type { Deliver } from '../delivery/deliver.ts'
import type { DoWork } from '../delivery/housekeeping.ts'
import type { Plan } from '../delivery/plan.ts'
import type { Keys } from '../domain/keys.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import type { SigningKeys } from '../domain/signing-keys.ts'
import type { Profile } from '../domain/verification.ts'
import type { Guard } from '../guard/guard.ts'
import type { Bus } from '../observability/bus.ts'
import type { HttpClient } from '../providers/http-client.ts'
import type { CodeOwner } from '../providers/provider.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Due } from '../store/due.ts'
import type { Verifications } from '../store/verifications.ts'
import { createVerificationWords, type VerificationWordsDeps } from '../wording/verification-words.ts'
import { createCancelAtVendor } from './cancel-at-vendor.ts'
import { createCheckByVendor } from './check-by-vendor.ts'
import { createVerification } from './create-verification.ts'
import { createEnd } from './end.ts'
import { createOfferedChannels, type OfferedChannels } from './offered-channels.ts'
import { createResults, NAMELESS_ISSUER, type Results } from './results.ts'
import type { VerificationService } from './service.ts'
import type { Sessions } from './session.ts'
import { createSessions } from './sessions.ts'
import { createWebhook } from './webhook.ts'

/** What the operator has set. */
export interface VerificationRules extends VerificationWordsDeps {
  /** By name: who may give sessions to browsers. */
  readonly callers: ReadonlyMap<string, unknown>
  /** By name; the first is taken where none is asked for. */
  readonly profiles: ReadonlyMap<string, Profile>
  /** Where it is told how verifications end; absent: nowhere. */
  readonly webhook: { readonly url: URL, readonly secrets: readonly SensitiveText[] } | undefined
  /** Where the outside reaches the gateway. */
  readonly publicUrl: URL | undefined
  readonly defaultLocale: string | undefined
  /** How long a message may take to be sent, in milliseconds. */
  readonly budgetMs: number
  /** Codes of the numbers to which nothing is sent, by E.164 form. */
  readonly testNumbers: ReadonlyMap<string, OneTimeCode>
}

/** What the room works with. */
export interface VerificationParts {
  readonly keys: Keys
  readonly verifications: Verifications
  readonly deliveries: Deliveries
  readonly due: Due
  readonly deliver: Deliver
  readonly plan: Plan
  readonly guard: Guard
  /** Vendors that make codes themselves. */
  readonly codeOwners: readonly CodeOwner[]
  readonly http: HttpClient
  readonly bus: Bus
  /** The store's clock, milliseconds since 1970. */
  readonly now: () => number
  /** The clock of this machine, by which others judge what they are told. */
  readonly machineNow: () => number
}

export interface VerificationRoomDeps {
  readonly rules: VerificationRules
  readonly parts: VerificationParts
  readonly signingKeys: SigningKeys
}

/** Codes of our own, with everything that belongs to them. */
export interface VerificationRoom {
  readonly service: VerificationService
  readonly sessions: Sessions
  readonly results: Results
  readonly offeredChannels: OfferedChannels
  /** What is done when it falls due. */
  readonly work: Readonly<Record<'verification-send' | 'verification-end' | 'verification-webhook', DoWork>>
  /** Settles once no message is being sent any more that this process began to send by itself, and no end is told. For the end of the process. */
  idle (): Promise<void>
}

/** Ties the parts of the room together. `deliveries` count a use as what it is. */
export const createVerificationRoom = ({ rules, parts, signingKeys }: VerificationRoomDeps): VerificationRoom => {
  const { publicUrl } = rules
  const { machineNow } = parts
  const results = createResults({ signingKeys, issuer: publicUrl?.href.replace(/\/$/, '') ?? NAMELESS_ISSUER, now: parts.now })
  const { service, send, idle } = createVerification({
    ...rules, ...parts, words: createVerificationWords(rules), checkByVendor: createCheckByVendor(parts), sign: results.sign
  })
  const webhook = rules.webhook && createWebhook({ ...parts, ...rules.webhook, now: machineNow })
  return {
    service,
    sessions: createSessions({ ...rules, ...parts }),
    results,
    offeredChannels: createOfferedChannels(parts),
    work: {
      'verification-send': send,
      'verification-end': createEnd({ ...parts, cancelAtVendor: createCancelAtVendor(parts), hasWebhook: webhook !== undefined }),
      // What is still due from a time when somebody was told stays untold.
      'verification-webhook': webhook?.tell ?? (async () => {})
    },
    async idle () {
      await Promise.all([idle(), webhook?.stop()])
    }
  }
}
