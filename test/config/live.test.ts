import t from 'tap'
import { readConfig, type Config } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { KEY, production, productionProblems } from './environments.ts'

const ADMIN_SECRET = 'an-admin-secret-that-is-long'

const development = (changes: Environment = {}): Config => readConfig({ SECRET_HEADER: 's', GATEWAY_KEYS: KEY, ...changes }, '/srv')

const traced = (changes: Environment): Config['live']['tracing'] => production(changes).live.tracing

t.test('the inspector opens with the admin secret, and is not there without one', async (t) => {
  t.equal(production({ ADMIN_SECRET }).live.inspector, true)
  t.equal(production().live.inspector, false)
  t.equal(production({ ADMIN_SECRET, INSPECTOR: 'off' }).live.inspector, false)
  const said = /There is no inspector: set ADMIN_SECRET/
  t.ok(production({ INSPECTOR: 'on' }).warnings.some((warning) => said.test(warning)), 'who asks for it is told')
  t.notOk(production({}).warnings.some((warning) => said.test(warning)))
  t.notOk(production({ INSPECTOR: 'on', ADMIN_SECRET }).warnings.some((warning) => said.test(warning)))
})

t.test('names of the inspector are hosts, with a port or without', async (t) => {
  t.same(production({ INSPECTOR_HOSTS: 'gateway.internal:8000, gateway' }).live.inspectorHosts, ['gateway.internal:8000', 'gateway'])
  for (const wrong of ['https://gateway.internal', 'gateway/inspector', 'Gateway:port', '*', ',']) {
    t.match(productionProblems({ INSPECTOR_HOSTS: wrong }), [/^INSPECTOR_HOSTS must be /], wrong)
  }
})

t.test('messages can be sent again for an hour in development, and in production only where that is wanted', async (t) => {
  t.equal(development().live.replayMs, 3_600_000)
  t.equal(production().live.replayMs, 0)
  t.equal(production({ REPLAY_MINUTES: '15' }).live.replayMs, 900_000)
  t.equal(development({ REPLAY_MINUTES: '0' }).live.replayMs, 0)
  t.match(productionProblems({ REPLAY_MINUTES: '1441' }), [/^REPLAY_MINUTES must be /])
})

t.test('prices are by provider, and by country', async (t) => {
  const { each, currency } = production({ PRICES: 'twilio-sms=0.05, twilio-sms:US=0.0079,acs-voice=1', PRICES_CURRENCY: 'EUR' }).live.prices
  t.same([...each], [['twilio-sms', 0.05], ['twilio-sms:US', 0.0079], ['acs-voice', 1]])
  t.equal(currency, 'EUR')
  t.same([...production().live.prices.each], [])
  for (const wrong of ['twilio-sms', 'twilio-sms=', 'twilio-sms=-1', 'twilio-sms=1e3', 'twilio-sms:UK=1', 'twilio-sms:us=1', 'a=1,a=2', ',']) {
    t.match(productionProblems({ PRICES: wrong }), [/^PRICES must be /], wrong)
  }
  t.match(productionProblems({ PRICES_CURRENCY: 'euro' }), [/^PRICES_CURRENCY must be /])
  t.ok(production({ PRICES_CURRENCY: 'EUR' }).warnings.includes('PRICES_CURRENCY does nothing: set PRICES.'))
})

t.test('a word out of a sample opens nothing, and is told of', async (t) => {
  t.equal(production({ DEMO_SECRET: 'something of our own' }).live.demoSecret?.reveal(), 'something of our own')
  t.equal(production().live.demoSecret, undefined)
  for (const sample of ['demo', 'Changeme', 'your-demo-secret']) {
    const { live, warnings } = production({ DEMO_SECRET: sample })
    t.equal(live.demoSecret, undefined, sample)
    t.ok(warnings.some((warning) => warning.startsWith('DEMO_SECRET is one that stands in samples')), sample)
  }
})

