/** A voice of Azure's, and the locale that it is told to speak (`xml:lang`). */
export interface Voice {
  readonly name: string
  readonly locale: string
}

// The first voice that the vendor lists for each locale; no multilingual ones, which do not keep to breaks.
// https://learn.microsoft.com/azure/ai-services/speech-service/language-support?tabs=tts
const SPEAKERS: Readonly<Record<string, string>> = {
  'ar-AE': 'Fatima',
  'ar-EG': 'Salma',
  'ar-SA': 'Zariyah',
  'bg-BG': 'Kalina',
  'bn-IN': 'Tanishaa',
  'ca-ES': 'Joana',
  'cs-CZ': 'Vlasta',
  'da-DK': 'Christel',
  'de-AT': 'Ingrid',
  'de-CH': 'Leni',
  'de-DE': 'Katja',
  'el-GR': 'Athina',
  'en-AU': 'Natasha',
  'en-CA': 'Clara',
  'en-GB': 'Sonia',
  'en-IE': 'Emily',
  'en-IN': 'Neerja',
  'en-NZ': 'Molly',
  'en-US': 'Jenny',
  'en-ZA': 'Leah',
  'es-AR': 'Elena',
  'es-ES': 'Elvira',
  'es-MX': 'Dalia',
  'es-US': 'Paloma',
  'et-EE': 'Anu',
  'fa-IR': 'Dilara',
  'fi-FI': 'Selma',
  'fil-PH': 'Blessica',
  'fr-BE': 'Charline',
  'fr-CA': 'Sylvie',
  'fr-CH': 'Ariane',
  'fr-FR': 'Denise',
  'he-IL': 'Hila',
  'hi-IN': 'Swara',
  'hr-HR': 'Gabrijela',
  'hu-HU': 'Noemi',
  'id-ID': 'Gadis',
  'is-IS': 'Gudrun',
  'it-IT': 'Elsa',
  'ja-JP': 'Nanami',
  'ko-KR': 'SunHi',
  'lt-LT': 'Ona',
  'lv-LV': 'Everita',
  'ms-MY': 'Yasmin',
  'nb-NO': 'Pernille',
  'nl-BE': 'Dena',
  'nl-NL': 'Fenna',
  'pl-PL': 'Agnieszka',
  'pt-BR': 'Francisca',
  'pt-PT': 'Raquel',
  'ro-RO': 'Alina',
  'ru-RU': 'Svetlana',
  'sk-SK': 'Viktoria',
  'sl-SI': 'Petra',
  'sq-AL': 'Anila',
  'sr-RS': 'Sophie',
  'sv-SE': 'Sofie',
  'sw-KE': 'Zuri',
  'th-TH': 'Premwadee',
  'tr-TR': 'Emel',
  'uk-UA': 'Polina',
  'ur-PK': 'Uzma',
  'vi-VN': 'HoaiMy',
  'zh-CN': 'Xiaoxiao',
  'zh-HK': 'HiuMaan',
  'zh-TW': 'HsiaoChen'
}

// Which of several locales speaks for the whole language; any other language has one locale only.
const MAIN_LOCALES = ['ar-EG', 'de-DE', 'en-US', 'es-ES', 'fr-FR', 'nl-NL', 'pt-BR', 'zh-CN']

const languageOf = (locale: string): string => (locale.split('-', 1)[0] as string).toLowerCase()

const byLocale: ReadonlyMap<string, Voice> = new Map(Object.entries(SPEAKERS).map(([locale, speaker]) =>
  [locale.toLowerCase(), { name: `${locale}-${speaker}Neural`, locale }]))

const ENGLISH = byLocale.get('en-us') as Voice

const byLanguage = new Map([...Object.keys(SPEAKERS), ...MAIN_LOCALES].map((locale) =>
  [languageOf(locale), byLocale.get(locale.toLowerCase())]))

// `de-DE-KatjaNeural`, `sr-Latn-RS-SophieNeural`, `zh-CN-liaoning-XiaobeiNeural`. Custom voices are named otherwise.
const VOICE_NAME = /^([a-z]{2,3}(?:-[A-Z][a-z]{3})?-[A-Z]{2})-./

/** The voice of an operator's choice, or `undefined` where it speaks another language: such a voice would stay silent. */
const chosen = (name: string, ours: Voice): Voice | undefined => {
  const locale = VOICE_NAME.exec(name)?.[1]
  if (locale === undefined || /multilingual/i.test(name)) return { name, locale: ours.locale }
  return languageOf(locale) === languageOf(ours.locale) ? { name, locale } : undefined
}

/**
 * Finds the voice for a locale: the locale's own, else that of the language's main locale, else American English.
 * `names` holds the operator's own choice by locale or language, in any case; the locale's goes before the language's.
 */
export const createVoices = (names: ReadonlyMap<string, string>): (locale: string) => Voice => {
  const own = new Map([...names].map(([key, name]) => [key.toLowerCase().replaceAll('_', '-'), name]))
  return (locale) => {
    const ours = byLocale.get(locale.toLowerCase()) ?? byLanguage.get(languageOf(locale)) ?? ENGLISH
    const name = own.get(locale.toLowerCase()) ?? own.get(languageOf(locale)) ?? own.get(ours.locale.toLowerCase())
    return name === undefined ? ours : chosen(name, ours) ?? ours
  }
}
