import t from 'tap'
import { getCountries, getCountryCallingCode } from 'libphonenumber-js'
import { isCountry, PhoneNumber } from '../../src/domain/phone-number.ts'

const e164 = (text: string, country?: string): string => {
  const parsed = PhoneNumber.parse(text, country)
  return parsed instanceof PhoneNumber ? parsed.e164 : parsed
}

t.test('a number is read as people write it', async (t) => {
  for (const text of [
    '+4915112345678', ' +4915112345678\n', '+49 151 1234 5678', '+49 (151) 1234-5678', '+49 (0) 151 12345678', '+49.151.12345678', '+49-151/12345678', '＋4915112345678', '+４９15112345678'
  ]) t.equal(e164(text), '+4915112345678', text)
  t.equal(e164('+1 (415) 555-0123'), '+14155550123')
})

t.test('a national number is read as one of the default country', async (t) => {
  t.equal(e164('0151 12345678', 'DE'), '+4915112345678')
  t.equal(e164('(415) 555-0123', 'US'), '+14155550123')
  t.equal(e164('06 12 34 56 78', 'FR'), '+33612345678')
  t.equal(e164('0049 151 12345678', 'DE'), '+4915112345678', 'and the prefix for abroad as what it is there')
  t.equal(e164('+33 6 12 34 56 78', 'DE'), '+33612345678', 'a + says that it is not')
})

t.test('without a default country a national number needs one', async (t) => {
  for (const text of ['0151 12345678', '(415) 555-0123', '06 12 34 56 78', '0 6 1 2 3 4', '004915112345678', '112']) t.equal(e164(text), 'needs_country', text)
})

t.test('what can be no number is impossible, with a default country and without', async (t) => {
  for (const text of ['', ' ', '+', '++', 'abc', '+abc', '12', '+1', '+49', '+491', '+1415555', '+141555501234', '+999999999999', `+49${'1'.repeat(300)}`, '+0151 12345678', '+49151x']) {
    for (const country of [undefined, 'DE']) t.match(e164(text, country), /^(impossible)$/, `${text.slice(0, 20)} ${country}`)
  }
})

t.test('a number with an extension is impossible: nobody can send there', async (t) => {
  for (const text of ['+1 415 555 0123 ext. 5', '+14155550123;ext=5', '+1 415 555 0123 x55']) t.equal(e164(text), 'impossible', text)
})

t.test('two numbers are no number', async (t) => {
  t.equal(e164('+4915112345678,+4915112345679'), 'impossible')
  t.equal(e164('call +4915112345678', 'DE'), 'impossible', 'nor is a sentence with one')
})

t.test('a country that does not exist makes national numbers impossible and throws nothing', async (t) => {
  t.equal(e164('0151 12345678', 'ZZ'), 'impossible')
})

t.test('the country is told where the number tells it', async (t) => {
  const countryOf = (text: string): string | undefined => (PhoneNumber.parse(text) as PhoneNumber).country
  t.equal(countryOf('+4915112345678'), 'DE')
  t.equal(countryOf('+14155550123'), 'US')
  t.equal(countryOf('+14165550123'), 'CA')
  t.equal(countryOf('+883510012345678'), undefined, 'a number of no country')
})

t.test('the masked form shows the country, and the end of a number that is long enough for it', async (t) => {
  const masked = (text: string): string => (PhoneNumber.parse(text) as PhoneNumber).masked
  t.equal(masked('+4915112345678'), '+49•••••••5678')
  t.equal(masked('+14155550123'), '+1••••••0123')
  t.equal(masked('+4712345678'), '+47••••5678', 'eight digits are long enough')
  t.equal(masked('+2975601234'), '+297•••••34', 'seven are not')
})

