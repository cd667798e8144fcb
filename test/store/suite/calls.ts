import type { Test } from 'tap'
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
    t.equal(await calls.end(id), false)
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

  t.test('of two that move a call from one step to different ones, the first decides', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    t.same(await Promise.all([calls.advance(attempt, '', 'confirm:1'), calls.advance(attempt, '', 'code:1')]), [true, false])
    t.match(await calls.find(attempt), { step: 'confirm:1' })
  })

  t.test('a call is not moved from a step that it is not at', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    t.equal(await calls.advance(attempt, 'code:1', 'code:2'), false)
    t.equal(await calls.end(attempt, 'code:1'), false)
    t.match(await calls.find(attempt), { step: '' })
  })

  t.test('of many that end a call, from any step, one does', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    for (const step of ['', 'code:1']) {
      const { attempt } = await begun()
      if (step !== '') await calls.advance(attempt, '', step)
      const ended = await Promise.all(Array.from({ length: MANY }, () => calls.end(attempt)))
      t.equal(ended.filter((one) => one).length, 1)
      t.match(await calls.find(attempt), { step: 'ended' })
    }
  })

  t.test('of many that end a call from the step it is at, one does', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    await calls.advance(attempt, '', 'code:1')
    const ended = await Promise.all(Array.from({ length: MANY }, (_, index) => calls.end(attempt, index % 2 === 0 ? 'code:1' : 'code:2')))
    t.equal(ended.filter((one) => one).length, 1)
  })

  t.test('a call is either moved on or ended, never both from one step', async (t) => {
    const { begun, calls } = await openWorld(t, open)
    const { attempt } = await begun()
    t.same(await Promise.all([calls.end(attempt, ''), calls.advance(attempt, '', 'code:1')]), [true, false])
    t.match(await calls.find(attempt), { step: 'ended' })
  })

  t.test('a call that is over is not to be ended any more', async (t) => {
    const { begun, calls, due } = await openWorld(t, open)
    const { attempt } = await begun({ endCallIn: 0 })
    await calls.end(attempt)
    t.same(await due.take(10, 1000), [])
  })

  t.test('a call that was not ended stays to be ended', async (t) => {
    const { begun, calls, due } = await openWorld(t, open)
    const { attempt } = await begun({ endCallIn: 0 })
    await calls.end(attempt, 'another step')
    t.same(await due.take(10, 1000), [{ id: attempt, kind: 'end-call' }])
  })

  t.test('the moment at which a call must be over is moved', async (t) => {
    const { begun, calls, clock, due } = await openWorld(t, open)
    const { attempt } = await begun({ endCallIn: 100 })
    await calls.endIn(attempt, 50)
    clock.advance(49)
    t.same(await due.take(10, 1000), [])
    clock.advance(1)
    t.same(await due.take(10, 1000), [{ id: attempt, kind: 'end-call' }])
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
    const { begun, calls } = await openWorld(t, open)
    const [one, other] = [await begun(), await begun()]
    await calls.advance(one.attempt, '', 'code:1')
    await calls.bind(one.attempt, 'call-1')
    await calls.end(one.attempt)
    t.same(await calls.find(other.attempt), { reference: undefined, step: '' })
  })
}
