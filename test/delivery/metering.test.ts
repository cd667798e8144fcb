import t, { type Test } from 'tap'
import { meteredAttempt, meteredNews, meteredUse } from '../../src/delivery/metering.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import { Deadline } from '../../src/domain/deadline.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { codeOf, numberOf } from '../support/message.ts'
import { providerOf } from '../support/provider.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

const ROUTE = { provider: 'acs-sms', channel: 'sms', country: 'DE' }

/** What a meter was told, in order. */
const openMetering = async (t: Test) => {
  const world = await openWorld(t, openSqliteStore)
  const noted: unknown[] = []
  const note = (what: string) => (...all: unknown[]): void => { noted.push([what, ...all]) }
  const meter = { accepted: note('accepted'), reported: note('reported'), delivered: note('delivered'), used: note('used') }
  const sentAt = world.clock()
  return { ...world, noted, meter, sentAt, place: { country: 'DE', area: 'area', block: 'block', sentAt } }
}

t.test('an attempt that a provider took is counted for its route, at the time at which it began', async (t) => {
  const { clock, meter, noted, sentAt } = await openMetering(t)
  const order = { delivery: 'delivery-1', to: numberOf('+4915112345678'), text: undefined, code: codeOf('123456'), locale: 'de', expiresAt: 0 }
  for (const result of [
    { kind: 'failed', reason: 'connection' }, { kind: 'refused', reason: 'number_invalid' }, { kind: 'unknown', reason: 'timeout' }, { kind: 'lost' }, { kind: 'accepted', reference: '1' }
  ] satisfies Array<SendResult | { kind: 'lost' }>) {
    const makeAttempt = meteredAttempt(async () => {
      clock.advance(1000)
      return result
    }, meter, clock)
    t.same(await makeAttempt({ order, provider: providerOf('acs-sms'), claim: undefined, deadline: Deadline.in(1000) }), result)
  }
  t.same(noted, [['accepted', ROUTE, sentAt + 4000]])
  const failing = meteredAttempt(async () => { throw new StoreUnavailable() }, meter, clock)
  await t.rejects(failing({ order, provider: providerOf('acs-sms'), claim: undefined, deadline: Deadline.in(1000) }), StoreUnavailable)
  t.equal(noted.length, 1)
})

t.test('a report of the end is counted once, and so is a delivery, in the hour in which the message was sent', async (t) => {
  const { attempts, begun, clock, meter, newsOf, noted, place, resultOf, sentAt } = await openMetering(t)
  const { attempt, delivery } = await begun()
  await attempts.finish(resultOf(attempt, { reference: 'message-1' }))
  clock.advance(7_200_000)
  const { apply } = meteredNews(attempts, meter, { asked: false })
  await apply(newsOf(attempt, { key: 'on its way', status: 'accepted' }))
  await apply(newsOf(attempt, { key: 'noted', status: undefined }))
  t.same(noted, [])
  await apply(newsOf(attempt, { key: 'report 1', status: 'undelivered', reason: 'carrier_error' }))
  t.same(noted, [['reported', ROUTE, sentAt]])
  t.match(await apply(newsOf(attempt, { key: 'report 2' })), { changed: true, delivery, status: 'delivered' })
  t.same(noted.slice(1), [['delivered', place]])
  await apply(newsOf(attempt, { key: 'report 2' }))
  await apply(newsOf(attempt, { key: 'report 3' }))
  t.equal(noted.length, 2)
})

t.test('what was delivered at once is reported and delivered', async (t) => {
  const { attempts, begun, meter, newsOf, noted, place, sentAt } = await openMetering(t)
  const { attempt } = await begun()
  const metered = meteredNews(attempts, meter, { asked: false })
  await metered.apply(newsOf(attempt))
  t.same(noted, [['reported', ROUTE, sentAt], ['delivered', place]])
  t.equal(metered.find, attempts.find, 'all else is as it was')
})

t.test('of what is not known to end before the answer, the answer is no report', async (t) => {
  const { attempts, begun, meter, newsOf, noted, resultOf } = await openMetering(t)
  const { attempt } = await begun()
  await attempts.finish(resultOf(attempt, { status: 'failed', reason: 'connection' }))
  await meteredNews(attempts, meter, { asked: false }).apply(newsOf(attempt, { status: 'undelivered', reason: 'carrier_error' }))
  t.same(noted, [], 'it had ended before')
})

t.test('an answer to a question counts as a delivery, and as no report', async (t) => {
  const { attempts, begun, meter, newsOf, noted, place } = await openMetering(t)
  const { attempt } = await begun()
  await meteredNews(attempts, meter, { asked: true }).apply(newsOf(attempt))
  await meteredNews(attempts, meter, { asked: false }).apply(newsOf(attempt, { key: 'late report' }))
  t.same(noted, [['delivered', place]])
})

