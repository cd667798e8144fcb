import t, { type Test } from 'tap'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createTracing, NO_TRACING, type Tracing, type TracingConfig } from '../../src/observability/tracing.ts'
import { VERSION } from '../../src/observability/version.ts'
import { startOtlpReceiver, type OtlpReceiver } from '../support/otlp-receiver.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5)
const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`
const DELIVERY = '0199d5a0-1111-7222-8333-444455556666'
const ATTEMPT = '0199d5a0-1111-7222-8333-444455557777'
const END = { status: 200, problem: undefined, delivery: DELIVERY, caller: 'default' }

interface Stand extends RecordedBus {
  readonly collector: OtlpReceiver
  readonly tracing: Tracing
  readonly move: (milliseconds: number) => void
}

const start = async (t: Test, settings: Partial<TracingConfig> = {}, collector?: OtlpReceiver): Promise<Stand> => {
  const receiver = collector ?? await startOtlpReceiver(t)
  const recorded = recordBus()
  let at = NOW
  const tracing = await createTracing({
    url: receiver.url, headers: undefined, protocol: 'http/protobuf', serviceName: 'phone-code-gateway', resourceAttributes: undefined, sampler: 'parentbased_always_on', samplerArgument: undefined, ...settings
  }, { bus: recorded.bus, now: () => at })
  t.teardown(() => tracing.stop())
  return { ...recorded, collector: receiver, tracing, move: (milliseconds) => { at += milliseconds } }
}

type Fact<T extends GatewayEvent['type']> = Extract<GatewayEvent, { type: T }>

const finished = (trace: string | undefined, facts: Partial<Fact<'delivery.finished'>> = {}): GatewayEvent => ({
  type: 'delivery.finished', outcome: 'accepted', delivery: DELIVERY, request: 'r', caller: 'default', hook: 'okta', channel: 'sms', country: 'DE', plan: ['twilio-sms'], provider: 'twilio-sms', reason: undefined, number: '+49•••5678', milliseconds: 120, stages: { claim: 10, admit: 20, send: 80 }, trace, ...facts
} as GatewayEvent)

const attempted = (trace: string | undefined, facts: Partial<Fact<'attempt.finished'>> = {}): GatewayEvent =>
  ({ type: 'attempt.finished', delivery: DELIVERY, attempt: ATTEMPT, provider: 'twilio-sms', channel: 'sms', country: 'DE', result: 'accepted', reason: undefined, vendorCode: undefined, hint: undefined, milliseconds: 70, trace, ...facts })

const updated = (trace: string | undefined, facts: Partial<Fact<'delivery.updated'>> = {}): GatewayEvent =>
  ({ type: 'delivery.updated', delivery: DELIVERY, attempt: ATTEMPT, provider: 'twilio-sms', channel: 'sms', country: 'DE', what: 'report.delivered', status: 'delivered', attemptStatus: 'delivered', attemptWas: 'accepted', reason: undefined, vendorCode: undefined, hint: undefined, attemptedAt: NOW + 30, milliseconds: 4000, trace, ...facts })

for (const protocol of ['http/protobuf', 'http/json'] as const) {
  t.test(`one trace from the request to the report that another process has (${protocol})`, async (t) => {
    const here = await start(t, { protocol, resourceAttributes: 'deployment.environment.name=stage%201,service.name=other' })
    const span = here.tracing.begin('/hooks/okta', undefined)
    here.move(130)
    here.bus.emit(attempted(span.context))
    here.bus.emit(finished(span.context))
    span.end(END)
    await here.tracing.stop()
    const there = await start(t, { protocol }, here.collector)
    there.move(4030)
    there.bus.emit({ type: 'call.event', delivery: DELIVERY, attempt: ATTEMPT, event: 'connected', step: 'code', trace: span.context })
    there.bus.emit(updated(span.context))
    await there.tracing.stop()

    const { spans, requests } = here.collector
    t.equal(requests[0]?.headers['content-type'], protocol === 'http/json' ? 'application/json' : 'application/x-protobuf')
    t.equal(requests[0]?.path, '/v1/traces')
    t.same([...new Set(spans.map(({ trace }) => trace))].length, 1, 'it is one trace')
    const [root] = spans.filter(({ parent }) => parent === undefined)
    t.equal(span.context, `00-${root?.trace}-${root?.id}-01`)
    const told = Object.fromEntries(spans.map(({ name, kind, start, end, parent }) => [name, { kind, from: start - NOW, to: end - NOW, isChild: parent === root?.id }]))
    t.same(told, {
      'POST /hooks/okta': { kind: 2, from: 0, to: 130, isChild: false },
      'send twilio-sms': { kind: 3, from: 60, to: 130, isChild: true },
      claim: { kind: 1, from: 10, to: 20, isChild: true },
      admit: { kind: 1, from: 20, to: 40, isChild: true },
      'call.connected': { kind: 1, from: 4030, to: 4030, isChild: true },
      delivery: { kind: 1, from: 30, to: 4030, isChild: true }
    })
    t.match(root, { status: 0, attributes: { 'http.request.method': 'POST', 'http.route': '/hooks/okta', 'http.response.status_code': 200, 'phone_code.delivery': DELIVERY, 'phone_code.caller': 'default' } })
    t.match(root?.resource, { 'service.name': 'phone-code-gateway', 'service.version': VERSION, 'deployment.environment.name': 'stage 1' })
    t.match(spans.find(({ name }) => name === 'claim')?.attributes, { 'phone_code.hook': 'okta', 'phone_code.channel': 'sms', 'phone_code.country': 'DE', 'phone_code.outcome': 'accepted' })
    t.match(spans.find(({ name }) => name === 'send twilio-sms')?.attributes, { 'phone_code.provider': 'twilio-sms', 'phone_code.attempt': ATTEMPT, 'phone_code.result': 'accepted' })
    t.match(spans.find(({ name }) => name === 'call.connected')?.attributes, { 'phone_code.call_step': 'code' })
    t.match(spans.find(({ name }) => name === 'delivery')?.attributes, { 'phone_code.status': 'delivered' })
  })
}

t.test('a caller that sends its context sees the request in its own trace', async (t) => {
  const { collector, tracing } = await start(t)
  for (const header of [PARENT, `cc${PARENT.slice(2)}-what-will-be`, PARENT.replace(/01$/, 'ff')]) {
    const span = tracing.begin('/hooks/okta', header)
    t.match(span.context, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`), header)
    span.end(END)
  }
  await tracing.stop()
  t.same(collector.spans.map(({ trace, parent }) => [trace, parent]), Array(3).fill([TRACE, 'b7ad6b7169203331']))
})

