import { readdirSync } from 'node:fs'
import t from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { toPlainText, toSsml } from '../../src/providers/acs/ssml.ts'
import { PHRASES } from '../../src/wording/phrases.ts'
import { textLength } from '../../src/wording/segments.ts'
import { spokenText } from '../../src/wording/spoken-text.ts'
import { textParts } from '../../src/wording/text-parts.ts'
import { codeSpeech } from '../../src/wording/wording.ts'
import { readOurs } from './templates-stand.ts'

/* Every word that we send with codes of our own. */

const LANGUAGES = Object.keys(PHRASES)
const PURPOSES = ['login', 'signup', 'payment']
const { templates } = readOurs()
const CODE = '482913'

// Languages whose own word for one or two minutes stands in place of the digit.
const MINUTES_IN_WORDS = new Set(['ar', 'he'])

/** As many as a verification may have, and those at which a plural changes. */
const MINUTES = [1, 2, 3, 4, 5, 10, 11, 12, 15, 20, 21, 22, 25, 30, 60]

const LONGEST_BRAND = '𝒲'.repeat(40)

t.test('each language has a text and a speech, and there is nothing else', async (t) => {
  const files = readdirSync(new URL('../../src/wording/templates/', import.meta.url)).sort()
  t.same(files, LANGUAGES.flatMap((language) => [`${language}.speech.liquid`, `${language}.text.liquid`]).sort())
  t.same(templates.tags, [...LANGUAGES].sort())
})

for (const language of LANGUAGES) {
  t.test(`words in ${language}`, async (t) => {
    const render = (kind: 'text' | 'speech', purpose: string, minutes: number, brand?: string): string => templates.render(kind, language, { purpose, code: CODE, minutes, brand })
    const codesIn = (words: string): number => words.split(CODE).length - 1

    const wrong: string[] = []
    for (const purpose of PURPOSES) {
      for (const brand of ['Example', undefined]) {
        for (const minutes of MINUTES) {
          const [text, speech] = [render('text', purpose, minutes, brand), render('speech', purpose, minutes, brand)]
          const expect = (isRight: boolean, what: string): void => { if (!isRight) wrong.push(`${what}: ${text} / ${speech}`) }
          for (const words of [text, speech]) {
            expect(words === words.trim().normalize('NFC'), 'trimmed and composed')
            expect(!/ {2}|[{}%|#<>]|\p{Cc}|undefined|null|NaN/u.test(words), 'no placeholder, markup or double space')
            expect(words.split('Example').length - 1 === (brand === undefined ? 0 : 1), 'the brand once')
            expect(minutes <= 2 || new RegExp(`(?<![0-9])${minutes}(?![0-9])`).test(words), 'the minutes')
            expect(language === 'th' || /[.。।۔]$/u.test(words), 'a sentence')
            expect(!/^[\s:.,،。]|: \.|\. \.|، \./u.test(words), 'no stop without a word')
          }
          expect(minutes > 2 || MINUTES_IN_WORDS.has(language) || new RegExp(`(?<![0-9])${minutes}(?![0-9])`).test(text), 'the minutes, be they few')
          expect(codesIn(text) === 1, 'the text has the code once')
          expect(textLength(text).segments === 1, 'the text is one segment')
          expect(codesIn(speech) === 2, 'the call says the code twice')
        }
      }
    }
    t.same(wrong, [])

    for (const kind of ['text', 'speech'] as const) {
      const words = PURPOSES.map((purpose) => render(kind, purpose, 5))
      t.equal(new Set(words).size, 3, `${kind}: each purpose has its own words`)
      t.equal(render(kind, 'anything', 5), words[2], `${kind}: any other has those of all`)
    }
  })

  t.test(`a call in ${language}`, async (t) => {
    for (const purpose of PURPOSES) {
      const speech = new SensitiveText(templates.render('speech', language, { purpose, code: CODE, minutes: 60, brand: LONGEST_BRAND }))
      t.equal(spokenText(speech)?.reveal(), speech.reveal(), 'a call has time for the whole of it, however long the brand')

      const said = new SensitiveText(templates.render('speech', language, { purpose, code: CODE, minutes: 15, brand: 'Example' }))
      t.same(textParts(said).map(({ kind }) => kind), ['words', 'spell', 'words', 'spell', 'words'], 'the code is spelled, and nothing else')
      const spoken = codeSpeech(language, said, { repeats: 3 })
      const ssml = toSsml(spoken, { name: 'any', locale: language }).reveal()
      t.equal(ssml.split('4 <break time="400ms"/>8 <break').length - 1, 4, 'twice by itself, and once more')
      t.match(ssml, /15/, 'minutes are a number')
      t.notMatch(ssml, /1 <break time="400ms"\/>5/, 'and are not spelled')
      t.ok(Buffer.byteLength(ssml) < 4000, 'it fits into a document')
      t.ok(toPlainText(spoken).reveal().split('4, 8, 2, 9, 1, 3;').length - 1 >= 3, 'without markup the code is heard three times at least')
    }
  })
}

// What a language looks like, where it is not in Latin letters: words in another script are another language's.
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  Arab: /^(ar|fa|ur)$/, Cyrl: /^(bg|ru|sr|uk)$/, Beng: /^bn$/, Grek: /^el$/, Hebr: /^he$/, Deva: /^hi$/, Hang: /^ko$/, Thai: /^th$/
}

t.test('each language is written in its script', async (t) => {
  for (const language of LANGUAGES) {
    const script = Object.keys(SCRIPTS).find((name) => SCRIPTS[name]?.test(language))
    const isEastAsian = /^(ja|zh)/.test(language)
    const letters = isEastAsian ? /^[\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}]$/u : new RegExp(`^\\p{scx=${script ?? 'Latn'}}$`, 'u')
    for (const kind of ['text', 'speech'] as const) {
      for (const purpose of PURPOSES) {
        const words = templates.render(kind, language, { purpose, code: CODE, minutes: 5, brand: undefined })
        t.same(words.match(/\p{L}/gu)?.filter((letter) => !letters.test(letter)), [], `${language}, ${kind}, ${purpose}: ${words}`)
      }
    }
  }
})

