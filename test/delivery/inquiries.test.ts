import t, { type Test } from 'tap'
import { createInquire } from '../../src/delivery/inquiries.ts'
import { createTrack } from '../../src/delivery/track.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import type { Channel } from '../../src/domain/message.ts'
import type { Word } from '../../src/domain/signal.ts'
import type { Inquiry, Provider } from '../../src/providers/provider.ts'
import type { NewAttempt } from '../../src/store/attempts.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { ACCEPTED, NO_SEARCH, providerOf } from '../support/provider.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { HOLD, openSqliteStore, openWorld, tablesOf, type World } from '../support/store.ts'

/** When a vendor is asked first, in milliseconds. */
const AFTER = 60_000
const HOUR = 60 * 60_000
/** For how long nobody else asks. */
const LEASE = 30_000
const BATCH = 20

const DELIVERED: Word = { status: 'delivered', reason: undefined, vendorCode: undefined }
const UNDELIVERED: Word = { status: 'undelivered', reason: 'carrier_error', vendorCode: '30008' }

type Ask = Inquiry['ask']

interface InquiryWorld extends World, RecordedBus {
  /** What was asked about. */
  readonly asked: string[]
  /** Asks on that store, of one provider that says what the test says. */
  inquire (ask?: Ask, options?: { readonly providers?: readonly Provider[], readonly track?: Parameters<typeof createInquire>[0]['track'] }, isStopping?: () => boolean): Promise<number>
  /** A message that was taken, and is to be asked about. */
  taken (options?: Partial<NewAttempt>, reference?: string | undefined): Promise<{ readonly delivery: string, readonly attempt: string }>
}

const openInquiry = async (t: Test): Promise<InquiryWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const { attempts, resultOf } = world
  const recorded = recordBus()
  const asked: string[] = []
  const track = createTrack({ attempts, unfinished: createUnfinished(recorded.bus), hintOf: () => undefined, retryLater: undefined, escalateNow: async () => {}, calls: undefined, bus: recorded.bus, now: world.clock })
  return {
    ...world,
    ...recorded,
    asked,
    inquire: async (ask = async () => undefined, options = {}, isStopping = () => false) => {
      const inquiry: Inquiry = {
        after: AFTER,
        ask: async (reference, deadline) => {
          asked.push(reference)
          return await ask(reference, deadline)
        },
        search: NO_SEARCH
      }
      const providers = [providerOf('twilio-verify', ACCEPTED, { inquiry }), providerOf('twilio-plain')]
      return await createInquire({ inquiries: world.inquiries, providers, track, search: async () => { throw new Error('nothing was lost') }, ...options })(isStopping)
    },
    async taken (options = {}, ...references) {
      const { attempt, delivery } = await world.begun({ provider: 'twilio-verify', ...options })
      const reference = references.length === 0 ? `message of ${attempt}` : references[0]
      await attempts.finish(resultOf(attempt, { reference, askIn: AFTER }))
      return { attempt, delivery }
    }
  }
}

t.test('a message of which nothing final was heard is asked about, and the answer counts like a report', async (t) => {
  const { asked, clock, deliveries, events, inquire, taken } = await openInquiry(t)
  const { attempt, delivery } = await taken()
  clock.advance(AFTER - 1)
  t.equal(await inquire(async () => UNDELIVERED), 0)
  t.same(asked, [], 'not before its time')
  clock.advance(1)
  t.equal(await inquire(async () => UNDELIVERED), 1)
  t.same(asked, [`message of ${attempt}`])
  t.match(await deliveries.find(delivery), {
    status: 'undelivered', reason: 'carrier_error', attempts: [{ vendorCode: '30008', events: [{ what: 'report.undelivered', reason: 'carrier_error' }] }]
  })
  t.match(events, [{ type: 'delivery.updated', delivery, attempt, provider: 'twilio-verify', status: 'undelivered', reason: 'carrier_error', vendorCode: '30008' }])
  clock.advance(2 * HOUR)
  t.equal(await inquire(), 0, 'and that is over')
})

t.test('the vendor has a few seconds to answer', async (t) => {
  const { clock, inquire, taken } = await openInquiry(t)
  await taken()
  clock.advance(AFTER)
  let left = 0
  await inquire(async (_reference, deadline) => {
    left = deadline.remaining
    return undefined
  })
  t.ok(left > 2000 && left <= 5000, `${left}`)
})

