import t from 'tap'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Spoken } from '../../../src/domain/signal.ts'
import { MAX_CODE_ROUNDS } from '../../../src/providers/twilio/call-step.ts'
import { PHRASES } from '../../../src/wording/phrases.ts'
import { spokenText } from '../../../src/wording/spoken-text.ts'
import { CODE } from '../suite.ts'
import { callParts, codeOf } from './call-parts.ts'
import { named, readTwiml, saidIn, textOf, type Element } from './twiml-document.ts'

const namesIn = ({ children }: Element): string[] => children.map((child) => typeof child === 'string' ? '#text' : child.name)
const stepIn = (url: string | undefined): string | null => new URL(url ?? '').searchParams.get('step')
const redirectOf = (response: Element): string => textOf(named(response, 'Redirect')[0] as Element)
const timesIn = (document: SensitiveText, code: string): number => saidIn(readTwiml(document)).replaceAll(' ', '').split(code).length - 1

t.test('a call says the code as often as it is told to, and tells that it has', async (t) => {
  const { script, urls, call } = callParts({ repeats: 3 })
  const response = readTwiml(script.code('en-US', codeOf(CODE), urls.forCall(call)))
  t.same(namesIn(response), ['Pause', 'Say', 'Pause', 'Say', 'Pause', 'Say', 'Redirect'])
  t.equal(saidIn(response), 'Your code is 4 9 3 0 2 1 Again, your code is 4 9 3 0 2 1 Again, your code is 4 9 3 0 2 1')
  t.equal(stepIn(redirectOf(response)), 'spoken')
  t.equal(new URL(redirectOf(response)).hash, '#rc=2&rp=all')
  t.match(named(response, 'Redirect')[0], { attributes: { method: 'POST' } })
})

t.test('without a way back a call says the code and ends', async (t) => {
  const { script } = callParts({ repeats: 1 })
  const document = script.code('de-AT', codeOf(CODE), undefined)
  t.same(namesIn(readTwiml(document)), ['Pause', 'Say', 'Hangup'])
  t.notMatch(document.reveal(), /https?:/)
})

t.test('a call that asks first says nothing secret, asks twice, and tells where nobody pressed a key', async (t) => {
  const { script, urls, call } = callParts()
  const document = script.confirmation('en-US', urls.forCall(call))
  const response = readTwiml(document)
  t.same(namesIn(response), ['Gather', 'Gather', 'Redirect'])
  t.same(named(response, 'Gather').map(({ attributes }) => stepIn(attributes.action)), ['code:1', 'code:1'])
  t.equal(stepIn(redirectOf(response)), 'not-confirmed')
  t.equal(saidIn(response).split('press any key').length, 3)
  t.notMatch(document.reveal(), CODE)
  t.notMatch(saidIn(response), /[0-9]/)
})

t.test('after a key the code is said and may be asked for again, five times in all', async (t) => {
  const { script, urls, call } = callParts()
  const next = urls.forCall(call)
  for (let round = 1; round < MAX_CODE_ROUNDS; round += 1) {
    const response = readTwiml(script.codeAfterKey('en-US', codeOf(CODE), round, next))
    t.same(namesIn(response), ['Gather', 'Redirect'], String(round))
    t.equal(stepIn(named(response, 'Gather')[0]?.attributes.action), `code:${round + 1}`)
    t.equal(stepIn(redirectOf(response)), 'spoken')
    t.match(saidIn(response), /^Your code is 4 9 3 0 2 1 Again, your code is 4 9 3 0 2 1 .*press any key/)
  }
  const last = readTwiml(script.codeAfterKey('en-US', codeOf(CODE), MAX_CODE_ROUNDS, next))
  t.same(namesIn(last), ['Pause', 'Say', 'Pause', 'Say', 'Redirect'])
  t.equal(stepIn(redirectOf(last)), 'spoken')
  t.notMatch(saidIn(last), /key/, 'a key has no use any more')
})

