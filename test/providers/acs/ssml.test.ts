import { inspect } from 'node:util'
import t from 'tap'
import { OneTimeCode } from '../../../src/domain/one-time-code.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Speech, SpeechPart } from '../../../src/domain/speech.ts'
import { toPlainText, toSsml } from '../../../src/providers/acs/ssml.ts'
import { createVoices } from '../../../src/providers/acs/voices.ts'
import { PHRASES } from '../../../src/wording/phrases.ts'
import { codePrompt, confirmPrompt, incomingAnnouncement } from '../../../src/wording/wording.ts'

const JENNY = { name: 'en-US-JennyNeural', locale: 'en-US' }
const OPENING = '<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US"><voice name="en-US-JennyNeural">'
const CLOSING = '</voice></speak>'

const speech = (...parts: SpeechPart[]): Speech => ({ locale: 'en-US', parts })
const say = (text: string): SpeechPart => ({ kind: 'say', text })
const pause = (milliseconds: number): SpeechPart => ({ kind: 'pause', milliseconds })
const spell = (code: string): SpeechPart => ({ kind: 'spell', code: OneTimeCode.parse(code) as OneTimeCode })
const inner = (...parts: SpeechPart[]): string => {
  const document = toSsml(speech(...parts), JENNY).reveal()
  t.ok(document.startsWith(OPENING) && document.endsWith(CLOSING), 'all is within the voice')
  return document.slice(OPENING.length, -CLOSING.length)
}

// What may stand in what, of the elements that we use.
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  '': ['speak'],
  speak: ['voice'],
  voice: ['#text', 'break', 'prosody'],
  prosody: ['#text', 'break', 'say-as'],
  'say-as': ['#text'],
  break: []
}

