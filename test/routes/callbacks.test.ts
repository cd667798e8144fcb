import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { Track } from '../../src/delivery/track.ts'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { ReportSignal, Signal } from '../../src/domain/signal.ts'
import { createLogger } from '../../src/observability/logger.ts'
import type { CallbackReader, CallbackRequest, ReceivedCallback } from '../../src/providers/provider.ts'
import { callbackRoutes } from '../../src/routes/callbacks.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'

const MESSAGE = '/events/twilio/message'
const CALL = '/events/twilio/call'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const SIGNAL: ReportSignal = {
  kind: 'report', channel: 'sms', attempt: undefined, reference: 'SM1', key: 'SM1 delivered', what: 'report.delivered', status: 'delivered', reason: undefined, vendorCode: undefined
}

const signalsOf = (options: Partial<Extract<ReceivedCallback, { kind: 'signals' }>> = {}): ReceivedCallback =>
  ({ kind: 'signals', signals: [SIGNAL], ignored: [], reply: undefined, ...options })

interface CallbackWorld extends RecordedBus {
  readonly app: FastifyInstance
  readonly unfinished: Unfinished
  /** What the reader was given. */
  readonly read: CallbackRequest[]
  readonly tracked: Array<readonly [string, readonly Signal[]]>
  readonly log: string[]
}

/** The routes, in front of a reader and a track that do as the test says. */
const openCallbacks = async (t: Test, received: ReceivedCallback | (() => ReceivedCallback), track: Track = async () => {}): Promise<CallbackWorld> => {
  const recorded = recordBus()
  const unfinished = createUnfinished(recorded.bus)
  const [read, tracked, log]: [CallbackRequest[], Array<readonly [string, readonly Signal[]]>, string[]] = [[], [], []]
  const reader: CallbackReader = {
    read (request) {
      read.push(request)
      return typeof received === 'function' ? received() : received
    }
  }
  const app = await createHttpApp({ logger: createLogger({ level: 'info', destination: { write: (line) => { log.push(line) } } }), withDocs: false, isDraining: () => false })
  t.teardown(() => app.close())
  await app.register(callbackRoutes({
    hint: 'look there',
    vendor: 'twilio',
    reader,
    unfinished,
    bus: recorded.bus,
    track: async (vendor, signals) => {
      tracked.push([vendor, signals])
      await track(vendor, signals)
    }
  }))
  return { ...recorded, app, unfinished, read, tracked, log }
}

t.test('a form is read with its headers, and its query exactly as it came', async (t) => {
  const { app, read, tracked } = await openCallbacks(t, signalsOf())
  const search = '?attempt=a%2Fb&x=%E2%82%AC&y=a+b&&?'
  const reply = await app.inject({ method: 'POST', url: `${MESSAGE}${search}`, headers: { ...FORM, 'x-twilio-signature': 'signed' }, payload: 'MessageSid=SM1&To=%2B49151&Body=a+b%26c&Empty=&Twice=1&Twice=2' })
  t.match([reply.statusCode, reply.body], [204, ''])
  t.match(read, [{ about: 'message', search, headers: { 'x-twilio-signature': 'signed' } }])
  t.same({ ...read[0]?.form }, { MessageSid: 'SM1', To: '+49151', Body: 'a b&c', Empty: '', Twice: ['1', '2'] })
  t.same(tracked, [['twilio', [SIGNAL]]])
})

t.test('callbacks of calls have a route of their own; one without a query or a body is read as well', async (t) => {
  const { app, read } = await openCallbacks(t, signalsOf({ signals: [] }))
  t.equal((await app.inject({ method: 'POST', url: CALL, headers: FORM, payload: '' })).statusCode, 204)
  t.equal((await app.inject({ method: 'POST', url: CALL })).statusCode, 204)
  t.match(read, [{ about: 'call', search: '' }, { about: 'call', search: '' }])
  t.same(read.map(({ form }) => ({ ...form })), [{}, {}])
})

t.test('what is not signed changes nothing', async (t) => {
  for (const url of [MESSAGE, CALL]) {
    const { app, events, tracked } = await openCallbacks(t, { kind: 'forged' })
    const reply = await app.inject({ method: 'POST', url, headers: FORM, payload: 'MessageSid=SM1' })
    t.equal(reply.statusCode, 403)
    t.match(reply.json(), { code: 'signature_invalid' })
    t.same([tracked, events], [[], [{ type: 'callback.forged', vendor: 'twilio', hint: 'look there' }]])
  }
})

