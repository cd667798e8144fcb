import type { Config } from '../../config/config.ts'
import type { HookSettings } from '../../dialects/catalog.ts'
import { fail, warn, type Finding } from '../../domain/finding.ts'
import type { Channel } from '../../domain/message.ts'

/** By which channels the texts of hooks are to travel, and whether there is a way. */
export const examineChannels = ({ hooks: { textChannels, settings }, routes, defaultCountry, sandbox }: Config): readonly Finding[] => {
  const byHook = [...textChannels.byHook].filter(([, channel]) => sandbox === undefined && routes[channel].names.length === 0)
    .map(([name, channel]) => fail('HOOK_CHANNELS', `${name} is to go by ${channel}, and ${lacking(channel)}`))
  const byCountry = [...textChannels.byCountry].filter(([country, channel]) => sandbox === undefined && (routes[channel].byCountry.get(country) ?? routes[channel].names).length === 0)
    .map(([country, channel]) => fail(`HOOK_CHANNEL_${country}`, `texts are to go by ${channel}, and ${lacking(channel)}`))
  return [...byHook, ...byCountry, ...withoutCountry(settings.okta, textChannels.byHook.has('okta'), defaultCountry)]
}

/** The findings without warnings about settings of which `channels` tells more. */
export const withoutRepetition = (findings: readonly Finding[], channels: readonly Finding[]): readonly Finding[] =>
  findings.filter(({ level, says }) => level !== 'warn' || !channels.some(({ about }) => new RegExp(`\\b${about}\\b`).test(says)))

/** Okta's own examples have numbers as people write them at home. Whether Okta is meant to ask shows in what is set for it. */
const withoutCountry = ({ oauth, header, failure }: HookSettings['okta'], isNamed: boolean, defaultCountry: string | undefined): readonly Finding[] => {
  const isWanted = oauth !== undefined || header.toLowerCase() !== 'authorization' || failure !== 'error' || isNamed
  return isWanted && defaultCountry === undefined
    ? [warn('DEFAULT_COUNTRY', 'not set: where Okta sends numbers without + and without their country, they are refused. Set it to the country of most users.')]
    : []
}

/** What to set, in words that end a sentence. */
const lacking = (channel: Channel): string => {
  switch (channel) {
    case 'sms': return 'no provider sends text messages: set ACS_SENDER_ID, TWILIO_PHONE_NUMBER, TWILIO_MESSAGING_SERVICE_SID or TWILIO_VERIFY_SID.'
    case 'voice': return 'no provider calls: set ACS_COGNITIVE_SERVICES_ENDPOINT with ACS_SOURCE_PHONE_NUMBER and PUBLIC_URL, or TWILIO_PHONE_NUMBER, or TWILIO_VERIFY_SID.'
    case 'whatsapp': return 'no provider sends by WhatsApp: set TWILIO_WHATSAPP_NUMBER with TWILIO_WHATSAPP_CONTENT_SID, or TWILIO_VERIFY_SID.'
  }
}
