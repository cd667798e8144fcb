import { inspect } from 'node:util'
import t from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { textParts } from '../../src/wording/text-parts.ts'

/** The parts as one would take them down: what is spelled in brackets. */
const partsOf = (text: string): string[] => textParts(new SensitiveText(text)).map((part) => {
  if (part.kind === 'words') return part.text.reveal()
  if (part.kind === 'spell') return `[${part.code.reveal()}]`
  throw new Error(part.kind)
})

for (const [what, text, parts] of [
  ['words are said as they are', 'Your account was blocked. Call us.', ['Your account was blocked. Call us.']],
  ['digits are spelled', 'Your number is 4829 today', ['Your number is', '[4829]', 'today']],
  ['digits alone are spelled', '482913', ['[482913]']],
  ['ten digits are spelled', 'Call 0301234567!', ['Call', '[0301234567]']],
  ['leading zeros are kept', '0042', ['[0042]']],
  ['fewer than four are a number', 'Call 110 or 12 or 1', ['Call 110 or 12 or 1']],
  ['more than ten are not spelled, and no part of them', 'Call 14155550123 now', ['Call 14155550123 now']],
  ['letters beside them stay words', 'Ticket AB1234CD', ['Ticket AB', '[1234]', 'CD']],
  ['a stop behind them is not said', 'It was 482913. Do not share it.', ['It was', '[482913]', 'Do not share it.']],
  ['nor one at the end', 'It was 482913.', ['It was', '[482913]']],
  ['nor several', 'It was 482913?! Really', ['It was', '[482913]', 'Really']],
  ['nor one of another script', '验证码4829。请勿', ['验证码', '[4829]', '请勿']],
  ['a point within a number stays', '1234.56', ['[1234]', '.56']],
  ['three are spelled, and no more', '1111 2222, 3333 4444 5555', ['[1111]', '[2222]', '[3333]', '4444 5555']],
  ['digits of other scripts are words', '٤٨٢٩ ४८२९', ['٤٨٢٩ ४८२९']],
  ['markup is words', '<break/> & "x"', ['<break/> & "x"']],
  ['of nothing there is nothing', ' ', []]
] as const) {
  t.test(what, async (t) => { t.same(partsOf(text), parts) })
}

t.test('nothing of them is printed', async (t) => {
  const parts = textParts(new SensitiveText('blocked 482913 today'))
  t.notMatch(`${String(parts)} ${JSON.stringify(parts)} ${inspect(parts, { depth: null, showHidden: true })}`, /blocked|482913|today/)
})
