import type { Test } from 'tap'
import type { DeliveryStatus } from '../../../src/domain/delivery-status.ts'
import { REASONS, type Reason } from '../../../src/domain/reason.ts'
import type { ClaimRequest } from '../../../src/store/claims.ts'
import { openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

const LIFETIME = 1000
const NUMBER = 'digest of the number'

/** After these nothing may be tried. Written out here: the tests must not ask the code under test. */
const NOTHING_MORE: readonly Reason[] =
  ['opted_out', 'too_many_codes', 'expired', 'interrupted', 'not_taken', 'fraud_blocked', 'canceled', 'hung_up', 'call_too_long',
    'country_not_allowed', 'prefix_denied', 'number_type_refused', 'too_many_messages', 'range_suspected']

/** A delivery with a kept message, whose only attempt had that result, and has come to that status. */
const kept = async (
  world: World, status: DeliveryStatus = 'undelivered', options: Partial<ClaimRequest> = {}, result: DeliveryStatus = status === 'unknown' ? 'unknown' : 'accepted'
): Promise<string> => {
  const { id } = await world.delivery({ keptMessage: 'sealed', expiresIn: LIFETIME, numberDigest: NUMBER, ...options })
  const attempt = world.attemptOf(id)
  await world.attempts.begin(attempt)
  if (status !== 'pending') await world.attempts.finish(world.resultOf(attempt.id, { status: result }))
  await world.attempts.apply(world.newsOf(attempt.id, { status, reason: 'carrier_error' }))
  return id
}

const isKept = async ({ sql }: World, id: string): Promise<boolean> =>
  (await sql.read({ text: 'SELECT id FROM deliveries WHERE id = :id AND kept_message IS NOT NULL', parameters: { id } })).length === 1

export const testKeptMessages = (t: Test, open: OpenStore): void => {
  t.test('of many that take a kept message one gets it, with all that sending it once more needs', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, attemptOf, clock, deliveries, resultOf } = world
    const id = await kept(world, 'undelivered', { plan: ['acs-sms', 'twilio-sms', 'twilio-verify'] })
    for (const provider of ['twilio-sms', 'acs-sms']) {
      clock.advance(1)
      const attempt = attemptOf(id, { provider })
      await attempts.begin(attempt)
      await attempts.finish(resultOf(attempt.id, { status: 'failed', reason: 'connection' }))
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

  t.test('no message is taken, and it is forgotten, where the answer of a provider was lost or never written down', async (t) => {
    const world = await openWorld(t, open)
    const lost = await kept(world, 'undelivered', { numberDigest: 'lost' }, 'unknown')
    const unwritten = await world.delivery({ keptMessage: 'sealed', expiresIn: LIFETIME, numberDigest: 'unwritten' })
    const attempt = world.attemptOf(unwritten.id)
    await world.attempts.begin(attempt)
    await world.attempts.apply(world.newsOf(attempt.id, { status: 'undelivered', reason: 'carrier_error' }))
    for (const id of [lost, unwritten.id]) {
      t.equal(await world.deliveries.takeKeptMessage(id), undefined)
      t.equal(await isKept(world, id), false)
    }
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
    const { attempts, attemptOf, deliveries, newsOf, resultOf } = world
    const id = await kept(world)
    const attempt = attemptOf(id)
    await attempts.begin(attempt)
    await attempts.finish(resultOf(attempt.id))
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

  t.test('a message is forgotten where anybody’s newer one went, or may have gone, to that number', async (t) => {
    const world = await openWorld(t, open)
    for (const caller of ['auth0', 'another caller']) {
      for (const status of ['pending', 'unknown', 'accepted', 'delivered'] as const) {
        const number = `number of the ${status} one by ${caller}`
        const id = await kept(world, 'undelivered', { numberDigest: number })
        const newer = await kept(world, status, { numberDigest: number, caller })
        t.equal(await world.deliveries.takeKeptMessage(id), undefined, `${status}, ${caller}`)
        t.equal(await isKept(world, id), false)
        t.equal(await isKept(world, newer), true, 'the newer one has its own')
      }
    }
  })

  t.test('a newer delivery for which nobody has tried yet may go as well', async (t) => {
    const world = await openWorld(t, open)
    const id = await kept(world)
    await world.delivery({ numberDigest: NUMBER })
    t.equal(await world.deliveries.takeKeptMessage(id), undefined)
    t.equal(await isKept(world, id), false)
  })

  t.test('a newer delivery that did not arrive or was never sent takes no message away', async (t) => {
    const world = await openWorld(t, open)
    for (const status of ['refused', 'failed', 'undelivered'] as const) {
      const number = `number of the ${status} one`
      const id = await kept(world, 'undelivered', { numberDigest: number })
      await kept(world, status, { numberDigest: number })
      t.match(await world.deliveries.takeKeptMessage(id), { sealed: 'sealed' }, status)
    }
  })

  t.test('a newer delivery to another number, and an older one that arrived, take no message away', async (t) => {
    const world = await openWorld(t, open)
    await kept(world, 'delivered')
    world.clock.advance(1)
    const id = await kept(world)
    world.clock.advance(1)
    await kept(world, 'delivered', { numberDigest: 'another number' })
    t.match(await world.deliveries.takeKeptMessage(id), { sealed: 'sealed' })
  })

  t.test('no message is taken, and it is forgotten, where anything that was told allows nothing more, in whatever order', async (t) => {
    const world = await openWorld(t, open)
    for (const reason of REASONS) {
      for (const reasons of [[reason, 'carrier_error'], ['carrier_error', reason]] as const) {
        for (const status of ['undelivered', undefined] as const) {
          const { id } = await world.delivery({ keptMessage: 'sealed', expiresIn: LIFETIME, numberDigest: `number of ${world.newId()}` })
          const attempt = world.attemptOf(id)
          await world.attempts.begin(attempt)
          await world.attempts.finish(world.resultOf(attempt.id))
          for (const [index, told] of reasons.entries()) {
            await world.attempts.apply(world.newsOf(attempt.id, { key: `${index}`, status: told === 'carrier_error' ? 'undelivered' : status, reason: told }))
          }
          const isTaken = await world.deliveries.takeKeptMessage(id) !== undefined
          t.equal(isTaken, !NOTHING_MORE.includes(reason), `${reasons.join(', ')}, ${status ?? 'only noted'}`)
          t.equal(await isKept(world, id), false)
        }
      }
    }
  })

  t.test('no message is taken where another attempt of the delivery came to an end that allows nothing more', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, attemptOf, deliveries, newsOf, resultOf } = world
    for (const [status, reason, isTaken] of [['refused', 'opted_out', false], ['failed', 'fraud_blocked', false], ['refused', 'content_refused', true]] as const) {
      for (const isNews of [true, false]) {
        const id = await kept(world, 'undelivered', { numberDigest: `number of ${world.newId()}` })
        const attempt = attemptOf(id, { provider: 'twilio-sms' })
        await attempts.begin(attempt)
        if (!isNews) await attempts.finish(resultOf(attempt.id, { status, reason }))
        else {
          await attempts.finish(resultOf(attempt.id))
          await attempts.apply(newsOf(attempt.id, { status, reason }))
        }
        t.equal(await deliveries.takeKeptMessage(id) !== undefined, isTaken, `${reason}, ${isNews ? 'told later' : 'at once'}`)
      }
    }
  })

  t.test('what was told of another delivery forbids nothing', async (t) => {
    const world = await openWorld(t, open)
    const id = await kept(world)
    const other = await kept(world, 'undelivered', { numberDigest: 'another number' })
    const [attempt] = (await world.deliveries.find(other))?.attempts ?? []
    await world.attempts.apply(world.newsOf(attempt?.id as string, { key: 'later', status: 'undelivered', reason: 'opted_out' }))
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
