import t from 'tap'
import { format, inspect } from 'node:util'
import { OneTimeCode } from '../../src/domain/one-time-code.ts'
import { PhoneNumber } from '../../src/domain/phone-number.ts'
import { SensitiveText, type Sensitive } from '../../src/domain/sensitive.ts'

/** Every way in which a value gets printed without somebody asking for its content. */
const prints = (value: Sensitive): string[] => [
  String(value), `${value}`, value + '', value.toString(), [value, value].join(), JSON.stringify(value), JSON.stringify({ nested: [{ value }] }),
  inspect(value), inspect({ nested: [{ value }] }, { depth: 9 }), inspect(value, { showHidden: true, depth: 9, customInspect: false }),
  format('%s', value), format('%o %O %j', value, value, value), format(value), JSON.stringify(Object.entries(value)), JSON.stringify({ ...value }),
  JSON.stringify(Object.getOwnPropertyDescriptors(value)), new Error(`failed for ${value}`).message, encodeURIComponent(value as unknown as string)
]

const values: ReadonlyArray<[string, Sensitive, string, RegExp]> = [
  ['a text', new SensitiveText('your code is 482913'), '[hidden]', /482913|your/],
  ['a code', OneTimeCode.parse('482913') as OneTimeCode, '[code]', /482913/],
  ['a number', PhoneNumber.parse('+4915112345678') as PhoneNumber, '+49•••••••5678', /1511234/]
]

for (const [name, value, mask, content] of values) {
  t.test(`${name} prints masked, in whatever way it is printed`, async (t) => {
    t.equal(String(value), mask)
    t.equal(JSON.stringify({ value }), `{"value":"${mask}"}`)
    t.equal(inspect({ value }), `{ value: ${mask} }`)
    for (const printed of prints(value)) t.notMatch(printed, content)
  })
}

t.test('the content is had by the word that asks for it', async (t) => {
  t.same(values.map(([, value]) => value instanceof PhoneNumber ? value.e164 : (value as SensitiveText).reveal()), ['your code is 482913', '482913', '+4915112345678'])
})

t.test('a copy does not carry the content along', async (t) => {
  for (const [name, value, , content] of values) t.notMatch(inspect(structuredClone({ ...value }), { showHidden: true }), content, name)
})
