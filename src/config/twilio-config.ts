import type { SensitiveText } from '../domain/sensitive.ts'
import { isLoopback } from './kinds.ts'
import { belowPublicUrl } from './public-url.ts'
import type { ReadSettings } from './read-settings.ts'
import type { SettingValues } from './settings.ts'

export interface TwilioConfig {
  readonly accountSid: string
  /** What requests are sent with: the API key where there is one, otherwise the account and its newest token. */
  readonly credential: { readonly username: string, readonly password: SensitiveText }
  /** Any of these may have signed a callback. Without one, none can be checked. */
  readonly authTokens: readonly SensitiveText[]
  readonly phoneNumber: string | undefined
  readonly messagingServiceSid: string | undefined
  /** The number without `whatsapp:`. */
  readonly whatsapp: { readonly number: string, readonly contentSid: string } | undefined
  readonly verifySid: string | undefined
  /** Whether Twilio is told which texts had a code that was used. */
  readonly messageFeedback: boolean
  readonly region: string | undefined
  readonly edge: string | undefined
  /** One origin in place of all of Twilio's hosts. */
  readonly baseUrl: URL | undefined
  /** Below which Twilio calls back; absent: it cannot, and is asked. */
  readonly callbackUrl: URL | undefined
  /** Voices by locale, in place of ours. */
  readonly voiceNames: ReadonlyMap<string, string>
}

/** What is known of Twilio; `undefined` where it is not configured. */
export const twilioConfig = (settings: ReadSettings): TwilioConfig | undefined => {
  const { values } = settings
  const accountSid = values.TWILIO_ACCOUNT_SID
  if (accountSid === undefined) return undefined
  const authTokens = values.TWILIO_AUTH_TOKEN ?? []
  return {
    accountSid,
    credential: credentialOf(values, accountSid, authTokens),
    authTokens,
    phoneNumber: values.TWILIO_PHONE_NUMBER,
    messagingServiceSid: values.TWILIO_MESSAGING_SERVICE_SID,
    whatsapp: values.TWILIO_WHATSAPP_NUMBER !== undefined && values.TWILIO_WHATSAPP_CONTENT_SID !== undefined
      ? { number: values.TWILIO_WHATSAPP_NUMBER, contentSid: values.TWILIO_WHATSAPP_CONTENT_SID }
      : undefined,
    verifySid: values.TWILIO_VERIFY_SID,
    messageFeedback: values.TWILIO_MESSAGE_FEEDBACK === '1',
    region: values.TWILIO_REGION,
    edge: values.TWILIO_EDGE,
    baseUrl: values.TWILIO_BASE_URL,
    callbackUrl: values.PUBLIC_URL !== undefined && callbackObstacle(settings) === undefined
      ? belowPublicUrl(values.PUBLIC_URL, '/events/twilio')
      : undefined,
    voiceNames: values.TWILIO_VOICE_NAMES ?? new Map()
  }
}

/** One of the two is there: the rules see to it. */
const credentialOf = (values: SettingValues, accountSid: string, authTokens: readonly SensitiveText[]): TwilioConfig['credential'] =>
  values.TWILIO_API_KEY !== undefined && values.TWILIO_API_SECRET !== undefined
    ? { username: values.TWILIO_API_KEY, password: values.TWILIO_API_SECRET }
    : { username: accountSid, password: authTokens[0] as SensitiveText }

const ASKED = 'Twilio is asked for the status instead.'

/**
 * Why Twilio cannot call back, as a sentence; `undefined` where it can.
 * A host with an underscore it refuses: https://www.twilio.com/docs/api/errors/21609
 */
export const callbackObstacle = ({ values, given }: ReadSettings): string | undefined => {
  const [publicUrl, baseUrl] = [values.PUBLIC_URL, values.TWILIO_BASE_URL]
  if (!given.has('TWILIO_AUTH_TOKEN')) return `Twilio's callbacks cannot be checked without TWILIO_AUTH_TOKEN: ${ASKED}`
  if (!given.has('PUBLIC_URL')) return `Twilio cannot call back without PUBLIC_URL: ${ASKED}`
  // One that is wrong is told of where it is read.
  if (publicUrl === undefined) return undefined
  if (isLoopback(publicUrl) && (baseUrl === undefined || !isLoopback(baseUrl))) return `Twilio cannot reach PUBLIC_URL, which leads to this machine only: ${ASKED}`
  if (publicUrl.hostname.includes('_')) return `Twilio does not call a host with an underscore in its name, as PUBLIC_URL has it: ${ASKED}`
  return undefined
}
