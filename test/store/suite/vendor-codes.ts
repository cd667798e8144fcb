import type { Test } from 'tap'
import type { VerificationRequest } from '../../../src/store/verifications.ts'
import { openWorld, type OpenStore, type World } from '../../support/store.ts'
import { NUMBER, startAtVendor } from './verifications-stand.ts'

const MINUTE = 60_000

/** A verification whose code a vendor makes, unless the options say otherwise. */
const startOn = async (world: World, options: Partial<VerificationRequest> = {}) =>
  await startAtVendor(world, { cooldown: 1000, leastLife: 1000, ...options })

/** A delivery to the number, with an attempt that belongs to that transaction. */
const sent = async (world: World, transaction: string | undefined, numberDigest = NUMBER): Promise<string> => {
  const { id } = await world.delivery({ numberDigest })
  const attempt = world.attemptOf(id, { provider: 'twilio-verify' })
  await world.attempts.begin(attempt)
  await world.attempts.finish(world.resultOf(attempt.id, { transaction }))
  return id
}

export const testVendorCodes = (t: Test, open: OpenStore): void => {
  t.test('another one of the number is known as long as it is under way', async (t) => {
    const world = await openWorld(t, open)
    const { verifications, clock } = world
    const one = await startOn(world)
    t.equal(await verifications.hasAnother(one), false, 'itself is none')
    const other = await startOn(world, { profile: 'signup', lifetime: MINUTE })
    t.equal(await verifications.hasAnother(one), true)
    t.equal(await verifications.hasAnother(other), true)
    clock.advance(MINUTE)
    t.equal(await verifications.hasAnother(one), false, 'it has expired, though nobody has noted it')
    await verifications.cancel(one.id)
    t.equal(await verifications.hasAnother(other), false)
  })

  t.test('one of another number is none, nor is a decoy, nor one whose code is ours', async (t) => {
    const world = await openWorld(t, open)
    const one = await startOn(world)
    await startOn(world, { numberDigest: 'another number' })
    const decoy = await startOn(world, { starter: 'somebody else' })
    t.equal(decoy.isDecoy, true)
    await startOn(world, { profile: 'signup', codeMaker: 'gateway', codeHash: 'hash' })
    t.equal(await world.verifications.hasAnother(one), false)
  })

  t.test('the one that comes in the place of another is known as soon as that is canceled', async (t) => {
    const world = await openWorld(t, open)
    const one = await startOn(world)
    world.clock.advance(2000)
    const next = await startOn(world)
    t.equal((await world.verifications.find(one.id))?.status, 'canceled')
    t.equal(await world.verifications.hasAnother(one), true)
    t.equal(await world.verifications.hasAnother(next), false)
  })

  t.test('a transaction is its own where none but its messages belong to it', async (t) => {
    const world = await openWorld(t, open)
    const { verifications } = world
    const of = (...deliveries: string[]) => ({ id: 'any', numberDigest: NUMBER, codeMaker: 'twilio-verify' as const, deliveries })
    const first = await sent(world, 'transaction-1')
    const again = await sent(world, 'transaction-1')
    const lost = await sent(world, undefined)
    t.equal(await verifications.isItsOwn(of(first, again, lost), 'transaction-1'), true)
    t.equal(await verifications.isItsOwn(of(first), 'transaction-1'), false, 'one of somebody else\'s messages belongs to it')
    t.equal(await verifications.isItsOwn(of(), 'transaction-1'), false)
    t.equal(await verifications.isItsOwn(of(first, again), 'transaction-2'), false, 'nothing is known of it')
    await sent(world, 'transaction-1', 'another number')
    t.equal(await verifications.isItsOwn(of(first, again), 'transaction-1'), true, 'a vendor\'s transaction has one number')
  })
}
