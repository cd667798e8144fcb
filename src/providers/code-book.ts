import type { Reason } from '../domain/reason.ts'

/** What an operator can do about a vendor's code: part of a sentence; `{country}` stands for the number's country. */
export interface CodeHint {
  readonly hint: string | undefined
}

/** What a vendor's code for a failure means to us. */
export interface CodeMeaning extends CodeHint {
  readonly reason: Reason
}

const COUNTRY_NAMES = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

const nameOf = (country: string | undefined): string | undefined =>
  country !== undefined && /^[A-Z]{2}$/.test(country) ? COUNTRY_NAMES.of(country) : undefined

/** The hint for a code, for a country where it is known; `undefined` where there is nothing to do, or the code is not in the book. */
export const hintIn = (book: ReadonlyMap<string, CodeHint>, code: string, country: string | undefined): string | undefined =>
  book.get(code)?.hint?.replaceAll('{country}', () => nameOf(country) ?? 'the country')
