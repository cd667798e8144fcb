import type { FeedEntry } from '../../src/domain/feed-entry.ts'
import { noTimes, percentileOf } from '../../src/inspector/times.ts'

/** Chances that are the same at each run. */
const createChance = (seed: number): (() => number) => () => {
  seed = (seed * 1_664_525 + 1_013_904_223) % 4_294_967_296
  return seed / 4_294_967_296
}

const COUNTRIES = [['DE', '+49', 11, 30], ['GB', '+44', 10, 20], ['US', '+1', 10, 18], ['FR', '+33', 9, 12], ['IN', '+91', 10, 10], ['BR', '+55', 11, 6], ['PL', '+48', 9, 4]] as const
const HOOKS = [['auth0', 5], ['okta', 3], ['supabase', 3], ['direct', 2], ['verifications', 2]] as const
const WAYS = [['sms', 'acs-sms', 10], ['sms', 'twilio-sms', 5], ['voice', 'acs-voice', 3], ['whatsapp', 'twilio-whatsapp', 3]] as const
const ENDS = [['used', 34], ['delivered', 8], ['accepted', 4], ['undelivered', 2], ['failed', 1], ['refused', 1.5], ['unknown', 0.7]] as const
const REASONS: Readonly<Record<string, string>> = { undelivered: 'carrier_blocked', failed: 'provider_error', refused: 'country_not_allowed', unknown: 'timeout' }

export const idOf = (index: number): string => `0195e0c2-7b1a-7000-8000-${String(index).padStart(12, '0')}`

/** Deliveries as the search gives them, the newest first. */
export const deliveriesUntil = (now: number, amount: number): any[] => {
  const chance = createChance(7)
  const pick = <Row extends readonly unknown[]> (rows: readonly Row[]): Row => {
    let left = chance() * rows.reduce((sum, row) => sum + Number(row.at(-1)), 0)
    return rows.find((row) => { left -= Number(row.at(-1)); return left < 0 }) ?? rows[0] as Row
  }
  let at = now - 2_000
  return Array.from({ length: amount }, (_, index) => {
    at -= 600 + chance() * 9_000
    const [country, prefix, digits] = pick(COUNTRIES)
    const [hook] = pick(HOOKS)
    const [channel, provider] = pick(WAYS)
    const end = index < 2 ? 'accepted' : pick(ENDS)[0]
    const status = end === 'used' ? 'delivered' : end
    const took = 900 + chance() * chance() * 9_000
    return {
      id: idOf(amount - index),
      caller: 'production',
      hook,
      channel,
      number: `${prefix}${'•'.repeat(digits - 4)}${String(Math.floor(chance() * 10_000)).padStart(4, '0')}`,
      country,
      status,
      reason: REASONS[status],
      provider: status === 'refused' ? undefined : provider,
      createdAt: Math.round(at),
      updatedAt: Math.round(at + took),
      ...end === 'used' ? { usedAt: Math.round(at + took + 9_000) } : {}
    }
  })
}

/** Facts of one delivery that goes well, as they come one after the other. */
export const factsOf = (index: number, at = Date.now()): FeedEntry[] => [
  { at, type: 'attempt.finished', delivery: idOf(index), attempt: `attempt-${index}`, provider: 'acs-sms', channel: 'sms', country: 'DE', result: 'accepted', milliseconds: 210 },
  { at, type: 'delivery.finished', outcome: 'accepted', delivery: idOf(index), request: `request-${index}`, caller: 'production', hook: 'auth0', channel: 'sms', country: 'DE', provider: 'acs-sms', number: `+49•••••••${String(index % 10_000).padStart(4, '0')}`, milliseconds: 240 },
  { at: at + 1_800, type: 'delivery.updated', delivery: idOf(index), attempt: `attempt-${index}`, provider: 'acs-sms', channel: 'sms', country: 'DE', what: 'report.delivered', status: 'delivered', attemptStatus: 'delivered', attemptedAt: at, milliseconds: 1_800 }
]

