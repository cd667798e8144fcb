import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createDue } from '../../src/store/due.ts'
import type { Sql } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'

interface Stand extends TestGateway {
  /** What the app was told, message by message. */
  readonly told: Array<{ readonly type: string, readonly data: Record<string, string> }>
  /** Makes a session, and starts a verification of the number with it; gives its id, and the headers of who has it. */
  start (reference: string): Promise<{ readonly id: string, readonly headers: Record<string, string> }>
  /** Does what has fallen due: the ends, and then what is told of them. */
  run (): Promise<void>
}

const openStand = async (t: Test, answer: (reply: ServerResponse) => void = (reply) => { reply.writeHead(204).end() }): Promise<Stand> => {
  const told: Stand['told'] = []
  const receiver = createServer(async (request, reply) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk as string
    told.push(JSON.parse(body))
    answer(reply)
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  t.teardown(() => {
    receiver.closeAllConnections()
    receiver.close()
  })
  const gateway = await startTestGateway(t, {
    settings: {
      VERIFICATION_WEBHOOK_URL: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`,
      VERIFICATION_WEBHOOK_SECRET: `whsec_${Buffer.alloc(24, 'secret').toString('base64')}`
    }
  })
  return {
    ...gateway,
    told,
    async start (reference) {
      const { body: { token } } = await gateway.post('/verify/sessions', { reference })
      const headers = { authorization: `Bearer ${token as string}` }
      const { body: { id } } = await gateway.post('/verifications', { to: NUMBER }, headers)
      return { id, headers }
    },
    async run () {
      await gateway.gateway.housekeeping.runDue()
      await gateway.gateway.housekeeping.runDue()
    }
  }
}

t.test('an app is told how it ended, with its own word for what it was about', async (t) => {
  const { start, post, run, sandbox, told } = await openStand(t)
  const { id, headers } = await start('order 4711')
  const { text } = await sandbox.waitFor('message')
  t.match((await post(`/verifications/${id}/check`, { code: /\b\d{6}\b/.exec(text)?.[0] }, headers)).body, { valid: true })
  await run()
  await run()
  t.match(told, [{ type: 'verification.approved', data: { id, reference: 'order 4711', caller: 'default', number: '+1••••••0123' } }])
  t.equal(told.length, 1)
})

t.test('one that is for a number that somebody else is about to verify ends like any other, and is never approved', async (t) => {
  const { start, post, run, clock, sandbox, told } = await openStand(t)
  const real = await start('the first')
  const decoy = await start('the second')
  const { text } = await sandbox.waitFor('message')
  const code = /\b\d{6}\b/.exec(text)?.[0]
  t.match((await post(`/verifications/${decoy.id}/check`, { code }, decoy.headers)).body, { valid: false, status: 'pending' })
  t.match((await post(`/verifications/${real.id}/check`, { code }, real.headers)).body, { valid: true })
  await run()
  t.same(told.map(({ type, data: { id } }) => [type, id]), [['verification.approved', real.id]])
  clock.advance(300_000)
  await run()
  t.same(told.slice(1).map(({ type, data: { id, reference } }) => [type, id, reference]), [['verification.expired', decoy.id, 'the second']])
  t.same(Object.keys(told[1]?.data as object), Object.keys(told[0]?.data as object), 'there is nothing else in it')
  t.equal(sandbox.messages.length, 1)
})

t.test('where nobody is told any more, what is still due is dropped', async (t) => {
  let store: Sql | undefined
  const { gateway: { housekeeping } } = await startTestGateway(t, { wrapSql: (sql) => { store = sql; return sql } })
  const due = createDue(store as Sql)
  await due.add({ id: '01a1fcbf-a15a-764d-8bfd-6ca45f16d75c', kind: 'verification-webhook' }, 0)
  await housekeeping.runDue()
  t.same(await store?.read({ text: 'SELECT id FROM due', parameters: {} }), [])
})

t.test('a gateway that ends while a receiver is slow has not failed to tell it', async (t) => {
  const asked = createGate()
  const { start, run, clock, gateway, events } = await openStand(t, asked.open)
  const { id } = await start('order 4711')
  clock.advance(300_000)
  const work = run()
  await asked.opened
  await gateway.close()
  await work
  t.match(events.filter(({ type }) => type === 'verification.ended'), [{ verification: id, status: 'expired' }])
  t.same(events.filter(({ type }) => type === 'webhook.failed' || type === 'work.failed'), [])
})
