import t from 'tap'
import { getCountries, getExampleNumber, type CountryCode, type PhoneNumber } from 'libphonenumber-js/max'
import examples from 'libphonenumber-js/mobile/examples'
import { createNumberReader, type NumberReader } from '../../src/dialects/number.ts'
import { RequestError } from '../../src/domain/errors.ts'

/** The number that is read, or the code of the refusal. */
const told = (reader: NumberReader, given: unknown): string => {
  try {
    return reader.careful(given).e164
  } catch (error) {
    if (error instanceof RequestError) return error.code
    throw error
  }
}

const UNKNOWN = 'number_needs_country'
const NONE = 'number_impossible'

/** The default country, what is given, and what it is. */
const TABLE: ReadonlyArray<readonly [string | undefined, string | number, string]> = [
  // Countries that write a zero: without it, it is somebody abroad.
  ['FI', '4740004206', '+4740004206'], ['FI', '041 2345678', '+358412345678'], ['FI', '358412345678', '+358412345678'], ['FI', '6581896508', '+6581896508'],
  ['DE', '15125550143', '+15125550143'], ['DE', '0151 25550143', '+4915125550143'], ['DE', '4915125550143', '+4915125550143'], ['DE', '442071838750', '+442071838750'], ['DE', '15112345678', '+4915112345678'],
  ['AT', '0664 123456', '+43664123456'], ['AT', '4915112345678', '+4915112345678'], ['AT', '436641234567', '+436641234567'],
  ['GB', '07400 123456', '+447400123456'], ['GB', '447400123456', '+447400123456'], ['GB', '7400123456', '+447400123456'], ['GB', '79123456789', '+79123456789'],
  ['FR', '06 12 34 56 78', '+33612345678'], ['FR', '33612345678', '+33612345678'], ['FR', '612345678', '+33612345678'], ['FR', '14155552671', '+14155552671'],
  ['JP', '090-1234-5678', '+819012345678'], ['JP', '819012345678', '+819012345678'], ['JP', '4155552671', NONE],
  ['AU', '0412 345 678', '+61412345678'], ['AU', '61412345678', '+61412345678'], ['AU', '4740004206', '+4740004206'],
  ['UA', '050 123 4567', '+380501234567'], ['HU', '06 20 123 4567', '+36201234567'], ['PK', '03012345678', '+923012345678'],
  // Countries that write none, or as they like: what may be either is refused, but for a landline against a mobile phone.
  ['IN', '9876543210', '+919876543210'], ['IN', '098765 43210', '+919876543210'], ['IN', '919876543210', '+919876543210'], ['IN', '6581896508', UNKNOWN], ['IN', '4740004206', '+4740004206'],
  ['US', '4155552671', '+14155552671'], ['US', '4155550123', '+14155550123'], ['US', '2025550143', '+12025550143'], ['US', 4155552671, '+14155552671'], ['US', '1 415 555 2671', '+14155552671'],
  ['US', '011 49 151 12345678', '+4915112345678'], ['US', '4790123456', '+4790123456'], ['US', '4792345678', UNKNOWN], ['US', '(659) 234-5678', UNKNOWN],
  ['CA', '416 555 2671', '+14165552671'], ['CA', '14165552671', '+14165552671'], ['CA', '447400123456', '+447400123456'],
  ['IT', '347 123 4567', '+393471234567'], ['IT', '06 1234 5678', '+390612345678'], ['IT', '393471234567', '+393471234567'], ['IT', '33612345678', '+33612345678'],
  ['SG', '8189 6508', '+6581896508'], ['SG', '6581896508', '+6581896508'], ['SG', '60123456789', '+60123456789'],
  ['BR', '(11) 98765-4321', '+5511987654321'], ['BR', '11987654321', '+5511987654321'], ['BR', '5511987654321', '+5511987654321'], ['BR', '14155552671', '+14155552671'],
  ['MX', '55 1234 5678', '+525512345678'], ['MX', '525512345678', '+525512345678'], ['MX', '14155552671', '+14155552671'],
  ['ES', '612 345 678', '+34612345678'], ['ES', '34612345678', '+34612345678'], ['NO', '400 04 206', '+4740004206'], ['NO', '4740004206', '+4740004206'],
  ['DK', '20 12 34 56', '+4520123456'], ['DK', '4520123456', '+4520123456'], ['PL', '512 345 678', '+48512345678'], ['PL', '48512345678', '+48512345678'],
  ['CN', '131 2345 6789', UNKNOWN], ['CN', '13912345678', '+8613912345678'], ['CN', '8613912345678', '+8613912345678'],
  // An eight begins numbers of Vietnam too.
  ['RU', '8 (912) 345-67-89', '+79123456789'], ['RU', '912 345-67-89', '+79123456789'], ['RU', '79123456789', '+79123456789'], ['RU', '8 (499) 123-45-67', UNKNOWN],
  ['KZ', '8 (771) 000 9998', '+77710009998'], ['KZ', '77710009998', '+77710009998'], ['TR', '501 234 56 78', '+905012345678'], ['TR', '0501 234 56 78', '+905012345678'],
  // Landlines abroad against a mobile phone at home of which the zero is missing.
  ['AU', '461343168', UNKNOWN], ['FI', '436246018', UNKNOWN], ['ID', '8226639729', UNKNOWN], ['IL', '508460672', UNKNOWN], ['MY', '123456789', '+60123456789'],
  // As dialled from there; where that may be read in two ways, it is refused.
  ['DE', '0014155552671', '+14155552671'], ['US', '004915112345678', '+4915112345678'], ['JP', '004915112345678', '+4915112345678'], ['JP', '010 49 151 12345678', '+4915112345678'], [undefined, '004915112345678', '+4915112345678'],
  // Without a default country.
  [undefined, '14155552671', '+14155552671'], [undefined, '9876543210', UNKNOWN], [undefined, '4155552671', UNKNOWN], [undefined, '6592345678', UNKNOWN], [undefined, '4740004206', '+4740004206'], [undefined, '0612345678', UNKNOWN],
  // With a plus there is no doubt.
  ['US', '+6592345678', '+6592345678'], ['IN', '+65 8189 6508', '+6581896508'], ['DE', '+15125550143', '+15125550143'], [undefined, '+919876543210', '+919876543210']
]

