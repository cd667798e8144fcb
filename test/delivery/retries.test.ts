import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { createMakeAttempt } from '../../src/delivery/attempt.ts'
import { createCircuits } from '../../src/delivery/circuits.ts'
import { sealMessage } from '../../src/delivery/kept-message.ts'
import { createRetry, type RetryDeps } from '../../src/delivery/retries.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import { createKeys } from '../../src/domain/keys.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { Order } from '../../src/providers/provider.ts'
import type { AttemptNews } from '../../src/store/attempts.ts'
import type { ClaimRequest } from '../../src/store/claims.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { codeOf, numberOf } from '../support/message.ts'
import { ACCEPTED, FAILED, planOf, providerOf, REFUSED, UNKNOWN } from '../support/provider.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { HOLD, LEASE, openSqliteStore, openWorld, tablesOf, type World } from '../support/store.ts'

const KEYS = createKeys([randomBytes(32)])
const LIFE = 300_000
/** With less life left than that a code is not sent once more. */
const LEAST_LIFE = 20_000
const NUMBER = 'digest of the number'
const NAMES = ['a', 'b', 'c'] as const
const NOT_TOLD = { ip: undefined, user: undefined }

type Answers = Partial<Record<typeof NAMES[number], SendResult>>

interface Sent { readonly provider: string, readonly order: Order, readonly remaining: number }

interface RetryWorld extends World, RecordedBus {
  readonly sent: Sent[]
  /** A retry on that store, through the providers a, b and c; each takes the message unless the answers say otherwise. */
  make (answers?: Answers, options?: Partial<RetryDeps>): (delivery: string) => Promise<void>
  /** A kept text that provider `a` has taken. */
  accepted (options?: Partial<ClaimRequest>, provider?: string): Promise<{ readonly delivery: string, readonly attempt: string }>
  /** The same, of which the carrier says that it did not arrive. */
  undelivered (options?: Partial<ClaimRequest>, provider?: string): Promise<{ readonly delivery: string, readonly attempt: string }>
  tell (attempt: string, status: AttemptNews['status'], reason?: AttemptNews['reason']): Promise<void>
  /** The names of those that were asked to send. */
  asked (): string
}

const openRetry = async (t: Test): Promise<RetryWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const { attempts, attemptOf, clock, deliveries, newId, newsOf, resultOf } = world
  const recorded = recordBus()
  const sent: Sent[] = []
  const tell: RetryWorld['tell'] = async (attempt, status, reason) => {
    await attempts.apply(newsOf(attempt, { key: `report ${status}`, status, reason }))
  }
  const accepted: RetryWorld['accepted'] = async (options = {}, provider = 'a') => {
    const id = newId()
    const order = { to: numberOf('+4915112345678'), text: new SensitiveText('Ihr Code: 123456'), code: codeOf('123456'), locale: 'de', asker: NOT_TOLD }
    const claim = await world.delivery({ id, plan: [...NAMES], numberDigest: NUMBER, expiresIn: LIFE, keptMessage: sealMessage(order, id, KEYS), ...options })
    const attempt = attemptOf(id, { provider, claim: { key: claim.key, holdFor: HOLD } })
    await attempts.begin(attempt)
    await attempts.finish(resultOf(attempt.id, { reference: `message of ${id}` }))
    return { delivery: id, attempt: attempt.id }
  }
  return {
    ...world,
    ...recorded,
    sent,
    tell,
    accepted,
    async undelivered (options, provider) {
      const made = await accepted(options, provider)
      await tell(made.attempt, 'undelivered', 'carrier_error')
      return made
    },
    asked: () => sent.map(({ provider }) => provider).join(''),
    make (answers = {}, options = {}) {
      const providers = NAMES.map((name) => providerOf(name, async (order, deadline) => {
        sent.push({ provider: name, order, remaining: deadline.remaining })
        return answers[name] ?? ACCEPTED
      }))
      const circuits = createCircuits({ providers, bus: recorded.bus, now: clock })
      const makeAttempt = createMakeAttempt({ attempts, unfinished: createUnfinished(recorded.bus), circuits, bus: recorded.bus, now: clock, longestCallMs: 1, keys: KEYS })
      return createRetry({ deliveries, makeAttempt, plan: planOf(providers, circuits), guard: OPEN_GUARD, unfinished: createUnfinished(recorded.bus), keys: KEYS, bus: recorded.bus, now: clock, ...options })
    }
  }
}

