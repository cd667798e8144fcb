/** A voice that Twilio speaks with. */
export interface Voice {
  readonly name: string
  /** Twilio's name of the language; left out where the voice alone knows it. A wrong pair would end the call. */
  readonly language: string | undefined
  /**
   * What of SSML the voice takes: all; `breaks`: all but `say-as`, for which another voice would take over; or nothing:
   * such a voice reads markup aloud, or stays silent.
   */
  readonly markup: 'all' | 'breaks' | 'none'
}

// Amazon's speakers by language; the first is the voice that we take, neural where there is one.
// https://docs.aws.amazon.com/polly/latest/dg/available-voices.html
const POLLY: Readonly<Record<string, string>> = {
  arb: 'Zeina',
  'ar-AE': 'Hala-Neural Zayd',
  'ca-ES': 'Arlet-Neural',
  'cmn-CN': 'Zhiyu-Neural',
  'cy-GB': 'Gwyneth',
  'da-DK': 'Sofie-Neural Naja Mads',
  'de-AT': 'Hannah-Neural',
  'de-DE': 'Vicki-Neural Daniel Hans Marlene',
  'en-AU': 'Olivia-Neural Nicole Russell',
  'en-GB': 'Amy-Neural Emma Brian Arthur',
  'en-GB-WLS': 'Geraint',
  'en-IE': 'Niamh-Neural',
  'en-IN': 'Kajal-Neural Aditi Raveena',
  'en-NZ': 'Aria-Neural',
  'en-US': 'Joanna-Neural Salli Kendra Kimberly Ivy Matthew Joey Justin Kevin Danielle Gregory Ruth Stephen',
  'en-ZA': 'Ayanda-Neural',
  'es-ES': 'Lucia-Neural Sergio Conchita Enrique',
  'es-MX': 'Mia-Neural Andres',
  'es-US': 'Lupe-Neural Pedro Penelope Miguel',
  'fi-FI': 'Suvi-Neural',
  'fr-BE': 'Isabelle-Neural',
  'fr-CA': 'Gabrielle-Neural Liam Chantal',
  'fr-FR': 'Lea-Neural Remi Celine Mathieu',
  'is-IS': 'Dora Karl',
  'it-IT': 'Bianca-Neural Adriano Carla Giorgio',
  'ja-JP': 'Tomoko-Neural Kazuha Takumi Mizuki',
  'ko-KR': 'Seoyeon-Neural',
  'nb-NO': 'Ida-Neural Liv',
  'nl-BE': 'Lisa-Neural',
  'nl-NL': 'Laura-Neural Lotte Ruben',
  'pl-PL': 'Ola-Neural Ewa Jacek Jan Maja',
  'pt-BR': 'Camila-Neural Vitoria Thiago Ricardo',
  'pt-PT': 'Ines-Neural Cristiano',
  'ro-RO': 'Carmen',
  'ru-RU': 'Tatyana Maxim',
  'sv-SE': 'Elin-Neural Astrid',
  'tr-TR': 'Burcu-Neural Filiz'
}

// Google's voices, for languages that Amazon does not speak, or not as well. Google's languages are Twilio's too.
// https://www.twilio.com/docs/voice/twiml/say/text-speech#available-voices-and-languages
const GOOGLE: Readonly<Record<string, string>> = {
  ar: 'ar-XA-Wavenet-A',
  'bg-BG': 'bg-BG-Standard-A',
  'bn-IN': 'bn-IN-Wavenet-A',
  'cs-CZ': 'cs-CZ-Wavenet-A',
  'el-GR': 'el-GR-Wavenet-A',
  'fil-PH': 'fil-PH-Wavenet-A',
  'he-IL': 'he-IL-Wavenet-A',
  'hi-IN': 'hi-IN-Neural2-A',
  'hu-HU': 'hu-HU-Wavenet-A',
  'id-ID': 'id-ID-Wavenet-A',
  'lt-LT': 'lt-LT-Standard-A',
  'lv-LV': 'lv-LV-Standard-A',
  'ms-MY': 'ms-MY-Wavenet-A',
  'ro-RO': 'ro-RO-Wavenet-A',
  'ru-RU': 'ru-RU-Wavenet-A',
  'sk-SK': 'sk-SK-Wavenet-A',
  'sr-RS': 'sr-RS-Standard-A',
  'th-TH': 'th-TH-Neural2-C',
  'uk-UA': 'uk-UA-Wavenet-A',
  'vi-VN': 'vi-VN-Neural2-A',
  'zh-HK': 'yue-HK-Standard-A',
  'zh-TW': 'cmn-TW-Wavenet-A'
}

