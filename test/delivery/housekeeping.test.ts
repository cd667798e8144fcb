import t from 'tap'
import { DUE_KINDS } from '../../src/store/due.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { LEASE, tablesOf } from '../support/store.ts'
import { start as startVerification } from '../store/suite/verifications-stand.ts'
import { DAY, DUE_BATCH, DUE_LEASE, openHousekeeping, turn, workOf } from './housekeeping-stand.ts'

t.test('work that has fallen due is done, each kind in its own way, once', async (t) => {
  const { clock, done, due, housekeeping } = await openHousekeeping(t)
  for (const kind of DUE_KINDS) await due.add({ id: 'one', kind }, 1000)
  clock.advance(999)
  await housekeeping.runDue()
  t.same(done, [], 'and not before')
  clock.advance(1)
  await housekeeping.runDue()
  t.same([...done].sort(), DUE_KINDS.map((kind) => `${kind} one`).sort())
  clock.advance(DUE_LEASE)
  await housekeeping.runDue()
  t.equal(done.length, DUE_KINDS.length)
})

t.test('who does it is told how often it was put off', async (t) => {
  const { due, make } = await openHousekeeping(t)
  const work = { id: 'one', kind: 'verification-webhook' } as const
  const told: unknown[] = []
  await due.add(work, 0)
  const housekeeping = make({
    work: {
      ...workOf(async () => {}),
      async 'verification-webhook' (id, tries) {
        told.push([id, tries])
        if (tries < 2) await due.later(work, 0)
        return tries < 2 ? 'kept' : undefined
      }
    }
  })
  for (let run = 0; run < 4; run += 1) await housekeeping.runDue()
  t.same(told, [['one', 0], ['one', 1], ['one', 2]])
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

t.test('where work of one kind cannot be taken, that is told, and the other kinds are done', async (t) => {
  const { done, due, make } = await openHousekeeping(t)
  for (const kind of DUE_KINDS) await due.add({ id: 'one', kind }, 0)
  const failure = new StoreUnavailable()
  const half = make({
    due: { ...due, take: async (kind, ...more) => kind === 'end-announcement' ? await Promise.reject(failure) : await due.take(kind, ...more) }
  })
  await t.rejects(half.runDue(), failure)
  t.same([...done].sort(), DUE_KINDS.filter((kind) => kind !== 'end-announcement').map((kind) => `${kind} one`).sort(), 'before the failure is told')
})

t.test('more than a batch, of which some fails, is done to its end, and the failure told', async (t) => {
  const { done, due, make } = await openHousekeeping(t)
  const ids = Array.from({ length: 2 * DUE_BATCH + 1 }, (_, index) => `id ${index}`)
  await Promise.all(ids.map((id) => due.add({ id, kind: 'feedback' }, 0)))
  const failure = new Error('a bug')
  for (const failing of ['id 0', `id ${2 * DUE_BATCH}`]) {
    const half = make({
      work: workOf(async (_kind, id) => {
        if (id === failing) throw failure
        done.push(id)
      })
    })
    await t.rejects(half.runDue(), failure)
    t.equal(new Set(done.splice(0)).size, 2 * DUE_BATCH)
    for (const id of ids) {
      await due.done({ id, kind: 'feedback' })
      await due.add({ id, kind: 'feedback' }, 0)
    }
  }
})

t.test('a process that dies while it works leaves the work to the next', async (t) => {
  const { clock, done, due, make, reopen } = await openHousekeeping(t)
  await due.add({ id: 'one', kind: 'retry' }, 0)
  t.same(await due.take('retry', 1, DUE_LEASE), [{ id: 'one', kind: 'retry', tries: 0 }])
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

t.test('purging removes verifications that are older than the retention', async (t) => {
  const world = await openHousekeeping(t)
  const old = await startVerification(world)
  world.clock.advance(1)
  const young = await startVerification(world, { numberDigest: 'another number' })
  world.clock.advance(2 * DAY)
  await world.make({ retentionDays: 2 }).purge()
  t.equal(await world.verifications.find(old.id), undefined)
  t.match(await world.verifications.find(young.id), { id: young.id })
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
