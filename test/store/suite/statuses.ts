import type { Test } from 'tap'
import type { DeliveryStatus } from '../../../src/domain/delivery-status.ts'
import { openWorld, type OpenStore, type World } from '../../support/store.ts'

/** News moves an attempt towards the end of this list only. Written out here: the tests must not ask the code under test. */
const BY_PROGRESS: readonly DeliveryStatus[] = ['pending', 'unknown', 'accepted', 'refused', 'failed', 'undelivered', 'delivered']
/** A delivery stands as its best attempt. */
const BY_QUALITY: readonly DeliveryStatus[] = ['refused', 'failed', 'undelivered', 'unknown', 'pending', 'accepted', 'delivered']

const highest = (order: readonly DeliveryStatus[], statuses: readonly DeliveryStatus[]): DeliveryStatus =>
  order[Math.max(...statuses.map((status) => order.indexOf(status)))] as DeliveryStatus

const everySequence = (length: number): DeliveryStatus[][] =>
  length === 0 ? [[]] : everySequence(length - 1).flatMap((sequence) => BY_PROGRESS.map((status) => [...sequence, status]))

const statusAfter = async (world: World, delivery: string): Promise<readonly [DeliveryStatus | undefined, DeliveryStatus | undefined]> => {
  const record = await world.deliveries.find(delivery)
  return [record?.attempts[0]?.status, record?.status]
}

export const testStatuses = (t: Test, open: OpenStore): void => {
  for (const length of [1, 2, 3]) {
    t.test(`${length} pieces of news end in the same state in every order`, async (t) => {
      const world = await openWorld(t, open)
      const wrong = await Promise.all(everySequence(length).map(async (sequence) => {
        const { attempt, delivery } = await world.begun()
        for (const [index, status] of sequence.entries()) {
          await world.attempts.apply(world.newsOf(attempt, { key: `${index}`, status }))
        }
        const expected = highest(BY_PROGRESS, sequence)
        const [ofAttempt, ofDelivery] = await statusAfter(world, delivery)
        return ofAttempt === expected && ofDelivery === expected ? [] : [{ sequence, ofAttempt, ofDelivery }]
      }))
      t.same(wrong.flat(), [])
    })
  }

  t.test('a result and a piece of news end in the same state in both orders, and a result never takes back news', async (t) => {
    const world = await openWorld(t, open)
    const wrong = await Promise.all([true, false].flatMap((resultFirst) => everySequence(2).map(async ([result, news]) => {
      const { attempt, delivery } = await world.begun()
      const finish = (): Promise<unknown> => world.attempts.finish(world.resultOf(attempt, { status: result as DeliveryStatus }))
      const apply = (): Promise<unknown> => world.attempts.apply(world.newsOf(attempt, { status: news }))
      for (const step of resultFirst ? [finish, apply] : [apply, finish]) await step()
      const expected = highest(BY_PROGRESS, [result, news] as DeliveryStatus[])
      const [ofAttempt, ofDelivery] = await statusAfter(world, delivery)
      const record = await world.deliveries.find(delivery)
      return ofAttempt === expected && ofDelivery === expected && record?.attempts[0]?.result === result
        ? []
        : [{ resultFirst, result, news, ofAttempt, ofDelivery }]
    })))
    t.same(wrong.flat(), [])
  })

  t.test('every pair of statuses of two attempts gives the delivery the better one', async (t) => {
    const world = await openWorld(t, open)
    const wrong = await Promise.all(everySequence(2).map(async (statuses) => {
      const { attempt, delivery } = await world.begun()
      const second = world.attemptOf(delivery)
      await world.attempts.begin(second)
      await world.attempts.apply(world.newsOf(attempt, { status: statuses[0] }))
      await world.attempts.apply(world.newsOf(second.id, { status: statuses[1] }))
      const expected = highest(BY_QUALITY, statuses)
      const found = await world.deliveries.find(delivery)
      return found?.status === expected ? [] : [{ statuses, found: found?.status }]
    }))
    t.same(wrong.flat(), [])
  })

  t.test('what may follow: unknown becomes any final state, undelivered becomes delivered, delivered stays', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    const changes = async (from: DeliveryStatus, to: DeliveryStatus): Promise<readonly [boolean | undefined, DeliveryStatus | undefined]> => {
      const { attempt, delivery } = await begun()
      await attempts.apply(newsOf(attempt, { key: 'first', status: from }))
      const applied = await attempts.apply(newsOf(attempt, { key: 'second', status: to }))
      return [applied?.changed, (await deliveries.find(delivery))?.status]
    }
    for (const final of ['accepted', 'refused', 'failed', 'undelivered', 'delivered'] as const) {
      t.same(await changes('unknown', final), [true, final])
    }
    t.same(await changes('undelivered', 'delivered'), [true, 'delivered'])
    for (const other of BY_PROGRESS) t.same(await changes('delivered', other), [false, 'delivered'])
  })

  t.test('the reason is that of the news which moved the attempt', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    await attempts.apply(newsOf(attempt, { key: '1', status: 'undelivered', reason: 'busy' }))
    await attempts.apply(newsOf(attempt, { key: '2', status: 'undelivered', reason: 'hung_up' }))
    await attempts.apply(newsOf(attempt, { key: '3', status: 'unknown', reason: 'timeout' }))
    t.match(await deliveries.find(delivery), { reason: 'busy', attempts: [{ reason: 'busy' }] })
    await attempts.apply(newsOf(attempt, { key: '4', status: 'delivered' }))
    t.match(await deliveries.find(delivery), { reason: undefined, attempts: [{ reason: undefined }] })
  })

  t.test('of two attempts that are equally good, the later one gives its reason', async (t) => {
    const { attempts, attemptOf, begun, clock, deliveries, resultOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    clock.advance(1)
    const second = attemptOf(delivery)
    await attempts.begin(second)
    await attempts.finish(resultOf(second.id, { status: 'failed', reason: 'rate_limited' }))
    await attempts.finish(resultOf(attempt, { status: 'failed', reason: 'connection' }))
    t.match(await deliveries.find(delivery), { status: 'failed', reason: 'rate_limited' })
  })

  t.test('what is done to one delivery leaves the others alone', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    const [one, other] = [await begun(), await begun()]
    await attempts.apply(newsOf(one.attempt))
    t.match(await deliveries.find(other.delivery), { status: 'pending', attempts: [{ status: 'pending' }] })
    t.same((await deliveries.find(other.delivery))?.attempts[0]?.events, [])
  })
}
