import { inspect } from 'node:util'
import t from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { spokenText } from '../../src/wording/spoken-text.ts'

const spoken = (text: string): string | undefined => spokenText(new SensitiveText(text))?.reveal()
const bytes = (text: string | undefined): number => Buffer.byteLength(text ?? '')

t.test('a text that is short is spoken as it is', async (t) => {
  for (const text of ['Your account was blocked. Call us at once.', 'x', '您的账户已被冻结。', 'Ça va? 👩‍👩‍👧‍👦', 'a'.repeat(400), 'é'.repeat(300), '&'.repeat(400)]) {
    t.equal(spoken(text), text)
  }
})

t.test('white space and control characters are one space, and none at the ends', async (t) => {
  t.equal(spoken('  Your\r\n\taccount\u00a0 was\u2028blocked.\u0000\u0007 Call \u0085 us. \n'), 'Your account was blocked. Call us.')
  t.equal(spoken('a\u0000b\u007fc\u009fd'), 'a b c d')
})

t.test('half a character is none', async (t) => {
  t.equal(spoken('a\ud83db\udc4dc'), 'a b c')
  t.equal(spoken('👍'), '👍', 'a whole one is')
})

t.test('of nothing there is nothing to say', async (t) => {
  for (const text of ['', ' ', '\n\r\t', '\u0000', '\u2003\u3000', '\ud83d', ' '.repeat(100_000)]) t.equal(spoken(text), undefined, JSON.stringify(text.slice(0, 10)))
})

t.test('a long text ends with a word', async (t) => {
  const text = Array.from({ length: 100 }, (_, index) => `word${index}`).join(' ')
  const found = spoken(text) ?? ''
  t.ok(found.length <= 400 && found.length > 390, String(found.length))
  t.ok(text.startsWith(`${found} `), found.slice(-20))
})

t.test('the space behind the last word that fits costs nothing', async (t) => {
  const whole = `${'a'.repeat(199)} ${'b'.repeat(200)}`
  t.equal(spoken(`${whole} and more`), whole)
  t.equal(spoken(`${whole}b and more`), 'a'.repeat(199))
})

t.test('a long text ends with a sentence where one ends late', async (t) => {
  const sentence = `${'word '.repeat(59)}end.`
  t.equal(sentence.length, 299)
  t.equal(spoken(`${sentence} More ${'more '.repeat(60)}`), sentence)
  const early = `${'word '.repeat(40)}end.`
  t.match(spoken(`${early} More ${'more '.repeat(60)}`), /^word .*end\. More more .*more$/, 'and with a word where the last sentence is long')
})

t.test('bytes count as well as characters', async (t) => {
  for (const text of ['您的账户已被冻结。请立即致电我们。'.repeat(40), 'บัญชีของคุณถูกระงับ'.repeat(40), '👍'.repeat(300), 'Ваш аккаунт заблокирован. '.repeat(40)]) {
    const found = spoken(text)
    t.ok(bytes(found) <= 600 && bytes(found) > 400, `${bytes(found)}`)
    t.ok(found !== undefined && text.startsWith(found))
    t.notMatch(found, /\p{Cs}/u)
  }
})

t.test('a word that is too long is cut, but no character is', async (t) => {
  t.equal(spoken('a'.repeat(401)), 'a'.repeat(400))
  t.equal(spoken(`${'a'.repeat(399)}👍b`), 'a'.repeat(399))
  t.equal(spoken(`${'a'.repeat(397)}👩‍👧`), 'a'.repeat(397), 'nor one of several')
  for (const length of [400, 1000, 100_000]) t.equal(spoken(`a${'\u0301'.repeat(length)}`), undefined, 'one that is endless is none')
})

t.test('a text of any length is short', async (t) => {
  for (const text of ['a'.repeat(1e6), 'a '.repeat(5e5), '. '.repeat(5e5), `a${' '.repeat(1e6)}b`]) {
    const found = spoken(text) ?? ''
    t.ok(found.length > 0 && found.length <= 400)
  }
})

t.test('nothing of it is printed', async (t) => {
  const value = spokenText(new SensitiveText('blocked'))
  t.notMatch(`${value} ${JSON.stringify(value)} ${inspect(value, { showHidden: true })}`, 'blocked')
})