/** What is wrong with a document, as XML 1.0 and as SSML, or `undefined`. */
const problemOf = (document: string): string | undefined => {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(document)) return 'an illegal character'
  const open = ['']
  let at = 0
  const markup = /<(\/?)([a-z-]+)((?: [a-z:-]+="[^"<]*")*)(\/?)>/y
  while (at < document.length) {
    const parent = open.at(-1) as string
    const next = document.indexOf('<', at)
    const text = document.slice(at, next === -1 ? undefined : next)
    if (/&(?!(amp|lt|gt|quot|apos);)/.test(text) || /[>"']/.test(text)) return `an unescaped character in ${text}`
    if (text.trim() !== '' && !CHILDREN[parent]?.includes('#text')) return `text in <${parent}>`
    if (next === -1) break
    markup.lastIndex = next
    const [, end, name, attributes, empty] = markup.exec(document) ?? []
    if (name === undefined) return `no markup at ${document.slice(next, next + 20)}`
    if (/&(?!(amp|lt|gt|quot|apos);)/.test(attributes as string)) return `an unescaped attribute ${attributes}`
    at = markup.lastIndex
    if (end === '/') {
      if (open.pop() !== name) return `</${name}> closes nothing`
    } else {
      if (!CHILDREN[parent]?.includes(name)) return `<${name}> in <${parent}>`
      if (empty === '') open.push(name)
    }
  }
  return open.length === 1 ? undefined : `<${open.at(-1)}> stays open`
}

t.test('the check of documents finds what is wrong', async (t) => {
  const wrong = ['<speak>', '<speak></voice></speak>', '<speak>x</speak>', '<speak><voice>a & b</voice></speak>', '<speak><voice>a > b</voice></speak>',
    '<speak><voice><prosody><prosody>x</prosody></prosody></voice></speak>', '<speak><voice name="a"b"></voice></speak>',
    '<speak><voice name="&"></voice></speak>', '<speak><voice>\u0000</voice></speak>', '<speak></speak>x', '<!-- -->']
  for (const document of wrong) t.ok(problemOf(document), document)
  t.equal(problemOf('<speak><voice>a &amp; b <break time="1ms"/></voice></speak>'), undefined)
})

t.test('digits are spoken one by one, slowly, with a break after each', async (t) => {
  t.equal(inner(pause(1000), say('Your code is'), spell('4029')),
    '<break time="1000ms"/> Your code is <prosody rate="-20%">4 <break time="400ms"/>0 <break time="400ms"/>' +
    '2 <break time="400ms"/>9 <break time="400ms"/></prosody>')
})

t.test('letters are spelled, digits beside them stay bare', async (t) => {
  t.equal(inner(spell('aB7Z')), '<prosody rate="-20%"><say-as interpret-as="characters">a</say-as> <break time="400ms"/>' +
    '<say-as interpret-as="characters">B</say-as> <break time="400ms"/>7 <break time="400ms"/>' +
    '<say-as interpret-as="characters">Z</say-as> <break time="400ms"/></prosody>')
})

t.test('no digit of a code stands where it makes an ordinal or part of a longer number', async (t) => {
  const prompt = codePrompt('de', OneTimeCode.parse('1203456789') as OneTimeCode, { repeats: 3 })
  for (const text of [toSsml(prompt, JENNY).reveal().replace(/<(speak|voice|prosody|break)[^>]*>/g, '|'), toPlainText(prompt).reveal()]) {
    t.notMatch(text, /[0-9]\s*\.|[0-9][0-9]|[0-9]\s+[0-9]/)
  }
})

t.test('breaks are whole milliseconds from 0 to 5000', async (t) => {
  const capped: ReadonlyArray<readonly [number, string]> =
    [[5000, '5000'], [5001, '5000'], [Infinity, '5000'], [0, '0'], [-1, '0'], [-Infinity, '0'], [0.6, '1'], [1e-9, '0'], [333.3, '333']]
  for (const [milliseconds, expected] of capped) t.equal(inner(pause(milliseconds)), `<break time="${expected}ms"/>`, String(milliseconds))
})

t.test('text cannot become markup', async (t) => {
  t.equal(inner(say('a & b < c > d " e \' f')), 'a &amp; b &lt; c &gt; d &quot; e &apos; f')
  t.equal(inner(say('&amp;')), '&amp;amp;')
  const attacks = ['</voice></speak><speak>', '<break time="5s"/>', '<audio src="https://evil.example/a.wav"/>', ']]>', '<![CDATA[x]]>', '<!-- x -->',
    '<?xml version="1.0"?>', '<!DOCTYPE speak [<!ENTITY x SYSTEM "file:///etc/passwd">]>&x;', '&x;', '&#60;', '"><voice name="x">', "' onload='"]
  for (const attack of attacks) {
    const document = toSsml(speech(say(attack), spell('1234'), say(attack)), JENNY).reveal()
    t.equal(problemOf(document), undefined, attack)
    t.equal(document.match(/<voice/g)?.length, 1, 'there is one voice')
    t.notMatch(document, /<(audio|!|\?)/)
  }
})

t.test('a voice cannot become markup', async (t) => {
  const hostile = toSsml(speech(say('Hello.')), { name: 'x"><audio src="y"/>', locale: 'de"&<>\'\u0000' }).reveal()
  t.equal(problemOf(hostile), undefined)
  t.notMatch(hostile, '<audio')
  t.match(hostile, 'xml:lang="de&quot;&amp;&lt;&gt;&apos;"')
})

t.test('characters that XML forbids are left out, all others are kept', async (t) => {
  t.equal(inner(say('a\u0000b\u0008c\u000bd\u001be\ufffef\uffffg')), 'abcdefg')
  t.equal(inner(say('x\ud83dy\ude00z')), 'xyz', 'halves of characters')
  t.equal(inner(say('\ude00\ud83d')), '')
  t.equal(inner(say('tab\tline\nreturn\r😀 日本語 مرحبًا می‌کنیم')), 'tab\tline\nreturn\r😀 日本語 مرحبًا می‌کنیم')
  t.equal(toPlainText(speech(say('a\u0000b\ud83dc😀'))).reveal(), 'abc😀')
})

t.test('what is said in every language is a document that Azure takes, in the voice of that language', async (t) => {
  const voiceOf = createVoices(new Map())
  const code = OneTimeCode.parse('7Kq0') as OneTimeCode
  for (const language of Object.keys(PHRASES)) {
    for (const spoken of [codePrompt(language, code, { repeats: 3 }), confirmPrompt(language), incomingAnnouncement(language)]) {
      const voice = voiceOf(spoken.locale)
      const document = toSsml(spoken, voice).reveal()
      t.equal(problemOf(document), undefined, language)
      t.ok(document.includes(`xml:lang="${voice.locale}"><voice name="${voice.name}">`), voice.name)
    }
    const words = toPlainText(codePrompt(language, code, { repeats: 3 })).reveal()
    t.equal(words.split('7, K, q, 0;').length, 4, `three times in ${language}`)
    t.notMatch(words, /[<>]|undefined/)
  }
})

t.test('plain words hold no markup and no pauses', async (t) => {
  t.equal(toPlainText(speech(pause(1000), say('Your code is'), spell('40a9'), pause(1000), say('Tom & "Jerry" <b>'))).reveal(),
    'Your code is 4, 0, a, 9; Tom & "Jerry" <b>')
  t.equal(toPlainText(speech()).reveal(), '')
  t.equal(problemOf(toSsml(speech(), JENNY).reveal()), undefined, 'an empty speech is an empty document')
})

t.test('neither form shows the code when it is printed', async (t) => {
  const spoken = speech(spell('QZX7'))
  for (const value of [spoken, toSsml(spoken, JENNY), toPlainText(spoken)]) {
    for (const print of [String(value), JSON.stringify(value), inspect(value, { depth: null, showHidden: true }), inspect({ value }, { depth: null })]) {
      t.notMatch(print, /Q.*Z.*X.*7/)
    }
  }
})

const words = (text: string): SpeechPart => ({ kind: 'words', text: new SensitiveText(text) })

t.test('somebody else\'s words are text and nothing else', async (t) => {
  t.equal(inner(words('Your <break/> & "x"\u0000\ud83d is 👍')), 'Your &lt;break/&gt; &amp; &quot;x&quot; is 👍')
  t.equal(toPlainText(speech(words('a & <b>\u0000'), spell('4829'), words('today'))).reveal(), 'a & <b> 4, 8, 2, 9; today')
  t.notMatch(inspect(toSsml(speech(words('blocked')), JENNY)), 'blocked')
})

t.test('plain text is no longer than Azure takes, and ends with a word', async (t) => {
  const plain = (...parts: SpeechPart[]): string => toPlainText(speech(...parts)).reveal()
  t.equal(plain(words('x'.repeat(400))), 'x'.repeat(400))
  t.equal(plain(words('x'.repeat(399)), words('yz')), 'x'.repeat(399))
  t.equal(plain(words('x'.repeat(200)), words('y'.repeat(199)), words('z')), `${'x'.repeat(200)} ${'y'.repeat(199)}`)
  t.equal(plain(words('字'.repeat(401))), '字'.repeat(400))
  t.equal(plain(words(`a${'👍'.repeat(200)}`)), `a${'👍'.repeat(199)}`, 'nor with half a character')
})
