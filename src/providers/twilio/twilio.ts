import type { Keys } from '../../domain/keys.ts'
import { CHANNELS } from '../../domain/message.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import type { HttpClient } from '../http-client.ts'
import type { CallWords, CodeOwner, Order, Provider, Providers } from '../provider.ts'
import { createCallScript } from './call-script.ts'
import { createTwilioCallbackReader } from './callback-reader.ts'
import { createTwilioCallbackUrls } from './callback-urls.ts'
import { createTwilioClient } from './client.ts'
import { createTwilioSms, type TwilioSmsDeps } from './sms.ts'
import { createTwilioVerify } from './verify.ts'
import { createVerifyOwner } from './verify-owner.ts'
import { createTwilioVoice, type CallPlan } from './voice.ts'
import { createVoices } from './voices.ts'
import { createTwilioWhatsapp } from './whatsapp.ts'

export interface TwilioSettings {
  readonly accountSid: string
  /** The account's SID and token, or the SID and secret of an API key. */
  readonly credential: { readonly username: string, readonly password: SensitiveText }
  /** Tokens of the account, by any of which callbacks may be signed. */
  readonly authTokens: readonly SensitiveText[]
  /** The number that writes and calls, in E.164 form. */
  readonly phoneNumber: string | undefined
  /** Sends texts in place of the number. */
  readonly messagingServiceSid: string | undefined
  readonly whatsapp: { readonly number: string, readonly contentSid: string } | undefined
  readonly verifySid: string | undefined
  /** Whether texts are sent so that Twilio takes feedback on them, and it is given. */
  readonly messageFeedback: boolean
  readonly region: string | undefined
  readonly edge: string | undefined
  /** One origin in place of all of Twilio's hosts. */
  readonly baseUrl: URL | undefined
  /** Where Twilio's callbacks come, `…/events/twilio`. Absent: Twilio cannot call back, and is asked instead. */
  readonly callbackUrl: URL | undefined
  /** Voices in place of ours, by locale. */
  readonly voiceNames: ReadonlyMap<string, string>
}

/** How calls are made. */
export interface CallSettings {
  /** How often a call says the code. */
  readonly repeats: number
  /** `keypress`: ask for a key before the code, so that voicemail never holds it. */
  readonly confirm: 'none' | 'keypress'
  /** How long a call may last once it was answered. */
  readonly maxSeconds: number
}

export interface TwilioDeps {
  readonly settings: TwilioSettings
  readonly voice: CallSettings
  readonly words: CallWords
  readonly http: HttpClient
  readonly keys: Keys
  readonly now: () => number
}

/** Everything that Twilio does for the gateway. Calls that ask for a key are there only where Twilio can call back. */
export const createTwilio = ({ settings, voice, words, http, keys, now }: TwilioDeps): Providers => {
  const { authTokens, phoneNumber, whatsapp, verifySid, messageFeedback, callbackUrl } = settings
  const client = createTwilioClient({ http, ...settings })
  const urls = callbackUrl && createTwilioCallbackUrls(callbackUrl, keys, now)
  const script = createCallScript({ words, voiceOf: createVoices(settings.voiceNames), repeats: voice.repeats })
  const statusCallback = urls && ((order: Order): URL => urls.forMessage(order.attempt))
  const providers: Provider[] = []
  const codeOwners: CodeOwner[] = []

  const sender = senderOf(settings)
  if (sender !== undefined) providers.push(createTwilioSms({ client, from: sender, statusCallback, withFeedback: messageFeedback }))
  const plan: CallPlan | undefined = voice.confirm === 'none' ? { confirm: 'none', urls } : urls && { confirm: 'keypress', urls }
  if (phoneNumber !== undefined && plan !== undefined) {
    providers.push(createTwilioVoice({ client, from: phoneNumber, script, plan, maxSeconds: voice.maxSeconds }))
  }
  if (whatsapp !== undefined) providers.push(createTwilioWhatsapp({ client, ...whatsapp, statusCallback }))
  client.load((sdk) => [sdk.messages, sdk.calls])
  if (messageFeedback) client.load((sdk) => sdk.messages(ANY_MESSAGE).feedback)
  if (verifySid !== undefined) {
    client.load((sdk) => [sdk.verify.v2.services(verifySid).verifications, sdk.verify.v2.services(verifySid).verificationChecks, sdk.verify.v2.verificationAttempts])
    providers.push(...CHANNELS.map((channel) => createTwilioVerify({ client, serviceSid: verifySid, channel, codes: 'ours' })))
    codeOwners.push(createVerifyOwner({ client, serviceSid: verifySid }))
  }

  return {
    providers,
    ownNumbers: [...new Set([phoneNumber, whatsapp?.number].filter((number) => number !== undefined))],
    calls: undefined,
    events: undefined,
    callbacks: createTwilioCallbackReader({ authTokens, urls, script }),
    codeOwners
  }
}

/** No message of anybody's. */
const ANY_MESSAGE = `SM${'0'.repeat(32)}`

const senderOf = ({ messagingServiceSid, phoneNumber }: TwilioSettings): TwilioSmsDeps['from'] | undefined => {
  if (messagingServiceSid !== undefined) return { messagingServiceSid }
  return phoneNumber === undefined ? undefined : { phoneNumber }
}
