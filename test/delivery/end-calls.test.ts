import t, { type Test } from 'tap'
import { createEndCalls, type EndCallsDeps } from '../../src/delivery/end-calls.ts'
import { createHousekeeping, type Housekeeping } from '../../src/delivery/housekeeping.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import type { CallControl, Taken } from '../../src/providers/provider.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, storeClockOf, type Tables, tablesOf, type World } from '../support/store.ts'
import { workOf } from './housekeeping-stand.ts'

const MAX_CALL = 60_000
/** For how long due work is taken. */
const DUE_LEASE = 30_000

interface EndCallsWorld extends World, RecordedBus {
  /** Ends the calls that have fallen due. */
  readonly housekeeping: Housekeeping
  /** Makes another one on the same store. */
  make (options: Partial<EndCallsDeps & Tables>): Housekeeping
  /** The calls that were hung up. */
  readonly hungUp: string[]
  /** A call that was placed and accepted, and must be over in time. */
  placed (reference?: string): Promise<{ readonly delivery: string, readonly attempt: string }>
}

const openEndCalls = async (t: Test): Promise<EndCallsWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const hungUp: string[] = []
  const control = controlOf(async (reference) => {
    hungUp.push(reference)
    return true
  })
  const noWork = (): Promise<never> => Promise.reject(new Error('nothing of that kind is due'))
  const make = (options: Partial<EndCallsDeps & Tables>): Housekeeping => {
    const deps = { ...world, control, bus: recorded.bus, now: world.clock, ...options }
    const endCalls = createEndCalls(deps)
    return createHousekeeping({
      ...deps,
      work: { ...workOf(noWork), 'end-call': endCalls.ofAttempt, 'end-announcement': endCalls.byReference },
      inquire: noWork,
      count: async () => {},
      unfinished: createUnfinished(recorded.bus),
      clock: storeClockOf(world.clock),
      keysAgree: async () => true,
      retentionDays: 30
    })
  }
  return {
    ...world,
    ...recorded,
    hungUp,
    make,
    housekeeping: make({}),
    async placed (reference) {
      const { attempt, delivery } = await world.begun({ provider: 'acs-voice', channel: 'voice', endCallIn: MAX_CALL })
      await world.attempts.finish(world.resultOf(attempt, { reference }))
      return { attempt, delivery }
    }
  }
}

/** Control of calls that can do nothing but hang up. */
const controlOf = (hangUp: CallControl['hangUp']): CallControl => {
  const refused = async (): Promise<Taken> => 'refused'
  return { hangUp, speak: refused, ask: refused, reject: refused, confirms: async () => false, answer: async () => undefined }
}

t.test('a call past its time is hung up, undelivered, and told to be', async (t) => {
  const { clock, deliveries, events, housekeeping, hungUp, placed } = await openEndCalls(t)
  const { attempt, delivery } = await placed('call-1')
  clock.advance(MAX_CALL)
  await housekeeping.runDue()
  t.same(hungUp, ['call-1'])
  t.match(await deliveries.find(delivery), {
    status: 'undelivered', reason: 'call_too_long', attempts: [{ events: [{ what: 'call.ended-by-us', reason: 'call_too_long' }] }]
  })
  t.match(events, [{ type: 'delivery.updated', delivery, attempt, provider: 'acs-voice', channel: 'voice', what: 'call.ended-by-us', attemptStatus: 'undelivered', status: 'undelivered', reason: 'call_too_long', vendorCode: undefined, hint: undefined }])
})

t.test('a call is left alone as long as it has time', async (t) => {
  const { clock, deliveries, housekeeping, hungUp, placed } = await openEndCalls(t)
  const { delivery } = await placed('call-1')
  clock.advance(MAX_CALL - 1)
  await housekeeping.runDue()
  t.same(hungUp, [])
  t.match(await deliveries.find(delivery), { status: 'accepted' })
})

