import { inspect } from 'node:util'
import t from 'tap'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Speech, SpeechPart } from '../../../src/domain/speech.ts'
import { toTwiml, type CallAction } from '../../../src/providers/twilio/twiml.ts'
import { createVoices, type Voice } from '../../../src/providers/twilio/voices.ts'
import { PHRASES } from '../../../src/wording/phrases.ts'
import { codePrompt, codeSpeech, confirmPrompt } from '../../../src/wording/wording.ts'
import { codeOf } from './call-parts.ts'
import { named, readTwiml, readXml, saidIn, textOf } from './twiml-document.ts'

const STANDARD: Voice = { name: 'Google.cs-CZ-Wavenet-A', language: 'cs-CZ', markup: 'all' }
const NEURAL: Voice = { name: 'Polly.Joanna-Neural', language: 'en-US', markup: 'breaks' }
const PLAIN: Voice = { name: 'alice', language: 'en-US', markup: 'none' }
const XML = '<?xml version="1.0" encoding="UTF-8"?>'

const speech = (...parts: SpeechPart[]): Speech => ({ locale: 'en-US', parts })
const say = (text: string): SpeechPart => ({ kind: 'say', text })
const pause = (milliseconds: number): SpeechPart => ({ kind: 'pause', milliseconds })
const spell = (code: string): SpeechPart => ({ kind: 'spell', code: codeOf(code) })
const speak = (voice: Voice, ...parts: SpeechPart[]): CallAction => ({ kind: 'speak', speech: speech(...parts), voice })
const inner = (...actions: CallAction[]): string => {
  const document = toTwiml(actions).reveal()
  readTwiml(document)
  return document.slice(`${XML}<Response>`.length, -'</Response>'.length)
}

t.test('the reading of documents finds what is wrong', async (t) => {
  const wrong = ['', '<Response>', 'x', '<Say>x</Say>', '<Response>x</Response>', '<Response><Say>a & b</Say></Response>', '<Response><Say>&x;</Say></Response>',
    '<Response><Say voice="alice"><break time="1s"/></Say></Response>', '<Response><Say voice="Polly.Joanna-Generative"><prosody rate="80%">1</prosody></Say></Response>',
    '<Response><Say voice="Google.en-US-Chirp3-HD-Kore"><break time="1s"/></Say></Response>', '<Response><Say><break time="1s"/></Say></Response>',
    '<Response><Say voice="Polly.Joanna-Neural"><say-as interpret-as="characters">a</say-as></Say></Response>',
    '<Response><Say voice="Polly.Joanna"><say-as interpretAs="characters">a</say-as></Say></Response>', '<Response/><Response/>',
    '<Response><Say>\u0000</Say></Response>', '<!-- --><Response/>', '<Response><Pause></Hangup></Response>', `<Response><Say>${'x'.repeat(3001)}</Say></Response>`]
  for (const document of wrong) t.throws(() => readTwiml(document), document.slice(0, 80))
  t.match(readXml(`${XML}<a b="&quot;&#xD;">x<c/></a>`), { name: 'a', attributes: { b: '"\r' }, children: ['x', { name: 'c' }] })
})

t.test('digits are spoken one by one, slowly, with a break after each', async (t) => {
  t.equal(inner(speak(NEURAL, pause(1000), say('Your code is'), spell('4029'))),
    '<Pause length="1"/><Say voice="Polly.Joanna-Neural" language="en-US">Your code is <prosody rate="80%">' +
    '4 <break time="400ms"/>0 <break time="400ms"/>2 <break time="400ms"/>9 <break time="400ms"/></prosody></Say>')
})

t.test('letters are spelled by a voice that can, digits beside them stay bare', async (t) => {
  t.equal(inner(speak(STANDARD, spell('aB7Z'))),
    '<Say voice="Google.cs-CZ-Wavenet-A" language="cs-CZ"><prosody rate="80%">' +
    '<say-as interpret-as="characters">a</say-as><break time="400ms"/><say-as interpret-as="characters">B</say-as><break time="400ms"/>' +
    '7 <break time="400ms"/><say-as interpret-as="characters">Z</say-as><break time="400ms"/></prosody></Say>')
})

