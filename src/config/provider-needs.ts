import type { ReadSettings } from './read-settings.ts'
import type { ProviderName, SettingName } from './settings.ts'
import { callbackObstacle } from './twilio-config.ts'

/** The settings by which a vendor is configured at all. */
export const ACCOUNTS = { acs: 'ACS_CONNECTION_STRING', twilio: 'TWILIO_ACCOUNT_SID' } as const satisfies Record<string, SettingName>

/** Whether any real provider is configured, be it rightly or wrongly. */
export const isAnyVendorGiven = (given: ReadSettings['given']): boolean => Object.values(ACCOUNTS).some((name) => given.has(name))

/** Whether the vendor of a provider is configured. */
export const isVendorGiven = (name: ProviderName, given: ReadSettings['given']): boolean =>
  given.has(name.startsWith('acs-') ? ACCOUNTS.acs : ACCOUNTS.twilio)

/** What a call of Twilio lacks where it cannot ask what comes after the key. */
export const CALLBACKS = 'TWILIO_AUTH_TOKEN and a PUBLIC_URL that Twilio can reach, because of VOICE_CONFIRM=keypress'

/** What a provider needs: of each line one setting, or a sentence where it is more than that. */
const NEEDS: Readonly<Record<ProviderName, ReadonlyArray<readonly SettingName[] | typeof CALLBACKS>>> = {
  'acs-sms': [[ACCOUNTS.acs], ['ACS_SENDER_ID', 'ACS_SOURCE_PHONE_NUMBER']],
  'acs-voice': [[ACCOUNTS.acs], ['ACS_SOURCE_PHONE_NUMBER'], ['ACS_COGNITIVE_SERVICES_ENDPOINT'], ['ACS_CALLBACK_URL', 'PUBLIC_URL']],
  'twilio-sms': [[ACCOUNTS.twilio], ['TWILIO_PHONE_NUMBER', 'TWILIO_MESSAGING_SERVICE_SID']],
  'twilio-voice': [[ACCOUNTS.twilio], ['TWILIO_PHONE_NUMBER'], CALLBACKS],
  'twilio-whatsapp': [[ACCOUNTS.twilio], ['TWILIO_WHATSAPP_NUMBER'], ['TWILIO_WHATSAPP_CONTENT_SID']],
  'twilio-verify': [[ACCOUNTS.twilio], ['TWILIO_VERIFY_SID']]
}

/** What a provider lacks, in words that complete "it needs …"; none: it is there. A setting that is wrong is not called missing. */
export const missingFor = (name: ProviderName, settings: ReadSettings): readonly string[] => NEEDS[name].flatMap((need) => {
  if (need === CALLBACKS) return settings.values.VOICE_CONFIRM === 'keypress' && callbackObstacle(settings) !== undefined ? [CALLBACKS] : []
  return need.some((setting) => settings.given.has(setting)) ? [] : [need.join(' or ')]
})
