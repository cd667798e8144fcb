import { NOBODY, type IdempotencyKey, type Message } from '../../src/domain/message.ts'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { NO_ORIGIN } from '../../src/domain/origin.ts'
import { PhoneNumber } from '../../src/domain/phone-number.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'

export const numberOf = (digits: string): PhoneNumber => PhoneNumber.parse(digits) as PhoneNumber

export const codeOf = (characters: string): OneTimeCode => OneTimeCode.parse(characters) as OneTimeCode

/** A caller's own key, which holds for a day. */
export const keyOf = (value: string): IdempotencyKey => ({ value: new SensitiveText(value), holdFor: 24 * 60 * 60_000 })

/** A message with a code, unless the options say otherwise. */
export const messageOf = (options: Partial<Message> = {}): Message => ({
  caller: 'auth0',
  route: '/direct',
  hook: 'direct',
  requester: NOBODY,
  channel: 'sms',
  to: numberOf('+4915112345678'),
  text: undefined,
  code: codeOf('123456'),
  speech: undefined,
  codeMaker: undefined,
  locale: undefined,
  idempotencyKey: undefined,
  distinction: undefined,
  expiresAt: undefined,
  origin: NO_ORIGIN,
  ...options
})
