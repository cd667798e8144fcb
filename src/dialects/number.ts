import { RequestError } from '../domain/errors.ts'
import { PhoneNumber, type PhoneNumberProblem } from '../domain/phone-number.ts'

/** Reads the numbers of requests. Each way of reading throws `RequestError` for what is no number. */
export interface NumberReader {
  /** With a `+`, or as people of the default country write it. */
  strict (given: unknown): PhoneNumber
  /** For senders that always know the country and leave the `+` out: digits are an international number. */
  international (given: unknown): PhoneNumber
  /**
   * For senders of whom nobody knows whether they leave out the `+` or the country. A number without `+` is one of the
   * default country or an international one, whichever is valid. Where it could be either, and these are not the same, it
   * is taken only where one of them is likely, and else refused: a code that does not arrive is better than one that a
   * stranger gets.
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
      const abroad = PhoneNumber.parseValid(withPlus(text))
      return orRefuse(defaultCountry === undefined ? unlessAmerican(text, abroad) : likelier(text, PhoneNumber.parseValid(text, defaultCountry), abroad))
    }
  }
}

/** North Americans write ten digits. Without a default country nobody knows whether they are theirs. */
const unlessAmerican = (text: string, abroad: PhoneNumber | undefined): PhoneNumber | PhoneNumberProblem => {
  if (abroad === undefined) return /[0-9]/.test(text) ? 'needs_country' : 'impossible'
  const american = PhoneNumber.parseValid(`+1${text}`)
  return american === undefined || american.e164 === abroad.e164 ? abroad : 'needs_country'
}

/** Which of two readings of a number without `+` it is, where one can tell. */
const likelier = (text: string, home: PhoneNumber | undefined, abroad: PhoneNumber | undefined): PhoneNumber | PhoneNumberProblem => {
  if (home === undefined || abroad === undefined || home.e164 === abroad.e164) return home ?? abroad ?? 'impossible'
  switch (home.trunkPrefixIn(text)) {
    // A Russian `8`, say, which begins numbers of Vietnam too. Where it is `0` there is no other reading.
    case 'written': return 'needs_country'
    // People of this country would have begun with it. If it is a landline, they may be those who would not.
    case 'missing': return abroad.isMobile || !home.isMobile ? abroad : 'needs_country'
    case 'not_needed': return home.isMobile === abroad.isMobile ? 'needs_country' : home.isMobile ? home : abroad
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
