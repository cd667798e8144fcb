import { inspect } from 'node:util'
import t from 'tap'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { createVerificationWords, type WordsRequest } from '../../src/wording/verification-words.ts'
import { readOurs, readWith } from './templates-stand.ts'

const CODE = OneTimeCode.parse('042913') as OneTimeCode

const request = (changes: Partial<WordsRequest> = {}): WordsRequest => ({ purpose: 'login', locale: 'en', code: CODE, lifetime: 300_000, ...changes })

const wordsWith = ({ brand, domain }: { brand?: string, domain?: string } = {}) => createVerificationWords({ templates: readOurs().templates, brand, domain })

t.test('the words of a text and of a call', async (t) => {
  const words = wordsWith({ brand: 'Example' })
  t.equal(words.text(request()).reveal(), 'Example: Your login code is 042913. It is valid for 5 minutes.')
  t.equal(words.speech(request()).reveal(), 'Example. Your login code is 042913. Again, your code is 042913. It is valid for 5 minutes.')
  t.equal(words.text(request({ purpose: 'signup', locale: 'de-AT' })).reveal(), 'Example: Ihr Registrierungscode lautet 042913. Er ist 5 Minuten gültig.')
})

t.test('no brand leaves no trace', async (t) => {
  t.equal(wordsWith().text(request({ purpose: 'payment' })).reveal(), 'Your verification code is 042913. It is valid for 5 minutes.')
  t.equal(wordsWith().speech(request()).reveal(), 'Your login code is 042913. Again, your code is 042913. It is valid for 5 minutes.')
})

t.test('what has no words is said in English', async (t) => {
  for (const locale of [undefined, '', 'tlh', 'not a locale', '../../etc/passwd', '__proto__']) {
    t.match(wordsWith().text(request({ locale })).reveal(), 'Your login code is 042913.', String(locale))
  }
})

t.test('minutes are whole, not one too many, and at least one', async (t) => {
  for (const [lifetime, minutes] of [[0, '1 minute'], [1, '1 minute'], [59_999, '1 minute'], [90_000, '1 minute'], [119_999, '1 minute'], [120_000, '2 minutes'], [179_000, '2 minutes'], [3_600_000, '60 minutes'], [-5, '1 minute']] as const) {
    t.match(wordsWith().text(request({ lifetime })).reveal(), `It is valid for ${minutes}.`, String(lifetime))
  }
})

t.test('the line for browsers is the last one, and no call says it', async (t) => {
  const words = wordsWith({ brand: 'Example', domain: 'login.example.com' })
  t.equal(words.text(request()).reveal(), 'Example: Your login code is 042913. It is valid for 5 minutes.\n\n@login.example.com #042913')
  t.notMatch(words.speech(request()).reveal(), '@')
})

t.test('nothing may come behind that line, whatever a template ends with', async (t) => {
  const { templates } = readWith(t, { 'en.text.liquid': '\n\n  Code {{ code }}\n\nBye\n\n\n', 'en.speech.liquid': 'Code\n {{ code }}\n\n' })
  const words = createVerificationWords({ templates, brand: undefined, domain: 'login.example.com' })
  t.equal(words.text(request()).reveal(), 'Code 042913\n\nBye\n\n@login.example.com #042913')
  t.equal(words.speech(request()).reveal(), 'Code 042913', 'a call knows no lines')
})

t.test('the words do not show themselves', async (t) => {
  const words = wordsWith({ brand: 'Example', domain: 'login.example.com' })
  const both = [words.text(request()), words.speech(request())]
  t.notMatch(`${String(both)} ${JSON.stringify(both)} ${inspect(both, { depth: null, showHidden: true })}`, /042913|Example/)
})
