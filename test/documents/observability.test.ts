import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { SETTINGS } from '../../src/config/settings.ts'
import { DEPLOY, knownMetrics } from '../support/prometheus.ts'

const guide = readFileSync(fileURLToPath(new URL('../../docs/observability.md', import.meta.url)), 'utf8')

t.test('docs/observability.md has a row for every metric, with its type and labels, and no other', async (t) => {
  const rows = [...guide.matchAll(/^\| `(phone_code_gateway_\w+)` \| (\w+) \| (.+?) \| (.+) \|$/gm)]
    .map(([, name, type, labels = '']) => `${name} ${type} ${[...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).join(' ')}`.trim())
  const expected = knownMetrics().filter(({ name }) => name.startsWith('phone_code_gateway_')).map(({ name, type, labels }) => [name, type, ...labels].join(' '))
  t.same(rows, expected)
})

t.test('it names every metric of the process, and no other', async (t) => {
  const named = new Set([...guide.matchAll(/`((?:process|nodejs)_\w+)`/g)].map(([, name]) => name as string))
  t.same(named, new Set(knownMetrics().map(({ name }) => name).filter((name) => /^(process|nodejs)_/.test(name))))
})

t.test('it has a row for every alert, with its severity, and no other', async (t) => {
  const rows = new Map([...guide.matchAll(/^\| `(PhoneCode\w+)` \| (\w+) \|/gm)].map(([, name, severity]) => [name, severity]))
  const rules = new Map([...readFileSync(`${DEPLOY}/prometheus/alerts.yaml`, 'utf8').matchAll(/- alert: (\w+)[\s\S]*?severity: (\w+)/g)].map(([, name, severity]) => [name, severity]))
  t.same(rows, rules)
})

t.test('it names settings that there are', async (t) => {
  // What the SDK of OpenTelemetry reads by itself is told of as a group.
  const named = new Set([...guide.matchAll(/\b(?:METRICS|OTEL|ADMIN|LOG|PUBLIC|VERIFICATION|GATEWAY|SMS)_[A-Z_]+\b/g)].map(([name]) => name as string))
  t.same([...named].filter((name) => !Object.hasOwn(SETTINGS, name) && !['OTEL_', 'OTEL_BSP_', 'SMS_ROUTE_DE'].includes(name)), [])
})

t.test('files that it points at are there', async (t) => {
  const links = [...guide.matchAll(/\]\(((?!https?:)[^)#]+)(#[^)]*)?\)/g)].map(([, file = '']) => file)
  t.ok(links.length > 3)
  for (const link of links) t.ok(readFileSync(fileURLToPath(new URL(link, new URL('../../docs/', import.meta.url)))).length > 0, link)
})