/** A delivery as it opens: a text that the carrier blocked, and then a call. */
export const detailsOf = (id: string, at: number): any => {
  const [text, call] = ['0195e0c2-a000-7000-8000-000000000001', '0195e0c2-a000-7000-8000-000000000002']
  return {
    delivery: { id, status: 'delivered', channel: 'voice', provider: 'acs-voice', number: '+49•••••••5678', country: 'DE', route: 'DE', hook: 'okta', caller: 'production', plan: ['twilio-sms', 'acs-voice'], createdAt: at, updatedAt: at + 24_512, expiresAt: at + 300_000, usedAt: at + 31_870 },
    verification: undefined,
    timeline: [
      { at, what: 'hook', hook: 'okta', caller: 'production', request: '5e0c1f7a-9d52-4b0e-8f6d-0c7d2f1a9b34', milliseconds: 412 },
      { at: at + 3, what: 'plan', plan: ['twilio-sms', 'acs-voice'] },
      { at: at + 4, what: 'decision', rule: 'prefix-budget', mode: 'shadow' },
      { at: at + 9, what: 'attempt', attempt: text, provider: 'twilio-sms', channel: 'sms' },
      { at: at + 398, what: 'answer', attempt: text, provider: 'twilio-sms', channel: 'sms', status: 'accepted', reference: 'SM9a6127c04be1d5f2a8', milliseconds: 389 },
      { at: at + 6_214, what: 'report.undelivered', attempt: text, provider: 'twilio-sms', channel: 'sms', reason: 'carrier_blocked', vendorCode: '30007', hint: 'Register the sender with the carrier, or use another one.' },
      { at: at + 6_243, what: 'attempt', attempt: call, provider: 'acs-voice', channel: 'voice' },
      { at: at + 6_741, what: 'answer', attempt: call, provider: 'acs-voice', channel: 'voice', status: 'accepted', reference: '411f0b00-d97f-49ad-a6ff', milliseconds: 498 },
      { at: at + 13_020, what: 'call.connected', attempt: call, provider: 'acs-voice', channel: 'voice' },
      { at: at + 13_344, what: 'call.speaking', attempt: call, provider: 'acs-voice', channel: 'voice' },
      { at: at + 24_512, what: 'call.spoken', attempt: call, provider: 'acs-voice', channel: 'voice' },
      { at: at + 31_870, what: 'used' }
    ],
    exchanges: [{
      id: '5e0c1f7a-9d52-4b0e-8f6d-0c7d2f1a9b34',
      hook: 'okta',
      status: 200,
      milliseconds: 412,
      at,
      request: { eventType: 'com.okta.telephony.provider', data: { userProfile: { login: 'a•••@example.com', userId: '00uljnyVRxGMSsw6T0g7' }, messageProfile: { msgTemplate: 'Your code is ••••••', phoneNumber: '+49•••••••5678', otpExpires: '2026-11-22T10:05:00.000Z', deliveryChannel: 'SMS', otpCode: '••••••', locale: 'de' } } },
      reply: { commands: [{ type: 'com.okta.telephony.action', value: [{ status: 'SUCCESSFUL', provider: 'twilio-sms', transactionId: id }] }] },
      replayableUntil: at + 3_600_000
    }]
  }
}

const sumOf = (rows: readonly any[], by?: string): any[] => {
  const groups = new Map<string, any>()
  for (const row of rows) {
    const name = by === undefined ? '' : row[by]
    const sum = groups.get(name) ?? { name, sent: 0, delivered: 0, undelivered: 0, failed: 0, used: 0, cost: 0, times: noTimes() }
    for (const field of ['sent', 'delivered', 'undelivered', 'failed', 'used']) sum[field] += row[field]
    sum.cost = sum.sent * 0.061
    for (const [index, count] of row.times.entries()) sum.times[index] += count
    groups.set(name, sum)
  }
  return [...groups.values()].map(({ times, ...sum }) => ({ ...sum, median: percentileOf(times, 0.5), percentile95: percentileOf(times, 0.95) })).sort((one, other) => other.sent - one.sent)
}

