import t, { type Test } from 'tap'
import { createAnnouncements, type AnnouncementDeps, type Announcements } from '../../src/delivery/announcements.ts'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { AnnouncementSignal, CallEvent } from '../../src/domain/signal.ts'
import type { CallControl, Taken } from '../../src/providers/provider.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

const MAX = 90_000
const CONTEXT = new SensitiveText('context')
const CONNECTED: CallEvent = { type: 'connected' }

const signalOf = (event: CallEvent, reference = 'call-1'): AnnouncementSignal => ({ kind: 'announcement', reference, locale: 'de', event })

interface AnnouncementWorld extends World, RecordedBus {
  readonly announcements: Announcements
  readonly unfinished: Unfinished
  /** What was said, answered and ended, in order. */
  readonly done: string[]
  /** What falls due within the longest time that a call may last. */
  endsInTime (): Promise<unknown[]>
}

interface Vendor {
  /** What becomes of what is said. */
  readonly taken?: Taken
  /** The vendor's id of a call that is answered. */
  readonly answered?: string | undefined
}

/** The real store, and a vendor that does as it is told and notes what it was asked for. */
const openAnnouncements = async (t: Test, vendor: Vendor = { answered: 'call-1' }, more: (world: World) => Partial<AnnouncementDeps> = () => ({})): Promise<AnnouncementWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const done: string[] = []
  const note = (what: string): void => { done.push(what) }
  const control: CallControl = {
    async speak (reference, { locale }, { step, plain }) {
      note(`speak ${reference} ${step} ${locale}${plain ? ' plainly' : ''}`)
      return vendor.taken ?? 'taken'
    },
    async ask () { throw new Error('an incoming call is asked for nothing') },
    async hangUp (reference) {
      note(`hang up ${reference}`)
      return true
    },
    async confirms () { throw new Error('nothing is to be confirmed') },
    async reject () { throw new Error('nothing is to be rejected') },
    async answer (context, locale) {
      note(`answer ${context.reveal()} ${locale}`)
      return vendor.answered
    }
  }
  const unfinished = createUnfinished(recorded.bus)
  return {
    ...world,
    ...recorded,
    done,
    unfinished,
    announcements: createAnnouncements({ control, attempts: world.attempts, due: world.due, unfinished, maxMs: MAX, ...more(world) }),
    async endsInTime () {
      world.clock.advance(MAX)
      return await world.due.take('end-announcement', 10, 1)
    }
  }
}

const DUE = [{ id: 'call-1', kind: 'end-announcement', tries: 0 }]

t.test('a call that was answered ends in time, although nothing more is ever heard of it', async (t) => {
  const { announcements, clock, done, due, events } = await openAnnouncements(t)
  await announcements.answer(CONTEXT, 'de')
  t.same(done, ['answer context de'])
  clock.advance(MAX - 1)
  t.same(await due.take('end-announcement', 10, 1), [], 'and not before')
  clock.advance(1)
  t.same(await due.take('end-announcement', 10, 1), DUE)
  t.same(events, [])
})

t.test('a call that could not be answered leaves nothing to end', async (t) => {
  const { announcements, endsInTime } = await openAnnouncements(t, { answered: undefined })
  await announcements.answer(CONTEXT, 'de')
  t.same(await endsInTime(), [])
})

t.test('a call whose answer was lost ends in time too, once it is heard of', async (t) => {
  const { announcements, endsInTime } = await openAnnouncements(t, { answered: undefined })
  await announcements.answer(CONTEXT, 'de')
  await announcements.handle(signalOf(CONNECTED))
  t.same(await endsInTime(), DUE)
})

t.test('that somebody is connected does not postpone the end', async (t) => {
  const { announcements, clock, due } = await openAnnouncements(t)
  await announcements.answer(CONTEXT, 'de')
  clock.advance(MAX - 1)
  await announcements.handle(signalOf(CONNECTED))
  clock.advance(1)
  t.same(await due.take('end-announcement', 10, 1), DUE)
})

t.test('while the store is down a call is answered and spoken into, and its end is written down later', async (t) => {
  let down = true
  const { announcements, done, endsInTime, events, unfinished } = await openAnnouncements(t, undefined, ({ attempts, due }) => {
    const unlessDown = <T>(work: () => Promise<T>): Promise<T> => down ? Promise.reject(new StoreUnavailable()) : work()
    return {
      attempts: { ...attempts, findByReference: (reference) => unlessDown(() => attempts.findByReference(reference)) },
      due: { ...due, add: (work, delay) => unlessDown(() => due.add(work, delay)), done: (work) => unlessDown(() => due.done(work)) }
    }
  })
  await announcements.answer(CONTEXT, 'de')
  await announcements.handle(signalOf(CONNECTED))
  t.same(done, ['answer context de', 'speak call-1 announcement de'])
  t.match(events, [{ type: 'work.failed', what: 'timing a call', error: StoreUnavailable }, { type: 'work.failed' }])
  await t.rejects(announcements.handle(signalOf({ type: 'ended', reason: 'hung_up' })), StoreUnavailable, 'the sender sends it again')
  down = false
  await unfinished.run()
  t.same(await endsInTime(), DUE)
})

