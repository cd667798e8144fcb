import { createHmac, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createKeys } from '../../src/domain/keys.ts'
import { FINAL_STATUSES } from '../../src/domain/verification.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createHttpClient, type HttpClient } from '../../src/providers/http-client.ts'
import { statement, StoreUnavailable } from '../../src/store/sql.ts'
import type { TakenWork } from '../../src/store/due.ts'
import type { VerificationRecord } from '../../src/store/verifications.ts'
import { createWebhook, WEBHOOK_PAUSES, type Webhook, type WebhookDeps } from '../../src/verification/webhook.ts'
import { createGate } from '../support/gate.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'
import { sealNumber } from '../../src/verification/sealed-code.ts'
import { numberOf } from '../support/message.ts'
import { recordOf } from './record.ts'

const KIND = 'verification-webhook'
const { id: ID } = recordOf()
const readDue = statement('SELECT due_at FROM due WHERE kind = :kind')
const NOW = Date.UTC(2026, 10, 21, 12, 3, 4, 567)
const KEYS = createKeys([randomBytes(32)])
const SECRET = randomBytes(24).toString('base64')

interface Told {
  readonly path: string | undefined
  readonly method: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

interface WebhookWorld extends World, RecordedBus {
  /** What the receiver was told. */
  readonly told: Told[]
  readonly url: string
  readonly http: HttpClient
  /** What tells of ends, as a process has it. */
  webhook (options?: Partial<WebhookDeps>): Webhook
  /** Takes what is due and tells it; `undefined` where nothing was due. */
  run (options?: Partial<WebhookDeps>, webhook?: Webhook): Promise<'kept' | undefined>
  /** How many milliseconds from now the work is due; `undefined` where it is done. */
  dueIn (): Promise<number | undefined>
}

type Answer = (reply: ServerResponse, told: Told) => void

const status = (code: number, headers: Record<string, string> = {}): Answer => (reply) => { reply.writeHead(code, headers).end() }

/** A receiver that answers so, and an end that is due to be told to it. */
const openWebhook = async (t: Test, answer: Answer = status(204), record: VerificationRecord | undefined = recordOf()): Promise<WebhookWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const told: Told[] = []
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { url: path, method, headers } = request
    const one = { path, method, headers, body: Buffer.concat(chunks).toString() }
    told.push(one)
    answer(reply, one)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const http = createHttpClient()
  t.teardown(async () => {
    await http.close()
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const take = async (): Promise<TakenWork | undefined> => (await world.due.take(KIND, 50, 30_000))[0]
  await world.due.add({ id: ID, kind: KIND }, 0)
  const webhook: WebhookWorld['webhook'] = (options) => createWebhook({
    url: new URL(`${url}/ends?of=codes`),
    secrets: [new SensitiveText(SECRET)],
    keys: KEYS,
    http,
    verifications: { find: async () => record },
    due: world.due,
    now: () => NOW,
    random: () => 0,
    bus: recorded.bus,
    ...options
  })
  return {
    ...world,
    ...recorded,
    told,
    url,
    http,
    webhook,
    async run (options, by = webhook(options)) {
      const work = await take()
      return work && await by.tell(work.id, work.tries) as 'kept' | undefined
    },
    async dueIn () {
      const [row] = await world.sql.read(readDue({ kind: KIND }))
      return row && row.due_at as number - world.clock()
    }
  }
}

/** As a receiver checks it by the specification. */
const isSignedBy = ({ headers, body }: Told, secret: string): boolean => {
  const expected = createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(`${headers['webhook-id'] as string}.${headers['webhook-timestamp'] as string}.${body}`).digest('base64')
  return (headers['webhook-signature'] as string).split(' ').includes(`v1,${expected}`)
}

t.test('the receiver is told how it ended, with a signature, once', async (t) => {
  const { run, told, dueIn, events } = await openWebhook(t)
  t.equal(await run(), 'kept', 'it has removed its work itself')
  t.equal(await dueIn(), undefined)
  t.equal(await run(), undefined)
  t.equal(told.length, 1)
  const [one] = told as [Told]
  t.match(one, {
    path: '/ends?of=codes',
    method: 'POST',
    headers: { 'content-type': 'application/json', 'webhook-id': `msg_${ID}`, 'webhook-timestamp': String(Math.floor(NOW / 1000)) }
  })
  t.same(JSON.parse(one.body), {
    type: 'verification.approved',
    timestamp: '2026-11-21T12:01:00.000Z',
    data: {
      id: ID,
      caller: 'shop',
      status: 'approved',
      profile: 'login',
      channel: 'sms',
      number: '+1••••••0123',
      createdAt: '2026-11-21T12:00:00.000Z',
      endedAt: '2026-11-21T12:01:00.000Z'
    }
  })
  t.ok(isSignedBy(one, SECRET))
  t.notOk(isSignedBy({ ...one, body: one.body.replace('approved', 'failed') }, SECRET))
  t.same(events, [])
})

for (const ending of FINAL_STATUSES) {
  t.test(`an end that is ${ending} has a type of its own`, async (t) => {
    const { run, told } = await openWebhook(t, status(200), recordOf({ status: ending }))
    await run()
    t.match(JSON.parse((told[0] as Told).body), { type: `verification.${ending}`, data: { status: ending } })
  })
}

t.test('each secret signs', async (t) => {
  const secrets = [1, 2].map(() => randomBytes(32).toString('base64')) as [string, string]
  const { run, told } = await openWebhook(t)
  await run({ secrets: secrets.map((secret) => new SensitiveText(secret)) })
  const [one] = told as [Told]
  t.match(one.headers['webhook-signature'], /^v1,\S{44} v1,\S{44}$/)
  for (const secret of secrets) t.ok(isSignedBy(one, secret))
  t.notOk(isSignedBy(one, SECRET))
})

t.test('the app\'s own word for what it is about comes with it, where it gave one', async (t) => {
  const { run, told } = await openWebhook(t, status(204), recordOf({ sealedNumber: sealNumber(numberOf('+14155550123'), ID, KEYS, 'order 4711') }))
  await run()
  t.equal(JSON.parse((told[0] as Told).body).data.reference, 'order 4711')
  t.notMatch((told[0] as Told).body, /4155550123/)
})

t.test('a message has nothing by which its code, its number or who started it could be known', async (t) => {
  const { run, told } = await openWebhook(t, status(204), recordOf({ sealed: 'sealed code', askedHash: 'asked' }))
  await run()
  t.notMatch((told[0] as Told).body, /sealed|digest|asked|4155550/)
})

t.test('where there is nothing to tell, the work is over', async (t) => {
  for (const record of [undefined, recordOf({ status: 'pending', endedAt: undefined })]) {
    const { run, told } = await openWebhook(t, status(204), recordOf())
    t.equal(await run({ verifications: { find: async () => record } }), undefined)
    t.same(told, [])
  }
})

t.test('an end whose moment nobody wrote down is told all the same', async (t) => {
  const { run, told } = await openWebhook(t, status(204), recordOf({ endedAt: undefined }))
  await run()
  t.match(JSON.parse((told[0] as Told).body), { timestamp: '2026-11-21T12:00:00.000Z' })
})

for (const [what, answer, code] of [
  ['a fault of its own', status(500), 500],
  ['a refusal', status(400), 400],
  ['no such address', status(404), 404],
  ['another address, which is not followed', status(307, { location: '/elsewhere' }), 307],
  ['too much to read', (reply) => { reply.writeHead(200).end('x'.repeat(300 * 1024)) }, undefined],
  ['nothing, and hangs up', (reply) => { reply.destroy() }, undefined]
] as Array<[string, Answer, number | undefined]>) {
  t.test(`a receiver that answers with ${what} is told again, with the same id`, async (t) => {
    const { run, told, dueIn, clock, events } = await openWebhook(t, answer)
    t.equal(await run(), 'kept')
    t.equal(await dueIn(), 5000)
    t.same(events, [{ type: 'webhook.failed', verification: ID, tries: 1, status: code, isGivenUp: false }])
    clock.advance(4999)
    t.equal(await run(), undefined, 'not before its time')
    clock.advance(1)
    await run({ now: () => NOW + 5000 })
    t.equal(told.length, 2)
    const [first, second] = told as [Told, Told]
    t.same([first, second].map(({ path }) => path), ['/ends?of=codes', '/ends?of=codes'])
    t.equal(second.headers['webhook-id'], first.headers['webhook-id'])
    t.equal(second.body, first.body)
    t.equal(Number(second.headers['webhook-timestamp']), Number(first.headers['webhook-timestamp']) + 5, 'signed anew: receivers take nothing old')
    t.ok(isSignedBy(second, SECRET))
  })
}

t.test('a receiver that is not there is told later', async (t) => {
  const { run, url, http, dueIn, events } = await openWebhook(t)
  const port = Number(new URL(url).port)
  const refusing: Pick<HttpClient, 'request'> = { request: (request) => http.request({ ...request, url: new URL(`http://127.0.0.1:${port === 1 ? 2 : 1}/`) }) }
  await run({ http: refusing })
  t.equal(await dueIn(), 5000)
  t.match(events, [{ status: undefined, isGivenUp: false }])
})

t.test('it is told ten times, over three days, and then no more', async (t) => {
  const { run, told, dueIn, clock, events } = await openWebhook(t, status(500))
  const pauses = []
  for (const pause of WEBHOOK_PAUSES) {
    await run()
    pauses.push(await dueIn())
    clock.advance(pause)
  }
  t.same(pauses, [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400].map((seconds) => seconds * 1000))
  t.equal(await run(), 'kept')
  t.equal(await dueIn(), undefined)
  t.equal(told.length, 10)
  t.same(events.map((event) => event.type === 'webhook.failed' && [event.tries, event.isGivenUp]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((tries) => [tries, tries === 10]))
})

t.test('what failed together does not come back together', async (t) => {
  const { run, dueIn } = await openWebhook(t, status(500))
  await run({ random: () => 1 })
  t.equal(await dueIn(), 5500)
  const { run: again, dueIn: againIn } = await openWebhook(t, status(500))
  await again({ random: undefined as never })
  const pause = await againIn() as number
  t.ok(pause >= 5000 && pause <= 5500, String(pause))
})

t.test('a receiver that is gone is told nothing any more', async (t) => {
  const { run, told, dueIn, events } = await openWebhook(t, status(410))
  await run()
  t.equal(await dueIn(), undefined)
  t.equal(told.length, 1)
  t.same(events, [{ type: 'webhook.failed', verification: ID, tries: 1, status: 410, isGivenUp: true }])
})

for (const [what, answer, pause] of [
  ['429 and a minute', status(429, { 'retry-after': '60' }), 60_000],
  ['503 and a minute', status(503, { 'retry-after': '60' }), 60_000],
  ['503 and a moment', status(503, { 'retry-after': 'Sat, 21 Nov 2026 12:01:00 GMT', date: 'Sat, 21 Nov 2026 12:00:00 GMT' }), 60_000],
  ['503 and a second, which is less than is waited anyway', status(503, { 'retry-after': '1' }), 5000],
  ['503 and a year', status(503, { 'retry-after': '31536000' }), 3_600_000],
  ['503 and nonsense', status(503, { 'retry-after': 'soon' }), 5000],
  ['503 alone', status(503), 5000],
  ['500 and a minute, which it has no say in', status(500, { 'retry-after': '60' }), 5000]
] as Array<[string, Answer, number]>) {
  t.test(`a receiver that answers with ${what} is told again in ${pause / 1000} s`, async (t) => {
    const { run, dueIn } = await openWebhook(t, answer)
    await run()
    t.equal(await dueIn(), pause)
  })
}

t.test('a receiver that is slow holds nobody up, and what comes of it is written down all the same', async (t) => {
  for (const [code, dueIn] of [[204, undefined], [500, 5000]] as const) {
    const gate = createGate()
    const world = await openWebhook(t, (reply) => { gate.opened.then(() => reply.writeHead(code).end(), t.fail) })
    const written = new Promise<void>((resolve) => {
      const noting = (write: () => Promise<void>): Promise<void> => write().finally(resolve)
      world.run({ patience: 1, due: { done: (work) => noting(() => world.due.done(work)), later: (work, delay) => noting(() => world.due.later(work, delay)) } })
        .then((kept) => {
          t.equal(kept, 'kept')
          gate.open()
        }, t.fail)
    })
    await written
    t.equal(await world.dueIn(), dueIn)
  }
})

t.test('where the store is away when a slow receiver answers, it is told again once the work is nobody\'s any more', async (t) => {
  const gate = createGate()
  const { run, webhook, due, clock, told, events } = await openWebhook(t, (reply) => { gate.opened.then(() => reply.writeHead(204).end(), t.fail) })
  const error = new StoreUnavailable()
  const failing = webhook({ patience: 1, due: { ...due, done: async () => { throw error } } })
  t.equal(await run({}, failing), 'kept')
  t.same(events, [])
  gate.open()
  await failing.stop()
  t.same(events, [{ type: 'work.failed', what: 'telling how a verification ended', error }], 'and that is told')
  t.equal(await run(), undefined)
  clock.advance(30_000)
  t.equal(await run(), 'kept')
  t.equal(told.length, 2)
})

t.test('a process that ends waits a moment for a receiver that is slow, and writes down what came of it', async (t) => {
  for (const [code, dueIn] of [[204, undefined], [500, 5000]] as const) {
    const gate = createGate()
    const world = await openWebhook(t, (reply) => { gate.opened.then(() => reply.writeHead(code).end(), t.fail) })
    const webhook = world.webhook({ patience: 1 })
    t.equal(await world.run({}, webhook), 'kept')
    const stopped = webhook.stop()
    gate.open()
    await stopped
    t.equal(await world.dueIn(), dueIn)
  }
})

t.test('a receiver that is slower than that is told again by another process: it has not failed', async (t) => {
  const gate = createGate()
  const { run, webhook, clock, told, events, dueIn, http } = await openWebhook(t, (reply) => { gate.opened.then(() => reply.writeHead(500).end(), t.fail) })
  const ending = webhook({ patience: 1, grace: 1 })
  t.equal(await run({}, ending), 'kept')
  await ending.stop()
  await http.close()
  clock.advance(30_000)
  t.equal(await run({}, ending), 'kept')
  t.same(told.length, 1, 'and this one tells nothing any more')
  t.same(events, [])
  gate.open()
  const next = createHttpClient()
  t.teardown(() => next.close())
  clock.advance(30_000)
  t.equal(await run({ http: next }), 'kept')
  t.equal(told.length, 2)
  t.match(events, [{ type: 'webhook.failed', tries: 1 }], 'the stop counted as no try')
  t.equal(await dueIn(), 5000)
})

t.test('a process of which nobody is told anything ends at once', async (t) => {
  const { webhook, events } = await openWebhook(t)
  await webhook({ grace: 60_000 }).stop()
  t.same(events, [])
})

t.test('where the store is away it is heard of, and nothing is told', async (t) => {
  const { run, due, sql, told } = await openWebhook(t)
  await t.rejects(run({ verifications: { find: () => Promise.reject(new StoreUnavailable()) } }), StoreUnavailable)
  t.same(told, [])
  await sql.close()
  await t.rejects(due.take(KIND, 1, 1), StoreUnavailable)
})

t.test('a bug is no failure of the receiver', async (t) => {
  const { run, events, dueIn } = await openWebhook(t)
  const bug = new TypeError('a bug')
  await t.rejects(run({ http: { request: () => Promise.reject(bug) } }), bug)
  t.same(events, [])
  t.ok(await dueIn() as number <= 0, 'it falls due again')
})
