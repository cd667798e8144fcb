import type { AttemptRecord, Deliveries, DeliveryRecord } from '../store/deliveries.ts'
import type { Exchanges, StoredExchange } from '../store/exchanges.ts'
import type { Inspection } from '../store/inspection.ts'

export interface DetailsDeps {
  readonly deliveries: Pick<Deliveries, 'find'>
  readonly exchanges: Pick<Exchanges, 'of'>
  readonly inspection: Pick<Inspection, 'verificationOf'>
  /** What an operator can do about a provider's code for a failure, where something is known. */
  readonly hintOf: (provider: string, vendorCode: string, country: string | undefined) => string | undefined
}

/** One thing that happened to a delivery; what it does not come with is absent. */
export interface TimelineItem {
  /** Milliseconds since 1970. */
  readonly at: number
  /** `hook`, `plan`, `decision`, `attempt`, `answer`, `used`, or what a provider told: `report.delivered`, `call.connected`. */
  readonly what: string
  readonly hook?: string
  readonly caller?: string
  /** Id of the request. */
  readonly request?: string
  readonly plan?: readonly string[]
  readonly rule?: string
  readonly mode?: string
  readonly attempt?: string
  readonly provider?: string
  readonly channel?: string
  readonly status?: string | undefined
  readonly reason?: string | undefined
  readonly vendorCode?: string | undefined
  readonly hint?: string | undefined
  readonly reference?: string | undefined
  readonly milliseconds?: number | undefined
}

/** Everything that is known of a delivery, as JSON. */
export interface Details {
  readonly delivery: object
  readonly verification: string | undefined
  /** In order of time. */
  readonly timeline: readonly TimelineItem[]
  readonly exchanges: readonly object[]
}

/** Gives all that is known of a delivery; `undefined` where there is none. */
export const createDetails = ({ deliveries, exchanges, inspection, hintOf }: DetailsDeps) => async (id: string): Promise<Details | undefined> => {
  const [delivery, asked, verification] = await Promise.all([deliveries.find(id), exchanges.of(id), inspection.verificationOf(id)])
  return delivery && {
    delivery: summaryOf(delivery),
    verification,
    timeline: timelineOf(delivery, asked, hintOf),
    exchanges: asked.map(toReply)
  }
}

const summaryOf = ({ decisions, attempts, ...delivery }: DeliveryRecord): object => ({
  ...delivery,
  provider: (attempts.findLast(({ status }) => status === delivery.status) ?? attempts.at(-1))?.provider
})

const toReply = ({ id, hook, status, milliseconds, at, request, reply, replayableUntil }: StoredExchange): object => ({
  id,
  hook,
  status,
  milliseconds,
  at,
  request: parsed(request),
  reply: reply === undefined ? null : parsed(reply),
  replayableUntil
})

/** Replies may be words. */
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** Of what happened in the same millisecond, the cause stands before what came of it. */
const timelineOf = (delivery: DeliveryRecord, asked: readonly StoredExchange[], hintOf: DetailsDeps['hintOf']): TimelineItem[] => {
  const { createdAt, usedAt, plan, decisions, attempts } = delivery
  return [
    ...receptionsOf(delivery, asked),
    { at: createdAt, what: 'plan', plan },
    ...decisions.map(({ rule, mode, at }) => ({ at, what: 'decision', rule, mode })),
    ...attempts.flatMap((attempt) => courseOf(attempt, (vendorCode) => hintOf(attempt.provider, vendorCode, delivery.country))),
    ...usedAt === undefined ? [] : [{ at: usedAt, what: 'used' }]
  ].sort((one, other) => one.at - other.at)
}

/** The first request is what it began with, by whichever clock. What the gateway sent by itself has none. */
const receptionsOf = ({ createdAt, hook, caller }: DeliveryRecord, asked: readonly StoredExchange[]): TimelineItem[] => asked.length === 0
  ? [{ at: createdAt, what: 'hook', hook, caller }]
  : asked.map(({ id, hook, at, milliseconds }, index) =>
    ({ at: index === 0 ? Math.min(at, createdAt) : at, what: 'hook', hook, caller, request: id, milliseconds }))

/** An attempt, the provider's answer, and what was told later. */
const courseOf = (record: AttemptRecord, hintOf: (vendorCode: string) => string | undefined): TimelineItem[] => {
  const { id: attempt, provider, channel, startedAt, finishedAt, result, status, reason, vendorCode, reference, milliseconds, events } = record
  const of = { attempt, provider, channel }
  const why = { reason, vendorCode, hint: vendorCode && hintOf(vendorCode) }
  // Why it stands as it does was told by the answer, or by the last event that gave this reason.
  const teller = status === result ? undefined : events.findLast((event) => event.reason === reason)
  return [
    { at: startedAt, what: 'attempt', ...of },
    ...finishedAt === undefined ? [] : [{ at: finishedAt, what: 'answer', ...of, status: result, reference, milliseconds, ...status === result && why }],
    ...events.map((event) => ({ at: event.at, what: event.what, ...of, reason: event.reason, ...event === teller && why }))
  ]
}