t.test('what is no context begins a trace of its own', async (t) => {
  const { tracing } = await start(t)
  const wrong = [
    '', 'x', [PARENT, PARENT], PARENT.toUpperCase(), `ff${PARENT.slice(2)}`, `${PARENT}-more`, PARENT.slice(1), PARENT.replace(TRACE, '0'.repeat(32)), PARENT.replace('b7ad6b7169203331', '0'.repeat(16)), `${PARENT}\r\nx: y`, 'a'.repeat(100_000)
  ]
  for (const header of wrong) t.notMatch(tracing.begin('/hooks/okta', header).context, new RegExp(TRACE), JSON.stringify(header).slice(0, 80))
})

t.test('a request that is not traced has a context all the same, and nothing that comes later is traced', async (t) => {
  const { bus, collector, tracing } = await start(t)
  const span = tracing.begin('/hooks/okta', PARENT.replace(/01$/, '00'))
  t.match(span.context, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
  for (const trace of [span.context, undefined, 'nonsense', '']) {
    bus.emit(attempted(trace))
    bus.emit(finished(trace))
    bus.emit(updated(trace))
  }
  span.end(END)
  await tracing.stop()
  t.same(collector.requests, [])
})

t.test('samplers go by their names', async (t) => {
  const flagsOf = async (settings: Partial<TracingConfig>, traceparent?: string): Promise<string | undefined> =>
    (await start(t, settings)).tracing.begin('/hooks/okta', traceparent).context?.slice(-2)
  const unsampled = PARENT.replace(/01$/, '00')
  t.equal(await flagsOf({ sampler: 'always_on' }, unsampled), '01')
  t.equal(await flagsOf({ sampler: 'always_off' }, PARENT), '00')
  t.equal(await flagsOf({ sampler: 'traceidratio', samplerArgument: 0 }, PARENT), '00')
  t.equal(await flagsOf({ sampler: 'traceidratio' }, unsampled), '01', 'without a share it is all')
  t.equal(await flagsOf({ sampler: 'parentbased_always_on' }), '01')
  t.equal(await flagsOf({ sampler: 'parentbased_always_off' }), '00')
  t.equal(await flagsOf({ sampler: 'parentbased_always_off' }, PARENT), '01')
  t.equal(await flagsOf({ sampler: 'parentbased_traceidratio', samplerArgument: 0 }), '00')
  t.equal(await flagsOf({ sampler: 'parentbased_traceidratio', samplerArgument: 1 }), '01')
})

t.test('failures are marked as such, with the reason', async (t) => {
  const { bus, collector, tracing } = await start(t)
  const one = tracing.begin('/hooks/okta', undefined)
  bus.emit(attempted(one.context, { result: 'failed', reason: 'credentials', vendorCode: '20003' }))
  bus.emit(attempted(one.context, { provider: 'acs-sms', result: 'unknown' }))
  bus.emit(updated(one.context, { attemptStatus: 'undelivered', reason: 'carrier_blocked' }))
  one.end({ ...END, status: 502, problem: 'provider_failed' })
  const stranger = tracing.begin('/hooks/zitadel', undefined)
  stranger.end({ status: 401, problem: 'unauthorized', delivery: undefined, caller: '' })
  await tracing.stop()
  const told = Object.fromEntries(collector.spans.map(({ name, status, attributes }) => [name, [status, attributes['error.type']]]))
  t.same(told, {
    'send twilio-sms': [2, 'credentials'],
    'send acs-sms': [2, 'unspecified'],
    delivery: [2, 'carrier_blocked'],
    'POST /hooks/okta': [2, 'provider_failed'],
    'POST /hooks/zitadel': [0, 'unauthorized']
  })
  const [first, unknown] = ['send twilio-sms', 'POST /hooks/zitadel'].map((name) => collector.spans.find((span) => span.name === name)?.attributes)
  t.equal(first?.['phone_code.vendor_code'], '20003')
  t.notOk(Object.keys(unknown ?? {}).some((key) => /caller|delivery/.test(key)))
})

t.test('that it is sent once more, or goes on by another channel, is a moment of the trace', async (t) => {
  const { bus, collector, move, tracing } = await start(t)
  const { context } = tracing.begin('/hooks/okta', undefined)
  move(5000)
  bus.emit({ type: 'delivery.retried', delivery: DELIVERY, trace: context })
  bus.emit({ type: 'delivery.escalated', delivery: DELIVERY, channel: 'voice', why: 'no_report', trace: context })
  await tracing.stop()
  t.same(collector.spans.map(({ name, start, end, attributes }) => [name, start - NOW, end - NOW, attributes]), [
    ['retry', 5000, 5000, { 'phone_code.delivery': DELIVERY }],
    ['escalate', 5000, 5000, { 'phone_code.delivery': DELIVERY, 'phone_code.channel': 'voice', 'phone_code.reason': 'no_report' }]
  ])
})

t.test('what is no news makes no span; what was known before is not admitted', async (t) => {
  const { bus, collector, tracing } = await start(t)
  const { context } = tracing.begin('/hooks/okta', undefined)
  bus.emit(updated(context, { attemptWas: 'delivered' }))
  bus.emit(updated(context, { attemptStatus: 'accepted', attemptWas: 'unknown' }))
  bus.emit({ type: 'delivery.used', delivery: DELIVERY })
  bus.emit({ ...finished(context), type: 'rows.purged' } as never)
  bus.emit(finished(context, { outcome: 'duplicate' }))
  await tracing.stop()
  t.same(collector.spans.map(({ name }) => name), ['claim'])
})

t.test('no number and no code gets into a span, whatever a fact holds', async (t) => {
  const { bus, collector, tracing } = await start(t, { protocol: 'http/json' })
  const { context } = tracing.begin('/hooks/okta', undefined)
  const [number, code] = ['+4915112345678', 'your code is 482913']
  for (const bad of [number, number.slice(1), code] as never[]) {
    const facts = { why: bad, delivery: bad, attempt: bad, provider: bad, channel: bad, country: bad, hook: bad, reason: bad, vendorCode: bad, hint: bad, what: bad, number: bad, caller: bad, event: bad, step: bad }
    bus.emit(attempted(context, { ...facts, result: 'failed' }))
    bus.emit(finished(context, facts))
    bus.emit(updated(context, { ...facts, attemptStatus: 'undelivered' }))
    for (const type of ['call.event', 'delivery.retried', 'delivery.escalated']) bus.emit({ ...facts, type, trace: context } as never)
  }
  await tracing.stop()
  t.equal(collector.spans.length, 21)
  t.same(new Set(collector.spans.map(({ name }) => name)), new Set(['send event', 'claim', 'admit', 'delivery', 'call.event', 'retry', 'escalate']))
  const said = collector.requests.map(({ text }) => text).join('').replaceAll(/"(?:start|end)TimeUnixNano":"\d+"|"(?:traceId|spanId|parentSpanId)":"[0-9a-f]+"/g, '')
  t.notMatch(said, /15112345678|482913/)
})

t.test('headers go along, as they are set', async (t) => {
  const { collector, tracing } = await start(t, { headers: new SensitiveText('api-key=a%20secret, x-other = two=2 ,no pair,bad key=1,x-broken=%zz,x-cut=a%0d%0ab,=') })
  tracing.begin('/hooks/okta', undefined).end(END)
  await tracing.stop()
  t.match(collector.requests[0]?.headers, { 'api-key': 'a secret', 'x-other': 'two=2', 'x-broken': '%zz' })
  t.notOk('x-cut' in (collector.requests[0]?.headers ?? {}))
})

t.test('a collector that refuses is told of once a minute, and nothing is thrown', async (t) => {
  const collector = await startOtlpReceiver(t)
  collector.answers(400)
  const one = await start(t, {}, collector)
  const other = await start(t, {}, collector)
  for (const { tracing, bus, events } of [one, other]) {
    const span = tracing.begin('/hooks/okta', undefined)
    // More than go at once.
    for (let sent = 0; sent < 1100; sent += 1) bus.emit(attempted(span.context))
    span.end(END)
    await tracing.stop()
    t.match(events.filter(({ type }) => type === 'work.failed'), [{ what: 'exporting spans', error: Error }])
    t.equal(events.filter(({ type }) => type === 'work.failed').length, 1)
  }
  t.ok(collector.requests.length > 2)
})

t.test('after a minute it is told of again', async (t) => {
  const { bus, collector, events, move, next, tracing } = await start(t)
  collector.answers(400)
  for (const milliseconds of [0, 60_000]) {
    move(milliseconds)
    const failed = next('work.failed')
    const span = tracing.begin('/hooks/okta', undefined)
    // As many as make a batch, which goes at once.
    for (let sent = 0; sent < 512; sent += 1) bus.emit(attempted(span.context))
    await failed
  }
  t.equal(events.filter(({ type }) => type === 'work.failed').length, 2)
})

t.test('a collector that hangs holds the end back for three seconds, and nothing else at all', async (t) => {
  const { bus, collector, tracing } = await start(t)
  collector.answers(0)
  const span = tracing.begin('/hooks/okta', undefined)
  // More than fit.
  for (let sent = 0; sent < 5000; sent += 1) bus.emit(attempted(span.context))
  span.end(END)
  const begun = performance.now()
  await tracing.stop()
  t.ok(performance.now() - begun < 4500)
  bus.emit(attempted(span.context))
  await tracing.stop()
})

t.test('a collector that is away harms nothing', async (t) => {
  const { events, tracing } = await start(t, { url: new URL('http://127.0.0.1:1/v1/traces') })
  tracing.begin('/hooks/okta', undefined).end(END)
  await tracing.stop()
  t.same(events, [], 'it would be told of once the exporter gives up')
})

t.test('where nothing is traced, nothing is', async (t) => {
  const span = NO_TRACING.begin('/hooks/okta', PARENT)
  t.equal(span.context, undefined)
  span.end(END)
  await NO_TRACING.stop()
})
