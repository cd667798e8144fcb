import t from 'tap'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'

t.test('a code is 4 to 10 letters or digits', async (t) => {
  for (const text of ['0000', '482913', 'aB3dE5', '1234567890']) t.equal(OneTimeCode.parse(text)?.reveal(), text)
  for (const text of ['', '123', '12345678901', '12 34', '12-34', ' 4829', '4829\n', '４８２９', '٤٨٢٩', 'códe', '48,29']) t.equal(OneTimeCode.parse(text), undefined, JSON.stringify(text))
})

const fromInteger = (integer: number, text?: string): string | undefined => OneTimeCode.fromInteger(integer, text)?.reveal()

t.test('the leading zeros that an integer lost are found in the text', async (t) => {
  t.equal(fromInteger(4829, 'Your code is 004829.'), '004829')
  t.equal(fromInteger(7, 'Code: 0007'), '0007')
  t.equal(fromInteger(0, '000000 is your code'), '000000')
  t.equal(fromInteger(482913, 'Your code is 482913.'), '482913', 'where none were lost')
})

t.test('an integer stands for itself where the text does not show it', async (t) => {
  for (const text of [undefined, '', 'Your code is on its way.', 'Call 1004829', 'Code 0048290', '00-4829']) t.equal(fromInteger(4829, text), '4829', String(text))
})

t.test('what is too short or too long remains no code', async (t) => {
  t.equal(fromInteger(7), undefined)
  t.equal(fromInteger(7, 'Code 007'), undefined)
  t.equal(fromInteger(4829, `Code ${'0'.repeat(7)}4829`), undefined)
  t.equal(fromInteger(12345678901), undefined)
})

t.test('a number that is no code of digits is none', async (t) => {
  for (const number of [-4829, 48.29, 1e21, NaN, Infinity]) t.equal(fromInteger(number, 'Code 0-4829, 48x29, 1e21'), undefined, String(number))
})
