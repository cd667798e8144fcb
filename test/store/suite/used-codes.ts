import type { Test } from 'tap'
import { openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

/** A delivery by `auth0`, with an attempt for each of these transactions. */
const attempted = async (world: World, transactions: ReadonlyArray<string | undefined>): Promise<{ readonly delivery: string, readonly attempts: string[] }> => {
  const { id } = await world.delivery({ caller: 'auth0' })
  const attempts: string[] = []
  for (const transaction of transactions) {
    const attempt = world.attemptOf(id, { provider: 'twilio-verify' })
    await world.attempts.begin(attempt)
    await world.attempts.finish(world.resultOf(attempt.id, { transaction }))
    attempts.push(attempt.id)
    world.clock.advance(1)
  }
  return { delivery: id, attempts }
}

export const testUsedCodes = (t: Test, open: OpenStore): void => {
  t.test('of many that say a code was used one is the first, and feedback falls due for each attempt with a transaction', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, delivery } = await attempted(world, ['t-1', undefined, 't-2'])
    await attempted(world, ['of another delivery'])
    const told = await Promise.all(Array.from({ length: 30 }, () => world.deliveries.markUsed(delivery, 'auth0')))
    t.equal(told.filter((one) => one === 'first').length, 1)
    t.equal(told.filter((one) => one === 'again').length, 29)
    t.same((await world.due.take('feedback', 10, 1000)).map(({ id }) => id).sort(), [attempts[0], attempts[2]])
    await Promise.all(attempts.map((id) => world.due.done({ id, kind: 'feedback' })))
    t.equal(await world.deliveries.markUsed(delivery, 'auth0'), 'again')
    t.equal(await world.deliveries.markUsed(delivery, undefined), 'again')
    t.same(await world.due.take('feedback', 10, 1000), [], 'feedback is given once')
  })

  t.test('where a code is used before its transaction is known, feedback falls due with the result', async (t) => {
    const { attempts, begun, deliveries, due, resultOf } = await openWorld(t, open)
    const [one, other] = [await begun({ provider: 'twilio-verify' }), await begun({ provider: 'twilio-verify' })]
    t.equal(await deliveries.markUsed(one.delivery, undefined), 'first')
    t.same(await due.take('feedback', 10, 1000), [])
    for (const { attempt } of [one, other]) await attempts.finish(resultOf(attempt, { transaction: 't-1' }))
    t.same(await due.take('feedback', 10, 1000), [{ id: one.attempt, kind: 'feedback', tries: 0 }])
    await attempts.finish(resultOf(one.attempt, { transaction: 't-1' }))
    t.same(await due.take('feedback', 10, 1000), [], 'a result that is written down twice breaks no lease')
  })

  t.test('a result without a transaction is nothing to give feedback on, whenever the code is used', async (t) => {
    const { attempts, begun, deliveries, due, resultOf } = await openWorld(t, open)
    const { attempt, delivery } = await begun({ provider: 'twilio-verify' })
    await deliveries.markUsed(delivery, undefined)
    await attempts.finish(resultOf(attempt))
    t.same(await due.take('feedback', 10, 1000), [])
  })

  t.test('feedback falls due once, whether the use or the result is written down first', async (t) => {
    const { attempts, begun, deliveries, due, resultOf } = await openWorld(t, open)
    for (const usedFirst of [true, false]) {
      const { attempt, delivery } = await begun({ provider: 'twilio-verify' })
      const use = (): Promise<unknown> => deliveries.markUsed(delivery, undefined)
      const finish = (): Promise<unknown> => attempts.finish(resultOf(attempt, { transaction: 't-1' }))
      await Promise.all((usedFirst ? [use, finish] : [finish, use]).map((step) => step()))
      t.same(await due.take('feedback', 10, 1000), [{ id: attempt, kind: 'feedback', tries: 0 }])
    }
  })

  t.test('what is kept of a delivery is forgotten without its code having been used', async (t) => {
    const world = await openWorld(t, open)
    const kept = { keptCode: 'code', keptMessage: 'message', numberDigest: 'number', escalation: { sealed: 'sealed', channels: ['voice'], after: 1000 } } as const
    const [one, other] = [await world.delivery(kept), await world.delivery({ ...kept, numberDigest: 'another' })]
    await world.deliveries.forget(one.id)
    await t.resolves(world.deliveries.forget(world.newId()))
    const rows = await world.sql.read({ text: 'SELECT id, kept_code, kept_message, escalation, escalation_left FROM deliveries ORDER BY id', parameters: {} })
    t.same(rows, [
      { id: one.id, kept_code: null, kept_message: null, escalation: null, escalation_left: null },
      { id: other.id, kept_code: 'code', kept_message: 'message', escalation: 'sealed', escalation_left: 'voice' }
    ])
    t.match(await world.deliveries.find(one.id), { usedAt: undefined, status: 'pending' })
    t.equal(await world.deliveries.takeKeptCode('number'), undefined)
    t.equal(await world.escalations.find(one.id), undefined)
    t.equal(await world.deliveries.markUsed(one.id, undefined), 'first', 'and it may be used yet')
  })

  t.test('an attempt is found as it was made', async (t) => {
    const world = await openWorld(t, open)
    const { attempts: [one, other] } = await attempted(world, ['t-1', undefined])
    world.clock.advance(8)
    t.same(await world.attempts.find(one as string), { provider: 'twilio-verify', channel: 'sms', status: 'accepted', transaction: 't-1', age: 10 })
    t.match(await world.attempts.find(other as string), { transaction: undefined, age: 9 })
    t.equal(await world.attempts.find(world.newId()), undefined)
  })

  t.test('the moment of the first use is on record, and stays', async (t) => {
    const world = await openWorld(t, open)
    const { delivery } = await attempted(world, [])
    const usedAt = world.clock()
    t.equal(await world.deliveries.markUsed(delivery, undefined), 'first')
    world.clock.advance(1)
    await world.deliveries.markUsed(delivery, undefined)
    t.equal((await world.deliveries.find(delivery))?.usedAt, usedAt)
    t.equal(await tablesOf(await world.reopen()).deliveries.markUsed(delivery, undefined), 'again')
  })

  t.test('the delivery of another caller is not there, and nothing is noted', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, delivery } = await attempted(world, ['t-1'])
    t.equal(await world.deliveries.markUsed(delivery, 'okta'), 'none')
    t.equal(await world.deliveries.markUsed(world.newId(), 'auth0'), 'none')
    t.equal(await world.deliveries.markUsed(world.newId(), undefined), 'none')
    t.equal((await world.deliveries.find(delivery))?.usedAt, undefined)
    t.same(await world.due.take('feedback', 10, 1000), [])
    t.equal(await world.deliveries.markUsed(delivery, undefined), 'first')
    t.match(await world.due.take('feedback', 10, 1000), [{ id: attempts[0] }])
    t.equal(await world.deliveries.markUsed(delivery, 'okta'), 'none', 'nor is it once it is noted')
  })

  t.test('what was kept of a used code is forgotten, and nothing else', async (t) => {
    const { delivery, deliveries, sql } = await openWorld(t, open)
    const kept = { keptCode: 'sealed code', keptMessage: 'sealed message' }
    const [used, other] = [await delivery({ ...kept, numberDigest: 'one' }), await delivery({ ...kept, numberDigest: 'other' })]
    await deliveries.markUsed(used.id, undefined)
    t.equal(await deliveries.takeKeptCode('one'), undefined)
    t.same(await sql.read({ text: 'SELECT id FROM deliveries WHERE kept_code IS NOT NULL AND kept_message IS NOT NULL', parameters: {} }), [{ id: other.id }])
    t.match(await deliveries.takeKeptCode('other'), { sealed: 'sealed code' })
    t.equal((await deliveries.find(other.id))?.usedAt, undefined)
  })

  t.test('the use of a code says nothing of the status', async (t) => {
    const world = await openWorld(t, open)
    const { delivery } = await attempted(world, ['t-1'])
    const before = await world.deliveries.find(delivery)
    const usedAt = world.clock()
    await world.deliveries.markUsed(delivery, undefined)
    t.same(await world.deliveries.find(delivery), { ...before, usedAt })
  })
}
