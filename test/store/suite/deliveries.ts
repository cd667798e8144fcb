import type { Test } from 'tap'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

const NUMBER = 'digest of the number'

export const testDeliveries = (t: Test, open: OpenStore): void => {
  t.test('a delivery is on record as it was claimed', async (t) => {
    const { clock, delivery, deliveries } = await openWorld(t, open)
    const { id } = await delivery({
      caller: 'okta', route: '/okta', channel: 'voice', numberMasked: '+1••••••4567', country: 'US', plan: ['acs-voice', 'twilio-voice'], expiresIn: 60_000
    })
    t.same(await deliveries.find(id), {
      id,
      caller: 'okta',
      route: '/okta',
      hook: 'direct',
      channel: 'voice',
      number: '+1••••••4567',
      country: 'US',
      plan: ['acs-voice', 'twilio-voice'],
      status: 'pending',
      reason: undefined,
      createdAt: clock(),
      updatedAt: clock(),
      expiresAt: clock() + 60_000,
      usedAt: undefined,
      decisions: [],
      attempts: []
    })
  })

  t.test('a number without a country is on record all the same', async (t) => {
    const { delivery, deliveries } = await openWorld(t, open)
    const { id } = await delivery({ country: undefined })
    t.match(await deliveries.find(id), { id })
  })

  t.test('a delivery that was never made is not found', async (t) => {
    const { deliveries, newId } = await openWorld(t, open)
    t.equal(await deliveries.find(newId()), undefined)
  })

  t.test('attempts are listed in their order, each with its own events', async (t) => {
    const { attempts, attemptOf, begun, clock, deliveries, newsOf, resultOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    await attempts.finish(resultOf(attempt, { status: 'failed', reason: 'connection' }))
    clock.advance(1)
    const second = attemptOf(delivery, { provider: 'acs-voice', channel: 'voice' })
    await attempts.begin(second)
    await attempts.apply(newsOf(second.id, { channel: 'voice', what: 'call.connected', status: 'accepted' }))
    const found = (await deliveries.find(delivery))?.attempts
    t.same(found?.map(({ events }) => events.length), [0, 1])
    t.match(found, [
      { id: attempt, provider: 'acs-sms', channel: 'sms', status: 'failed' },
      { id: second.id, provider: 'acs-voice', channel: 'voice', status: 'accepted', events: [{ what: 'call.connected' }] }
    ])
  })

  t.test('a delivery is on record after a restart, with its attempts and events', async (t) => {
    const { attempts, begun, deliveries, newsOf, reopen } = await openWorld(t, open)
    const { attempt, delivery } = await begun()
    await attempts.apply(newsOf(attempt))
    const before = await deliveries.find(delivery)
    t.same(await tablesOf(await reopen()).deliveries.find(delivery), before)
  })

  t.test('a delivery that nobody attempted is abandoned, and its key is free', async (t) => {
    const { claims, claimOf, clock, delivery, deliveries } = await openWorld(t, open)
    const { id, key } = await delivery()
    clock.advance(7)
    await deliveries.abandon(id, key, 'configuration')
    t.match(await deliveries.find(id), { status: 'failed', reason: 'configuration', updatedAt: clock() })
    t.same(await claims.claim(claimOf({ key })), { kind: 'new' })
  })

  t.test('abandoning does not change a delivery that was attempted or settled', async (t) => {
    const { attempts, begun, deliveries, newsOf } = await openWorld(t, open)
    const [pending, delivered] = [await begun(), await begun()]
    await attempts.apply(newsOf(delivered.attempt))
    await deliveries.abandon(pending.delivery, pending.key, 'configuration')
    await deliveries.abandon(delivered.delivery, delivered.key, 'configuration')
    t.match(await deliveries.find(pending.delivery), { status: 'pending', reason: undefined })
    t.match(await deliveries.find(delivered.delivery), { status: 'delivered', reason: undefined })
  })

  t.test('abandoning frees no key that another delivery holds', async (t) => {
    const { claims, claimOf, clock, delivery, deliveries } = await openWorld(t, open)
    const { id, key } = await delivery({ leaseFor: 1 })
    clock.advance(1)
    const other = await delivery({ key })
    await deliveries.abandon(id, key, 'configuration')
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: other.id })
  })

  t.test('of many that take a kept code one gets it', async (t) => {
    const { clock, delivery, deliveries } = await openWorld(t, open)
    const { id } = await delivery({ numberDigest: NUMBER, keptCode: 'sealed', expiresIn: 1000 })
    clock.advance(400)
    const taken = await Promise.all(Array.from({ length: 30 }, () => deliveries.takeKeptCode(NUMBER)))
    t.same(taken.filter((one) => one !== undefined), [{ delivery: id, sealed: 'sealed', expiresIn: 600 }])
    t.equal(await deliveries.takeKeptCode(NUMBER), undefined)
  })

  t.test('the newest code is taken, and the older ones of that number are forgotten', async (t) => {
    const { clock, delivery, deliveries, sql } = await openWorld(t, open)
    await delivery({ numberDigest: 'another', keptCode: 'of another' })
    for (const keptCode of ['old', 'middle', 'new']) {
      await delivery({ numberDigest: NUMBER, keptCode })
      clock.advance(1)
    }
    t.match(await deliveries.takeKeptCode(NUMBER), { sealed: 'new' })
    t.equal(await deliveries.takeKeptCode(NUMBER), undefined)
    t.same(await sql.read({ text: 'SELECT kept_code FROM deliveries WHERE kept_code IS NOT NULL', parameters: {} }), [{ kept_code: 'of another' }])
  })

  t.test('a code that is kept after one was taken is taken in its turn', async (t) => {
    const { delivery, deliveries } = await openWorld(t, open)
    for (const keptCode of ['first', 'second']) {
      await delivery({ numberDigest: NUMBER, keptCode })
      t.match(await deliveries.takeKeptCode(NUMBER), { sealed: keptCode })
    }
  })

  t.test('a code is valid until it expires, and not taken after', async (t) => {
    const { clock, delivery, deliveries } = await openWorld(t, open)
    await delivery({ numberDigest: NUMBER, keptCode: 'sealed', expiresIn: 1000 })
    await delivery({ numberDigest: 'another', keptCode: 'sealed', expiresIn: 1000 })
    clock.advance(999)
    t.match(await deliveries.takeKeptCode('another'), { expiresIn: 1 })
    clock.advance(1)
    t.equal(await deliveries.takeKeptCode(NUMBER), undefined)
  })

  t.test('a newer code that has expired does not hide an older one that is valid', async (t) => {
    const { clock, delivery, deliveries } = await openWorld(t, open)
    await delivery({ numberDigest: NUMBER, keptCode: 'long', expiresIn: 1000 })
    clock.advance(1)
    await delivery({ numberDigest: NUMBER, keptCode: 'short', expiresIn: 10 })
    clock.advance(10)
    t.match(await deliveries.takeKeptCode(NUMBER), { sealed: 'long' })
  })

  t.test('no code is taken for another number, nor where none is kept', async (t) => {
    const { delivery, deliveries } = await openWorld(t, open)
    await delivery({ numberDigest: NUMBER, keptCode: 'sealed' })
    await delivery({ numberDigest: 'another' })
    t.equal(await deliveries.takeKeptCode('another'), undefined)
    t.equal(await deliveries.takeKeptCode('a third'), undefined)
    t.match(await deliveries.takeKeptCode(NUMBER), { sealed: 'sealed' })
  })

  t.test('by what a message was counted is told of one that went, or may have gone', async (t) => {
    const { attempts, begun, clock, deliveries, delivery, newId, resultOf } = await openWorld(t, open)
    for (const [status, isTold] of [['accepted', true], ['unknown', true], ['failed', false], ['refused', false]] as const) {
      const createdAt = clock()
      const { attempt, delivery: id } = await begun()
      clock.advance(10)
      await attempts.finish(resultOf(attempt, { status, reason: status === 'accepted' ? undefined : 'connection' }))
      t.same(await deliveries.countedBy(id), isTold ? { numberDigest: `number of ${id}`, createdAt } : undefined, status)
    }
    t.equal(await deliveries.countedBy((await delivery()).id), undefined, 'nothing was tried')
    t.equal(await deliveries.countedBy(newId()), undefined)
  })
}