t.test('the same question has the same answer, to the letter', async (t) => {
  const { script, urls, call } = callParts()
  const search = new URL(urls.forCall(call)({ kind: 'code', round: 1 })).searchParams
  const answers = [1, 2].map(() => script.codeAfterKey('en-US', codeOf(CODE), 1, urls.open(Object.fromEntries(search))?.next as never).reveal())
  t.equal(answers[0], answers[1])
})

t.test('the end is an end', async (t) => {
  t.same(namesIn(readTwiml(callParts().script.end())), ['Hangup'])
})

t.test('a language that no voice speaks is spoken to in English', async (t) => {
  const { script, urls, call } = callParts()
  const next = urls.forCall(call)
  for (const locale of ['hr', 'ur-PK', 'et', 'fa', 'sq', 'sl', 'sw']) {
    for (const document of [script.code(locale, codeOf(CODE), next), script.codeAfterKey(locale, codeOf(CODE), 1, next), script.confirmation(locale, next)]) {
      const says = named(readTwiml(document), 'Say')
      t.ok(says.every(({ attributes }) => attributes.voice === 'Polly.Joanna-Neural' && attributes.language === 'en-US'), locale)
      t.match(says.map(textOf).join(' '), /Your code is|press any key/, locale)
    }
  }
})

t.test('it is spoken to in its own where the operator has a voice for it', async (t) => {
  const { script } = callParts({ voiceNames: { hr: 'Google.hr-HR-Chirp3-HD-Kore' }, repeats: 1 })
  const [say] = named(readTwiml(script.code('hr-HR', codeOf(CODE), undefined)), 'Say')
  t.same(say?.attributes, { voice: 'Google.hr-HR-Chirp3-HD-Kore', language: 'hr-HR' })
  t.ok(say && textOf(say).startsWith(PHRASES.hr.codeSpeech))
  t.match(say && textOf(say), '4, 9, 3, 0, 2, 1;')
})

t.test('a call begins with no more than a request may carry, whatever is to be said', async (t) => {
  const longest = codeOf('qwertzuiop')
  for (const base of ['https://a.example/events/twilio', `https://a.example/${'x'.repeat(1200)}/events/twilio`]) {
    const { script, urls, call } = callParts({ base: new URL(base), repeats: 10, call: { said: longest } })
    for (const language of Object.keys(PHRASES)) {
      const document = script.code(language, longest, urls.forCall(call))
      t.ok(Buffer.byteLength(document.reveal()) <= 4000, language)
      const times = timesIn(document, 'qwertzuiop') + timesIn(document, 'QWERTZUIOP')
      t.ok(times >= 1 && times < (base.length > 1000 ? 10 : 11), `${language}: ${times} times`)
    }
  }
  const { script } = callParts({ repeats: 10 })
  t.equal(timesIn(script.code('en', codeOf('4711'), undefined), '4711'), 10, 'a short one is said as often as was wished')
})

t.test('it says the code as often as fits, and not once less', async (t) => {
  const code = codeOf('qwertzuiop')
  const many = callParts({ repeats: 10 }).script.code('cs', code, undefined)
  const times = timesIn(many, 'qwertzuiop')
  const [fewer, more] = [times, times + 1].map((repeats) => callParts({ repeats }).script.code('cs', code, undefined))
  t.equal(fewer?.reveal(), many.reveal())
  t.equal(more?.reveal(), many.reveal(), 'once more does not fit')
})

t.test('the less room there is, the less often it says the code, down to once', async (t) => {
  const seen = new Set<number>()
  for (let length = 0; length < 3500; length += 50) {
    const { script, urls, call } = callParts({ base: new URL(`https://a.example/${'x'.repeat(length)}`), repeats: 4 })
    seen.add(timesIn(script.code('en', codeOf(CODE), urls.forCall(call)), CODE))
  }
  t.same([...seen], [4, 3, 2, 1])
})

t.test('where nothing fits, the code is said once', async (t) => {
  const { script, urls, call } = callParts({ base: new URL(`https://a.example/${'x'.repeat(4000)}`), repeats: 3 })
  t.equal(timesIn(script.code('en', codeOf(CODE), urls.forCall(call)), CODE), 1)
})

