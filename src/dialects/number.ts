import { RequestError } from '../domain/errors.ts'
import { PhoneNumber } from '../domain/phone-number.ts'

/** Reads the numbers of requests. Each way of reading throws `RequestError` for what is no number. */
export interface NumberReader {
  /** With a `+`, or as people of the default country write it. */
  strict (given: unknown): PhoneNumber
  /** For senders that always know the country and leave the `+` out: digits are an international number. */
  international (given: unknown): PhoneNumber
  /**
   * For senders of whom nobody knows whether they leave out the `+` or the country: a number without `+` is one of the
   * default country, or else an international one, where that is valid; if only one of the two can be a mobile phone, it is
   * that one. What is neither is refused.
   */
  careful (given: unknown): PhoneNumber
}

export const createNumberReader = (defaultCountry: string | undefined): NumberReader => {
  const strict = (given: unknown): PhoneNumber => orRefuse(PhoneNumber.parse(textOf(given), defaultCountry))

  return {
    strict,
    international: (given) => orRefuse(PhoneNumber.parse(withPlus(textOf(given)))),
    careful (given) {
      const text = textOf(given)
      if (hasPlus(text)) return orRefuse(PhoneNumber.parse(text))
      const national = defaultCountry === undefined ? undefined : PhoneNumber.parseValid(text, defaultCountry)
      const readings = [national, PhoneNumber.parseValid(withPlus(text))].filter((number) => number !== undefined)
      // German numbers may be so long that `4915112345678` is a valid one without its country as well.
      return readings.find(({ isMobile }) => isMobile) ?? readings[0] ?? strict(text)
    }
  }
}

/** A JSON integer is as good as its digits. */
const textOf = (given: unknown): string => {
  const text = typeof given === 'number' && Number.isSafeInteger(given) && given > 0 ? String(given) : given
  if (text === undefined || (typeof text === 'string' && text.trim() === '')) throw new RequestError('number_missing')
  if (typeof text !== 'string') throw new RequestError('number_impossible')
  return text.trim()
}

const hasPlus = (text: string): boolean => /^[+＋]/.test(text)

/** No number begins with `00`: that is how a `+` is dialled. */
const withPlus = (text: string): string => hasPlus(text) ? text : `+${text.replace(/^00/, '')}`

const orRefuse = (read: ReturnType<typeof PhoneNumber.parse>): PhoneNumber => {
  if (read instanceof PhoneNumber) return read
  throw new RequestError(read === 'impossible' ? 'number_impossible' : 'number_needs_country')
}
