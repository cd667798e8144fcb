import t from 'tap'
import { samplesOf, ADMIN_SECRET, createMetricsApp, createTestMetrics, METRICS_TOKEN } from '../support/metrics.ts'

const basic = (password: string): string => `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`

t.test('the token and the admin secret open it', async (t) => {
  const app = await createMetricsApp(t, createTestMetrics(t).metrics, { token: METRICS_TOKEN })
  for (const authorization of [`Bearer ${METRICS_TOKEN}`, `bearer ${METRICS_TOKEN}`, `Bearer ${ADMIN_SECRET}`, ADMIN_SECRET, basic(ADMIN_SECRET)]) {
    const reply = await app.inject({ url: '/metrics', headers: { authorization } })
    t.equal(reply.statusCode, 200, authorization)
    t.equal(reply.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
    t.equal(reply.headers['cache-control'], 'no-store')
    t.equal(samplesOf(reply.body).used_total, 0)
  }
})

t.test('nothing else does, and it says nothing then', async (t) => {
  const app = await createMetricsApp(t, createTestMetrics(t).metrics, { token: METRICS_TOKEN })
  for (const authorization of [undefined, '', 'Bearer ', 'Bearer wrong', `Bearer ${METRICS_TOKEN}x`, `Bearer ${METRICS_TOKEN.toUpperCase()}`, basic(METRICS_TOKEN)]) {
    const reply = await app.inject({ url: '/metrics', headers: authorization === undefined ? {} : { authorization } })
    t.equal(reply.statusCode, 401, String(authorization))
    t.match(reply.json(), { code: 'unauthorized' })
    t.notMatch(reply.body, /phone_code_gateway/)
  }
})

t.test('without a token only the admin secret opens it: an empty one does not', async (t) => {
  const app = await createMetricsApp(t, createTestMetrics(t).metrics)
  for (const authorization of ['', 'Bearer ', `Bearer ${METRICS_TOKEN}`, 'Bearer undefined']) {
    t.equal((await app.inject({ url: '/metrics', headers: { authorization } })).statusCode, 401, authorization)
  }
  t.equal((await app.inject({ url: '/metrics', headers: { authorization: ADMIN_SECRET } })).statusCode, 200)
})

t.test('it is told to the end, and the log keeps still about it; not about who is refused', async (t) => {
  const log: string[] = []
  const app = await createMetricsApp(t, createTestMetrics(t).metrics, { token: METRICS_TOKEN, isDraining: () => true, log })
  t.equal((await app.inject({ url: '/metrics', headers: { authorization: `Bearer ${METRICS_TOKEN}` } })).statusCode, 200)
  t.equal((await app.inject({ url: '/metrics', headers: { authorization: 'Bearer wrong' } })).statusCode, 401)
  t.equal((await app.inject({ url: '/other' })).statusCode, 503)
  const lines = log.map((line) => JSON.parse(line)).filter(({ route }) => route === '/metrics')
  t.match(lines, [{ level: 20, status: 200 }, { level: 30, status: 401, problem: 'unauthorized' }])
  t.notMatch(log.join(''), new RegExp(METRICS_TOKEN))
})

t.test('it is only to be read', async (t) => {
  const app = await createMetricsApp(t, createTestMetrics(t).metrics, { token: METRICS_TOKEN })
  const reply = await app.inject({ method: 'POST', url: '/metrics', headers: { authorization: `Bearer ${METRICS_TOKEN}` } })
  t.equal(reply.statusCode, 405)
})
