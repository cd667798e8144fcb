import t from 'tap'
import { StoreUnavailable, type Sql } from '../../src/store/sql.ts'
import { ADMIN, SECRET, startTestGateway } from '../support/gateway.ts'

const MESSAGE = { phoneNumber: '+14155550123', code: '482913' }

t.test('a caller sees its own deliveries, the admin sees all, and for everybody else there is nothing', async (t) => {
  const { post, url } = await startTestGateway(t, { settings: { CALLERS: 'shop:the-secret-of-the-shop' } })
  const { body } = await post('/send-text-code', MESSAGE)
  const ask = async (path: string, authorization?: string): Promise<[number, string]> => {
    const reply = await fetch(`${url}${path}`, { headers: authorization === undefined ? {} : { authorization } })
    const { id, code } = await reply.json() as { id: string, code: string }
    return [reply.status, id ?? code]
  }
  const own = `/deliveries/${body.id}`
  t.same(await ask(own, `Bearer ${SECRET}`), [200, body.id])
  t.same(await ask(own, `Bearer ${ADMIN}`), [200, body.id])
  for (const authorization of [undefined, '', 'Bearer ', 'Bearer wrong', 'Bearer the-secret-of-the-shop']) {
    t.same(await ask(own, authorization), [404, 'not_found'], String(authorization))
  }
  for (const path of [
    '/deliveries/01a1fcbf-a15a-764d-8bfd-6ca45f16d75c', '/deliveries/1', '/deliveries/%27%20OR%201=1', `/deliveries/${body.id.toUpperCase()}`, '/deliveries/'
  ]) {
    t.same(await ask(path, `Bearer ${ADMIN}`), [404, 'not_found'], path)
  }
  for (const length of [70, 100, 1000]) t.same(await ask(`/deliveries/${'a'.repeat(length)}`), [404, 'not_found'], String(length))
})

t.test('without an admin secret nobody is the admin', async (t) => {
  const { post, url } = await startTestGateway(t, { settings: { ADMIN_SECRET: '' } })
  const { body } = await post('/send-text-code', MESSAGE)
  for (const authorization of ['', 'Bearer ', `Bearer ${ADMIN}`, 'Bearer undefined']) {
    t.equal((await fetch(`${url}/deliveries/${body.id}`, { headers: { authorization } })).status, 404)
  }
})

t.test('a delivery that is not finished shows what there is of it', async (t) => {
  let store: Sql | undefined
  const { post, sandbox, delivery } = await startTestGateway(t, { settings: { DIRECT_BUDGET_MS: '5000' }, wrapSql: (sql) => { store = sql; return sql } })
  sandbox.script(MESSAGE.phoneNumber, { sms: { hang: true } })
  const asked = post('/send-text-code', MESSAGE).catch(() => {})
  await sandbox.waitFor('request')
  const [{ id }] = await store?.read({ text: 'SELECT id FROM deliveries', parameters: {} }) as [{ id: string }]
  const found = await delivery(id)
  t.match(found, { status: 'pending', attempts: [{ status: 'pending', finishedAt: undefined }] })
  t.same(found.timeline.map(({ what }: { what: string }) => what), ['delivery.requested', 'attempt.started'])
  await sandbox.close()
  await asked
})

t.test('a delivery shows its plan, and of each attempt how long it took, what the vendor called it and what can be done', async (t) => {
  const { post, sandbox, delivery, reaches } = await startTestGateway(t)
  const { body } = await post('/send-text-code', MESSAGE)
  const found = await reaches(body.id, 'delivered')
  t.same(found.plan, ['acs-sms'])
  t.match(found, { attempts: [{ provider: 'acs-sms', reference: sandbox.messages[0]?.id, milliseconds: Number }] })
  t.equal('usedAt' in found || 'transaction' in found.attempts[0] || 'hint' in found.attempts[0], false)
  sandbox.script(MESSAGE.phoneNumber, { sms: { httpError: { status: 401 } } })
  await post('/send-text-code', { ...MESSAGE, code: '111111' })
  const failed = await delivery((await post('/send-text-code', { ...MESSAGE, code: '222222' })).body.id)
  t.match(failed, { status: 'failed', attempts: [{ reason: 'credentials', vendorCode: String }] })
})

const use = async (url: string, id: string, authorization?: string): Promise<number> => {
  const reply = await fetch(`${url}/deliveries/${id}/used`, { method: 'POST', headers: authorization === undefined ? {} : { authorization } })
  const body = await reply.text()
  if (reply.status === 204) t.equal(body, '')
  else t.match(JSON.parse(body), { code: 'not_found' })
  return reply.status
}

t.test('that a code was used is noted once, with its moment, and told', async (t) => {
  const { clock, delivery, events, post, reaches, url } = await startTestGateway(t)
  const { body: { id } } = await post('/send-text-code', MESSAGE)
  await reaches(id, 'delivered')
  clock.advance(7000)
  const usedAt = new Date(clock()).toISOString()
  t.equal(await use(url, id, SECRET), 204)
  clock.advance(7000)
  t.equal(await use(url, id, SECRET), 204, 'again is no failure')
  t.equal(await use(url, id, `Bearer ${ADMIN}`), 204)
  t.match(events.filter(({ type }) => type === 'delivery.used'), [{ type: 'delivery.used', delivery: id }])
  t.equal(events.filter(({ type }) => type === 'delivery.used').length, 1)
  const found = await delivery(id)
  t.match(found, { status: 'delivered', usedAt })
  t.match(found.timeline.at(-1), { at: usedAt, what: 'code.used' })
})

t.test('of many who tell it at the same time one is the first', async (t) => {
  const { events, post, url } = await startTestGateway(t)
  const { body: { id } } = await post('/send-text-code', MESSAGE)
  const replies = await Promise.all(Array.from({ length: 10 }, () => use(url, id, SECRET)))
  t.same(new Set(replies), new Set([204]))
  t.equal(events.filter(({ type }) => type === 'delivery.used').length, 1)
})

t.test('a caller tells of its own codes, the admin of all, and for everybody else there is nothing', async (t) => {
  const { delivery, events, post, url } = await startTestGateway(t, { settings: { CALLERS: 'shop:the-secret-of-the-shop' } })
  const { body: { id } } = await post('/send-text-code', MESSAGE)
  for (const authorization of [undefined, '', 'Bearer ', 'Bearer wrong', 'Bearer the-secret-of-the-shop']) {
    t.equal(await use(url, id, authorization), 404, String(authorization))
  }
  for (const other of ['01a1fcbf-a15a-764d-8bfd-6ca45f16d75c', '1', '%27%20OR%201=1', id.toUpperCase()]) t.equal(await use(url, other, ADMIN), 404, other)
  t.equal((await delivery(id)).usedAt, undefined)
  t.equal(events.some(({ type }) => type === 'delivery.used'), false)
  t.equal(await use(url, id, ADMIN), 204)
})

t.test('where the store is down, whoever tells that a code was used hears so', async (t) => {
  let down = false
  const { post, url } = await startTestGateway(t, {
    wrapSql: (sql) => ({
      read: (step) => sql.read(step), write: (steps) => down ? Promise.reject(new StoreUnavailable()) : sql.write(steps), follow: (topic, wake) => sql.follow(topic, wake), check: () => sql.check(), close: () => sql.close()
    })
  })
  const { body: { id } } = await post('/send-text-code', MESSAGE)
  down = true
  const reply = await fetch(`${url}/deliveries/${id}/used`, { method: 'POST', headers: { authorization: SECRET } })
  t.match([reply.status, await reply.json()], [503, { code: 'store_unavailable' }])
})
