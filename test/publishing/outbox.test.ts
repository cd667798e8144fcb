import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import type { Tail } from '../../src/feed/tail.ts'
import { MOST_REFUSALS, PUBLISHING_PAUSES } from '../../src/publishing/outbox.ts'
import type { FeedReaders } from '../../src/store/feed-readers.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { IDLE, openOutbox, told } from './outbox-stand.ts'
import { deliveriesOf, silent, status, tailOf, used } from './stand.ts'

const idsOf = (count: number, from = 0): string[] => Array.from({ length: count }, (_, index) => `d${from + index}`)

t.test('what happens is told in its order, from the first start on', async (t) => {
  const { startIdle, write, server } = await openOutbox(t)
  await write([used('before')])
  const { events } = await startIdle()
  await write([used('d0'), silent(), used('d1')], [silent()], [used('d2')])
  await server.heard(3)
  t.same(deliveriesOf(server.told), ['d0', 'd1', 'd2'])
  t.same(server.told.map(({ headers }) => headers['webhook-id']), ['2-0', '2-2', '4-0'].map((id) => `${id}-${(1_795_000_000_000).toString(36)}`))
  t.same(events, [])
})

t.test('what happened while nobody was there is told by the next process, and nothing twice', async (t) => {
  const { startIdle, start, write, server } = await openOutbox(t)
  const first = await startIdle()
  await write([used('d0')])
  await server.heard(1)
  await first.publishing.stop()
  t.same(first.written, [1], 'what was told is written down')
  const pages = idsOf(120, 1).map((id) => [used(id)])
  await write(...pages)
  const second = start()
  await server.heard(121)
  await second.publishing.stop()
  t.same(deliveriesOf(server.told), idsOf(121))
  t.same(second.written.at(-1), 121)
})

t.test('how far it is is written down once a second, however much happens', async (t) => {
  const { startIdle, write, server, clock } = await openOutbox(t)
  const process = await startIdle()
  for (let page = 1; page <= 5; page++) {
    await write([used(`d${page}`)], [silent()])
    await server.heard(page)
  }
  t.same(process.written, [])
  await process.sleeps(1000)
  clock.advance(1000)
  process.fire()
  await process.wrote(10)
  t.same(process.written, [10])
})

t.test('where nothing happens it keeps the reader for itself', async (t) => {
  const { startIdle, write, server, clock, feedReaders } = await openOutbox(t)
  const process = await startIdle()
  for (let minute = 0; minute < 6; minute++) {
    await process.sleeps(IDLE)
    clock.advance(IDLE)
    process.fire()
    t.equal(await feedReaders.take('webhook', 1), undefined)
  }
  await write([used('d0')])
  await server.heard(1)
  t.same(told(process), [])
})

t.test('a receiver that fails is told again, later each time, and of nothing else before', async (t) => {
  const { startIdle, write, server, clock } = await openOutbox(t, status(503))
  const process = await startIdle()
  await write([used('d0')], [used('d1')])
  let heard = 1
  for (const [index, pause] of [...PUBLISHING_PAUSES, PUBLISHING_PAUSES.at(-1) as number].entries()) {
    await process.sleeps(pause)
    t.match(told(process).at(-1), { type: 'publishing.failed', receiver: 'webhook', tries: index + 1, status: 503 })
    await server.heard(heard++)
    clock.advance(pause - 1)
    process.fire()
    await process.sleeps(IDLE)
    t.equal(server.told.length, heard - 1, 'not before its time')
    clock.advance(1)
    if (index === PUBLISHING_PAUSES.length) server.answer = status(204)
    process.fire()
  }
  await server.heard(heard + 1)
  t.same([...new Set(deliveriesOf(server.told))], ['d0', 'd1'])
  t.same(deliveriesOf(server.told).slice(-2), ['d0', 'd1'])
  t.equal(new Set(server.told.slice(0, -1).map(({ headers }) => headers['webhook-id'])).size, 1, 'the same event bears the same id')
  server.answer = status(500)
  await write([used('d2')])
  await process.sleeps(1000)
  t.match(told(process).at(-1), { tries: 1, status: 500 }, 'what is taken ends the failures')
})

t.test('it is told how far behind a receiver is', async (t) => {
  const { begin, start, write, server } = await openOutbox(t, (reply) => { reply.destroy() })
  await begin('webhook')
  await write([used('d0')], [used('d1')], [silent()])
  const process = start()
  await process.sleeps(1000)
  t.same(told(process), [{ type: 'publishing.failed', receiver: 'webhook', tries: 1, status: undefined, pages: 3 }])
  t.same(deliveriesOf(server.told), ['d0'])
})

