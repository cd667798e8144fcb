import { createHmac, randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { Deadline } from '../../src/domain/deadline.ts'
import type { Receiver } from '../../src/domain/receiver.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createHttpClient } from '../../src/providers/http-client.ts'
import { createWebhookReceiver, type WebhookReceiverDeps } from '../../src/publishing/webhook.ts'
import { eventOf, startReceiver, status, type Answer, type ReceiverServer, type Told } from './stand.ts'

const NOW = Date.UTC(2026, 10, 21, 12, 4, 0, 999)
const SECRET = randomBytes(24).toString('base64')
const LONG = Deadline.in(60_000)

const open = async (t: Test, answer?: Answer, options: Partial<WebhookReceiverDeps> = {}): Promise<{ server: ReceiverServer, receiver: Receiver }> => {
  const server = await startReceiver(t, answer)
  const http = createHttpClient()
  t.teardown(() => http.close())
  const receiver = createWebhookReceiver({ url: server.url, secrets: [new SensitiveText(SECRET)], http, now: () => NOW, source: 'https://codes.example.com', ...options })
  return { server, receiver }
}

/** As a receiver checks it by the specification. */
const isSignedBy = ({ headers, body }: Told, secret: string): boolean => {
  const expected = createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(`${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${body}`).digest('base64')
  return (headers['webhook-signature'] as string).split(' ').includes(`v1,${expected}`)
}

t.test('an event is told by a request that is signed', async (t) => {
  const { server: { told }, receiver } = await open(t)
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const event = eventOf({ data: { delivery: 'd1', number: '+49•••••••5678', milliseconds: 12 }, traceparent })
  t.same(await receiver.publish([event], LONG), { kind: 'taken' })
  t.equal(told.length, 1)
  const [one] = told as [Told]
  t.match(one, {
    path: '/events?of=codes',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'webhook-id': '7-0-mqw', 'webhook-timestamp': String(Math.floor(NOW / 1000)) }
  })
  t.same(JSON.parse(one.body), {
    specversion: '1.0',
    id: '7-0-mqw',
    source: 'https://codes.example.com',
    type: 'phone-code-gateway.delivery.used',
    time: '2026-11-21T12:03:04.567Z',
    timestamp: '2026-11-21T12:03:04.567Z',
    subject: 'deliveries/d1',
    datacontenttype: 'application/json',
    data: { delivery: 'd1', number: '+49•••••••5678', milliseconds: 12 },
    traceparent
  })
  t.ok(isSignedBy(one, SECRET))
  t.notOk(isSignedBy({ ...one, body: one.body.replace('d1', 'd2') }, SECRET))
})

t.test('what is not traced has no trace', async (t) => {
  const { server: { told }, receiver } = await open(t)
  await receiver.publish([eventOf()], LONG)
  t.notOk('traceparent' in JSON.parse((told[0] as Told).body))
})

t.test('each secret signs', async (t) => {
  const secrets = [1, 2].map(() => randomBytes(32).toString('base64')) as [string, string]
  const { server: { told }, receiver } = await open(t, status(200), { secrets: secrets.map((secret) => new SensitiveText(secret)) })
  await receiver.publish([eventOf()], LONG)
  for (const secret of secrets) t.ok(isSignedBy(told[0] as Told, secret))
  t.notOk(isSignedBy(told[0] as Told, SECRET))
})

t.test('several are told one after the other, until one is not taken', async (t) => {
  const { server, receiver } = await open(t, (reply, { headers }) => { reply.writeHead(headers['webhook-id'] === 'b' ? 500 : 200).end() })
  const events = ['a', 'b', 'c'].map((id) => eventOf({ id }))
  t.same(await receiver.publish(events, LONG), { kind: 'failed', status: 500 })
  t.same(server.told.map(({ headers }) => headers['webhook-id']), ['a', 'b'])
  t.equal(receiver.mostAtOnce, 1, 'it asks for no more at once')
})

for (const code of [200, 201, 202, 204]) {
  t.test(`${code}: it is taken`, async (t) => {
    const { receiver } = await open(t, status(code))
    t.same(await receiver.publish([eventOf()], LONG), { kind: 'taken' })
  })
}

for (const code of [400, 409, 413, 415, 422, 451]) {
  t.test(`${code}: it is refused`, async (t) => {
    const { receiver } = await open(t, status(code))
    t.same(await receiver.publish([eventOf()], LONG), { kind: 'refused', status: code })
  })
}

for (const code of [307, 308, 401, 403, 404, 405, 407, 408, 410, 425, 429, 500, 502, 503]) {
  t.test(`${code}: it may be taken later`, async (t) => {
    const { server, receiver } = await open(t, status(code, { location: '/elsewhere' }))
    t.same(await receiver.publish([eventOf()], LONG), { kind: 'failed', status: code })
    t.equal(server.told.length, 1, 'nothing is followed, and nothing is told twice by itself')
  })
}

for (const [what, answer] of [
  ['hangs up', (reply) => { reply.destroy() }],
  ['answers without end', (reply) => { reply.writeHead(200).end('x'.repeat(300 * 1024)) }]
] as Array<[string, Answer]>) {
  t.test(`a receiver that ${what} has perhaps taken it`, async (t) => {
    const { receiver } = await open(t, answer)
    t.same(await receiver.publish([eventOf()], LONG), { kind: 'failed', status: undefined })
  })
}

t.test('a receiver that is silent is waited for no longer than is said', async (t) => {
  const { receiver } = await open(t, () => {})
  for (const milliseconds of [50, 0]) {
    t.same(await receiver.publish([eventOf()], Deadline.in(milliseconds)), { kind: 'failed', status: undefined })
  }
})

t.test('a receiver that is not there has failed', async (t) => {
  const { receiver } = await open(t, status(200), { url: new URL('http://127.0.0.1:1/') })
  t.same(await receiver.publish([eventOf()], LONG), { kind: 'failed', status: undefined })
})
