import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Deadline } from '../domain/deadline.ts'
import { pairsOf } from './pairs.ts'
import { samplerOf } from './sampler.ts'
import { createSpanExporter } from './span-exporter.ts'
import { createSpanMaker } from './spans-of-events.ts'
import { readTraceparent, traceparentOf } from './trace-context.ts'
import type { Tracing, TracingConfig, TracingDeps } from './tracing.ts'
import { VERSION } from './version.ts'

/** Milliseconds that the collector has at the end. */
const LAST_FLUSH = 3000

/** Traces with a provider of its own: nothing is registered for the process, and nobody's modules are changed. */
export const traceRequests = async (config: TracingConfig, deps: TracingDeps): Promise<Tracing> => {
  const { bus, now } = deps
  const processor = new BatchSpanProcessor(await createSpanExporter(config, deps))
  const provider = new BasicTracerProvider({
    sampler: samplerOf(config.sampler, config.samplerArgument),
    resource: defaultResource().merge(resourceFromAttributes({
      ...pairsOf(config.resourceAttributes), 'service.name': config.serviceName, 'service.version': VERSION
    })),
    spanProcessors: [processor]
  })
  const tracer = provider.getTracer('phone-code-gateway', VERSION)
  const stopListening = bus.listen(createSpanMaker(tracer, now))
  return {
    begin (route, traceparent) {
      const parent = readTraceparent(traceparent)
      const span = tracer.startSpan(`POST ${route}`, {
        kind: SpanKind.SERVER,
        startTime: new Date(now()),
        attributes: { 'http.request.method': 'POST', 'http.route': route }
      }, parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent))
      return {
        context: traceparentOf(span.spanContext()),
        end ({ status, problem, delivery, caller }) {
          span.setAttribute('http.response.status_code', status)
          if (problem !== undefined) span.setAttribute('error.type', problem)
          if (delivery !== undefined) span.setAttribute('phone_code.delivery', delivery)
          if (caller !== '') span.setAttribute('phone_code.caller', caller)
          // What the caller did wrong is no fault of the server. https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status
          if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
          span.end(new Date(now()))
        }
      }
    },
    async stop () {
      stopListening()
      await Deadline.in(LAST_FLUSH).bound(provider.shutdown()).catch(() => {})
    }
  }
}
