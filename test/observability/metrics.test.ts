import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { Registry } from 'prom-client'
import { ERRORS } from '../../src/domain/errors.ts'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { measureProcess } from '../../src/observability/process-metrics.ts'
import { VERSION } from '../../src/observability/version.ts'
import { createTestMetrics } from '../support/metrics.ts'

const PROMTOOL = '/usr/bin/promtool'

type Fact<T extends GatewayEvent['type']> = Extract<GatewayEvent, { type: T }>

const finished = (facts: Partial<Fact<'delivery.finished'>> = {}): GatewayEvent => ({
  type: 'delivery.finished', outcome: 'accepted', delivery: 'd', request: 'r', caller: 'default', hook: 'okta', channel: 'sms', country: 'DE', plan: ['acs-sms'], provider: 'acs-sms', reason: undefined, number: '+49•••5678', milliseconds: 120, stages: { claim: 4, admit: 20, send: 90 }, trace: undefined, ...facts
} as GatewayEvent)

const answered = (facts: Partial<Fact<'hook.answered'>> = {}): GatewayEvent =>
  ({ type: 'hook.answered', request: 'r', hook: 'okta', status: 200, problem: undefined, detail: undefined, hint: undefined, delivery: 'd', milliseconds: 130, ...facts })

const attempted = (facts: Partial<Fact<'attempt.finished'>> = {}): GatewayEvent =>
  ({ type: 'attempt.finished', delivery: 'd', attempt: 'a', provider: 'acs-sms', channel: 'sms', country: 'DE', result: 'accepted', reason: undefined, vendorCode: undefined, hint: undefined, milliseconds: 80, trace: undefined, ...facts })

const updated = (facts: Partial<Fact<'delivery.updated'>> = {}): GatewayEvent =>
  ({ type: 'delivery.updated', delivery: 'd', attempt: 'a', provider: 'acs-sms', channel: 'sms', country: 'DE', what: 'report.delivered', status: 'delivered', attemptStatus: 'delivered', attemptWas: 'accepted', reason: undefined, vendorCode: undefined, hint: undefined, attemptedAt: 0, milliseconds: 4000, trace: undefined, ...facts })

t.test('a message is counted where it goes: request, stages, attempt, delivery, report', async (t) => {
  const { bus, samples } = createTestMetrics(t)
  for (const event of [attempted(), finished(), answered(), updated(), updated({ attemptWas: 'delivered' }), updated({ attemptStatus: 'accepted', attemptWas: 'unknown' })]) bus.emit(event)
  const found = await samples()
  t.match(found, {
    'requests_total{hook="okta",outcome="accepted"}': 1,
    'attempts_total{provider="acs-sms",channel="sms",result="accepted",reason="none"}': 1,
    'attempt_seconds_bucket{le="0.05",provider="acs-sms",result="accepted"}': 0,
    'attempt_seconds_bucket{le="0.1",provider="acs-sms",result="accepted"}': 1,
    'deliveries_total{provider="acs-sms",channel="sms",country="DE",status="accepted"}': 1,
    'deliveries_total{provider="acs-sms",channel="sms",country="DE",status="delivered"}': 1,
    'time_to_delivery_seconds_sum{provider="acs-sms",channel="sms"}': 4,
    'time_to_delivery_seconds_count{provider="acs-sms",channel="sms"}': 1,
    'stage_seconds_sum{stage="claim"}': 0.004,
    'stage_seconds_sum{stage="admit"}': 0.02,
    'stage_seconds_sum{stage="send"}': 0.09,
    'stage_seconds_sum{stage="answer"}': 0.13
  })
})

