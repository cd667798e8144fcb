import t from 'tap'
import type { Sql } from '../../src/store/sql.ts'
import { ADMIN, SECRET, startTestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const COOL_OFF = 30_000

const ask = async (url: string, authorization?: string): Promise<{ status: number, caching: string | null, body: any }> => {
  const reply = await fetch(`${url}/readyz`, { headers: authorization === undefined ? {} : { authorization } })
  return { status: reply.status, caching: reply.headers.get('cache-control'), body: await reply.json() }
}

t.test('the admin is told where each provider stands, others only that the gateway is ready', async (t) => {
  const { url } = await startTestGateway(t)
  const told = await ask(url, `Bearer ${ADMIN}`)
  t.match(told, { status: 200, caching: 'no-store', body: { status: 'ready' } })
  t.same(told.body.providers, [
    { provider: 'acs-sms', channel: 'sms', state: 'closed', failures: 0 }, { provider: 'acs-voice', channel: 'voice', state: 'closed', failures: 0 }
  ])
  for (const authorization of [undefined, '', 'Bearer wrong', `Bearer ${SECRET}`]) {
    t.same(await ask(url, authorization), { status: 200, caching: 'no-store', body: { status: 'ready' } }, String(authorization))
  }
})

t.test('a provider that keeps failing is seen to be set aside, to be tried again, and to work again', async (t) => {
  const { clock, events, log, post, sandbox, url } = await startTestGateway(t)
  const send = async (code: string): Promise<number> => (await post('/send-text-code', { phoneNumber: NUMBER, code })).status
  const stateOf = async (): Promise<any> => (await ask(url, ADMIN)).body.providers[0]
  sandbox.script(NUMBER, { sms: { httpError: { status: 401 } } })
  for (const code of ['1111', '2222', '3333', '4444']) await send(code)
  t.match(await stateOf(), { state: 'closed', failures: 4, reason: 'credentials', retryAt: undefined })
  await send('5555')
  t.match(await stateOf(), { state: 'open', failures: 5, retryAt: new Date(clock() + COOL_OFF).toISOString() })
  t.equal((await ask(url)).status, 200, 'messages may still be sent here')
  t.match(events.filter(({ type }) => type === 'provider.set-aside'), [{ provider: 'acs-sms', reason: 'credentials', failures: 5 }])
  clock.advance(COOL_OFF)
  t.match(await stateOf(), { state: 'half-open' })
  sandbox.script(NUMBER, {})
  t.equal(await send('6666'), 200, 'where there is no other, it is tried all the same')
  t.match(await stateOf(), { state: 'closed', failures: 0 })
  for (const type of ['provider.set-aside', 'provider.restored']) t.equal(log.filter((line) => line.includes(type)).length, 1, type)
})

t.test('where the store fails, or does not answer, the gateway is not ready, and lives', async (t) => {
  const checks: Array<() => Promise<void>> = [() => Promise.reject(new Error('the disk is gone')), () => new Promise(() => {})]
  for (const check of checks) {
    const wrapSql = (sql: Sql): Sql => ({ read: (step) => sql.read(step), write: (steps) => sql.write(steps), follow: (topic, wake) => sql.follow(topic, wake), check, close: () => sql.close() })
    const { url } = await startTestGateway(t, { wrapSql })
    t.same(await ask(url), { status: 503, caching: 'no-store', body: { status: 'store_unavailable' } })
    t.match(await ask(url, ADMIN), { status: 503, body: { status: 'store_unavailable', providers: [{}, {}] } })
    t.equal((await fetch(`${url}/livez`)).status, 200)
  }
})

t.test('while it drains, the admin is still told', async (t) => {
  const { gateway, url } = await startTestGateway(t)
  gateway.drain()
  t.match(await ask(url, ADMIN), { status: 503, body: { status: 'draining', providers: [{ state: 'closed' }, {}] } })
})