t.test('no two languages share words, but for Chinese ones', async (t) => {
  const seen = new Map<string, string>()
  for (const language of LANGUAGES.filter((language) => language !== 'zh-HK')) {
    for (const kind of ['text', 'speech'] as const) {
      const words = templates.render(kind, language, { purpose: 'login', code: CODE, minutes: 5, brand: undefined })
      t.equal(seen.get(words), undefined, words)
      seen.set(words, language)
    }
  }
})

t.test('a text that begins with the brand of another script keeps the direction of its own', async (t) => {
  for (const language of ['ar', 'fa', 'he', 'ur']) {
    for (const purpose of PURPOSES) {
      const text = templates.render('text', language, { purpose, code: CODE, minutes: 5, brand: 'Example' })
      t.match(/\p{L}/u.exec(text)?.[0], /[\p{sc=Arab}\p{sc=Hebr}]/u, text)
    }
  }
})

t.test('where the letters are all of GSM, the words are', async (t) => {
  const latin = 'ca da de en et fi fil fr hr id it lt ms nb nl pl ro sl sq sv sw'.split(' ')
  for (const language of latin) {
    for (const purpose of PURPOSES) {
      const text = templates.render('text', language, { purpose, code: CODE, minutes: 5, brand: 'Example' })
      t.equal(textLength(`${text}\n\n@login.example.com #${CODE}`).segments, 1, `${text}: has room for the line of browsers`)
    }
  }
})

t.test('a noun takes the form that its number asks for', async (t) => {
  for (const [language, ends] of Object.entries({
    en: { 1: '1 minute.', 2: '2 minutes.' },
    ru: { 1: '1 минуту.', 2: '2 минуты.', 5: '5 минут.', 11: '11 минут.', 21: '21 минуту.', 22: '22 минуты.' },
    pl: { 1: 'jedną minutę.', 2: '2 minuty.', 5: '5 minut.', 21: '21 minut.', 22: '22 minuty.' },
    lt: { 1: '1 minutę.', 2: '2 minutes.', 10: '10 minučių.', 21: '21 minutę.' },
    sl: { 1: '1 minuto.', 2: '2 minuti.', 3: '3 minute.', 5: '5 minut.' },
    ro: { 1: 'un minut.', 2: '2 minute.', 20: '20 de minute.' },
    ar: { 1: 'دقيقة واحدة.', 2: 'دقيقتين.', 3: '3 دقائق.', 11: '11 دقيقة.' }
  })) {
    for (const [minutes, end] of Object.entries(ends)) {
      const words = templates.render('speech', language, { purpose: 'login', code: CODE, minutes: Number(minutes), brand: undefined })
      t.ok(words.endsWith(` ${end}`), words)
    }
  }
})
