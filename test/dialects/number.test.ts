import t from 'tap'
import { createNumberReader, type NumberReader } from '../../src/dialects/number.ts'
import { RequestError } from '../../src/domain/errors.ts'

/** The number that is read, or the code of the refusal. */
const told = (read: NumberReader['strict'], given: unknown): string => {
  try {
    return read(given).e164
  } catch (error) {
    if (error instanceof RequestError) return error.code
    throw error
  }
}

const WAYS = ['strict', 'international', 'careful'] as const
const COUNTRIES = [undefined, 'US', 'DE', 'IN'] as const

t.test('a number with its country is what it says, whatever the way and the default country', async (t) => {
  for (const country of COUNTRIES) {
    const reader = createNumberReader(country)
    for (const way of WAYS) {
      for (const given of ['+14155550123', ' +14155550123\n', '+1 (415) 555-0123', '+1-415-555-0123', '+1.415.555.0123', '＋14155550123', '＋1 415 555 0123']) {
        t.equal(told(reader[way], given), '+14155550123', `${way} ${country}: ${given}`)
      }
      t.equal(told(reader[way], '+49 151 12345678'), '+4915112345678')
    }
  }
})

t.test('what is no number is refused, whatever the way and the default country', async (t) => {
  const refused: ReadonlyArray<readonly [unknown, RegExp]> = [
    [undefined, /^number_missing$/], ['', /^number_missing$/], [' \t\n', /^number_missing$/],
    ...[null, {}, [], ['+14155550123'], true, false, -14155550123, 1415555.5, NaN, Infinity, 2 ** 60, 0, { toString: () => '+14155550123' }, Symbol('+14155550123'), 14155550123n]
      .map((given) => [given, /^number_impossible$/] as const),
    ...['+', '++14155550123', '+1415555', '+1 415 555 0123 ext. 5', '+14155550123;ext=5', '+9876543210', '+0014155550123', '+14155550123012345678', 'abc', 'call me']
      .map((given) => [given, /^number_impossible$/] as const),
    ...['1-800-FLOWERS', '14155550123 or 14155550124', '4155550123 x12', '1'.repeat(300), '14155550123\u0000'].map((given) => [given, /^number_(impossible|needs_country)$/] as const)
  ]
  for (const country of COUNTRIES) {
    const reader = createNumberReader(country)
    for (const way of WAYS) {
      for (const [given, code] of refused) t.match(told(reader[way], given), code, `${way} ${country}: ${String(given).slice(0, 40)}`)
    }
  }
})

t.test('a refusal has nothing of the number', async (t) => {
  for (const way of WAYS) {
    t.throws(() => createNumberReader(undefined)[way]('415 555 01'), { code: /number_/, detail: undefined })
    t.notMatch(told(createNumberReader(undefined)[way], '415 555 01'), /[0-9]/)
  }
})

const strictly = (country: string | undefined) => (given: unknown): string => told(createNumberReader(country).strict, given)

t.test('strict: a number without plus is one of the default country, and needs one', async (t) => {
  for (const given of ['4155550123', '14155550123', '4915112345678', 4155550123, '015112345678', '004915112345678']) t.equal(strictly(undefined)(given), 'number_needs_country', String(given))
  t.equal(strictly('US')('(415) 555-0123'), '+14155550123')
  t.equal(strictly('US')(4155550123), '+14155550123', 'an integer is as good as its digits')
  t.equal(strictly('US')('١٤١٥٥٥٥٠١٢٣'), '+14155550123', 'digits are digits')
  t.equal(strictly('DE')('0151 12345678'), '+4915112345678')
  t.equal(strictly('DE')('0014155550123'), '+14155550123', 'as people of that country dial others')
  t.equal(strictly('US')('4915112345678'), 'number_impossible')
})

const internationally = (country: string | undefined) => (given: unknown): string => told(createNumberReader(country).international, given)

