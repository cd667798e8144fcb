import { readdirSync } from 'node:fs'
import t from 'tap'
import { PHRASES } from '../../src/wording/phrases.ts'

const FOLDER = new URL('../../src/verify-page/page/', import.meta.url)

interface WordsModule {
  readonly LANGUAGES: readonly string[]
  chooseLanguage (tags: readonly string[]): string
}

const load = async (file: string): Promise<any> => await import(new URL(file, FOLDER).href)
const wordsOf = async (language: string): Promise<Record<string, string>> => (await load(`words/${language}.js`)).words
const placeholders = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string).sort()

t.test('every language has the words of every other, with the same places to fill in', async (t) => {
  const { LANGUAGES } = await load('words.js') as WordsModule
  t.same(readdirSync(new URL('words/', FOLDER)).sort(), LANGUAGES.map((language) => `${language}.js`).sort())
  t.ok(LANGUAGES.length >= 24)
  const english = await wordsOf('en')
  for (const language of LANGUAGES) {
    const words = await wordsOf(language)
    t.same(Object.keys(words), Object.keys(english), language)
    const isRight = ([key, text]: [string, string]): boolean =>
      /^\S.*\S$/su.test(text) && placeholders(text).join() === placeholders(english[key] ?? '').join()
    t.same(Object.entries(words).filter((entry) => !isRight(entry)), [], language)
  }
})

t.test('no language has left words in English', async (t) => {
  const { LANGUAGES } = await load('words.js') as WordsModule
  const english = await wordsOf('en')
  for (const language of LANGUAGES.filter((name) => name !== 'en')) {
    const same = Object.entries(await wordsOf(language)).filter(([key, text]) => text === english[key] && key !== 'whatsapp').map(([key]) => key)
    t.same(same, [], language)
  }
})

t.test('messages are sent in every language that the page speaks', async (t) => {
  const { LANGUAGES } = await load('words.js') as WordsModule
  const spoken = Object.keys(PHRASES).map((key) => new Intl.Locale(key).maximize()).flatMap(({ language, script }) => [language, `${language}-${script}`])
  t.same(LANGUAGES.filter((language) => !spoken.includes(language)), [])
})

t.test('the first language of a person that the page speaks is taken', async (t) => {
  const { chooseLanguage } = await load('words.js') as WordsModule
  for (const [tags, language] of [
    [['de-AT', 'en'], 'de'], [['zh-HK'], 'zh-Hant'], [['zh'], 'zh-Hans'], [['zh-Hant-CN'], 'zh-Hant'], [['pt-PT'], 'pt'], [['iw'], 'he'], [['in'], 'id'],
    [['tl'], 'fil'], [['en_US'], 'en'], [['ur-PK'], 'ur'], [['xx-nonsense!', 'fr'], 'fr'], [['cy', 'es-MX', 'de'], 'es'], [['cy'], 'en'], [[], 'en'], [[''], 'en']
  ] as const) {
    t.equal(chooseLanguage(tags), language, tags.join())
  }
})

t.test('every text of the document has words', async (t) => {
  const { readFileSync } = await import('node:fs')
  const english = await wordsOf('en')
  const named = [...readFileSync(new URL('index.html', FOLDER), 'utf8').matchAll(/data-(?:say|label)="(\w+)"/g)].map(([, key]) => key as string)
  t.ok(named.length > 5)
  t.same(named.filter((key) => english[key] === undefined), [])
})

t.test('words are filled in, and numbers are set apart from what surrounds them', async (t) => {
  const { apart, loadWords } = await load('words.js')
  const english = await loadWords('en')
  t.match([english.language, english.direction], ['en', 'ltr'])
  t.equal((await loadWords('ar')).direction, 'rtl')
  const words = await wordsOf('en')
  const [key, text] = Object.entries(words).find(([, text]) => placeholders(text).length === 1) as [string, string]
  const [name] = placeholders(text) as [string]
  t.equal(english.say(key, { [name]: 'x' }), text.replace(`{${name}}`, 'x'))
  t.equal(english.say('whatsapp'), words.whatsapp)
  t.equal(apart('12'), '\u206612\u2069')
})