/** Of what is delivered, the part within each of the times that are told apart: calls take their time. */
const PARTS: Readonly<Record<string, readonly number[]>> = {
  sms: [0.22, 0.34, 0.24, 0.12, 0.05, 0.02, 0.01, 0, 0, 0, 0, 0],
  voice: [0, 0.02, 0.1, 0.3, 0.36, 0.14, 0.05, 0.02, 0.01, 0, 0, 0],
  whatsapp: [0.3, 0.36, 0.2, 0.08, 0.03, 0.02, 0.01, 0, 0, 0, 0, 0],
  slow: [0.05, 0.15, 0.2, 0.16, 0.15, 0.12, 0.1, 0.05, 0.02, 0, 0, 0]
}

/** What the plots stand on: a span, in which one country becomes worse towards its end. */
export const statisticsUntil = (now: number, span: string): any => {
  const chance = createChance(11)
  const step = span === 'hour' ? 60_000 : 3_600_000
  const amount = span === 'hour' ? 60 : span === 'day' ? 24 : 168
  const until = Math.floor(now / step) * step + step
  const rows = Array.from({ length: amount }, (_, index) => {
    const bucket = until - (amount - index) * step
    const busy = (span === 'hour' ? 45 : 2_700) * (0.35 + Math.sin((bucket / 3_600_000 - 8) / 24 * 2 * Math.PI) ** 2)
    return COUNTRIES.flatMap(([country, , , weight]) => WAYS.map(([channel, provider, often]) => {
      const isLate = index >= amount * (span === 'hour' ? 0.5 : 0.96)
      const isBad = country === 'IN' && provider === 'acs-sms' && isLate
      const sent = Math.round(busy * weight / 100 * often / 21 * (0.8 + chance() * 0.4))
      const part = (whole: number, share: number): number => Math.min(whole, Math.floor(whole * share + chance()))
      const delivered = sent - part(sent, isBad ? 0.48 : 0.03)
      const times = (PARTS[isLate && channel === 'whatsapp' ? 'slow' : channel] ?? []).map((share) => delivered * share * (0.8 + chance() * 0.4))
      return { bucket, provider, channel, country, sent, delivered, undelivered: part(sent - delivered, 0.7), failed: part(sent, 0.02), used: part(delivered, 0.92), times }
    }))
  }).flat()
  return {
    span,
    grain: span === 'hour' ? 'minute' : 'hour',
    from: until - amount * step,
    until,
    rows,
    totals: sumOf(rows)[0],
    byProvider: sumOf(rows, 'provider'),
    byChannel: sumOf(rows, 'channel'),
    byCountry: sumOf(rows, 'country'),
    worse: [
      { country: 'IN', provider: 'acs-sms', channel: 'sms', measure: 'delivered', now: 0.52, usual: 0.97, count: 86, since: now - 1_800_000 },
      { provider: 'twilio-whatsapp', channel: 'whatsapp', measure: 'slower', now: 0.71, usual: 0.95, count: 257, since: now - 1_800_000, within: 8 }
    ]
  }
}

/** A gateway with real providers, of which one is set aside. */
export const BUSY_STATE = {
  sandbox: false,
  production: true,
  currency: 'EUR',
  replayMinutes: 60,
  retentionDays: 30,
  channels: { sms: ['acs-sms', 'twilio-sms'], voice: ['acs-voice'], whatsapp: ['twilio-whatsapp'] },
  hooks: ['auth0', 'okta', 'supabase', 'direct'],
  providers: [
    { provider: 'acs-sms', channel: 'sms', state: 'closed', failures: 0 },
    { provider: 'twilio-sms', channel: 'sms', state: 'closed', failures: 0 },
    { provider: 'acs-voice', channel: 'voice', state: 'half-open', failures: 5, reason: 'timeout' },
    { provider: 'twilio-whatsapp', channel: 'whatsapp', state: 'open', failures: 7, reason: 'provider_error', retryAt: Date.now() + 240_000 }
  ]
}
