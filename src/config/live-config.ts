import type { SensitiveText } from '../domain/sensitive.ts'
import type { ReadSettings } from './read-settings.ts'
import { tooShort } from './secret-length.ts'
import type { SettingName } from './settings.ts'

/** What it takes to look on, for people and for machines. */
export interface LiveConfig {
  /** Whether there is an inspector. */
  readonly inspector: boolean
  /** Further values of the header `Host` under which the inspector answers. */
  readonly inspectorHosts: readonly string[]
  /** For how long a message can be sent again from the inspector, in milliseconds; 0: never. */
  readonly replayMs: number
  readonly prices: Prices
  /** Opens the route on which functions outside tell what they do; absent: it is closed. */
  readonly demoSecret: SensitiveText | undefined
  readonly metricsToken: SensitiveText | undefined
  readonly tracing: TracingConfig | undefined
  readonly eventGridTopic: { readonly endpoint: URL, readonly key: SensitiveText } | undefined
  readonly eventsWebhook: { readonly url: URL, readonly secrets: readonly SensitiveText[] } | undefined
}

/** What a message costs. */
export interface Prices {
  /** By `provider`, or by `provider:COUNTRY`, which comes first. */
  readonly each: ReadonlyMap<string, number>
  /** ISO 4217: `USD`. */
  readonly currency: string
}

/** Where spans go, as the settings of OpenTelemetry say. */
export interface TracingConfig {
  /** The whole address that spans are posted to. */
  readonly url: URL
  readonly headers: SensitiveText | undefined
  readonly protocol: 'http/protobuf' | 'http/json'
  readonly serviceName: string
  /** `key=value,…`. */
  readonly resourceAttributes: string | undefined
  readonly sampler: string
  readonly samplerArgument: number | undefined
}

/** Words that stand in samples: they are nobody's secret. */
const SAMPLE_SECRETS: ReadonlySet<string> = new Set(['demo', 'demo-secret', 'demosecret', 'demo_secret', 'secret', 'changeme', 'change-me', 'your-demo-secret', 'your-secret', 'your_secret_here', 'test', 'password'])

export const liveConfig = ({ values, given }: ReadSettings): LiveConfig => ({
  inspector: values.INSPECTOR === 'on' && given.has('ADMIN_SECRET'),
  inspectorHosts: values.INSPECTOR_HOSTS ?? [],
  replayMs: (values.REPLAY_MINUTES ?? (values.NODE_ENV === 'production' ? 0 : 60)) * 60_000,
  prices: { each: values.PRICES ?? new Map(), currency: values.PRICES_CURRENCY },
  demoSecret: values.DEMO_SECRET !== undefined && isSecret(values.DEMO_SECRET) ? values.DEMO_SECRET : undefined,
  metricsToken: values.METRICS_TOKEN,
  tracing: tracingConfig(values),
  eventGridTopic: values.EVENT_GRID_TOPIC_ENDPOINT && values.EVENT_GRID_TOPIC_KEY && { endpoint: values.EVENT_GRID_TOPIC_ENDPOINT, key: values.EVENT_GRID_TOPIC_KEY },
  eventsWebhook: values.EVENTS_WEBHOOK_URL && values.EVENTS_WEBHOOK_SECRET && { url: values.EVENTS_WEBHOOK_URL, secrets: values.EVENTS_WEBHOOK_SECRET }
})

const isSecret = (secret: SensitiveText): boolean => !SAMPLE_SECRETS.has(secret.reveal().toLowerCase())

/** What is set for traces alone comes before what is set for all signals. https://opentelemetry.io/docs/specs/otel/protocol/exporter/ */
const tracingConfig = (values: ReadSettings['values']): TracingConfig | undefined => {
  const base = values.OTEL_EXPORTER_OTLP_ENDPOINT
  const url = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? (base && new URL(`${base.href.replace(/\/$/, '')}/v1/traces`))
  if (url === undefined || values.OTEL_SDK_DISABLED === 'true' || values.OTEL_TRACES_EXPORTER === 'none') return undefined
  return {
    url,
    headers: values.OTEL_EXPORTER_OTLP_TRACES_HEADERS ?? values.OTEL_EXPORTER_OTLP_HEADERS,
    protocol: values.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? values.OTEL_EXPORTER_OTLP_PROTOCOL,
    serviceName: values.OTEL_SERVICE_NAME,
    resourceAttributes: values.OTEL_RESOURCE_ATTRIBUTES,
    sampler: values.OTEL_TRACES_SAMPLER,
    samplerArgument: values.OTEL_TRACES_SAMPLER_ARG
  }
}

/** What is wrong with these settings taken together; one line each. */
export const liveProblems = ({ values, given }: ReadSettings): string[] => [
  ...together(given, 'EVENT_GRID_TOPIC_ENDPOINT', 'EVENT_GRID_TOPIC_KEY'),
  ...together(given, 'EVENTS_WEBHOOK_URL', 'EVENTS_WEBHOOK_SECRET'),
  ...(values.NODE_ENV === 'production' ? tooShort('METRICS_TOKEN', values.METRICS_TOKEN && [values.METRICS_TOKEN]) : [])
]

const together = (given: ReadSettings['given'], one: SettingName, other: SettingName): string[] =>
  given.has(one) === given.has(other) ? [] : [`${one} and ${other} must be set together.`]

/** What works, but not as somebody may expect. */
export const liveWarnings = ({ values, given }: ReadSettings): string[] => [
  ...(values.DEMO_SECRET !== undefined && !isSecret(values.DEMO_SECRET) ? ['DEMO_SECRET is one that stands in samples: /api/events/capture stays closed until it is another.'] : []),
  ...(given.has('INSPECTOR') && values.INSPECTOR === 'on' && !given.has('ADMIN_SECRET') ? ['There is no inspector: set ADMIN_SECRET, which opens it.'] : []),
  ...(given.has('PRICES_CURRENCY') && !given.has('PRICES') ? ['PRICES_CURRENCY does nothing: set PRICES.'] : [])
]