t.test('what was taken of a page that failed is not told again by the same process', async (t) => {
  const { startIdle, write, server, clock } = await openOutbox(t, (reply, { body }) => { reply.writeHead(body.includes('d1') ? 500 : 204).end() })
  const process = await startIdle()
  await write([used('d0'), used('d1'), used('d2')], [used('d3')])
  await process.sleeps(1000)
  server.answer = status(204)
  clock.advance(1000)
  process.fire()
  await server.heard(5)
  t.same(deliveriesOf(server.told), ['d0', 'd1', 'd1', 'd2', 'd3'])
})

t.test('an event that the receiver refuses is left out in the end, and no other', async (t) => {
  const { startIdle, write, server, clock } = await openOutbox(t, (reply, { body }) => { reply.writeHead(/d1|d3/.test(body) ? 422 : 204).end() })
  const process = await startIdle()
  await write([used('d0'), used('d1'), used('d2')], [used('d3')], [used('d4')])
  for (const pause of [...PUBLISHING_PAUSES.slice(0, 4), ...PUBLISHING_PAUSES.slice(0, 4)]) {
    await process.sleeps(pause)
    clock.advance(pause)
    process.fire()
  }
  await server.heard(3 + 2 * MOST_REFUSALS)
  await process.publishing.stop()
  t.same(deliveriesOf(server.told), ['d0', ...Array(5).fill('d1'), 'd2', ...Array(5).fill('d3'), 'd4'])
  t.same(told(process).map(({ type }) => type), [0, 1].flatMap(() => [...Array(4).fill('publishing.failed'), 'publishing.missed']))
  t.match(told(process).at(-1), { receiver: 'webhook', pages: 1 })
  t.equal(process.written.at(-1), 3)
})

t.test('refusals count for one event, and only in a row', async (t) => {
  let times = 0
  const { startIdle, write, server, clock } = await openOutbox(t, (reply) => { reply.writeHead([400, 400, 503, 400, 400, 400][times++] ?? 204).end() })
  const process = await startIdle()
  await write([used('d0')])
  for (const pause of [...PUBLISHING_PAUSES.slice(0, 5)]) {
    await process.sleeps(pause)
    clock.advance(pause)
    process.fire()
  }
  await server.heard(6)
  await process.publishing.stop()
  t.equal(told(process).at(-1)?.type, 'publishing.missed')
  t.equal(times, 6, 'a failure between them is none')
})

for (const code of [401, 403, 404, 410]) {
  t.test(`${code} is a setting that is wrong: nothing is left out`, async (t) => {
    const { startIdle, write, server, clock } = await openOutbox(t, status(code))
    const process = await startIdle()
    await write([used('d0')])
    for (let times = 0; times < MOST_REFUSALS + 2; times++) {
      const pause = PUBLISHING_PAUSES[Math.min(times, 4)] as number
      await process.sleeps(pause)
      clock.advance(pause)
      if (times === MOST_REFUSALS + 1) server.answer = status(200)
      process.fire()
    }
    await server.heard(MOST_REFUSALS + 3)
    await process.publishing.stop()
    t.same(process.written.at(-1), 1)
    t.notOk(told(process).some(({ type }) => type === 'publishing.missed'))
  })
}

t.test('pages that are not kept any more are passed over, and that is told', async (t) => {
  const { startIdle, write, server, clock, feed } = await openOutbox(t)
  const first = await startIdle()
  await first.publishing.stop()
  await write([used('d0')], [used('d1')], [used('d2')])
  clock.advance(1)
  await feed.purge(clock(), 50)
  const second = await startIdle()
  t.same(told(second), [])
  await write([used('d3')])
  await server.heard(1)
  t.same(told(second), [{ type: 'publishing.missed', receiver: 'webhook', pages: 3 }])
  t.same(deliveriesOf(server.told), ['d3'])
})

t.test('a process that ends waits for what is under way, and tells nothing more', async (t) => {
  const gate = createGate()
  const { startIdle, start, write, server } = await openOutbox(t, (reply) => { gate.opened.then(() => reply.writeHead(204).end(), t.fail) })
  const process = await startIdle()
  await write([used('d0')], [used('d1')])
  await server.heard(1)
  const stopped = process.publishing.stop()
  gate.open()
  await stopped
  t.same(process.written, [1])
  t.equal(server.told.length, 1)
  const next = start()
  await server.heard(2)
  t.same(deliveriesOf(server.told), ['d0', 'd1'], 'the next one takes the reader at once')
  t.same([...told(process), ...told(next)], [])
})

t.test('a process that ends does not wait for a receiver that is silent: another tells it again', async (t) => {
  const { startIdle, start, write, server } = await openOutbox(t, () => {})
  const process = await startIdle({ grace: 1 })
  await write([used('d0')])
  await server.heard(1)
  await process.publishing.stop()
  t.same(told(process), [], 'it has not failed')
  server.answer = status(204)
  start()
  await server.heard(2)
  t.same(deliveriesOf(server.told), ['d0', 'd0'])
})