t.test('what is passed over is counted', async (t) => {
  const { app, events } = await openCallbacks(t, signalsOf({ signals: [], ignored: ['unknown', 'malformed', 'unknown', 'foreign'] }))
  t.equal((await app.inject({ method: 'POST', url: MESSAGE, headers: FORM, payload: '' })).statusCode, 204)
  t.same(events, [
    { type: 'events.ignored', provider: 'twilio', why: 'unknown', count: 2 },
    { type: 'events.ignored', provider: 'twilio', why: 'malformed', count: 1 },
    { type: 'events.ignored', provider: 'twilio', why: 'foreign', count: 1 }
  ])
})

t.test('a report that cannot be taken is to be sent again', async (t) => {
  const { app, log, unfinished, tracked } = await openCallbacks(t, signalsOf(), () => Promise.reject(new StoreUnavailable()))
  const reply = await app.inject({ method: 'POST', url: MESSAGE, headers: FORM, payload: 'MessageSid=SM1' })
  t.equal(reply.statusCode, 503)
  t.equal(log.filter((line) => line.includes('request.failed')).length, 1)
  await unfinished.run()
  t.equal(tracked.length, 1, 'and is not kept here')
})

t.test('a person on the line hears what comes next, whether it can be written down or not', async (t) => {
  const written = createGate()
  const xml = '<Response><Say>4 8 2 9 1 3</Say></Response>'
  const { app, log } = await openCallbacks(t, signalsOf({ reply: new SensitiveText(xml) }), () => written.opened)
  const reply = await app.inject({ method: 'POST', url: CALL, headers: FORM, payload: 'CallSid=CA1' })
  t.match([reply.statusCode, reply.body], [200, xml])
  t.match(reply.headers, { 'content-type': 'text/xml; charset=utf-8', 'cache-control': 'no-store' })
  t.notMatch(log.join(), /4 8 2 9 1 3/)
  written.open()
})

t.test('what a call told and could not be written down is kept until it can', async (t) => {
  let down = true
  const failed = createGate()
  const { app, events, next, tracked, unfinished } = await openCallbacks(t, signalsOf({ reply: new SensitiveText('<Response/>') }), async () => {
    if (down) throw new StoreUnavailable()
    failed.open()
  })
  const told = next('work.failed')
  t.equal((await app.inject({ method: 'POST', url: CALL, headers: FORM, payload: 'CallSid=CA1' })).statusCode, 200)
  t.match(await told, { what: 'recording a call', error: StoreUnavailable })
  await t.rejects(unfinished.run(), StoreUnavailable)
  down = false
  await unfinished.run()
  await failed.opened
  t.equal(tracked.length, 4)
  t.equal(events.length, 1)
})

t.test('a body that is no form, or too large, is refused unread', async (t) => {
  const { app, read } = await openCallbacks(t, signalsOf())
  for (const [headers, payload, status, code] of [
    [{ 'content-type': 'application/json' }, '{"MessageSid":"SM1"}', 415, 'unsupported_media_type'],
    [{ 'content-type': 'text/plain' }, 'MessageSid=SM1', 415, 'unsupported_media_type'],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, '--x--', 415, 'unsupported_media_type'],
    [FORM, `Body=${'a'.repeat(64 * 1024)}`, 413, 'body_too_large']
  ] as const) {
    const reply = await app.inject({ method: 'POST', url: MESSAGE, headers, payload })
    t.match([reply.statusCode, reply.json()], [status, { code }], headers['content-type'])
  }
  t.same(read, [])
})

t.test('names that could poison an object are fields like others', async (t) => {
  const { app, read } = await openCallbacks(t, signalsOf())
  await app.inject({ method: 'POST', url: MESSAGE, headers: FORM, payload: '__proto__=x&constructor=y&toString=z' })
  t.equal(({} as Record<string, unknown>).x, undefined)
  t.equal(typeof ({}).toString, 'function')
  t.equal(read[0]?.form.constructor, 'y')
})

t.test('a reader with a bug is a fault of ours, which the vendor sends again and is not told of', async (t) => {
  const { app, log, tracked } = await openCallbacks(t, () => { throw new TypeError('the code is 482913') })
  const reply = await app.inject({ method: 'POST', url: MESSAGE, headers: FORM, payload: 'MessageSid=SM1' })
  t.match([reply.statusCode, reply.json()], [500, { code: 'internal' }])
  t.notMatch(`${reply.body}${log.join()}`, /482913/)
  t.same(tracked, [])
})

t.test('only these two are there, and only to be posted to', async (t) => {
  const { app } = await openCallbacks(t, signalsOf())
  t.equal((await app.inject({ method: 'GET', url: MESSAGE })).statusCode, 405)
  for (const [method, url] of [['POST', '/events/twilio'], ['POST', '/events/twilio/other'], ['POST', '/events/acs/message']] as const) {
    t.equal((await app.inject({ method, url, headers: FORM, payload: '' })).statusCode, 404, `${method} ${url}`)
  }
})