t.test('where the vendor has no final word, it is asked whenever the message has become twice as old', async (t) => {
  const { asked, clock, inquire, taken } = await openInquiry(t)
  await taken()
  clock.advance(AFTER)
  for (const wait of [AFTER, 2 * AFTER, 4 * AFTER, 8 * AFTER]) {
    t.equal(await inquire(), 1)
    clock.advance(wait - 1)
    t.equal(await inquire(), 0, `not before ${wait}`)
    clock.advance(1)
  }
  t.equal(asked.length, 4)
})

t.test('a message is not asked about for ever: the last time it is older than an hour', async (t) => {
  const { asked, clock, inquire, taken } = await openInquiry(t)
  await taken()
  for (let minute = 1; minute <= 24 * 60; minute += 1) {
    clock.advance(60_000)
    await inquire()
  }
  t.equal(asked.length, 7, 'after 1, 2, 4, 8, 16, 32 and 64 minutes')
})

t.test('a word that comes late is asked for, and moves the message', async (t) => {
  const { clock, deliveries, inquire, taken } = await openInquiry(t)
  const { delivery } = await taken()
  clock.advance(AFTER)
  await inquire()
  t.match(await deliveries.find(delivery), { status: 'accepted', attempts: [{ events: [] }] })
  clock.advance(AFTER)
  await inquire(async () => DELIVERED)
  t.match(await deliveries.find(delivery), { status: 'delivered' })
  clock.advance(2 * HOUR)
  t.equal(await inquire(), 0)
})

t.test('of a message whose fate is known already nobody asks', async (t) => {
  for (const status of ['delivered', 'undelivered'] as const) {
    const { asked, attempts, clock, inquire, newsOf, taken } = await openInquiry(t)
    const { attempt } = await taken()
    await attempts.apply(newsOf(attempt, { status, reason: undefined }))
    clock.advance(AFTER)
    t.equal(await inquire(), 0, status)
    t.same(asked, [])
  }
})

t.test('a report that was faster than the answer stands', async (t) => {
  const { attempts, clock, deliveries, events, inquire, newsOf, taken } = await openInquiry(t)
  const { attempt, delivery } = await taken()
  clock.advance(AFTER)
  await inquire(async () => {
    await attempts.apply(newsOf(attempt))
    return UNDELIVERED
  })
  t.match(await deliveries.find(delivery), { status: 'delivered' })
  t.same(events, [])
})

t.test('of many that would ask at the same time one asks', async (t) => {
  const { asked, clock, inquire, taken } = await openInquiry(t)
  await taken()
  clock.advance(AFTER)
  const counts = await Promise.all(Array.from({ length: 10 }, () => inquire()))
  t.equal(asked.length, 1)
  t.same(counts.sort(), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1])
})

t.test('twenty are asked about at a time, and the rest after them', async (t) => {
  const { asked, clock, inquire, taken } = await openInquiry(t)
  for (let count = 0; count < BATCH + 3; count += 1) await taken()
  clock.advance(AFTER)
  t.same([await inquire(), await inquire(), await inquire()], [BATCH, 3, 0])
  t.equal(new Set(asked).size, BATCH + 3)
})

t.test('a message that the vendor gave no name is not asked about', async (t) => {
  const { asked, clock, inquire, taken } = await openInquiry(t)
  await taken({}, undefined)
  clock.advance(HOUR)
  await inquire()
  t.same(asked, [])
})

t.test('where the provider is gone, cannot be asked, or is of another channel, that is over', async (t) => {
  for (const [provider, channel] of [['gone', 'sms'], ['twilio-plain', 'sms'], ['twilio-verify', 'voice']] as ReadonlyArray<readonly [string, Channel]>) {
    const { asked, clock, deliveries, inquire, taken } = await openInquiry(t)
    const { delivery } = await taken({ provider, channel })
    clock.advance(AFTER)
    t.equal(await inquire(), 1)
    t.same(asked, [])
    t.match(await deliveries.find(delivery), { status: 'accepted' })
    clock.advance(2 * HOUR)
    t.equal(await inquire(), 0, `${provider} ${channel}`)
  }
})

