import type { WrittenHook } from './hook-shape.ts'
import type { FixedReply, ReplyName } from './hook.ts'

/** For those that show the body of a failure to the person who waits for the code. */
const WORDS_ALONE: Readonly<Partial<Record<ReplyName, FixedReply>>> = {
  unauthorized: { body: 'The code could not be sent.' },
  invalid: { body: 'The code could not be sent.' },
  number: { body: 'The code cannot be delivered to this phone number.' },
  limited: { body: 'Too many codes were asked for. Please try again later.' },
  failed: { body: 'The code could not be sent right now. Please try again later.' },
  unavailable: { body: 'The code could not be sent right now. Please try again later.' }
}

/** Identity providers whose hooks differ in names only. Each one is written as an operator would write it in the file. */
export const PRESETS = {
  /** Numbers are digits; an invitation to an organization has a link, and no code. https://docs.logto.io/integrations/http-sms */
  logto: {
    fields: { number: 'to', code: 'payload.code', text: 'payload.link', locale: ['payload.locale', 'payload.uiLocales'], ip: 'ip' },
    numbers: 'international',
    replies: WORDS_ALONE
  },
  /** https://fusionauth.io/docs/customize/email-and-messages/generic-messenger */
  fusionauth: {
    fields: { number: 'phoneNumber', code: 'code', text: ['textMessage', 'message'] }
  },
  /**
   * `Body` is the code and `Message` the words.
   * https://github.com/goauthentik/authentik/blob/main/authentik/stages/authenticator_sms/models.py
   */
  authentik: {
    fields: { number: 'To', code: 'Body', text: 'Message' },
    replies: WORDS_ALONE
  },
  /** https://github.com/authgear/authgear-server/blob/main/docs/specs/sms_gateway.md */
  authgear: {
    authentication: { type: 'hmac', header: 'x-authgear-body-signature', algorithm: 'sha256', encoding: 'hex' },
    fields: { number: 'to', code: 'template_variables.code', text: 'body', locale: 'language_tag' },
    replies: {
      accepted: { status: 200, body: { code: 'ok' } },
      undecided: { status: 200, body: { code: 'ok' } },
      unauthorized: { status: 401, body: { code: 'authentication_failed' } },
      invalid: { status: 400, body: { code: 'invalid_request' } },
      number: { status: 400, body: { code: 'invalid_phone_number' } },
      refused: { status: 500, body: { code: 'delivery_rejected' } },
      limited: { status: 429, body: { code: 'rate_limited' } },
      failed: { status: 500, body: { code: 'unknown_error' } },
      unavailable: { status: 500, body: { code: 'unknown_error' } }
    }
  },
  /** The names are those that its settings suggest. https://github.com/netzbegruenung/keycloak-mfa-plugins/tree/main/sms-authenticator */
  keycloak: {
    fields: { number: 'to', text: 'text' }
  },
  /** A form or JSON; the field of the words is named at Casdoor. https://github.com/casdoor/casdoor/blob/master/object/sms_custom_http.go */
  casdoor: {
    fields: { number: 'phoneNumber', code: 'code', text: ['content', 'text', 'message'] }
  },
  /** https://docs.descope.com/connectors/connector-configuration-guides/messaging/sms-gateway */
  descope: {
    fields: { number: 'recipient', code: 'token', text: 'body' }
  },
  /**
   * The body is written at PingOne. Numbers always have their country; in a form that is not escaped, `+` is a space.
   * https://docs.pingidentity.com/pingone/settings/p1_sender_configure_custom_provider.html
   */
  pingone: {
    fields: { number: ['phoneNumber', 'to'], code: ['otp', 'code'], text: 'message', locale: 'locale', channel: ['deliveryMethod', 'channel'] },
    numbers: 'international'
  },
  /**
   * The key of an event is its id: `data.idempotencyKey` is that of the action, which may have more than one message.
   * https://docs.authsignal.com/advanced-usage/webhooks/sms-created
   */
  authsignal: {
    authentication: { type: 'timestamped', header: 'X-Signature-V2', version: 'v2', algorithm: 'sha256', encoding: 'base64', toleranceSeconds: 300 },
    fields: { number: 'data.to', code: 'data.code', locale: 'data.locale', key: 'id', user: 'data.userId' }
  }
} as const satisfies Readonly<Record<string, WrittenHook>>

export const PRESET_NAMES = Object.keys(PRESETS) as ReadonlyArray<keyof typeof PRESETS>

/** The preset of that name, where there is one. */
export const presetOf = (name: unknown): WrittenHook | undefined => PRESET_NAMES.flatMap((known) => known === name ? [PRESETS[known]] : [])[0]
