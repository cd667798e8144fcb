import t from 'tap'
import { LEASE } from '../../src/publishing/hold.ts'
import type { GatewayEvent } from '../../src/domain/gateway-event.ts'
import type { LifecycleEvent, Receiver } from '../../src/domain/receiver.ts'
import { tablesOf } from '../../src/store/tables.ts'
import { createGate } from '../support/gate.ts'
import { openPostgresStore, startPostgres } from '../support/postgres.ts'
import { openSqliteStore, type OpenStore } from '../support/store.ts'
import { IDLE, openOutbox, told, type Process } from './outbox-stand.ts'
import { deliveriesOf, status, tailOf, used } from './stand.ts'

/* Several processes on one store. */

const suite = (name: string, open: OpenStore): void => {
  t.test(`${name}: one of several processes publishes, and nothing is told twice`, async (t) => {
    const world = await openOutbox(t, undefined, open)
    const { startIdle, start, server, beside } = world
    const others = [await beside(), await beside()]
    const first = await startIdle()
    const more = others.map((sql) => start({ readers: tablesOf(sql).feedReaders, tail: tailOf(sql) }))
    for (const { sleeps } of more) await sleeps(IDLE)
    const writers = [world, ...others.map(tablesOf)]
    const ids = Array.from({ length: 60 }, (_, index) => `d${index}`)
    await Promise.all(writers.map(async ({ feed }, writer) => {
      for (const id of ids.filter((_, index) => index % writers.length === writer)) await feed.append([used(id), used(`${id} again`)])
    }))
    await server.heard(120)
    for (const process of more) process.fire()
    for (const { sleeps } of more) await sleeps(IDLE)
    await first.publishing.stop()
    t.same(deliveriesOf(server.told).toSorted(), ids.flatMap((id) => [id, `${id} again`]).toSorted())
    const feed = await tailOf(world.sql).read(0)
    const inOrder = feed.flatMap(({ entries }) => entries.map(({ delivery }) => delivery))
    t.same(deliveriesOf(server.told).slice(0, inOrder.length), inOrder, 'in the order of the feed')
    t.same([first, ...more].flatMap((process): GatewayEvent[] => told(process)), [])
  })

  t.test(`${name}: another process goes on where one dies that has the reader`, async (t) => {
    const world = await openOutbox(t, undefined, open)
    const { startIdle, start, write, server, clock, beside, feedReaders } = world
    const [hangs, over] = [createGate(), createGate()]
    // What it asks of the store from then on does not happen.
    const advance = async (): Promise<boolean> => {
      hangs.open()
      await over.opened
      return false
    }
    const dying = await startIdle({ readers: { ...feedReaders, advance, release: () => over.opened } })
    await write([used('d0')], [used('d1')])
    await server.heard(2)
    await dying.sleeps(1000)
    clock.advance(1000)
    dying.fire()
    await hangs.opened
    const sql = await beside()
    const other = start({ readers: tablesOf(sql).feedReaders, tail: tailOf(sql) })
    await write([used('d2')])
    for (let waited = 1000; waited < LEASE; waited += IDLE) {
      await other.sleeps(IDLE)
      t.equal(server.told.length, 2, 'not while it may be alive')
      clock.advance(IDLE)
      other.fire()
    }
    await server.heard(5)
    await other.publishing.stop()
    t.same(deliveriesOf(server.told), ['d0', 'd1', 'd0', 'd1', 'd2'], 'from the last page that was written down')
    t.equal(other.written.at(-1), 3)
    over.open()
  })
}

const server = await startPostgres(t)
suite('SQLite', openSqliteStore)
if ('absent' in server) t.test('PostgreSQL', { skip: server.absent }, async () => {})
else suite('PostgreSQL', openPostgresStore(server))

