import t from 'tap'
import { ATTEMPT_STATUSES, progressOf, qualityOf, type DeliveryStatus } from '../../src/domain/delivery-status.ts'

/** All orders in which the items can come. */
const orders = <T>(items: readonly T[]): T[][] =>
  items.length === 0 ? [[]] : items.flatMap((item, index) => orders(items.toSpliced(index, 1)).map((rest) => [item, ...rest]))

const apply = (news: readonly DeliveryStatus[]): DeliveryStatus =>
  news.reduce<DeliveryStatus>((status, next) => progressOf(next) > progressOf(status) ? next : status, 'pending')

t.test('in whatever order news of an attempt comes, and however often, its status is the same', async (t) => {
  const ends = new Set(orders(ATTEMPT_STATUSES).map(apply))
  t.same([...ends], ['delivered'])
  for (const one of ATTEMPT_STATUSES) {
    for (const other of ATTEMPT_STATUSES) t.equal(apply([one, other, one]), apply([other, one, other]), `${one}, ${other}`)
  }
})

t.test('every status has a place of its own, in both orders', async (t) => {
  for (const rank of [progressOf, qualityOf]) {
    t.same(ATTEMPT_STATUSES.map(rank).sort((one, other) => one - other), ATTEMPT_STATUSES.map((_status, index) => index))
  }
})

t.test('what is known is not forgotten', async (t) => {
  t.equal(apply(['delivered', 'accepted']), 'delivered', 'a late acceptance')
  t.equal(apply(['undelivered', 'unknown']), 'undelivered', 'a late timeout')
  t.equal(apply(['unknown', 'accepted']), 'accepted', 'a timeout is not a no')
  t.equal(apply(['failed', 'delivered']), 'delivered', 'it did arrive, whatever we thought')
})

t.test('a delivery stands as well as the best of its attempts', async (t) => {
  const best = (...statuses: DeliveryStatus[]): DeliveryStatus | undefined => statuses.toSorted((one, other) => qualityOf(one) - qualityOf(other)).at(-1)
  t.equal(best('failed', 'delivered', 'undelivered'), 'delivered')
  t.equal(best('failed', 'accepted'), 'accepted')
  t.equal(best('undelivered', 'pending'), 'pending', 'the next attempt is under way')
  t.equal(best('failed', 'unknown'), 'unknown', 'it may have been sent')
  t.equal(best('refused', 'failed'), 'failed')
})
