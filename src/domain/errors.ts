/** One kind of refusal: its HTTP status, and the words that everybody may read. */
export interface ErrorKind {
  readonly status: number
  readonly title: string
}

/** Every failure that a caller can be told of. The code is stable; the title is fixed and holds nothing of the request. */
export const ERRORS = {
  invalid_json: { status: 400, title: 'The body is not valid JSON.' },
  invalid_body: { status: 400, title: 'The body does not have the shape that this route takes.' },
  number_missing: { status: 400, title: 'There is no phone number in the body.' },
  number_impossible: { status: 400, title: 'No phone number looks like this one; they are written as +442071838750.' },
  number_needs_country: { status: 400, title: 'The phone number has no country code: write it as +442071838750, or set DEFAULT_COUNTRY at the gateway.' },
  content_missing: { status: 400, title: 'There is neither a text nor a code in the body.' },
  code_missing: { status: 400, title: 'There is no code in the body.' },
  code_invalid: { status: 400, title: 'A code is 4 to 10 letters or digits.' },
  code_expired: { status: 400, title: 'The code had expired before it came here.' },
  idempotency_key_invalid: { status: 400, title: 'An Idempotency-Key is 1 to 255 printable ASCII characters.' },
  profile_unknown: { status: 400, title: 'There is no profile of this name.' },
  channel_not_offered: { status: 400, title: 'The profile does not offer this channel.' },
  origin_not_allowed: { status: 400, title: 'The page is at none of the addresses of VERIFY_ORIGINS.' },
  bad_request: { status: 400, title: 'The request is malformed.' },
  unauthorized: { status: 401, title: 'The secret is missing or wrong.' },
  host_not_allowed: { status: 403, title: 'The inspector is not known by this host name: set INSPECTOR_HOSTS or PUBLIC_URL.' },
  forbidden: { status: 403, title: 'This is not open to that origin.' },
  signature_invalid: { status: 403, title: 'The signature is missing or wrong.' },
  recipient_not_allowed: { status: 403, title: 'The gateway is set up to send nothing to such numbers.' },
  not_found: { status: 404, title: 'There is nothing here, or nothing for you.' },
  hook_not_configured: { status: 404, title: 'This hook is not set up at the gateway: its log says which setting is missing.' },
  method_not_allowed: { status: 405, title: 'This route is not asked by that method; Allow says by which.' },
  replay_gone: { status: 409, title: 'The message is not kept any more, and cannot be sent again.' },
  not_confirmed: { status: 409, title: 'This reaches a real person and costs money: it must be confirmed.' },
  verification_over: { status: 409, title: 'The verification has ended, or is about to: start a new one.' },
  body_too_large: { status: 413, title: 'The body is too large.' },
  unsupported_media_type: { status: 415, title: 'The body is of a type that this route does not take.' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used with another body.' },
  recipient_refused: { status: 422, title: 'The message cannot be delivered to this number.' },
  resend_too_early: { status: 429, title: 'The next message may not be asked for yet.' },
  too_many_resends: { status: 429, title: 'No more messages are sent for this verification: start a new one.' },
  too_many_attempts: { status: 429, title: 'Too many wrong codes were entered for this number: no new one is sent for a while.' },
  too_many_starts: { status: 429, title: 'This session has started as many verifications as it may.' },
  too_many_events: { status: 429, title: 'More events come in than are taken: some are left out.' },
  too_many_sign_ins: { status: 429, title: 'Too many wrong secrets were tried: wait a minute.' },
  too_many_messages: { status: 429, title: 'Too many messages were asked for: no more are sent for a while.' },
  internal: { status: 500, title: 'Something went wrong here.' },
  no_provider: { status: 502, title: 'No provider is configured that could send this message.' },
  provider_failed: { status: 502, title: 'The message could not be sent: the provider failed or refused our account.' },
  store_unavailable: { status: 503, title: 'The record cannot be kept right now; nothing was sent.' },
  events_unavailable: { status: 503, title: 'The events cannot be taken right now; send them again.' },
  keys_unavailable: { status: 503, title: 'The keys of whoever signed the token cannot be had right now; nothing was sent.' },
  verification_unavailable: { status: 503, title: 'The code cannot be checked right now; it counts for nothing. Try it again.' },
  under_way: { status: 503, title: 'The same message is being sent right now: ask again in a moment, to be told what came of it.' },
  too_many_viewers: { status: 503, title: 'As many look on as may.' },
  draining: { status: 503, title: 'The gateway is shutting down; nothing was sent.' }
} as const satisfies Record<string, ErrorKind>

export type ErrorCode = keyof typeof ERRORS

/** A refusal on its way to the caller. It carries a code of the table and nothing of the request. */
export class RequestError extends Error {
  readonly code: ErrorCode
  /** A fixed hint, such as the name of the field; never a value. */
  readonly detail: string | undefined

  constructor (code: ErrorCode, detail?: string, options?: ErrorOptions) {
    super(code, options)
    this.name = 'RequestError'
    this.code = code
    this.detail = detail
  }
}
