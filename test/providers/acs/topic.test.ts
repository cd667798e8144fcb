import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import type { LifecycleEvent, Receiver } from '../../../src/domain/receiver.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { createTopicReceiver } from '../../../src/providers/acs/topic.ts'
import { eventOf, startReceiver, status, type Answer, type ReceiverServer, type Told } from '../../publishing/stand.ts'
import { startHttp } from './stand.ts'

const KEY = 'bm90LWEtcmVhbC1rZXktYXQtYWxsLWJ1dC1hcy1sb25n'
const LONG = Deadline.in(60_000)
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

const open = async (t: Test, answer: Answer = status(200), endpoint?: URL): Promise<{ server: ReceiverServer, receiver: Receiver }> => {
  const server = await startReceiver(t, answer)
  const receiver = createTopicReceiver({
    endpoint: endpoint ?? new URL('/api/events', server.url), key: new SensitiveText(KEY), http: startHttp(t), source: 'https://codes.example.com'
  })
  return { server, receiver }
}

const many = (count: number): LifecycleEvent[] => Array.from({ length: count }, (_, index) => eventOf({ id: `7-${index}-mqw`, subject: `deliveries/d${index}` }))

t.test('events are told as a batch of CloudEvents, with the key of the topic', async (t) => {
  const { server: { told }, receiver } = await open(t)
  const events = [
    eventOf({ data: { delivery: 'd1', number: '+49•••••••5678', milliseconds: 12 }, traceparent: TRACEPARENT }),
    eventOf({ id: '7-1-mqw' })
  ]
  t.same(await receiver.publish(events, LONG), { kind: 'taken' })
  t.equal(told.length, 1)
  const [one] = told as [Told]
  t.match(one, {
    path: '/api/events?api-version=2018-01-01',
    method: 'POST',
    headers: { 'aeg-sas-key': KEY, 'content-type': 'application/cloudevents-batch+json; charset=utf-8' }
  })
  const common = {
    specversion: '1.0',
    source: 'https://codes.example.com',
    type: 'phone-code-gateway.delivery.used',
    time: '2026-11-21T12:03:04.567Z',
    subject: 'deliveries/d1',
    datacontenttype: 'application/json'
  }
  t.same(JSON.parse(one.body), [
    { ...common, id: '7-0-mqw', data: { delivery: 'd1', number: '+49•••••••5678', milliseconds: 12 }, traceparent: TRACEPARENT },
    { ...common, id: '7-1-mqw', data: { delivery: 'd1' } }
  ])
  t.notMatch(one.body, new RegExp(KEY))
})

t.test('many are told by one request, in their order', async (t) => {
  const { server: { told }, receiver } = await open(t)
  const events = many(receiver.mostAtOnce)
  t.equal(receiver.mostAtOnce, 100)
  await receiver.publish(events, LONG)
  t.equal(told.length, 1)
  t.same(JSON.parse((told[0] as Told).body).map(({ id }: { id: string }) => id), events.map(({ id }) => id))
})

t.test('as many as are told at once are far below the megabyte that a topic takes', async (t) => {
  const { server: { told }, receiver } = await open(t)
  const long = Object.fromEntries(['delivery', 'caller', 'hook', 'channel', 'country', 'number', 'provider', 'reason', 'vendorCode'].map((name) => [name, 'x'.repeat(128)]))
  await receiver.publish(many(receiver.mostAtOnce).map((event) => ({ ...event, data: long })), LONG)
  t.ok(Buffer.byteLength((told[0] as Told).body) < 256 * 1024)
})

for (const [code, kind] of [
  [202, 'taken'], [204, 'taken'],
  [400, 'refused'], [413, 'refused'],
  [301, 'failed'], [307, 'failed'], [401, 'failed'], [403, 'failed'], [404, 'failed'], [408, 'failed'], [410, 'failed'], [429, 'failed'], [500, 'failed'], [503, 'failed']
] as const) {
  t.test(`${code} is ${kind}, and nothing is told twice by itself`, async (t) => {
    const { server, receiver } = await open(t, status(code, { location: '/elsewhere', 'retry-after': '1' }))
    t.same(await receiver.publish([eventOf()], LONG), kind === 'taken' ? { kind } : { kind, status: code })
    t.equal(server.told.length, 1)
  })
}

t.test('the key leaves in no answer, whatever the topic says', async (t) => {
  const { receiver } = await open(t, (reply, { headers }) => { reply.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ error: { code: 'Unauthorized', message: headers['aeg-sas-key'] } })) })
  t.notMatch(inspect([await receiver.publish([eventOf()], LONG), receiver], { depth: 9, showHidden: true }), KEY)
})

for (const [what, answer] of [
  ['hangs up', (reply) => { reply.destroy() }],
  ['answers without end', (reply) => { reply.writeHead(200).end('x'.repeat(300 * 1024)) }]
] as Array<[string, Answer]>) {
  t.test(`a topic that ${what} has perhaps taken them`, async (t) => {
    const { server, receiver } = await open(t, answer)
    t.same(await receiver.publish([eventOf()], LONG), { kind: 'failed', status: undefined })
    t.equal(server.told.length, 1)
  })
}

t.test('a topic that answers with what it should not has taken them all the same', async (t) => {
  const { receiver } = await open(t, (reply) => { reply.writeHead(200, { 'content-type': 'application/json' }).end('{"not":') })
  t.same(await receiver.publish([eventOf()], LONG), { kind: 'taken' })
})

t.test('a topic that is silent is waited for no longer than is said', async (t) => {
  const { receiver } = await open(t, () => {})
  for (const milliseconds of [50, 0]) {
    t.same(await receiver.publish([eventOf()], Deadline.in(milliseconds)), { kind: 'failed', status: undefined })
  }
})

t.test('a topic that is not there has failed', async (t) => {
  const { receiver } = await open(t, status(200), new URL('http://127.0.0.1:1/api/events'))
  t.same(await receiver.publish([eventOf()], LONG), { kind: 'failed', status: undefined })
})