t.test('what the number is for is said once, then the call is ended', async (t) => {
  const { announcements, done } = await openAnnouncements(t)
  await announcements.handle(signalOf(CONNECTED))
  await Promise.all([announcements.handle(signalOf(CONNECTED)), announcements.handle(signalOf(CONNECTED))])
  t.same(done, ['speak call-1 announcement de'])
  await announcements.handle(signalOf({ type: 'speaking', step: 'announcement' }))
  t.equal(done.length, 1)
  await announcements.handle(signalOf({ type: 'spoken', step: 'announcement' }))
  t.same(done.slice(1), ['hang up call-1'])
})

t.test('of events that come twice at the same time one speaks, and each call is spoken into', async (t) => {
  const { announcements, done } = await openAnnouncements(t)
  await Promise.all(['call-1', 'call-1', 'call-2'].map((reference) => announcements.handle(signalOf(CONNECTED, reference))))
  t.same(done.sort(), ['speak call-1 announcement de', 'speak call-2 announcement de'])
})

t.test('a call that is over is due no more', async (t) => {
  const { announcements, done, endsInTime } = await openAnnouncements(t)
  await announcements.answer(CONTEXT, 'de')
  await announcements.handle(signalOf({ type: 'ended', reason: 'hung_up' }))
  t.same(await endsInTime(), [])
  t.same(done, ['answer context de'], 'and there is nothing to hang up')
})

t.test('a voice that does not take markup speaks plainly; one that takes neither ends the call', async (t) => {
  const { announcements, done } = await openAnnouncements(t)
  await announcements.handle(signalOf(CONNECTED))
  await announcements.handle(signalOf({ type: 'speech-failed', step: 'announcement' }))
  t.same(done.splice(0), ['speak call-1 announcement de', 'speak call-1 announcement:plain de plainly'])
  await announcements.handle(signalOf({ type: 'speech-failed', step: 'announcement:plain' }))
  t.same(done, ['hang up call-1'])
})

t.test('a speech that is refused ends the call, one whose answer was lost does not', async (t) => {
  const refused = await openAnnouncements(t, { taken: 'refused' })
  await refused.announcements.handle(signalOf(CONNECTED))
  t.same(refused.done, ['speak call-1 announcement de', 'hang up call-1'])
  const lost = await openAnnouncements(t, { taken: 'unknown' })
  await lost.announcements.handle(signalOf(CONNECTED))
  await lost.announcements.handle(signalOf({ type: 'speaking', step: 'announcement' }))
  t.same(lost.done, ['speak call-1 announcement de'], 'it may be speaking already')
})

t.test('events that say nothing of an announcement do nothing', async (t) => {
  const { announcements, done } = await openAnnouncements(t)
  for (const event of [{ type: 'key-pressed', step: 'code:1' }, { type: 'no-key', step: 'code:1' }, { type: 'not-placed', reason: 'busy' }] as const) {
    await announcements.handle(signalOf(event))
  }
  t.same(done, [])
})

t.test('nothing is said in a call that we placed, and it is not ended by way of an announcement', async (t) => {
  const { announcements, attempts, begun, done, due, clock, resultOf } = await openAnnouncements(t)
  const { attempt } = await begun({ channel: 'voice', endCallIn: 1000 })
  await attempts.finish(resultOf(attempt, { reference: 'call-1' }))
  const events: CallEvent[] = [
    CONNECTED, { type: 'spoken', step: 'announcement' }, { type: 'speech-failed', step: 'announcement' },
    { type: 'speech-failed', step: 'announcement:plain' }, { type: 'ended', reason: 'hung_up' }
  ]
  for (const event of events) await announcements.handle(signalOf(event))
  t.same(done, [])
  clock.advance(MAX)
  t.same(await due.take('end-announcement', 10, 1), [])
  t.same(await due.take('end-call', 10, 1), [{ id: attempt, kind: 'end-call', tries: 0 }], 'its own end stands, and it has no other')
})

t.test('memory is bounded: the call that was spoken into first is forgotten first', async (t) => {
  const { announcements, done } = await openAnnouncements(t)
  const references = Array.from({ length: 1000 }, (_, index) => `call-${index}`)
  await Promise.all(references.map((reference) => announcements.handle(signalOf(CONNECTED, reference))))
  await announcements.handle(signalOf(CONNECTED, 'call-0'))
  t.equal(done.length, 1000, 'so many are remembered')
  await announcements.handle(signalOf(CONNECTED, 'one more'))
  await announcements.handle(signalOf(CONNECTED, 'call-999'))
  t.equal(done.length, 1001)
  await announcements.handle(signalOf(CONNECTED, 'call-0'))
  t.equal(done.length, 1002)
})
