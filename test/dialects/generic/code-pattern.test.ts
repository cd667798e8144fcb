import t from 'tap'
import { findCodeBy, isPattern, isQuick } from '../../../src/dialects/generic/code-pattern.ts'

/** Patterns that V8 would follow for minutes, or for ever, and a text on which it does. */
const ENDLESS = [
  ['(a+)+b', 'a'.repeat(2000)],
  ['(\\d+)*x', '1'.repeat(2000)],
  ['([0-9]+\\s*)+!', '1'.repeat(2000)],
  ['(\\w+\\s?)+:', '1a '.repeat(600)],
  ['^(\\w|\\d)+$', '1'.repeat(1999) + '!'],
  ['^(.*)(.*)(.*)(.*)x$', 'a'.repeat(2000)],
  ['code is (\\d+)+$', `code is ${'1'.repeat(1900)}!`],
  ['(é+)+b', 'é'.repeat(2000)]
] as const

const PLAIN = [
  'code is ([0-9]+)', '[0-9]{6}', '^(?:(\\d{4})|\\d{6})$', 'PIN ([0-9]{4})', '(\\d+) is your code', '(\\w+)\\s+is your code', '.*code.*?(\\d{4,8}).*', '\\bcode: ?([A-Z0-9-]+)\\b',
  '(?<=code )\\d+', '(?:Code|Kode|コード)\\D{0,20}(\\d{4,10})', 'G-(\\d{6})', '^\\s*(\\d+)\\s*$', 'x', '\\d'
]

t.test('a pattern finds the code by its first group, or by all of it', async (t) => {
  t.equal(findCodeBy(/code is ([A-Z0-9]+)/)('Your code is XK4T9 since 2026')?.reveal(), 'XK4T9')
  t.equal(findCodeBy(/[0-9]{6}/)('2026: 482913 or 555555')?.reveal(), '482913')
  t.equal(findCodeBy(/^(?:(\d{4})|\d{6})$/)('482913')?.reveal(), '482913', 'a group that found nothing')
  t.equal(findCodeBy(/code (\S+)/)('The code 482-913'), undefined, 'what it finds is no code')
  t.equal(findCodeBy(/code (\S+)/)('There is none'), undefined)
  const again = findCodeBy(/code (\d+)/)
  t.same([again('code 1111')?.reveal(), again('code 2222')?.reveal()], ['1111', '2222'], 'nothing is left of the text before')
  t.equal(findCodeBy(/code (\d+)/)(`code 482913 ${'word '.repeat(2000)}`), undefined, 'too far from the end')
})

t.test('a text is data, whatever stands in it', async (t) => {
  const find = findCodeBy(/code (\d+)/)
  for (const text of ["'; process.exit(1); '", '$' + '{pattern = 1}', '"\\u2028code', '\0', '\ud800', '__proto__', 'constructor']) {
    t.equal(find(text), undefined)
    t.equal(find(`${text} code 482913`)?.reveal(), '482913')
  }
})

t.test('a search that takes too long finds nothing, soon, and harms no other', async (t) => {
  for (const [pattern, text] of ENDLESS) {
    const find = findCodeBy(new RegExp(pattern))
    const started = performance.now()
    t.equal(find(text), undefined, pattern)
    // Ten times what it may take: other things run here, too.
    t.ok(performance.now() - started < 1000, `${pattern}: ends`)
  }
  const find = findCodeBy(/(a+)+b|code (\d+)/)
  t.equal(find('a'.repeat(2000)), undefined)
  t.equal(find('aab')?.reveal(), undefined, 'three letters are no code')
  t.equal(findCodeBy(/(?:a+)+b|\d{6}/)('482913')?.reveal(), '482913')
})

t.test('the same finder works after one that was ended', async (t) => {
  const find = findCodeBy(/(?:a+)+b|\d{6}/)
  for (let turn = 0; turn < 3; turn++) {
    t.equal(find('a'.repeat(2000)), undefined)
    t.equal(find('Your code is 482913')?.reveal(), '482913')
  }
})

t.test('what the engine cannot begin finds nothing', async (t) => {
  t.equal(findCodeBy(/(?:(?:a{1,1000}){1,1000}b){1,1000}/)('a'.repeat(2000)), undefined)
})

t.test('a pattern is told from what is none', async (t) => {
  for (const text of PLAIN) t.equal(isPattern(text), true, text)
  for (const text of ['(', '[', '*', '(?<n>a)(?<n>b)', 'a{2,1}', '\\']) t.equal(isPattern(text), false, text)
})

t.test('patterns that can take for ever are found out, plain ones are not', async (t) => {
  for (const [pattern] of ENDLESS) t.equal(isQuick(pattern), false, pattern)
  for (const pattern of PLAIN) t.equal(isQuick(pattern), true, pattern)
})
