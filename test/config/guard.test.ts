import t from 'tap'
import { DEFAULT_GUARD_MODES, GUARD_RULES } from '../../src/domain/guard-rule.ts'
import { production, productionProblems } from './environments.ts'

const guard = (changes: Record<string, string> = {}): any => production({ BUDGET_TOTAL: '', ...changes }).guard

const isRefused = (name: string, text: string): boolean => {
  const problems = productionProblems({ [name]: text })
  return problems.length === 1 && (problems[0] as string).startsWith(`${name} must be `)
}

t.test('without a word from the operator numbers are counted, odd kinds of them refused, and guesses only noted', async (t) => {
  const found = guard()
  t.same(found.modes, DEFAULT_GUARD_MODES)
  t.same(found.deniedTypes, ['premium', 'shared-cost', 'unknown'])
  t.same(found.budgets.number, [{ most: 5, within: 600_000 }, { most: 20, within: 86_400_000 }])
  t.equal(found.allowedCountries, undefined)
  for (const empty of [found.deniedPrefixes, found.budgets.country, found.budgets.total, [...found.testNumbers], [...found.budgets.byCountry]]) t.same(empty, [])
})

t.test('countries are a list of codes', async (t) => {
  t.same(guard({ ALLOWED_COUNTRIES: 'US, DE,' }).allowedCountries, new Set(['US', 'DE']))
  for (const text of ['UK', 'us', 'US,Germany', ',', 'US;DE']) t.ok(isRefused('ALLOWED_COUNTRIES', text), text)
})

t.test('prefixes begin with a plus', async (t) => {
  t.same(guard({ DENIED_PREFIXES: '+88213, +2519' }).deniedPrefixes, ['+88213', '+2519'])
  for (const text of ['88213', '+', '+0', '+1 415', '+1-415', '+1234567890123456']) t.ok(isRefused('DENIED_PREFIXES', text), text)
})

t.test('kinds of numbers are those that we know', async (t) => {
  t.same(guard({ DENIED_NUMBER_TYPES: 'voip' }).deniedTypes, ['voip'])
  for (const text of ['mobile', 'landline', 'voip,voip', ',']) t.ok(isRefused('DENIED_NUMBER_TYPES', text), text)
})

t.test('limits are messages per time', async (t) => {
  const { budgets } = guard({ BUDGET_IP: '1/10s', BUDGET_USER: '3/90m, 10/1d', BUDGET_TOTAL: '99999999/7d', BUDGET_COUNTRY: '5/1h', BUDGET_COUNTRY_UZ: '2/1h,3/1d' })
  t.same(budgets.ip, [{ most: 1, within: 10_000 }])
  t.same(budgets.user, [{ most: 3, within: 5_400_000 }, { most: 10, within: 86_400_000 }])
  t.same(budgets.total, [{ most: 99_999_999, within: 604_800_000 }])
  t.same(budgets.country, [{ most: 5, within: 3_600_000 }])
  t.same(budgets.byCountry, new Map([['UZ', [{ most: 2, within: 3_600_000 }, { most: 3, within: 86_400_000 }]]]))
  for (const text of ['5', '5/', '/10m', '0/10m', '05/10m', '5/0m', '5/9s', '5/8d', '5/10', '5/10w', '5/10 m', '5 per 10m', '-1/10m', '1.5/10m', '100000000/1h', '5/600s,6/10m', ',']) {
    t.ok(isRefused('BUDGET_NUMBER', text), text)
  }
})

t.test('modes are told for each rule, or for all of them', async (t) => {
  t.same(guard({ GUARD_MODES: 'pumping=enforce, ip-budget=off' }).modes, { ...DEFAULT_GUARD_MODES, pumping: 'enforce', 'ip-budget': 'off' })
  const allOff = guard({ GUARD_MODES: 'number-types=shadow,all=off' }).modes
  for (const rule of GUARD_RULES) t.equal(allOff[rule], rule === 'number-types' ? 'shadow' : 'off')
  for (const text of ['pumping', 'pumping=on', 'pumps=enforce', 'pumping=enforce,pumping=off', 'pumping=enforce=off', 'enforce']) t.ok(isRefused('GUARD_MODES', text), text)
})

t.test('test numbers have a code each', async (t) => {
  const { testNumbers } = guard({ TEST_NUMBERS: '+15005550006:123456, +44 7400 123456:ABCD' })
  t.same([...testNumbers.keys()], ['+15005550006', '+447400123456'])
  t.equal(testNumbers.get('+15005550006').reveal(), '123456')
  for (const text of ['+15005550006', '+15005550006:', '+15005550006:1', '15005550006:123456', '+1:123456', '+15005550006:123456:7', '+15005550006:123456,+1 500 555 0006:654321', 'x:123456']) {
    t.ok(isRefused('TEST_NUMBERS', text), text)
  }
})

t.test('neither a test number nor its code is printed with the settings', async (t) => {
  const { inspect } = await import('node:util')
  t.notMatch(inspect(production({ TEST_NUMBERS: '+15005550006:482913' }), { depth: 10 }), /482913/)
})

t.test('where nothing bounds what is sent in all, production says so', async (t) => {
  const isTold = (changes: Record<string, string>): boolean => production({ BUDGET_TOTAL: '', ...changes }).warnings.some((warning) => warning.startsWith('Nothing bounds'))
  t.equal(isTold({}), true)
  t.equal(isTold({ BUDGET_COUNTRY: '100/1h' }), true, 'there are many countries')
  t.equal(isTold({ BUDGET_TOTAL: '100/1h', GUARD_MODES: 'total-budget=shadow' }), true)
  t.equal(isTold({ BUDGET_TOTAL: '100/1h' }), false)
  t.equal(isTold({ GUARD_MODES: 'pumping=enforce' }), false)
  t.equal(isTold({ NODE_ENV: 'development' }), false)
})
