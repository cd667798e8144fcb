import t from 'tap'
import type { Channel } from '../../src/domain/message.ts'
import { judgeNumber, type NumberRules, type NumberVerdict } from '../../src/guard/number-rules.ts'
import { modesOf, numberOf, rulesOf } from './rules.ts'

const judge = (rules: Partial<NumberRules>, number: string, channel: Channel = 'sms', canCall = true): NumberVerdict =>
  judgeNumber(rulesOf(rules), numberOf(number), channel, () => canCall)

const reasons = (rules: Partial<NumberRules>, number: string, channel?: Channel, canCall?: boolean): string[] =>
  judge(rules, number, channel, canCall).findings.map(({ rule, reason }) => `${rule} ${reason}`)

t.test('a number goes where it is not refused', async (t) => {
  t.same(judge({}, '+4915112345678'), { channel: 'sms', findings: [] })
  t.same(judge({}, '+14155550123', 'whatsapp'), { channel: 'whatsapp', findings: [] })
  t.same(judge({}, '+14155550123', 'voice', false), { channel: 'voice', findings: [] })
})

t.test('countries that are not allowed get nothing, nor do numbers of no country', async (t) => {
  const rules = { allowedCountries: new Set(['DE', 'US']), deniedTypes: [] }
  t.same(reasons(rules, '+4915112345678'), [])
  t.same(reasons(rules, '+14155550123'), [])
  t.same(reasons(rules, '+447400123456'), ['allowed-countries country_not_allowed'])
  t.same(reasons(rules, '+16135550123'), ['allowed-countries country_not_allowed'], 'Canada is not the United States')
  t.same(reasons(rules, '+883510012345678'), ['allowed-countries country_not_allowed'])
  t.same(reasons({ deniedTypes: [] }, '+883510012345678'), [])
})

t.test('prefixes that are denied get nothing', async (t) => {
  const rules = { deniedPrefixes: ['+4915', '+88213'] }
  t.same(reasons(rules, '+4915112345678'), ['denied-prefixes prefix_denied'])
  t.same(reasons(rules, '+4917112345678'), [])
  t.same(reasons({ deniedPrefixes: ['+4915112345678'] }, '+4915112345678'), ['denied-prefixes prefix_denied'])
  t.same(reasons({ deniedPrefixes: ['+151'] }, '+4915112345678'), [])
})

t.test('kinds of numbers that are denied get nothing, by whatever channel', async (t) => {
  const types = ['premium', 'shared-cost', 'unknown'] as const
  for (const [number, kind] of [['+15550100001', 'of no range'], ['+883510012345678', 'of no country'], ['+979123456789', 'premium, of no country'], ['+19002345678', 'premium'], ['+491805123456', 'shared cost']] as const) {
    for (const channel of ['sms', 'voice', 'whatsapp'] as const) t.same(reasons({ deniedTypes: types }, number, channel), ['number-types number_type_refused'], kind)
  }
  for (const number of ['+18335550100', '+15005550006', '+815012345678']) t.same(reasons({ deniedTypes: types }, number), [], number)
  t.same(reasons({ deniedTypes: ['toll-free'] }, '+18335550100'), ['number-types number_type_refused'])
  t.same(reasons({ deniedTypes: [] }, '+15550100001'), [])
})

t.test('a landline gets a call in place of a text', async (t) => {
  for (const channel of ['sms', 'whatsapp', 'voice'] as const) {
    t.same(judge({}, '+442071838750', channel), { channel: 'voice', findings: [] }, channel)
    t.equal(judge({}, '+14155550123', channel).channel, channel, 'what may be a mobile phone is taken for one')
  }
})

t.test('a landline that nothing can call is refused', async (t) => {
  t.same(judge({}, '+442071838750', 'sms', false), {
    channel: 'sms', findings: [{ rule: 'number-types', mode: 'enforce', reason: 'number_not_mobile', retryAfter: undefined }]
  })
  t.same(reasons({}, '+442071838750', 'voice', false), [], 'whoever asked for a call is told what comes of that')
})

t.test('nothing is done about landlines where the rule is not enforced', async (t) => {
  for (const mode of ['off', 'shadow'] as const) {
    for (const canCall of [true, false]) t.same(judge({ modes: modesOf(mode) }, '+442071838750', 'sms', canCall), { channel: 'sms', findings: [] }, mode)
  }
})

t.test('each rule has its mode, and one that is off finds nothing', async (t) => {
  const rules = {
    allowedCountries: new Set(['DE']),
    deniedPrefixes: ['+1555'],
    modes: modesOf('off', { 'allowed-countries': 'shadow', 'number-types': 'enforce' })
  }
  t.same(judge(rules, '+15550100001').findings.map(({ rule, mode }) => [rule, mode]), [['allowed-countries', 'shadow'], ['number-types', 'enforce']])
  t.same(judge({ ...rules, modes: modesOf('off') }, '+15550100001').findings, [])
})
