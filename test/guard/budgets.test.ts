import t from 'tap'
import type { Limit } from '../../src/domain/guard-rule.ts'
import { quotasOf, type Quota } from '../../src/guard/budgets.ts'
import { sharesOf } from '../../src/guard/shares.ts'
import { limit, modesOf, rulesOf, type RuleOptions } from './rules.ts'

const RANGES = { country: 'DE', area: 'AREA', block: 'BLOCK', shownArea: '+49 151…' }
const COUNTED = { number: 'NUMBER', ip: 'IP', user: 'USER' }

const keys = (options: RuleOptions, counted: Partial<typeof COUNTED> = COUNTED, ranges: Partial<typeof RANGES> = {}): string[] =>
  quotasOf(rulesOf(options), { ranges: { ...RANGES, ...ranges }, counted: { ...{ number: 'NUMBER', ip: undefined, user: undefined }, ...counted } }).map(({ key }) => key)

const ALL = { number: limit(1), prefix: limit(1), country: limit(1), ip: limit(1), user: limit(1), total: limit(1) }

t.test('a message counts against each limit that is set, and against no other', async (t) => {
  t.same(keys({}), [])
  t.same(keys({ budgets: ALL }), [
    'number/NUMBER/600000', 'prefix/BLOCK/600000', 'country/DE/600000', 'ip/IP/600000', 'user/USER/600000', 'total/all/600000'
  ])
  t.same(keys({ budgets: { number: [...limit(1), ...limit(5, 10_000)] } }), ['number/NUMBER/600000', 'number/NUMBER/10000'])
})

t.test('it does not count by what is not known of who asks', async (t) => {
  t.same(keys({ budgets: { ip: limit(1), user: limit(1) } }, {}), [])
  t.same(keys({ budgets: { ip: limit(1), user: limit(1) } }, { user: 'USER' }), ['user/USER/600000'])
})

t.test('a country has its own limit in place of the others', async (t) => {
  const budgets = { country: limit(5), byCountry: new Map([['UZ', limit(2, 60_000)]]) }
  t.same(keys({ budgets }), ['country/DE/600000'])
  t.same(keys({ budgets }, {}, { country: 'UZ' }), ['country/UZ/60000'])
  t.same(keys({ budgets: { ...budgets, country: [] } }), [])
  const quotas = quotasOf(rulesOf({ budgets }), { ranges: { ...RANGES, country: undefined }, counted: COUNTED })
  t.match(quotas, [{ key: 'country/-/600000', most: 5 }], 'numbers of no country are one more')
})

t.test('rules that are off count nothing, the others each in its mode', async (t) => {
  const rules = rulesOf({ budgets: ALL, modes: modesOf('off', { 'user-budget': 'shadow', 'total-budget': 'enforce' }) })
  t.match(quotasOf(rules, { ranges: RANGES, counted: COUNTED }), [
    { rule: 'user-budget', mode: 'shadow', isShared: false }, { rule: 'total-budget', mode: 'enforce', isShared: true }
  ])
})

const quotaOf = (most: number, isShared = true): Quota => ({ rule: 'total-budget', mode: 'enforce', key: 'total', most, within: 600_000, isShared })

t.test('the shares of a budget are together as large as it is, and none is empty', async (t) => {
  for (const most of [1, 2, 99, 100, 199, 200, 201, 299, 300, 799, 800, 801, 807, 99_999_999]) {
    const shares = sharesOf(quotaOf(most), 0)
    t.equal(shares.reduce((sum, share) => sum + share.most, 0), most, `${most}`)
    const sizes = shares.map((share) => share.most)
    t.ok(Math.max(...sizes) - Math.min(...sizes) <= 1 && Math.min(...sizes) >= 1, `${most}`)
    t.equal(shares.length, Math.max(1, Math.min(8, Math.floor(most / 100))), `${most}`)
    t.equal(new Set(shares.map(({ key }) => key)).size, shares.length)
  }
})

t.test('what only a few messages count against is not shared out', async (t) => {
  t.same(sharesOf(quotaOf(5000, false), 0.9), [{ key: 'total', most: 5000, within: 600_000 }] satisfies Array<Limit & { key: string }>)
})

t.test('by chance a message begins at any share, and asks all of them', async (t) => {
  const orders = [0, 0.25, 0.5, 0.999_999].map((chance) => sharesOf(quotaOf(400), chance).map(({ key }) => key.slice(-1)).join(''))
  t.same(orders, ['0123', '1230', '2301', '3012'])
  for (const chance of [0, 0.3, 0.7]) {
    t.same(sharesOf(quotaOf(801), chance).find(({ key }) => key === 'total/0')?.most, 101, 'a share is as large wherever one begins')
  }
})
