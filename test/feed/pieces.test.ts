import t from 'tap'
import { captureOf } from '../../src/feed/capture.ts'
import { maskJson } from '../../src/feed/masking.ts'
import { secretKindOf } from '../../src/feed/secret-names.ts'
import { secretsIn } from '../../src/feed/secrets-in.ts'

const M = '•••'

t.test('letters of which a text says that they are a code are masked', async (t) => {
  for (const [text, shown] of [
    ['kqzwvt is your verification code.', '••• is your verification code.'],
    ['<b>kqzwvt</b> is your code', '<b>•••</b> is your code'],
    ['abcdef ist Ihr Code', '••• ist Ihr Code'],
    ['abcdef es código', '••• es código'],
    ['Use AbCdEf as your code', 'Use ••• as your code'],
    ['Enter kqzwvt to sign in', 'Enter ••• to sign in'],
    ['OTP abcdef', 'OTP •••'],
    ['Code abcdef expires soon', 'Code ••• expires soon'],
    ['Your code is "abcdefghijkl"', 'Your code is "•••"'],
    ['Your login code for Contoso is abcdef', 'Your login code for Contoso is •••'],
    ['Bestätigungscode für Contoso: abcdef', 'Bestätigungscode für Contoso: •••'],
    ['Your code is four, eight, two, nine, one, three.', 'Your code is •••.'],
    ['It is foureighttwonine', 'It is •••'],
    ['Say vier acht zwei neun', 'Say •••'],
    ['您的验证码是四八二九一三，请', '您的验证码是•••，请'],
    ['四八二九', M], ['NDgyOTEz', M], ['to aBcDeF', 'to •••'],
    ['<otp>kqzwvt</otp>', '<otp>•••</otp>'], ['<a:otp x="y">kqz wvt</a:otp>', '<a:otp x="y">•••</a:otp>']
  ] as const) t.equal(maskJson(text), shown, text)
})

t.test('ordinary words stay', async (t) => {
  for (const text of [
    'This is your verification code', 'Your code was sent', 'The code you entered is wrong', 'Use your code', 'Hello. Your code expires soon', 'The call went through to WhatsApp', 'McDonald on iPhone', 'one, two, three', 'Use Contoso. Your code was sent',
    'Message is queued', 'Here is your code', 'Bhutan welcomes you', '<title>Welcome</title>', 'Their answer is your friend and no more than that, whatever anybody may tell about the code', 'Please use it', 'code sent. Contoso is nice', 'Contoso is', '二八'
  ]) t.equal(maskJson(text), text, text)
})

t.test('of a link its host and its plain words are shown', async (t) => {
  for (const [link, shown] of [
    ['https://sho.rt/l/aBcDeFgHiJkL', 'https://sho.rt/l/•••'], ['https://sho.rt/l/kqzwvt', 'https://sho.rt/l/•••'], ['Open https://app.example.com/sign-in/enter?x=kqz#kqz now', 'Open https://app.example.com/sign-in/enter?••• now'],
    ['http://localhost:3000/hooks/', 'http://localhost:3000/hooks/'], ['https://acs-1.example.com', 'https://acs-1.example.com'], ['https://a482913b.example.com/x#kqz', 'https://•••.example.com/x#•••'], ['https://kim:pass@example.com/x', 'https://•••/x'],
    ['https://example.com/errors/21211', 'https://example.com/errors/21211'], ['https://example.com/errors/212110', 'https://example.com/errors/•••'], ['HTTPS://example.com/MagicLink', 'HTTPS://example.com/•••']
  ] as const) t.equal(maskJson(link), shown, link)
})

t.test('a code in pieces is masked, and other lists are not', async (t) => {
  t.same(maskJson({ a: ['4', '8', '2', '9', '1', '3'], b: [4, 8, 2, 9], c: { 0: 4, 1: 8, 2: 2, 3: 9 }, d: ['48', '29', '13'], e: [{ d: 4 }, { d: 8 }, { d: 2 }, { d: [9] }], f: ['k', 'q', 'z', 'w'], digits: 'kqzw' }),
    { a: [M, M, M, M, M, M], b: [M, M, M, M], c: { 0: M, 1: M, 2: M, 3: M }, d: [M, M, M], e: [{ d: 4 }, { d: 8 }, { d: 2 }, { d: [9] }], f: [M, M, M, M], digits: M })
  t.same(Object.values(maskJson({ digit1: 4, digit2: 8, digit3: 2, digit4: 9 }) as object), [M, M, M, M])
  t.same(maskJson([{ d: 4 }, { d: 8 }, { d: 2 }, { d: 9 }]), [{ d: M }, { d: M }, { d: M }, { d: M }])
  const harmless = { a: [5, 10, 15], b: ['de', 'en', 'fr', 'it'], c: { width: 10, height: 20, depth: 5, size: 30 }, d: ['4', '8'], e: [true, false, true, false], f: [null, 1, 2, 3, 4], g: { a: 1 }, h: Array.from({ length: 40 }, () => 1), i: [[1, 2], [3, 4]] }
  t.same(maskJson({ ...harmless, i: undefined }), { ...harmless, i: undefined })
})

