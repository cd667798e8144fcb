import type { Test } from 'tap'
import type { VendorAnswer, VerificationRecord } from '../../../src/store/verifications.ts'
import { openWorld, type OpenStore, type World } from '../../support/store.ts'
import { COOLDOWN, count, dueOf, find, LIFETIME, NO_SECRETS, range, secretsOf, start, startAtVendor, WRONG } from './verifications-stand.ts'

const reserve = async ({ verifications }: World, { id }: VerificationRecord): Promise<number> => {
  const reserved = await verifications.reserve(id)
  if (reserved.kind !== 'reserved') throw new Error('nothing left')
  return reserved.guess
}

/** Keeps guesses, and settles them so. */
const settleAll = async (world: World, begun: VerificationRecord, answers: readonly VendorAnswer[]): Promise<unknown> => {
  let last: unknown
  for (const answer of answers) last = await world.verifications.settle(begun.id, await reserve(world, begun), answer, `digest for ${answer}`)
  return last
}

/** For how long a vendor may take, in milliseconds. */
const KEPT_FOR = 60_000

export const testKeptGuesses = (t: Test, open: OpenStore): void => {
  t.test('a guess that is kept counts until it is settled; the right one approves', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world)
    const guess = await reserve(world, begun)
    t.match(await find(world, begun), { status: 'pending', attemptsLeft: 4 })
    world.clock.advance(10)
    t.same(await world.verifications.settle(begun.id, guess, 'right', 'digest'), { valid: true, status: 'approved', attemptsLeft: 4 })
    t.match(await find(world, begun), { status: 'approved', endedAt: world.clock() })
    t.same(await secretsOf(world, begun), NO_SECRETS)
    t.same(await dueOf(world, begun), { 'verification-end': 0 })
    t.equal(await count(world, 'guesses'), 0)
    t.match(await world.verifications.settle(begun.id, guess, 'right', 'digest'), { valid: false, status: 'approved' }, 'once')
  })

  t.test('a wrong one stays counted, and with the last it has failed', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world, { maxAttempts: 2 })
    t.same(await settleAll(world, begun, ['wrong']), { valid: false, status: 'pending', attemptsLeft: 1 })
    const last = await reserve(world, begun)
    t.match(await find(world, begun), { status: 'pending', attemptsLeft: 0 }, 'the last may be right')
    t.same(await world.verifications.reserve(begun.id), { kind: 'over', checked: { valid: false, status: 'pending', attemptsLeft: 0 } })
    t.same(await world.verifications.settle(begun.id, last, 'wrong', 'digest'), { valid: false, status: 'failed', attemptsLeft: 0 })
    t.same(await secretsOf(world, begun), NO_SECRETS)
    t.same(await dueOf(world, begun), { 'verification-end': 0 })
    t.same(await world.verifications.reserve(begun.id), { kind: 'over', checked: { valid: false, status: 'failed', attemptsLeft: 0 } })
  })

  t.test('one whose answer was lost is given back, and what was asked is known', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world, { maxAttempts: 2 })
    const [one, other] = [await reserve(world, begun), await reserve(world, begun)]
    t.same(await world.verifications.settle(begun.id, one, 'unknown', 'what was asked'), { valid: false, status: 'pending', attemptsLeft: 1 })
    t.match(await find(world, begun), { askedHash: 'what was asked' })
    t.match(await world.verifications.settle(begun.id, one, 'unknown', 'digest'), { attemptsLeft: 1 }, 'once')
    const third = await reserve(world, begun)
    t.equal(new Set([one, other, third]).size, 3, 'no two guesses are taken for each other')
    t.match(await world.verifications.settle(begun.id, other, 'wrong', 'digest'), { status: 'pending', attemptsLeft: 0 })
    t.match(await world.verifications.settle(begun.id, third, 'right', 'digest'), { valid: true })
    t.match(await find(world, begun), { askedHash: undefined })
    t.same(await secretsOf(world, begun), NO_SECRETS)
  })

  t.test('what was asked is wiped in every final state', async (t) => {
    for (const status of ['failed', 'expired', 'canceled'] as const) {
      const world = await openWorld(t, open)
      const begun = await startAtVendor(world, { maxAttempts: 2 })
      await settleAll(world, begun, ['unknown'])
      if (status === 'failed') await settleAll(world, begun, ['wrong', 'wrong'])
      else if (status === 'canceled') await world.verifications.cancel(begun.id)
      else world.clock.advance(LIFETIME)
      t.match(await find(world, begun), { status, askedHash: undefined, sealed: undefined })
      t.match(await world.verifications.end(begun.id), { status })
      t.same(await secretsOf(world, begun), NO_SECRETS, status)
    }
  })

  t.test('what was asked goes with the code that is taken over', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world)
    await settleAll(world, begun, ['unknown'])
    t.match(await startAtVendor(world), { codeId: begun.id, askedHash: 'digest for unknown', attemptsLeft: 5 })
  })

  t.test('where the vendor does not check any more, it has failed', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world)
    t.same(await settleAll(world, begun, ['wrong', 'over']), { valid: false, status: 'failed', attemptsLeft: 0 })
    t.same(await secretsOf(world, begun), NO_SECRETS)
  })

  t.test('it has not failed while the right answer may be on its way: of right codes entered at a time one approves', async (t) => {
    for (const answer of ['over', 'wrong'] as const) {
      const world = await openWorld(t, open)
      const begun = await startAtVendor(world, { maxAttempts: 2 })
      const [one, other] = [await reserve(world, begun), await reserve(world, begun)]
      t.same(await world.verifications.settle(begun.id, one, answer, 'digest'), { valid: false, status: 'pending', attemptsLeft: 0 })
      t.match(await world.verifications.reserve(begun.id), { kind: 'over', checked: { status: 'pending', attemptsLeft: 0 } })
      t.same(await world.verifications.settle(begun.id, other, 'right', 'digest'), { valid: true, status: 'approved', attemptsLeft: 0 })
    }
  })

  t.test('after the vendor has checked for the last time, what else is kept makes it fail', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world)
    const [one, other] = [await reserve(world, begun), await reserve(world, begun)]
    t.match(await world.verifications.settle(begun.id, one, 'over', 'digest'), { status: 'pending', attemptsLeft: 0 })
    t.match(await world.verifications.settle(begun.id, other, 'wrong', 'digest'), { status: 'failed', attemptsLeft: 0 })
  })

  t.test('who has died over the last guess does not keep it from failing', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world, { maxAttempts: 1 })
    await reserve(world, begun)
    world.clock.advance(KEPT_FOR - 1)
    t.match(await world.verifications.reserve(begun.id), { checked: { status: 'pending' } })
    world.clock.advance(1)
    t.match(await world.verifications.reserve(begun.id), { kind: 'over', checked: { status: 'failed', attemptsLeft: 0 } })
  })

  t.test('what has ended is not approved, whatever the vendor says', async (t) => {
    const world = await openWorld(t, open)
    const [expired, canceled] = [await startAtVendor(world), await startAtVendor(world, { profile: 'signup' })]
    const guesses = [await reserve(world, expired), await reserve(world, canceled)] as const
    await world.verifications.cancel(canceled.id)
    t.match(await world.verifications.settle(canceled.id, guesses[1], 'right', 'digest'), { valid: false, status: 'canceled' })
    world.clock.advance(LIFETIME)
    t.match(await world.verifications.settle(expired.id, guesses[0], 'right', 'digest'), { valid: false, status: 'expired' })
    t.match(await world.verifications.reserve(expired.id), { kind: 'over', checked: { valid: false, status: 'expired' } })
    t.equal(await count(world, 'guesses'), 2)
  })

  t.test('an answer that was lost is given back until it has ended, and not beyond', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world)
    const guess = await reserve(world, begun)
    await world.verifications.cancel(begun.id)
    t.match(await world.verifications.settle(begun.id, guess, 'unknown', 'digest'), { valid: false, status: 'canceled' })
    t.same(await secretsOf(world, begun), NO_SECRETS)
    world.clock.advance(COOLDOWN)
    const other = await startAtVendor(world)
    const late = await reserve(world, other)
    await world.verifications.cancel(other.id)
    t.match(await world.verifications.settle(other.id, late, 'over', 'digest'), { status: 'canceled' })
  })

  t.test('a guess that was never kept settles nothing', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world)
    for (const answer of ['right', 'wrong', 'unknown', 'over'] as const) {
      t.same(await world.verifications.settle(begun.id, 7, answer, 'digest'), { valid: false, status: 'pending', attemptsLeft: 5 }, answer)
    }
    const own = await start(world, { profile: 'signup' })
    await world.verifications.check(own.id, WRONG)
    t.match(await world.verifications.settle(own.id, 1, 'right', 'digest'), { valid: false, status: 'pending' }, 'nor one that is settled')
    t.same(await world.verifications.settle(world.newId(), 1, 'right', 'digest'), { valid: false, status: 'expired', attemptsLeft: 0 })
    t.match(await world.verifications.reserve(world.newId()), { kind: 'over', checked: { valid: false, status: 'expired' } })
  })

  t.test('a decoy has no guess to keep: its codes are wrong', async (t) => {
    const world = await openWorld(t, open)
    await startAtVendor(world)
    const decoy = await startAtVendor(world, { starter: 'second', maxAttempts: 2 })
    t.same(await world.verifications.reserve(decoy.id), { kind: 'over', checked: { valid: false, status: 'pending', attemptsLeft: 1 } })
    t.match(await world.verifications.settle(decoy.id, 1, 'right', 'digest'), { valid: false, status: 'pending' })
    t.same(await world.verifications.reserve(decoy.id), { kind: 'over', checked: { valid: false, status: 'failed', attemptsLeft: 0 } })
  })

  t.test('of many that keep a guess as many get one as there are attempts', async (t) => {
    const world = await openWorld(t, open)
    const begun = await startAtVendor(world, { maxAttempts: 4 })
    const reserved = await Promise.all(range(12).map(() => world.verifications.reserve(begun.id)))
    const guesses = reserved.flatMap((one) => one.kind === 'reserved' ? [one.guess] : [])
    t.same(guesses.sort(), [1, 2, 3, 4])
    const settled = await Promise.all(guesses.map((guess) => world.verifications.settle(begun.id, guess, 'right', 'digest')))
    t.equal(settled.filter(({ valid }) => valid).length, 1)
  })
}