t.test('the masked form of no number of any country shows the number', async (t) => {
  const seen = new Set<number>()
  for (const country of getCountries()) {
    for (let length = 1; length <= 15; length += 1) {
      const text = `+${getCountryCallingCode(country)}${'2'.repeat(length)}`
      const number = PhoneNumber.parse(text)
      if (!(number instanceof PhoneNumber)) continue
      const hidden = number.masked.replace(/[^•]/g, '').length
      const national = number.e164.length - 1 - getCountryCallingCode(country).length
      seen.add(national)
      if (hidden * 2 < national || number.masked.length !== number.e164.length) t.fail(`${country}: ${number.masked}`)
    }
  }
  t.ok(seen.has(4) && seen.has(12), 'short ones and long ones were seen')
})

t.test('a country is one of ISO 3166 that has numbers', async (t) => {
  for (const letters of ['US', 'GB', 'DE']) t.equal(isCountry(letters), true, letters)
  for (const letters of ['UK', 'ZZ', 'us', '', 'toString', '__proto__']) t.equal(isCountry(letters), false, letters)
})

t.test('a number is valid where its country has numbers that begin so', async (t) => {
  const valid = (text: string, country?: string): string | undefined => PhoneNumber.parseValid(text, country)?.e164
  t.equal(valid('+14155550123'), '+14155550123')
  t.equal(valid('9876543210', 'IN'), '+919876543210')
  t.equal(valid('+9876543210'), undefined, 'Iran has no such number, though one of that length')
  t.equal(valid('+1 055 555 0123'), undefined)
  t.equal(valid('call me'), undefined)
  t.equal(valid('9876543210'), undefined, 'nobody knows of which country')
})

t.test('a number of a mobile phone is known as such where its country tells them apart', async (t) => {
  const isMobile = (text: string): boolean => (PhoneNumber.parse(text) as PhoneNumber).isMobile
  for (const text of ['+4915112345678', '+447400123456', '+919876543210', '+14155550123']) t.equal(isMobile(text), true, text)
  for (const text of ['+493012345678', '+442071838750', '+494915112345678', '+883510012345678']) t.equal(isMobile(text), false, text)
})

t.test('a number is of one kind, as its country has given out its ranges', async (t) => {
  for (const [text, kind] of [
    ['+4915112345678', 'mobile'], ['+442071838750', 'landline'], ['+14155550123', 'landline-or-mobile'], ['+19002345678', 'premium'],
    ['+491805123456', 'shared-cost'], ['+18335550100', 'toll-free'], ['+815012345678', 'voip'], ['+15005550006', 'personal'],
    ['+447640123456', 'pager'], ['+443001234567', 'universal'], ['+41860123456789', 'unknown']
  ] as const) t.equal((PhoneNumber.parse(text) as PhoneNumber).kind, kind, text)
})

t.test('a number in no range, or of no country, is of an unknown kind', async (t) => {
  for (const text of ['+15550100001', '+883510012345678', '+979123456789']) t.equal((PhoneNumber.parse(text) as PhoneNumber).kind, 'unknown', text)
})

t.test('a number tells whether the digit before national numbers is written, and whether it would be', async (t) => {
  const prefix = (text: string, country: string): string => (PhoneNumber.parse(text, country) as PhoneNumber).trunkPrefixIn(text)
  for (const [text, country] of [['0151 12345678', 'DE'], ['8 (912) 345-67-89', 'RU'], ['098765 43210', 'IN'], ['004915112345678', 'DE'], ['1 415 555 0123', 'US'], ['+49 151 12345678', 'DE']] as const) {
    t.equal(prefix(text, country), 'written', `${text} of ${country}`)
  }
  for (const [text, country] of [['151 12345678', 'DE'], ['7400 123456', 'GB'], ['90 1234 5678', 'JP'], ['412 345 678', 'AU']] as const) t.equal(prefix(text, country), 'missing', `${text} of ${country}`)
  for (const [text, country] of [
    ['98765 43210', 'IN'], ['(415) 555-0123', 'US'], ['912 345-67-89', 'RU'], ['347 123 4567', 'IT'], ['06 1234 5678', 'IT'], ['(11) 98765-4321', 'BR'], ['501 234 56 78', 'TR'], ['٩٨٧٦٥٤٣٢١٠', 'IN']
  ] as const) t.equal(prefix(text, country), 'not_needed', `${text} of ${country}`)
})