t.test('a text that did not arrive is sent once more as it was, by the next provider of its plan', async (t) => {
  const { clock, deliveries, events, make, sent, undelivered } = await openRetry(t)
  const { delivery } = await undelivered()
  clock.advance(10_000)
  await make()(delivery)
  t.equal(sent.length, 1)
  const { provider, order, remaining } = sent[0] as Sent
  t.equal(provider, 'b')
  t.same([order.to.e164, order.text?.reveal(), order.code?.reveal(), order.locale], ['+4915112345678', 'Ihr Code: 123456', '123456', 'de'])
  t.match(order, { delivery, startedAt: clock(), expiresAt: clock() + LIFE - 10_000 })
  t.ok(remaining > 3000 && remaining <= 6000, `the first has its share: ${remaining}`)
  t.ok(events.some(({ type }) => type === 'delivery.retried'))
  t.match(await deliveries.find(delivery), { status: 'accepted', attempts: [{ provider: 'a', status: 'undelivered' }, { provider: 'b', status: 'accepted' }] })
})

t.test('a text is sent once more one time only, also where that did not arrive either', async (t) => {
  const { asked, deliveries, make, sent, tell, undelivered } = await openRetry(t)
  const { delivery } = await undelivered()
  const retry = make()
  await retry(delivery)
  await retry(delivery)
  await tell(sent[0]?.order.attempt as string, 'undelivered', 'carrier_error')
  t.match(await deliveries.find(delivery), { status: 'undelivered' })
  await retry(delivery)
  t.equal(asked(), 'b')
})

t.test('of many that would send it once more at the same time one does', async (t) => {
  const { asked, make, undelivered } = await openRetry(t)
  const { delivery } = await undelivered()
  const retries = Array.from({ length: 10 }, () => make())
  await Promise.all(retries.map((retry) => retry(delivery)))
  t.equal(asked(), 'b')
})

t.test('each of several texts is sent once more', async (t) => {
  const { make, sent, undelivered } = await openRetry(t)
  const all = [await undelivered({ numberDigest: 'one' }), await undelivered({ numberDigest: 'two' }), await undelivered({ numberDigest: 'three' })]
  const retry = make()
  await Promise.all(all.map(({ delivery }) => retry(delivery)))
  t.same(sent.map(({ order }) => order.delivery).sort(), all.map(({ delivery }) => delivery).sort())
})

t.test('the plan goes round: behind its last provider comes its first', async (t) => {
  for (const [last, next] of [['a', 'b'], ['b', 'c'], ['c', 'a']] as const) {
    const { asked, make, undelivered } = await openRetry(t)
    const { delivery } = await undelivered({}, last)
    await make()(delivery)
    t.equal(asked(), next)
  }
})

t.test('where there is one provider only, it is sent by the same', async (t) => {
  const { asked, make, undelivered } = await openRetry(t)
  const { delivery } = await undelivered({ plan: ['a'] })
  await make()(delivery)
  t.equal(asked(), 'a')
})

t.test('providers that are gone are passed over; where none is left, nothing is sent', async (t) => {
  const { asked, make, undelivered } = await openRetry(t)
  const some = await undelivered({ plan: ['a', 'gone', 'c'], numberDigest: 'one' })
  await make()(some.delivery)
  t.equal(asked(), 'c')
  const none = await undelivered({ plan: ['gone'], numberDigest: 'two' }, 'gone')
  await make()(none.delivery)
  t.equal(asked(), 'c')
})

