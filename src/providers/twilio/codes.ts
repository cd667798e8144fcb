import type { Reason } from '../../domain/reason.ts'
import { hintIn, type CodeMeaning } from '../code-book.ts'

const TRIAL = 'a trial account cannot do this: verify the number in Twilio\'s console, or upgrade the account'
const SUSPENDED = 'the Twilio account is suspended or closed: see the notices in Twilio\'s console'
const LANDLINE = 'the number is a landline: offer a call instead'
const SENDER_POOL = 'add a number that can reach {country} to the sender pool of the Messaging Service'
const REGISTRATION = 'the sender is not registered with the carriers of {country}: see its registration in Twilio\'s console'
const CAMPAIGN_LIMIT = 'the carriers\' limit for this sender is reached: register the brand for more, or add senders to the Messaging Service'
const PUMPING = 'Twilio takes this for SMS pumping and ends the block by itself; where it is wrong, look at SMS pumping protection in Twilio\'s console'
const FRAUD_GUARD = 'Fraud Guard ends the block by itself; where it is wrong, put the number on the safe list of Twilio Verify'
const VERIFY_CHANNEL = 'look at the channels and templates of the Verify service: this one is not turned on'
const WHATSAPP_CONTENT = 'WhatsApp refused the content: look at the template in Twilio\'s console'
const NOT_ON_WHATSAPP = 'the number is not on WhatsApp: offer a text message or a call instead'
const WHATSAPP_LIMIT = 'the sender\'s limit is reached: ask for a higher one in Twilio\'s console'
const WHATSAPP_SENDER = 'look at the WhatsApp sender in Twilio\'s console: the business account behind it is restricted'

/**
 * Twilio's codes of requests that were refused, and of messages that did not arrive.
 * https://www.twilio.com/docs/api/errors
 */