t.test('a call past its time is ended once, and by one of many', async (t) => {
  const { clock, deliveries, housekeeping, hungUp, make, placed } = await openEndCalls(t)
  const { delivery } = await placed('call-1')
  clock.advance(MAX_CALL)
  await Promise.all([housekeeping, make({}), make({})].map((one) => one.runDue()))
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.same(hungUp, ['call-1'])
  t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
})

t.test('a call is ended by the next process, where the one that placed it is gone', async (t) => {
  const { clock, hungUp, make, placed, reopen } = await openEndCalls(t)
  const { delivery } = await placed('call-1')
  const tables = tablesOf(await reopen())
  clock.advance(MAX_CALL)
  await make(tables).runDue()
  t.same(hungUp, ['call-1'])
  t.match(await tables.deliveries.find(delivery), { status: 'undelivered', reason: 'call_too_long' })
})

t.test('a process that dies while it ends a call leaves the rest to the next', async (t) => {
  const { attempts, clock, deliveries, due, housekeeping, hungUp, make, placed } = await openEndCalls(t)
  const { attempt, delivery } = await placed('call-1')
  clock.advance(MAX_CALL)
  for (const half of [
    make({ attempts: { ...attempts, apply: async () => { throw new StoreUnavailable() } } }),
    make({ control: controlOf(async () => { throw new Error('a bug') }) })
  ]) {
    await t.rejects(half.runDue())
    t.same(await due.take('end-call', 10, 1), [], 'nobody else takes it meanwhile')
    clock.advance(DUE_LEASE)
  }
  await housekeeping.runDue()
  t.same(hungUp, ['call-1'])
  t.match(await deliveries.find(delivery), { status: 'undelivered', reason: 'call_too_long', attempts: [{ id: attempt }] })
  t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
  clock.advance(DUE_LEASE)
  t.same(await due.take('end-call', 10, 1), [])
})

t.test('a call that is over is neither hung up nor changed', async (t) => {
  const { attempts, calls, clock, deliveries, events, housekeeping, hungUp, newsOf, placed } = await openEndCalls(t)
  const { attempt, delivery } = await placed('call-1')
  await attempts.apply(newsOf(attempt, { channel: 'voice' }))
  await calls.over(attempt)
  clock.advance(MAX_CALL)
  await housekeeping.runDue()
  t.same(hungUp, [])
  t.same(events, [])
  t.match(await deliveries.find(delivery), { status: 'delivered', reason: undefined })
  t.same((await deliveries.find(delivery))?.attempts[0]?.events.map(({ what }) => what), ['report.delivered'])
})

t.test('a call that is delivered and still open is hung up, and stays delivered', async (t) => {
  const { attempts, clock, deliveries, events, housekeeping, hungUp, newsOf, placed } = await openEndCalls(t)
  const { attempt, delivery } = await placed('call-1')
  await attempts.apply(newsOf(attempt, { channel: 'voice' }))
  clock.advance(MAX_CALL)
  await housekeeping.runDue()
  t.same(hungUp, ['call-1'])
  t.same(events, [])
  t.match(await deliveries.find(delivery), { status: 'delivered', reason: undefined })
})

t.test('a call at its end is hung up at once and again and again until it is, and stays what it was', async (t) => {
  for (const status of ['delivered', 'undelivered', 'accepted'] as const) {
    const { attempts, calls, clock, deliveries, events, hungUp, make, newsOf, placed } = await openEndCalls(t)
    const answers = [false, false, true, true]
    const housekeeping = make({
      control: controlOf(async (reference) => {
        hungUp.push(reference)
        return answers.shift() as boolean
      })
    })
    const { attempt, delivery } = await placed('call-1')
    await attempts.apply(newsOf(attempt, { channel: 'voice', status, reason: status === 'undelivered' ? 'not_confirmed' : undefined }))
    const before = await deliveries.find(delivery)
    await housekeeping.runDue()
    t.same(hungUp, [], 'it goes on')
    await calls.end(attempt)
    for (const times of [1, 2]) {
      await t.rejects(housekeeping.runDue(), { message: /may still go on/ })
      await housekeeping.runDue()
      t.equal(hungUp.length, times, 'not before its lease is over')
      clock.advance(DUE_LEASE)
    }
    await housekeeping.runDue()
    clock.advance(MAX_CALL)
    await housekeeping.runDue()
    t.same(hungUp, ['call-1', 'call-1', 'call-1'])
    t.same(events, [])
    t.same(await deliveries.find(delivery), before)
  }
})

