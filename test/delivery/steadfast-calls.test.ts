import t, { type Test } from 'tap'
import { createSteadfastCalls } from '../../src/delivery/steadfast-calls.ts'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import { ENDED, type Calls } from '../../src/store/calls.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

interface CallsWorld extends World, RecordedBus {
  readonly steadfast: Calls
  readonly unfinished: Unfinished
  /** Whether the store works, from now on. */
  store (state: 'up' | 'down'): void
}

/** Calls on a store that works until the test says otherwise. */
const openCalls = async (t: Test): Promise<CallsWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const unfinished = createUnfinished(recorded.bus)
  let down = false
  const unlessDown = <A extends unknown[], T>(work: (...parameters: A) => Promise<T>) =>
    async (...parameters: A): Promise<T> => {
      if (down) throw new StoreUnavailable()
      return await work(...parameters)
    }
  const { advance, bind, end, endIn, find, over } = world.calls
  const calls: Calls = {
    advance: unlessDown(advance), bind: unlessDown(bind), end: unlessDown(end), endIn: unlessDown(endIn), find: unlessDown(find), over: unlessDown(over)
  }
  return {
    ...world,
    ...recorded,
    unfinished,
    steadfast: createSteadfastCalls(calls, unfinished, recorded.bus),
    store: (state) => { down = state === 'down' }
  }
}

t.test('while the store answers, it is the store that decides, and nothing is told', async (t) => {
  const { begun, calls, clock, due, events, newId, steadfast } = await openCalls(t)
  const { attempt } = await begun({ endCallIn: 1000 })
  t.equal(await steadfast.bind(attempt, 'call-1'), 'call-1')
  t.equal(await steadfast.bind(attempt, 'call-2'), 'call-1', 'the first reference stays')
  t.equal(await steadfast.advance(attempt, '', 'code:1'), true)
  t.equal(await steadfast.advance(attempt, '', 'code:1'), false)
  t.match(await steadfast.find(attempt), { reference: 'call-1', step: 'code:1' })
  t.same(await calls.find(attempt), { reference: 'call-1', step: 'code:1' })
  await steadfast.endIn(attempt, 10)
  clock.advance(10)
  t.match(await due.take('end-call', 1, 10), [{ id: attempt }])
  await steadfast.end(attempt)
  t.same(await calls.find(attempt), { reference: 'call-1', step: ENDED })
  t.equal(await steadfast.bind(newId(), 'call-2'), undefined)
  t.equal(await steadfast.find(newId()), undefined, 'what the store does not know is unknown')
  t.same(events, [])
})

t.test('another process may move a call: what was seen of it does not stand against the store', async (t) => {
  const { begun, calls, steadfast } = await openCalls(t)
  const { attempt } = await begun()
  await steadfast.advance(attempt, '', 'confirm:1')
  await calls.advance(attempt, 'confirm:1', 'code:1')
  t.equal(await steadfast.advance(attempt, 'confirm:1', 'code:1'), false)
  t.match(await steadfast.find(attempt), { step: 'code:1' })
})

t.test('a call that ends falls due at once, and is due no more when it is over', async (t) => {
  const { begun, due, steadfast } = await openCalls(t)
  const { attempt } = await begun({ endCallIn: 100_000 })
  await steadfast.end(attempt)
  t.match(await due.take('end-call', 1, 0), [{ id: attempt }])
  await steadfast.over(attempt)
  t.same(await due.take('end-call', 1, 0), [])
})

t.test('while the store is down, a call is conducted from memory, each step once', async (t) => {
  const { steadfast, store } = await openCalls(t)
  store('down')
  t.match(await steadfast.find('attempt'), { reference: undefined, step: '' }, 'which call it is, the vendor must confirm')
  t.equal(await steadfast.bind('attempt', 'call-1'), 'call-1')
  t.equal(await steadfast.bind('attempt', 'call-2'), 'call-1', 'the first reference stays')
  const moved = await Promise.all(Array.from({ length: 10 }, () => steadfast.advance('attempt', '', 'code:1')))
  t.same(moved.filter((one) => one), [true])
  t.equal(await steadfast.advance('attempt', '', 'confirm:1'), false, 'the call is at that step no more')
  t.equal(await steadfast.advance('attempt', 'code:1', 'code:2'), true)
  t.match(await steadfast.find('attempt'), { reference: 'call-1', step: 'code:2' })
  await t.resolves(steadfast.endIn('attempt', 1000))
})

t.test('a call that was asked for a key before the store went down still comes to its code, once', async (t) => {
  const { begun, steadfast, store } = await openCalls(t)
  const { attempt } = await begun()
  await steadfast.find(attempt)
  await steadfast.bind(attempt, 'call-1')
  await steadfast.advance(attempt, '', 'confirm:1')
  store('down')
  t.match(await steadfast.find(attempt), { reference: 'call-1', step: 'confirm:1' })
  t.equal(await steadfast.bind(attempt, 'call-2'), 'call-1', 'and it is that call still')
  t.equal(await steadfast.advance(attempt, '', 'confirm:1'), false, 'nobody is asked twice')
  t.equal(await steadfast.advance(attempt, 'confirm:1', 'code:1'), true)
  t.equal(await steadfast.advance(attempt, 'confirm:1', 'code:1'), false)
})

