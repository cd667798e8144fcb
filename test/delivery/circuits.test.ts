import t from 'tap'
import { createCircuits, type Circuits } from '../../src/delivery/circuits.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import { REASONS, type Reason } from '../../src/domain/reason.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { createClock, type Clock } from '../support/gateway.ts'
import { ACCEPTED, FAILED, providerOf, REFUSED, UNKNOWN } from '../support/provider.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'

const COOL_OFF = 30_000
const LONGEST_COOL_OFF = 300_000

interface CircuitsWorld extends RecordedBus {
  readonly circuits: Circuits
  readonly clock: Clock
  readonly a: Provider
  readonly b: Provider
  readonly c: Provider
  /** Notes what came of that many requests to a provider. */
  note (provider: Provider, result: SendResult, times?: number): void
  /** The names of the three in the order in which a message tries them. */
  order (): string
  /** Where the first one stands. */
  state (): object | undefined
}

const openCircuits = (): CircuitsWorld => {
  const recorded = recordBus()
  const clock = createClock()
  const [a, b, c] = [providerOf('a'), providerOf('b'), providerOf('c')]
  const circuits = createCircuits({ providers: [a, b, c], bus: recorded.bus, now: clock })
  return {
    ...recorded,
    circuits,
    clock,
    a,
    b,
    c,
    note: (provider, result, times = 1) => { for (let time = 0; time < times; time += 1) circuits.note(provider, result) },
    order: () => {
      const ordered = circuits.order([a, b, c])
      circuits.begin(ordered[0] as Provider)
      return ordered.map(({ name }) => name).join('')
    },
    state: () => circuits.states().find(({ provider }) => provider === 'a')
  }
}

const failedFor = (reason: Reason, retryAfter?: number): SendResult => ({ kind: 'failed', reason, ...(retryAfter === undefined ? {} : { retryAfter }) })

t.test('a provider that fails five times in a row is set aside: it comes last, and is never left out', async (t) => {
  const { a, clock, events, note, order, state } = openCircuits()
  t.equal(order(), 'abc')
  note(a, FAILED, 4)
  t.equal(order(), 'abc', 'four are not enough')
  t.same(state(), { provider: 'a', channel: 'sms', state: 'closed', failures: 4, reason: 'connection', retryAt: undefined })
  t.same(events, [])
  note(a, FAILED)
  t.same([order(), order(), order()], ['bca', 'bca', 'bca'])
  t.same(state(), { provider: 'a', channel: 'sms', state: 'open', failures: 5, reason: 'connection', retryAt: clock() + COOL_OFF })
  t.same(events, [{ type: 'provider.set-aside', provider: 'a', channel: 'sms', reason: 'connection', failures: 5, milliseconds: COOL_OFF }])
})

t.test('something that worked between failures takes them away, also where the message itself was refused', async (t) => {
  for (const worked of [ACCEPTED, REFUSED, { kind: 'refused', reason: 'opted_out' }] as const) {
    const { a, events, note, order, state } = openCircuits()
    for (const failures of [1, 3, 4]) {
      note(a, FAILED, failures)
      note(a, worked)
    }
    note(a, FAILED, 4)
    t.equal(order(), 'abc')
    t.match(state(), { state: 'closed', failures: 4 })
    t.same(events, [], 'what was never set aside is not restored')
  }
})

t.test('only failures of the provider or of our account count, not those of one message', async (t) => {
  const systemic: Reason[] = ['credentials', 'rate_limited', 'provider_error', 'connection', 'timeout']
  for (const reason of REASONS) {
    const { a, note, order } = openCircuits()
    note(a, failedFor(reason), 5)
    t.equal(order(), systemic.includes(reason) ? 'bca' : 'abc', reason)
  }
})

t.test('a failure that says nothing of the provider neither counts nor takes others away', async (t) => {
  const { a, note, order } = openCircuits()
  note(a, FAILED, 4)
  note(a, failedFor('destination_unsupported'), 10)
  t.equal(order(), 'abc')
  note(a, FAILED)
  t.equal(order(), 'bca')
})

