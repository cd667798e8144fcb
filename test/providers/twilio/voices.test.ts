import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { createVoices } from '../../../src/providers/twilio/voices.ts'
import { resolveLocale } from '../../../src/wording/locale.ts'
import { PHRASES } from '../../../src/wording/phrases.ts'
import { localeOfCountry } from '../../../src/wording/wording.ts'

/** The SDK's own lists, from its types. */
const TYPES = readFileSync(createRequire(import.meta.url).resolve('twilio/lib/twiml/VoiceResponse.d.ts'), 'utf8')
const listed = (type: string): Set<string> => {
  const line = new RegExp(`type ${type} = (.*);`).exec(TYPES)?.[1] ?? ''
  return new Set([...line.matchAll(/"([^"]+)"/g)].map((match) => match[1] as string))
}
const VOICES = listed('SayVoice')
const LANGUAGES = listed('SayLanguage')

/** Languages of ours that Twilio has no voice for. */
const UNSPOKEN = ['et', 'fa', 'hr', 'sl', 'sq', 'sw', 'ur']

const ours = createVoices(new Map())
const withNames = (names: Readonly<Record<string, string>>) => createVoices(new Map(Object.entries(names)))

const WIDER: Readonly<Record<string, string>> = { cmn: 'zh', yue: 'zh', arb: 'ar' }
const languageOf = (locale: string): string => {
  const { language } = new Intl.Locale(locale)
  return WIDER[language] ?? language
}

t.test('the SDK lists what is compared with', async (t) => {
  t.ok(VOICES.size > 500)
  t.ok(LANGUAGES.size > 60)
})

t.test('every language that has words has a voice of Twilio\'s that speaks it, or is known to have none', async (t) => {
  for (const language of Object.keys(PHRASES)) {
    const voice = ours(language)
    t.equal(voice === undefined, UNSPOKEN.includes(language), language)
    if (voice === undefined) continue
    t.ok(VOICES.has(voice.name), `${voice.name} is listed`)
    t.equal(languageOf(voice.language as string), languageOf(language), `${language}: ${voice.name}`)
    t.ok(LANGUAGES.has(voice.language as string) || voice.name.includes(`.${voice.language}-`), `${voice.language} is listed`)
    t.not(voice.markup, 'none', `${voice.name} takes breaks`)
  }
})

t.test('Twilio lists no voice for the languages that are left out', async (t) => {
  for (const language of UNSPOKEN) {
    t.same([...VOICES].filter((voice) => voice.startsWith(`Google.${language}-`)), [], language)
    t.same([...LANGUAGES].filter((name) => name.startsWith(`${language}-`)), [], language)
  }
})

t.test('every country is spoken to by a voice of the language of its words, or by none', async (t) => {
  const alphabet = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  for (const country of alphabet.flatMap((first) => alphabet.map((second) => first + second))) {
    const locale = localeOfCountry(country)
    const { language } = resolveLocale(locale)
    const voice = ours(locale)
    const isRight = voice === undefined ? UNSPOKEN.includes(language) : languageOf(voice.language as string) === languageOf(language)
    if (!isRight) t.fail(`${country} ${locale} ${voice?.name}`)
  }
})

t.test('the locale has its own voice, else that of the main locale of its language', async (t) => {
  const expected: Readonly<Record<string, readonly [string, string]>> = {
    'es-MX': ['Polly.Mia-Neural', 'es-MX'],
    'ES-mx': ['Polly.Mia-Neural', 'es-MX'],
    es: ['Polly.Lucia-Neural', 'es-ES'],
    'es-CO': ['Polly.Lucia-Neural', 'es-ES'],
    en: ['Polly.Joanna-Neural', 'en-US'],
    'en-GB': ['Polly.Amy-Neural', 'en-GB'],
    'en-KE': ['Polly.Joanna-Neural', 'en-US'],
    de: ['Polly.Vicki-Neural', 'de-DE'],
    'de-AT': ['Polly.Hannah-Neural', 'de-AT'],
    'de-CH': ['Polly.Vicki-Neural', 'de-DE'],
    fr: ['Polly.Lea-Neural', 'fr-FR'],
    'fr-BE': ['Polly.Isabelle-Neural', 'fr-BE'],
    'pt-BR': ['Polly.Camila-Neural', 'pt-BR'],
    'pt-PT': ['Polly.Ines-Neural', 'pt-PT'],
    pt: ['Polly.Camila-Neural', 'pt-BR'],
    ar: ['Google.ar-XA-Wavenet-A', 'ar-XA'],
    'ar-EG': ['Google.ar-XA-Wavenet-A', 'ar-XA'],
    'ar-AE': ['Polly.Hala-Neural', 'ar-AE'],
    nl: ['Polly.Laura-Neural', 'nl-NL'],
    nb: ['Polly.Ida-Neural', 'nb-NO'],
    is: ['Polly.Dora', 'is-IS'],
    lt: ['Google.lt-LT-Standard-A', 'lt-LT'],
    fil: ['Google.fil-PH-Wavenet-A', 'fil-PH'],
    ro: ['Google.ro-RO-Wavenet-A', 'ro-RO'],
    ru: ['Google.ru-RU-Wavenet-A', 'ru-RU'],
    zh: ['Polly.Zhiyu-Neural', 'cmn-CN'],
    'zh-CN': ['Polly.Zhiyu-Neural', 'cmn-CN'],
    'zh-TW': ['Google.cmn-TW-Wavenet-A', 'cmn-TW'],
    'zh-HK': ['Google.yue-HK-Standard-A', 'yue-HK']
  }
  for (const [locale, [name, language]] of Object.entries(expected)) t.match(ours(locale), { name, language }, locale)
})

t.test('for a language that nobody speaks, and for what is none, there is no voice', async (t) => {
  for (const locale of ['', '-', 'xx', 'hr-HR', 'tlh-US', '__proto__', 'constructor', 'e'.repeat(100_000)]) {
    t.equal(ours(locale), undefined, locale.slice(0, 20))
  }
})

t.test('how much markup a voice takes follows from its kind', async (t) => {
  const kinds: Readonly<Record<string, string>> = {
    'Polly.Joanna': 'all',
    'Polly.Joanna-Neural': 'breaks',
    'Polly.Joanna-Generative': 'none',
    'Google.en-US-Standard-C': 'all',
    'Google.en-US-Wavenet-C': 'all',
    'Google.en-US-Neural2-C': 'all',
    'Google.en-US-Chirp3-HD-Kore': 'none',
    'Google.en-US-Studio-O': 'none',
    alice: 'none',
    woman: 'none',
    'polly.joanna': 'none'
  }
  for (const [name, markup] of Object.entries(kinds)) t.match(withNames({ en: name })('en'), { name, markup }, name)
})

t.test('an operator chooses by locale, by language, in any case', async (t) => {
  const voices = withNames({ DE_at: 'Polly.Marlene', De: 'Polly.Hans', 'es-es': 'Polly.Sergio-Neural' })
  t.same(voices('de-AT'), { name: 'Polly.Marlene', language: 'de-DE', markup: 'all' }, 'a voice knows its own language')
  t.same(voices('de-CH'), { name: 'Polly.Hans', language: 'de-DE', markup: 'all' })
  t.same(voices('DE'), { name: 'Polly.Hans', language: 'de-DE', markup: 'all' })
  t.same(voices('es'), { name: 'Polly.Sergio-Neural', language: 'es-ES', markup: 'breaks' }, 'a main locale speaks for its language')
  t.same(voices('es-MX'), ours('es-MX'), 'but not for a locale with a voice of its own')
  t.same(voices('fr'), ours('fr'))
})

t.test('a voice of another language is not taken: it would not be understood', async (t) => {
  const voices = withNames({ de: 'Polly.Joanna-Neural', nb: 'Google.sv-SE-Wavenet-A', fr: 'Polly.Gabrielle-Neural', et: 'Google.fi-FI-Wavenet-A', it: 'Google.nonsense' })
  t.same(voices('de-AT'), ours('de-AT'))
  t.same(voices('nb'), ours('nb'))
  t.equal(voices('et'), undefined, 'nor where there is no other')
  t.same(voices('it'), ours('it'))
  t.same(voices('fr'), { name: 'Polly.Gabrielle-Neural', language: 'fr-CA', markup: 'breaks' }, 'one of another region is')
})

t.test('an operator may name a voice that is newer than ours, also for a language that had none', async (t) => {
  const voices = withNames({ hr: 'Google.hr-HR-Chirp3-HD-Kore', sl: 'Polly.Tina-Neural', 'zh-HK': 'Polly.Hiujin-Neural', es: 'Polly.Mía-Generative', sw: 'alice' })
  t.same(voices('hr'), { name: 'Google.hr-HR-Chirp3-HD-Kore', language: 'hr-HR', markup: 'none' })
  t.same(voices('sl'), { name: 'Polly.Tina-Neural', language: undefined, markup: 'breaks' }, 'the voice alone knows what it speaks')
  t.same(voices('zh-HK'), { name: 'Polly.Hiujin-Neural', language: undefined, markup: 'breaks' })
  t.same(voices('es'), { name: 'Polly.Mía-Generative', language: 'es-MX', markup: 'none' })
  t.same(voices('sw'), { name: 'alice', language: 'sw', markup: 'none' })
})

t.test('all of Amazon\'s voices that Twilio lists are known by their language', async (t) => {
  const unknown = [...VOICES].filter((name) => name.startsWith('Polly.') && withNames({ xx: name })('xx')?.language === undefined)
  const passedOver = [...VOICES].filter((name) => name.startsWith('Polly.') && withNames({ xx: name })('xx') === undefined)
  t.same(unknown.filter((name) => !passedOver.includes(name)), ['Polly.Hiujin-Neural'])
  t.ok(passedOver.length > 130, 'and none of them speaks a language that does not exist')
})
