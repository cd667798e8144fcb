import t from 'tap'
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
  const { post, sandbox, delivery } = await startTestGateway(t, { settings: { DIRECT_BUDGET_MS: '5000' } })
  sandbox.script(MESSAGE.phoneNumber, { sms: { hang: true } })
  const asked = post('/send-text-code', MESSAGE).catch(() => {})
  await sandbox.waitFor('request')
  const { body } = await post('/send-text-code', MESSAGE)
  const found = await delivery(body.id)
  t.match(found, { status: 'pending', attempts: [{ status: 'pending', finishedAt: undefined }] })
  t.same(found.timeline.map(({ what }: { what: string }) => what), ['delivery.requested', 'attempt.started'])
  await sandbox.close()
  await asked
})
