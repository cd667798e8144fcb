import type { Test } from 'tap'
import { DUE_KINDS, type DueWork } from '../../../src/store/due.ts'
import { openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

/** Many take at a time, and then one takes what is left: who finds the work of another may go away with less. */
const takeAll = async ({ due }: World, most: number, kind: DueWork['kind'] = 'end-announcement'): Promise<DueWork[]> => {
  const taken = await Promise.all(Array.from({ length: 30 }, () => due.take(kind, most, 1000)))
  const left = await due.take(kind, 100, 1000)
  return [...taken.flatMap((work) => work.length > most ? [] : work), ...left]
}

const HANG_UP = { id: 'call-1', kind: 'end-announcement' } as const

export const testDue = (t: Test, open: OpenStore): void => {
  t.test('work falls due at its moment and not before', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 100)
    clock.advance(99)
    t.same(await due.take('end-announcement', 10, 1000), [])
    clock.advance(1)
    t.same(await due.take('end-announcement', 10, 1000), [{ ...HANG_UP, tries: 0 }])
  })

  t.test('work that is taken is not taken again within its lease, and is after it', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    t.same(await due.take('end-announcement', 10, 1000), [{ ...HANG_UP, tries: 0 }])
    clock.advance(999)
    t.same(await due.take('end-announcement', 10, 1000), [])
    clock.advance(1)
    t.same(await due.take('end-announcement', 10, 1000), [{ ...HANG_UP, tries: 0 }])
  })

  t.test('of many that take at a time, each piece of work goes to one', async (t) => {
    const world = await openWorld(t, open)
    const ids = Array.from({ length: 40 }, (_, index) => `call-${index}`)
    await Promise.all(ids.map((id) => world.due.add({ id, kind: 'end-announcement' }, 0)))
    t.same((await takeAll(world, 3)).map(({ id }) => id).sort(), [...ids].sort())
  })

  t.test('what has waited longest is taken first', async (t) => {
    const { clock, due } = await openWorld(t, open)
    for (const [id, delay] of [['second', 2], ['third', 3], ['first', 1]] as const) await due.add({ id, kind: 'end-announcement' }, delay)
    clock.advance(3)
    t.match(await due.take('end-announcement', 1, 1000), [{ id: 'first' }])
    t.match(await due.take('end-announcement', 1, 1000), [{ id: 'second' }])
    t.match(await due.take('end-announcement', 1, 1000), [{ id: 'third' }])
  })

  t.test('work that is given back is taken by the next one at once, and only that', async (t) => {
    const { due } = await openWorld(t, open)
    const [kept, given] = [HANG_UP, { id: 'call-2', kind: 'end-announcement' }] as const
    for (const work of [kept, given, { id: 'call-2', kind: 'end-call' } as const]) await due.add(work, 0)
    t.equal((await due.take('end-announcement', 10, 1000)).length, 2)
    t.equal((await due.take('end-call', 10, 1000)).length, 1)
    await due.release([given, { id: 'what was never there', kind: 'retry' }])
    await due.release([])
    t.same(await due.take('end-announcement', 10, 1000), [{ ...given, tries: 0 }])
    t.same(await due.take('end-call', 10, 1000), [])
  })

  t.test('work that is done does not fall due again', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    await due.take('end-announcement', 10, 1000)
    await due.done(HANG_UP)
    clock.advance(1000)
    t.same(await due.take('end-announcement', 10, 1000), [])
    await due.done({ id: 'what was never there', kind: 'end-call' })
  })

  t.test('work of one kind that is done leaves work of another kind to do', async (t) => {
    const { due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    await due.done({ ...HANG_UP, kind: 'end-call' })
    t.same(await due.take('end-announcement', 10, 1000), [{ ...HANG_UP, tries: 0 }])
  })

  t.test('one id may have work of several kinds, each of which is taken, done and added by itself', async (t) => {
    const { clock, due } = await openWorld(t, open)
    for (const [index, kind] of DUE_KINDS.entries()) await due.add({ id: 'one', kind }, index)
    clock.advance(DUE_KINDS.length)
    for (const kind of DUE_KINDS) {
      t.same(await due.take(kind, 10, 1000), [{ id: 'one', kind, tries: 0 }], 'a lease on one kind is none on another')
      t.same(await due.take(kind, 10, 1000), [])
    }
    await due.done({ id: 'one', kind: 'retry' })
    await due.add({ id: 'one', kind: 'retry' }, 0)
    for (const kind of DUE_KINDS) t.same(await due.take(kind, 10, 1000), kind === 'retry' ? [{ id: 'one', kind, tries: 0 }] : [])
  })

  t.test('work of other kinds, however much and however long due, does not keep work of one kind back', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await Promise.all(Array.from({ length: 20 }, (_, index) => due.add({ id: `delivery-${index}`, kind: 'retry' }, 0)))
    clock.advance(1)
    await due.add(HANG_UP, 0)
    t.same(await due.take('end-announcement', 1, 1000), [{ ...HANG_UP, tries: 0 }])
    t.same(await due.take('end-call', 10, 1000), [])
    t.equal((await due.take('retry', 100, 1000)).length, 20)
  })

  t.test('of many that take at a time, work of several kinds for one id goes to one each', async (t) => {
    const world = await openWorld(t, open)
    const all = Array.from({ length: 20 }, (_, index) => (['retry', 'feedback'] as const).map((kind) => ({ id: `delivery-${index}`, kind }))).flat()
    await Promise.all(all.map((work) => world.due.add(work, 0)))
    const names = (list: readonly DueWork[]): string[] => list.map(({ id, kind }) => `${id} ${kind}`).sort()
    const taken = await Promise.all([takeAll(world, 3, 'retry'), takeAll(world, 3, 'feedback')])
    t.same(names(taken.flat()), names(all))
  })

  t.test('work that is added twice is done once, at the first moment', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 10)
    await due.add(HANG_UP, 1000)
    clock.advance(10)
    t.same(await due.take('end-announcement', 10, 5000), [{ ...HANG_UP, tries: 0 }])
    await due.add(HANG_UP, 0)
    t.same(await due.take('end-announcement', 10, 5000), [], 'nor does adding it again break a lease')
  })

  t.test('work that is put off falls due again at its moment, and tells how often that was', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    for (const tries of [0, 1, 2]) {
      t.same(await due.take('end-announcement', 10, 10_000), [{ ...HANG_UP, tries }])
      await due.later(HANG_UP, 99.5)
      clock.advance(99)
      t.same(await due.take('end-announcement', 10, 10_000), [])
      clock.advance(1)
    }
    t.match(await due.take('end-announcement', 10, 10_000), [{ tries: 3 }])
  })

  t.test('work that is put off may fall due before the lease on it is over', async (t) => {
    const { due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    await due.take('end-announcement', 10, 10_000)
    await due.later(HANG_UP, 0)
    t.match(await due.take('end-announcement', 10, 10_000), [{ tries: 1 }])
  })

  t.test('work that is given back, or whose lease is over, does not count as tried', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    await due.release(await due.take('end-announcement', 10, 1000))
    await due.take('end-announcement', 10, 1000)
    clock.advance(1000)
    t.match(await due.take('end-announcement', 10, 1000), [{ tries: 0 }])
  })

  t.test('what is done cannot be put off, and other work is left alone', async (t) => {
    const { clock, due } = await openWorld(t, open)
    for (const work of [HANG_UP, { ...HANG_UP, id: 'call-2' }, { ...HANG_UP, kind: 'end-call' }] as const) await due.add(work, 0)
    await due.done(HANG_UP)
    await due.later(HANG_UP, 0)
    clock.advance(1)
    t.same(await due.take('end-announcement', 10, 1000), [{ ...HANG_UP, id: 'call-2', tries: 0 }])
    t.match(await due.take('end-call', 10, 1000), [{ tries: 0 }])
  })

  t.test('it is told how much of each kind has fallen due, and how much waits', async (t) => {
    const { clock, due } = await openWorld(t, open)
    t.same(await due.counts(), DUE_KINDS.map((kind) => ({ kind, due: 0, waiting: 0 })))
    for (const [id, delay] of [['a', 0], ['b', 100], ['c', 101]] as const) await due.add({ id, kind: 'retry' }, delay)
    await due.add({ id: 'a', kind: 'feedback' }, 100)
    await due.add({ id: 'a', kind: 'escalate' }, 1000)
    clock.advance(100)
    await due.take('feedback', 10, 1000)
    const counts: Readonly<Record<string, object>> = { retry: { due: 2, waiting: 1 }, feedback: { due: 1, waiting: 0 }, escalate: { due: 0, waiting: 1 } }
    t.same(await due.counts(), DUE_KINDS.map((kind) => ({ kind, due: 0, waiting: 0, ...counts[kind] })))
  })

  t.test('work survives a restart, with the lease that is on it', async (t) => {
    const { clock, due, reopen } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    await due.take('end-announcement', 10, 1000)
    const after = tablesOf(await reopen()).due
    t.same(await after.take('end-announcement', 10, 1000), [])
    clock.advance(1000)
    t.same(await after.take('end-announcement', 10, 1000), [{ ...HANG_UP, tries: 0 }])
  })
}
