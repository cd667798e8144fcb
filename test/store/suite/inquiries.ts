import type { Test } from 'tap'
import type { DeliveryStatus } from '../../../src/domain/delivery-status.ts'
import type { AttemptResult } from '../../../src/store/attempts.ts'
import { LEASE, openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

const AFTER = 1000
/** When an attempt is asked about that has its reference from the news. */
const TIED_AFTER = 120_000
const ASK_LEASE = 100

const FINAL = ['delivered', 'undelivered', 'refused', 'failed'] as const

/** An attempt that is to be asked about after `AFTER`. */
const asked = async ({ attempts, begun, resultOf }: World, options: Partial<AttemptResult> = {}): Promise<string> => {
  const { attempt } = await begun()
  await attempts.finish(resultOf(attempt, { reference: `reference of ${attempt}`, askIn: AFTER, ...options }))
  return attempt
}

const takenBy = async ({ inquiries }: World): Promise<string[]> => (await inquiries.take(100, ASK_LEASE)).map(({ attempt }) => attempt)

export const testInquiries = (t: Test, open: OpenStore): void => {
  t.test('an attempt is asked about at its moment and not before, by all that the asking needs', async (t) => {
    const { attempts, attemptOf, clock, delivery, inquiries, resultOf } = await openWorld(t, open)
    const attempt = attemptOf((await delivery()).id, { provider: 'twilio-verify', channel: 'whatsapp', sought: 'sealed' })
    const startedAt = clock()
    await attempts.begin(attempt)
    clock.advance(7)
    await attempts.finish(resultOf(attempt.id, { reference: 'r-1', askIn: AFTER }))
    clock.advance(AFTER - 1)
    t.same(await inquiries.take(10, ASK_LEASE), [])
    clock.advance(1)
    t.same(await inquiries.take(10, ASK_LEASE), [
      { attempt: attempt.id, provider: 'twilio-verify', channel: 'whatsapp', reference: 'r-1', sought: undefined, startedAt, leaseUntil: startedAt + LEASE, age: 7 + AFTER }
    ])
  })

  t.test('an attempt is asked about where its result is accepted or unknown, and has a reference', async (t) => {
    const world = await openWorld(t, open)
    const expected = [await asked(world), await asked(world, { status: 'unknown', reason: 'timeout' })]
    await asked(world, { reference: undefined })
    await asked(world, { askIn: undefined })
    for (const status of FINAL) await asked(world, { status })
    const listed = await world.sql.read({ text: 'SELECT id FROM attempts WHERE ask_at IS NOT NULL', parameters: {} })
    t.same(listed.map(({ id }) => id).sort(), expected.sort())
    world.clock.advance(AFTER)
    t.same((await takenBy(world)).sort(), expected)
  })

  t.test('an attempt to which an event gave the reference is asked about by that one', async (t) => {
    const { attempts, begun, clock, inquiries, newsOf, resultOf } = await openWorld(t, open)
    const { attempt } = await begun()
    await attempts.apply(newsOf(attempt, { status: 'accepted', reference: 'from the event' }))
    await attempts.finish(resultOf(attempt, { status: 'unknown', reason: 'timeout', askIn: AFTER }))
    clock.advance(AFTER)
    t.match(await inquiries.take(10, ASK_LEASE), [{ attempt, reference: 'from the event' }])
  })

  t.test('what has told its end is not asked about, whether it told before the result or after', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, begun, clock, newsOf, resultOf } = world
    for (const status of FINAL) {
      await attempts.apply(newsOf(await asked(world), { status }))
      const { attempt } = await begun()
      await attempts.apply(newsOf(attempt, { status }))
      await attempts.finish(resultOf(attempt, { reference: 'r-1', askIn: AFTER }))
    }
    clock.advance(AFTER)
    t.same(await takenBy(world), [])
  })

  t.test('what is told short of the end leaves the asking as it was', async (t) => {
    const world = await openWorld(t, open)
    const news: ReadonlyArray<DeliveryStatus | undefined> = [undefined, 'pending', 'unknown', 'accepted']
    const expected = await Promise.all(news.map(async (status) => {
      const attempt = await asked(world, { status: 'unknown', reason: 'timeout' })
      await world.attempts.apply(world.newsOf(attempt, { status }))
      return attempt
    }))
    world.clock.advance(AFTER)
    t.same((await takenBy(world)).sort(), expected.sort())
  })

  t.test('news of another message, or of another channel, does not keep an attempt from being asked about', async (t) => {
    const world = await openWorld(t, open)
    const attempt = await asked(world)
    await world.attempts.apply(world.newsOf(attempt, { reference: 'another' }))
    await world.attempts.apply(world.newsOf(attempt, { channel: 'voice' }))
    world.clock.advance(AFTER)
    t.same(await takenBy(world), [attempt])
  })

  t.test('an attempt that news has tied to a reference is asked about some time later, unless the news is the end', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, begun, clock, newsOf, resultOf } = world
    const expected: string[] = []
    for (const result of ['unknown', undefined] as const) {
      for (const status of [undefined, 'pending', 'unknown', 'accepted', ...FINAL] as const) {
        const { attempt } = await begun()
        if (result !== undefined) await attempts.finish(resultOf(attempt, { status: result, reason: 'timeout', askIn: AFTER }))
        await attempts.apply(newsOf(attempt, { status, reference: `reference of ${attempt}` }))
        if (!FINAL.some((final) => final === status)) expected.push(attempt)
      }
    }
    clock.advance(TIED_AFTER - 1)
    t.same(await takenBy(world), [])
    clock.advance(1)
    t.same((await takenBy(world)).sort(), expected.sort())
  })

  t.test('of an attempt that has come to its end, news that ties it to a reference asks nothing', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, begun, clock, newsOf, resultOf } = world
    for (const status of FINAL) {
      const { attempt } = await begun()
      await attempts.finish(resultOf(attempt, { status, reason: undefined }))
      await attempts.apply(newsOf(attempt, { status: 'accepted', reference: 'r-1' }))
    }
    clock.advance(TIED_AFTER)
    t.same(await takenBy(world), [])
  })

  t.test('where the answer comes after the news that tied it, the answer says when to ask, or that it is over', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, begun, clock, newsOf, resultOf } = world
    const expected: string[] = []
    for (const status of ['accepted', 'unknown', ...FINAL] as const) {
      const { attempt } = await begun()
      await attempts.apply(newsOf(attempt, { status: 'accepted', reference: 'r-1' }))
      await attempts.finish(resultOf(attempt, { status, reference: 'r-1', askIn: AFTER }))
      if (!FINAL.some((final) => final === status)) expected.push(attempt)
    }
    clock.advance(AFTER)
    t.same((await takenBy(world)).sort(), expected.sort())
    clock.advance(TIED_AFTER)
    t.same((await takenBy(world)).sort(), expected.sort())
  })

  t.test('only the news that ties an attempt to its reference says when to ask', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, begun, clock, newsOf } = world
    const { attempt } = await begun()
    await attempts.apply(newsOf(attempt, { key: '1', status: 'accepted', reference: 'r-1' }))
    clock.advance(TIED_AFTER - 1)
    await attempts.apply(newsOf(attempt, { key: '2', status: 'accepted', reference: 'r-1' }))
    await attempts.apply(newsOf(attempt, { key: '3', status: 'accepted', reference: 'r-2' }))
    await attempts.apply(newsOf(attempt, { key: '4', status: 'accepted', vendor: 'twilio', reference: 'r-1' }))
    clock.advance(1)
    t.same(await takenBy(world), [attempt])
  })

  t.test('news of another vendor ties nothing, and has nobody asked', async (t) => {
    const world = await openWorld(t, open)
    const { attempt } = await world.begun({ provider: 'twilio-sms' })
    t.equal(await world.attempts.apply(world.newsOf(attempt, { vendor: 'acs', status: 'accepted', reference: 'r-1' })), undefined)
    t.equal(await world.attempts.findByReference('r-1'), undefined)
    world.clock.advance(TIED_AFTER)
    t.same(await takenBy(world), [])
  })

  t.test('of many that take at a time, each attempt goes to one, and no one gets more than it wants', async (t) => {
    const world = await openWorld(t, open)
    const all = await Promise.all(Array.from({ length: 40 }, () => asked(world)))
    world.clock.advance(AFTER)
    const taken = await Promise.all(Array.from({ length: 30 }, () => world.inquiries.take(3, ASK_LEASE)))
    t.ok(taken.every((some) => some.length <= 3))
    // Who finds the attempts of another may go away with less: what is left is there for the next.
    const left = await world.inquiries.take(100, ASK_LEASE)
    t.same([...taken.flat(), ...left].map(({ attempt }) => attempt).sort(), all.sort())
  })

  t.test('what has waited longest is taken first', async (t) => {
    const world = await openWorld(t, open)
    const [second, first, third] = [await asked(world, { askIn: 2 }), await asked(world, { askIn: 1 }), await asked(world, { askIn: 3 })]
    world.clock.advance(3)
    for (const attempt of [first, second, third]) t.match(await world.inquiries.take(1, ASK_LEASE), [{ attempt }])
  })

  t.test('what was taken is taken again after the lease, and not within it, also after a restart', async (t) => {
    const world = await openWorld(t, open)
    const attempt = await asked(world)
    world.clock.advance(AFTER)
    t.same(await takenBy(world), [attempt])
    const { inquiries } = tablesOf(await world.reopen())
    world.clock.advance(ASK_LEASE - 1)
    t.same(await inquiries.take(10, ASK_LEASE), [])
    world.clock.advance(1)
    t.match(await inquiries.take(10, ASK_LEASE), [{ attempt, age: AFTER + ASK_LEASE }])
  })

  t.test('an attempt is asked about again when it is said to, earlier or later than the lease', async (t) => {
    const world = await openWorld(t, open)
    for (const milliseconds of [ASK_LEASE / 2, 2 * ASK_LEASE]) {
      const attempt = await asked(world)
      world.clock.advance(AFTER)
      t.same(await takenBy(world), [attempt])
      await world.inquiries.again(attempt, milliseconds)
      world.clock.advance(milliseconds - 1)
      t.same(await takenBy(world), [])
      world.clock.advance(1)
      t.same(await takenBy(world), [attempt])
      await world.inquiries.again(attempt, undefined)
    }
  })

  t.test('an attempt that is not to be asked about again never is', async (t) => {
    const world = await openWorld(t, open)
    const [attempt, other] = [await asked(world), await asked(world)]
    world.clock.advance(AFTER)
    await takenBy(world)
    await world.inquiries.again(attempt, undefined)
    await world.inquiries.again(attempt, 0)
    world.clock.advance(ASK_LEASE)
    t.same(await takenBy(world), [other])
  })

  t.test('what came to its end while it was asked about is not asked about again', async (t) => {
    const world = await openWorld(t, open)
    for (const status of FINAL) {
      const attempt = await asked(world)
      world.clock.advance(AFTER)
      t.same(await takenBy(world), [attempt])
      await Promise.all([world.attempts.apply(world.newsOf(attempt, { status })), world.inquiries.again(attempt, 0)])
      t.same(await takenBy(world), [])
    }
  })

  t.test('an attempt that was never to be asked about, or is not there, is not put on the list', async (t) => {
    const world = await openWorld(t, open)
    await world.inquiries.again(await asked(world, { askIn: undefined }), 0)
    await world.inquiries.again(world.newId(), 0)
    t.same(await takenBy(world), [])
  })

  t.test('an attempt without a reference is taken off the list, and keeps no other one back for long', async (t) => {
    const world = await openWorld(t, open)
    const [nameless, named] = [await asked(world), await asked(world, { askIn: AFTER + 1 })]
    await world.sql.write([{ text: 'UPDATE attempts SET reference = NULL WHERE id = :nameless', parameters: { nameless } }])
    world.clock.advance(AFTER + 1)
    t.same(await world.inquiries.take(1, ASK_LEASE), [])
    t.match(await world.inquiries.take(1, ASK_LEASE), [{ attempt: named }])
    t.same(await world.sql.read({ text: 'SELECT id FROM attempts WHERE ask_at IS NOT NULL', parameters: {} }), [{ id: named }])
  })
}