t.test('what did not arrive is counted, and takes no time to arrive; nor does a clock that was put back', async (t) => {
  const { bus, samples } = createTestMetrics(t)
  bus.emit(updated({ attemptStatus: 'undelivered', status: 'undelivered', reason: 'carrier_error', country: undefined }))
  bus.emit(updated({ milliseconds: -5000 }))
  const found = await samples()
  t.equal(found['deliveries_total{provider="acs-sms",channel="sms",country="none",status="undelivered"}'], 1)
  t.equal(found['time_to_delivery_seconds_count{provider="acs-sms",channel="sms"}'], 1)
  t.equal(found['time_to_delivery_seconds_sum{provider="acs-sms",channel="sms"}'], 0)
})

t.test('requests are counted by what came of them, and by the error where they were refused', async (t) => {
  const { bus, samples } = createTestMetrics(t)
  const outcomes = ['accepted', 'duplicate', 'unknown'] as const
  outcomes.forEach((outcome, index) => {
    bus.emit(finished({ outcome, request: `r${index}` }))
    bus.emit(answered({ request: `r${index}` }))
  })
  bus.emit(finished({ outcome: 'refused', request: 'r9', provider: undefined, reason: 'prefix_denied', stages: { claim: 1, admit: 1, send: 0 } }))
  bus.emit(answered({ request: 'r9', problem: 'recipient_not_allowed', status: 403 }))
  bus.emit(answered({ request: 'stranger', problem: 'unauthorized', status: 401, delivery: undefined }))
  bus.emit(answered({ request: 'verification of the hook', delivery: undefined }))
  bus.emit(finished({ request: undefined, hook: 'verifications' }))
  const found = await samples()
  for (const outcome of [...outcomes, 'recipient_not_allowed', 'unauthorized', 'no_message']) t.equal(found[`requests_total{hook="okta",outcome="${outcome}"}`], 1, outcome)
  t.equal(found['stage_seconds_count{stage="claim"}'], 5)
  t.equal(found['stage_seconds_count{stage="admit"}'], 4, 'what was known before is not admitted')
  t.equal(found['stage_seconds_count{stage="send"}'], 3, 'what is refused is not sent')
  t.equal(found['deliveries_total{provider="acs-sms",channel="sms",country="DE",status="duplicate"}'], undefined)
  t.equal(found['deliveries_total{provider="none",channel="sms",country="DE",status="refused"}'], 1)
})

t.test('requests that are never answered do not pile up', async (t) => {
  const { bus, samples } = createTestMetrics(t)
  for (let number = 0; number <= 1000; number += 1) bus.emit(finished({ request: `r${number}` }))
  for (const request of ['r0', 'r1', 'r1000']) bus.emit(answered({ request }))
  const found = await samples()
  t.equal(found['requests_total{hook="okta",outcome="no_message"}'], 1, 'the oldest was let go')
  t.equal(found['requests_total{hook="okta",outcome="accepted"}'], 2)
})

