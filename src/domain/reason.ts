/**
 * Why an attempt was refused, failed, did not arrive, or is not known to have arrived: the gateway's own words, the same
 * for every vendor.
 */
export const REASONS = [
  // the message itself
  'number_invalid', 'opted_out', 'number_unreachable', 'content_refused', 'expired',
  // the account and its settings
  'credentials', 'configuration', 'sender_refused', 'rate_limited', 'destination_unsupported',
  // the way there
  'provider_error', 'connection', 'timeout', 'interrupted', 'no_time_left',
  // the carrier
  'carrier_blocked', 'carrier_error', 'fraud_blocked', 'no_report', 'unspecified',
  // the call
  'busy', 'no_answer', 'declined_or_limited', 'canceled', 'hung_up', 'not_confirmed', 'speech_failed', 'call_too_long'
] as const

export type Reason = typeof REASONS[number]