t.test('a number without plus is that of whoever it can only be, or refused', async (t) => {
  for (const [country, given, expected] of TABLE) t.equal(told(createNumberReader(country), given), expected, `${given} with ${country}`)
})

const COUNTRIES = getCountries()
const MOBILES = COUNTRIES.map((country) => getExampleNumber(country, examples)).filter((number) => number !== undefined)

/** Whose numbers go to somebody else, and how many are refused, of the mobile numbers of all countries. */
const swept = (country: string | undefined, numbers: readonly PhoneNumber[], write: (number: PhoneNumber) => string) => {
  const reader = createNumberReader(country)
  const read = numbers.map((number) => ({ number, as: told(reader, write(number)) }))
  const other = read.filter(({ number, as }) => as !== number.number)
  return { refused: other.filter(({ as }) => as.startsWith('number_')).length, strangers: other.filter(({ as }) => !as.startsWith('number_')).map(({ number, as }) => `${country}: ${number.number} as ${as}`) }
}

t.test('no mobile number of any country goes to a stranger for want of its plus, whatever the default country', async (t) => {
  t.ok(MOBILES.length > 200)
  for (const country of [undefined, ...COUNTRIES]) {
    const { strangers, refused } = swept(country, MOBILES, ({ number }) => number.slice(1))
    t.same(strangers, [], `${country}`)
    t.ok(refused < MOBILES.length / 4, `${country} refuses ${refused}`)
  }
  for (const country of ['DE', 'FI', 'FR', 'GB', 'JP', 'AU'] satisfies CountryCode[]) t.equal(swept(country, MOBILES, ({ number }) => number.slice(1)).refused, 0, `${country} refuses none`)
})

t.test('no mobile number goes to a stranger where its country is the default and it is written as people there do', async (t) => {
  const ways: ReadonlyArray<(number: PhoneNumber) => string> = [
    (number) => number.formatNational(), (number) => number.formatNational().replaceAll(/[^0-9]/g, ''), (number) => number.format('NATIONAL', { nationalPrefix: false })
  ]
  let refused = 0
  for (const mobile of MOBILES) {
    for (const write of ways) {
      const sent = swept(mobile.country, [mobile], write)
      t.same(sent.strangers, [])
      refused += sent.refused
    }
  }
  t.ok(refused < MOBILES.length * ways.length / 50, `${refused} are refused`)
})
