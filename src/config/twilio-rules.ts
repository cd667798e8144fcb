import { ACCOUNTS } from './provider-needs.ts'
import type { ReadSettings } from './read-settings.ts'
import type { SettingName } from './settings.ts'

type Given = ReadSettings['given']

/** Settings that mean that somebody wants Twilio. The others refine it, and are nothing by themselves. */
const OF_AN_ACCOUNT: readonly SettingName[] = [
  'TWILIO_AUTH_TOKEN', 'TWILIO_API_KEY', 'TWILIO_API_SECRET', 'TWILIO_PHONE_NUMBER', 'TWILIO_MESSAGING_SERVICE_SID',
  'TWILIO_WHATSAPP_NUMBER', 'TWILIO_WHATSAPP_CONTENT_SID', 'TWILIO_VERIFY_SID'
]

/** What is wrong with the settings of Twilio taken together, in whatever mode: it is half configured. */
export const twilioProblems = (given: Given): string[] => [
  ...accountProblems(given),
  ...together('TWILIO_API_KEY', 'TWILIO_API_SECRET', given),
  ...together('TWILIO_WHATSAPP_NUMBER', 'TWILIO_WHATSAPP_CONTENT_SID', given)
]

const accountProblems = (given: Given): string[] => {
  if (!given.has(ACCOUNTS.twilio)) {
    // Named as the environment has them: one of these names may belong to somebody else.
    const names = OF_AN_ACCOUNT.flatMap((name) => given.get(name) ?? [])
    return names.length === 0 ? [] : [`${ACCOUNTS.twilio} must be set: there is ${names.join(', ')}.`]
  }
  const credential = (['TWILIO_AUTH_TOKEN', 'TWILIO_API_KEY', 'TWILIO_API_SECRET'] as const).some((name) => given.has(name))
  return credential ? [] : ['TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with TWILIO_API_SECRET, must be set: Twilio asks for a credential.']
}

const together = (one: SettingName, other: SettingName, given: Given): string[] =>
  given.has(one) === given.has(other) ? [] : [`${one} and ${other} must be set together.`]

/** What production asks of Twilio, where it is configured: that it can send something. */
export const twilioProductionProblems = (given: Given): string[] => {
  const senders = ['TWILIO_PHONE_NUMBER', 'TWILIO_MESSAGING_SERVICE_SID', 'TWILIO_WHATSAPP_NUMBER', 'TWILIO_WHATSAPP_CONTENT_SID', 'TWILIO_VERIFY_SID'] as const
  return senders.some((name) => given.has(name))
    ? []
    : ['TWILIO_PHONE_NUMBER, TWILIO_MESSAGING_SERVICE_SID, TWILIO_WHATSAPP_NUMBER or TWILIO_VERIFY_SID must be set: Twilio has nothing to send by.']
}