t.test('a neural voice of Amazon\'s gets letters as they are, in capitals: for `say-as` another voice would speak', async (t) => {
  t.equal(inner(speak(NEURAL, spell('aB7z'))),
    '<Say voice="Polly.Joanna-Neural" language="en-US"><prosody rate="80%">A <break time="400ms"/>B <break time="400ms"/>' +
    '7 <break time="400ms"/>Z <break time="400ms"/></prosody></Say>')
})

t.test('a voice that takes no markup gets plain words, and pauses as verbs', async (t) => {
  t.equal(inner(speak(PLAIN, pause(1000), say('Your code is'), spell('40a9'), pause(2000), say('Again,'), spell('40a9'))),
    '<Pause length="1"/><Say voice="alice" language="en-US">Your code is 4, 0, A, 9; </Say>' +
    '<Pause length="2"/><Say voice="alice" language="en-US">Again, 4, 0, A, 9; </Say>')
})

t.test('where only the voice knows its language, no language is named', async (t) => {
  t.equal(inner(speak({ name: 'Polly.Tina-Neural', language: undefined, markup: 'breaks' }, say('Hello.'))), '<Say voice="Polly.Tina-Neural">Hello. </Say>')
})

t.test('no digit of a code stands where it makes an ordinal or part of a longer number', async (t) => {
  for (const voice of [STANDARD, NEURAL, PLAIN]) {
    const document = toTwiml([{ kind: 'speak', speech: codePrompt('de', codeOf('1203456789'), { repeats: 3 }), voice }]).reveal()
    const words = document.replace(XML, '').replace(/<[^>]*>/g, '|')
    t.notMatch(words, /[0-9]\s*\.|[0-9][0-9]|[0-9]\s+[0-9]/, voice.name)
  }
})

t.test('pauses are whole seconds from 1 to 5', async (t) => {
  const expected: ReadonlyArray<readonly [number, string]> =
    [[5000, '5'], [5001, '5'], [Infinity, '5'], [0, '1'], [-1, '1'], [400, '1'], [1000, '1'], [1499, '1'], [1500, '2'], [2000, '2']]
  for (const [milliseconds, seconds] of expected) t.equal(inner(speak(NEURAL, pause(milliseconds))), `<Pause length="${seconds}"/>`, String(milliseconds))
})

t.test('a question waits for any one key, and the call goes on with what comes after it', async (t) => {
  const response = readTwiml(toTwiml([
    { kind: 'ask', speech: speech(pause(1000), say('Press a key.')), voice: NEURAL, next: 'https://a.example/call?a=1&b=2#rc=2&rp=all' },
    { kind: 'go-on', next: 'https://a.example/call?step=spoken&x=1#rc=2' },
    { kind: 'hang-up' }
  ]))
  t.same(response.children.map((child) => typeof child === 'string' ? child : child.name), ['Gather', 'Redirect', 'Hangup'])
  const [gather, redirect] = [...named(response, 'Gather'), ...named(response, 'Redirect')]
  t.same(gather?.attributes, {
    action: 'https://a.example/call?a=1&b=2#rc=2&rp=all', method: 'POST', input: 'dtmf', numDigits: '1', finishOnKey: '', timeout: '6'
  })
  t.same(gather?.children.map((child) => typeof child === 'string' ? child : child.name), ['Pause', 'Say'])
  t.same(redirect?.attributes, { method: 'POST' })
  t.equal(redirect && textOf(redirect), 'https://a.example/call?step=spoken&x=1#rc=2')
})

t.test('a call may end at once, and nothing is a document too', async (t) => {
  t.equal(toTwiml([{ kind: 'hang-up' }]).reveal(), `${XML}<Response><Hangup/></Response>`)
  t.equal(toTwiml([]).reveal(), `${XML}<Response/>`)
  t.equal(inner(speak(PLAIN, say('x'))), '<Say voice="alice" language="en-US">x </Say>')
})