t.test('a result that nobody knows counts, whatever its reason', async (t) => {
  for (const reason of ['timeout', 'provider_error', 'interrupted'] as const) {
    const { a, note, order } = openCircuits()
    note(a, UNKNOWN, 4)
    t.equal(order(), 'abc')
    note(a, { kind: 'unknown', reason })
    t.equal(order(), 'bca', reason)
  }
})

t.test('each provider is judged by its own failures, also where two have one name', async (t) => {
  const { bus } = recordBus()
  const [text, call] = [providerOf('verify'), providerOf('verify', ACCEPTED, { channel: 'voice' })]
  const circuits = createCircuits({ providers: [text, call], bus, now: createClock() })
  for (let time = 0; time < 5; time += 1) circuits.note(text, FAILED)
  t.match(circuits.states(), [{ channel: 'sms', state: 'open' }, { channel: 'voice', state: 'closed', failures: 0, reason: undefined }])
  const { a, b, note, order } = openCircuits()
  note(a, FAILED, 3)
  note(b, FAILED, 3)
  t.equal(order(), 'abc')
})

t.test('a vendor that wants to be left alone is set aside at once, for as long as it says', async (t) => {
  const { a, clock, events, note, order } = openCircuits()
  note(a, failedFor('rate_limited', 7000))
  t.equal(order(), 'bca')
  t.match(events, [{ type: 'provider.set-aside', reason: 'rate_limited', failures: 1, milliseconds: 7000 }])
  clock.advance(6999)
  t.equal(order(), 'bca')
  clock.advance(1)
  t.equal(order(), 'abc')
})

t.test('a vendor that wants to be left alone for long is so for five minutes at most', async (t) => {
  for (const failures of [0, 4]) {
    const { a, clock, note, order, state } = openCircuits()
    note(a, FAILED, failures)
    note(a, failedFor('rate_limited', 3_600_000))
    t.match(state(), { state: 'open', retryAt: clock() + LONGEST_COOL_OFF })
    clock.advance(LONGEST_COOL_OFF - 1)
    t.equal(order(), 'bca')
    clock.advance(1)
    t.equal(order(), 'abc')
  }
})

t.test('a vendor that asks for a moment only is set aside for the cool-off all the same where it keeps failing', async (t) => {
  const { a, clock, note, state } = openCircuits()
  note(a, FAILED, 4)
  note(a, failedFor('rate_limited', 1000))
  t.match(state(), { state: 'open', failures: 5, retryAt: clock() + COOL_OFF })
})

t.test('a moment of nothing is no wish to be left alone', async (t) => {
  const { a, events, note, order } = openCircuits()
  note(a, failedFor('rate_limited', 0))
  t.equal(order(), 'abc')
  t.same(events, [])
})

t.test('after the cool-off exactly one message tries the provider in its own place', async (t) => {
  const { a, clock, note, order, state } = openCircuits()
  note(a, FAILED, 5)
  clock.advance(COOL_OFF - 1)
  t.equal(order(), 'bca')
  t.match(state(), { state: 'open' })
  clock.advance(1)
  t.match(state(), { state: 'half-open' })
  t.match(state(), { state: 'half-open' }, 'who asks where it stands does not take the turn')
  t.same([order(), order(), order()], ['abc', 'bca', 'bca'])
})

t.test('who looks at the order takes no turn', async (t) => {
  const { a, b, circuits, clock, note, order } = openCircuits()
  const look = (): string => circuits.order([a, b]).map(({ name }) => name).join('')
  note(a, FAILED, 5)
  t.equal(look(), 'ba')
  clock.advance(COOL_OFF)
  t.same([look(), look(), order(), look()], ['ab', 'ab', 'abc', 'ba'])
})

t.test('requests that were under way when a try began do not pass for it twice', async (t) => {
  const { a, clock, events, note, order } = openCircuits()
  note(a, FAILED, 5)
  clock.advance(COOL_OFF)
  order()
  note(a, FAILED, 10)
  t.match(events.at(-1), { type: 'provider.set-aside', milliseconds: 2 * COOL_OFF })
  t.equal(events.length, 2)
})