t.test('a name beside a value tells what the value is', async (t) => {
  t.same(maskJson({ headers: [{ name: 'x-api-key', value: 'secretsauce' }, { name: 'accept', value: 'text' }, { key: 'otp', value: 'kqzwvt' }, { key: 'kqzwvt' }], pairs: [['otp', 'mbvcxy'], ['locale', 'de']], raw: ['accept', 'all', 'authorization', 'sauce'], words: ['one', 'otp', 'three'], note: 'say secretsauce, kqzwvt and mbvcxy', other: { name: 'has a space', value: 'x' } }),
    { headers: [{ name: 'x-api-key', value: M }, { name: 'accept', value: 'text' }, { key: 'otp', value: M }, { key: M }], pairs: [['otp', M], ['locale', 'de']], raw: ['accept', 'all', 'authorization', M], words: ['one', 'otp', 'three'], note: 'say •••, ••• and •••', other: { name: 'has a space', value: 'x' } })
})

t.test('JSON within JSON within JSON is read', async (t) => {
  let text = JSON.stringify({ otp: 'kqzwvt', a: 'b' })
  for (let times = 1; times <= 4; times++) {
    text = JSON.stringify(text)
    t.notMatch(maskJson({ text }), /kqzwvt/, `${times} times`)
    t.notMatch(maskJson({ text, note: 'kqzwvt' }), { note: 'kqzwvt' }, `${times} times, and elsewhere`)
  }
  while (text.length < 10_000) text = JSON.stringify(text)
  t.match(JSON.stringify(maskJson({ text })), /…/, 'not for ever')
})

t.test('what a vendor calls an error is shown, a code is not', async (t) => {
  const error = { status: 400, code: 21211, message: 'Invalid number', more_info: 'https://www.twilio.com/docs/errors/21211' }
  t.same(maskJson(error), error)
  t.same(captureOf({ response: { body: error } }, 7).response, { body: error })
  t.match(maskJson({ error, otp: 21211 }), { error: { code: M }, otp: M }, 'where it is known as a code')
  for (const odd of [{ status: 200 }, { status: 600 }, { status: '400' }, { code: 482913 }, { code: 4829 }, { code: '48291' }, { message: undefined }]) t.match(maskJson({ ...error, ...odd }), { code: M }, JSON.stringify(odd))
})

t.test('what a report is called does not tell what is known', async (t) => {
  t.equal(captureOf({ type: 'otp qwertz sent', request: { otp: 'qwertz' } }, 7).source, 'otp ••• sent')
  t.notMatch(captureOf({ type: `${'ab '.repeat(20)}xyqwertz`, request: { otp: 'qwertz' } }, 7).source, /qwe/, 'nor half of it')
})

t.test('half of what is known is not shown at the end of a long text', async (t) => {
  const secret = 'kqzwvtmnbx'.repeat(10)
  const shown = maskJson({ password: secret, text: `${secret} `.repeat(100) }) as { text: string }
  t.notMatch(shown.text, /[kqz]/)
})

t.test('names that are no names take no long time', async (t) => {
  for (const unit of ['A', 'aA', '1', '_', 'é']) {
    const began = process.cpuUsage()
    t.equal(secretKindOf(`${unit.repeat(30_000)} otp`, unit.repeat(30_000)), 'secret')
    maskJson({ [`${unit.repeat(30_000)} otp`]: 'kqzwvt' })
    const { user, system } = process.cpuUsage(began)
    t.ok(user + system < 1_000_000, unit)
  }
})

t.test('no text of one piece over and over takes long', async (t) => {
  let longest: [number, string] = [0, '']
  const units = ['-', 'a', 'A', '<', ' ', '"', 'http://', 'http://a/', 'Aa', '1<', '<a>', '<a ', '<a>x', 'code ', 'code is ', 'abcd is your code ', 'abcd is your ', 'Use abcd as ', 'abcd: ', 'one ', 'one', 'one<', 'oneb ', '四', '四<', '四 ', 'é', '\u0301', '的', '[', '{"a":', '\\"', '+1 ', 'null ', 'un<break time="1"/>']
  for (const unit of units) {
    const text = unit.repeat(60_000 / unit.length)
    const began = process.cpuUsage()
    captureOf({ type: text, request: { text, otp: '-----------x' }, response: Array.from({ length: 20 }, () => text.slice(0, 1500)), metadata: { [text]: 1 } }, 7)
    const { user, system } = process.cpuUsage(began)
    if (user + system > longest[0]) longest = [user + system, unit]
    t.ok(user + system < 1_000_000, JSON.stringify(unit))
  }
  t.comment(`at most ${longest[0]} µs, for ${JSON.stringify(longest[1])}`)
})

t.test('of very many fields the first are looked through, and all that is shown is masked by its name', async (t) => {
  const fields = Object.fromEntries(Array.from({ length: 1200 }, (_, index) => [`otp ${index}`, `kqzwvt${index}`]))
  t.equal(secretsIn({ fields }).length, 40)
  t.same(secretsIn([Array.from({ length: 2000 }, () => 1), { otp: 'kqzwvt' }]), [], 'what stands behind is not reached')
  t.notMatch(JSON.stringify(maskJson({ fields })), /kqz/)
})