t.test('a process that has nothing to tell ends at once, and so does one that never began', async (t) => {
  const { startIdle, start, feedReaders } = await openOutbox(t)
  const first = await startIdle()
  await first.publishing.stop()
  t.ok(await feedReaders.take('webhook', 1000))
  const second = start()
  await second.sleeps(IDLE)
  await second.publishing.stop()
  t.equal(await feedReaders.take('webhook', 1), undefined, 'what is another\'s is left to it')
})

t.test('a process is stopped once, however often it is told so, and not begun after that', async (t) => {
  const gate = createGate()
  let releases = 0
  const { startIdle, write, server, feedReaders } = await openOutbox(t, (reply) => { gate.opened.then(() => reply.writeHead(204).end(), t.fail) })
  const release: FeedReaders['release'] = async (...of) => {
    releases += 1
    await feedReaders.release(...of)
  }
  const { publishing, written } = await startIdle({ readers: { ...feedReaders, release } })
  await write([used('d0')], [used('d1')])
  await server.heard(1)
  const stopped = [publishing.stop(), publishing.stop()]
  gate.open()
  await Promise.all(stopped)
  await publishing.stop()
  publishing.start()
  await publishing.stop()
  t.same([releases, written, server.told.length], [1, [1], 1])
})

t.test('pages of which nothing is told keep the process from nothing else', async (t) => {
  const { startIdle, sql } = await openOutbox(t)
  const tail = tailOf(sql)
  let [last, reads] = [0, 0]
  const read: Tail['read'] = async (after) => {
    reads += 1
    return after < last ? [{ id: after + 1, entries: [silent()] }] : []
  }
  const process = await startIdle({ tail: { ...tail, read } })
  last = 1000
  reads = 0
  process.fire()
  for (let turns = 0; turns < 10; turns++) await nextTurn()
  t.ok(reads > 0)
  t.ok(reads <= 11, `${reads} in 10 turns of the loop`)
})

t.test('where the clock was set back, how far it is is written down at once, and no later for it', async (t) => {
  const { startIdle, write, server, clock } = await openOutbox(t)
  const process = await startIdle()
  clock.advance(-3_600_000)
  process.fire()
  await process.sleeps(IDLE)
  t.same(process.written, [0])
  await write([used('d0')])
  await server.heard(1)
  await process.sleeps(1000)
  clock.advance(-3_600_000)
  process.fire()
  await process.wrote(1)
  await process.sleeps(IDLE)
})

t.test('a process that has lost the reader notices it, and leaves it to whoever has it', async (t) => {
  const { startIdle, write, server, clock, feedReaders } = await openOutbox(t)
  let isAnothers = false
  const process = await startIdle({ readers: { ...feedReaders, advance: async (reader, holder, ...rest) => await feedReaders.advance(reader, isAnothers ? 'another' : holder, ...rest) } })
  await write([used('d0')])
  await server.heard(1)
  await process.sleeps(1000)
  isAnothers = true
  clock.advance(1000)
  process.fire()
  await process.wrote(1)
  // Its own lease is what it waits for now.
  await write([used('d1')])
  process.fire()
  await process.sleeps(IDLE)
  t.equal(server.told.length, 1)
  t.same(told(process), [])
})

t.test('where the store is away that is told once, and all is told when it is back', async (t) => {
  const { startIdle, write, server, sql, clock } = await openOutbox(t)
  let isAway = false
  const tail = tailOf(sql)
  const process = await startIdle({ tail: { ...tail, read: (after) => isAway ? Promise.reject(new StoreUnavailable()) : tail.read(after) } })
  isAway = true
  await write([used('d0')])
  for (let times = 0; times < 3; times++) {
    await process.sleeps(5000)
    clock.advance(5000)
    if (times === 2) isAway = false
    process.fire()
  }
  await server.heard(1)
  await process.sleeps(IDLE)
  t.match(told(process), [{ type: 'work.failed', what: 'publishing to webhook', error: StoreUnavailable }])
  isAway = true
  await write([used('d1')])
  await process.sleeps(5000)
  t.equal(told(process).length, 2, 'and again, where it is away again')
})

t.test('where the store is away when a process ends, it ends', async (t) => {
  const { startIdle, write, server, feedReaders } = await openOutbox(t)
  const process = await startIdle({ readers: { ...feedReaders, release: () => Promise.reject(new StoreUnavailable()) } })
  await write([used('d0')])
  await server.heard(1)
  await process.publishing.stop()
  t.match(told(process), [{ type: 'work.failed' }])
})
