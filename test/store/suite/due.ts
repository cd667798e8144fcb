import type { Test } from 'tap'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

const HANG_UP = { id: 'call-1', kind: 'end-announcement' } as const

export const testDue = (t: Test, open: OpenStore): void => {
  t.test('work falls due at its moment and not before', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 100)
    clock.advance(99)
    t.same(await due.take(10, 1000), [])
    clock.advance(1)
    t.same(await due.take(10, 1000), [HANG_UP])
  })

  t.test('work that is taken is not taken again within its lease, and is after it', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    t.same(await due.take(10, 1000), [HANG_UP])
    clock.advance(999)
    t.same(await due.take(10, 1000), [])
    clock.advance(1)
    t.same(await due.take(10, 1000), [HANG_UP])
  })

  t.test('of many that take at a time, each piece of work goes to one', async (t) => {
    const { due } = await openWorld(t, open)
    const ids = Array.from({ length: 40 }, (_, index) => `call-${index}`)
    await Promise.all(ids.map((id) => due.add({ id, kind: 'end-announcement' }, 0)))
    const taken = await Promise.all(Array.from({ length: 30 }, () => due.take(3, 1000)))
    t.same(taken.flat().map(({ id }) => id).sort(), [...ids].sort())
    t.ok(taken.every((work) => work.length <= 3))
  })

  t.test('what has waited longest is taken first', async (t) => {
    const { clock, due } = await openWorld(t, open)
    for (const [id, delay] of [['second', 2], ['third', 3], ['first', 1]] as const) await due.add({ id, kind: 'end-announcement' }, delay)
    clock.advance(3)
    t.match(await due.take(1, 1000), [{ id: 'first' }])
    t.match(await due.take(1, 1000), [{ id: 'second' }])
    t.match(await due.take(1, 1000), [{ id: 'third' }])
  })

  t.test('work that is done does not fall due again', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    await due.take(10, 1000)
    await due.done(HANG_UP)
    clock.advance(1000)
    t.same(await due.take(10, 1000), [])
    await due.done({ id: 'what was never there', kind: 'end-call' })
  })

  t.test('work of one kind that is done leaves work of another kind to do', async (t) => {
    const { due } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    await due.done({ ...HANG_UP, kind: 'end-call' })
    t.same(await due.take(10, 1000), [HANG_UP])
  })

  t.test('work that is added twice is done once, at the first moment', async (t) => {
    const { clock, due } = await openWorld(t, open)
    await due.add(HANG_UP, 10)
    await due.add(HANG_UP, 1000)
    clock.advance(10)
    t.same(await due.take(10, 5000), [HANG_UP])
    await due.add(HANG_UP, 0)
    t.same(await due.take(10, 5000), [], 'nor does adding it again break a lease')
  })

  t.test('work survives a restart, with the lease that is on it', async (t) => {
    const { clock, due, reopen } = await openWorld(t, open)
    await due.add(HANG_UP, 0)
    await due.take(10, 1000)
    const after = tablesOf(await reopen()).due
    t.same(await after.take(10, 1000), [])
    clock.advance(1000)
    t.same(await after.take(10, 1000), [HANG_UP])
  })
}
