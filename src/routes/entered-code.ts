import { RequestError } from '../domain/errors.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'

/** What people type or paste between the digits: `123 456`, `123-456`, marks of direction. */
const BETWEEN = /[\s\p{Pd}\p{Cf}]/gu

/** The zeros of the digits that people type by their keyboards: Arabic, Persian, Devanagari, Bengali, wide. */
const ZEROS = ['٠', '۰', '०', '০', '０'].map((zero) => zero.charCodeAt(0))

const ownDigit = (character: string): string => {
  const code = character.charCodeAt(0)
  const zero = ZEROS.find((zero) => code >= zero && code < zero + 10)
  return zero === undefined ? character : String(code - zero)
}

/**
 * Reads a code as somebody has entered it; `undefined` for what cannot be one. Throws `RequestError` where there is none, and
 * for a JSON number: nobody knows which zeros it has lost, and an app that sends codes so would fail for one person in ten.
 */
export const readEnteredCode = (given: string | number | undefined): OneTimeCode | undefined => {
  if (typeof given === 'number') throw new RequestError('code_invalid', '/code must be a string: a number loses its leading zeros')
  const text = given?.replaceAll(BETWEEN, '') ?? ''
  if (text === '') throw new RequestError('code_missing')
  return OneTimeCode.parse(text.replaceAll(/\p{Nd}/gu, ownDigit))
}