t.test('news of what is not ours is counted nowhere', async (t) => {
  const { attempts, begun, meter, newId, newsOf, noted } = await openMetering(t)
  const { attempt } = await begun()
  const { apply } = meteredNews(attempts, meter, { asked: false })
  t.equal(await apply(newsOf(newId())), undefined)
  t.equal(await apply(newsOf(attempt, { vendor: 'twilio' })), undefined)
  t.equal(await apply(newsOf(attempt, { channel: 'voice' })), undefined)
  t.same(noted, [])
})

t.test('a code that was used is counted once, where its message went', async (t) => {
  const { clock, delivery, deliveries, meter, noted, place, traffic } = await openMetering(t)
  const unfinished = createUnfinished(recordBus().bus)
  const { markUsed, find } = meteredUse(deliveries, { traffic, meter, giveBack: async () => {}, unfinished })
  const { id } = await delivery()
  clock.advance(60_000)
  t.equal(await markUsed(id, 'okta'), 'none')
  t.same(noted, [])
  t.equal(await markUsed(id, 'auth0'), 'first')
  t.equal(await markUsed(id, undefined), 'again')
  t.same(noted, [['used', place]])
  t.equal(find, deliveries.find, 'all else is as it was')
})

t.test('a code of which it cannot be told where it went is counted later; one whose delivery is gone is not', async (t) => {
  const { delivery, deliveries, meter, noted, place, traffic } = await openMetering(t)
  const unfinished = createUnfinished(recordBus().bus)
  let isDown = true
  const { id } = await delivery()
  const { markUsed } = meteredUse(deliveries, {
    traffic: { placeOf: async (id) => isDown ? await Promise.reject(new StoreUnavailable()) : await traffic.placeOf(id) }, meter, giveBack: async () => {}, unfinished
  })
  t.equal(await markUsed(id, undefined), 'first', 'who tells it is not bothered')
  t.same(noted, [])
  isDown = false
  await unfinished.run()
  t.same(noted, [['used', place]])
  const table = { markUsed: async (_delivery: string, _caller: string | undefined) => 'first' as const, countedBy: async () => undefined }
  const gone = meteredUse(table, { traffic: { placeOf: async () => undefined }, meter, giveBack: async () => { t.fail('nothing is known of it') }, unfinished })
  t.equal(await gone.markUsed(id, undefined), 'first')
  t.equal(noted.length, 1)
})

t.test('what a used code took that its number may have is given back once, where it went anywhere', async (t) => {
  const { begun, attempts, clock, delivery, deliveries, meter, resultOf, traffic } = await openMetering(t)
  const unfinished = createUnfinished(recordBus().bus)
  const [given, expected]: [unknown[], unknown[]] = [[], []]
  const { markUsed } = meteredUse(deliveries, { traffic, meter, giveBack: async (message) => { given.push(message) }, unfinished })
  for (const status of ['accepted', 'unknown'] as const) {
    const { attempt, delivery } = await begun()
    expected.push({ numberDigest: `number of ${delivery}`, createdAt: clock() })
    await attempts.finish(resultOf(attempt, { status }))
    clock.advance(1000)
    await Promise.all([markUsed(delivery, undefined), markUsed(delivery, undefined)])
    await markUsed(delivery, undefined)
  }
  t.same(given, expected)
  for (const status of ['failed', 'refused'] as const) {
    const { attempt, delivery } = await begun()
    await attempts.finish(resultOf(attempt, { status, reason: 'connection' }))
    t.equal(await markUsed(delivery, undefined), 'first')
  }
  t.equal(await markUsed((await delivery()).id, undefined), 'first', 'nothing was tried yet')
  t.equal(given.length, expected.length)
})

t.test('what could not be read is given back later; what could not be given back is not given back twice', async (t) => {
  const { begun, attempts, deliveries, meter, resultOf, traffic } = await openMetering(t)
  const { attempt, delivery } = await begun()
  await attempts.finish(resultOf(attempt))
  let failures = 1
  let given = 0
  const unfinished = createUnfinished(recordBus().bus)
  const table = { ...deliveries, countedBy: async (id: string) => failures-- > 0 ? await Promise.reject(new StoreUnavailable()) : await deliveries.countedBy(id) }
  const { markUsed } = meteredUse(table, { traffic, meter, giveBack: async () => { given += 1; throw new StoreUnavailable() }, unfinished })
  t.equal(await markUsed(delivery, undefined), 'first')
  t.equal(given, 0)
  await t.rejects(unfinished.run(), StoreUnavailable)
  t.equal(given, 1)
  await unfinished.run()
  t.equal(given, 1)
})
