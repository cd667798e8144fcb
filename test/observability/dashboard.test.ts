import t from 'tap'
import { knownMetrics, readDashboard, unknownIn } from '../support/prometheus.ts'

interface Panel {
  readonly id: number
  readonly type: string
  readonly title: string
  readonly datasource?: unknown
  readonly gridPos: { readonly x: number, readonly y: number, readonly w: number, readonly h: number }
  readonly targets?: ReadonlyArray<{ readonly refId: string, readonly expr: string, readonly legendFormat: string, readonly datasource: unknown }>
}

const dashboard = readDashboard()
const panels: readonly Panel[] = dashboard.panels
const CHOSEN = { type: 'prometheus', uid: ['$', '{datasource}'].join('') }

t.test('it is a dashboard of Grafana 10 or newer, for whatever Prometheus is chosen', async (t) => {
  t.ok(dashboard.schemaVersion >= 39)
  t.equal(dashboard.id, undefined, 'Grafana gives it one')
  t.match(dashboard.uid, /^[a-z-]{1,40}$/)
  const variables = dashboard.templating.list
  t.match(variables[0], { name: 'datasource', type: 'datasource', query: 'prometheus' })
  t.same(variables.slice(1).map(({ name, datasource }: any) => [name, datasource]), ['job', 'provider', 'country'].map((name) => [name, CHOSEN]))
})

t.test('it has its rows, in the order in which they are looked at', async (t) => {
  t.same(panels.filter(({ type }) => type === 'row').map(({ title }) => title), ['At a glance', 'By provider', 'By country', 'Latency by stage', 'Guard', 'Queues', 'Process'])
})

t.test('panels have ids and titles of their own, and queries of the chosen Prometheus', async (t) => {
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  for (const { id, type, title, datasource, targets = [] } of panels.filter(({ type }) => type !== 'row')) {
    t.match(type, /^(stat|timeseries|table)$/, `${id}`)
    t.ok(title.length > 0 && targets.length > 0, title)
    t.same(datasource, CHOSEN, title)
    t.same(targets.map(({ refId }) => refId), ['A', 'B', 'C', 'D'].slice(0, targets.length), title)
    t.ok(targets.every((target) => JSON.stringify(target.datasource) === JSON.stringify(CHOSEN)), title)
  }
})

t.test('panels fit into the grid and do not overlap', async (t) => {
  const taken = new Map<string, string>()
  for (const { title, gridPos: { x, y, w, h } } of panels) {
    t.ok(x >= 0 && w > 0 && h > 0 && x + w <= 24, title)
    for (let column = x; column < x + w; column += 1) {
      for (let line = y; line < y + h; line += 1) {
        const place = `${column},${line}`
        if (taken.has(place)) t.fail(`${title} lies over ${taken.get(place)}`)
        taken.set(place, title)
      }
    }
  }
})

t.test('queries, legends and variables name metrics and labels that there are', async (t) => {
  const targets = panels.flatMap(({ targets = [] }) => targets)
  t.same(targets.flatMap(({ expr }) => unknownIn(expr)), [])
  const labels = new Set(knownMetrics().flatMap(({ labels }) => labels).concat('job', 'instance'))
  const inLegends = targets.flatMap(({ legendFormat }) => [...legendFormat.matchAll(/\{\{([a-z_]+)\}\}/g)].map(([, label = '']) => label))
  t.same(inLegends.filter((label) => !labels.has(label)), [])
  for (const { query } of dashboard.templating.list.slice(1)) t.same(unknownIn(query.query), [], query.query)
  const variables = new Set<string>(dashboard.templating.list.map(({ name }: any) => name).concat('__rate_interval', '__range'))
  t.same(targets.flatMap(({ expr }) => [...expr.matchAll(/\$([a-z_]+)/g)].map(([, name = '']) => name)).filter((name) => !variables.has(name)), [])
})

t.test('what it does not know is found', async (t) => {
  t.same(unknownIn('sum by (colour) (rate(phone_code_gateway_used_total{hue="x"}[5m])) / phone_code_gateway_gone_total'), ['phone_code_gateway_used_total{hue}', 'phone_code_gateway_gone_total', 'by (colour)'])
  t.same(unknownIn('1 + 1'), ['it names no metric'])
})

t.test('every metric that a person looks at is on it', async (t) => {
  const all = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join('\n')
  const missing = knownMetrics().filter(({ name }) => name.startsWith('phone_code_gateway_') && !all.includes(name)).map(({ name }) => name.replace('phone_code_gateway_', ''))
  // These are for alerts, or are seen elsewhere.
  t.same(missing.sort(), ['clock_skewed_total', 'incoming_calls_total', 'keys_disagree_total', 'recovered_total', 'webhooks_failed_total'])
})
