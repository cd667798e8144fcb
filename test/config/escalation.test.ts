import t from 'tap'
import { production } from './environments.ts'

const warnings = (changes: Record<string, string>): string[] => production({ DEFAULT_COUNTRY: 'US', ...changes }).warnings.filter((warning) => warning.includes('ESCALATE'))

t.test('codes go on by other channels for the hooks that are named, in that order', async (t) => {
  const { escalation } = production({ ESCALATE_SMS: 'voice,whatsapp', ESCALATE_HOOKS: 'okta,generic/logto', ESCALATE_AFTER_SECONDS: '30' })
  t.same(escalation, { channels: ['voice', 'whatsapp'], hooks: new Set(['okta', 'generic/logto']), afterMs: 30_000 })
  t.same(production().escalation, { channels: [], hooks: new Set(), afterMs: 60_000 }, 'off, unless somebody wants it')
})

t.test('one setting without the other does nothing, and says so', async (t) => {
  t.match(warnings({ ESCALATE_SMS: 'voice' }), [/^ESCALATE_SMS does nothing: set ESCALATE_HOOKS/])
  t.match(warnings({ ESCALATE_HOOKS: 'okta' }), [/^ESCALATE_HOOKS does nothing: set ESCALATE_SMS/])
  t.same(warnings({}), [])
})

t.test('a channel that nothing is sent by is told of', async (t) => {
  t.same(warnings({ ESCALATE_SMS: 'whatsapp', ESCALATE_HOOKS: 'okta' }), ['ESCALATE_SMS leaves whatsapp out: WHATSAPP_ROUTE has no provider with its settings.'])
})

t.test('a name that looks like one of these and is none is told of', async (t) => {
  const { warnings } = production({ ESCALATE_AFTER: '30', BUDGET_NUMBERS: '1/1h', STORE_URI: 'x', GUARD_MODE: 'all=off', DENIED_PREFIX: '+1' })
  for (const name of ['ESCALATE_AFTER', 'BUDGET_NUMBERS', 'STORE_URI', 'GUARD_MODE', 'DENIED_PREFIX']) t.ok(warnings.some((warning) => warning.startsWith(`${name} is not a setting`)), name)
})
