import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { createHousekeeping, type Housekeeping, type HousekeepingDeps } from '../../src/delivery/housekeeping.ts'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import type { DueWork } from '../../src/store/due.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { LEASE, openSqliteStore, openWorld, tablesOf, type World } from '../support/store.ts'

const DAY = 24 * 60 * 60 * 1000
/** How often each is done, in milliseconds. */
const [DUE, INQUIRY, RECOVERY, PURGE] = [1000, 5000, 5000, 60_000]
/** For how long due work is taken, and how much at a time. */
const DUE_LEASE = 30_000
const DUE_BATCH = 50

const KINDS: ReadonlyArray<DueWork['kind']> = ['end-call', 'end-announcement', 'retry', 'feedback']

interface HousekeepingWorld extends World, RecordedBus {
  readonly housekeeping: Housekeeping
  readonly unfinished: Unfinished
  /** Makes another one on the same store. */
  make (options: Partial<HousekeepingDeps>): Housekeeping
  /** The work that was done. */
  readonly done: string[]
}

/** Work of every kind that is done so. */
const workOf = (work: (kind: DueWork['kind'], id: string) => Promise<void>): HousekeepingDeps['work'] => ({
  'end-call': (id) => work('end-call', id),
  'end-announcement': (id) => work('end-announcement', id),
  retry: (id) => work('retry', id),
  feedback: (id) => work('feedback', id)
})

const openHousekeeping = async (t: Test): Promise<HousekeepingWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const done: string[] = []
  const unfinished = createUnfinished(recorded.bus)
  const work = workOf(async (kind, id) => { done.push(`${kind} ${id}`) })
  const make = (options: Partial<HousekeepingDeps>): Housekeeping => {
    const housekeeping = createHousekeeping({
      ...world, work, inquire: async () => 0, unfinished, bus: recorded.bus, now: world.clock, retentionDays: 30, ...options
    })
    t.teardown(() => housekeeping.stop())
    return housekeeping
  }
  return { ...world, ...recorded, done, unfinished, make, housekeeping: make({}) }
}

/** Timers that the test moves. */
const mockTimers = (t: Test): { tick (milliseconds: number): void } => {
  mock.timers.enable({ apis: ['setInterval'] })
  t.teardown(() => { mock.timers.reset() })
  return mock.timers
}

const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

t.test('work that has fallen due is done, each kind in its own way, once', async (t) => {
  const { clock, done, due, housekeeping } = await openHousekeeping(t)
  for (const kind of KINDS) await due.add({ id: 'one', kind }, 1000)
  clock.advance(999)
  await housekeeping.runDue()
  t.same(done, [], 'and not before')
  clock.advance(1)
  await housekeeping.runDue()
  t.same([...done].sort(), ['end-announcement one', 'end-call one', 'feedback one', 'retry one'])
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.equal(done.length, KINDS.length)
})

t.test('of many that would do it at the same time one does', async (t) => {
  const { done, due, make } = await openHousekeeping(t)
  await due.add({ id: 'one', kind: 'retry' }, 0)
  await Promise.all(Array.from({ length: 5 }, () => make({}).runDue()))
  t.same(done, ['retry one'])
})

t.test('more than a batch is done batch after batch, all of it', async (t) => {
  const { done, due, housekeeping } = await openHousekeeping(t)
  await Promise.all(Array.from({ length: 2 * DUE_BATCH + 1 }, (_, index) => due.add({ id: `id ${index}`, kind: 'feedback' }, 0)))
  await housekeeping.runDue()
  t.equal(new Set(done).size, 2 * DUE_BATCH + 1)
})

t.test('one piece of work that fails does not keep the others back, and falls due again', async (t) => {
  const { clock, done, due, housekeeping, make } = await openHousekeeping(t)
  for (const id of ['one', 'two', 'three']) await due.add({ id, kind: 'end-announcement' }, 0)
  const failure = new Error('a bug')
  const half = make({
    work: workOf(async (_kind, id) => {
      if (id === 'one') throw failure
      await turn()
      done.push(id)
    })
  })
  await t.rejects(half.runDue(), failure)
  t.same([...done].sort(), ['three', 'two'], 'all of them are over when the failure is told')
  await housekeeping.runDue()
  t.equal(done.length, 2, 'not before its lease is over')
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.same(done.slice(2), ['end-announcement one'])
})

