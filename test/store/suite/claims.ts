import type { Test } from 'tap'
import { HOLD, LEASE, openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

export const testClaims = (t: Test, open: OpenStore): void => {
  t.test('of 100 claims of one key at a time exactly one is new, and all others see that one', async (t) => {
    const { claims, claimOf } = await openWorld(t, open)
    const requests = Array.from({ length: 100 }, () => claimOf({ key: 'the key' }))
    const answers = await Promise.all(requests.map(async (request, index) => {
      // Some in the same turn of the event loop, some in later ones.
      if (index % 3 === 0) await new Promise(setImmediate)
      return await claims.claim(request)
    }))
    const winners = requests.filter((_request, index) => answers[index]?.kind === 'new')
    t.equal(winners.length, 1)
    t.same(answers.filter(({ kind }) => kind !== 'new'), Array(99).fill({ kind: 'seen', delivery: winners[0]?.id, status: 'pending' }))
  })

  t.test('a losing claim leaves no delivery behind', async (t) => {
    const { claims, claimOf, deliveries } = await openWorld(t, open)
    const requests = [claimOf({ key: 'the key' }), claimOf({ key: 'the key' })]
    const answers = await Promise.all(requests.map((request) => claims.claim(request)))
    const there = await Promise.all(requests.map(async ({ id }) => await deliveries.find(id) !== undefined))
    t.same(there, answers.map(({ kind }) => kind === 'new'))
    t.same(there.sort(), [false, true])
  })

  t.test('claims of different keys do not meet', async (t) => {
    const { claims, claimOf } = await openWorld(t, open)
    const answers = await Promise.all([claims.claim(claimOf()), claims.claim(claimOf())])
    t.same(answers, [{ kind: 'new' }, { kind: 'new' }])
  })

  t.test('one key with other content is found out, and changes nothing', async (t) => {
    const { claims, claimOf, delivery } = await openWorld(t, open)
    const { id, key } = await delivery()
    t.same(await claims.claim(claimOf({ key, content: 'other content' })), { kind: 'other-content' })
    t.same(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id, status: 'pending' })
  })

  t.test('a claim is held to the last millisecond of its lease, by the clock of the store', async (t) => {
    const { claims, claimOf, clock, delivery } = await openWorld(t, open)
    const { id, key } = await delivery({ leaseFor: LEASE })
    clock.advance(LEASE - 1)
    t.same(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id, status: 'pending' })
    clock.advance(1)
    t.same(await claims.claim(claimOf({ key })), { kind: 'new' })
  })

  t.test('an expired lease lets exactly one of many through, also with other content', async (t) => {
    const { claims, claimOf, clock, delivery } = await openWorld(t, open)
    const { key } = await delivery()
    clock.advance(LEASE)
    const answers = await Promise.all(Array.from({ length: 50 }, () => claims.claim(claimOf({ key, content: 'other content' }))))
    t.equal(answers.filter(({ kind }) => kind === 'new').length, 1)
    t.equal(answers.filter(({ kind }) => kind === 'seen').length, 49)
  })

  t.test('a lost lease is not won back by the one who lost it', async (t) => {
    const { claims, claimOf, clock, delivery } = await openWorld(t, open)
    const { id, key } = await delivery()
    clock.advance(LEASE)
    const next = claimOf({ key })
    await claims.claim(next)
    await claims.hold(key, id, HOLD)
    clock.advance(LEASE)
    t.same(await claims.claim(claimOf({ key })), { kind: 'new' }, 'the hold by the first one had no effect')
  })

  t.test('a hold is made longer or shorter by the one who has it', async (t) => {
    const { claims, claimOf, clock, delivery } = await openWorld(t, open)
    const { id, key } = await delivery()
    await claims.hold(key, id, HOLD)
    clock.advance(LEASE)
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id })
    await claims.hold(key, id, 5)
    clock.advance(5)
    t.match(await claims.claim(claimOf({ key })), { kind: 'new' })
  })

  t.test('a hold of a key that nobody claimed claims nothing', async (t) => {
    const { claims, claimOf, newId } = await openWorld(t, open)
    await claims.hold('no key', newId(), HOLD)
    t.same(await claims.claim(claimOf({ key: 'no key' })), { kind: 'new' })
  })

  t.test('a repetition is told how the first one stands by now', async (t) => {
    const { attempts, begun, claims, claimOf, newsOf } = await openWorld(t, open)
    const { attempt, delivery, key } = await begun()
    await attempts.apply(newsOf(attempt))
    t.same(await claims.claim(claimOf({ key })), { kind: 'seen', delivery, status: 'delivered' })
  })

  t.test('a claim is still held after a restart', async (t) => {
    const { claimOf, delivery, reopen } = await openWorld(t, open)
    const { id, key } = await delivery()
    t.same(await tablesOf(await reopen()).claims.claim(claimOf({ key })), { kind: 'seen', delivery: id, status: 'pending' })
  })
}