t.test('international: digits are an international number, whatever the default country', async (t) => {
  for (const country of COUNTRIES) {
    const read = internationally(country)
    t.equal(read('14155550123'), '+14155550123')
    t.equal(read(14155550123), '+14155550123')
    t.equal(read('4915112345678'), '+4915112345678')
    t.equal(read('49 151 12345678'), '+4915112345678')
    t.equal(read('004915112345678'), '+4915112345678', 'dialled')
    t.equal(read('11987654321'), '+11987654321', 'not one of Brazil')
    for (const given of ['9876543210', '4155550123', 4155550123, '015112345678', '123']) t.equal(read(given), 'number_impossible', String(given))
  }
})

const carefully = (country: string | undefined) => (given: unknown): string => told(createNumberReader(country).careful, given)

t.test('careful: without a default country digits are an international number, where that is valid', async (t) => {
  const read = carefully(undefined)
  for (const [given, expected] of [
    ['14155550123', '+14155550123'], [14155550123, '+14155550123'], ['4915112345678', '+4915112345678'], ['447911123456', '+447911123456'],
    ['919876543210', '+919876543210'], ['5511987654321', '+5511987654321'], ['442071838750', '+442071838750'], ['004915112345678', '+4915112345678'], ['1 (415) 555-0123', '+14155550123']
  ] as const) t.equal(read(given), expected, String(given))
  for (const given of ['9876543210', '4155550123', 4155550123, '(415) 555-0123', '11987654321', '015112345678', '3012345678']) {
    t.equal(read(given), 'number_needs_country', `${given} is of a country that nobody knows`)
  }
})

t.test('careful: a number of the default country comes first', async (t) => {
  for (const [country, given, expected] of [
    ['US', '2025550143', '+12025550143'], ['IN', '9876543210', '+919876543210'], ['US', 4155550123, '+14155550123'], ['US', '(415) 555-0123', '+14155550123'],
    ['BR', '11987654321', '+5511987654321'], ['DE', '0151 12345678', '+4915112345678'], ['DE', '15112345678', '+4915112345678'],
    ['DE', '030 12345678', '+493012345678'], ['IT', '3471234567', '+393471234567'], ['IN', '9198765432', '+919198765432'], ['FR', '0612345678', '+33612345678']
  ] as const) t.equal(carefully(country)(given), expected, `${given} of ${country}`)
})

t.test('careful: what is an international number only is that, with any default country', async (t) => {
  for (const [country, given, expected] of [
    ['US', '4915112345678', '+4915112345678'], ['US', '14155550123', '+14155550123'], ['US', '447911123456', '+447911123456'], ['US', '004915112345678', '+4915112345678'],
    ['BR', '5511987654321', '+5511987654321'], ['IN', '919876543210', '+919876543210'], ['MX', '14155550123', '+14155550123'], ['US', '442071838750', '+442071838750']
  ] as const) t.equal(carefully(country)(given), expected, `${given} with ${country}`)
})

t.test('careful: of two valid readings it is the one that can be a mobile phone', async (t) => {
  for (const [country, given, expected] of [
    ['DE', '4915112345678', '+4915112345678'], ['DE', '447911123456', '+447911123456'], ['DE', '14155550123', '+14155550123'], ['DE', '33612345678', '+33612345678'],
    ['IN', '4915112345678', '+4915112345678'], ['IN', '14155550123', '+14155550123'], ['IT', '14155550123', '+14155550123'], ['AT', '4915112345678', '+4915112345678']
  ] as const) t.equal(carefully(country)(given), expected, `${given} with ${country}`)
})

t.test('careful: what is no valid number of either kind is refused', async (t) => {
  for (const [country, given] of [['US', '015112345678'], ['US', '123'], ['US', '0612345678'], ['US', '9876543210'], ['DE', '00999123456789'], ['DE', '0000'], ['FR', '0012345']] as const) {
    t.equal(carefully(country)(given), 'number_impossible', `${given} with ${country}`)
  }
  for (const given of ['123', '0612345678', '00999123456789']) t.equal(carefully(undefined)(given), 'number_needs_country', `${given} without a country`)
})
