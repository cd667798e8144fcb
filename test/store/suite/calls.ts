import type { Test } from 'tap'
import { ENDED } from '../../../src/store/calls.ts'
import { openWorld, type OpenStore } from '../../support/store.ts'

const MANY = 50

export const testCalls = (t: Test, open: OpenStore): void => {
  t.test('a call begins without a reference, and at no step', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    t.same(await calls.find(attempt), { reference: undefined, step: '' })
  })

  t.test('there is no call where there is no attempt', async (t) => {
    const { calls, newId } = await openWorld(t, open)
    const id = newId()
    t.equal(await calls.find(id), undefined)
    t.equal(await calls.advance(id, '', 'code:1'), false)
    await calls.end(id)
    await calls.over(id)
    t.equal(await calls.bind(id, 'call-1'), undefined)
    await calls.endIn(id, 0)
    t.equal(await calls.find(id), undefined)
  })

  t.test('of many that move a call one step on, one does', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    for (const [from, to] of [['', 'code:1'], ['code:1', 'code:2']] as const) {
      const moved = await Promise.all(Array.from({ length: MANY }, () => calls.advance(attempt, from, to)))
      t.equal(moved.filter((one) => one).length, 1)
      t.match(await calls.find(attempt), { step: to })
    }
  })

  t.test('of two that move a call from one step to different ones, one decides', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    const steps = ['confirm:1', 'code:1'] as const
    const moved = await Promise.all(steps.map((step) => calls.advance(attempt, '', step)))
    t.equal(moved.filter((one) => one).length, 1)
    t.match(await calls.find(attempt), { step: steps[moved.indexOf(true)] })
  })

  t.test('a call is not moved from a step that it is not at', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    t.equal(await calls.advance(attempt, 'code:1', 'code:2'), false)
    t.match(await calls.find(attempt), { step: '' })
  })

  t.test('a call is ended and over from any step, however often it is said', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    for (const say of ['end', 'over'] as const) {
      for (const step of ['', 'code:1']) {
        const { attempt } = await begun()
        if (step !== '') await calls.advance(attempt, '', step)
        await Promise.all(Array.from({ length: MANY }, () => calls[say](attempt)))
        t.match(await calls.find(attempt), { step: ENDED })
      }
    }
  })

  t.test('a call at its end is not moved on any more', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    for (const say of ['end', 'over'] as const) {
      const { attempt } = await begun()
      await Promise.all([calls.advance(attempt, '', 'code:1'), calls[say](attempt)])
      t.match(await calls.find(attempt), { step: ENDED })
      for (const from of ['', 'code:1']) t.equal(await calls.advance(attempt, from, 'code:2'), false)
      t.match(await calls.find(attempt), { step: ENDED })
    }
  })

  t.test('a call at its end is due to be hung up at once, whatever time it had, until it is over', async (t) => {
    const { begun, calls, clock, due } = await openWorld(t, open)
    const { attempt } = await begun({ endCallIn: 60_000 })
    t.same(await due.take('end-call', 10, 1000), [])
    await calls.end(attempt)
    t.same(await due.take('end-call', 10, 1000), [{ id: attempt, kind: 'end-call', tries: 0 }])
    clock.advance(1000)
    t.same(await due.take('end-call', 10, 1000), [{ id: attempt, kind: 'end-call', tries: 0 }])
    await calls.over(attempt)
    clock.advance(60_000)
    t.same(await due.take('end-call', 10, 1000), [])
  })

  t.test('to end a call that is over makes nothing due again', async (t) => {
    const { begun, calls, due } = await openWorld(t, open)
    const { attempt } = await begun({ endCallIn: 0 })
    await calls.over(attempt)
    await calls.end(attempt)
    t.same(await due.take('end-call', 10, 1000), [])
  })

  t.test('the moment at which a call must be over is moved', async (t) => {
    const { begun, calls, clock, due } = await openWorld(t, open)
    const { attempt } = await begun({ endCallIn: 100 })
    await calls.endIn(attempt, 50)
    clock.advance(49)
    t.same(await due.take('end-call', 10, 1000), [])
    clock.advance(1)
    t.same(await due.take('end-call', 10, 1000), [{ id: attempt, kind: 'end-call', tries: 0 }])
  })

  t.test('the end of a call says nothing of other work for the same id', async (t) => {
    const { begun, calls, clock, due } = await openWorld(t, open)
    const { attempt } = await begun({ endCallIn: 60_000 })
    await due.add({ id: attempt, kind: 'feedback' }, 1000)
    await calls.endIn(attempt, 0)
    t.same(await due.take('end-call', 10, 5000), [{ id: attempt, kind: 'end-call', tries: 0 }])
    await calls.end(attempt)
    await calls.over(attempt)
    t.same(await due.take('end-call', 10, 5000), [])
    clock.advance(1000)
    t.same(await due.take('feedback', 10, 5000), [{ id: attempt, kind: 'feedback', tries: 0 }])
  })

  t.test('of many references that are offered to one attempt, all are told the one that it is tied to', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    const bound = await Promise.all(Array.from({ length: MANY }, (_, index) => calls.bind(attempt, `call-${index}`)))
    t.equal(new Set(bound).size, 1)
    t.match(await calls.find(attempt), { reference: bound[0] })
    t.equal(await calls.bind(attempt, 'another'), bound[0])
  })

  t.test('one call leaves the others alone', async (t) => {
    const { begun, calls, due } = await openWorld(t, open)
    const [one, other] = [await begun({ endCallIn: 0 }), await begun({ endCallIn: 0 })]
    await calls.advance(one.attempt, '', 'code:1')
    await calls.bind(one.attempt, 'call-1')
    await calls.end(one.attempt)
    await calls.over(one.attempt)
    t.same(await calls.find(other.attempt), { reference: undefined, step: '' })
    t.same(await due.take('end-call', 10, 1000), [{ id: other.attempt, kind: 'end-call', tries: 0 }])
  })
}
