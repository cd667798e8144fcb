import t from 'tap'
import { durationOf, hearSsml, linesOf, wordsOf } from '../../src/sandbox/ssml.ts'
import { parseXml } from '../../src/sandbox/xml.ts'
import { SSML } from './gateway.ts'

const speak = (inner: string) => `<speak version="1.0" xml:lang="en-US"><voice name="en-US-JennyNeural">${inner}</voice></speak>`
const say = (text: string, rate = 1, locale = 'en-US') => ({ kind: 'say', text, locale, rate })
const pause = (milliseconds: number) => ({ kind: 'pause', milliseconds })

t.test('documents', async t => {
  t.match(parseXml('<?xml version="1.0"?><!-- a --><a b="1" c=\'&lt;2&gt;\'>x<d/>y<![CDATA[<&>]]>&#65;&#x42;</a >\n'), {
    name: 'a', attributes: { b: '1', c: '<2>' }, children: ['x', { name: 'd' }, 'y', '<&>', 'AB']
  })
  for (const text of [
    '', ' ', 'words', '<a>', '</a>', '<a></b>', '<a><b></a></b>', '<a/><b/>', '<a/>x', '<a b=c/>', '<a b="1" b="2"/>',
    '<a>&nbsp;</a>', '<a>&amp</a>', '<a>a & b</a>', '<a b="&x;"/>', '<a>&#x110000;</a>', '<a', '< a/>', '<a>1 < 2</a>', '<![CDATA[x]]>',
    '<!DOCTYPE a><a/>', '<a b="<"/>', '<a><!-- </a>'
  ]) t.equal(parseXml(text), undefined, text)
})

t.test('what is heard', async t => {
  for (const [inner, heard] of [
    ['Hello &amp; <emphasis>you</emphasis>', [say('Hello &'), say('you')]],
    ['<say-as interpret-as="characters">A1</say-as>', [say('A 1')]],
    ['<say-as>12</say-as>', [say('12')]],
    ['<break/><break strength="weak"/><break strength="odd"/><break time="9s"/><break time="250ms"/><break time="soon"/>',
      [pause(750), pause(500), pause(750), pause(5_000), pause(250), pause(750)]],
    ['<prosody rate="-20%">a</prosody><prosody rate="slow">b</prosody><prosody rate="9">c</prosody><prosody rate="odd">d</prosody><prosody>e</prosody>',
      [say('a', 0.8), say('b', 0.7), say('c', 2), say('d'), say('e')]],
    ['<lang xml:lang="de-DE">eins</lang><lang>two</lang>', [say('eins', 1, 'de-DE'), say('two')]]
  ] as Array<[string, object[]]>) t.same(hearSsml(speak(inner)), heard, inner)
})

t.test('what the speech service refuses', async t => {
  for (const document of [
    '<speak', '<speech xml:lang="en-US"/>', '<speak><voice name="x">y</voice></speak>', '<speak xml:lang="en-US"/>',
    '<speak xml:lang="en-US">words</speak>', '<speak xml:lang="en-US"><voice>y</voice></speak>',
    '<speak xml:lang="en-US"><voice name="">y</voice></speak>'
  ]) t.equal(hearSsml(document), undefined, document)
  t.same(hearSsml('<speak xml:lang="en-US"> <mstts:backgroundaudio/> <voice name="x">y</voice></speak>'), [say('y')])
})

t.test('words and their duration', async t => {
  const heard = hearSsml(SSML)!
  t.equal(wordsOf(heard), 'Your code is 1 2.')
  t.same(linesOf(heard), ['Your code is', '1 2.'])
  t.equal(durationOf(heard), 1_000 + 400 + 250 * 3 + 65 * ('Your code is'.length + 1 + 2))
})

t.test('what is said again after a second stands on a line of its own', async t => {
  const lines = (inner: string) => linesOf(hearSsml(speak(inner))!)
  t.same(lines('<break time="1s"/>One<break time="999ms"/>two.<break time="1s"/>Again: one<break time="400ms"/>two.'), ['One two.', 'Again: one two.'])
  t.same(lines('One.<break time="1s"/><break time="5s"/> <break time="1s"/>'), ['One.'], 'no line is empty')
  t.same(lines('<break time="1s"/>'), [])
  t.same(linesOf([]), [])
})
