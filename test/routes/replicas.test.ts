import t, { type Test } from 'tap'
import { openPostgres } from '../../src/store/postgres.ts'
import type { Sql } from '../../src/store/sql.ts'
import { ADMIN, createClock, KEY, startTestGateway, testPort, type Clock, type TestGateway, type TestGatewayOptions } from '../support/gateway.ts'
import { placeOf, startPostgres, type PostgresServer } from '../support/postgres.ts'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const TO = '+4915112345678'

interface Stand {
  readonly one: TestGateway
  readonly other: TestGateway
  readonly proxy: TcpProxy
}

/** Two replicas in front of one sandbox and one PostgreSQL, which both reach through the proxy. `skew`: how far the clock of the second is off. */
const openTwo = async (t: Test, server: PostgresServer, { skew = 0, ...options }: TestGatewayOptions & { readonly skew?: number } = {}): Promise<Stand> => {
  const url = await server.database(t)
  const proxy = await startTcpProxy(t, Number(new URL(url).port))
  const place = placeOf(Object.assign(new URL(url), { port: String(proxy.port) }).href)
  const one = await startTestGateway(t, { ...options, sql: await openPostgres(place) })
  const { environment, sandbox, folder } = one
  const port = await testPort()
  const other = await startTestGateway(t, {
    ...options,
    clock: skewed(one.clock, skew),
    sql: await openPostgres(place),
    subscribe: false,
    after: { folder, environment, sandbox, port }
  })
  return { one, other, proxy }
}

const skewed = (clock: Clock, milliseconds: number): Clock => {
  const own = createClock()
  return Object.assign(() => clock() + milliseconds, { advance: own.advance })
}

