import t from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import { rangesOf } from '../../src/guard/ranges.ts'
import { KEYS, numberOf } from './rules.ts'

const of = (text: string): ReturnType<typeof rangesOf> => rangesOf(numberOf(text), KEYS)

t.test('of an area so much is shown that four digits stay unknown beside a masked number', async (t) => {
  for (const [text, shown] of [
    ['+998901234567', '+998 9…'], ['+4915112345678', '+49 151…'], ['+14155550123', '+1 41…'], ['+79123456789', '+7 91…'],
    ['+447400123456', '+44 74…'], ['+883510012345678', '+883 51…'], ['+4520123456', '+45…'], ['+6834000', '+683…']
  ] as const) {
    t.equal(of(text).shownArea, shown)
    const number = numberOf(text)
    const national = text.length - 1 - number.callingCode.length
    const ofArea = shown.replace(/\D/g, '').length - number.callingCode.length
    const ofMasked = number.masked.replace(/\D/g, '').length - number.callingCode.length
    t.ok(ofArea === 0 || national - ofArea - ofMasked >= 4, `${text}: ${ofArea} and ${ofMasked} of ${national} digits are told`)
  }
})

t.test('what is not shown of an area still tells it from another', async (t) => {
  t.equal(of('+4520123456').shownArea, of('+4531123456').shownArea)
  t.not(of('+4520123456').area, of('+4531123456').area)
})

t.test('numbers that differ in their last four digits only are of one block, others are not', async (t) => {
  const { block, area, country } = of('+4915112345678')
  t.equal(country, 'DE')
  for (const number of ['+4915112340000', '+4915112349999']) t.equal(of(number).block, block, number)
  for (const number of ['+4915112355678', '+4915212345678', '+491511234567']) t.not(of(number).block, block, number)
  for (const number of ['+4915112355678', '+4915199999999', '+491511234567']) t.equal(of(number).area, area, number)
  for (const number of ['+4915212345678', '+14155550123']) t.not(of(number).area, area, number)
})

t.test('in short numbers a block is narrower, so that it is not the whole country', async (t) => {
  const { block, area } = of('+6834002')
  t.equal(of('+6834009').block, block)
  t.not(of('+6834012').block, block)
  t.equal(of('+6834012').area, area)
  t.not(of('+6834112').block, of('+6834012').block)
})

t.test('the same digits behind another calling code are another range', async (t) => {
  t.not(of('+4915112345678').block, of('+995112345678').block)
  t.equal(of('+883510012345678').country, undefined)
})

t.test('digests have nothing of the number in them, and are other ones with another key', async (t) => {
  const { area, block } = of('+4915112345678')
  t.match(area, /^[\w-]{43}$/)
  t.match(block, /^[\w-]{43}$/)
  t.not(area, block)
  const others = rangesOf(numberOf('+4915112345678'), createKeys([Buffer.alloc(32, 8)]))
  t.not(others.area, area)
  t.not(others.block, block)
})