t.test('every other fact that is worth it is counted', async (t) => {
  const { bus, samples } = createTestMetrics(t)
  const before = await samples()
  for (const name of ['callbacks_forged_total{vendor="acs"}', 'ranges_shut_total{range="area"}', 'publishing_failures_total{receiver="webhook"}', 'feed_lost_facts_total']) t.equal(before[name], 0, `${name} stands at zero, to be compared with`)
  const facts: readonly GatewayEvent[] = [
    { type: 'delivery.guarded', delivery: 'd', rule: 'total-budget', mode: 'enforce', reason: 'too_many_messages' },
    { type: 'delivery.retried', delivery: 'd', trace: undefined },
    { type: 'delivery.escalated', delivery: 'd', channel: 'voice', why: 'no_report', trace: undefined },
    { type: 'delivery.used', delivery: 'd' },
    { type: 'login.matched', from: 'okta', delivery: 'd' },
    { type: 'range.shut', range: 'area', country: 'UZ', shown: '+998 90…', mode: 'enforce', cause: 'hour', unexplained: 9, threshold: 5, milliseconds: 1 },
    { type: 'verification.started', verification: 'v', caller: 'c', profile: 'p', channel: 'sms', number: '+49•', kind: 'decoy' },
    { type: 'verification.sent', verification: 'v', delivery: 'd', state: 'sent', reason: undefined },
    { type: 'verification.resent', verification: 'v', channel: 'sms' },
    { type: 'verification.checked', verification: 'v', valid: false, status: 'pending' },
    { type: 'verification.checked', verification: 'v', valid: true, status: 'approved' },
    { type: 'verification.ended', verification: 'v', status: 'expired' },
    { type: 'call.incoming', answer: 'announced' },
    { type: 'callback.forged', vendor: 'acs', hint: 'h' },
    { type: 'events.ignored', provider: 'twilio', why: 'foreign', count: 3 },
    { type: 'webhook.failed', verification: 'v', tries: 1, status: 500, isGivenUp: false },
    { type: 'publishing.failed', receiver: 'webhook', tries: 1, status: 500, pages: 3 },
    { type: 'publishing.missed', receiver: 'event-grid', pages: 7 },
    { type: 'feed.lost', facts: 12 },
    { type: 'deliveries.recovered', interrupted: 2, unknown: 5 },
    { type: 'keys.disagree' },
    { type: 'clock.skewed', milliseconds: 4000 },
    { type: 'work.failed', what: 'x', error: new Error('y') },
    { type: 'provider.set-aside', provider: 'acs-sms', channel: 'sms', reason: 'timeout', failures: 5, milliseconds: 1 },
    { type: 'provider.restored', provider: 'acs-sms', channel: 'sms' },
    { type: 'call.event', delivery: 'd', attempt: 'a', event: 'connected', step: undefined, trace: undefined },
    { type: 'rows.purged', deliveries: 3 }
  ]
  for (const fact of facts) bus.emit(fact)
  t.match(await samples(), {
    'guard_decisions_total{rule="total-budget",mode="enforce"}': 1,
    retries_total: 1,
    'escalations_total{channel="voice"}': 1,
    used_total: 1,
    'logins_matched_total{from="okta"}': 1,
    'ranges_shut_total{range="area"}': 1,
    'verifications_total{event="started",status="decoy"}': 1,
    'verifications_total{event="sent",status="sent"}': 1,
    'verifications_total{event="resent",status="pending"}': 1,
    'verifications_total{event="checked",status="wrong"}': 1,
    'verifications_total{event="checked",status="approved"}': 1,
    'verifications_total{event="ended",status="expired"}': 1,
    'incoming_calls_total{answer="announced"}': 1,
    'callbacks_forged_total{vendor="acs"}': 1,
    'events_ignored_total{provider="twilio",why="foreign"}': 3,
    webhooks_failed_total: 1,
    'publishing_failures_total{receiver="webhook"}': 1,
    'publishing_missed_pages_total{receiver="event-grid"}': 7,
    feed_lost_facts_total: 12,
    'recovered_total{state="interrupted"}': 2,
    'recovered_total{state="unknown"}': 5,
    keys_disagree_total: 1,
    clock_skewed_total: 1,
    work_failed_total: 1
  })
})

