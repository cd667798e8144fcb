import { Type, type Static } from 'typebox'
import { RequestError } from '../domain/errors.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import { findCode, readCode } from './code.ts'
import { dialectOf, HOOK_BODY_LIMIT, hookMessage, type Authentication, type Dialect } from './dialect.ts'
import { DIRECT_REPLIES, replyOf } from './direct.ts'
import { readLocale } from './locale.ts'
import type { NumberReader } from './number.ts'
import { readRequester } from './requester.ts'

export interface Auth0Deps {
  readonly authentication: Authentication
  readonly numbers: NumberReader
}

/**
 * `POST /hooks/auth0`: asked by our own Actions, which hand over the event of their trigger. Auth0 names no message, so that
 * messages are told apart by what they are for. An Action that gets no answer is run again, up to five times.
 * https://auth0.com/docs/customize/actions/explore-triggers/custom-phone-provider-trigger
 * https://auth0.com/docs/customize/actions/explore-triggers/send-phone-message
 */
export const createAuth0 = ({ authentication, numbers }: Auth0Deps): Dialect => dialectOf({
  name: 'auth0',
  route: '/hooks/auth0',
  summary: 'Auth0: the events of the Actions custom-phone-provider and send-phone-message',
  budgetMs: BUDGET_MS,
  formats: ['json'],
  bodyLimit: HOOK_BODY_LIMIT,
  body: Auth0Body,
  replies: DIRECT_REPLIES,
  authentication,
  read (body) {
    const { recipient, purpose, method, text, speech, code, isCoded, locale } = eventOf(body)
    return hookMessage({
      to: numbers.careful(recipient),
      channel: method === 'voice' ? 'voice' : 'text',
      text: hidden(text),
      speech: hidden(speech),
      code,
      findCode: isCoded ? findCode : undefined,
      locale: readLocale(locale),
      requester: readRequester(body, { ip: ['ip'], user: ['user'] }),
      // The words may be rendered anew for the same code: they count only where there is none.
      distinction: new SensitiveText(JSON.stringify({ tenant: body.tenant, purpose, method, ...code === undefined ? { text } : { code: code.reveal() } }))
    })
  },
  reply: replyOf
})

/** The Action waits for 9.5 s. */
const BUDGET_MS = 8000

const Recipient = Type.String({ maxLength: 64, description: 'With `+`, with spaces or without; without `+` as people of `DEFAULT_COUNTRY` write it.' })
const Words = Type.String({ description: 'At most 1600 characters; of a call those that there is time for.' })
const Code = Type.Unknown({ description: '4 to 10 letters or digits.' })
const Locale = Type.Unknown({ description: '`en_US` or `en-US`. What names no language is not looked at.' })
const Purpose = Type.String({ maxLength: 64 })

const Notification = Type.Object({
  recipient: Type.Optional(Recipient),
  delivery_method: Type.Unsafe<'text' | 'voice'>({ type: 'string', enum: ['text', 'voice'] }),
  message_type: Type.Optional(Purpose),
  as_text: Type.Optional(Words),
  as_voice: Type.Optional(Words),
  code: Type.Optional(Code),
  locale: Type.Optional(Locale)
}, { description: 'Of the trigger `custom-phone-provider`.' })

const MessageOptions = Type.Object({
  recipient: Type.Optional(Recipient),
  message_type: Type.Unsafe<'sms' | 'voice'>({ type: 'string', enum: ['sms', 'voice'] }),
  action: Type.Optional(Purpose),
  text: Type.Optional(Words),
  code: Type.Optional(Code)
}, { description: 'Of the older trigger `send-phone-message`.' })

const Auth0Body = Type.Object({
  tenant: Type.Optional(Type.String({ maxLength: 256 })),
  ip: Type.Optional(Type.Unknown({ description: 'The address of the request at Auth0. What is no address of the internet is not looked at.' })),
  user: Type.Optional(Type.Unknown({ description: 'The id of the user.' })),
  notification: Type.Optional(Notification),
  message_options: Type.Optional(MessageOptions),
  locale: Type.Optional(Locale)
}, {
  description: 'Either `notification`, or `message_options` with a `locale` beside it.',
  examples: [{
    tenant: 'example',
    ip: '203.0.113.7',
    user: 'auth0|5f7c8ec7c33c6c004bbafe82',
    notification: { recipient: '+1 415 555 0123', delivery_method: 'text', message_type: 'otp_verify', as_text: 'Your code is 482913', as_voice: 'Your code is 4 8 2 9 1 3', code: '482913', locale: 'en_US' }
  }]
})

/** What an Action's event asks for, whatever its trigger. */
interface Auth0Event {
  readonly recipient: string | undefined
  /** The message type; of the older trigger the action. */
  readonly purpose: string | undefined
  readonly method: 'text' | 'voice'
  readonly text: string | undefined
  readonly speech: string | undefined
  readonly code: OneTimeCode | undefined
  /** Whether messages of this kind always have a code, even where it has no field of its own. */
  readonly isCoded: boolean
  readonly locale: unknown
}

/** Other messages say that an account is blocked or a password known to others: a number in them is no code. */
const CODED_TYPES: ReadonlySet<string | undefined> = new Set(['otp_verify', 'otp_enroll'])

const eventOf = ({ notification, message_options: options, locale }: Static<typeof Auth0Body>): Auth0Event => {
  if (notification !== undefined && options === undefined) return eventOfNotification(notification)
  if (options !== undefined && notification === undefined) return { ...eventOfOptions(options), locale }
  throw new RequestError('invalid_body', 'Use either notification or message_options.')
}

const eventOfNotification = (notification: Static<typeof Notification>): Auth0Event => {
  const { recipient, message_type: purpose, delivery_method: method, as_text: asText, as_voice: speech, code, locale } = notification
  const text = asText ?? (method === 'voice' ? speech : undefined)
  const isCoded = CODED_TYPES.has(purpose)
  return { recipient, purpose, method, text, speech, code: readCode(isCoded ? code : code ?? undefined, text), isCoded, locale }
}

/** The older trigger serves multi-factor authentication alone: there is always a code. */
const eventOfOptions = ({ recipient, action, message_type: type, text, code }: Static<typeof MessageOptions>): Omit<Auth0Event, 'locale'> =>
  ({ recipient, purpose: action, method: type === 'voice' ? 'voice' : 'text', text, speech: undefined, code: readCode(code, text), isCoded: true })

/** Words of which there are none are as good as absent. */
const hidden = (words = ''): SensitiveText | undefined => words.trim() === '' ? undefined : new SensitiveText(words)
