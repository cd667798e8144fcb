import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { Sql } from '../../src/store/sql.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { samplesOf } from '../support/metrics.ts'
import { ADMIN, createClock, startTestGateway, testPort } from '../support/gateway.ts'
import { startOtlpReceiver } from '../support/otlp-receiver.ts'

const TO = '+4915112345678'
const CODE = '482913'
const TRACE = '0af7651916cd43dd8448eb211c80319c'

/** The same store for a second process, which leaves it open. */
const shared = (sql: Sql): Sql => ({
  read: (step) => sql.read(step), write: (steps) => sql.write(steps), check: () => sql.check(), follow: (topic, wake) => sql.follow(topic, wake), close: async () => {}
})

t.test('one trace from the caller to the report that comes to another process; both count their part', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'one-trace-'))
  t.teardown(() => { rmSync(folder, { recursive: true, force: true }) })
  const collector = await startOtlpReceiver(t)
  const clock = createClock()
  const sql = openSqlite({ file: join(folder, 'gateway.db'), now: clock })
  const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url.origin, OTEL_EXPORTER_OTLP_HEADERS: 'api-key=secret-of-the-collector' }
  // Reports go to the first one, messages are asked for at the second one.
  const told = await startTestGateway(t, { clock, sql, settings })
  const asked = await startTestGateway(t, { clock, sql, wrapSql: shared, subscribe: false, after: { folder, environment: told.environment, sandbox: told.sandbox, port: await testPort() } })
  const { body: { id } } = await asked.post('/send-text-code', { phoneNumber: TO, code: CODE }, { traceparent: `00-${TRACE}-b7ad6b7169203331-01` })
  await told.reaches(id, 'delivered')
  const read = async (url: string): Promise<Readonly<Record<string, number>>> => samplesOf(await (await fetch(`${url}/metrics`, { headers: { authorization: ADMIN } })).text())
  t.match(await read(asked.url), { 'requests_total{hook="direct",outcome="accepted"}': 1, 'deliveries_total{provider="acs-sms",channel="sms",country="DE",status="accepted"}': 1, store_up: 1 })
  t.match(await read(told.url), { 'deliveries_total{provider="acs-sms",channel="sms",country="DE",status="delivered"}': 1, 'due_rows{kind="retry",state="due"}': 0 })
  await asked.gateway.close()
  await told.gateway.close()

  const { spans, requests } = collector
  t.same(spans.map(({ name }) => name).sort(), ['POST /send-text-code', 'admit', 'claim', 'delivery', 'send acs-sms'])
  t.same([...new Set(spans.map(({ trace }) => trace))], [TRACE])
  const root = spans.find(({ kind }) => kind === 2)
  t.match(root, { parent: 'b7ad6b7169203331', attributes: { 'phone_code.delivery': id, 'http.response.status_code': 200 } })
  t.same([...new Set(spans.filter((span) => span !== root).map(({ parent }) => parent))], [root?.id])
  t.ok(requests.length >= 2, 'each process tells its own')
  for (const { headers, text } of requests) {
    t.equal(headers['api-key'], 'secret-of-the-collector')
    t.notMatch(text, /15112345678|482913/)
  }
  t.notMatch([...told.log, ...asked.log].join(''), /secret-of-the-collector/)
})