// Which of several locales speaks for the whole language; any other language has one locale only.
const MAIN_LOCALES = ['ar', 'de-DE', 'en-US', 'es-ES', 'fr-FR', 'nl-NL', 'pt-BR', 'zh-CN']

/** Languages that Twilio, or Amazon and Google behind it, call otherwise than the world does. */
const WIDER: ReadonlyMap<string, string> = new Map([['cmn', 'zh'], ['yue', 'zh'], ['arb', 'ar']])

const languageOf = (locale: string): string => {
  const language = (locale.split('-', 1)[0] as string).toLowerCase()
  return WIDER.get(language) ?? language
}

const localeOf = (language: string): string => language.replace(/^cmn-/, 'zh-').toLowerCase()

const polly = (voice: string, language: string | undefined): Voice => {
  const [, kind] = voice.toLowerCase().split('-')
  return { name: `Polly.${voice}`, language, markup: kind === undefined ? 'all' : kind === 'neural' ? 'breaks' : 'none' }
}

const google = (voice: string): Voice => {
  const [language, region, kind = ''] = voice.split('-')
  const markup = ['standard', 'wavenet', 'neural2'].includes(kind.toLowerCase()) ? 'all' : 'none'
  return { name: `Google.${voice}`, language: `${language}-${region}`, markup }
}

const speakersOf = (speakers: string): string[] => speakers.split(' ')

const byLocale: ReadonlyMap<string, Voice> = new Map([
  ...Object.entries(POLLY).map(([language, speakers]) => [localeOf(language), polly(speakersOf(speakers)[0] as string, language)] as const),
  ...Object.entries(GOOGLE).map(([locale, voice]) => [locale.toLowerCase(), google(voice)] as const)
])

const byLanguage = new Map([...byLocale.keys(), ...MAIN_LOCALES].map((locale) =>
  [languageOf(locale), byLocale.get(locale.toLowerCase())]))

/** A speaker's name without what it is made with, and as some write it: `Polly.Mía-Generative` is Mia. */
const speakerOf = (voice: string): string =>
  (voice.split('-', 1)[0] as string).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

const languageOfSpeaker = new Map(Object.entries(POLLY).flatMap(([language, speakers]) =>
  speakersOf(speakers).map((voice) => [speakerOf(voice), language])))

/** The voice that an operator named, whatever it speaks. The oldest ones (`alice`) speak several languages, plain text only. */
const named = (name: string, locale: string): Voice => {
  const [, vendor, voice = ''] = /^(Polly|Google)\.(.+)$/.exec(name) ?? []
  if (vendor === 'Polly') return polly(voice, languageOfSpeaker.get(speakerOf(voice)))
  return vendor === 'Google' ? google(voice) : { name, language: locale, markup: 'none' }
}

/**
 * Finds the voice for a locale: the locale's own, else that of the language's main locale. `undefined` where Twilio has
 * no voice that speaks the language: a voice of another one would not be understood.
 * `names` holds the operator's own choice by locale or language, in any case; the locale's goes before the language's. A
 * choice that speaks another language is passed over.
 */
export const createVoices = (names: ReadonlyMap<string, string>): (locale: string) => Voice | undefined => {
  const own = new Map([...names].map(([key, name]) => [key.toLowerCase().replaceAll('_', '-'), name]))
  return (locale) => {
    const ours = byLocale.get(locale.toLowerCase()) ?? byLanguage.get(languageOf(locale))
    const name = own.get(locale.toLowerCase()) ?? own.get(languageOf(locale)) ?? own.get(localeOf(ours?.language ?? ''))
    if (name === undefined) return ours
    const voice = named(name, ours?.language ?? locale)
    return voice.language === undefined || languageOf(voice.language) === languageOf(locale) ? voice : ours
  }
}
