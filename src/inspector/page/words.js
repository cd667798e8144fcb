// What things are called on the page.

/** How a delivery stands: its word, its colour and its shape. */
export const STATUSES = {
  pending: { word: 'Sending', tone: 'quiet', icon: 'sending' },
  accepted: { word: 'Sent', tone: 'info', icon: 'sent' },
  delivered: { word: 'Delivered', tone: 'good', icon: 'delivered' },
  used: { word: 'Used', tone: 'good', icon: 'used' },
  undelivered: { word: 'Not delivered', tone: 'bad', icon: 'undelivered' },
  failed: { word: 'Failed', tone: 'bad', icon: 'failed' },
  refused: { word: 'Refused', tone: 'warn', icon: 'refused' },
  unknown: { word: 'Unknown', tone: 'warn', icon: 'unknown' }
}

/** How a rehearsal stands that went well: nothing was sent, and nothing more will come of it. */
const REHEARSED = { word: 'Rehearsed', tone: 'quiet', icon: 'plan' }

/** A status that this page does not know yet is shown by its own name. */
export const statusOf = status => status === 'rehearsed' ? REHEARSED : STATUSES[status] ?? { word: String(status), tone: 'quiet', icon: 'unknown' }

export const CHANNELS = { sms: 'Text', voice: 'Call', whatsapp: 'WhatsApp' }

const PROVIDERS = {
  'acs-sms': 'Azure text',
  'acs-voice': 'Azure call',
  'twilio-sms': 'Twilio text',
  'twilio-voice': 'Twilio call',
  'twilio-whatsapp': 'Twilio WhatsApp',
  'twilio-verify': 'Twilio Verify',
  'test-number': 'Nobody (test number)',
  rehearsal: 'Nobody (rehearsed)'
}

const HOOKS = {
  auth0: 'Auth0',
  'auth0-sms-gateway': 'Auth0 gateway',
  okta: 'Okta',
  supabase: 'Supabase',
  kratos: 'Ory Kratos',
  zitadel: 'ZITADEL',
  direct: 'Your app',
  verifications: 'Codes of our own',
  inspector: 'Inspector'
}

export const channelName = name => CHANNELS[name] ?? String(name ?? '')
export const providerName = name => PROVIDERS[name] ?? String(name ?? '')
export const hookName = name => HOOKS[name] ?? String(name ?? '')

const REASONS = {
  number_invalid: 'the number does not exist',
  number_not_mobile: 'the number takes no texts',
  number_unreachable: 'the phone could not be reached',
  opted_out: 'the person asked for no more messages',
  too_many_codes: 'too many codes to this number',
  content_refused: 'the text was refused',
  expired: 'the code had expired',
  country_not_allowed: 'the country is not allowed',
  prefix_denied: 'numbers like this are denied',
  number_type_refused: 'this kind of number is not allowed',
  too_many_messages: 'over the budget',
  range_suspected: 'the range looks pumped',
  credentials: 'the account’s credentials were refused',
  no_provider: 'no provider for this',
  configuration: 'the account is set up wrongly',
  sender_refused: 'the sender was refused',
  rate_limited: 'the provider is asked too often',
  destination_unsupported: 'the provider does not go there',
  provider_error: 'the provider failed',
  connection: 'the provider could not be reached',
  timeout: 'the provider did not answer in time',
  interrupted: 'the gateway was interrupted',
  not_taken: 'the provider does not know it',
  no_time_left: 'there was no time left',
  carrier_blocked: 'the carrier blocked it',
  carrier_error: 'the carrier failed',
  fraud_blocked: 'blocked as fraud',
  no_report: 'nothing was reported',
  unspecified: 'no reason was given',
  busy: 'the line was busy',
  no_answer: 'nobody answered',
  declined_or_limited: 'declined, or out of reach',
  canceled: 'canceled',
  hung_up: 'they hung up',
  not_confirmed: 'nobody pressed a key',
  speech_failed: 'the code could not be spoken',
  call_too_long: 'the call took too long'
}

/** A reason in words. */
export const reasonWords = reason => reason === undefined || reason === null ? '' : REASONS[reason] ?? String(reason).replaceAll('_', ' ')

/** Why a hook was told no, where the gateway's own hint says no more. */
const PROBLEMS = {
  invalid_json: 'the body is no JSON',
  invalid_body: 'the body has another shape',
  number_missing: 'there is no phone number in it',
  number_impossible: 'no phone number looks like that one',
  number_needs_country: 'the number has no country code',
  content_missing: 'there is neither a text nor a code in it',
  code_missing: 'there is no code in it',
  code_invalid: 'the code is none of 4 to 10 letters or digits',
  code_expired: 'the code had expired',
  idempotency_key_invalid: 'the Idempotency-Key cannot be one',
  profile_unknown: 'there is no profile of this name',
  channel_not_offered: 'the profile does not offer this channel',
  bad_request: 'the request is malformed',
  unauthorized: 'the secret is missing or wrong',
  signature_invalid: 'the signature is missing or wrong',
  recipient_not_allowed: 'nothing is sent to such numbers',
  hook_not_configured: 'it is not set up',
  body_too_large: 'the body is too large',
  unsupported_media_type: 'the body is of another type',
  idempotency_key_reused: 'one Idempotency-Key was used for two messages',
  recipient_refused: 'the message cannot be delivered to this number',
  too_many_messages: 'over the budget',
  internal: 'something went wrong here',
  no_provider: 'no provider for this',
  provider_failed: 'the provider failed',
  store_unavailable: 'the store was away',
  keys_unavailable: 'the keys of the token could not be had',
  under_way: 'the same message was being sent',
  draining: 'the gateway was shutting down'
}

/** An error code of the gateway in words. */
export const problemWords = problem => PROBLEMS[problem] ?? plain(problem)

let countries

/** The name of a country; what is none is shown as it is. */
export const countryName = code => {
  try {
    countries ??= new Intl.DisplayNames(['en'], { type: 'region' })
    return countries.of(code)
  } catch {
    return String(code)
  }
}

const SPELLINGS = { sms: 'SMS', otp: 'OTP', mfa: 'MFA', api: 'API', id: 'ID', url: 'URL', json: 'JSON', whatsapp: 'WhatsApp' }

/** `hook.answered` as `hook answered`; anything that has no words of its own. What is spelled in capitals is. */
export const plain = name => String(name).split(/[._-]+/)
  .map(word => Object.hasOwn(SPELLINGS, word.toLowerCase()) ? SPELLINGS[word.toLowerCase()] : word)
  .join(' ')

/** The first letter large. */
export const sentence = text => text === '' ? '' : text[0].toUpperCase() + text.slice(1)
