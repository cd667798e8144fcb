import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Before the name of everything that the gateway itself counts. */
export const PREFIX = 'phone_code_gateway_'

/** Upper ends of what is counted together, in seconds. */
const STAGE_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]
const ATTEMPT_BUCKETS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10]
const DELIVERY_BUCKETS = [1, 2, 3, 5, 7.5, 10, 15, 20, 30, 45, 60, 120, 300, 600, 1800]

/** All that is counted of the gateway's own work. Values of labels come from closed sets (`labels.ts`). */
export interface Instruments {
  readonly requests: Counter
  readonly stages: Histogram
  readonly attempts: Counter
  readonly attemptSeconds: Histogram
  readonly deliveries: Counter
  readonly timeToDelivery: Histogram
  readonly retried: Counter
  readonly escalated: Counter
  readonly used: Counter
  readonly loginsMatched: Counter
  readonly guardDecisions: Counter
  readonly rangesShut: Counter
  readonly verifications: Counter
  readonly incomingCalls: Counter
  readonly callbacksForged: Counter
  readonly eventsIgnored: Counter
  readonly webhooksFailed: Counter
  readonly publishingFailures: Counter
  readonly publishingMissed: Counter
  readonly feedLost: Counter
  readonly recovered: Counter
  readonly keysDisagree: Counter
  readonly clockSkewed: Counter
  readonly workFailed: Counter
  readonly circuitOpen: Gauge
  readonly dueRows: Gauge
  readonly storeUp: Gauge
  readonly feedViewers: Gauge
  readonly buildInfo: Gauge
}

/** Makes them in a registry. Names and labels are told in docs/observability.md. */
export const createInstruments = (registry: Registry): Instruments => {
  const common = (name: string, help: string, labelNames: string[]): { name: string, help: string, labelNames: string[], registers: Registry[] } =>
    ({ name: `${PREFIX}${name}`, help, labelNames, registers: [registry] })
  const counter = (name: string, help: string, ...labels: string[]): Counter => new Counter(common(name, help, labels))
  const gauge = (name: string, help: string, ...labels: string[]): Gauge => new Gauge(common(name, help, labels))
  const histogram = (name: string, help: string, buckets: number[], ...labels: string[]): Histogram => new Histogram({ ...common(name, help, labels), buckets })
  return {
    requests: counter('requests_total', 'Requests to hooks that were answered, by what came of them.', 'hook', 'outcome'),
    stages: histogram('stage_seconds', 'Time that each part of a delivery took; answer is the whole request.', STAGE_BUCKETS, 'stage'),
    attempts: counter('attempts_total', 'Requests to providers, by what they said.', 'provider', 'channel', 'result', 'reason'),
    attemptSeconds: histogram('attempt_seconds', 'Time until a provider had answered.', ATTEMPT_BUCKETS, 'provider', 'result'),
    deliveries: counter('deliveries_total', 'Messages, by what became of them: once when they were sent or not, once more when the carrier told.', 'provider', 'channel', 'country', 'status'),
    timeToDelivery: histogram('time_to_delivery_seconds', 'Time from the attempt until the carrier or the call told that the message has arrived.', DELIVERY_BUCKETS, 'provider', 'channel'),
    retried: counter('retries_total', 'Text messages that were sent once more.'),
    escalated: counter('escalations_total', 'Messages that went on by another channel, by that channel.', 'channel'),
    used: counter('used_total', 'Deliveries whose code was used.'),
    loginsMatched: counter('logins_matched_total', 'Logins that an identity provider told of and whose delivery was found.', 'from'),
    guardDecisions: counter('guard_decisions_total', 'Messages that a rule refused (enforce) or would have refused (shadow).', 'rule', 'mode'),
    rangesShut: counter('ranges_shut_total', 'Ranges of numbers that were taken for pumped.', 'range'),
    verifications: counter('verifications_total', 'What happened to verifications of our own.', 'event', 'status'),
    incomingCalls: counter('incoming_calls_total', 'Calls that came in, by what the person heard.', 'answer'),
    callbacksForged: counter('callbacks_forged_total', 'Callbacks without the signature of their vendor.', 'vendor'),
    eventsIgnored: counter('events_ignored_total', 'Events that changed nothing.', 'provider', 'why'),
    webhooksFailed: counter('webhooks_failed_total', 'Times that the webhook of a verification was not taken.'),
    publishingFailures: counter('publishing_failures_total', 'Times that a receiver did not take what was published.', 'receiver'),
    publishingMissed: counter('publishing_missed_pages_total', 'Pages of the feed that a receiver was never told of.', 'receiver'),
    feedLost: counter('feed_lost_facts_total', 'Facts that did not fit into the buffer of the feed.'),
    recovered: counter('recovered_total', 'Messages that a dead process left behind.', 'state'),
    keysDisagree: counter('keys_disagree_total', 'Times that another process on the store was seen to have other keys.'),
    clockSkewed: counter('clock_skewed_total', 'Times that the clock of this machine was seen to be off that of the store.'),
    workFailed: counter('work_failed_total', 'Failures in the background.'),
    circuitOpen: gauge('circuit_open', '1 from the time that a provider is set aside until it has worked again.', 'provider', 'channel'),
    dueRows: gauge('due_rows', 'Work for later in the store: due already, or waiting for its time.', 'kind', 'state'),
    storeUp: gauge('store_up', 'Whether the store answered when it was last asked, five seconds ago at most.'),
    feedViewers: gauge('feed_viewers', 'Inspectors that look on at this process.'),
    buildInfo: gauge('build_info', 'Always 1; the version that runs.', 'version')
  }
}