t.test('what another process did is known, where it was seen before the store went down', async (t) => {
  const { begun, calls, steadfast, store } = await openCalls(t)
  const { attempt } = await begun()
  await calls.bind(attempt, 'call-1')
  await calls.advance(attempt, '', 'confirm:1')
  await steadfast.find(attempt)
  store('down')
  t.match(await steadfast.find(attempt), { reference: 'call-1', step: 'confirm:1' })
})

t.test('when the store is back, the memory that is ahead of it counts, and is written down', async (t) => {
  const { begun, calls, steadfast, store, unfinished } = await openCalls(t)
  const { attempt } = await begun()
  await steadfast.advance(attempt, '', 'confirm:1')
  store('down')
  await steadfast.bind(attempt, 'call-1')
  await steadfast.advance(attempt, 'confirm:1', 'code:1')
  store('up')
  t.same(await calls.find(attempt), { reference: undefined, step: 'confirm:1' }, 'the store is behind')
  t.match(await steadfast.find(attempt), { reference: 'call-1', step: 'code:1' })
  t.equal(await steadfast.advance(attempt, 'confirm:1', 'code:1'), false, 'the code is not spoken again')
  await unfinished.run()
  t.same(await calls.find(attempt), { reference: 'call-1', step: 'code:1' })
  t.equal(await steadfast.advance(attempt, 'code:1', 'code:2'), true)
  t.equal(await calls.advance(attempt, 'code:2', 'code:3'), true, 'from there on the store is behind no more')
})

t.test('a call that was placed while the store was down is found by the store\'s own reference once that is back', async (t) => {
  const { begun, calls, steadfast, store } = await openCalls(t)
  const { attempt } = await begun()
  store('down')
  await steadfast.advance(attempt, '', 'code:1')
  store('up')
  await calls.bind(attempt, 'call-1')
  t.equal(await steadfast.bind(attempt, 'call-2'), 'call-1')
  t.match(await steadfast.find(attempt), { reference: 'call-1', step: 'code:1' })
})

t.test('a call that is ended while the store is down is at its end, and is so in the store as soon as that works', async (t) => {
  for (const verb of ['end', 'over'] as const) {
    const { begun, calls, due, steadfast, store, unfinished } = await openCalls(t)
    const { attempt } = await begun({ endCallIn: 100_000 })
    await steadfast.advance(attempt, '', 'code:1')
    store('down')
    await steadfast[verb](attempt)
    t.match(await steadfast.find(attempt), { step: ENDED }, verb)
    t.equal(await steadfast.advance(attempt, 'code:1', 'code:2'), false, verb)
    t.equal(await steadfast.advance(attempt, '', 'code:1'), false, verb)
    store('up')
    await unfinished.run()
    t.match(await calls.find(attempt), { step: ENDED }, verb)
    t.same((await due.take('end-call', 1, 0)).map(({ id }) => id), verb === 'end' ? [attempt] : [], verb)
  }
})

t.test('the time in which a call must end is kept as well', async (t) => {
  const { begun, clock, due, steadfast, store, unfinished } = await openCalls(t)
  const { attempt } = await begun({ endCallIn: 100_000 })
  store('down')
  await steadfast.endIn(attempt, 10)
  store('up')
  await unfinished.run()
  clock.advance(10)
  t.match(await due.take('end-call', 1, 0), [{ id: attempt }])
})

t.test('while the store is down, calls are not mixed up', async (t) => {
  const { steadfast, store } = await openCalls(t)
  store('down')
  await steadfast.bind('one', 'call-1')
  await steadfast.advance('one', '', 'code:1')
  t.match(await steadfast.find('another'), { reference: undefined, step: '' })
})

t.test('a store that is closed is told of whatever was to be kept', async (t) => {
  const { events, sql, steadfast } = await openCalls(t)
  await sql.close()
  await steadfast.find('attempt')
  await steadfast.bind('attempt', 'call-1')
  await steadfast.advance('attempt', '', 'code:1')
  await steadfast.endIn('attempt', 1)
  await steadfast.end('attempt')
  await steadfast.over('attempt')
  for (const event of events) t.match(event, { type: 'work.failed', error: StoreUnavailable })
  t.same([...new Set(events.map((event) => event.type === 'work.failed' && event.what))], [
    'keeping the state of a call', 'binding a call', 'moving a call', 'timing a call', 'ending a call'
  ])
})

t.test('memory is bounded: the call that was quiet for longest is forgotten first', async (t) => {
  const { steadfast, store } = await openCalls(t)
  store('down')
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
