import t from 'tap'
import type { FeedEntry } from '../../src/domain/feed-entry.ts'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import { FINAL_STATUSES } from '../../src/domain/verification.ts'
import { lifecycleEventOf, TELLINGS } from '../../src/publishing/lifecycle.ts'

const AT = Date.UTC(2026, 10, 21, 12, 3, 4, 567)
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

/** A fact as it comes back out of the feed. */
const entryOf = (event: GatewayEvent): FeedEntry => JSON.parse(JSON.stringify({ at: AT, ...event }))

const tell = (event: GatewayEvent): ReturnType<typeof lifecycleEventOf> => lifecycleEventOf(entryOf(event), 7, 2)

const FINISHED = {
  type: 'delivery.finished',
  outcome: 'accepted',
  delivery: 'd1',
  request: 'r1',
  caller: 'okta',
  hook: 'okta',
  channel: 'sms',
  country: 'DE',
  provider: 'acs-sms',
  reason: undefined,
  number: '+49•••••••5678',
  milliseconds: 120,
  stages: { claim: 1, admit: 2, send: 100 },
  trace: TRACE
} as const satisfies GatewayEvent

const UPDATED = {
  type: 'delivery.updated',
  delivery: 'd1',
  attempt: 'a1',
  provider: 'acs-sms',
  channel: 'sms',
  country: 'DE',
  what: 'report.undelivered',
  status: 'undelivered',
  attemptStatus: 'undelivered',
  attemptWas: 'accepted',
  reason: 'carrier_blocked',
  vendorCode: '4006',
  hint: 'look at the words',
  attemptedAt: AT - 3000,
  milliseconds: 3000,
  trace: TRACE
} as const satisfies GatewayEvent

const STARTED = { type: 'verification.started', verification: 'v1', caller: 'shop', profile: 'login', channel: 'sms', number: '+1••••••0123', kind: 'new' } as const satisfies GatewayEvent

t.test('a message that was taken is told with what is known of it, and nothing that is only of use inside', async (t) => {
  t.same(tell(FINISHED), {
    id: `7-2-${AT.toString(36)}`,
    type: 'phone-code-gateway.delivery.accepted',
    time: AT,
    subject: 'deliveries/d1',
    data: { delivery: 'd1', caller: 'okta', hook: 'okta', channel: 'sms', country: 'DE', number: '+49•••••••5678', provider: 'acs-sms', milliseconds: 120 },
    traceparent: TRACE
  })
})

for (const outcome of ['refused', 'failed', 'unknown'] as const) {
  t.test(`a message that is ${outcome} has a type of its own`, async (t) => {
    t.match(tell({ ...FINISHED, outcome, provider: undefined, reason: 'opted_out', trace: undefined }), { type: `phone-code-gateway.delivery.${outcome}`, data: { reason: 'opted_out' } })
  })
}

t.test('what nobody sent is no event of a delivery', async (t) => {
  for (const outcome of ['duplicate', 'under-way', 'key-reused'] as const) t.equal(tell({ ...FINISHED, outcome }), undefined, outcome)
})

t.test('what is learned of a message later is told where it is news of the delivery', async (t) => {
  t.same(tell(UPDATED), {
    id: `7-2-${AT.toString(36)}`,
    type: 'phone-code-gateway.delivery.undelivered',
    time: AT,
    subject: 'deliveries/d1',
    data: { delivery: 'd1', channel: 'sms', country: 'DE', provider: 'acs-sms', reason: 'carrier_blocked', vendorCode: '4006', milliseconds: 3000 },
    traceparent: TRACE
  })
  for (const status of ['delivered', 'failed', 'refused'] as const) t.equal(tell({ ...UPDATED, status })?.type, `phone-code-gateway.delivery.${status}`)
  for (const status of ['pending', 'unknown', 'accepted'] as const) t.equal(tell({ ...UPDATED, status }), undefined, status)
})

