import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { createHousekeeping, type Housekeeping, type HousekeepingDeps } from '../../src/delivery/housekeeping.ts'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import type { CallControl, Taken } from '../../src/providers/provider.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { LEASE, openSqliteStore, openWorld, tablesOf, type World } from '../support/store.ts'

const DAY = 24 * 60 * 60 * 1000
/** How often each is done, in milliseconds. */
const [DUE, RECOVERY, PURGE] = [1000, 5000, 60_000]
const MAX_CALL = 60_000
/** For how long due work is taken. */
const DUE_LEASE = 30_000

interface HousekeepingWorld extends World, RecordedBus {
  readonly housekeeping: Housekeeping
  readonly unfinished: Unfinished
  /** Makes another one on the same store. */
  make (options: Partial<HousekeepingDeps>): Housekeeping
  /** The calls that were hung up. */
  readonly hungUp: string[]
  /** A call that was placed and accepted, and must be over in time. */
  placed (reference?: string): Promise<{ readonly delivery: string, readonly attempt: string }>
}

const openHousekeeping = async (t: Test): Promise<HousekeepingWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const hungUp: string[] = []
  const unfinished = createUnfinished(recorded.bus)
  const control = controlOf(async (reference) => {
    hungUp.push(reference)
    return true
  })
  const make = (options: Partial<HousekeepingDeps>): Housekeeping => {
    const housekeeping = createHousekeeping({ ...world, unfinished, control, bus: recorded.bus, now: world.clock, retentionDays: 30, ...options })
    t.teardown(() => housekeeping.stop())
    return housekeeping
  }
  return {
    ...world,
    ...recorded,
    hungUp,
    unfinished,
    make,
    housekeeping: make({}),
    async placed (reference) {
      const { attempt, delivery } = await world.begun({ channel: 'voice', endCallIn: MAX_CALL })
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

/** Timers that the test moves. */
const mockTimers = (t: Test): { tick (milliseconds: number): void } => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => { mock.timers.reset() })
  return mock.timers
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

t.test('a call past its time is hung up, undelivered, and told to be', async (t) => {
  const { clock, deliveries, events, housekeeping, hungUp, placed } = await openHousekeeping(t)
  const { attempt, delivery } = await placed('call-1')
  clock.advance(MAX_CALL)
  await housekeeping.runDue()
  t.same(hungUp, ['call-1'])
  t.match(await deliveries.find(delivery), {
    status: 'undelivered', reason: 'call_too_long', attempts: [{ events: [{ what: 'call.ended-by-us', reason: 'call_too_long' }] }]
  })
  t.same(events, [{ type: 'delivery.updated', delivery, attempt, status: 'undelivered', reason: 'call_too_long', vendorCode: undefined }])
})

t.test('a call is left alone as long as it has time', async (t) => {
  const { clock, deliveries, housekeeping, hungUp, placed } = await openHousekeeping(t)
  const { delivery } = await placed('call-1')
  clock.advance(MAX_CALL - 1)
  await housekeeping.runDue()
  t.same(hungUp, [])
  t.match(await deliveries.find(delivery), { status: 'accepted' })
})

t.test('a call past its time is ended once, and by one of many', async (t) => {
  const { clock, deliveries, housekeeping, hungUp, make, placed } = await openHousekeeping(t)
  const { delivery } = await placed('call-1')
  clock.advance(MAX_CALL)
  await Promise.all([housekeeping, make({}), make({})].map((one) => one.runDue()))
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.same(hungUp, ['call-1'])
  t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
})

t.test('a call is ended by the next process, where the one that placed it is gone', async (t) => {
  const { clock, hungUp, make, placed, reopen } = await openHousekeeping(t)
  const { delivery } = await placed('call-1')
  const tables = tablesOf(await reopen())
  clock.advance(MAX_CALL)
  await make(tables).runDue()
  t.same(hungUp, ['call-1'])
  t.match(await tables.deliveries.find(delivery), { status: 'undelivered', reason: 'call_too_long' })
})

t.test('a process that dies while it ends a call leaves the rest to the next', async (t) => {
  const { attempts, clock, deliveries, due, housekeeping, hungUp, make, placed } = await openHousekeeping(t)
  const { attempt, delivery } = await placed('call-1')
  clock.advance(MAX_CALL)
  for (const half of [
    make({ attempts: { ...attempts, apply: async () => { throw new StoreUnavailable() } } }),
    make({ control: controlOf(async () => { throw new Error('a bug') }) })
  ]) {
    await t.rejects(half.runDue())
    t.same(await due.take(10, 1), [], 'nobody else takes it meanwhile')
    clock.advance(DUE_LEASE)
  }
  await housekeeping.runDue()
  t.same(hungUp, ['call-1'])
  t.match(await deliveries.find(delivery), { status: 'undelivered', reason: 'call_too_long', attempts: [{ id: attempt }] })
  t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
  clock.advance(DUE_LEASE)
  t.same(await due.take(10, 1), [])
})

t.test('a call that is over is neither hung up nor changed', async (t) => {
  const { attempts, calls, clock, deliveries, events, housekeeping, hungUp, newsOf, placed } = await openHousekeeping(t)
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
  const { attempts, clock, deliveries, events, housekeeping, hungUp, newsOf, placed } = await openHousekeeping(t)
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
    const { attempts, calls, clock, deliveries, events, hungUp, make, newsOf, placed } = await openHousekeeping(t)
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

t.test('what could not be written down is tried again first, and does not keep back what is due', async (t) => {
  const { clock, housekeeping, hungUp, placed, unfinished } = await openHousekeeping(t)
  await placed('call-1')
  clock.advance(MAX_CALL)
  const order: string[] = []
  let down = true
  await unfinished.settle('a record', async () => {
    if (down) throw new StoreUnavailable()
    order.push('recorded')
  })
  await t.rejects(housekeeping.runDue(), StoreUnavailable, 'and heard of as long as it cannot be')
  t.same(hungUp, ['call-1'])
  down = false
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.same([order, hungUp], [['recorded'], ['call-1']])
})

t.test('a call that nobody has a name for cannot be hung up, and is not judged', async (t) => {
  const { calls, clock, deliveries, due, housekeeping, hungUp, placed } = await openHousekeeping(t)
  const { attempt, delivery } = await placed()
  clock.advance(MAX_CALL)
  await housekeeping.runDue()
  t.same(hungUp, [])
  t.match(await deliveries.find(delivery), { status: 'accepted' })
  t.match(await calls.find(attempt), { step: 'ended' }, 'but it is not conducted any more')
  clock.advance(DUE_LEASE)
  t.same(await due.take(10, 1), [])
})

t.test('work on an attempt that is gone is done with', async (t) => {
  const { clock, due, housekeeping, hungUp, newId } = await openHousekeeping(t)
  await due.add({ id: newId(), kind: 'end-call' }, 0)
  await housekeeping.runDue()
  clock.advance(DUE_LEASE)
  t.same(await due.take(10, 1), [])
  t.same(hungUp, [])
})

t.test('an attempt that is purged while its call is ended is no failure', async (t) => {
  const { attempts, clock, events, hungUp, make, placed } = await openHousekeeping(t)
  await placed('call-1')
  clock.advance(MAX_CALL)
  await make({ attempts: { ...attempts, apply: async () => undefined } }).runDue()
  t.same(hungUp, ['call-1'])
  t.same(events, [])
})

t.test('an announcement past its time is hung up, once', async (t) => {
  const { clock, due, housekeeping, hungUp } = await openHousekeeping(t)
  await due.add({ id: 'incoming-1', kind: 'end-announcement' }, 0)
  await housekeeping.runDue()
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.same(hungUp, ['incoming-1'])
})

t.test('where calls are not configured any more, old work on them is done with all the same', async (t) => {
  const { clock, deliveries, due, make, placed } = await openHousekeeping(t)
  const { delivery } = await placed('call-1')
  await due.add({ id: 'incoming-1', kind: 'end-announcement' }, MAX_CALL)
  clock.advance(MAX_CALL)
  await make({ control: undefined }).runDue()
  t.match(await deliveries.find(delivery), { status: 'undelivered', reason: 'call_too_long' })
  clock.advance(DUE_LEASE)
  t.same(await due.take(10, 1), [])
})

t.test('one piece of work that fails does not keep the others back, and falls due again', async (t) => {
  const { clock, due, housekeeping, hungUp, make } = await openHousekeeping(t)
  for (const id of ['incoming-1', 'incoming-2', 'incoming-3']) await due.add({ id, kind: 'end-announcement' }, 0)
  const failure = new Error('a bug')
  const half = make({
    control: controlOf(async (reference) => {
      if (reference === 'incoming-1') throw failure
      await turn()
      hungUp.push(reference)
      return true
    })
  })
  await t.rejects(half.runDue(), failure)
  t.same([...hungUp].sort(), ['incoming-2', 'incoming-3'], 'all of them are over when the failure is told')
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.same(hungUp.at(-1), 'incoming-1')
})

t.test('recovery settles what was left behind, tells of it and wipes expired codes', async (t) => {
  const { begun, clock, delivery, deliveries, events, housekeeping, sql } = await openHousekeeping(t)
  const [claimed, attempted] = [await delivery({ keptCode: 'sealed', expiresIn: LEASE }), await begun()]
  clock.advance(LEASE)
  await housekeeping.recover()
  t.match(await deliveries.find(claimed.id), { status: 'failed', reason: 'interrupted' })
  t.match(await deliveries.find(attempted.delivery), { status: 'unknown', reason: 'interrupted' })
  t.same(events, [{ type: 'deliveries.recovered', unknown: 1, interrupted: 1 }])
  t.same(await sql.read({ text: 'SELECT id FROM deliveries WHERE kept_code IS NOT NULL', parameters: {} }), [])
  await housekeeping.recover()
  t.equal(events.length, 1, 'nothing is told where there was nothing')
})

t.test('purging removes what is older than the retention, and tells of it', async (t) => {
  const { clock, delivery, deliveries, events, make } = await openHousekeeping(t)
  const old = await delivery()
  clock.advance(1)
  const young = await delivery()
  clock.advance(2 * DAY)
  const housekeeping = make({ retentionDays: 2 })
  await housekeeping.purge()
  t.equal(await deliveries.find(old.id), undefined)
  t.match(await deliveries.find(young.id), { id: young.id })
  t.same(events, [{ type: 'rows.purged', deliveries: 1 }])
  await housekeeping.purge()
  t.equal(events.length, 1)
})

t.test('a purge is done batch after batch while housekeeping goes on', async (t) => {
  const timers = mockTimers(t)
  const { clock, delivery, events, housekeeping, next } = await openHousekeeping(t)
  await Promise.all(Array.from({ length: 501 }, () => delivery()))
  clock.advance(31 * DAY)
  housekeeping.start()
  const purged = next('rows.purged')
  timers.tick(PURGE)
  await purged
  const rest = next('rows.purged')
  t.match(await rest, { deliveries: 1 })
  t.match(events.filter(({ type }) => type === 'rows.purged'), [{ deliveries: 500 }, { deliveries: 1 }])
})

t.test('a purge that is under way stops after its batch when housekeeping does', async (t) => {
  const timers = mockTimers(t)
  const { bus, clock, delivery, events, make, next, upkeep } = await openHousekeeping(t)
  await Promise.all(Array.from({ length: 501 }, () => delivery()))
  clock.advance(31 * DAY)
  const housekeeping = make({ upkeep: { ...upkeep, recover: async () => ({ unknown: 0, interrupted: 0 }) } })
  housekeeping.start()
  let stopped: Promise<void> | undefined
  bus.listen(({ type }) => { if (type === 'rows.purged') stopped ??= housekeeping.stop() })
  const purged = next('rows.purged')
  timers.tick(PURGE)
  await purged
  await stopped
  t.same(events, [{ type: 'rows.purged', deliveries: 500 }])
})

t.test('each kind of work is done again and again, each at its own pace', async (t) => {
  const timers = mockTimers(t)
  const done: string[] = []
  const { due, make, upkeep } = await openHousekeeping(t)
  const housekeeping = make({
    due: { ...due, take: async () => { done.push('due'); return [] } },
    upkeep: {
      ...upkeep,
      recover: async () => { done.push('recover'); return { unknown: 0, interrupted: 0 } },
      forgetExpiredCodes: async () => {},
      purge: async () => { done.push('purge'); return 0 }
    }
  })
  t.same(done, [], 'nothing is done before the start')
  housekeeping.start()
  for (let second = 1; second <= 120; second += 1) {
    timers.tick(1000)
    await turn()
  }
  const count = (kind: string): number => done.filter((one) => one === kind).length
  t.same([count('due'), count('recover'), count('purge')], [120_000 / DUE, 120_000 / RECOVERY, 120_000 / PURGE])
})

t.test('the same work is never done twice at a time', async (t) => {
  const timers = mockTimers(t)
  const { due, make } = await openHousekeeping(t)
  const gates = [createGate(), createGate()]
  let begun = 0
  const take = async (): Promise<[]> => {
    await gates[begun++]?.opened
    return []
  }
  const housekeeping = make({ due: { ...due, take } })
  housekeeping.start()
  for (const expected of [1, 2]) {
    for (let time = 0; time < 3; time += 1) {
      timers.tick(DUE)
      await turn()
      t.equal(begun, expected)
    }
    gates[expected - 1]?.open()
    await turn()
  }
})

t.test('slow work of one kind does not keep the other kinds back', async (t) => {
  const timers = mockTimers(t)
  const { clock, delivery, due, make, next } = await openHousekeeping(t)
  const gate = createGate()
  await delivery()
  clock.advance(LEASE)
  const housekeeping = make({ due: { ...due, take: async () => { await gate.opened; return [] } } })
  housekeeping.start()
  const recovered = next('deliveries.recovered')
  timers.tick(RECOVERY)
  t.match(await recovered, { interrupted: 1 })
  gate.open()
})

t.test('a failure is told, and the next turn goes on', async (t) => {
  const timers = mockTimers(t)
  const { due, events, make, next, upkeep } = await openHousekeeping(t)
  const failure = new StoreUnavailable()
  let left = 2
  const fail = async (): Promise<never> => {
    left -= 1
    throw failure
  }
  const housekeeping = make({
    due: { ...due, take: async () => left > 0 ? await fail() : [] },
    upkeep: { ...upkeep, recover: fail, purge: fail }
  })
  housekeeping.start()
  for (let time = 0; time < 2; time += 1) {
    const told = next('work.failed')
    timers.tick(DUE)
    t.match(await told, { what: 'doing due work', error: failure })
    await turn()
  }
  timers.tick(DUE)
  await turn()
  t.equal(events.length, 2, 'all is well again')
  timers.tick(PURGE - 3 * DUE)
  await turn()
  const what = events.map((event) => event.type === 'work.failed' && event.what)
  t.ok(what.includes('recovering'))
  t.ok(what.includes('purging'))
})

t.test('to stop is to wait for what is under way, and to begin nothing more', async (t) => {
  const timers = mockTimers(t)
  const { due, make } = await openHousekeeping(t)
  const gate = createGate()
  let begun = 0
  const housekeeping = make({
    due: {
      ...due,
      take: async () => {
        begun += 1
        await gate.opened
        return []
      }
    }
  })
  housekeeping.start()
  timers.tick(DUE)
  let hasStopped = false
  const stopped = housekeeping.stop().then(() => { hasStopped = true })
  await turn()
  t.equal(hasStopped, false)
  gate.open()
  await stopped
  timers.tick(10 * PURGE)
  await turn()
  t.equal(begun, 1)
})

t.test('to stop what fails at its end is no failure', async (t) => {
  const timers = mockTimers(t)
  const { due, events, make } = await openHousekeeping(t)
  const housekeeping = make({ due: { ...due, take: async () => { await turn(); throw new Error('a bug') } } })
  housekeeping.start()
  timers.tick(DUE)
  await t.resolves(housekeeping.stop())
  t.match(events, [{ type: 'work.failed', what: 'doing due work' }])
  t.equal(events.length, 1)
})

t.test('to stop what was never started, or has stopped, is nothing', async (t) => {
  const { housekeeping } = await openHousekeeping(t)
  await t.resolves(housekeeping.stop())
  await t.resolves(housekeeping.stop())
})

t.test('a call that could not be ended stays due, and is ended at a later turn', async (t) => {
  let answers = false
  const { make, placed, clock, hungUp } = await openHousekeeping(t)
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
  const { make, placed, clock, due } = await openHousekeeping(t)
  const housekeeping = make({ control: undefined })
  await placed('call-1')
  clock.advance(MAX_CALL + 1)
  await housekeeping.runDue()
  clock.advance(DUE_LEASE + 1)
  t.same(await due.take(10, 1), [])
})

t.test('what could not be written down is tried once more when housekeeping stops', async (t) => {
  const { housekeeping, unfinished } = await openHousekeeping(t)
  let tries = 0
  await unfinished.settle('a record', async () => {
    tries += 1
    if (tries < 3) throw new StoreUnavailable()
  })
  await housekeeping.stop()
  t.equal(tries, 2, 'to stop is no failure where it cannot be written down')
  await housekeeping.stop()
  t.equal(tries, 3)
})