t.test('a try of which nothing is ever heard is followed by another, a cool-off later', async (t) => {
  const { a, clock, note, order } = openCircuits()
  note(a, FAILED, 5)
  clock.advance(COOL_OFF)
  t.equal(order(), 'abc')
  clock.advance(COOL_OFF - 1)
  t.equal(order(), 'bca')
  clock.advance(1)
  t.same([order(), order()], ['abc', 'bca'])
})

t.test('a try that works restores the provider, and it is told; the next failures begin at nothing', async (t) => {
  const { a, clock, events, note, order, state } = openCircuits()
  note(a, FAILED, 5)
  clock.advance(COOL_OFF)
  order()
  note(a, ACCEPTED)
  t.same([order(), order()], ['abc', 'abc'])
  t.same(events.slice(1), [{ type: 'provider.restored', provider: 'a', channel: 'sms' }])
  t.same(state(), { provider: 'a', channel: 'sms', state: 'closed', failures: 0, reason: undefined, retryAt: undefined })
  note(a, FAILED, 4)
  t.equal(order(), 'abc')
  note(a, FAILED)
  t.match(events.at(-1), { type: 'provider.set-aside', failures: 5, milliseconds: COOL_OFF }, 'and the cool-off is short again')
})

t.test('a provider that works before its cool-off is over is restored: others may all have failed', async (t) => {
  const { a, events, note, order } = openCircuits()
  note(a, FAILED, 5)
  note(a, ACCEPTED)
  t.equal(order(), 'abc')
  t.match(events.at(-1), { type: 'provider.restored' })
})

t.test('a try that fails sets it aside for twice as long, up to five minutes', async (t) => {
  const { a, clock, events, note, order } = openCircuits()
  note(a, FAILED, 5)
  const coolOffs = [COOL_OFF, 60_000, 120_000, 240_000, LONGEST_COOL_OFF, LONGEST_COOL_OFF, LONGEST_COOL_OFF]
  for (const coolOff of coolOffs) {
    t.match(events.at(-1), { type: 'provider.set-aside', milliseconds: coolOff })
    clock.advance(coolOff - 1)
    t.equal(order(), 'bca')
    clock.advance(1)
    t.equal(order(), 'abc')
    note(a, FAILED)
  }
  t.equal(events.length, coolOffs.length + 1)
})

t.test('a try that fails for a reason of the message leaves the provider where it is', async (t) => {
  const { a, clock, note, order } = openCircuits()
  note(a, FAILED, 5)
  clock.advance(COOL_OFF)
  order()
  note(a, failedFor('destination_unsupported'))
  t.equal(order(), 'bca')
  clock.advance(COOL_OFF)
  t.equal(order(), 'abc')
})

t.test('requests that were under way when it was set aside do not make the cool-off longer', async (t) => {
  const { a, clock, note, order, state } = openCircuits()
  note(a, FAILED, 20)
  t.match(state(), { state: 'open', retryAt: clock() + COOL_OFF })
  clock.advance(COOL_OFF)
  t.equal(order(), 'abc')
})

t.test('several that are set aside keep their order among each other', async (t) => {
  const { a, b, circuits, note, order } = openCircuits()
  note(b, FAILED, 5)
  t.equal(order(), 'acb')
  note(a, FAILED, 5)
  t.equal(order(), 'cab')
  t.same(circuits.order([b, a]).map(({ name }) => name), ['b', 'a'], 'where there is no other, they are tried all the same')
  t.same(circuits.order([]), [])
})

t.test('every provider has its state, also before it was ever used', async (t) => {
  const { circuits } = openCircuits()
  t.same(circuits.states().map(({ provider, state, failures }) => [provider, state, failures]), [['a', 'closed', 0], ['b', 'closed', 0], ['c', 'closed', 0]])
})

t.test('a clock that is put back sets nobody aside for longer', async (t) => {
  const { a, clock, note, order, state } = openCircuits()
  note(a, FAILED, 5)
  clock.advance(-3_600_000)
  t.match(state(), { state: 'half-open' })
  t.same([order(), order()], ['abc', 'bca'])
})