t.test('use, another try and another channel are told', async (t) => {
  t.match(tell({ type: 'delivery.used', delivery: 'd1' }), { type: 'phone-code-gateway.delivery.used', subject: 'deliveries/d1', data: { delivery: 'd1' } })
  t.match(tell({ type: 'delivery.retried', delivery: 'd1', trace: TRACE }), { type: 'phone-code-gateway.delivery.retried', data: { delivery: 'd1' }, traceparent: TRACE })
  t.same(tell({ type: 'delivery.escalated', delivery: 'd1', channel: 'voice', why: 'no_report', trace: undefined }), {
    id: `7-2-${AT.toString(36)}`, type: 'phone-code-gateway.delivery.escalated', time: AT, subject: 'deliveries/d1', data: { delivery: 'd1', channel: 'voice', reason: 'no_report' }
  })
})

t.test('a verification is told without what would show that it is a decoy', async (t) => {
  const told = tell(STARTED)
  t.same(told?.data, { verification: 'v1', caller: 'shop', profile: 'login', channel: 'sms', number: '+1••••••0123' })
  t.equal(told?.subject, 'verifications/v1')
  for (const kind of ['decoy', 'taken-over'] as const) t.same(tell({ ...STARTED, kind }), told, kind)
  // A decoy has neither a message nor a code that could be right.
  t.equal(tell({ type: 'verification.sent', verification: 'v1', delivery: 'd1', state: 'sent', reason: undefined }), undefined)
  t.equal(tell({ type: 'verification.checked', verification: 'v1', valid: false, status: 'pending' }), undefined)
})

t.test('each end of a verification has a type of its own', async (t) => {
  for (const status of FINAL_STATUSES) {
    t.match(tell({ type: 'verification.ended', verification: 'v1', status }), { type: `phone-code-gateway.verification.${status}`, subject: 'verifications/v1', data: { verification: 'v1' } })
  }
})

t.test('what is wrong with providers and ranges of numbers is told', async (t) => {
  t.match(tell({ type: 'provider.set-aside', provider: 'acs-sms', channel: 'sms', reason: 'rate_limited', failures: 5, milliseconds: 30_000 }), {
    type: 'phone-code-gateway.provider.set-aside', subject: 'providers/acs-sms', data: { provider: 'acs-sms', channel: 'sms', reason: 'rate_limited', failures: 5, milliseconds: 30_000 }
  })
  t.match(tell({ type: 'provider.restored', provider: 'acs-sms', channel: 'sms' }), { type: 'phone-code-gateway.provider.restored', data: { provider: 'acs-sms', channel: 'sms' } })
  t.match(tell({ type: 'range.shut', range: 'area', country: 'UZ', shown: '+998 90…', mode: 'shadow', cause: 'hour', unexplained: 120, threshold: 100, milliseconds: 900_000 }), {
    type: 'phone-code-gateway.range.shut',
    subject: 'ranges/+998 90…',
    data: { range: 'area', country: 'UZ', numbers: '+998 90…', mode: 'shadow', cause: 'hour', unexplained: 120, threshold: 100, milliseconds: 900_000 }
  })
})

t.test('what was not meant to be told is not', async (t) => {
  const more = { ...entryOf(FINISHED), code: '493021', body: { code: '493021' }, reason: { code: '493021' }, trace: { code: '493021' } }
  t.notMatch(JSON.stringify(lifecycleEventOf(more, 1, 0)), /493021/)
  for (const type of ['capture', 'feed.lost', 'hook.answered', 'attempt.finished', 'call.event', 'publishing.failed', 'publishing.missed', 'constructor']) {
    t.equal(lifecycleEventOf({ at: AT, type, delivery: 'd1' }, 1, 0), undefined, type)
  }
})

t.test('an id belongs to one entry of one page of one store, and stays the same', async (t) => {
  const entries = [AT, AT + 1].flatMap((at) => [0, 1].map((index) => ({ at, index })))
  const ids = [1, 11].flatMap((page) => entries.map(({ at, index }) => lifecycleEventOf({ at, type: 'delivery.used', delivery: 'd1' }, page, index)?.id))
  t.equal(new Set(ids).size, ids.length)
  for (const id of ids) t.match(id, /^[a-z0-9-]+$/)
  t.same(tell(FINISHED), tell(FINISHED))
})

t.test('no field is told by which a code could be known', async (t) => {
  const names = Object.values(TELLINGS).flatMap(({ fields }) => Object.values(fields))
  t.same(names.filter((name) => /^(code|text|to|e164|body|request|reply|secret)/i.test(name)), [])
})