t.test('an answer to a question may be longer: it is no part of a request', async (t) => {
  const { script, urls, call } = callParts({ repeats: 10 })
  const document = script.codeAfterKey('cs', codeOf('qwertzuiop'), 1, urls.forCall(call))
  t.equal(timesIn(document, 'qwertzuiop'), 10)
  t.ok(document.reveal().length > 4000)
})

const wordsOf = (text: string): Spoken => spokenText(new SensitiveText(text)) as Spoken

t.test('words are said in place of a code, twice at most, and digits in them are spelled', async (t) => {
  const said = wordsOf('Your number is 4829. Call us.')
  for (const [repeats, times] of [[1, 1], [2, 2], [10, 2]] as const) {
    const { script, urls, call } = callParts({ repeats, call: { said } })
    const next = urls.forCall(call)
    t.equal(saidIn(readTwiml(script.code('en-US', said, next))), Array(times).fill('Your number is 4 8 2 9 Call us.').join(' '))
    t.match(saidIn(readTwiml(script.codeAfterKey('en-US', said, 1, next))), /^Your number is 4 8 2 9 Call us\. .*To hear it again, press any key\.$/)
  }
})

t.test('only where the words may be asked for does the URL carry them', async (t) => {
  const { urls, call } = callParts({ call: { said: wordsOf('x'.repeat(400)) } })
  const next = urls.forCall(call)
  const opened = (step: Parameters<typeof next>[0]) => urls.open(Object.fromEntries(new URL(next(step)).searchParams))
  t.equal(opened({ kind: 'code', round: 1 })?.content.said?.reveal(), 'x'.repeat(400))
  for (const kind of ['spoken', 'not-confirmed'] as const) {
    t.match(opened({ kind }), { attempt: call.attempt })
    t.equal(opened({ kind })?.content.said, undefined)
    t.ok(next({ kind }).length < 500)
  }
})

// What takes most room: as text, as markup, and sealed.
const LONGEST = {
  escaped: '&'.repeat(400),
  quoted: '"'.repeat(400),
  'in bytes': '字'.repeat(200),
  'in pairs': '👍'.repeat(150),
  'in words': 'Call us at once. '.repeat(24),
  spelled: `${'1234567890 '.repeat(3)}${'字'.repeat(100)}${'&'.repeat(267)}`,
  'spelled and escaped': `${'1234567890&'.repeat(3)}${'&'.repeat(367)}`
}
const LONGEST_BASE = new URL(`https://a.example/${'x'.repeat(382)}/events/twilio`)

for (const [what, text] of Object.entries(LONGEST)) {
  t.test(`the longest words fit into a request with the longest address: ${what}`, async (t) => {
    const said = wordsOf(text)
    t.ok(said.reveal().length >= 150)
    for (const repeats of [1, 3]) {
      const { script, urls, call } = callParts({ base: LONGEST_BASE, repeats, call: { said } })
      for (const language of Object.keys(PHRASES)) {
        for (const next of [urls.forCall(call), undefined]) {
          const document = script.code(language, said, next)
          t.ok(Buffer.byteLength(document.reveal()) <= 4000, `${language}: ${Buffer.byteLength(document.reveal())}`)
          t.ok(saidIn(readTwiml(document)).replaceAll(' ', '').includes(said.reveal().replaceAll(' ', '')), 'all of it is said')
        }
        const question = script.confirmation(language, urls.forCall(call))
        t.ok(Buffer.byteLength(question.reveal()) <= 4000, `${language}: ${Buffer.byteLength(question.reveal())}`)
        t.match(namesIn(readTwiml(question)), /^(Gather,)?Gather,Redirect$/.exec(namesIn(readTwiml(question)).join())?.[0].split(',') ?? ['none'])
      }
    }
  })
}

t.test('a call asks for a key once where asking twice would be too long, and twice where it would not', async (t) => {
  const said = wordsOf('字'.repeat(200))
  const asked = (base?: URL): number => {
    const { script, urls, call } = callParts({ ...base && { base }, call: { said } })
    return namesIn(readTwiml(script.confirmation('en-US', urls.forCall(call)))).filter((name) => name === 'Gather').length
  }
  t.equal(asked(), 2)
  t.equal(asked(LONGEST_BASE), 1)
})