t.test('a call that nobody has a name for cannot be hung up, and is not judged', async (t) => {
  const { calls, clock, deliveries, due, housekeeping, hungUp, placed } = await openEndCalls(t)
  const { attempt, delivery } = await placed()
  clock.advance(MAX_CALL)
  await housekeeping.runDue()
  t.same(hungUp, [])
  t.match(await deliveries.find(delivery), { status: 'accepted' })
  t.match(await calls.find(attempt), { step: 'ended' }, 'but it is not conducted any more')
  clock.advance(DUE_LEASE)
  t.same(await due.take('end-call', 10, 1), [])
})

t.test('work on an attempt that is gone is done with', async (t) => {
  const { clock, due, housekeeping, hungUp, newId } = await openEndCalls(t)
  await due.add({ id: newId(), kind: 'end-call' }, 0)
  await housekeeping.runDue()
  clock.advance(DUE_LEASE)
  t.same(await due.take('end-call', 10, 1), [])
  t.same(hungUp, [])
})

t.test('an attempt that is purged while its call is ended is no failure', async (t) => {
  const { attempts, clock, events, hungUp, make, placed } = await openEndCalls(t)
  await placed('call-1')
  clock.advance(MAX_CALL)
  await make({ attempts: { ...attempts, apply: async () => undefined } }).runDue()
  t.same(hungUp, ['call-1'])
  t.same(events, [])
})

t.test('an announcement past its time is hung up, once', async (t) => {
  const { clock, due, housekeeping, hungUp } = await openEndCalls(t)
  await due.add({ id: 'incoming-1', kind: 'end-announcement' }, 0)
  await housekeeping.runDue()
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.same(hungUp, ['incoming-1'])
})

t.test('where calls are not configured any more, old work on them is done with all the same', async (t) => {
  const { clock, deliveries, due, make, placed } = await openEndCalls(t)
  const { delivery } = await placed('call-1')
  await due.add({ id: 'incoming-1', kind: 'end-announcement' }, MAX_CALL)
  clock.advance(MAX_CALL)
  await make({ control: undefined }).runDue()
  t.match(await deliveries.find(delivery), { status: 'undelivered', reason: 'call_too_long' })
  clock.advance(DUE_LEASE)
  for (const kind of ['end-call', 'end-announcement'] as const) t.same(await due.take(kind, 10, 1), [])
})

t.test('a call that could not be ended stays due, and is ended at a later turn', async (t) => {
  let answers = false
  const { make, placed, clock, hungUp } = await openEndCalls(t)
  const housekeeping = make({
    control: controlOf(async (reference) => {
      hungUp.push(reference)
      return answers
    })
  })
  await placed('call-1')
  clock.advance(MAX_CALL + 1)
  await t.rejects(housekeeping.runDue(), { message: /may still go on/ })
  answers = true
  clock.advance(DUE_LEASE + 1)
  await housekeeping.runDue()
  clock.advance(DUE_LEASE + 1)
  await housekeeping.runDue()
  t.same(hungUp, ['call-1', 'call-1'])
})

t.test('where calls cannot be made any more, what is due is done with', async (t) => {
  const { make, placed, clock, due } = await openEndCalls(t)
  const housekeeping = make({ control: undefined })
  await placed('call-1')
  clock.advance(MAX_CALL + 1)
  await housekeeping.runDue()
  clock.advance(DUE_LEASE + 1)
  t.same(await due.take('end-call', 10, 1), [])
})
