import type { Keys } from '../domain/keys.ts'
import type { Receiver } from '../domain/receiver.ts'
import type { AccountCheck } from './account.ts'
import type { AcsSettings } from './acs/acs.ts'
import type { TopicReceiverDeps } from './acs/topic.ts'
import type { HttpClient } from './http-client.ts'
import type { CallWords, Providers } from './provider.ts'
import type { CallSettings, TwilioSettings } from './twilio/twilio.ts'

export interface CatalogDeps {
  /** Absent: not configured. */
  readonly acs: AcsSettings | undefined
  /** Absent: not configured. */
  readonly twilio: TwilioSettings | undefined
  /** How vendors that conduct calls themselves make them. */
  readonly voice: CallSettings
  readonly words: CallWords
  readonly http: HttpClient
  readonly keys: Keys
  readonly now: () => number
}

/** The only list of vendors. Each is loaded where it is configured: an SDK costs time and memory at start. */
export const createProviders = async ({ acs, twilio, voice, words, ...shared }: CatalogDeps): Promise<Providers> => {
  const azure = acs && (await import('./acs/acs.ts')).createAcs({ settings: acs, ...shared })
  const twilios = twilio && (await import('./twilio/twilio.ts')).createTwilio({ settings: twilio, voice, words, ...shared })
  return {
    providers: [azure, twilios].flatMap((vendor) => vendor?.providers ?? []),
    ownNumbers: [...new Set([azure, twilios].flatMap((vendor) => vendor?.ownNumbers ?? []))],
    calls: azure?.calls,
    events: azure?.events,
    callbacks: twilios?.callbacks,
    codeOwners: [azure, twilios].flatMap((vendor) => vendor?.codeOwners ?? [])
  }
}

/** The Event Grid topic that is told of events. */
export const createTopic = async (deps: TopicReceiverDeps): Promise<Receiver> => (await import('./acs/topic.ts')).createTopicReceiver(deps)

export interface AccountChecksDeps {
  /** Absent: not configured. */
  readonly acs: Pick<AcsSettings, 'account' | 'voice'> | undefined
  /** Absent: not configured. */
  readonly twilio: TwilioSettings | undefined
  readonly http: HttpClient
  /** The names of the providers that stand on a route. */
  readonly used: ReadonlySet<string>
}

/** What can be asked of each vendor that is configured about its account. */
export const createAccountChecks = async ({ acs, twilio, http, used }: AccountChecksDeps): Promise<readonly AccountCheck[]> => [
  ...(acs === undefined ? [] : [(await import('./acs/account.ts')).createAcsAccountCheck({ settings: acs, http })]),
  ...(twilio === undefined ? [] : [(await import('./twilio/account.ts')).createTwilioAccountCheck({ settings: twilio, http, used })])
]
