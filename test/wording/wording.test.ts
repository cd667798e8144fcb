import { inspect } from 'node:util'
import t from 'tap'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { Speech } from '../../src/domain/speech.ts'
import { PHRASES } from '../../src/wording/phrases.ts'
import {
  codePrompt, codeSpeech, codeText, confirmPrompt, incomingAnnouncement, localeOfCountry
} from '../../src/wording/wording.ts'

const code = OneTimeCode.parse('402913') as OneTimeCode

/** The speech as one would take it down. */
const heard = (speech: Speech): string[] => speech.parts.map((part) => {
  switch (part.kind) {
    case 'say': return part.text
    case 'words': return part.text.reveal()
    case 'spell': return part.code.reveal()
    case 'pause': return `${part.milliseconds} ms`
    default: throw new Error('an unknown part')
  }
})

t.test('a text holds the code and the words of the locale', async (t) => {
  t.equal(codeText('en-GB', code).reveal(), 'Your verification code is 402913.')
  t.equal(codeText('de_AT', code).reveal(), 'Ihr Bestätigungscode lautet 402913.')
  t.equal(codeText(undefined, code).reveal(), 'Your verification code is 402913.')
  t.equal(codeText('tlh', code).reveal(), 'Your verification code is 402913.')
  t.equal(codeText('ja', OneTimeCode.parse('aB3x') as OneTimeCode).reveal(), '認証コードは aB3x です。')
  for (const language of Object.keys(PHRASES)) {
    t.equal(codeText(language, code).reveal().split('402913').length, 2, `once in ${language}`)
  }
})

t.test('a code is said as often as asked', async (t) => {
  t.same(heard(codeSpeech('en', code, { repeats: 1 })), ['1000 ms', 'Your code is', '402913'])
  t.same(heard(codeSpeech('en', code, { repeats: 3 })), ['1000 ms', 'Your code is', '402913',
    '1000 ms', 'Again, your code is', '402913', '1000 ms', 'Again, your code is', '402913'])
})

t.test('a code is said once where no number of times makes sense', async (t) => {
  for (const repeats of [0, -1, -Infinity, NaN, 0.5]) {
    t.same(heard(codeSpeech('en', code, { repeats })), ['1000 ms', 'Your code is', '402913'], String(repeats))
  }
})

t.test('a prompt says the code and then asks for a key', async (t) => {
  t.same(heard(codePrompt('en', code, { repeats: 2 })), ['1000 ms', 'Your code is', '402913',
    '1000 ms', 'Again, your code is', '402913', '1000 ms', 'To hear it again, press any key.'])
  const words = heard(codeSpeech('fr', code, { repeats: 2 }))
  t.same(heard(codePrompt('fr', code, { repeats: 2 })).slice(0, words.length), words)
})

t.test('words are said as they are, twice at most, and without what leads up to a code', async (t) => {
  const text = new SensitiveText('It was 4829. Call us.')
  const said = ['It was', '4829', 'Call us.']
  for (const repeats of [NaN, 0, 1]) t.same(heard(codeSpeech('en', text, { repeats })), ['1000 ms', ...said], String(repeats))
  for (const repeats of [2, 3, 10]) t.same(heard(codeSpeech('de', text, { repeats })), ['1000 ms', ...said, '1000 ms', ...said], String(repeats))
  t.same(heard(codePrompt('en', text, { repeats: 1 })), ['1000 ms', ...said, '1000 ms', 'To hear it again, press any key.'])
  t.equal(codeSpeech('es_mx', text, { repeats: 1 }).locale, 'es-MX')
})

t.test('what is said before a key is pressed, and to callers, holds no code', async (t) => {
  t.same(heard(confirmPrompt('en')),
    ['1000 ms', 'Hello. This is a call with your verification code. To hear it, press any key.'])
  t.same(heard(incomingAnnouncement('en')),
    ['1000 ms', 'This number only sends verification codes. Nobody can answer calls here.', 'Goodbye.'])
  for (const language of Object.keys(PHRASES)) {
    for (const speech of [confirmPrompt(language), incomingAnnouncement(language)]) {
      t.notOk(speech.parts.some((part) => part.kind === 'spell'), language)
    }
  }
})

t.test('a speech carries the locale of its own words', async (t) => {
  t.equal(codeSpeech('es_mx', code, { repeats: 1 }).locale, 'es-MX')
  t.equal(codePrompt('zh-Hant-MO', code, { repeats: 1 }).locale, 'zh-HK')
  t.equal(confirmPrompt('no').locale, 'nb')
  t.equal(incomingAnnouncement(undefined).locale, 'en-US')
  t.equal(confirmPrompt('tlh-DE').locale, 'en-US', 'not that of words which are not there')
})

t.test('nothing that is printed shows the code', async (t) => {
  const letters = OneTimeCode.parse('QZX7WK') as OneTimeCode
  for (const secret of [code, letters]) {
    const values = [codeText('en', secret), codeSpeech('sv', secret, { repeats: 3 }), codePrompt('th', secret, { repeats: 2 })]
    for (const value of values) {
      const prints = [String(value), `${value}`, JSON.stringify(value), JSON.stringify({ value }), inspect(value, { depth: null, showHidden: true }),
        inspect(value, { customInspect: false, depth: null, showHidden: true }), Object.values(value).join(), JSON.stringify(structuredClone(value))]
      for (const print of prints) t.notOk(print.includes(secret.reveal()), print.slice(0, 60))
    }
  }
})

t.test('nothing that is printed shows the words', async (t) => {
  for (const value of [codeSpeech('en', new SensitiveText('blocked 482913'), { repeats: 2 }), codePrompt('th', new SensitiveText('blocked 482913'), { repeats: 1 })]) {
    t.notMatch(JSON.stringify(value) + inspect(value, { depth: null, showHidden: true }), /blocked|482913/)
  }
})

t.test('a country tells its likely language', async (t) => {
  const likely: Readonly<Record<string, string>> = {
    DE: 'de-DE',
    CH: 'de-CH',
    at: 'de-AT',
    US: 'en-US',
    GB: 'en-GB',
    MX: 'es-MX',
    BR: 'pt-BR',
    PT: 'pt-PT',
    AO: 'pt-PT',
    NO: 'nb-NO',
    HK: 'zh-HK',
    MO: 'zh-HK',
    TW: 'zh-TW',
    CN: 'zh-CN',
    SG: 'en-SG',
    IL: 'he-IL',
    BA: 'hr-BA',
    RS: 'sr-RS',
    PH: 'fil-PH',
    ID: 'id-ID',
    IN: 'hi-IN',
    EG: 'ar-EG'
  }
  for (const [country, locale] of Object.entries(likely)) t.equal(localeOfCountry(country), locale, country)
})

t.test('what is no country, or has none of our languages, is spoken to in American English', async (t) => {
  for (const country of [undefined, '', 'XX', 'ZZ', 'zz', 'xx', 'QQ', '001', '419', 'D', 'DEU', 'D1', 'de-DE', ' DE', 'ÄÖ', '--', 'a'.repeat(1e6), 'GE', 'MT']) {
    t.equal(localeOfCountry(country), 'en-US', String(country).slice(0, 20))
  }
})
