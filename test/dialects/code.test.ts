import t from 'tap'
import { findCode, readCode, withoutWebOtp } from '../../src/dialects/code.ts'
import { RequestError } from '../../src/domain/errors.ts'

t.test('a code that came by itself is read, or refused', async (t) => {
  for (const code of ['4829', '482913', '4829130000', 'A1b2', '0M53RF', '000000']) t.equal(readCode(code)?.reveal(), code)
  t.equal(readCode(undefined), undefined, 'there is none')
  for (const given of [null, '', ' ', '482', '48291300000', '4'.repeat(40), '482 913', '482-913', ' 482913', 'ñandú', '٤٨٢٩١٣', -482913, 4829.13, NaN, 2 ** 60, 482, {}, ['482913'], true, 482913n]) {
    t.throws(() => readCode(given), { code: 'code_invalid' }, String(given))
  }
  t.throws(() => readCode({ toString: () => '482913' }), RequestError)
})

t.test('an integer has its leading zeros from the text', async (t) => {
  t.equal(readCode(482913)?.reveal(), '482913')
  t.equal(readCode(4829, 'Your code is 004829.')?.reveal(), '004829')
  t.equal(readCode(29, 'Your code is 000029.')?.reveal(), '000029')
  t.equal(readCode(4829, 'Your code is 1004829.')?.reveal(), '4829', 'that is another number')
  t.equal(readCode(0, 'Your code is 0000')?.reveal(), '0000')
  t.throws(() => readCode(29, 'Hello'), { code: 'code_invalid' })
})

/** Texts, and the code in them. */
const FOUND: ReadonlyArray<readonly [string, string]> = [
  ['482913', '482913'],
  ['Your code is 482913', '482913'],
  ['Your code is 482913.', '482913'],
  ['482913 is your code; it lives for 15 minutes.', '482913'],
  ['Use 4829', '4829'],
  ['Use 4829130000', '4829130000'],
  ['G-482913', '482913'],
  ['code:482913', '482913'],
  ['code=482913', '482913'],
  ['(482913)', '482913'],
  ['"482913"', '482913'],
  ['<b>482913</b>', '482913'],
  ['*482913*', '482913'],
  ['482913…', '482913'],
  ['482913-do not share it', '482913'],
  ['OTP/482913', '482913'],
  ['\t482913\r\n', '482913'],
  ['Your code is 482913. Again: 482913!', '482913'],
  ['<#> 482913 is your code FA+9qCX9VSu', '482913'],
  ['Use 482913 by 2026-08-20', '482913'],
  ['Use 482913 by 20.08.2026', '482913'],
  ['Use 482913 by 08/20/2026, 12:30', '482913'],
  ['Use 482913 to pay $4829 to X', '482913'],
  ['Use 482913 to pay 4829 € to X', '482913'],
  ['Use 482913 to pay 1,482.50 or 1482.50', '482913'],
  ['Use 482913 at https://example.com/123456?a=654321', '482913'],
  ['Use 482913 at example.com/123456', '482913'],
  ['Use 482913 at www.example.com:8443', '482913'],
  ['Use 482913, or write to 123456@example.com', '482913'],
  ['In 2026 use 482913', '482913'],
  ['Use 482913 or call 4155550123', '482913'],
  ['Use 482913 or call +14155550123', '482913'],
  ['Use 482913 or call +1 415 555 0123', '482913'],
  ['Use 482913 or call +49 (151) 12345678.', '482913'],
  ['Call +14155550123. 482913 is your code', '482913'],
  ['+14155550123 482913', '482913'],
  ['Use 482913, not abc1234 or 1234abc', '482913'],
  ['您的验证码为482913，5分钟内有效', '482913'],
  ['認証コード482913です', '482913'],
  ['인증번호는 482913입니다', '482913'],
  ['رمزك هو 482913.', '482913'],
  ['รหัส482913ค่ะ', '482913'],
  ['Ваш код: 482913', '482913'],
  ['Your code is: 482913\n\nIt expires in 15 minutes.\n', '482913'],
  ['Your code is: 482913\n\n@example.com #482913', '482913']
]

t.test('the code is found in a text', async (t) => {
  for (const [text, code] of FOUND) t.equal(findCode(text)?.reveal(), code, text)
})

const NOT_FOUND = [
  '', ' ', 'There is no code.', 'Code 482', 'Code 48291300000', 'Use 482913 or 555555', '#482913', 'Use 482913 or write to 4155550123',
  'abc482913', '482913abc', 'Код482913', 'É482913', 'x4829y', '_482913_', '482 913', '482-913', '48 29 13', '4 8 2 9 1 3', '482,913', '4829.13', '1.4829', '12:4829',
  '$4829', '$ 4829', '4829€', '4829 €', '₹4829', '2026-08-20', '2026年8月20日', '2026년', 'https://example.com/482913', 'http://482913', 'see example.com?code=482913', 'www.example.com/482913',
  '482913@example.com', '+14155550123', '+1 415 555 0123', 'Call +49 151 12345678', 'Call 415-555-0123', '٤٨٢٩١٣', '４８２９１３', '4829²'
]

t.test('where there is none, or more than one, nothing is found', async (t) => {
  for (const text of NOT_FOUND) t.equal(findCode(text), undefined, text)
})

t.test('the line for browsers names the code, whatever else is in the text', async (t) => {
  for (const [text, code] of [
    ['In 2026 use 482913 or 555555.\n\n@example.com #482913', '482913'],
    ['Your code is 1234\n@example.com #A1B2C3', 'A1B2C3'],
    ['Code\r\n@login.example.com #482913\r\n', '482913'],
    ['Code\n  @example.com\t#482913 @embedded.example.org  \n\n', '482913'],
    ['@example.com #4829', '4829']
  ] as const) t.equal(findCode(text)?.reveal(), code, text)
  for (const text of ['1111 or 2222\n@example.com #482', '1111 or 2222\n@example.com #48291300000', '1111 or 2222 @example.com #482913', '1111 or 2222\n@example.com #482913\nBye', '1111 or 2222\n@example.com 482913']) {
    t.equal(findCode(text), undefined, `${text}: no such line`)
  }
})

t.test('a long text takes no long time, and is looked at from its end', async (t) => {
  const long = ['1 ', '12345 ', '@', '\n@a', ' ', 'a.', '@a ', '\n@x #', '+1', '+1 ', '$ ', '1.', '1234567890123456789'].map((piece) => piece.repeat(Math.ceil(100_000 / piece.length)))
  const started = performance.now()
  for (const text of long) {
    findCode(text)
    withoutWebOtp(text)
  }
  t.ok(performance.now() - started < 2000)
  t.equal(findCode(`${'word '.repeat(2000)}code 482913`)?.reveal(), '482913')
  t.equal(findCode(`code 482913 ${'word '.repeat(2000)}`), undefined)
})

t.test('the line for browsers is left out, and nothing else', async (t) => {
  t.equal(withoutWebOtp('Your code is 482913.\n\n@example.com #482913\n'), 'Your code is 482913.')
  t.equal(withoutWebOtp('@example.com #482913'), '')
  for (const text of ['Your code is 482913.', 'Write to a@example.com #482913', 'Hello\n@example.com #482913\nBye', 'Hello\n@example.com says hello']) t.equal(withoutWebOtp(text), text)
})
