import { Type, type Static } from 'typebox'
import { RequestError } from '../domain/errors.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import { readCode } from './code.ts'
import { LONGEST_TEXT } from './dialect.ts'

const Code = Type.Union([Type.String({ maxLength: 64 }), Type.Integer({ minimum: 0, maximum: 9_999_999_999 })],
  { description: '4 to 10 letters or digits; a JSON integer loses its leading zeros.' })
const Text = Type.String({ minLength: 1, maxLength: LONGEST_TEXT, description: 'The words to send.' })
const Locale = Type.String({ maxLength: 64, description: 'Such as `de-DE` or `es_MX`.' })
const TextChannel = Type.Unsafe<'sms' | 'whatsapp'>({ type: 'string', enum: ['sms', 'whatsapp'], description: 'How a text travels; `sms` where absent. A call takes none.' })
const Number = Type.String({ maxLength: 64, description: 'With `+`, or as people of `DEFAULT_COUNTRY` write it.' })

/** Both shapes that the direct routes take; which one it is, and what is missing, is told by `readDirectBody`. */
export const DirectBody = Type.Object({
  phoneNumber: Type.Optional(Number),
  text: Type.Optional(Text),
  code: Type.Optional(Code),
  locale: Type.Optional(Locale),
  channel: Type.Optional(TextChannel),
  ip: Type.Optional(Type.Unknown({ description: 'The address that the person asks from, for `BUDGET_IP`. What is no address of the internet is not looked at.' })),
  user: Type.Optional(Type.Unknown({ description: 'Your own id of the person\'s account, for `BUDGET_USER`: at most 256 characters.' })),
  data: Type.Optional(Type.Object({
    messageProfile: Type.Object({
      phoneNumber: Type.Optional(Number),
      msgTemplate: Type.Optional(Text),
      otpCode: Type.Optional(Code),
      locale: Type.Optional(Locale)
    })
  }, { description: 'The shape of Okta\'s telephony hook, in place of the fields beside it.' }))
}, {
  description: 'Either flat (`phoneNumber`, `text`, `code`, `locale`, `channel`) or nested in `data.messageProfile`; `ip` and `user` with both.',
  examples: [{ phoneNumber: '+14155550123', code: '482913', locale: 'en-US' }]
})

export interface DirectFields {
  readonly number: string
  readonly text: string | undefined
  readonly code: OneTimeCode | undefined
  readonly locale: string | undefined
  /** How a text is to travel, where the caller says so. */
  readonly channel: 'sms' | 'whatsapp' | undefined
}

const FLAT_FIELDS = ['phoneNumber', 'text', 'code', 'locale'] as const

/** Reads either shape. Throws `RequestError` for both at once, for a missing number and for what is no code. */
export const readDirectBody = (body: Static<typeof DirectBody>): DirectFields => {
  const nested = body.data?.messageProfile
  if (nested !== undefined && FLAT_FIELDS.some((field) => body[field] !== undefined)) {
    throw new RequestError('invalid_body', 'Use either the flat fields or data.messageProfile.')
  }
  const number = nested?.phoneNumber ?? body.phoneNumber
  const text = nested?.msgTemplate ?? body.text
  if (number === undefined || number.trim() === '') throw new RequestError('number_missing')
  return { number, text, code: readCode(nested?.otpCode ?? body.code, text), locale: nested?.locale ?? body.locale, channel: body.channel }
}
