import t, { type Test } from 'tap'
import { createSteadfastCalls } from '../../src/delivery/steadfast-calls.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import type { Calls } from '../../src/store/calls.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

/** Calls on a store that is open until the test closes it. */
const openCalls = async (t: Test): Promise<World & RecordedBus & { readonly steadfast: Calls }> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  return { ...world, ...recorded, steadfast: createSteadfastCalls(world.calls, recorded.bus) }
}

t.test('while the store answers, it is the store that decides, and nothing is told', async (t) => {
  const { begun, calls, clock, due, events, newId, steadfast } = await openCalls(t)
  const { attempt } = await begun({ endCallIn: 1000 })
  t.equal(await steadfast.bind(attempt, 'call-1'), 'call-1')
  t.equal(await steadfast.advance(attempt, '', 'code:1'), true)
  t.equal(await steadfast.advance(attempt, '', 'code:1'), false)
  t.same(await steadfast.find(attempt), { reference: 'call-1', step: 'code:1' })
  t.same(await calls.find(attempt), { reference: 'call-1', step: 'code:1' })
  await steadfast.endIn(attempt, 10)
  clock.advance(10)
  t.match(await due.take(1, 10), [{ id: attempt }])
  t.equal(await steadfast.end(attempt), true)
  t.equal(await steadfast.end(attempt), false)
  t.equal(await steadfast.find(newId()), undefined, 'what the store does not know is unknown')
  t.same(events, [])
})

t.test('while the store is down, a call is conducted from memory, each step once', async (t) => {
  const { sql, steadfast } = await openCalls(t)
  await sql.close()
  t.same(await steadfast.find('attempt'), { reference: undefined, step: '' }, 'which call it is, the vendor must confirm')
  t.equal(await steadfast.bind('attempt', 'call-1'), 'call-1')
  t.equal(await steadfast.bind('attempt', 'call-2'), 'call-1', 'the first reference stays')
  const moved = await Promise.all(Array.from({ length: 10 }, () => steadfast.advance('attempt', '', 'code:1')))
  t.same(moved.filter((one) => one), [true])
  t.equal(await steadfast.advance('attempt', '', 'confirm:1'), false, 'the call is at that step no more')
  t.equal(await steadfast.advance('attempt', 'code:1', 'code:2'), true)
  t.same(await steadfast.find('attempt'), { reference: 'call-1', step: 'code:2' })
  await t.resolves(steadfast.endIn('attempt', 1000))
})

t.test('while the store is down, a call is ended once, from the step that it is at or from any', async (t) => {
  const { sql, steadfast } = await openCalls(t)
  await sql.close()
  await steadfast.advance('one', '', 'code:1')
  t.equal(await steadfast.end('one', 'code:2'), false)
  const ended = await Promise.all(Array.from({ length: 10 }, () => steadfast.end('one', 'code:1')))
  t.same(ended.filter((one) => one), [true])
  t.equal(await steadfast.end('one'), false)
  t.equal(await steadfast.advance('one', 'code:1', 'code:2'), false)
  t.equal(await steadfast.end('another'), true)
})

t.test('while the store is down, calls are not mixed up', async (t) => {
  const { sql, steadfast } = await openCalls(t)
  await sql.close()
  await steadfast.bind('one', 'call-1')
  await steadfast.advance('one', '', 'code:1')
  t.same(await steadfast.find('another'), { reference: undefined, step: '' })
})

t.test('each time that the store does not answer is told', async (t) => {
  const { events, sql, steadfast } = await openCalls(t)
  await sql.close()
  await steadfast.find('attempt')
  await steadfast.bind('attempt', 'call-1')
  await steadfast.advance('attempt', '', 'code:1')
  await steadfast.end('attempt')
  await steadfast.endIn('attempt', 1)
  t.equal(events.length, 5)
  for (const event of events) t.match(event, { type: 'work.failed', what: 'keeping the state of a call', error: StoreUnavailable })
})

t.test('memory is bounded: the call that was quiet for longest is forgotten first', async (t) => {
  const { bus, sql, calls } = await openCalls(t)
  await sql.close()
  const steadfast = createSteadfastCalls(calls, bus)
  for (const attempt of ['busy', 'quiet']) await steadfast.advance(attempt, '', 'code:1')
  const others = Array.from({ length: 9_998 }, (_, index) => `attempt ${index}`)
  await Promise.all(others.map((attempt) => steadfast.advance(attempt, '', 'code:1')))
  t.match(await steadfast.find('quiet'), { step: 'code:1' }, 'so many are remembered')
  await steadfast.advance('busy', 'code:1', 'code:2')
  await steadfast.advance('one more', '', 'code:1')
  t.match(await steadfast.find('quiet'), { step: '' })
  t.match(await steadfast.find('busy'), { step: 'code:2' })
  t.match(await steadfast.find('attempt 0'), { step: 'code:1' })
})
