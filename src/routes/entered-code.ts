import { RequestError } from '../domain/errors.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'

/** What people type or paste between the digits: `123 456`, `123-456`, marks of direction. */
const BETWEEN = /[\s\p{Pd}\p{Cf}]/gu

/**
 * The value of a digit of whatever script. Each script has its ten digits one after the other, and where blocks of digits
 * follow one another, they do so from the first: its place in that run is its value.
 * https://www.unicode.org/reports/tr44/#Numeric_Type
 */
const valueOf = (digit: string): string => {
  const point = digit.codePointAt(0) as number
  let first = point
  while (isDigit(first - 1)) first -= 1
  return String((point - first) % 10)
}

const isDigit = (point: number): boolean => /^\p{Nd}$/u.test(String.fromCodePoint(point))

/**
 * Reads a code as somebody has entered it; `undefined` for what cannot be one. Throws `RequestError` where there is none, and
 * for a JSON number: nobody knows which zeros it has lost, and an app that sends codes so would fail for one person in ten.
 */
export const readEnteredCode = (given: string | number | undefined): OneTimeCode | undefined => {
  if (typeof given === 'number') throw new RequestError('code_invalid', '/code must be a string: a number loses its leading zeros')
  const text = given?.replaceAll(BETWEEN, '') ?? ''
  if (text === '') throw new RequestError('code_missing')
  return OneTimeCode.parse(text.replaceAll(/\p{Nd}/gu, valueOf))
}