t.test('where a provider does not take it, the next is asked, until one does or may have', async (t) => {
  for (const [answers, names, status] of [
    [{ b: FAILED }, 'bc', 'accepted'],
    [{ b: REFUSED, c: FAILED }, 'bca', 'accepted'],
    [{ b: UNKNOWN }, 'b', 'unknown'],
    [{ b: FAILED, c: UNKNOWN }, 'bc', 'unknown'],
    [{ a: FAILED, b: FAILED, c: REFUSED }, 'bca', 'undelivered']
  ] as const) {
    const { asked, deliveries, make, undelivered } = await openRetry(t)
    const { delivery } = await undelivered()
    await make(answers)(delivery)
    t.equal(asked(), names)
    t.equal((await deliveries.find(delivery))?.status, status, names)
  }
})

t.test('a refusal that protects the person ends it', async (t) => {
  for (const reason of ['fraud_blocked', 'opted_out', 'too_many_codes', 'expired'] as const) {
    for (const kind of ['refused', 'failed'] as const) {
      const { asked, make, undelivered } = await openRetry(t)
      const { delivery } = await undelivered()
      await make({ b: { kind, reason } })(delivery)
      t.equal(asked(), 'b', `${kind} ${reason}`)
    }
  }
})

t.test('nothing is sent once more that was taken, arrived, or may have arrived', async (t) => {
  for (const status of ['accepted', 'delivered'] as const) {
    const { accepted, asked, make, tell } = await openRetry(t)
    const { attempt, delivery } = await accepted()
    await tell(attempt, status)
    await make()(delivery)
    t.equal(asked(), '', status)
  }
  const { asked, attempts, attemptOf, delivery, make, resultOf } = await openRetry(t)
  for (const status of ['unknown', 'failed', 'refused'] as const) {
    const { id } = await delivery({ plan: [...NAMES], keptMessage: 'sealed' })
    const attempt = attemptOf(id)
    await attempts.begin(attempt)
    await attempts.finish(resultOf(attempt.id, { status, reason: 'timeout' }))
    await make()(id)
    t.equal(asked(), '', status)
  }
})

t.test('nothing is sent once more where one attempt did not arrive and another may have', async (t) => {
  for (const status of ['unknown', 'accepted'] as const) {
    const { asked, attempts, attemptOf, make, resultOf, undelivered } = await openRetry(t)
    const { delivery } = await undelivered()
    const attempt = attemptOf(delivery, { provider: 'b' })
    await attempts.begin(attempt)
    await attempts.finish(resultOf(attempt.id, { status }))
    await make()(delivery)
    t.equal(asked(), '', status)
  }
})

t.test('a text that was delivered in the end is not sent once more, although it was due', async (t) => {
  const { asked, attempt, delivery, make, tell } = await openRetry(t).then(async (world) => ({ ...world, ...await world.undelivered() }))
  await tell(attempt, 'delivered')
  await make()(delivery)
  t.equal(asked(), '')
})

t.test('a code with too little life left is not sent once more', async (t) => {
  for (const [left, names] of [[LEAST_LIFE, 'b'], [LEAST_LIFE - 1, ''], [1, ''], [0, ''], [-1, '']] as const) {
    const { asked, clock, make, undelivered } = await openRetry(t)
    const { delivery } = await undelivered()
    clock.advance(LIFE - left)
    await make()(delivery)
    t.equal(asked(), names, `${left} ms`)
  }
})

t.test('a code that was used is not sent once more', async (t) => {
  const { asked, deliveries, make, undelivered } = await openRetry(t)
  const { delivery } = await undelivered()
  await deliveries.markUsed(delivery, undefined)
  await make()(delivery)
  t.equal(asked(), '')
})

t.test('who got a newer message does not get the old one after it', async (t) => {
  const { asked, clock, make, undelivered, delivery: claim } = await openRetry(t)
  const { delivery } = await undelivered()
  clock.advance(1)
  await claim({ numberDigest: NUMBER })
  await make()(delivery)
  t.equal(asked(), '')
})

t.test('a newer message to somebody else, or an older one to the same, is no reason', async (t) => {
  const { asked, clock, make, undelivered, delivery: claim } = await openRetry(t)
  await claim({ numberDigest: NUMBER })
  clock.advance(1)
  const { delivery } = await undelivered()
  clock.advance(1)
  await claim({ numberDigest: 'somebody else' })
  await make()(delivery)
  t.equal(asked(), 'b')
})

