import { isSpanContextValid, TraceFlags, type SpanContext } from '@opentelemetry/api'

/** Version, trace, span, flags; later versions may have more behind them, and none is called ff. https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[^\s]{0,256})?$/

/** The span that a `traceparent` names; `undefined` where it is none. */
export const readTraceparent = (header: string | string[] | undefined): SpanContext | undefined => {
  if (typeof header !== 'string') return undefined
  const [, version, traceId = '', spanId = '', flags = '', more] = TRACEPARENT.exec(header) ?? []
  // Of the flags only this one is known.
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true }
  return isSpanContextValid(context) && (version !== '00' || more === undefined) ? context : undefined
}

/** The same, written. */
export const traceparentOf = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`

/** Whether somebody will look at that span. */
export const isSampled = ({ traceFlags }: SpanContext): boolean => (traceFlags & TraceFlags.SAMPLED) !== 0
