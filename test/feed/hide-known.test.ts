import t from 'tap'
import { hideKnown } from '../../src/feed/hide-known.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')

t.test('what is known is hidden in whatever writing, and nothing beside it', (t) => {
  const hide = hideKnown(['kqzwvt', 'Sömmer im Garten', 'a$^(b', '482913'])
  for (const [text, shown] of [
    ['kqzwvt', '•••'], ['<KQZWVT>', '<•••>'], ['xkqzwvty', 'x•••y'], ['k-q-z-w-v-t.', '•••.'], ['k...q...z...w...v...t', '•••'], ['ｋｑｚｗｖｔ', '•••'], ['say 𝐤𝐪𝐳𝐰𝐯𝐭!', 'say •••!'],
    ['k....q....z....w....v....t', 'k....q....z....w....v....t'], ['kqzwv t', '•••'], ['kqzwv', 'kqzwv'], ['in the SÖMMER, im garten', 'in the •••'], ['so\u0308mmerimgarten', '•••'],
    ['so A$^(B so', 'so ••• so'], ['ab', 'ab'], ['kqzwvtkqzwvt', '••••••'], ['', ''], ['𝐱', '𝐱']
  ] as const) t.equal(hide(text), shown, text)
  for (const before of ['', 'u', 'us', 'use', 'user:']) {
    const written = base64(`${before}kqzwvt:and more`)
    t.notOk(Buffer.from(hide(written).replaceAll('•••', ''), 'base64').toString('latin1').includes('kqzwvt'), written)
    t.notOk(hide(written).includes(base64('kqzwvt').slice(3, 7)), written)
  }
  t.end()
})

t.test('of two that overlap neither is left', (t) => {
  t.equal(hideKnown(['abcdef', 'defghi', 'cdef'])('xabcdefghiy'), 'x•••y')
  t.end()
})

t.test('what is short is hidden where nothing else stands', (t) => {
  const hide = hideKnown(['kim', '7'])
  t.same(['kim', ' KIM ', '7', 'kimono', '77', 'say kim'].map((text) => hide(text)), ['•••', '•••', '•••', 'kimono', '77', 'say kim'])
  t.same(['Kim', 'kimono'].map((text) => hide.isOne(text)), [true, false])
  t.end()
})

t.test('nothing known hides nothing', (t) => {
  t.equal(hideKnown([])('anything'), 'anything')
  t.equal(hideKnown(['', 'x'.repeat(300)])('x'.repeat(300)), 'x'.repeat(300))
  t.end()
})

t.test('what stands behind so many characters is left out, and half of a secret is not shown', (t) => {
  const hide = hideKnown(['kqzwvt'])
  t.equal(hide('abc kqzwvt abc', 6), 'abc •••')
  t.equal(hide('abc kqzwvt abc', 4), 'abc ')
  t.equal(hide('abc kqzwvt abc', 12), 'abc ••• a')
  t.end()
})

t.test('a bounded number is looked for', (t) => {
  const words = Array.from({ length: 20 }, (_, index) => `secret${String.fromCharCode(97 + index)}`)
  t.equal(words.filter((word) => hideKnown(words)(word) === '•••').length, 16)
  t.end()
})

t.test('it takes no long time, whatever is known and whatever it stands in', (t) => {
  const known = ['-----------x', '!?!?!?!?!?!?', 'aaaaaaaaaaab', `b${'a'.repeat(120)}`, '각각각각', ...Array.from({ length: 35 }, (_, index) => `b${'a'.repeat(80 + index)}`)]
  const hide = hideKnown(known)
  let longest = 0
  for (const unit of ['-', 'a', '!?', ' ', 'b', '각', '\u0301', 'a-', 'ab', 'A', '1', '•', '𝐤']) {
    const text = unit.repeat(60_000 / unit.length)
    const began = process.cpuUsage()
    hide(text)
    const { user, system } = process.cpuUsage(began)
    longest = Math.max(longest, user + system)
    t.ok(user + system < 2_000_000, JSON.stringify(unit))
  }
  t.comment(`at most ${longest} µs for 60,000 characters`)
  t.end()
})
