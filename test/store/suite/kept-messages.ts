import type { Test } from 'tap'
import type { DeliveryStatus } from '../../../src/domain/delivery-status.ts'
import type { ClaimRequest } from '../../../src/store/claims.ts'
import { openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

const LIFETIME = 1000
const NUMBER = 'digest of the number'

/** A delivery with a kept message, whose only attempt has come to that. */
const kept = async (world: World, status: DeliveryStatus = 'undelivered', options: Partial<ClaimRequest> = {}): Promise<string> => {
  const { id } = await world.delivery({ keptMessage: 'sealed', expiresIn: LIFETIME, numberDigest: NUMBER, ...options })
  const attempt = world.attemptOf(id)
  await world.attempts.begin(attempt)
  await world.attempts.apply(world.newsOf(attempt.id, { status, reason: 'carrier_error' }))
  return id
}

const isKept = async ({ sql }: World, id: string): Promise<boolean> =>
  (await sql.read({ text: 'SELECT id FROM deliveries WHERE id = :id AND kept_message IS NOT NULL', parameters: { id } })).length === 1

export const testKeptMessages = (t: Test, open: OpenStore): void => {
  t.test('of many that take a kept message one gets it, with all that sending it once more needs', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, attemptOf, clock, deliveries, newsOf } = world
    const id = await kept(world, 'undelivered', { plan: ['acs-sms', 'twilio-sms', 'twilio-verify'] })
    for (const provider of ['twilio-sms', 'acs-sms']) {
      clock.advance(1)
      const attempt = attemptOf(id, { provider })
      await attempts.begin(attempt)
      await attempts.apply(newsOf(attempt.id, { status: 'failed', reason: 'connection' }))
    }
    clock.advance(398)
    const taken = await Promise.all(Array.from({ length: 30 }, () => deliveries.takeKeptMessage(id)))
    t.same(taken.filter((one) => one !== undefined), [{
      sealed: 'sealed', expiresIn: 600, plan: ['acs-sms', 'twilio-sms', 'twilio-verify'], attempted: ['acs-sms', 'twilio-sms', 'acs-sms']
    }])
    t.equal(await isKept(world, id), false)
    t.equal(await deliveries.takeKeptMessage(id), undefined)
  })

  t.test('a message of which nothing was planned has an empty plan', async (t) => {
    const world = await openWorld(t, open)
    t.match(await world.deliveries.takeKeptMessage(await kept(world, 'undelivered', { plan: [] })), { plan: [], attempted: ['acs-sms'] })
  })

  t.test('a message is taken after a restart', async (t) => {
    const world = await openWorld(t, open)
    const id = await kept(world)
    t.match(await tablesOf(await world.reopen()).deliveries.takeKeptMessage(id), { sealed: 'sealed' })
  })

  t.test('no message is taken, and it stays, unless the delivery is known not to have arrived', async (t) => {
    const world = await openWorld(t, open)
    for (const status of ['pending', 'unknown', 'accepted', 'refused', 'failed', 'delivered'] as const) {
      const id = await kept(world, status, { numberDigest: `number of the ${status} one` })
      t.equal(await world.deliveries.takeKeptMessage(id), undefined, status)
      t.equal(await isKept(world, id), true, status)
    }
  })

  t.test('a message that was asked for too early is taken once the delivery is known not to have arrived', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, attemptOf, deliveries, newsOf } = world
    const id = await kept(world)
    const attempt = attemptOf(id)
    await attempts.begin(attempt)
    await attempts.apply(newsOf(attempt.id, { key: '1', status: 'accepted' }))
    t.equal(await deliveries.takeKeptMessage(id), undefined)
    await attempts.apply(newsOf(attempt.id, { key: '2', status: 'undelivered', reason: 'carrier_error' }))
    t.match(await deliveries.takeKeptMessage(id), { sealed: 'sealed' })
  })

  t.test('a message is taken to the last millisecond of its code, and is forgotten after', async (t) => {
    const world = await openWorld(t, open)
    const [one, other] = [await kept(world, 'undelivered', { numberDigest: 'one' }), await kept(world, 'undelivered', { numberDigest: 'other' })]
    world.clock.advance(LIFETIME - 1)
    t.match(await world.deliveries.takeKeptMessage(one), { expiresIn: 1 })
    world.clock.advance(1)
    t.equal(await world.deliveries.takeKeptMessage(other), undefined)
    t.equal(await isKept(world, other), false)
  })

  t.test('a message is forgotten where the same caller has made a newer delivery to that number, whatever became of it', async (t) => {
    const world = await openWorld(t, open)
    for (const status of ['pending', 'failed', 'undelivered', 'delivered'] as const) {
      const number = `number of the ${status} one`
      const id = await kept(world, 'undelivered', { numberDigest: number })
      const newer = await kept(world, status, { numberDigest: number })
      t.equal(await world.deliveries.takeKeptMessage(id), undefined, status)
      t.equal(await isKept(world, id), false)
      t.equal(await isKept(world, newer), true, 'the newer one has its own')
    }
  })

  t.test('a newer delivery to another number or by another caller, and an older one, take no message away', async (t) => {
    const world = await openWorld(t, open)
    await kept(world)
    world.clock.advance(1)
    const id = await kept(world)
    world.clock.advance(1)
    await kept(world, 'undelivered', { numberDigest: 'another number' })
    await kept(world, 'undelivered', { caller: 'another caller' })
    t.match(await world.deliveries.takeKeptMessage(id), { sealed: 'sealed' })
  })

  t.test('a message whose code was used is gone', async (t) => {
    const world = await openWorld(t, open)
    const id = await kept(world)
    await world.deliveries.markUsed(id, undefined)
    t.equal(await isKept(world, id), false)
    t.equal(await world.deliveries.takeKeptMessage(id), undefined)
  })

  t.test('a message that is taken while its code is used is taken once at most, and is gone after', async (t) => {
    const world = await openWorld(t, open)
    const id = await kept(world)
    const takes = Array.from({ length: 20 }, async (_, index) => {
      if (index === 10) await world.deliveries.markUsed(id, undefined)
      return await world.deliveries.takeKeptMessage(id)
    })
    t.ok((await Promise.all(takes)).filter((one) => one !== undefined).length <= 1)
    t.equal(await isKept(world, id), false)
    t.equal(await world.deliveries.takeKeptMessage(id), undefined)
  })

  t.test('where no message is kept, and where no such delivery is, there is none', async (t) => {
    const world = await openWorld(t, open)
    t.equal(await world.deliveries.takeKeptMessage(await kept(world, 'undelivered', { keptMessage: undefined })), undefined)
    t.equal(await world.deliveries.takeKeptMessage(world.newId()), undefined)
  })

  t.test('the message of one delivery is not that of another', async (t) => {
    const world = await openWorld(t, open)
    const ids = await Promise.all(['a', 'b'].map((name) => kept(world, 'undelivered', { keptMessage: name, numberDigest: name })))
    t.match(await world.deliveries.takeKeptMessage(ids[0] as string), { sealed: 'a' })
    t.match(await world.deliveries.takeKeptMessage(ids[1] as string), { sealed: 'b' })
  })
}