t.test('a process that was asleep for long leaves the reader to whoever has it now', async (t) => {
  const gate = createGate()
  const { startIdle, start, write, server, clock, feedReaders } = await openOutbox(t, (reply) => { gate.opened.then(() => reply.writeHead(204).end(), t.fail) })
  const asleep = await startIdle()
  await write([used('d0'), used('d1')])
  await server.heard(1)
  clock.advance(LEASE)
  const other = start()
  await server.heard(2)
  gate.open()
  await server.heard(3)
  await asleep.sleeps(IDLE)
  await other.sleeps(1000)
  t.same(asleep.written, [], 'it writes nothing down')
  t.same(deliveriesOf(server.told), ['d0', 'd0', 'd1'])
  await asleep.publishing.stop()
  t.equal(await feedReaders.take('webhook', 1), undefined, 'and takes it from nobody')
  await other.publishing.stop()
  t.ok(await feedReaders.take('webhook', 1))
})

t.test('a failure that comes too late does not take the reader from whoever has it now', async (t) => {
  const gate = createGate()
  const { startIdle, start, write, server, clock, feedReaders } = await openOutbox(t, (reply) => { gate.opened.then(() => reply.writeHead(500).end(), t.fail) })
  const asleep = await startIdle()
  await write([used('d0')])
  await server.heard(1)
  clock.advance(LEASE)
  server.answer = status(204)
  const other = start()
  await server.heard(2)
  await other.sleeps(1000)
  gate.open()
  await asleep.sleeps(1000)
  t.equal(await feedReaders.take('webhook', 1), undefined)
  await other.publishing.stop()
  t.match(await feedReaders.take('webhook', 1), { position: 1, tries: 0 })
})

t.test('the lease goes on while a page is told that takes long', async (t) => {
  const { begin, start, write, server, clock } = await openOutbox(t, (reply) => {
    clock.advance(15_000)
    reply.writeHead(204).end()
  })
  await begin('webhook')
  await write(['d0', 'd1', 'd2', 'd3', 'd4', 'd5'].map((id) => used(id)))
  const process = start()
  await server.heard(6)
  await process.publishing.stop()
  t.same(deliveriesOf(server.told), ['d0', 'd1', 'd2', 'd3', 'd4', 'd5'])
  t.same(process.written, [0, 0, 1])
})

t.test('a receiver that fails does not hold another back', async (t) => {
  const world = await openOutbox(t, status(500))
  const taken: string[] = []
  const second: Receiver = {
    name: 'second',
    mostAtOnce: 2,
    async publish (events: readonly LifecycleEvent[]) {
      taken.push(...events.map(({ subject }) => subject))
      return { kind: 'taken' }
    }
  }
  const process: Process = await world.startIdle({ receivers: [world.receiver, second] })
  await world.write([used('d0'), used('d1'), used('d2')])
  await process.sleeps(1000)
  await process.publishing.stop()
  t.same(taken, ['deliveries/d0', 'deliveries/d1', 'deliveries/d2'])
  t.same(told(process).map((event) => 'receiver' in event && event.receiver), ['webhook'])
})

t.test('what a receiver refuses among many is found, and no other is left out', async (t) => {
  const batches: string[][] = []
  const picky: Receiver = {
    name: 'picky',
    mostAtOnce: 8,
    async publish (events) {
      batches.push(events.map(({ subject }) => subject.replace('deliveries/', '')))
      return events.some(({ subject }) => /d5$/.test(subject)) ? { kind: 'refused', status: 400 } : { kind: 'taken' }
    }
  }
  const { begin, start, write, clock } = await openOutbox(t)
  await begin('picky')
  await write(Array.from({ length: 10 }, (_, index) => used(`d${index}`)), Array.from({ length: 10 }, (_, index) => used(`e${index}`)))
  const process = start({ receivers: [picky] })
  for (const pause of [1000, 5000, 30_000, 120_000]) {
    await process.sleeps(pause)
    clock.advance(pause)
    process.fire()
  }
  await process.sleeps(1000)
  await process.publishing.stop()
  const taken = batches.filter((batch) => !batch.includes('d5')).flat()
  t.same(taken, ['d0', 'd1', 'd2', 'd3', 'd4', 'd6', 'd7', 'd8', 'd9', ...Array.from({ length: 10 }, (_, index) => `e${index}`)])
  t.same(batches.slice(0, 8).map(({ length }) => length), [8, 4, 8, 4, 2, 1, 2, 1])
  t.same(batches.slice(-4).map(({ length }) => length), [1, 2, 4, 7], 'then it is told of more at once again, and of many')
  t.match(told(process).at(-1), { type: 'publishing.missed', pages: 1 })
})
