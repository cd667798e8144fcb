import { Registry } from 'prom-client'
import { Deadline } from '../domain/deadline.ts'
import type { Channel } from '../domain/message.ts'
import type { Bus } from './bus.ts'
import { createEventCounter } from './count-events.ts'
import { createInstruments } from './instruments.ts'
import { measureProcess } from './process-metrics.ts'
import { VERSION } from './version.ts'

/** How much work of a kind is in the store. */
export interface DueRows {
  readonly kind: string
  readonly due: number
  readonly waiting: number
}

export interface MetricsDeps {
  readonly bus: Pick<Bus, 'listen'>
  /** Where each provider stands. Their names are all that the label `provider` can have. */
  readonly circuitStates: () => ReadonlyArray<{ readonly provider: string, readonly channel: Channel, readonly state: 'closed' | 'open' | 'half-open' }>
  readonly dueCounts: () => Promise<readonly DueRows[]>
  /** How many look on. */
  readonly viewers: () => number
  /** The names of the dialects: all that the label `hook` can have. */
  readonly hooks: readonly string[]
  /** Whether the process is measured too: several gateways of one process would each tell the same. */
  readonly withProcess: boolean
  /** Milliseconds since any moment. */
  readonly elapsed?: () => number
}

/** What is counted, for a Prometheus to fetch. */
export interface Metrics {
  /** All of it in the text format of Prometheus. The store is asked once in five seconds at most, and has a second to answer. */
  text (): Promise<{ readonly contentType: string, readonly body: string }>
  /** Stops counting. */
  stop (): void
}

/** Milliseconds that the store has to answer, and for how long its answer is good. */
const STORE_BUDGET = 1000
const ASK_AGAIN_AFTER = 5000

/** Counts the facts of the bus from now on, in a registry of its own. */
export const createMetrics = ({ bus, circuitStates, dueCounts, viewers, hooks, withProcess, elapsed = () => performance.now() }: MetricsDeps): Metrics => {
  const registry = new Registry()
  const instruments = createInstruments(registry)
  const { circuitOpen, dueRows, storeUp, feedViewers, buildInfo } = instruments
  const providers = [...new Set(circuitStates().map(({ provider }) => provider))]
  const stopListening = bus.listen(createEventCounter(instruments, { hooks, providers }))
  const stopMeasuring = withProcess ? measureProcess(registry) : () => {}
  buildInfo.set({ version: VERSION }, 1)

  const askStore = async (): Promise<void> => {
    const counting = Promise.resolve().then(dueCounts)
    const rows = await Deadline.in(STORE_BUDGET).bound(counting).catch(() => undefined)
    storeUp.set(rows === undefined ? 0 : 1)
    // Nobody knows what is in a store that is away, and old numbers would look like new ones.
    dueRows.reset()
    for (const { kind, due, waiting } of rows ?? []) {
      dueRows.set({ kind, state: 'due' }, due)
      dueRows.set({ kind, state: 'waiting' }, waiting)
    }
  }
  let asked: { readonly at: number, readonly answer: Promise<void> } | undefined
  const storeAsked = async (): Promise<void> => {
    if (asked === undefined || elapsed() - asked.at >= ASK_AGAIN_AFTER) asked = { at: elapsed(), answer: askStore() }
    await asked.answer
  }

  return {
    async text () {
      await storeAsked()
      for (const { provider, channel, state } of circuitStates()) circuitOpen.set({ provider, channel }, state === 'closed' ? 0 : 1)
      feedViewers.set(viewers())
      return { contentType: registry.contentType, body: await registry.metrics() }
    },
    stop () {
      stopListening()
      stopMeasuring()
    }
  }
}
