import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Attributes, type Tracer } from '@opentelemetry/api'
import type { DeliveryStatus } from '../domain/delivery-status.ts'
import type { GatewayEvent } from '../domain/gateway-event.ts'
import type { Outcome } from '../domain/outcome.ts'
import { REASONS } from '../domain/reason.ts'
import type { Listener } from './bus.ts'
import { labelOf } from './labels.ts'
import { isSampled, readTraceparent } from './trace-context.ts'

interface Part {
  readonly name: string
  readonly kind: SpanKind
  /** Milliseconds since 1970. */
  readonly start: number
  readonly end: number
  readonly attributes: Attributes
  /** Why it failed, in the gateway's words; absent: it did not. */
  readonly failure?: string | undefined
}

/** Final words of carriers. */
const FINAL: ReadonlySet<DeliveryStatus> = new Set(['delivered', 'undelivered', 'failed', 'refused'])

/** What is known when a message is claimed already. */
const NOT_ADMITTED: ReadonlySet<Outcome['kind']> = new Set(['duplicate', 'under-way', 'key-reused'])

/**
 * Makes a span of each fact that belongs to a trace, as a child of its request's span, in whatever process it becomes known.
 * A request that is not traced has none. Attributes hold no number and no code.
 */
export const createSpanMaker = (tracer: Tracer, now: () => number): Listener => (event) => {
  const parent = readTraceparent('trace' in event ? event.trace : undefined)
  if (parent === undefined || !isSampled(parent)) return
  const context = trace.setSpanContext(ROOT_CONTEXT, parent)
  for (const { name, kind, start, end, attributes, failure } of partsOf(event, now())) {
    const span = tracer.startSpan(name, { kind, startTime: new Date(start), attributes }, context)
    if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute('error.type', failure)
    span.end(new Date(end))
  }
}

const partsOf = (event: GatewayEvent, now: number): readonly Part[] => {
  switch (event.type) {
    case 'delivery.finished': {
      const { outcome, delivery, hook, channel, country, milliseconds, stages } = event
      const attributes = { ...told({ delivery, hook, channel, country }), 'phone_code.outcome': outcome }
      const start = now - milliseconds
      const claimed = start + stages.claim
      const claim = { name: 'claim', kind: SpanKind.INTERNAL, start, end: claimed, attributes }
      // What was known before is not admitted.
      return NOT_ADMITTED.has(outcome) ? [claim] : [claim, { ...claim, name: 'admit', start: claimed, end: claimed + stages.admit }]
    }
    case 'attempt.finished': {
      const { result, milliseconds } = event
      return [{
        name: `send ${wordOf(event.provider)}`,
        kind: SpanKind.CLIENT,
        start: now - milliseconds,
        end: now,
        attributes: { ...told(event), 'phone_code.result': result },
        failure: result === 'accepted' ? undefined : failureOf(event.reason)
      }]
    }
    case 'delivery.updated': {
      const { attemptStatus, attemptWas, attemptedAt, reason } = event
      if (!FINAL.has(attemptStatus) || attemptStatus === attemptWas) return []
      return [{
        name: 'delivery',
        kind: SpanKind.INTERNAL,
        start: attemptedAt,
        end: now,
        attributes: { ...told(event), 'phone_code.status': attemptStatus },
        failure: attemptStatus === 'delivered' ? undefined : failureOf(reason)
      }]
    }
    case 'delivery.retried': return [{ name: 'retry', kind: SpanKind.INTERNAL, start: now, end: now, attributes: told(event) }]
    case 'delivery.escalated': return [{ name: 'escalate', kind: SpanKind.INTERNAL, start: now, end: now, attributes: { ...told(event), 'phone_code.reason': reasonOf(event.why) } }]
    case 'call.event': {
      const { delivery, attempt, event: what, step } = event
      return [{ name: `call.${wordOf(what)}`, kind: SpanKind.INTERNAL, start: now, end: now, attributes: told({ delivery, attempt, step }) }]
    }
  }
  return []
}

interface Told {
  readonly delivery?: string | undefined
  readonly attempt?: string
  readonly hook?: string
  readonly provider?: string
  readonly channel?: string
  readonly country?: string | undefined
  readonly step?: string | undefined
  readonly vendorCode?: string | undefined
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Only what looks as such things look: what comes from outside could be anything. */
const told = ({ delivery, attempt, hook, provider, channel, country, step, vendorCode }: Told): Attributes => Object.fromEntries([
  ['phone_code.delivery', matching(ID, delivery)],
  ['phone_code.attempt', matching(ID, attempt)],
  ['phone_code.hook', matching(HOOK, hook)],
  ['phone_code.provider', matching(WORD, provider)],
  ['phone_code.channel', matching(WORD, channel)],
  ['phone_code.country', matching(/^[A-Z]{2}$/, country)],
  ['phone_code.call_step', matching(WORD, step)],
  ['phone_code.vendor_code', matching(VENDOR_CODE, vendorCode)]
].filter(([, value]) => value !== undefined))

const WORD = /^[A-Za-z][A-Za-z._-]{0,63}$/
const HOOK = /^(?!.*[0-9]{5})[a-z][a-z0-9/_-]{0,63}$/
/** Codes of vendors have up to six digits in a row; numbers have more. */
const VENDOR_CODE = /^(?!.*[0-9]{7})[A-Za-z0-9._-]{1,32}$/

const matching = (pattern: RegExp, value: string | undefined): string | undefined => value !== undefined && pattern.test(value) ? value : undefined

const wordOf = (text: string): string => matching(WORD, text) ?? 'event'

const reasonOf = labelOf(REASONS)

const failureOf = (reason: string | undefined): string => reason === undefined ? 'unspecified' : reasonOf(reason)