const addTests = (server: PostgresServer): void => {
  t.test('the same message, asked for at both replicas again and again, is sent once', async (t) => {
    const { one, other } = await openTwo(t, server)
    const asked = await Promise.all(Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? one : other).post('/send-text-code', { phoneNumber: TO, code: '482913' })))
    t.equal(asked.filter(({ status }) => status === 200).length, 20)
    t.equal(new Set(asked.map(({ body }) => body.id)).size, 1)
    t.equal(one.sandbox.messages.length, 1)
  })

  t.test('what one replica sent the other one follows', async (t) => {
    const { one, other } = await openTwo(t, server)
    const { body: { id } } = await other.post('/send-text-code', { phoneNumber: TO, code: '482913' })
    // Reports come to the first one, which has never heard of the message.
    t.match(await one.reaches(id, 'delivered'), { status: 'delivered', attempts: [{ status: 'delivered' }] })
    t.match(await other.delivery(id), { status: 'delivered' })
  })

  t.test('a machine whose clock is off does no harm', async (t) => {
    const { one, other } = await openTwo(t, server, { skew: 20 * 60_000 })
    const sent = await one.post('/send-text-code', { phoneNumber: TO, code: '482913' })
    const again = await other.post('/send-text-code', { phoneNumber: TO, code: '482913' })
    t.equal(again.body.id, sent.body.id, 'its lease and its hold are not over because somebody\'s clock runs ahead')
    const { body: { id } } = await other.post('/send-text-code', { phoneNumber: TO, code: '771204' })
    const { createdAt, expiresAt } = await one.delivery(id)
    t.equal(Date.parse(expiresAt) - Date.parse(createdAt), 300_000)
    const [first, second] = await Promise.all([one.delivery(sent.body.id), one.delivery(id)])
    t.ok(Math.abs(Date.parse(second.createdAt) - Date.parse(first.createdAt)) < 60_000, 'both are told by one clock')
    await other.gateway.housekeeping.recover()
    t.not((await one.delivery(id)).status, 'failed')
    await other.gateway.housekeeping.compareClocks()
    t.match(other.events.filter(({ type }) => type === 'clock.skewed').length, 1)
  })

  t.test('a call that one replica placed is conducted by the other', async (t) => {
    const { one, other } = await openTwo(t, server)
    const { status, body } = await other.post('/send-voice-code', { phoneNumber: TO, code: '482913' })
    t.equal(status, 200)
    t.match(await one.reaches(body.id, 'delivered'), { attempts: [{ channel: 'voice', status: 'delivered' }] })
  })

  t.test('a process with other keys does not start beside one that is at work, one with a new key in front does', async (t) => {
    const url = await server.database(t)
    const open = async (): Promise<Sql> => {
      const sql = await openPostgres(placeOf(url))
      t.teardown(() => sql.close())
      return sql
    }
    const { environment, folder, sandbox } = await startTestGateway(t, { settings: { STORE_URL: url }, sql: await open() })
    const beside = async (keys: string): Promise<TestGateway> =>
      await startTestGateway(t, { settings: { GATEWAY_KEYS: keys }, sql: await open(), subscribe: false, after: { environment, folder, sandbox, port: await testPort() } })
    const other = Buffer.alloc(32, 9).toString('base64')
    await t.rejects(beside(other), { name: 'StoreRefused', message: /has other GATEWAY_KEYS/ })
    await t.resolves(beside(`${other},${KEY}`))
  })

  t.test('without its store nothing is sent: hooks are refused in time, /readyz says so, and all goes on when it is back', async (t) => {
    const { one, other, proxy } = await openTwo(t, server, { settings: { DIRECT_BUDGET_MS: '1500' } })
    await one.post('/send-text-code', { phoneNumber: TO, code: '111111' })
    await proxy.shut()
    for (const replica of [one, other]) {
      t.match(await replica.post('/send-text-code', { phoneNumber: TO, code: '222222' }), { status: 503, body: { code: 'store_unavailable' } })
      t.match(await readiness(replica), { status: 503, body: { status: 'store_unavailable' } })
      t.equal((await fetch(`${replica.url}/livez`)).status, 200)
    }
    await proxy.open()
    t.match(await readiness(one), { status: 200, body: { status: 'ready' } })
    t.match(await one.post('/send-text-code', { phoneNumber: TO, code: '222222' }), { status: 200 })
    t.match(await other.post('/send-text-code', { phoneNumber: TO, code: '222222' }), { status: 200 })
    t.equal(one.sandbox.messages.length, 2)
  })

  t.test('a store that stops in the midst of everything costs nobody more than the time that a hook has', async (t) => {
    const { one, other, proxy } = await openTwo(t, server, { settings: { DIRECT_BUDGET_MS: '500' } })
    await Promise.all([one.post('/send-text-code', { phoneNumber: TO, code: '111111' }), readiness(one), readiness(other)])
    proxy.hold()
    const asked = await Promise.all([one, other].map((replica) => replica.post('/send-text-code', { phoneNumber: TO, code: '222222' })))
    for (const reply of asked) t.match(reply, { status: 503, body: { code: 'store_unavailable' } })
    t.match(await readiness(other), { status: 503, body: { status: 'store_unavailable' } })
    proxy.resume()
    const sent = await untilAccepted(one, '222222')
    t.equal(sent.status, 200)
    t.same(one.sandbox.messages.filter(({ text }) => text.includes('222222')).length, 1)
  })

  t.test('connections that are killed under load lose no message and send none twice', async (t) => {
    const { one, other, proxy } = await openTwo(t, server)
    const codes = Array.from({ length: 60 }, (_, index) => String(100_000 + index))
    const asking = codes.map(async (code, index) => {
      if (index % 20 === 10) proxy.cut()
      return await untilAccepted(index % 2 === 0 ? one : other, code)
    })
    const replies = await Promise.all(asking)
    t.same(replies.filter(({ status }) => ![200, 202].includes(status)), [])
    for (const code of codes) {
      const sent = one.sandbox.messages.filter(({ text }) => text.includes(code)).length
      t.ok(sent <= 1, code)
    }
  })
}

const readiness = async ({ url }: TestGateway): Promise<{ readonly status: number, readonly body: any }> => {
  const response = await fetch(`${url}/readyz`, { headers: { authorization: `Bearer ${ADMIN}` } })
  return { status: response.status, body: await response.json() }
}

/** Asks as a caller does that is told to try again: until it is told something else. */
const untilAccepted = async (replica: TestGateway, code: string): Promise<Awaited<ReturnType<TestGateway['post']>>> => {
  const reply = await replica.post('/send-text-code', { phoneNumber: TO, code })
  return reply.status === 503 ? await untilAccepted(replica, code) : reply
}

const server = await startPostgres(t)
if ('absent' in server) t.pass(server.absent)
else addTests(server)
