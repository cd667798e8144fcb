import type { FastifyInstance } from 'fastify'
import parsePrometheusTextFormat from 'parse-prometheus-text-format'
import { pino } from 'pino'
import type { Test } from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createBus, type Bus } from '../../src/observability/bus.ts'
import { createMetrics, type Metrics, type MetricsDeps } from '../../src/observability/metrics.ts'
import { createAuthorization } from '../../src/routes/authorization.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { addMetrics } from '../../src/routes/metrics.ts'

export const METRICS_TOKEN = 'a-token-for-scraping-only'
export const ADMIN_SECRET = 'an-admin-secret-for-tests'

/** Every sample by its name and labels as they are written: `used_total`, `attempts_total{provider="acs-sms"}`; without the prefix. */
export const samplesOf = (text: string): Readonly<Record<string, number>> => {
  // A real parser first: what it cannot read is no such text.
  parsePrometheusTextFormat(text)
  return Object.fromEntries(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => {
    const [, name = '', value] = /^(?:phone_code_gateway_)?([a-z0-9_]+(?:\{.*\})?) (\S+)$/.exec(line) as RegExpExecArray
    return [name, Number(value)]
  }))
}

/** Metrics of two providers, with everything at hand. */
export const createTestMetrics = (t: Test, deps: Partial<MetricsDeps> = {}): { readonly bus: Bus, readonly metrics: Metrics, readonly samples: () => Promise<Readonly<Record<string, number>>> } => {
  const bus = createBus()
  const metrics = createMetrics({
    bus,
    circuitStates: () => [{ provider: 'acs-sms', channel: 'sms', state: 'closed' }, { provider: 'twilio-voice', channel: 'voice', state: 'closed' }],
    dueCounts: async () => [],
    viewers: () => 0,
    hooks: ['okta', 'generic/shop'],
    withProcess: false,
    ...deps
  })
  t.teardown(() => { metrics.stop() })
  return { bus, metrics, samples: async () => samplesOf((await metrics.text()).body) }
}

/** The route alone, on an app like the gateway's; closed at the end of the test. */
export const createMetricsApp = async (t: Test, metrics: Metrics, { token, isDraining = () => false, log = [] }: { readonly token?: string, readonly isDraining?: () => boolean, readonly log?: string[] } = {}): Promise<FastifyInstance> => {
  const logger = pino({ level: 'trace' }, { write: (line: string) => { log.push(line) } })
  const app = await createHttpApp({ logger, withDocs: false, isDraining })
  addMetrics(app, { metrics, authorization: createAuthorization(new Map(), new SensitiveText(ADMIN_SECRET)), token: token === undefined ? undefined : new SensitiveText(token) })
  t.teardown(() => app.close())
  return app
}