t.test('text cannot become markup', async (t) => {
  const attacks = ['</Say></Response><Response>', '<break time="5s"/>', '<Play>https://evil.example/a.mp3</Play>', ']]>', '<![CDATA[x]]>', '<!-- x -->',
    '<?xml version="1.0"?>', '<!DOCTYPE Response [<!ENTITY x SYSTEM "file:///etc/passwd">]>&x;', '&x;', '&#60;', '&amp;', '"><Dial>', "' onload='", 'a & b < c > d " e \' f']
  for (const attack of attacks) {
    for (const voice of [STANDARD, NEURAL, PLAIN]) {
      const response = readTwiml(toTwiml([speak(voice, say(attack), spell('1234'), say(attack))]))
      t.same(response.children.map((child) => typeof child === 'string' ? child : child.name), ['Say'], attack)
      t.equal(saidIn(response).split(attack.trim()).length, 3, `${attack}: it is said`)
    }
  }
})

t.test('a voice and a URL cannot become markup', async (t) => {
  const hostile: Voice = { name: 'x"><Dial>+1</Dial>\u0000', language: 'de"&<>\'\ud800', markup: 'none' }
  const response = readTwiml(toTwiml([speak(hostile, say('Hello.')), { kind: 'go-on', next: 'https://a.example/?a=</Redirect><Dial>&b="' }]))
  t.same(named(response, 'Say')[0]?.attributes, { voice: 'x"><Dial>+1</Dial>', language: 'de"&<>\'' })
  t.equal(textOf(named(response, 'Redirect')[0] as never), 'https://a.example/?a=</Redirect><Dial>&b="')
})

t.test('characters that XML forbids are left out, all others are kept', async (t) => {
  const said = (text: string): string => textOf(readTwiml(toTwiml([speak(PLAIN, say(text))])))
  t.equal(said('a\u0000b\u0008c\u000bd\u001be\ufffef\uffffg'), 'abcdefg ')
  t.equal(said('x\ud83dy\ude00z'), 'xyz ', 'halves of characters')
  t.equal(said('\ude00\ud83d'), ' ')
  t.equal(said('tab\tline\nreturn\r😀 日本語 مرحبًا می‌کنیم'), 'tab\tline\nreturn\r😀 日本語 مرحبًا می‌کنیم ')
})

t.test('what is said in every language is a document that Twilio takes, in the voice of that language', async (t) => {
  for (const names of [{}, { en: 'alice', de: 'Google.de-DE-Chirp3-HD-Kore', fr: 'Polly.Lea-Generative', es: 'Polly.Conchita' }]) {
    const voiceOf = createVoices(new Map(Object.entries(names)))
    for (const language of Object.keys(PHRASES)) {
      const voice = voiceOf(language)
      if (voice === undefined) continue
      const code = codeOf('7Kq0')
      const response = readTwiml(toTwiml([codeSpeech(language, code, { repeats: 3 }), codePrompt(language, code, { repeats: 3 }), confirmPrompt(language)]
        .map((speech) => ({ kind: 'speak', speech, voice }))))
      for (const element of named(response, 'Say')) t.match(element.attributes, { voice: voice.name, language: voice.language }, language)
      t.equal(saidIn(response).replace(/[ ,]/g, '').toUpperCase().split('7KQ0').length, 7, `six times in ${language}`)
      t.notMatch(saidIn(response), /undefined|\{|<|>/)
    }
  }
})

t.test('a document does not show the code when it is printed', async (t) => {
  const document = toTwiml([speak(PLAIN, spell('QZX7'))])
  for (const print of [String(document), JSON.stringify(document), inspect(document, { depth: null, showHidden: true })]) t.notMatch(print, /Q.*Z.*X.*7/)
})

t.test('somebody else\'s words are text and nothing else, for every voice', async (t) => {
  const words: SpeechPart = { kind: 'words', text: new SensitiveText('Your <Hangup/> & "x"\u0000\ud83d is 👍') }
  for (const voice of [STANDARD, NEURAL, PLAIN]) {
    const document = toTwiml([speak(voice, words, spell('4829'))])
    const [response] = [readTwiml(document)]
    t.match(saidIn(response), /^Your <Hangup\/> & "x" is 👍 4,? 8,? 2,? 9;?$/, voice.name)
    t.same(named(response, 'Hangup'), [])
    t.notMatch(inspect(document), 'Hangup')
  }
})
