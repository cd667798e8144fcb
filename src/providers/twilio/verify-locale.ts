/**
 * Languages of Verify's own words. A locale that is not among them makes Twilio refuse the request.
 * https://www.twilio.com/docs/verify/supported-languages
 */
const LOCALES = [
  'af', 'ar', 'ca', 'cs', 'da', 'de', 'el', 'en', 'en-GB', 'es', 'et', 'fi', 'fr', 'he', 'hi', 'hr', 'hu', 'id', 'it', 'ja',
  'kn', 'ko', 'lt', 'mr', 'ms', 'nb', 'nl', 'pl', 'pt', 'pt-BR', 'ro', 'ru', 'sk', 'sv', 'te', 'th', 'tl', 'tr', 'uk', 'vi',
  'zh-CN', 'zh-HK'
]

const BY_TAG: ReadonlyMap<string, string> = new Map([
  ...LOCALES.map((locale) => [locale.toLowerCase(), locale] as const),
  // The newer name of the same language.
  ['fil', 'tl']
])

/**
 * Verify's name for a locale, `de` for `de-CH`; `undefined` where Verify has no words for it, and chooses the language by
 * the number's country.
 */
export const verifyLocaleOf = (locale: string): string | undefined => {
  const tag = locale.toLowerCase()
  return BY_TAG.get(tag) ?? BY_TAG.get(tag.split('-')[0] as string)
}