t.test('no label holds what is in none of its sets: no number, no code, no words', async (t) => {
  const { bus, metrics, samples } = createTestMetrics(t)
  const bad = '4915112345678"} 1\n{x="482913' as never
  const facts: readonly unknown[] = [
    finished({ hook: bad, channel: bad, country: bad, provider: bad, outcome: bad, reason: bad }), answered({ hook: bad, problem: bad }), answered({ request: 'other', hook: bad }),
    attempted({ provider: bad, channel: bad, result: bad, reason: bad }), updated({ provider: bad, channel: bad, country: bad }), updated({ attemptStatus: bad }),
    { type: 'delivery.guarded', rule: bad, mode: bad }, { type: 'delivery.escalated', channel: bad }, { type: 'login.matched', from: bad }, { type: 'range.shut', range: bad },
    { type: 'verification.started', kind: bad }, { type: 'verification.sent', state: bad }, { type: 'verification.ended', status: bad }, { type: 'call.incoming', answer: bad },
    { type: 'callback.forged', vendor: bad }, { type: 'events.ignored', provider: bad, why: bad, count: 1 }, { type: 'publishing.failed', receiver: bad }, { type: 'publishing.missed', receiver: bad, pages: 1 }
  ]
  for (const fact of facts) bus.emit(fact as GatewayEvent)
  const { body } = await metrics.text()
  t.notMatch(body, /49151|482913/)
  t.match(await samples(), {
    'requests_total{hook="other",outcome="other"}': 1,
    'requests_total{hook="other",outcome="no_message"}': 1,
    'attempts_total{provider="other",channel="other",result="other",reason="other"}': 1,
    'deliveries_total{provider="other",channel="other",country="other",status="other"}': 1,
    'deliveries_total{provider="other",channel="other",country="other",status="delivered"}': 1,
    'guard_decisions_total{rule="other",mode="other"}': 1,
    'callbacks_forged_total{vendor="other"}': 1,
    'events_ignored_total{provider="other",why="other"}': 1
  })
})

t.test('every error can be an outcome', async (t) => {
  const { bus, samples } = createTestMetrics(t)
  for (const problem of Object.keys(ERRORS) as Array<keyof typeof ERRORS>) bus.emit(answered({ problem }))
  const found = await samples()
  t.same(Object.keys(ERRORS).filter((problem) => found[`requests_total{hook="okta",outcome="${problem}"}`] !== 1), [])
})

t.test('where providers stand, who looks on and which version runs is asked when it is scraped', async (t) => {
  const states = { 'acs-sms': 'closed', 'twilio-voice': 'open' } as Record<string, 'closed' | 'open' | 'half-open'>
  let viewers = 2
  const { samples } = createTestMetrics(t, { circuitStates: () => Object.entries(states).map(([provider, state]) => ({ provider, channel: 'sms' as const, state })), viewers: () => viewers })
  t.match(await samples(), { 'circuit_open{provider="acs-sms",channel="sms"}': 0, 'circuit_open{provider="twilio-voice",channel="sms"}': 1, feed_viewers: 2, [`build_info{version="${VERSION}"}`]: 1 })
  Object.assign(states, { 'acs-sms': 'half-open', 'twilio-voice': 'closed' })
  viewers = 0
  t.match(await samples(), { 'circuit_open{provider="acs-sms",channel="sms"}': 1, 'circuit_open{provider="twilio-voice",channel="sms"}': 0, feed_viewers: 0 })
})

t.test('the version is that of package.json', async (t) => {
  t.equal(VERSION, JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version)
})

t.test('the store is asked once in five seconds, also by many at a time', async (t) => {
  let [now, asked] = [0, 0]
  const { samples } = createTestMetrics(t, { elapsed: () => now, dueCounts: async () => { asked += 1; return [{ kind: 'retry', due: asked, waiting: 40 }] } })
  await Promise.all([samples(), samples(), samples()])
  now = 4999
  t.match(await samples(), { 'due_rows{kind="retry",state="due"}': 1, 'due_rows{kind="retry",state="waiting"}': 40, store_up: 1 })
  t.equal(asked, 1)
  now = 5000
  t.match(await samples(), { 'due_rows{kind="retry",state="due"}': 2 })
})

t.test('where the store is away nobody knows what is in it; it is told that it is away, and that it is back', async (t) => {
  let now = 0
  const answers = [async () => [{ kind: 'retry', due: 3, waiting: 0 }], async () => { throw new Error('away') }, () => { throw new Error('a bug') }, async () => []]
  const { samples } = createTestMetrics(t, { elapsed: () => now, dueCounts: () => (answers.shift() as () => Promise<any>)() })
  t.match(await samples(), { store_up: 1, 'due_rows{kind="retry",state="due"}': 3 })
  for (const why of ['it says no', 'it throws']) {
    now += 5000
    const away = await samples()
    t.equal(away.store_up, 0, why)
    t.same(Object.keys(away).filter((name) => name.startsWith('due_rows')), [], why)
  }
  now += 5000
  t.match(await samples(), { store_up: 1 })
})

