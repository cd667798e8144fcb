import type { Test } from 'tap'
import type { DeliveryStatus } from '../../../src/domain/delivery-status.ts'
import { LEASE, openWorld, tablesOf, type OpenStore, type Tables, type World } from '../../support/store.ts'

const ROUNDS = 25

/** The tables as two processes see them. */
const openTwo = async (t: Test, open: OpenStore): Promise<{ readonly world: World, readonly both: readonly [Tables, Tables] }> => {
  const world = await openWorld(t, open)
  return { world, both: [world, tablesOf(await world.beside())] }
}

const rounds = (count = ROUNDS): number[] => Array.from({ length: count }, (_, index) => index)

/** What two processes do at the same time must come out as if one had come after the other. */
export const testRaces = (t: Test, open: OpenStore): void => {
  t.test('of those who claim a key at the same time one gets it', async (t) => {
    const { world, both } = await openTwo(t, open)
    for (const round of rounds()) {
      const claims = await Promise.all(rounds(8).map((index) => (both[index % 2] as Tables).claims.claim(world.claimOf({ key: `key ${round}` }))))
      t.equal(claims.filter(({ kind }) => kind === 'new').length, 1)
      t.equal(claims.filter(({ kind }) => kind === 'seen').length, 7)
    }
  })

  t.test('a key that has become free goes to one of those who ask, and an attempt under the old claim is not begun', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    for (const round of rounds()) {
      const { id, key } = await world.delivery({ key: `key ${round}` })
      world.clock.advance(LEASE)
      const [begun, ...claims] = await Promise.all([
        one.attempts.begin(world.attemptOf(id, { claim: { key, holdFor: 60_000 } })),
        one.claims.claim(world.claimOf({ key })),
        other.claims.claim(world.claimOf({ key }))
      ])
      const granted = claims.filter(({ kind }) => kind === 'new').length
      t.equal(granted + (begun ? 1 : 0), 1)
    }
  })

  t.test('a delivery stands as its best attempt, when two of them end at the same time', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    const ends: ReadonlyArray<readonly [DeliveryStatus, DeliveryStatus]> = [['failed', 'accepted'], ['accepted', 'refused'], ['unknown', 'failed']]
    for (const [first, second] of ends) {
      for (const round of rounds(10)) {
        const { delivery, attempt } = await world.begun()
        const again = world.attemptOf(delivery, { provider: 'twilio-sms' })
        await world.attempts.begin(again)
        await Promise.all([
          one.attempts.finish(world.resultOf(attempt, { status: first })),
          other.attempts.finish(world.resultOf(again.id, { status: second }))
        ])
        const best = [first, second].find((status) => status === 'accepted') ?? 'unknown'
        t.equal((await world.deliveries.find(delivery))?.status, best, `${first}, ${second}, ${round}`)
      }
    }
  })

  t.test('the report that comes before the answer is not undone by it', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    for (let round = 0; round < ROUNDS; round += 1) {
      const { delivery, attempt } = await world.begun()
      await Promise.all([
        one.attempts.finish(world.resultOf(attempt, { status: 'accepted', reference: 'm-1' })),
        other.attempts.apply(world.newsOf(attempt, { reference: 'm-1' })),
        one.attempts.apply(world.newsOf(attempt, { reference: 'm-1', key: 'again' }))
      ])
      t.match(await world.deliveries.find(delivery), { status: 'delivered', attempts: [{ status: 'delivered', reference: 'm-1' }] })
    }
  })

  t.test('an attempt is tied to one reference, when two are told at the same time', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    for (let round = 0; round < ROUNDS; round += 1) {
      const { attempt } = await world.begun()
      const applied = await Promise.all([
        one.attempts.apply(world.newsOf(attempt, { reference: 'm-1', key: 'one' })),
        other.attempts.apply(world.newsOf(attempt, { reference: 'm-2', key: 'two' }))
      ])
      t.equal(applied.filter((news) => news !== undefined).length, 1)
    }
  })

  t.test('what has fallen due goes to one of those who take it', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    await Promise.all(rounds(100).map((index) => world.due.add({ id: `work ${index}`, kind: 'retry' }, 0)))
    const taken = (await Promise.all(rounds(12).map((index) => (index % 2 === 0 ? one : other).due.take('retry', 10, LEASE)))).flat()
    t.ok(taken.length >= 60, 'who takes does not wait for others')
    const rest = [...await one.due.take('retry', 50, LEASE), ...await other.due.take('retry', 50, LEASE)]
    t.same([...taken, ...rest].map(({ id }) => id).sort(), rounds(100).map((index) => `work ${index}`).sort())
  })

  t.test('who is asked about goes to one of those who ask', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    for (const index of rounds(20)) {
      const { attempt } = await world.begun()
      await world.attempts.finish(world.resultOf(attempt, { reference: `m-${index}`, askIn: 0 }))
    }
    const taken = (await Promise.all([one, other, one, other].map((tables) => tables.inquiries.take(5, LEASE)))).flat()
    const rest = (await Promise.all([one, other].map((tables) => tables.inquiries.take(20, LEASE)))).flat()
    const all = [...taken, ...rest].map(({ attempt }) => attempt)
    t.equal(new Set(all).size, all.length)
    t.equal(all.length, 20)
  })

  t.test('a step of a call is taken by one', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    for (let round = 0; round < ROUNDS; round += 1) {
      const { attempt } = await world.begun({ provider: 'acs-voice', channel: 'voice' })
      const moved = await Promise.all([one, other, one, other].map((tables) => tables.calls.advance(attempt, '', 'code')))
      t.same(moved.filter((isMoved) => isMoved), [true])
    }
  })

  t.test('a code that is used is noted as used once, and what was kept of it goes to nobody any more, or to one', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    for (const round of rounds()) {
      const number = `number ${round}`
      const { id } = await world.delivery({ keptCode: 'sealed', keptMessage: 'sealed', numberDigest: number })
      const [first, second, code, again] = await Promise.all([
        one.deliveries.markUsed(id, undefined), other.deliveries.markUsed(id, undefined),
        one.deliveries.takeKeptCode(number), other.deliveries.takeKeptCode(number)
      ])
      t.same([first, second].sort(), ['again', 'first'])
      t.ok([code, again].filter((taken) => taken !== undefined).length <= 1)
    }
  })

  t.test('feedback falls due once, whether the code is used before or after its transaction is known', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    for (let round = 0; round < ROUNDS; round += 1) {
      const { delivery, attempt } = await world.begun()
      await Promise.all([
        one.attempts.finish(world.resultOf(attempt, { transaction: 'v-1' })),
        other.deliveries.markUsed(delivery, undefined)
      ])
      t.same(await one.due.take('feedback', 10, LEASE), [{ id: attempt, kind: 'feedback', tries: 0 }])
      await one.due.done({ id: attempt, kind: 'feedback' })
    }
  })

  t.test('recovering, purging and working at the same time hold nobody up, and settle everything', async (t) => {
    const { world, both: [one, other] } = await openTwo(t, open)
    const begun = []
    for (let index = 0; index < 40; index += 1) begun.push(await world.begun())
    world.clock.advance(LEASE)
    const late = begun.slice(0, 20)
    await Promise.all([
      one.upkeep.recover(),
      other.upkeep.recover(),
      ...late.map(({ attempt }, index) => (index % 2 === 0 ? one : other).attempts.finish(world.resultOf(attempt, { status: 'accepted' }))),
      ...late.map(({ attempt }, index) => (index % 2 === 0 ? other : one).attempts.apply(world.newsOf(attempt))),
      other.upkeep.forgetExpiredCodes()
    ])
    for (const { delivery } of late) t.equal((await world.deliveries.find(delivery))?.status, 'delivered')
    for (const { delivery } of begun.slice(20)) t.equal((await world.deliveries.find(delivery))?.status, 'unknown')
    const removed = await Promise.all([one.upkeep.purge(world.clock() + 1, 25), other.upkeep.purge(world.clock() + 1, 25)])
    let rest = 0
    do {
      rest = await one.upkeep.purge(world.clock() + 1, 25)
      removed.push(rest)
    } while (rest > 0)
    t.equal(removed.reduce((sum, count) => sum + count), 40)
    for (const { delivery } of begun) t.equal(await world.deliveries.find(delivery), undefined)
  })
}
