import type { Test } from 'tap'
import { openWorld, type OpenStore } from '../../support/store.ts'
import { COOLDOWN, count, dueOf, find, guessWrong, HOUR, LIFETIME, NO_SECRETS, requestOf, RIGHT, secretsOf, start, WRONG } from './verifications-stand.ts'

export const testVerificationChecks = (t: Test, open: OpenStore): void => {
  t.test('the right code approves, once, and what it was is wiped', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    world.clock.advance(10)
    t.same(await world.verifications.check(begun.id, RIGHT), { valid: true, status: 'approved', attemptsLeft: 5 })
    t.match(await find(world, begun), { status: 'approved', endedAt: world.clock(), sealed: undefined, sealedNumber: begun.sealedNumber, resendAt: begun.resendAt })
    t.same(await secretsOf(world, begun), NO_SECRETS)
    t.same(await dueOf(world, begun), { 'verification-end': 0 })
    t.same(await world.verifications.check(begun.id, RIGHT), { valid: false, status: 'approved', attemptsLeft: 5 })
    t.equal(await count(world, 'guesses'), 0)
  })

  t.test('its end does not fall due again by what is asked behind it', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    await world.verifications.check(begun.id, RIGHT)
    t.equal((await world.due.take('verification-end', 10, 1000)).length, 1)
    await world.verifications.check(begun.id, WRONG)
    t.same(await world.due.take('verification-end', 10, 1000), [], 'a lease on it holds')
    await world.due.done({ id: begun.id, kind: 'verification-end' })
    await world.verifications.check(begun.id, RIGHT)
    t.same(await dueOf(world, begun), {})
  })

  t.test('wrong codes use up the attempts, and with the last it has failed', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world, { maxAttempts: 3 })
    t.same(await world.verifications.check(begun.id, WRONG), { valid: false, status: 'pending', attemptsLeft: 2 })
    t.same(await world.verifications.check(begun.id, WRONG), { valid: false, status: 'pending', attemptsLeft: 1 })
    t.match(await find(world, begun), { attemptsLeft: 1, sealed: begun.sealed })
    world.clock.advance(10)
    t.same(await world.verifications.check(begun.id, WRONG), { valid: false, status: 'failed', attemptsLeft: 0 })
    t.match(await find(world, begun), { status: 'failed', attemptsLeft: 0, endedAt: world.clock(), sealed: undefined })
    t.same(await secretsOf(world, begun), NO_SECRETS)
    t.same(await dueOf(world, begun), { 'verification-end': 0 })
    t.same(await world.verifications.check(begun.id, RIGHT), { valid: false, status: 'failed', attemptsLeft: 0 })
    t.equal(await count(world, 'guesses'), 3, 'what has ended counts nothing')
    world.clock.advance(HOUR)
    t.match(await find(world, begun), { status: 'failed', attemptsLeft: 0 })
  })

  t.test('the last attempt may be the right one', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    await guessWrong(world, begun, 4)
    t.match(await world.verifications.check(begun.id, RIGHT), { valid: true, status: 'approved' })
  })

  t.test('a code is right until it expires, to the millisecond', async (t) => {
    const world = await openWorld(t, open)
    const [one, other] = [await start(world), await start(world, { profile: 'signup' })]
    world.clock.advance(LIFETIME - 1)
    t.match(await world.verifications.check(one.id, RIGHT), { valid: true, status: 'approved' })
    world.clock.advance(1)
    t.same(await world.verifications.check(other.id, RIGHT), { valid: false, status: 'expired', attemptsLeft: 5 })
    t.same(await world.verifications.check(other.id, WRONG), { valid: false, status: 'expired', attemptsLeft: 5 })
    t.equal(await count(world, 'guesses'), 0)
  })

  t.test('a code belongs to one verification', async (t) => {
    const world = await openWorld(t, open)
    const [one, other] = [await start(world, { codeHash: 'one' }), await start(world, { codeHash: 'other', profile: 'signup' })]
    t.match(await world.verifications.check(one.id, 'other'), { valid: false })
    t.match(await world.verifications.check(other.id, 'other'), { valid: true })
    t.match(await find(world, one), { status: 'pending' })
  })

  t.test('there is nothing to check where there is none', async (t) => {
    const world = await openWorld(t, open)
    t.same(await world.verifications.check(world.newId(), RIGHT), { valid: false, status: 'expired', attemptsLeft: 0 })
  })

  t.test('wrong codes count against the number across restarts, and decay after an hour each, to the millisecond', async (t) => {
    const world = await openWorld(t, open)
    const wait = COOLDOWN
    for (const left of [5, 4, 3, 2]) {
      const begun = await start(world)
      t.equal(begun.attemptsLeft, left)
      await guessWrong(world, begun, 1)
      world.clock.advance(wait)
    }
    t.equal((await start(world)).attemptsLeft, 1)
    world.clock.advance(HOUR - 4 * wait - 1)
    t.equal((await start(world)).attemptsLeft, 1)
    world.clock.advance(1)
    t.equal((await start(world)).attemptsLeft, 2)
    world.clock.advance(wait - 1)
    t.equal((await start(world)).attemptsLeft, 2)
    world.clock.advance(1)
    t.equal((await start(world)).attemptsLeft, 3)
    world.clock.advance(HOUR)
    t.equal((await start(world)).attemptsLeft, 5)
  })

  t.test('wrong codes of the number in other profiles count too, while they are an hour old at most', async (t) => {
    const world = await openWorld(t, open)
    const long = await start(world, { lifetime: 2 * HOUR })
    const other = await start(world, { profile: 'signup' })
    await guessWrong(world, other, 3)
    t.match(await find(world, long), { attemptsLeft: 2 })
    t.match(await world.verifications.check(long.id, WRONG), { status: 'pending', attemptsLeft: 1 })
    world.clock.advance(HOUR - 1)
    t.match(await find(world, long), { attemptsLeft: 1 })
    world.clock.advance(1)
    t.match(await find(world, long), { attemptsLeft: 4 }, 'never more than it was granted, less its own')
    t.match(await world.verifications.check(long.id, RIGHT), { valid: true })
  })

  t.test('where the others have used up all of the number, no code is right, and it has failed', async (t) => {
    const world = await openWorld(t, open)
    const begun = await start(world)
    const other = await start(world, { profile: 'signup', maxAttempts: 6 })
    await guessWrong(world, other, 6)
    t.match(await find(world, other), { status: 'failed' })
    t.match(await find(world, begun), { status: 'pending', attemptsLeft: 0 }, 'and none is left, never less')
    t.same(await world.verifications.check(begun.id, RIGHT), { valid: false, status: 'failed', attemptsLeft: 0 })
    t.same(await secretsOf(world, begun), NO_SECRETS)
    t.equal(await count(world, 'guesses'), 6)
    world.clock.advance(HOUR)
    t.match(await find(world, begun), { status: 'failed', attemptsLeft: 0 }, 'and it gets none back')
  })

  t.test('who is approved has made no wrong guesses; those before a restart still count', async (t) => {
    const world = await openWorld(t, open)
    await guessWrong(world, await start(world), 1)
    const begun = await start(world)
    await guessWrong(world, begun, 2)
    const other = await start(world, { profile: 'signup' })
    t.match(other, { attemptsLeft: 2 })
    await world.verifications.check(begun.id, RIGHT)
    t.match(await start(world), { attemptsLeft: 4 })
    t.match(await find(world, other), { attemptsLeft: 2 }, 'what was granted stays')
  })

  t.test('a decoy uses up its own attempts, fails, expires and is canceled like any other', async (t) => {
    const world = await openWorld(t, open)
    const real = await start(world)
    const [failing, expiring, canceled] = [await start(world, { starter: 'b', maxAttempts: 2 }), await start(world, { starter: 'c' }), await start(world, { starter: 'd' })]
    await guessWrong(world, real, 3)
    t.match(await find(world, failing), { attemptsLeft: 2 }, 'what others enter does not show')
    t.same(await world.verifications.check(failing.id, RIGHT), { valid: false, status: 'pending', attemptsLeft: 1 })
    t.same(await world.verifications.check(failing.id, RIGHT), { valid: false, status: 'failed', attemptsLeft: 0 })
    t.same(await secretsOf(world, failing), NO_SECRETS)
    t.same(await dueOf(world, failing), { 'verification-end': 0 })
    t.equal(await world.verifications.cancel(canceled.id), 'canceled')
    t.same(await secretsOf(world, canceled), NO_SECRETS)
    world.clock.advance(LIFETIME)
    t.match(await world.verifications.end(expiring.id), { status: 'expired', isDecoy: true })
    t.same(await secretsOf(world, expiring), NO_SECRETS)
  })

  t.test('a stranger can keep a number out for an hour at most', async (t) => {
    const world = await openWorld(t, open)
    await guessWrong(world, await start(world, { starter: 'stranger' }), 5)
    t.match(await world.verifications.start(requestOf(world)), { kind: 'too-many-attempts', retryAfter: HOUR })
    t.match(await world.verifications.start(requestOf(world, { starter: 'stranger' })), { kind: 'too-many-attempts' }, 'nor can they go on themselves')
    world.clock.advance(HOUR)
    t.match(await start(world), { isDecoy: false, attemptsLeft: 5 })
  })
}