const MEANINGS: ReadonlyArray<readonly [codes: readonly number[], reason: Reason, hint?: string]> = [
  // the account
  [[20003], 'credentials', 'check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or the API key'],
  [[10001, 20005, 30002], 'credentials', SUSPENDED],
  [[20006], 'credentials', 'this credential may not do that: check what the API key is allowed'],
  [[20404], 'configuration', 'Twilio knows no such account or service: check TWILIO_ACCOUNT_SID, TWILIO_VERIFY_SID and TWILIO_REGION'],
  [[20429], 'rate_limited', 'the account takes no more requests at a time: ask Twilio for a higher limit'],
  [[20500, 20503, 30500], 'provider_error'],
  [[10002, 21219, 21608, 572005, 573005, 575001], 'configuration', TRIAL],

  // the number
  [[13223, 13224, 21211, 21217, 30005], 'number_invalid'],
  [[21614, 21635, 30006, 60205], 'number_not_mobile', LANDLINE],
  [[21610], 'opted_out', 'only the person can undo it, by sending START to the sender'],
  [[30003], 'number_unreachable'],
  [[21408], 'destination_unsupported', 'turn on {country} in Twilio\'s geo permissions for messaging'],
  [[21215], 'destination_unsupported', 'turn on {country} in Twilio\'s geo permissions for voice'],
  [[60605], 'destination_unsupported', 'turn on {country} in the geo permissions of Twilio Verify'],
  [[21214], 'destination_unsupported'],
  [[21612], 'destination_unsupported', 'this sender cannot reach {country}: use one that can'],
  [[60220], 'destination_unsupported', 'have Twilio vet the use of Verify for {country}'],
  [[60238], 'destination_unsupported', 'Twilio reviews this account, or does not serve {country}: ask its support'],

  // the sender
  [[21212, 21606, 21607], 'sender_refused', 'TWILIO_PHONE_NUMBER is not a number of this account that can write to {country}'],
  [[21210], 'sender_refused', 'TWILIO_PHONE_NUMBER is neither a number of this account nor one of its verified caller IDs'],
  [[21603], 'configuration', 'set TWILIO_PHONE_NUMBER or TWILIO_MESSAGING_SERVICE_SID'],
  [[21703, 21704], 'sender_refused', SENDER_POOL],
  [[21705], 'configuration', 'check TWILIO_MESSAGING_SERVICE_SID'],
  [[30018, 30024, 30035, 30042], 'sender_refused', REGISTRATION],
  [[30032], 'sender_refused', 'verify the toll-free number in Twilio\'s console'],
  [[30034], 'sender_refused', 'register the number with a campaign (US A2P) in Twilio\'s console'],
  [[21611, 30001], 'rate_limited', 'the queue of this sender is full: add senders to the Messaging Service'],
  [[30022, 30023], 'rate_limited', CAMPAIGN_LIMIT],

  // the message
  [[21617], 'content_refused', 'the text is longer than Twilio takes: shorten it at its source'],
  [[21602, 21619], 'content_refused', 'the text is empty: look at its source'],
  [[21604], 'configuration'],
  [[21609], 'configuration', 'check PUBLIC_URL: Twilio must reach it, and its host has no underscore'],
  [[21910], 'configuration', 'check TWILIO_WHATSAPP_NUMBER and TWILIO_MESSAGING_SERVICE_SID: sender and recipient are of different channels'],
  [[30036], 'expired'],

  // the carrier
  [[21216, 30004], 'carrier_blocked'],
  [[30007], 'carrier_blocked', 'the messages are filtered: register the sender, and send plain words without links'],
  [[30008, 30017], 'carrier_error'],
  [[30038], 'carrier_blocked', 'codes to Twilio\'s own numbers are filtered: test with a real phone'],
  [[30410], 'no_report'],
  [[30450, 30453], 'fraud_blocked', PUMPING],

  // Verify
  [[25109], 'too_many_codes', 'a rate limit of the Verify service is reached: raise it where people need more codes'],
  [[60202, 60212], 'too_many_codes'],
  [[60203], 'too_many_codes', 'Twilio gives a person five codes in ten minutes, unless it is told that they were used'],
  [[60410, 60412, 60413], 'fraud_blocked', FRAUD_GUARD],
  [[60200], 'configuration', 'Twilio Verify refused a field: look at the number, and at the settings of the Verify service'],
  [[60204], 'configuration', 'turn on custom codes for the Verify service'],
  [[60223, 60224, 60227, 60228, 60229, 60243], 'configuration', VERIFY_CHANNEL],
  [[60226], 'configuration', 'give the Verify service a friendly name: {country} asks for one'],
  [[60550], 'unspecified'],

  // WhatsApp
  [[63003, 63024], 'destination_unsupported', NOT_ON_WHATSAPP],
  [[63005, 63013, 63021], 'content_refused', WHATSAPP_CONTENT],
  [[63014, 63032, 63033], 'carrier_blocked'],
  [[63049], 'carrier_blocked', 'Meta holds marketing messages back: the template must be of the category authentication'],
  [[63007], 'sender_refused', 'TWILIO_WHATSAPP_NUMBER is not a WhatsApp sender of this account'],
  [[63020, 63051, 68008], 'sender_refused', WHATSAPP_SENDER],
  [[63015], 'configuration', 'WhatsApp\'s sandbox reaches only people who have joined it: use a sender of your own'],
  [[63016], 'content_refused', 'WhatsApp wants an approved template: check TWILIO_WHATSAPP_CONTENT_SID'],
  [[63018, 63038], 'rate_limited', WHATSAPP_LIMIT],
  [[21655], 'configuration', 'Twilio knows no such template: check TWILIO_WHATSAPP_CONTENT_SID'],
  [[63027], 'configuration', 'the template is not approved in its language: look at it in Twilio\'s console'],
  [[63028], 'configuration', 'the template must have one variable, the code: check TWILIO_WHATSAPP_CONTENT_SID']
]

/** What each of Twilio's codes means. A code that is not in it tells nothing that its status does not. */
export const TWILIO_CODES: ReadonlyMap<string, CodeMeaning> = new Map(
  MEANINGS.flatMap(([codes, reason, hint]) => codes.map((code) => [String(code), { reason, hint }] as const)))

/** Twilio's code as text; `undefined` for what cannot be one. */
export const vendorCodeOf = (code: unknown): string | undefined => /^[1-9][0-9]{4,5}$/.exec(String(code))?.[0]

/** Our reason for a code; `undefined` where it is not in the book. */
export const reasonOf = (vendorCode: string | undefined): Reason | undefined => TWILIO_CODES.get(vendorCode ?? '')?.reason

/** What an operator can do about a code of Twilio's; `country` is the ISO code of the number's. */
export const hintOf = (vendorCode: string, country: string | undefined): string | undefined => hintIn(TWILIO_CODES, vendorCode, country)
