import { readLanguageTag } from '../domain/language-tag.ts'

/** No language has a longer name. */
const LONGEST_LOCALE = 64

/**
 * The locale of a message, in whatever form it came; `undefined` for what names no language, so that the default is spoken.
 * Nobody goes without a code for it: it never throws.
 */
export const readLocale = (given: unknown): string | undefined => {
  if (typeof given !== 'string') return undefined
  const locale = given.slice(0, LONGEST_LOCALE)
  return readLanguageTag(locale) === undefined ? undefined : locale
}