t.test('a store that does not answer holds the rest back for a second', async (t) => {
  const { samples } = createTestMetrics(t, { dueCounts: () => new Promise(() => {}) })
  const begun = performance.now()
  t.match(await samples(), { store_up: 0, used_total: 0 })
  t.ok(performance.now() - begun < 3000)
})

t.test('once stopped, it hears nothing any more; two of them count each for itself', async (t) => {
  const one = createTestMetrics(t)
  const other = createTestMetrics(t)
  one.bus.emit({ type: 'delivery.used', delivery: 'd' })
  one.metrics.stop()
  one.bus.emit({ type: 'delivery.used', delivery: 'd' })
  t.equal((await one.samples()).used_total, 1)
  t.equal((await other.samples()).used_total, 0)
})

t.test('the process is measured where that is wanted', async (t) => {
  const { metrics, samples } = createTestMetrics(t, { withProcess: true })
  const found = await samples()
  for (const name of ['process_cpu_seconds_total', 'process_start_time_seconds', 'process_resident_memory_bytes', 'nodejs_heap_size_used_bytes', 'nodejs_heap_size_total_bytes']) t.ok((found[name] as number) > 0, name)
  t.ok((found.nodejs_eventloop_lag_p99_seconds as number) >= 0)
  t.ok(Object.hasOwn(found, 'process_open_fds') === existsSync('/proc/self/fd'))
  // Garbage is made until some is collected and told of.
  const collections = (all: Readonly<Record<string, number>>): number => Object.entries(all).reduce((sum, [name, value]) => name.startsWith('nodejs_gc_duration_seconds_count') ? sum + value : sum, 0)
  let garbage: unknown[] = []
  while (collections(await samples()) === 0) {
    garbage = Array.from({ length: 200_000 }, (_, index) => ({ index }))
    await new Promise((resolve) => { setImmediate(resolve) })
  }
  t.equal(garbage.length, 200_000)
  metrics.stop()
  t.notOk(Object.keys(await createTestMetrics(t).samples()).some((name) => /^(process|nodejs)_/.test(name)))
})

t.test('where nothing says which files are open, it tells of the rest', async (t) => {
  const registry = new Registry()
  measureProcess(registry, '/there/is/no/such/folder')()
  const text = await registry.metrics()
  t.match(text, /^process_resident_memory_bytes [0-9]/m)
  t.notMatch(text, /^process_open_fds [1-9]/m)
})

t.test('what it tells is what Prometheus reads', async (t) => {
  const { bus, metrics } = createTestMetrics(t, { withProcess: true, dueCounts: async () => [{ kind: 'retry', due: 1, waiting: 2 }] })
  for (const event of [attempted(), finished(), answered(), updated()]) bus.emit(event)
  const { contentType, body } = await metrics.text()
  t.equal(contentType, 'text/plain; version=0.0.4; charset=utf-8')
  const families = parsePrometheusTextFormat(body)
  t.equal(families.find(({ name }) => name === 'phone_code_gateway_attempt_seconds')?.type, 'HISTOGRAM')
  t.equal(families.find(({ name }) => name === 'phone_code_gateway_used_total')?.metrics[0]?.value, '0')
  t.same(families.filter(({ help }) => !/^[A-Z1].*\.$/.test(help)).map(({ name }) => name), [], 'each is explained')
  if (!existsSync(PROMTOOL)) t.comment('promtool is not here: nothing is checked with it')
  else t.equal(execFileSync(PROMTOOL, ['check', 'metrics'], { input: body, encoding: 'utf8' }), '', 'promtool finds nothing to say')
})