t.test('who reads metrics has a secret of its own', async (t) => {
  t.equal(production({ METRICS_TOKEN: 'a-token-to-scrape-with' }).live.metricsToken?.reveal(), 'a-token-to-scrape-with')
  t.same(productionProblems({ METRICS_TOKEN: ADMIN_SECRET, ADMIN_SECRET }), ['METRICS_TOKEN must not share a secret with ADMIN_SECRET.'])
  t.same(productionProblems({ DEMO_SECRET: ADMIN_SECRET, ADMIN_SECRET }), ['DEMO_SECRET must not share a secret with ADMIN_SECRET.'])
  t.match(productionProblems({ METRICS_TOKEN: 'short' }), [/^METRICS_TOKEN /])
  t.equal(development({ METRICS_TOKEN: 'short' }).live.metricsToken?.reveal(), 'short')
})

t.test('who is told of events has an address and a secret', async (t) => {
  const topic = { EVENT_GRID_TOPIC_ENDPOINT: 'https://t.westeurope-1.eventgrid.azure.net/api/events', EVENT_GRID_TOPIC_KEY: 'key' }
  const webhook = { EVENTS_WEBHOOK_URL: 'https://app.example.com/events', EVENTS_WEBHOOK_SECRET: `whsec_${KEY}` }
  const { eventGridTopic, eventsWebhook } = production({ ...topic, ...webhook }).live
  t.same([eventGridTopic?.endpoint.href, eventGridTopic?.key.reveal()], [topic.EVENT_GRID_TOPIC_ENDPOINT, 'key'])
  t.same([eventsWebhook?.url.href, eventsWebhook?.secrets.map((secret) => secret.reveal())], [webhook.EVENTS_WEBHOOK_URL, [KEY]])
  t.same([production().live.eventGridTopic, production().live.eventsWebhook], [undefined, undefined])
  for (const [name, value] of Object.entries(topic)) t.same(productionProblems({ [name]: value }), ['EVENT_GRID_TOPIC_ENDPOINT and EVENT_GRID_TOPIC_KEY must be set together.'])
  for (const [name, value] of Object.entries(webhook)) t.same(productionProblems({ [name]: value }), ['EVENTS_WEBHOOK_URL and EVENTS_WEBHOOK_SECRET must be set together.'])
})

t.test('nothing is traced where no collector is named', async (t) => {
  t.equal(traced({}), undefined)
  t.equal(traced({ OTEL_SERVICE_NAME: 'codes' }), undefined)
  t.equal(traced({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }), undefined)
  t.equal(traced({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_TRACES_EXPORTER: 'none' }), undefined)
})

t.test('a collector is named for all signals, or whole for traces alone', async (t) => {
  t.match(traced({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' }), {
    url: { href: 'http://collector:4318/v1/traces' }, headers: undefined, protocol: 'http/protobuf', serviceName: 'phone-code-gateway', sampler: 'parentbased_always_on', samplerArgument: undefined
  })
  t.equal(traced({ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otlp.example.com/base' })?.url.href, 'https://otlp.example.com/base/v1/traces')
  const own = traced({
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/put/them/here',
    OTEL_EXPORTER_OTLP_HEADERS: 'a=1',
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'b=2',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
    OTEL_TRACES_SAMPLER: 'traceidratio',
    OTEL_TRACES_SAMPLER_ARG: '0.25'
  })
  t.match(own, { url: { href: 'http://traces:4318/put/them/here' }, protocol: 'http/json', sampler: 'traceidratio', samplerArgument: 0.25 })
  t.equal(own?.headers?.reveal(), 'b=2')
})

t.test('what no collector, share or protocol could be stops the start', async (t) => {
  for (const [name, wrongs] of Object.entries({
    OTEL_EXPORTER_OTLP_ENDPOINT: ['collector:4318', 'ftp://collector', 'http://user@collector:4318', 'http://collector:4318/#x'],
    OTEL_EXPORTER_OTLP_PROTOCOL: ['grpc'],
    OTEL_TRACES_SAMPLER: ['jaeger_remote'],
    OTEL_TRACES_SAMPLER_ARG: ['2', '-1', '0.', 'half'],
    OTEL_RESOURCE_ATTRIBUTES: ['environment', '=production']
  })) {
    for (const wrong of wrongs) t.match(productionProblems({ [name]: wrong }), [new RegExp(`^${name} must be `)], `${name}=${wrong}`)
  }
})