t.test('a process that dies while it works leaves the work to the next', async (t) => {
  const { clock, done, due, make, reopen } = await openHousekeeping(t)
  await due.add({ id: 'one', kind: 'retry' }, 0)
  t.same(await due.take(1, DUE_LEASE), [{ id: 'one', kind: 'retry' }])
  const next = make(tablesOf(await reopen()))
  await next.runDue()
  t.same(done, [])
  clock.advance(DUE_LEASE)
  await next.runDue()
  t.same(done, ['retry one'])
})

t.test('what could not be written down is tried again first, and does not keep back what is due', async (t) => {
  const { clock, done, due, housekeeping, unfinished } = await openHousekeeping(t)
  await due.add({ id: 'one', kind: 'end-call' }, 0)
  const order: string[] = []
  let down = true
  await unfinished.settle('a record', async () => {
    if (down) throw new StoreUnavailable()
    order.push('recorded', ...done)
  })
  await t.rejects(housekeeping.runDue(), StoreUnavailable, 'and heard of as long as it cannot be')
  t.same(done, ['end-call one'])
  down = false
  clock.advance(DUE_LEASE)
  await due.add({ id: 'two', kind: 'end-call' }, 0)
  await housekeeping.runDue()
  t.same([order, done], [['recorded', 'end-call one'], ['end-call one', 'end-call two']])
})

t.test('vendors are asked as long as there is somebody to ask about', async (t) => {
  mockTimers(t)
  const { make } = await openHousekeeping(t)
  const left = [20, 20, 3, 0, 20]
  const housekeeping = make({ inquire: async () => left.shift() as number })
  housekeeping.start()
  await housekeeping.inquire()
  t.same(left, [20])
  const failing = make({ inquire: () => Promise.reject(new StoreUnavailable()) })
  await t.rejects(failing.inquire(), StoreUnavailable)
})

t.test('to stop is not to wait until every vendor was asked about everything', async (t) => {
  const timers = mockTimers(t)
  const { make } = await openHousekeeping(t)
  const [asking, go] = [createGate(), createGate()]
  let begun = 0
  const housekeeping = make({
    inquire: async () => {
      begun += 1
      asking.open()
      await go.opened
      return begun < 100 ? 20 : 0
    }
  })
  housekeeping.start()
  timers.tick(INQUIRY)
  await asking.opened
  const stopped = housekeeping.stop()
  go.open()
  await stopped
  t.equal(begun, 1, 'a batch that is under way is the last')
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
    inquire: async () => { done.push('inquire'); return 0 },
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
  t.same([count('due'), count('inquire'), count('recover'), count('purge')], [120_000 / DUE, 120_000 / INQUIRY, 120_000 / RECOVERY, 120_000 / PURGE])
})

t.test('the same upkeep is never done twice at a time', async (t) => {
  const timers = mockTimers(t)
  const { make, upkeep } = await openHousekeeping(t)
  const gates = [createGate(), createGate()]
  let begun = 0
  const recover = async (): Promise<{ unknown: number, interrupted: number }> => {
    await gates[begun++]?.opened
    return { unknown: 0, interrupted: 0 }
  }
  const housekeeping = make({ upkeep: { ...upkeep, recover } })
  housekeeping.start()
  for (const expected of [1, 2]) {
    for (let time = 0; time < 3; time += 1) {
      timers.tick(RECOVERY)
      await turn()
      t.equal(begun, expected)
    }
    gates[expected - 1]?.open()
    await turn()
  }
})

t.test('due work that takes long does not keep other due work back, up to five runs at a time', async (t) => {
  const timers = mockTimers(t)
  const { due, make } = await openHousekeeping(t)
  const gate = createGate()
  let begun = 0
  const take = async (): Promise<[]> => {
    begun += 1
    await gate.opened
    return []
  }
  const housekeeping = make({ due: { ...due, take } })
  housekeeping.start()
  for (const expected of [1, 2, 3, 4, 5, 5, 5]) {
    timers.tick(DUE)
    await turn()
    t.equal(begun, expected)
  }
  gate.open()
  await turn()
  timers.tick(DUE)
  await turn()
  t.equal(begun, 6)
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
    inquire: fail,
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
  t.ok(what.includes('asking vendors'))
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
