import type { ErrorCode } from '../domain/errors.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import type { Bus } from './bus.ts'

/** Where spans go, as the settings of OpenTelemetry say. */
export interface TracingConfig {
  /** The whole address that spans are posted to. */
  readonly url: URL
  /** `key=value,…`, values as in a URL. */
  readonly headers: SensitiveText | undefined
  readonly protocol: 'http/protobuf' | 'http/json'
  readonly serviceName: string
  /** `key=value,…`, values as in a URL. */
  readonly resourceAttributes: string | undefined
  readonly sampler: string
  readonly samplerArgument: number | undefined
}

export interface TracingDeps {
  readonly bus: Pick<Bus, 'listen' | 'emit'>
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** How a request ended. */
export interface RequestEnd {
  readonly status: number
  readonly problem: ErrorCode | undefined
  readonly delivery: string | undefined
  /** Empty where nobody was believed. */
  readonly caller: string
}

/** The span of a request. */
export interface RequestSpan {
  /** Its context as the header `traceparent` has it, for all that comes later; absent: nothing is traced. */
  readonly context: string | undefined
  end (how: RequestEnd): void
}

/** Spans of the requests to hooks, and of all that becomes of their messages. */
export interface Tracing {
  /** Begins the span of a request to a route, `/hooks/okta`; it goes on with the caller's trace where the header `traceparent` is a right one. */
  begin (route: string, traceparent: string | string[] | undefined): RequestSpan
  /** Sends what is left, for three seconds at most. Never throws. */
  stop (): Promise<void>
}

const NO_SPAN: RequestSpan = { context: undefined, end () {} }

/** Of a gateway that traces nothing. */
export const NO_TRACING: Tracing = { begin: () => NO_SPAN, async stop () {} }

/** Begins to trace. The SDK is loaded only here: it costs time and memory at start. */
export const createTracing = async (config: TracingConfig, deps: TracingDeps): Promise<Tracing> =>
  (await import('./trace-requests.ts')).traceRequests(config, deps)
