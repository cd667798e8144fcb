import { Type } from 'typebox'
import { RequestError } from '../domain/errors.ts'
import type { IdempotencyKey } from '../domain/message.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { FetchKeys } from '../tokens/remote-keys.ts'
import { findCode, readCode } from './code.ts'
import { dialectOf, HOOK_BODY_LIMIT, hookMessage, type Dialect } from './dialect.ts'
import { readLocale } from './locale.ts'
import { readMoment } from './moment.ts'
import type { NumberReader } from './number.ts'
import { createOktaAuthentication, type OktaOAuth } from './okta-authentication.ts'
import { createOktaReply, OKTA_REPLIES } from './okta-reply.ts'
import { readRequester } from './requester.ts'
import type { CallerOf } from './secret-authentication.ts'

export interface OktaDeps {
  readonly header: string
  readonly failure: 'error' | 'failed'
  readonly oauth: OktaOAuth | undefined
  readonly callerOf: CallerOf
  readonly numbers: NumberReader
  readonly fetchKeys: FetchKeys
  readonly now: () => number
}

/**
 * `POST /hooks/okta`: Okta's telephony inline hook.
 * https://developer.okta.com/docs/references/telephony-hook/
 */
export const createOkta = ({ header, failure, oauth, callerOf, numbers, fetchKeys, now }: OktaDeps): Dialect => dialectOf({
  name: 'okta',
  route: '/hooks/okta',
  summary: 'Okta: the telephony inline hook',
  budgetMs: BUDGET_MS,
  formats: ['json'],
  bodyLimit: HOOK_BODY_LIMIT,
  body: OktaBody,
  replies: OKTA_REPLIES,
  authentication: createOktaAuthentication({ header, oauth, callerOf, fetchKeys, now }),
  read (body) {
    const { eventId, data: { messageProfile } } = body
    const { phoneNumber, msgTemplate, otpCode, deliveryChannel, otpExpires, locale } = messageProfile
    const words = msgTemplate ?? ''
    const to = numbers.careful(phoneNumber)
    const code = readCode(otpCode === '' ? undefined : otpCode, words)
    const said = code?.reveal() ?? words
    return hookMessage({
      channel: readChannel(deliveryChannel),
      to,
      text: words.trim() === '' ? undefined : new SensitiveText(words),
      code,
      findCode,
      locale: readLocale(locale),
      // An administrator may send an event of the same id once more, with another number or code.
      idempotencyKey: keyOfEvent(eventId, to.e164, said),
      distinction: new SensitiveText(said),
      expiresAt: readExpiry(otpExpires, now()),
      requester: readRequester(body, { ip: ['data.context.request.ipAddress'], user: ['data.userProfile.userId'] })
    })
  },
  reply: createOktaReply(failure)
})

/** Okta waits for three seconds, and then sends a code itself: late is worse than failed. */
const BUDGET_MS = 2500

const Integer = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })

/** Documented as strings; one of Okta's own examples has integers. */
const OktaBody = Type.Object({
  eventId: Type.Optional(Type.Unknown({ description: 'Two events of the same id, number and code are one message.' })),
  data: Type.Object({
    context: Type.Optional(Type.Unknown({ description: 'Of it `request.ipAddress` is read.' })),
    userProfile: Type.Optional(Type.Unknown({ description: 'Of it `userId` is read.' })),
    messageProfile: Type.Object({
      phoneNumber: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Integer], { description: 'Without `+` as people of `DEFAULT_COUNTRY` write it, or else an international number.' })),
      msgTemplate: Type.Optional(Type.Union([Type.String(), Type.Null()], { description: 'The words to send, at most 1600 characters. A call takes the code alone.' })),
      otpCode: Type.Optional(Type.Unknown({ description: '4 to 10 letters or digits; where it is absent it is looked for in the words.' })),
      deliveryChannel: Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Null()], { description: '`SMS`, `voice call`, `Voice`, in any case; `SMS` where absent.' })),
      otpExpires: Type.Optional(Type.Unknown({ description: 'ISO 8601.' })),
      locale: Type.Optional(Type.Unknown({ description: '`en-US`, in any case. What names no language is not looked at.' }))
    })
  })
}, {
  examples: [{
    eventId: 'uS5871kJThSsU8qlA1LTcg',
    data: { userProfile: { userId: '00uyxxSknGtK8022w0g3' }, messageProfile: { msgTemplate: 'Your code is 482913', phoneNumber: '14155550123', otpCode: '482913', deliveryChannel: 'SMS', locale: 'EN-US' } }
  }]
})

/** Documented are `SMS` and `voice call`; samples have `Voice`. */
const readChannel = (given: string | null | undefined): 'text' | 'voice' => {
  const channel = (given ?? 'sms').trim().toLowerCase()
  if (/voice|call/.test(channel)) return 'voice'
  if (channel === 'sms') return 'text'
  throw new RequestError('invalid_body', '/data/messageProfile/deliveryChannel must be SMS or voice call')
}

/** An event means one message for as long as Okta's codes live, in milliseconds, and once more. */
const HOLD_OF_EVENT = 10 * 60_000

/** An id that cannot be one is no reason to send nothing: then the message is told apart by what it says. */
const keyOfEvent = (id: unknown, ...said: readonly string[]): IdempotencyKey | undefined =>
  typeof id === 'string' && /^.{1,255}$/su.test(id) ? { value: new SensitiveText(JSON.stringify([id, ...said])), holdFor: HOLD_OF_EVENT } : undefined

/** When the code is over, in milliseconds since 1970; what cannot be read says nothing. Throws where that has passed. */
const readExpiry = (given: unknown, now: number): number | undefined => {
  const moment = readMoment(given)
  if (moment !== undefined && moment <= now) throw new RequestError('code_expired')
  return moment
}
