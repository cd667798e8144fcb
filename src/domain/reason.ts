/** What may be tried once an attempt has come to nothing: the same again later, another channel, another provider. */
export type NextStep = 'again' | 'channel' | 'provider'

/**
 * Why an attempt was refused, failed, did not arrive, or is not known to have arrived: the gateway's own words, the same
 * for every vendor, each with what may be tried next. Whom a block for fraud or a STOP protects is not to be reached by
 * another way: there nothing is.
 */
export const NEXT_STEPS = {
  // the message itself
  number_invalid: ['provider'],
  number_not_mobile: ['channel'],
  number_unreachable: ['again', 'channel', 'provider'],
  opted_out: [],
  too_many_codes: [],
  content_refused: ['channel', 'provider'],
  expired: [],

  // the gateway's own guard
  country_not_allowed: [],
  prefix_denied: [],
  number_type_refused: [],
  too_many_messages: [],
  range_suspected: [],

  // the account and its settings
  credentials: ['provider'],
  no_provider: ['channel'],
  configuration: ['channel', 'provider'],
  sender_refused: ['channel', 'provider'],
  rate_limited: ['again', 'channel', 'provider'],
  destination_unsupported: ['channel', 'provider'],

  // the way there
  provider_error: ['again', 'channel', 'provider'],
  connection: ['again', 'channel', 'provider'],
  timeout: ['again', 'channel', 'provider'],
  interrupted: [],
  not_taken: [],
  no_time_left: ['again'],

  // the carrier
  carrier_blocked: ['channel', 'provider'],
  carrier_error: ['again', 'channel', 'provider'],
  fraud_blocked: [],
  no_report: ['channel'],
  unspecified: ['channel', 'provider'],

  // the call
  busy: ['again', 'channel'],
  no_answer: ['again', 'channel'],
  declined_or_limited: ['channel'],
  canceled: [],
  hung_up: [],
  not_confirmed: ['channel'],
  speech_failed: ['channel', 'provider'],
  call_too_long: []
} as const satisfies Readonly<Record<string, readonly NextStep[]>>

export type Reason = keyof typeof NEXT_STEPS

export const REASONS = Object.keys(NEXT_STEPS) as readonly Reason[]

/** Whether that may be tried after an attempt that came to nothing for this reason. */
export const mayTry = (step: NextStep, reason: Reason): boolean => (NEXT_STEPS[reason] as readonly NextStep[]).includes(step)
