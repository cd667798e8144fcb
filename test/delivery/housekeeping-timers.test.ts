import t from 'tap'
import { DUE_KINDS } from '../../src/store/due.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { LEASE } from '../support/store.ts'
import { DAY, DUE, DUE_BATCH, INQUIRY, mockTimers, onlyTaking, openHousekeeping, PURGE, RECOVERY, turn, UNFINISHED, workOf } from './housekeeping-stand.ts'

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
  const { due, make, unfinished, upkeep } = await openHousekeeping(t)
  const housekeeping = make({
    due: { ...due, take: async (kind) => { done.push(kind); return [] } },
    unfinished: { ...unfinished, run: async () => { done.push('unfinished') } },
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
  for (const kind of DUE_KINDS) t.equal(count(kind), 120_000 / DUE, kind)
  t.same(
    [count('unfinished'), count('inquire'), count('recover'), count('purge')],
    [120_000 / UNFINISHED, 120_000 / INQUIRY, 120_000 / RECOVERY, 120_000 / PURGE])
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
  const housekeeping = make({ upkeep: { ...upkeep, recover, forgetExpiredCodes: async () => {} } })
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

t.test('due work of one kind is never done twice at a time, and is done again once it is over', async (t) => {
  const timers = mockTimers(t)
  const { due, make } = await openHousekeeping(t)
  const gate = createGate()
  let begun = 0
  const housekeeping = make({
    due: onlyTaking(due, 'retry', async () => {
      begun += 1
      await gate.opened
      return []
    })
  })
  housekeeping.start()
  for (let time = 0; time < 10; time += 1) {
    timers.tick(DUE)
    await turn()
  }
  t.equal(begun, 1)
  gate.open()
  await turn()
  timers.tick(DUE)
  await turn()
  t.equal(begun, 2)
})

for (const hanging of DUE_KINDS) {
  t.test(`work that hangs, ${hanging}, however much of it, keeps no other kind back`, async (t) => {
    const timers = mockTimers(t)
    const { due, make } = await openHousekeeping(t)
    const [gate, hangs] = [createGate(), createGate()]
    await Promise.all(Array.from({ length: 2 * DUE_BATCH }, (_, index) => due.add({ id: `hangs ${index}`, kind: hanging }, 0)))
    const others = DUE_KINDS.filter((kind) => kind !== hanging).map((kind) => ({ kind, done: createGate() }))
    const housekeeping = make({
      work: workOf(async (kind) => {
        others.find((other) => other.kind === kind)?.done.open()
        if (kind !== hanging) return
        hangs.open()
        await gate.opened
      })
    })
    housekeeping.start()
    for (let time = 0; time < 10; time += 1) timers.tick(DUE)
    await hangs.opened
    for (const { kind } of others) await due.add({ id: 'one', kind }, 0)
    timers.tick(DUE)
    await Promise.all(others.map(({ done }) => done.opened))
    gate.open()
    await housekeeping.stop()
    t.equal((await due.take(hanging, 1000, 1)).length, DUE_BATCH, 'and to stop is not to begin the next batch')
  })
}

t.test('what could not be written down is, although all due work hangs', async (t) => {
  const timers = mockTimers(t)
  const { due, make, unfinished } = await openHousekeeping(t)
  const [gate, recorded] = [createGate(), createGate()]
  const housekeeping = make({ due: { ...due, take: async () => { await gate.opened; return [] } } })
  housekeeping.start()
  timers.tick(DUE)
  await turn()
  let isFirst = true
  await unfinished.settle('a record', async () => {
    if (!isFirst) return recorded.open()
    isFirst = false
    throw new StoreUnavailable()
  })
  timers.tick(UNFINISHED)
  await recorded.opened
  gate.open()
})

t.test('slow due work does not keep other housekeeping back', async (t) => {
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

t.test('a failure is told, and the next turn goes on; of what fails on and on that is told once a minute', async (t) => {
  const timers = mockTimers(t)
  const { clock, due, events, make, next, upkeep } = await openHousekeeping(t)
  const failure = new StoreUnavailable()
  let left = 2
  const fail = async (): Promise<never> => {
    left -= 1
    throw failure
  }
  const housekeeping = make({
    due: onlyTaking(due, 'retry', async () => left > 0 ? await fail() : []),
    inquire: fail,
    upkeep: { ...upkeep, recover: fail, purge: fail }
  })
  housekeeping.start()
  const times = (): number => events.filter((event) => event.type === 'work.failed' && event.what === 'doing due work: retry').length
  const fails = async (): Promise<void> => {
    const told = next('work.failed')
    timers.tick(DUE)
    t.match(await told, { what: 'doing due work: retry', error: failure })
    await turn()
  }
  await fails()
  left = 5
  for (let time = 0; time < 2; time += 1) {
    clock.advance(29_999)
    timers.tick(DUE)
    await turn()
  }
  t.equal(times(), 1)
  clock.advance(2)
  await fails()
  left = 0
  timers.tick(DUE)
  await turn()
  t.equal(times(), 2, 'all is well again')
  left = 1
  await fails()
  t.equal(times(), 3, 'what fails anew is told at once')
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
    due: onlyTaking(due, 'feedback', async () => {
      begun += 1
      await gate.opened
      return []
    })
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
  const housekeeping = make({ due: onlyTaking(due, 'end-call', async () => { await turn(); throw new Error('a bug') }) })
  housekeeping.start()
  timers.tick(DUE)
  await t.resolves(housekeeping.stop())
  t.match(events, [{ type: 'work.failed', what: 'doing due work: end-call' }])
  t.equal(events.length, 1)
})

t.test('who stops gives back what was taken and not begun, and another does it at once', async (t) => {
  const timers = mockTimers(t)
  const { done, due, housekeeping: other, make } = await openHousekeeping(t)
  const [taken, go] = [createGate(), createGate()]
  const slow = make({
    due: {
      ...due,
      take: async (kind, most, leaseFor) => {
        const work = await due.take(kind, most, leaseFor)
        if (kind !== 'end-call') return work
        taken.open()
        await go.opened
        return work
      }
    }
  })
  await due.add({ id: 'a call', kind: 'end-call' }, 0)
  slow.start()
  timers.tick(DUE)
  await taken.opened
  await other.runDue()
  t.same(done, [], 'it is the one\'s that took it')
  const stopped = slow.stop()
  go.open()
  await stopped
  t.same(done, [], 'which has not done it')
  await other.runDue()
  t.same(done, ['end-call a call'])
})

t.test('who stops finishes what is begun', async (t) => {
  const timers = mockTimers(t)
  const { done, due, housekeeping: other, make } = await openHousekeeping(t)
  const [begun, go] = [createGate(), createGate()]
  const slow = make({ work: workOf(async (kind, id) => { begun.open(); await go.opened; done.push(`${kind} ${id}`) }) })
  await due.add({ id: 'a call', kind: 'end-call' }, 0)
  slow.start()
  timers.tick(DUE)
  await begun.opened
  const stopped = slow.stop()
  await other.runDue()
  t.same(done, [])
  go.open()
  await stopped
  await other.runDue()
  t.same(done, ['end-call a call'], 'once')
})
