import type { SpanExporter } from '@opentelemetry/sdk-trace-base'
import type { Bus } from './bus.ts'
import { pairsOf } from './pairs.ts'
import type { TracingConfig, TracingDeps } from './tracing.ts'

/** A collector that is away is told of once in so many milliseconds. */
const TELL_AGAIN_AFTER = 60_000

/** Sends spans to the collector, and tells when it cannot. Nobody waits for that: what does not go is dropped. */
export const createSpanExporter = async ({ url, headers, protocol }: TracingConfig, { bus, now }: TracingDeps): Promise<SpanExporter> => {
  const options = { url: url.href, headers: pairsOf(headers?.reveal()) }
  const exporter: SpanExporter = protocol === 'http/json'
    ? new (await import('@opentelemetry/exporter-trace-otlp-http')).OTLPTraceExporter(options)
    : new (await import('@opentelemetry/exporter-trace-otlp-proto')).OTLPTraceExporter(options)
  const tell = tellingSeldom(bus, now)
  return {
    export (spans, done) {
      exporter.export(spans, (result) => {
        if (result.error !== undefined) tell(result.error)
        done(result)
      })
    },
    shutdown: () => exporter.shutdown()
  }
}

const tellingSeldom = (bus: Pick<Bus, 'emit'>, now: () => number): (error: Error) => void => {
  let tellAgainAt = -Infinity
  return (error) => {
    if (now() < tellAgainAt) return
    tellAgainAt = now() + TELL_AGAIN_AFTER
    bus.emit({ type: 'work.failed', what: 'exporting spans', error })
  }
}
