import { readLanguageTag } from '../domain/language-tag.ts'
import { PHRASES, type Language } from './phrases.ts'

/** A language that we have words for, and how a voice should speak it. */
export interface ResolvedLocale {
  /** The key of its phrases. */
  readonly language: Language
  /** BCP 47 tag of that language, with the region that was asked for where it is one: `es-MX`, `pt-PT`, `de`. */
  readonly locale: string
}

const FALLBACK: ResolvedLocale = { language: 'en', locale: 'en-US' }

// Languages whose readers understand another's words. The codes that were renamed (iw, in, tl, sh) Intl knows itself.
const NEIGHBOURS: ReadonlyMap<string, Language> = new Map([['no', 'nb'], ['nn', 'nb'], ['bs', 'hr'], ['yue', 'zh-HK']])

const REGION_NAMES = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })

/** Whether a region in capitals is one of ISO 3166 or UN M.49, and not the one that stands for none (`ZZ`). */
export const isRegion = (region: string | undefined): boolean =>
  region !== undefined && region !== 'ZZ' && REGION_NAMES.of(region) !== undefined

const isLanguage = (text: string): text is Language => Object.hasOwn(PHRASES, text)

const chineseOf = (tag: Intl.Locale): Language => {
  const { script, region } = tag.maximize()
  if (script !== 'Hant') return 'zh-CN'
  return region === 'HK' || region === 'MO' ? 'zh-HK' : 'zh-TW'
}

const languageOf = (tag: Intl.Locale): Language | undefined => {
  // Outside Brazil, Portuguese follows Portugal: https://unicode.org/reports/tr35/#Parent_Locales
  if (tag.language === 'pt') return tag.region === undefined || tag.region === 'BR' ? 'pt-BR' : 'pt-PT'
  if (tag.language === 'zh') return chineseOf(tag)
  return NEIGHBOURS.get(tag.language) ?? (isLanguage(tag.language) ? tag.language : undefined)
}

const localeOf = (language: Language, region: string | undefined): string =>
  language.includes('-') || !isRegion(region) ? language : `${language}-${region}`

/**
 * Finds the words for a locale in whatever form it comes: `en_US.UTF-8`, ` ES-mx `, `zh-Hant-TW`, `iw`. What we have no
 * words for, and what is no locale, is American English. Never throws; looks at no more than the first 64 characters.
 */
export const resolveLocale = (requested: string | undefined): ResolvedLocale => {
  const tag = readLanguageTag(requested ?? '')
  const language = tag && languageOf(tag)
  return tag === undefined || language === undefined ? FALLBACK : { language, locale: localeOf(language, tag.region) }
}
