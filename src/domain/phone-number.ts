import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js'
import { parseDigits, parsePhoneNumberFromString as parseExactly, type PhoneNumberType } from 'libphonenumber-js/max'
import type { NumberType } from './guard-rule.ts'
import { Sensitive } from './sensitive.ts'

export type PhoneNumberProblem = 'impossible' | 'needs_country'

/** What kind of number one is. In some countries, as in North America, mobile phones have the numbers of landlines. */
export type NumberKind = 'mobile' | 'landline' | 'landline-or-mobile' | NumberType

const KINDS: Readonly<Record<PhoneNumberType, NumberKind>> = {
  MOBILE: 'mobile',
  FIXED_LINE: 'landline',
  FIXED_LINE_OR_MOBILE: 'landline-or-mobile',
  PREMIUM_RATE: 'premium',
  SHARED_COST: 'shared-cost',
  TOLL_FREE: 'toll-free',
  VOIP: 'voip',
  PERSONAL_NUMBER: 'personal',
  PAGER: 'pager',
  UAN: 'universal',
  // By which people reach their voicemail: nobody's own.
  VOICEMAIL: 'unknown'
}

/** Whether two letters name a country that has numbers, as in ISO 3166: `GB`, not `UK`. */
export const isCountry = (letters: string): boolean => isSupportedCountry(letters)

/** A telephone number that can exist. Prints masked (`+49•••••••5678`); `e164` gives its digits. */
export class PhoneNumber extends Sensitive {
  /** ISO 3166 code of the country, where the number tells it. */
  readonly country: string | undefined
  /** What it begins with, without the `+`: `49`. */
  readonly callingCode: string

  private constructor (e164: string, callingCode: string, country: string | undefined) {
    super(e164)
    this.callingCode = callingCode
    this.country = country
  }

  /**
   * Reads a number as people write it, with spaces and punctuation.
   * Without a leading `+` it is read as a number of `defaultCountry`; where that is not given: `needs_country`.
   * A number of a length that no number of its country has is `impossible`; whether it is assigned is not asked.
   */
  static parse (text: string, defaultCountry?: string): PhoneNumber | PhoneNumberProblem {
    // The wide plus of East Asian keyboards, which the library does not take at the beginning.
    const trimmed = text.trim().replace(/^＋/, '+')
    const international = trimmed.startsWith('+')
    if (!international && defaultCountry === undefined) {
      return /(?:[0-9][^0-9]*){3}/.test(trimmed) ? 'needs_country' : 'impossible'
    }
    const parsed = read(trimmed, international ? undefined : defaultCountry)
    if (parsed === undefined || !parsed.isPossible() || parsed.ext !== undefined) return 'impossible'
    return new PhoneNumber(parsed.number, parsed.countryCallingCode, parsed.country)
  }

  /** Reads a number as `parse` does, and gives it only where it is in a range that its country has given out. */
  static parseValid (text: string, defaultCountry?: string): PhoneNumber | undefined {
    const number = PhoneNumber.parse(text, defaultCountry)
    return number instanceof PhoneNumber && parseExactly(number.value)?.isValid() === true ? number : undefined
  }

  /** Whether it can be that of a mobile phone; of many countries nobody can tell, and of some numbers neither. */
  get isMobile (): boolean {
    return parseExactly(this.value)?.getType()?.includes('MOBILE') === true
  }

  /** Its kind. `unknown` is what is in no range that its country has given out, and what is of no country. */
  get kind (): NumberKind {
    const type = this.country === undefined ? undefined : parseExactly(this.value)?.getType()
    return type === undefined ? 'unknown' : KINDS[type]
  }

  /**
   * Of `text`, from which this number was read as a national one: whether it is written without the digit that people of
   * its country dial before such numbers (Germans `0`, Russians `8`), and whether they would write it.
   */
  trunkPrefixIn (text: string): 'written' | 'missing' | 'not_needed' {
    const national = this.value.slice(1 + this.callingCode.length)
    if (parseDigits(text) !== national) return 'written'
    // Where people do as they like, as in India, it is left out here.
    const usual = parseExactly(this.value)?.format('NATIONAL', { nationalPrefix: false })
    return usual !== undefined && parseDigits(usual) === national ? 'not_needed' : 'missing'
  }

  /** The number in E.164 form, `+` and digits. */
  get e164 (): string {
    return this.value
  }

  get masked (): string {
    const national = this.value.slice(1 + this.callingCode.length)
    const shown = national.length >= 8 ? 4 : 2
    return `+${this.callingCode}${'•'.repeat(national.length - shown)}${national.slice(-shown)}`
  }
}

const read = (text: string, defaultCountry?: string): ReturnType<typeof parsePhoneNumberFromString> =>
  parsePhoneNumberFromString(text, { extract: false, ...(defaultCountry === undefined ? {} : { defaultCountry: defaultCountry as CountryCode }) })
