import t from 'tap'
import { readEnteredCode } from '../../src/routes/entered-code.ts'

const read = (text: string): string | undefined => readEnteredCode(text)?.reveal()

t.test('digits are read in every script that people write them in', async (t) => {
  const zeros = ['٠', '۰', '०', '০', '੦', '૦', '୦', '௦', '౦', '೦', '൦', '๐', '໐', '၀', '០', '０', '᠐', '᱐', '߀', '༠', '𑄶', '𞅀', '𝟎', '𝟘', '𝟢', '𝟬', '𝟶', '𑛐', '𑛚']
  for (const zero of zeros) {
    const digits = (code: string): string => code.replace(/./g, (digit) => String.fromCodePoint(zero.codePointAt(0) as number + Number(digit)))
    for (const code of ['0123456789', '9087', '9999', '0000']) t.equal(read(digits(code)), code, digits(code))
  }
  t.equal(read('1٢३４'), '1234', 'also beside others')
})

t.test('what only looks like a digit is none', async (t) => {
  for (const text of ['①②③④', '¹²³⁴', 'ⅠⅡⅢⅣ', '一二三四', '½½½½', '12ö4']) t.equal(read(text), undefined, text)
})
