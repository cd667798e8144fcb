import type { Test } from 'tap'
import type { DeliveryStatus } from '../../../src/domain/delivery-status.ts'
import type { NewAttempt } from '../../../src/store/attempts.ts'
import { LEASE, openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

const NUMBER = 'number of a person'
const SEARCH_AFTER = 30_000
const ASK_LEASE = 1000
const DAY = 24 * 60 * 60_000

interface Made { readonly delivery: string, readonly attempt: string }

/** An attempt to send to one person, of which nothing was heard yet. */
const orphaned = async (world: World, options: Partial<NewAttempt> = {}, numberDigest = NUMBER): Promise<Made> => {
  const { id } = await world.delivery({ numberDigest })
  const attempt = world.attemptOf(id, { provider: 'twilio-sms', sought: 'sealed', ...options })
  await world.attempts.begin(attempt)
  return { delivery: id, attempt: attempt.id }
}

/** One whose answer was lost, unless the status says otherwise. */
const lost = async (world: World, options: Partial<NewAttempt> = {}, status: DeliveryStatus = 'unknown', numberDigest = NUMBER): Promise<Made> => {
  const made = await orphaned(world, options, numberDigest)
  await world.attempts.finish(world.resultOf(made.attempt, { status, reason: status === 'unknown' ? 'timeout' : undefined, askIn: SEARCH_AFTER }))
  return made
}

const kept = async ({ sql }: World): Promise<string[]> =>
  (await sql.read({ text: 'SELECT id FROM attempts WHERE sought IS NOT NULL ORDER BY id', parameters: {} })).map(({ id }) => id as string)

export const testSearches = (t: Test, open: OpenStore): void => {
  t.test('an attempt whose answer was lost is on the list of those to be asked about, by what it is found by', async (t) => {
    const world = await openWorld(t, open)
    const startedAt = world.clock()
    const { attempt } = await lost(world)
    world.clock.advance(SEARCH_AFTER - 1)
    t.same(await world.inquiries.take(10, ASK_LEASE), [])
    world.clock.advance(1)
    t.same(await world.inquiries.take(10, ASK_LEASE), [
      { attempt, provider: 'twilio-sms', channel: 'sms', reference: undefined, sought: 'sealed', startedAt, leaseUntil: startedAt + LEASE, age: SEARCH_AFTER }
    ])
    t.same(await world.inquiries.take(10, ASK_LEASE), [], 'one asks at a time')
    await world.inquiries.again(attempt, 2 * ASK_LEASE)
    world.clock.advance(2 * ASK_LEASE)
    t.match(await world.inquiries.take(10, ASK_LEASE), [{ attempt }])
    await world.inquiries.again(attempt, undefined)
    t.same(await kept(world), [], 'what is over is found by nothing any more')
    world.clock.advance(DAY)
    t.same(await world.inquiries.take(10, ASK_LEASE), [])
  })

  t.test('an attempt that a dead process left behind is on the list at once, if it can be found', async (t) => {
    const world = await openWorld(t, open)
    const { attempt, delivery } = await orphaned(world)
    const other = await orphaned(world, { sought: undefined })
    const tied = await orphaned(world)
    await world.attempts.apply(world.newsOf(tied.attempt, { status: 'accepted', reference: 'r-1' }))
    world.clock.advance(LEASE)
    t.match(await world.upkeep.recover(), { unknown: 2 })
    t.match(await world.inquiries.take(10, ASK_LEASE), [{ attempt, sought: 'sealed', age: LEASE }])
    t.match(await world.deliveries.find(delivery), { status: 'unknown', reason: 'interrupted' })
    t.match(await world.deliveries.find(other.delivery), { status: 'unknown' })
    t.same(await kept(world), [attempt])
  })

  t.test('what it takes to find a message is gone with whatever tells of it', async (t) => {
    const world = await openWorld(t, open)
    for (const status of ['accepted', 'refused', 'failed', 'undelivered', 'delivered'] as const) {
      await lost(world, {}, status)
      t.same(await kept(world), [], `the result ${status}`)
      for (const before of ['unknown', undefined] as const) {
        const { attempt } = before === undefined ? await orphaned(world) : await lost(world)
        await world.attempts.apply(world.newsOf(attempt, { status }))
        t.same(await kept(world), [], `news: ${status}`)
      }
    }
    const { attempt } = await lost(world)
    await world.attempts.apply(world.newsOf(attempt, { status: undefined }))
    await world.attempts.apply(world.newsOf(attempt, { key: '2', status: 'pending' }))
    t.same(await kept(world), [attempt], 'what is only noted leaves it')
    await world.attempts.apply(world.newsOf(attempt, { key: '3', status: 'pending', reference: 'r-1' }))
    t.same(await kept(world), [], 'a reference does not')
    const late = await orphaned(world)
    await world.attempts.apply(world.newsOf(late.attempt, { status: undefined, reference: 'r-2' }))
    await world.attempts.finish(world.resultOf(late.attempt, { status: 'unknown', reason: 'timeout', askIn: 1 }))
    t.same(await kept(world), [])
  })

  t.test('what it takes to find a message is wiped after a day, and the search is over with it', async (t) => {
    const world = await openWorld(t, open)
    const { attempt } = await lost(world)
    world.clock.advance(DAY - 1)
    await world.upkeep.forgetExpiredCodes()
    t.same(await kept(world), [attempt])
    const younger = await lost(world)
    world.clock.advance(1)
    await world.upkeep.forgetExpiredCodes()
    t.same(await kept(world), [younger.attempt])
    t.same(await world.inquiries.take(10, ASK_LEASE), [])
    t.same(await world.sql.read({ text: 'SELECT id FROM attempts WHERE ask_at IS NOT NULL', parameters: {} }), [{ id: younger.attempt }])
  })

  t.test('rivals are other attempts to the same number by the same provider at the same time, of which nothing is known', async (t) => {
    const world = await openWorld(t, open)
    const early = await lost(world)
    world.clock.advance(LEASE + 1000)
    const mine = await lost(world)
    const rivals = [early, await lost(world, { sought: undefined }), await lost(world, {}, 'accepted'), await orphaned(world)]
    await lost(world, { provider: 'twilio-verify' })
    await lost(world, { channel: 'whatsapp' })
    await lost(world, {}, 'failed')
    await lost(world, {}, 'refused')
    await lost(world, {}, 'unknown', 'number of somebody else')
    const tied = await lost(world)
    await world.attempts.apply(world.newsOf(tied.attempt, { status: 'accepted', reference: 'r-1' }))
    world.clock.advance(LEASE + 1000)
    rivals.push(await lost(world))
    world.clock.advance(1)
    await lost(world)
    t.same(await world.searches.rivals(mine.attempt), rivals.map(({ attempt }, index) =>
      ({ attempt, sought: index === 1 || index === 2 ? undefined : 'sealed' })))
    t.same(await world.searches.rivals(world.newId()), [])
  })

  t.test('a reference is free while no other attempt has it', async (t) => {
    const world = await openWorld(t, open)
    const { attempt } = await lost(world)
    const other = await lost(world)
    await world.attempts.apply(world.newsOf(other.attempt, { status: 'accepted', reference: 'r-1' }))
    t.same(await world.searches.free(attempt, ['r-0', 'r-1', 'r-2']), ['r-0', 'r-2'])
    t.same(await world.searches.free(other.attempt, ['r-1']), ['r-1'])
    t.same(await world.searches.free(attempt, []), [])
  })

  t.test('an attempt is tied to its reference once, and is asked about by it from then on', async (t) => {
    const world = await openWorld(t, open)
    const { attempt, delivery } = await lost(world)
    world.clock.advance(SEARCH_AFTER)
    await world.inquiries.take(10, ASK_LEASE)
    t.equal(await world.searches.tie({ attempt, reference: 'r-1', transaction: undefined }), true)
    t.equal(await world.searches.tie({ attempt, reference: 'r-2', transaction: undefined }), false)
    t.equal(await world.searches.tie({ attempt, reference: 'r-1', transaction: undefined }), false)
    t.same(await kept(world), [])
    t.equal(await world.attempts.findByReference('r-1'), attempt)
    t.match(await world.deliveries.find(delivery), { status: 'unknown' }, 'what became of it is another matter')
    world.clock.advance(ASK_LEASE)
    t.match(await world.inquiries.take(10, ASK_LEASE), [{ attempt, reference: 'r-1', sought: undefined }])
  })

  t.test('of what is known already nothing is tied', async (t) => {
    const world = await openWorld(t, open)
    for (const status of ['accepted', 'refused', 'failed', 'undelivered', 'delivered', undefined] as const) {
      const { attempt } = status === undefined ? await orphaned(world) : await lost(world, {}, status)
      t.equal(await world.searches.tie({ attempt, reference: `r of ${attempt}`, transaction: undefined }), false, status ?? 'pending')
    }
    const { attempt } = await lost(world)
    const other = await lost(world)
    await world.attempts.apply(world.newsOf(other.attempt, { status: 'accepted', reference: 'r-1' }))
    t.equal(await world.searches.tie({ attempt, reference: 'r-1', transaction: undefined }), false, 'a reference of another attempt')
    t.ok((await kept(world)).includes(attempt))
  })

  t.test('of many attempts that want one reference at the same time one gets it', async (t) => {
    const world = await openWorld(t, open)
    const both = [world, tablesOf(await world.beside())] as const
    for (let round = 0; round < 15; round += 1) {
      const made = await Promise.all(Array.from({ length: 6 }, () => lost(world)))
      const tied = await Promise.all(made.map(({ attempt }, index) =>
        (both[index % 2] as typeof world).searches.tie({ attempt, reference: `r ${round}`, transaction: undefined })))
      t.equal(tied.filter((isTied) => isTied).length, 1)
      const holders = await world.sql.read({ text: 'SELECT id FROM attempts WHERE reference = :reference', parameters: { reference: `r ${round}` } })
      t.same(holders, [{ id: made[tied.indexOf(true)]?.attempt }])
    }
  })

  t.test('where the code was used before its transaction was found, feedback falls due', async (t) => {
    const world = await openWorld(t, open)
    const [used, unused, without] = [await lost(world), await lost(world), await lost(world)]
    await world.deliveries.markUsed(used.delivery, undefined)
    await world.deliveries.markUsed(without.delivery, undefined)
    await world.searches.tie({ attempt: used.attempt, reference: 'VL1', transaction: 'VE1' })
    await world.searches.tie({ attempt: unused.attempt, reference: 'VL2', transaction: 'VE2' })
    await world.searches.tie({ attempt: without.attempt, reference: 'VL3', transaction: undefined })
    t.same(await world.due.take('feedback', 10, 1), [{ id: used.attempt, kind: 'feedback', tries: 0 }])
    t.match(await world.attempts.find(unused.attempt), { transaction: 'VE2' })
  })

  t.test('an attempt that the vendor has no record of has failed, and nothing of its key is touched', async (t) => {
    const world = await openWorld(t, open)
    const { attempt, delivery } = await lost(world)
    const claims = await world.sql.read({ text: 'SELECT claim_key, held_until FROM claims', parameters: {} })
    world.clock.advance(SEARCH_AFTER)
    await world.inquiries.take(10, ASK_LEASE)
    t.match(await world.searches.settle(attempt), { delivery, status: 'failed', channel: 'sms', country: 'DE', trace: undefined })
    t.equal(await world.searches.settle(attempt), undefined)
    t.match(await world.deliveries.find(delivery), {
      status: 'failed', reason: 'not_taken', attempts: [{ status: 'failed', reason: 'not_taken', events: [{ what: 'search.absent', reason: 'not_taken' }] }]
    })
    t.same(await kept(world), [])
    t.same(await world.sql.read({ text: 'SELECT claim_key, held_until FROM claims', parameters: {} }), claims)
    world.clock.advance(DAY)
    t.same(await world.inquiries.take(10, ASK_LEASE), [])
  })

  t.test('an attempt at a number of no country is settled, too', async (t) => {
    const world = await openWorld(t, open)
    const { attempt } = await lost(world)
    await world.sql.write([{ text: 'UPDATE deliveries SET country = NULL, trace = :trace', parameters: { trace: '00-trace-01' } }])
    t.match(await world.searches.settle(attempt), { country: undefined, trace: '00-trace-01' })
  })

  t.test('a message that the vendor had all the same moves what was settled', async (t) => {
    const world = await openWorld(t, open)
    const { attempt, delivery } = await lost(world)
    await world.searches.settle(attempt)
    await world.attempts.apply(world.newsOf(attempt, { status: 'delivered', reference: 'r-1' }))
    t.match(await world.deliveries.find(delivery), { status: 'delivered' })
  })

  t.test('a delivery stands as its best attempt, also where another one was never taken', async (t) => {
    const world = await openWorld(t, open)
    const { attempt, delivery } = await lost(world)
    const other = world.attemptOf(delivery)
    await world.attempts.begin(other)
    await world.attempts.finish(world.resultOf(other.id))
    t.match(await world.searches.settle(attempt), { delivery, status: 'accepted' })
  })

  t.test('what is known of an attempt by now is not settled otherwise', async (t) => {
    const world = await openWorld(t, open)
    for (const status of ['accepted', 'refused', 'failed', 'undelivered', 'delivered', undefined] as const) {
      const { attempt, delivery } = status === undefined ? await orphaned(world) : await lost(world, {}, status)
      t.equal(await world.searches.settle(attempt), undefined)
      t.match(await world.deliveries.find(delivery), { status: status ?? 'pending', attempts: [{ events: [] }] })
    }
    const tied = await lost(world)
    await world.searches.tie({ attempt: tied.attempt, reference: 'r-1', transaction: undefined })
    t.equal(await world.searches.settle(tied.attempt), undefined)
    t.match(await world.deliveries.find(tied.delivery), { status: 'unknown', attempts: [{ events: [] }] })
    t.equal(await world.searches.settle(world.newId()), undefined)
  })

  t.test('of a callback and a search that come at the same time, either may win, and both agree', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, searches } = tablesOf(await world.beside())
    for (let round = 0; round < 15; round += 1) {
      const { attempt, delivery } = await lost(world)
      const [settled] = await Promise.all([
        searches.settle(attempt),
        attempts.apply(world.newsOf(attempt, { status: 'accepted', reference: `r ${round}` }))
      ])
      t.match(await world.deliveries.find(delivery), { status: settled === undefined ? 'accepted' : 'failed' })
    }
  })
}
