import type { Test } from 'tap'
import { openWorld, type OpenStore } from '../../support/store.ts'
import { count, dueOf, find, guessWrong, HOUR, range, requestOf, start } from './verifications-stand.ts'

export const testVerificationUpkeep = (t: Test, open: OpenStore): void => {
  t.test('verifications made before the moment are removed, with what is due for them; the others stay', async (t) => {
    const world = await openWorld(t, open)
    const old = await start(world)
    await world.due.add({ id: old.id, kind: 'verification-webhook' }, 0)
    world.clock.advance(HOUR)
    const young = await start(world, { numberDigest: 'another' })
    const elsewhere = { id: 'a delivery', kind: 'retry' } as const
    await world.due.add(elsewhere, 0)
    await world.verifications.end(old.id)
    t.equal(await world.upkeep.forgetVerifications(world.clock(), 10), 1)
    t.equal(await world.verifications.find(old.id), undefined)
    t.same(await dueOf(world, old), {})
    t.same(await find(world, young), young)
    t.match(Object.keys(await dueOf(world, young)).sort(), ['verification-end', 'verification-send'])
    t.match(await dueOf(world, elsewhere), { retry: 0 })
    t.equal(await world.upkeep.forgetVerifications(world.clock(), 10), 0)
  })

  t.test('the oldest go first, a batch at a time', async (t) => {
    const world = await openWorld(t, open)
    const begun = []
    for (const index of range(5)) {
      begun.push(await start(world, { profile: `profile ${index}` }))
      world.clock.advance(1)
    }
    for (const { id } of begun) await world.verifications.cancel(id)
    t.equal(await world.upkeep.forgetVerifications(world.clock(), 2), 2)
    t.same(await Promise.all(begun.map(async ({ id }) => await world.verifications.find(id) !== undefined)), [false, false, true, true, true])
    t.equal(await world.upkeep.forgetVerifications(world.clock(), 2), 2)
    t.equal(await world.upkeep.forgetVerifications(world.clock(), 2), 1)
  })

  t.test('wrong codes are forgotten when they do not count any more, and not before', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    await guessWrong(world, begun, 3)
    world.clock.advance(1)
    await guessWrong(world, begun, 1)
    world.clock.advance(HOUR - 2)
    t.equal(await world.upkeep.forgetVerifications(0, 2), 0)
    t.equal(await count(world, 'guesses'), 4)
    world.clock.advance(1)
    t.equal(await world.upkeep.forgetVerifications(0, 2), 2)
    t.equal(await world.upkeep.forgetVerifications(0, 2), 1)
    t.equal(await count(world, 'guesses'), 1)
    world.clock.advance(1)
    t.equal(await world.upkeep.forgetVerifications(0, 2), 1)
    t.equal(await count(world, 'verifications'), 1)
  })

  t.test('a number of which nothing is left is forgotten, and those that still have anything are not', async (t) => {
    const world = await openWorld(t, open)
    const numbers = async (): Promise<unknown[]> =>
      (await world.sql.read({ text: 'SELECT lock_key FROM verification_locks ORDER BY lock_key', parameters: {} })).map((row) => row.lock_key)
    const done = await start(world, { numberDigest: 'done', starter: 'a session', maxStarts: 5 })
    const guessed = await start(world, { numberDigest: 'guessed' })
    const again = await start(world, { numberDigest: 'again' })
    world.clock.advance(HOUR - 1)
    await start(world, { numberDigest: 'under way', lifetime: 3 * HOUR })
    for (const one of [done, again]) await world.verifications.cancel(one.id)
    await start(world, { numberDigest: 'again', lifetime: 3 * HOUR })
    await world.sql.write([{ text: `INSERT INTO guesses (verification_id, guess, number_digest, is_decoy, guessed_at, is_open) VALUES ('${guessed.id}', 1, 'guessed', 0, ${world.clock()}, 0)`, parameters: {} }])
    await world.sql.write([{ text: 'UPDATE verification_locks SET touched_at = 0 WHERE lock_key = \'under way\'', parameters: {} }])
    t.same(await numbers(), ['again', 'done', 'guessed', 'starter a session', 'under way'])
    await world.verifications.end(guessed.id)
    t.equal(await world.upkeep.forgetVerifications(world.clock() - HOUR, 10), 0, 'not before their time')
    world.clock.advance(1)
    t.equal(await world.upkeep.forgetVerifications(world.clock() - HOUR + 1, 1), 1)
    t.equal((await numbers()).length, 4, 'a batch at a time')
    await world.upkeep.forgetVerifications(world.clock() - HOUR + 1, 3)
    t.same(await numbers(), ['again', 'guessed', 'under way'])
    world.clock.advance(HOUR)
    await world.upkeep.forgetVerifications(world.clock() - HOUR - 1, 10)
    t.same(await numbers(), ['again', 'under way'], 'and without its wrong codes that one too')
    t.match(await world.verifications.start(requestOf(world, { numberDigest: 'done' })), { kind: 'started' })
  })

  t.test('there is nothing to forget in an empty store', async (t) => {
    const world = await openWorld(t, open)
    t.equal(await world.upkeep.forgetVerifications(world.clock(), 10), 0)
  })
}
