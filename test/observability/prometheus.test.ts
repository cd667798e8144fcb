import type { AddressInfo } from 'node:net'
import t from 'tap'
import { createMetricsApp, createTestMetrics, METRICS_TOKEN } from '../support/metrics.ts'
import { hasPrometheus, readDashboard, startPrometheus, withVariables } from '../support/prometheus.ts'

/** A scrape is on record a moment after it was answered: asks until it is there. */
const eventually = async <T>(ask: () => Promise<T | undefined>): Promise<T> => {
  const patience = AbortSignal.timeout(20_000)
  for (;;) {
    const found = await ask()
    if (found !== undefined) return found
    patience.throwIfAborted()
    await new Promise((resolve) => { setTimeout(resolve, 100) })
  }
}

t.test('a real Prometheus scrapes it with the token, loads the rules, and understands every query', { skip: hasPrometheus ? false : 'there is no /usr/bin/prometheus here' }, async (t) => {
  const { bus, metrics } = createTestMetrics(t, { withProcess: true })
  const app = await createMetricsApp(t, metrics, { token: METRICS_TOKEN })
  await app.listen({ host: '127.0.0.1', port: 0 })
  bus.emit({ type: 'delivery.used', delivery: 'd' })
  const { ask } = await startPrometheus(t, { target: `127.0.0.1:${(app.server.address() as AddressInfo).port}`, token: METRICS_TOKEN })

  await t.test('the target is up', async (t) => {
    const target = await eventually(async () => (await ask('targets')).activeTargets.find(({ health }: any) => health !== 'unknown'))
    t.match(target, { health: 'up', lastError: '', labels: { job: 'phone-code-gateway' } })
    const used = await eventually(async () => (await ask('query', { query: 'phone_code_gateway_used_total' })).result[0])
    t.equal(used.value[1], '1')
  })

  await t.test('the rules are loaded, and each can be evaluated', async (t) => {
    const groups = await eventually(async () => {
      const { groups } = await ask('rules')
      return groups.every(({ rules }: any) => rules.every(({ health }: any) => health !== 'unknown')) ? groups : undefined
    })
    const [{ rules }] = groups
    t.ok(rules.length > 10)
    t.same(rules.filter(({ health }: any) => health !== 'ok').map(({ name, lastError }: any) => [name, lastError]), [])
    t.same(rules.filter(({ state }: any) => state === 'firing'), [], 'nothing is wrong')
  })

  await t.test('every query of the dashboard is understood', async (t) => {
    const queries = readDashboard().panels.flatMap(({ targets = [] }: any) => targets.map(({ expr }: any) => expr))
    t.ok(queries.length > 30)
    for (const query of queries) await t.resolves(ask('query', { query: withVariables(query) }), query)
    const { result } = await ask('query', { query: withVariables('max by (instance, version) (phone_code_gateway_build_info{job=~"$job"})') })
    t.equal(result.length, 1)
    await t.rejects(ask('query', { query: 'sum(' }), 'what is no query is found')
  })
})