t.test('what was never kept, or is nobody’s, is not sent', async (t) => {
  const { asked, make, newId, undelivered } = await openRetry(t)
  const { delivery } = await undelivered({ keptMessage: undefined })
  await make()(delivery)
  await make()(newId())
  t.equal(asked(), '')
})

t.test('a message whose key is gone, or that belongs to another delivery, is not sent', async (t) => {
  const { asked, make, newId, undelivered } = await openRetry(t)
  const one = await undelivered({ numberDigest: 'one' })
  await make({}, { keys: createKeys([randomBytes(32)]) })(one.delivery)
  const message = { to: numberOf('+4915112345678'), text: new SensitiveText('Hello'), code: undefined, locale: '', asker: NOT_TOLD }
  const two = await undelivered({ numberDigest: 'two', keptMessage: sealMessage(message, newId(), KEYS) })
  await make()(two.delivery)
  t.equal(asked(), '')
})

t.test('a process that dies after it took the message leaves nothing that is sent twice', async (t) => {
  const { asked, clock, deliveries, make, undelivered } = await openRetry(t)
  const { delivery } = await undelivered()
  t.match(await deliveries.takeKeptMessage(delivery), { plan: [...NAMES], attempted: ['a'] })
  clock.advance(LEASE)
  await make()(delivery)
  t.equal(asked(), '')
  t.match(await deliveries.find(delivery), { status: 'undelivered' })
})

t.test('a process that dies while it sends leaves a message of which nobody knows, and nothing is sent twice', async (t) => {
  const { asked, attempts, clock, deliveries, make, undelivered, attemptOf, upkeep } = await openRetry(t)
  const { delivery } = await undelivered()
  await deliveries.takeKeptMessage(delivery)
  await attempts.begin(attemptOf(delivery, { provider: 'b' }))
  clock.advance(LEASE)
  await upkeep.recover()
  await make()(delivery)
  t.equal(asked(), '')
  t.match(await deliveries.find(delivery), { status: 'unknown', attempts: [{ status: 'undelivered' }, { status: 'unknown' }] })
})

t.test('a text is sent once more after a restart', async (t) => {
  const { asked, clock, make, reopen, undelivered } = await openRetry(t)
  const { delivery } = await undelivered()
  const { attempts, deliveries } = tablesOf(await reopen())
  const { bus } = recordBus()
  const providers = [providerOf('b', async () => ACCEPTED)]
  const circuits = createCircuits({ providers, bus, now: clock })
  const makeAttempt = createMakeAttempt({ attempts, unfinished: createUnfinished(bus), circuits, bus, now: clock, longestCallMs: 1, keys: KEYS })
  await make({}, { deliveries, makeAttempt, plan: planOf(providers, circuits) })(delivery)
  t.match(await deliveries.find(delivery), { status: 'accepted', attempts: [{ provider: 'a' }, { provider: 'b' }] })
  t.equal(asked(), '')
})

t.test('while the store is down nothing is sent, the failure is told, and the message is still there', async (t) => {
  const { asked, deliveries, make, undelivered } = await openRetry(t)
  const { delivery } = await undelivered()
  const down = { ...deliveries, takeKeptMessage: () => Promise.reject(new StoreUnavailable()) }
  await t.rejects(make({}, { deliveries: down })(delivery), StoreUnavailable)
  t.equal(asked(), '')
  await make()(delivery)
  t.equal(asked(), 'b')
})

t.test('a voice call that rang the number back does not count as one of the plan', async (t) => {
  const { asked, attempts, attemptOf, make, newsOf, resultOf, undelivered } = await openRetry(t)
  const { delivery } = await undelivered()
  const call = attemptOf(delivery, { provider: 'acs-voice', channel: 'voice' })
  await attempts.begin(call)
  await attempts.finish(resultOf(call.id))
  await attempts.apply(newsOf(call.id, { channel: 'voice', status: 'undelivered', reason: 'no_answer' }))
  await make()(delivery)
  t.equal(asked(), 'b', 'the one that failed does not get it again')
})
