import t from 'tap'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { PHRASES } from '../../src/wording/phrases.ts'
import type { Phrases } from '../../src/wording/phrases/shape.ts'
import { codeText } from '../../src/wording/wording.ts'

// 3GPP TS 23.038: the basic characters, and those that count double. ç is none of them, Ç is.
const GSM_BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
  '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà')
const GSM_EXTENDED = new Set('^{}\\[~]|€')

const segmentsOf = (text: string): number => {
  const characters = [...text]
  if (!characters.every((character) => GSM_BASIC.has(character) || GSM_EXTENDED.has(character))) {
    return text.length <= 70 ? 1 : Math.ceil(text.length / 67)
  }
  const septets = characters.reduce((total, character) => total + (GSM_EXTENDED.has(character) ? 2 : 1), 0)
  return septets <= 160 ? 1 : Math.ceil(septets / 153)
}

const KEYS: ReadonlyArray<keyof Phrases> = ['codeText', 'codeSpeech', 'again', 'pressKey', 'pressToRepeat', 'goodbye', 'thisNumber']

// The script of the words, where it is not Latin: words in another script are another language's.
const SCRIPTS: Readonly<Record<string, RegExp>> = {
  ar: /\p{sc=Arab}/u,
  bg: /\p{sc=Cyrl}/u,
  bn: /\p{sc=Beng}/u,
  el: /\p{sc=Grek}/u,
  fa: /\p{sc=Arab}/u,
  he: /\p{sc=Hebr}/u,
  hi: /\p{sc=Deva}/u,
  ja: /[\p{sc=Hira}\p{sc=Kana}\p{sc=Han}]/u,
  ko: /\p{sc=Hang}/u,
  ru: /\p{sc=Cyrl}/u,
  sr: /\p{sc=Cyrl}/u,
  th: /\p{sc=Thai}/u,
  uk: /\p{sc=Cyrl}/u,
  ur: /\p{sc=Arab}/u,
  'zh-CN': /\p{sc=Han}/u,
  'zh-HK': /\p{sc=Han}/u,
  'zh-TW': /\p{sc=Han}/u
}

const LONGEST_CODE = OneTimeCode.parse('W0W0W0W0W0') as OneTimeCode

t.test('the check of segments knows what a text message holds', async (t) => {
  t.equal(segmentsOf('é'.repeat(160)), 1)
  t.equal(segmentsOf('é'.repeat(161)), 2)
  t.equal(segmentsOf('€'.repeat(81)), 2)
  t.equal(segmentsOf('ç'.repeat(70)), 1)
  t.equal(segmentsOf('ç'.repeat(71)), 2)
})

t.test('the languages asked for are there', async (t) => {
  const wanted = ('en es pt-BR pt-PT fr de it nl da sv nb fi pl cs sk sl hr hu ro bg el ru uk tr ar he hi id ms vi th ja ko ' +
    'zh-CN zh-TW zh-HK ca et lv lt').split(' ')
  t.same(wanted.filter((language) => !Object.hasOwn(PHRASES, language)), [])
})

for (const [language, phrases] of Object.entries(PHRASES)) {
  t.test(`words in ${language}`, async (t) => {
    t.same(Object.keys(phrases).sort(), [...KEYS].sort(), 'has every phrase and no other')
    for (const key of KEYS) {
      const text = phrases[key]
      t.equal(text, text.trim().normalize('NFC'), `${key} is trimmed and composed`)
      t.match(text, SCRIPTS[language] ?? /\p{sc=Latn}/u, `${key} is in the language's script`)
      t.notMatch(text, / {2}|[<>&]|\p{Cc}/u, `${key} has no markup, control character or double space`)
      if (SCRIPTS[language] === undefined) {
        t.notMatch(text.replace('{code}', ''), /[^\p{sc=Latn}\p{sc=Zyyy}]/u, `${key} has no look-alike of another script`)
      } else {
        t.notMatch(text.replace('{code}', ''), /\p{sc=Latn}/u, `${key} has no stray Latin letter`)
      }
    }
    t.equal(phrases.codeText.split('{code}').length, 2, 'the text holds the code once')
    t.notMatch(phrases.codeText.replace('{code}', ''), /[{}0-9]/, 'and nothing that could be taken for one')
    for (const key of KEYS.slice(1)) t.notMatch(phrases[key], /[{}0-9]/, `${key} has no placeholder and no digit`)
    t.equal(segmentsOf(codeText(language, LONGEST_CODE).reveal()), 1, 'the text is one segment')
    if (language !== 'th') {
      for (const key of ['pressKey', 'pressToRepeat', 'goodbye', 'thisNumber'] as const) {
        t.match(phrases[key], /[.!。।۔]$/u, `${key} is a sentence`)
      }
    }
    t.not(phrases.codeSpeech, phrases.again, 'the repetition is told as one')
    t.not(phrases.pressKey, phrases.pressToRepeat)
    t.ok(phrases.pressKey.length > phrases.pressToRepeat.length, 'the first request says more: who calls, and why')
  })
}

t.test('no two languages share a phrase, but for close ones', async (t) => {
  const close = new Set(['zh-TW zh-HK', 'zh-HK zh-TW'])
  for (const [one, ours] of Object.entries(PHRASES)) {
    for (const [other, theirs] of Object.entries(PHRASES)) {
      if (one === other || close.has(`${one} ${other}`)) continue
      t.not(ours.pressKey, theirs.pressKey, `${one} and ${other}`)
      t.not(ours.codeText, theirs.codeText, `${one} and ${other}`)
    }
  }
})
