import type { Message } from '../../src/domain/message.ts'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { PhoneNumber } from '../../src/domain/phone-number.ts'

export const numberOf = (digits: string): PhoneNumber => PhoneNumber.parse(digits) as PhoneNumber

export const codeOf = (characters: string): OneTimeCode => OneTimeCode.parse(characters) as OneTimeCode

/** A message with a code, unless the options say otherwise. */
export const messageOf = (options: Partial<Message> = {}): Message => ({
  caller: 'auth0',
  route: '/direct',
  channel: 'sms',
  to: numberOf('+4915112345678'),
  text: undefined,
  code: codeOf('123456'),
  locale: undefined,
  idempotencyKey: undefined,
  ...options
})
