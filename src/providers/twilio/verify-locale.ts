import { readLanguageTag } from '../../domain/language-tag.ts'

/**
 * Languages of Verify's own words. A locale that is not among them makes Twilio refuse the request.
 * https://www.twilio.com/docs/verify/supported-languages
 */
const LOCALES = [
  'af', 'ar', 'ca', 'cs', 'da', 'de', 'el', 'en', 'en-GB', 'es', 'et', 'fi', 'fr', 'he', 'hi', 'hr', 'hu', 'id', 'it', 'ja',
  'kn', 'ko', 'lt', 'mr', 'ms', 'nb', 'nl', 'pl', 'pt', 'pt-BR', 'ro', 'ru', 'sk', 'sv', 'te', 'th', 'tl', 'tr', 'uk', 'vi',
  'zh-CN', 'zh-HK'
]

const BY_TAG: ReadonlyMap<string, string> = new Map(LOCALES.map((locale) => [locale.toLowerCase(), locale]))

// Languages that Verify has by another name, or whose readers understand another's words. Codes that were renamed (iw, in)
// Intl knows itself.
const NEIGHBOURS: ReadonlyMap<string, string> = new Map([['fil', 'tl'], ['no', 'nb'], ['nn', 'nb'], ['bs', 'hr'], ['yue', 'zh-HK']])

/**
 * Verify's name for a locale in whatever form it comes: `de` for `de_CH.UTF-8`, `he` for `iw`; `undefined` where Verify has
 * no words for it, and chooses the language by the number's country. Never throws; looks at no more than 64 characters.
 */
export const verifyLocaleOf = (locale: string): string | undefined => {
  const tag = readLanguageTag(locale)
  if (tag === undefined) return undefined
  if (tag.language === 'zh') return chineseOf(tag)
  return NEIGHBOURS.get(tag.language) ?? BY_TAG.get(`${tag.language}-${tag.region}`.toLowerCase()) ?? BY_TAG.get(tag.language)
}

/**
 * The words for Hong Kong are Cantonese where they are spoken, and in simplified script by one of Twilio's own lists: nobody
 * else is sent them. https://www.twilio.com/docs/authy/supported-languages
 */
const chineseOf = (tag: Intl.Locale): string | undefined => {
  const { script, region } = tag.maximize()
  if (script !== 'Hant') return 'zh-CN'
  return region === 'HK' || region === 'MO' ? 'zh-HK' : undefined
}