t.test('a process that dies while it asks leaves the asking to the next', async (t) => {
  const { asked, clock, inquire, reopen, taken } = await openInquiry(t)
  await taken()
  clock.advance(AFTER)
  const { inquiries } = tablesOf(await reopen())
  t.equal((await inquiries.take(BATCH, LEASE)).length, 1)
  t.same(await inquiries.take(BATCH, LEASE), [])
  clock.advance(LEASE)
  t.match(await inquiries.take(BATCH, LEASE), [{ provider: 'twilio-verify', channel: 'sms', age: AFTER + LEASE }])
  t.same(asked, [])
  await t.rejects(inquire(), StoreUnavailable, 'the closed store')
})

t.test('one that fails does not keep the others back, and is asked again when its lease is over', async (t) => {
  const { asked, clock, deliveries, inquire, taken } = await openInquiry(t)
  const [one, other] = [await taken(), await taken()]
  clock.advance(AFTER)
  const failure = new Error('a bug')
  await t.rejects(inquire(async (reference) => {
    if (reference === `message of ${one.attempt}`) throw failure
    return DELIVERED
  }), failure)
  t.match(await deliveries.find(other.delivery), { status: 'delivered' })
  t.equal(await inquire(), 0)
  clock.advance(LEASE)
  t.equal(await inquire(async () => DELIVERED), 1)
  t.match(await deliveries.find(one.delivery), { status: 'delivered' })
  t.equal(asked.length, 3)
})

t.test('an answer that cannot be written down is asked for again', async (t) => {
  const { clock, deliveries, inquire, taken } = await openInquiry(t)
  const { delivery } = await taken()
  clock.advance(AFTER)
  await t.rejects(inquire(async () => DELIVERED, { track: () => Promise.reject(new StoreUnavailable()) }), StoreUnavailable)
  t.match(await deliveries.find(delivery), { status: 'accepted' })
  clock.advance(LEASE)
  await inquire(async () => DELIVERED)
  t.match(await deliveries.find(delivery), { status: 'delivered' })
})

t.test('what a vendor answers is its own word: it is told by the name of the vendor', async (t) => {
  for (const [name, vendor] of [['twilio-verify', 'twilio'], ['acs-sms', 'acs'], ['acs-sms-of-old', 'acs'], ['nameless', 'nameless']] as const) {
    const { clock, inquire, taken } = await openInquiry(t)
    const { attempt } = await taken({ provider: name })
    clock.advance(AFTER)
    const told: unknown[] = []
    await inquire(undefined, {
      providers: [providerOf(name, ACCEPTED, { inquiry: { after: AFTER, ask: async () => DELIVERED, search: NO_SEARCH } })],
      track: async (...word) => { told.push(word) }
    })
    t.match(told, [[vendor, [{ kind: 'report', attempt, status: 'delivered' }]]], name)
  }
})

t.test('a message whose answer was lost is asked about once a callback has told its name', async (t) => {
  const { asked, attempts, begun, clock, deliveries, inquire, newsOf, resultOf } = await openInquiry(t)
  const { attempt, delivery } = await begun({ provider: 'twilio-verify' })
  await attempts.finish(resultOf(attempt, { status: 'unknown', reason: 'timeout', askIn: AFTER }))
  await attempts.apply(newsOf(attempt, { vendor: 'twilio', status: 'accepted', reference: 'message-1' }))
  clock.advance(120_000)
  t.equal(await inquire(async () => UNDELIVERED), 1)
  t.same(asked, ['message-1'])
  t.match(await deliveries.find(delivery), { status: 'undelivered', reason: 'carrier_error' })
})

t.test('an attempt that is gone meanwhile is no failure', async (t) => {
  const { clock, inquire, sql, taken } = await openInquiry(t)
  await taken()
  clock.advance(AFTER)
  const removed = inquire(async () => {
    await tablesOf(sql).upkeep.purge(clock() + HOLD, 10)
    return DELIVERED
  })
  t.equal(await removed, 1)
  clock.advance(2 * HOUR)
  t.equal(await inquire(), 0)
})

t.test('who stops asks about no more, and another asks at once', async (t) => {
  const { asked, clock, inquire, taken } = await openInquiry(t)
  for (let count = 0; count < 3; count += 1) await taken()
  clock.advance(AFTER)
  t.equal(await inquire(undefined, {}, () => true), 0)
  t.same(asked, [])
  t.equal(await inquire(), 3)
  t.equal(asked.length, 3)
})
