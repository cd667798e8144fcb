import { CallAutomationClient } from '@azure/communication-call-automation'
import { SmsClient } from '@azure/communication-sms'
import type { Keys } from '../../domain/keys.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import { createCallbackUrls } from '../callback-url.ts'
import type { HttpClient } from '../http-client.ts'
import type { Provider, Providers } from '../provider.ts'
import { createAcsCallControl } from './call-control.ts'
import { createEventCredentials, type EventCredentialsDeps } from './event-credentials.ts'
import { createAcsEventReader } from './event-reader.ts'
import { pipelineOptions } from './pipeline.ts'
import { createAcsSms } from './sms.ts'
import { createAcsVoice, inTurn } from './voice.ts'

export interface AcsSettings {
  readonly account: { readonly endpoint: URL, readonly accessKey: SensitiveText }
  readonly sms: { readonly sender: string, readonly countrySenders: ReadonlyMap<string, string> } | undefined
  readonly voice: {
    readonly sources: readonly string[]
    readonly cognitiveServicesEndpoint: URL
    readonly callbackUrl: URL
    /** Voices in place of ours, by locale. */
    readonly voiceNames: ReadonlyMap<string, string>
  } | undefined
  /** The numbers that are ours, in E.164 form. */
  readonly ownNumbers: readonly string[]
  readonly callbackToken: EventCredentialsDeps['callbackToken']
  readonly eventGrid: { readonly secrets: readonly SensitiveText[], readonly entra: EventCredentialsDeps['entra'] }
  readonly trustRepeatability: boolean
}

export interface AcsDeps {
  readonly settings: AcsSettings
  readonly http: HttpClient
  readonly keys: Keys
  readonly now: () => number
}

/** Where no callback can come, none is made; the address stands for nothing. */
const NOWHERE = new URL('https://callbacks.invalid/events')

/** Everything that Azure Communication Services does for the gateway. */
export const createAcs = ({ settings, http, keys, now }: AcsDeps): Providers => {
  const { account, sms, voice, ownNumbers, eventGrid, callbackToken, trustRepeatability } = settings
  const credential = { key: account.accessKey.reveal() }
  const callbackUrls = createCallbackUrls(voice?.callbackUrl ?? NOWHERE, keys, now, 'call')
  const credentials = createEventCredentials({ http, now, eventGridSecrets: eventGrid.secrets, entra: eventGrid.entra, callbackToken })
  const providers: Provider[] = []
  if (sms !== undefined) {
    const client = new SmsClient(account.endpoint.href, credential, pipelineOptions(http))
    providers.push(createAcsSms({ client, ...sms, trustRepeatability }))
  }
  const events = createAcsEventReader(credentials, callbackUrls)
  if (voice === undefined) return { providers, ownNumbers, calls: undefined, events, callbacks: undefined, codeOwners: [] }
  const client = new CallAutomationClient(account.endpoint.href, credential, pipelineOptions(http))
  providers.push(createAcsVoice({ client, callbackUrls, ...voice, nextSource: inTurn(voice.sources), trustRepeatability }))
  return { providers, ownNumbers, calls: createAcsCallControl({ client, callbackUrls, ...voice }), events, callbacks: undefined, codeOwners: [] }
}
