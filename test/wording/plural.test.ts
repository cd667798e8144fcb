import t from 'tap'
import { plural } from '../../src/wording/plural.ts'

const ENGLISH = [['one', '# minute'], ['other', '# minutes']]

t.test('the form that a language uses with a number', async (t) => {
  for (const [language, count, words] of [['en', 1, '1 minute'], ['en', 0, '0 minutes'], ['en', 2, '2 minutes'], ['en', 21, '21 minutes'], ['ru', 21, '21 minute'], ['fr', 0, '0 minute'], ['ja', 1, '1 minutes']] as const) {
    t.equal(plural(language, count, ENGLISH), words, `${count} in ${language}`)
  }
})

t.test('other stands for the forms that are not there, and the number need not be', async (t) => {
  t.equal(plural('ar', 2, [['other', '# min']]), '2 min')
  t.equal(plural('ar', 2, [['two', 'a pair'], ['other', '# min']]), 'a pair')
  t.equal(plural('en', 5, [['other', '#-#']]), '5-5')
})

t.test('what is no number, and what are no forms', async (t) => {
  for (const count of ['5', undefined, null, true]) t.throws(() => plural('en', count, ENGLISH), { message: 'plural is for numbers' })
  for (const forms of [[], [['one', 'x']]]) t.throws(() => plural('en', 1, forms), { message: 'plural needs words for other' })
  for (const form of ['minutes', undefined, ['some', 'x'], [], ['__proto__', 'x']]) t.throws(() => plural('en', 1, [...ENGLISH, form]), { message: 'plural knows zero, one, two, few, many, other' })
})
