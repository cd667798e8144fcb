import t from 'tap'
import { createVoices } from '../../../src/providers/acs/voices.ts'
import { resolveLocale } from '../../../src/wording/locale.ts'
import { PHRASES } from '../../../src/wording/phrases.ts'
import { localeOfCountry } from '../../../src/wording/wording.ts'

const ours = createVoices(new Map())
const withNames = (names: Readonly<Record<string, string>>) => createVoices(new Map(Object.entries(names)))
const languageOf = (locale: string): string => new Intl.Locale(locale).language

t.test('every language that has words has a voice that speaks it', async (t) => {
  for (const language of Object.keys(PHRASES)) {
    const voice = ours(language)
    t.equal(languageOf(voice.locale), languageOf(language), language)
    t.match(voice.name, new RegExp(`^${voice.locale}-[A-Z][A-Za-z]+Neural$`), `${voice.name} speaks ${voice.locale}`)
    if (language.includes('-')) t.equal(voice.locale, language, `${language} is a region's own, and so is its voice`)
  }
})

t.test('every country is spoken to by a voice of the language of its words', async (t) => {
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  for (const country of alphabet.flatMap((first) => alphabet.map((second) => first + second))) {
    const locale = localeOfCountry(country)
    const { language } = resolveLocale(locale)
    if (languageOf(ours(locale).locale) !== languageOf(language)) t.fail(`${country} ${locale}`)
  }
})

t.test('the locale has its own voice, else that of the main locale of its language', async (t) => {
  const named: Readonly<Record<string, string>> = {
    'es-MX': 'es-MX-DaliaNeural',
    'ES-mx': 'es-MX-DaliaNeural',
    es: 'es-ES-ElviraNeural',
    'es-CO': 'es-ES-ElviraNeural',
    'es-419': 'es-ES-ElviraNeural',
    en: 'en-US-JennyNeural',
    'en-KE': 'en-US-JennyNeural',
    'en-GB': 'en-GB-SoniaNeural',
    pt: 'pt-BR-FranciscaNeural',
    'pt-PT': 'pt-PT-RaquelNeural',
    ar: 'ar-EG-SalmaNeural',
    'ar-SA': 'ar-SA-ZariyahNeural',
    de: 'de-DE-KatjaNeural',
    'de-LU': 'de-DE-KatjaNeural',
    fr: 'fr-FR-DeniseNeural',
    nl: 'nl-NL-FennaNeural',
    nb: 'nb-NO-PernilleNeural',
    'hr-BA': 'hr-HR-GabrijelaNeural',
    zh: 'zh-CN-XiaoxiaoNeural',
    'zh-TW': 'zh-TW-HsiaoChenNeural',
    'zh-HK': 'zh-HK-HiuMaanNeural',
    FIL: 'fil-PH-BlessicaNeural'
  }
  for (const [locale, name] of Object.entries(named)) t.equal(ours(locale).name, name, locale)
})

t.test('an unknown language has the voice of the words that it gets: English', async (t) => {
  for (const locale of ['', '-', 'xx', 'tlh-US', '__proto__', 'constructor', 'e'.repeat(100_000)]) {
    t.same(ours(locale), { name: 'en-US-JennyNeural', locale: 'en-US' }, locale.slice(0, 20))
  }
})

t.test('an operator chooses by locale, by language, in any case', async (t) => {
  const voices = withNames({ DE_at: 'de-AT-JonasNeural', De: 'de-DE-ConradNeural', 'es-es': 'es-ES-AlvaroNeural' })
  t.same(voices('de-AT'), { name: 'de-AT-JonasNeural', locale: 'de-AT' })
  t.same(voices('de-CH'), { name: 'de-DE-ConradNeural', locale: 'de-DE' }, 'the language goes before our own voice for the locale')
  t.same(voices('DE'), { name: 'de-DE-ConradNeural', locale: 'de-DE' })
  t.same(voices('es'), { name: 'es-ES-AlvaroNeural', locale: 'es-ES' }, 'a main locale speaks for its language')
  t.same(voices('es-CO'), { name: 'es-ES-AlvaroNeural', locale: 'es-ES' })
  t.same(voices('es-MX'), { name: 'es-MX-DaliaNeural', locale: 'es-MX' }, 'but not for a locale with a voice of its own')
  t.same(voices('fr'), ours('fr'))
})

t.test('a voice of another language is not taken: it would stay silent', async (t) => {
  const voices = withNames({ de: 'en-US-GuyNeural', nb: 'sv-SE-MattiasNeural', fr: 'fr-CA-JeanNeural' })
  t.same(voices('de-AT'), ours('de-AT'))
  t.same(voices('nb'), ours('nb'))
  t.same(voices('fr'), { name: 'fr-CA-JeanNeural', locale: 'fr-CA' }, 'one of another region is')
})

t.test('a multilingual voice, and one of the operator\'s making, speak the language of the words', async (t) => {
  const voices = withNames({ de: 'en-US-AvaMultilingualNeural', 'pt-PT': 'OurVoiceNeural', sr: 'sr-Latn-RS-NicholasNeural', zh: 'zh-CN-liaoning-XiaobeiNeural' })
  t.same(voices('de-AT'), { name: 'en-US-AvaMultilingualNeural', locale: 'de-AT' })
  t.same(voices('pt-PT'), { name: 'OurVoiceNeural', locale: 'pt-PT' })
  t.same(voices('sr'), { name: 'sr-Latn-RS-NicholasNeural', locale: 'sr-Latn-RS' })
  t.same(voices('zh-CN'), { name: 'zh-CN-liaoning-XiaobeiNeural', locale: 'zh-CN' })
})
