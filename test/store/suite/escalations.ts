import type { Test } from 'tap'
import type { DeliveryStatus } from '../../../src/domain/delivery-status.ts'
import type { Channel } from '../../../src/domain/message.ts'
import { REASONS, type Reason } from '../../../src/domain/reason.ts'
import type { ClaimRequest } from '../../../src/store/claims.ts'
import type { EscalationStep } from '../../../src/store/escalations.ts'
import { openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

const LIFETIME = 100_000
const AFTER = 1000
const NUMBER = 'digest of the number'
const BOTH: readonly Channel[] = ['whatsapp', 'voice']

/** After these nothing may be tried. Written out here: the tests must not ask the code under test. */
const NOTHING_MORE: readonly Reason[] = [
  'opted_out', 'too_many_codes', 'expired', 'country_not_allowed', 'prefix_denied', 'number_type_refused', 'too_many_messages', 'range_suspected',
  'fraud_blocked', 'canceled', 'hung_up', 'call_too_long'
]

interface Kept { readonly delivery: string, readonly attempt: string }

/** A delivery that may go on, whose only attempt has come to that status. */
const kept = async (world: World, status: DeliveryStatus = 'undelivered', options: Partial<ClaimRequest> = {}, reason: Reason = 'carrier_error'): Promise<Kept> => {
  const escalation = { sealed: 'sealed', channels: BOTH, after: AFTER }
  const { id } = await world.delivery({ escalation, expiresIn: LIFETIME, numberDigest: `number of ${world.newId()}`, ...options })
  const attempt = world.attemptOf(id)
  await world.attempts.begin(attempt)
  if (status !== 'pending') {
    const isResult = status !== 'undelivered' && status !== 'delivered'
    await world.attempts.finish(world.resultOf(attempt.id, isResult ? { status, reason } : { reference: `message of ${id}` }))
    if (!isResult) await world.attempts.apply(world.newsOf(attempt.id, { status, reason }))
  }
  return { delivery: id, attempt: attempt.id }
}

const stepOf = ({ delivery, attempt }: Kept, options: Partial<EscalationStep> = {}): EscalationStep =>
  ({ delivery, attempt, left: BOTH, channel: 'whatsapp', why: 'carrier_error', againIn: AFTER, leastLife: 100, ...options })

const keptOf = async ({ sql }: World, id: string): Promise<unknown> =>
  (await sql.read({ text: 'SELECT escalation, escalation_left FROM deliveries WHERE id = :id', parameters: { id } }))[0]

/** What is due for a delivery, and in how many milliseconds. */
const dueIn = async ({ clock, sql }: World, id: string): Promise<unknown[]> =>
  (await sql.read({ text: 'SELECT kind, due_at FROM due WHERE id = :id ORDER BY kind', parameters: { id } })).map(({ kind, due_at: at }) => [kind, (at as number) - clock()])

const takeDue = async ({ due }: World): Promise<string[]> => (await due.take('escalate', 100, 30_000)).map(({ id }) => id)

const eventsOf = async ({ deliveries }: World, id: string): Promise<unknown[]> =>
  (await deliveries.find(id))?.attempts.flatMap(({ events }, index) => events.map(({ what, reason }) => `${index} ${what} ${reason}`)).sort() ?? []

export const testEscalations = (t: Test, open: OpenStore): void => {
  t.test('a message that may go on is looked at in its time; others never', async (t) => {
    const world = await openWorld(t, open)
    const { delivery } = await kept(world)
    const plain = await kept(world, 'undelivered', { escalation: undefined })
    t.same(await keptOf(world, delivery), { escalation: 'sealed', escalation_left: 'whatsapp,voice' })
    t.same(await dueIn(world, delivery), [['escalate', AFTER]])
    t.same(await keptOf(world, plain.delivery), { escalation: null, escalation_left: null })
    t.same(await dueIn(world, plain.delivery), [])
    t.equal(await world.escalations.find(plain.delivery), undefined)
    t.equal(await world.escalations.find(world.newId()), undefined)
    world.clock.advance(AFTER)
    t.same(await takeDue(world), [delivery])
  })

  t.test('a claim that is not granted leaves nothing to look at', async (t) => {
    const world = await openWorld(t, open)
    const { key } = await world.delivery({ escalation: { sealed: 'sealed', channels: BOTH, after: AFTER } })
    const again = world.claimOf({ key, escalation: { sealed: 'other', channels: BOTH, after: AFTER } })
    t.match(await world.claims.claim(again), { kind: 'seen' })
    t.same(await dueIn(world, again.id), [])
    t.equal(await world.escalations.find(again.id), undefined)
  })

  t.test('it is told how a delivery stands, the newest attempt first', async (t) => {
    const world = await openWorld(t, open)
    const { attempts, attemptOf, clock, escalations, resultOf } = world
    const { delivery, attempt } = await kept(world, 'accepted', { hook: 'okta', country: 'AT' })
    clock.advance(300)
    const second = attemptOf(delivery, { provider: 'twilio-voice', channel: 'voice' })
    await attempts.begin(second)
    await attempts.finish(resultOf(second.id, { status: 'failed', reason: 'credentials', reference: 'call-1' }))
    clock.advance(200)
    t.match(await escalations.find(delivery), {
      sealed: 'sealed',
      left: BOTH,
      hook: 'okta',
      country: 'AT',
      status: 'accepted',
      expiresIn: LIFETIME - 500,
      sinceStep: undefined,
      isRetried: false,
      isOvertaken: false,
      isDue: false,
      lease: 0
    })
    t.same((await escalations.find(delivery))?.attempts, [
      { id: second.id, provider: 'twilio-voice', channel: 'voice', status: 'failed', reason: 'credentials', reference: 'call-1', age: 200, saysNone: false, forbids: false },
      { id: attempt, provider: 'acs-sms', channel: 'sms', status: 'accepted', reason: 'carrier_error', reference: undefined, age: 500, saysNone: false, forbids: false }
    ])
  })

  t.test('a delivery without a country and without an attempt is told as well', async (t) => {
    const world = await openWorld(t, open)
    const { id } = await world.delivery({ country: undefined, escalation: { sealed: 'sealed', channels: ['voice'], after: AFTER } })
    t.match(await world.escalations.find(id), { left: ['voice'], status: 'pending', country: undefined, attempts: [] })
    t.equal((await world.escalations.find(id))?.attempts.length, 0)
  })

  t.test('it is due at its moment, also while somebody looks at it, and not before', async (t) => {
    const world = await openWorld(t, open)
    const { delivery } = await kept(world)
    world.clock.advance(AFTER - 1)
    t.match(await world.escalations.find(delivery), { isDue: false, lease: 0 })
    world.clock.advance(1)
    t.match(await world.escalations.find(delivery), { isDue: true, lease: 0 })
    await takeDue(world)
    t.match(await world.escalations.find(delivery), { isDue: true, lease: world.clock() + 30_000 })
    await world.due.done({ id: delivery, kind: 'escalate' })
    t.match(await world.escalations.find(delivery), { isDue: false, lease: 0 })
  })

  t.test('what forbids to try more is told, whether an attempt came to it or it was only noted', async (t) => {
    const world = await openWorld(t, open)
    for (const reason of REASONS) {
      const [ended, noted] = [await kept(world, 'undelivered', {}, reason), await kept(world, 'accepted', {}, 'carrier_error')]
      await world.attempts.apply(world.newsOf(noted.attempt, { key: 'noted', status: undefined, reason }))
      for (const { delivery } of [ended, noted]) {
        t.match(await world.escalations.find(delivery), { attempts: [{ forbids: NOTHING_MORE.includes(reason), saysNone: reason === 'no_report' }] }, reason)
      }
    }
  })

  t.test('our own word that a report is missing is none of the carrier’s', async (t) => {
    const world = await openWorld(t, open)
    const found = await kept(world, 'accepted', {}, 'unspecified')
    t.equal(await world.escalations.take(stepOf(found, { why: 'no_report' })), true)
    t.match(await world.escalations.find(found.delivery), { attempts: [{ saysNone: false }] })
  })

  t.test('anybody’s newer message that went, or may have gone, to the number is told', async (t) => {
    const world = await openWorld(t, open)
    for (const status of ['pending', 'unknown', 'accepted', 'delivered', 'refused', 'failed', 'undelivered'] as const) {
      const numberDigest = `${NUMBER} ${status}`
      await kept(world, 'delivered', { numberDigest })
      const found = await kept(world, 'undelivered', { numberDigest })
      t.match(await world.escalations.find(found.delivery), { isOvertaken: false }, 'an older one is none')
      await kept(world, status, { numberDigest, caller: 'another caller', escalation: undefined })
      const isOvertaken = !['refused', 'failed', 'undelivered'].includes(status)
      t.match(await world.escalations.find(found.delivery), { isOvertaken }, status)
      t.equal(await world.escalations.take(stepOf(found)), !isOvertaken, status)
    }
  })

  t.test('a text is sent once more as long as that is due and its words are there, or it is under way', async (t) => {
    const world = await openWorld(t, open)
    const { deliveries, due, escalations } = world
    const isRetried = async (id: string): Promise<boolean | undefined> => (await escalations.find(id))?.isRetried
    const { delivery } = await kept(world, 'undelivered', { keptMessage: 'words' })
    t.equal(await isRetried(delivery), false)
    await due.add({ id: delivery, kind: 'retry' }, 0)
    t.equal(await isRetried(delivery), true)
    await due.take('retry', 10, 1000)
    await deliveries.takeKeptMessage(delivery)
    t.equal(await isRetried(delivery), true, 'somebody does it')
    await due.done({ id: delivery, kind: 'retry' })
    t.equal(await isRetried(delivery), false)
    const wordless = await kept(world)
    await due.add({ id: wordless.delivery, kind: 'retry' }, 0)
    t.equal(await isRetried(wordless.delivery), false, 'it has been sent once more already')
  })

  t.test('of many that take a step one gets it; it is noted once, and the next one is due in its time', async (t) => {
    const world = await openWorld(t, open)
    const { clock, escalations } = world
    const found = await kept(world)
    clock.advance(500)
    const taken = await Promise.all(Array.from({ length: 30 }, () => escalations.take(stepOf(found))))
    t.equal(taken.filter(Boolean).length, 1)
    t.same(await keptOf(world, found.delivery), { escalation: 'sealed', escalation_left: 'voice' })
    t.same(await dueIn(world, found.delivery), [['escalate', AFTER]])
    t.same(await eventsOf(world, found.delivery), ['0 escalated.whatsapp carrier_error', '0 report.delivered carrier_error'])
    clock.advance(7)
    t.match(await escalations.find(found.delivery), { left: ['voice'], sinceStep: 7, isDue: false, lease: 0 })
  })

  t.test('who comes late with what it found before a step was taken gets none, and notes nothing', async (t) => {
    const world = await openWorld(t, open)
    const found = await kept(world)
    const second = world.attemptOf(found.delivery)
    await world.escalations.take(stepOf(found))
    world.clock.advance(1)
    await world.attempts.begin(second)
    await world.attempts.finish(world.resultOf(second.id))
    const before = await eventsOf(world, found.delivery)
    t.equal(await world.escalations.take(stepOf({ ...found, attempt: second.id })), false)
    t.same(await eventsOf(world, found.delivery), before)
    t.same(await keptOf(world, found.delivery), { escalation: 'sealed', escalation_left: 'voice' })
  })

  t.test('with the last step the message is forgotten, and nothing is due any more', async (t) => {
    const world = await openWorld(t, open)
    const found = await kept(world)
    t.equal(await world.escalations.take(stepOf(found)), true)
    t.equal(await world.escalations.take(stepOf(found, { left: ['voice'], channel: 'voice', why: 'no_report' })), true)
    t.same(await keptOf(world, found.delivery), { escalation: null, escalation_left: '' })
    t.same(await dueIn(world, found.delivery), [])
    t.same(await eventsOf(world, found.delivery), ['0 escalated.voice no_report', '0 escalated.whatsapp carrier_error', '0 report.delivered carrier_error'])
    t.equal(await world.escalations.find(found.delivery), undefined)
    t.equal(await world.escalations.take(stepOf(found, { left: [], channel: 'voice' })), false)
  })

  t.test('a channel may be passed over; that is not gone back to', async (t) => {
    const world = await openWorld(t, open)
    const found = await kept(world)
    t.equal(await world.escalations.take(stepOf(found, { channel: 'voice' })), true)
    t.same(await keptOf(world, found.delivery), { escalation: null, escalation_left: '' })
  })

  t.test('each channel is taken once, also after a restart and where the due work was lost', async (t) => {
    const world = await openWorld(t, open)
    const found = await kept(world)
    await world.escalations.take(stepOf(found))
    await world.due.done({ id: found.delivery, kind: 'escalate' })
    const { escalations } = tablesOf(await world.reopen())
    t.equal(await escalations.take(stepOf(found)), false)
    t.equal(await escalations.take(stepOf(found, { left: ['voice'], channel: 'voice' })), true)
    t.equal(await escalations.take(stepOf(found, { left: ['voice'], channel: 'voice' })), false)
  })

  t.test('no step is taken, and all stays as it is, unless nothing has arrived, nothing is under way and there is life left', async (t) => {
    const world = await openWorld(t, open)
    for (const status of ['pending', 'unknown', 'accepted', 'refused', 'failed', 'undelivered', 'delivered'] as const) {
      const found = await kept(world, status)
      const before = [await keptOf(world, found.delivery), await eventsOf(world, found.delivery), await dueIn(world, found.delivery)]
      const isTaken = ['unknown', 'accepted', 'undelivered'].includes(status)
      t.equal(await world.escalations.take(stepOf(found)), isTaken, status)
      const after = [await keptOf(world, found.delivery), await eventsOf(world, found.delivery), await dueIn(world, found.delivery)]
      if (!isTaken) t.same(after, before, status)
    }
    const tried = await kept(world)
    world.clock.advance(1)
    await world.attempts.finish(world.resultOf((await beginAnother(world, tried)), { status: 'failed', reason: 'connection' }))
    t.equal(await world.escalations.take(stepOf(tried)), false, 'something was tried since')
    const [short, long] = [await kept(world), await kept(world)]
    world.clock.advance(LIFETIME - 100)
    t.equal(await world.escalations.take(stepOf(long)), true, 'just long enough')
    world.clock.advance(1)
    t.equal(await world.escalations.take(stepOf(short)), false, 'too short')
  })

  t.test('a message whose code was used is gone, and so is one that is taken at the same time', async (t) => {
    const world = await openWorld(t, open)
    const [used, raced] = [await kept(world), await kept(world)]
    t.equal(await world.deliveries.markUsed(used.delivery, 'another caller'), 'none')
    t.same(await keptOf(world, used.delivery), { escalation: 'sealed', escalation_left: 'whatsapp,voice' })
    await world.deliveries.markUsed(used.delivery, undefined)
    t.same(await keptOf(world, used.delivery), { escalation: null, escalation_left: null })
    t.equal(await world.escalations.find(used.delivery), undefined)
    t.equal(await world.escalations.take(stepOf(used)), false)
    await Promise.all([world.escalations.take(stepOf(raced)), world.deliveries.markUsed(raced.delivery, undefined), world.escalations.take(stepOf(raced))])
    t.same(await keptOf(world, raced.delivery), { escalation: null, escalation_left: null })
  })

  t.test('a code that is only noted to be used, as gateways before this one do, goes nowhere', async (t) => {
    const world = await openWorld(t, open)
    const found = await kept(world)
    await world.sql.write([{ text: 'UPDATE deliveries SET used_at = :now WHERE id = :id', parameters: { id: found.delivery } }])
    t.equal(await world.escalations.find(found.delivery), undefined)
    t.equal(await world.escalations.take(stepOf(found)), false)
  })

  t.test('what the guard refused is on record, and the message forgotten; unless a step was taken since', async (t) => {
    const world = await openWorld(t, open)
    const [found, moved] = [await kept(world), await kept(world)]
    for (let time = 0; time < 2; time += 1) await world.escalations.refuse(found.delivery, BOTH, found.attempt, 'too_many_messages')
    t.same(await keptOf(world, found.delivery), { escalation: null, escalation_left: null })
    t.same(await dueIn(world, found.delivery), [])
    t.ok((await eventsOf(world, found.delivery)).includes('0 escalation.refused too_many_messages'))
    await world.escalations.take(stepOf(moved))
    await world.escalations.refuse(moved.delivery, BOTH, moved.attempt, 'too_many_messages')
    t.same(await keptOf(world, moved.delivery), { escalation: 'sealed', escalation_left: 'voice' })
    t.same(await dueIn(world, moved.delivery), [['escalate', AFTER]])
  })

  t.test('what goes nowhere any more is forgotten; unless a step was taken since', async (t) => {
    const world = await openWorld(t, open)
    const [found, moved] = [await kept(world), await kept(world)]
    await world.due.add({ id: found.delivery, kind: 'retry' }, 5)
    await world.escalations.end(found.delivery, BOTH)
    t.same(await keptOf(world, found.delivery), { escalation: null, escalation_left: null })
    t.same(await dueIn(world, found.delivery), [['retry', 5]], 'other work is left alone')
    await world.escalations.take(stepOf(moved))
    await world.escalations.end(moved.delivery, BOTH)
    t.same(await dueIn(world, moved.delivery), [['escalate', AFTER]])
  })

  t.test('what is looked at is put off or left to rest, unless it fell due anew meanwhile', async (t) => {
    const world = await openWorld(t, open)
    const { clock, escalations } = world
    const [later, resting] = [await kept(world), await kept(world)]
    const hastened = [await kept(world), await kept(world)] as const
    clock.advance(AFTER)
    t.equal((await takeDue(world)).length, 4)
    const lease = (await escalations.find(later.delivery))?.lease as number
    for (const { delivery } of hastened) await escalations.hasten(delivery)
    await escalations.later(later.delivery, lease, 700)
    await escalations.rest(resting.delivery, lease)
    await escalations.later(hastened[0].delivery, lease, 700)
    await escalations.rest(hastened[1].delivery, lease)
    t.same(await dueIn(world, later.delivery), [['escalate', 700]])
    t.same(await dueIn(world, resting.delivery), [])
    t.match(await escalations.find(resting.delivery), { sealed: 'sealed', isDue: false })
    t.same((await takeDue(world)).sort(), hastened.map(({ delivery }) => delivery).sort())
    clock.advance(700)
    t.same(await takeDue(world), [later.delivery], 'its lease is over with that')
  })

  t.test('what is hastened is due at once, also while somebody looks at it; where nothing is kept nothing is', async (t) => {
    const world = await openWorld(t, open)
    const [found, plain] = [await kept(world), await kept(world, 'undelivered', { escalation: undefined })]
    await world.escalations.hasten(plain.delivery)
    await world.escalations.hasten(world.newId())
    t.same(await dueIn(world, plain.delivery), [])
    await world.escalations.hasten(found.delivery)
    t.same(await takeDue(world), [found.delivery])
    t.same(await takeDue(world), [])
    await world.escalations.hasten(found.delivery)
    t.same(await takeDue(world), [found.delivery])
    await world.due.done({ id: found.delivery, kind: 'escalate' })
    await world.escalations.hasten(found.delivery)
    t.same(await takeDue(world), [found.delivery], 'also where it was left to rest')
  })

  t.test('what is kept is wiped once it has expired or arrived, and not before', async (t) => {
    const world = await openWorld(t, open)
    const [short, long, arrived] = [await kept(world, 'accepted', { expiresIn: 10 }), await kept(world, 'undelivered', { expiresIn: 20 }), await kept(world, 'delivered')]
    const wiped = { escalation: null, escalation_left: null }
    const still = { escalation: 'sealed', escalation_left: 'whatsapp,voice' }
    const all = (): Promise<unknown[]> => Promise.all([short, long, arrived].map(({ delivery }) => keptOf(world, delivery)))
    world.clock.advance(9)
    await world.upkeep.forgetExpiredCodes()
    t.same(await all(), [still, still, wiped])
    world.clock.advance(1)
    await world.upkeep.forgetExpiredCodes()
    t.same(await all(), [wiped, still, wiped])
    world.clock.advance(10)
    await world.upkeep.forgetExpiredCodes()
    t.same(await all(), [wiped, wiped, wiped])
  })

  t.test('purging leaves nothing of it', async (t) => {
    const world = await openWorld(t, open)
    const { delivery } = await kept(world)
    world.clock.advance(1)
    t.equal(await world.upkeep.purge(world.clock(), 10), 1)
    t.same(await dueIn(world, delivery), [])
    t.equal(await world.escalations.find(delivery), undefined)
  })
}

const beginAnother = async (world: World, { delivery }: Kept): Promise<string> => {
  const attempt = world.attemptOf(delivery)
  await world.attempts.begin(attempt)
  return attempt.id
}
