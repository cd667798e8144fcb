import { EventEmitter } from 'node:events'
import t from 'tap'
import { createViewers } from '../../src/inspector/viewers.ts'
import { createClock } from '../support/gateway.ts'
import { createArrayTail } from './array-tail.ts'

/** What a viewer was told, in order. Its peer reads, and answers pings, unless the test says otherwise. */
class Socket extends EventEmitter {
  bufferedAmount = 0
  readonly told: any[] = []
  ended: string | number | undefined
  pings = 0
  readonly pongs: string[] = []
  /** Whether it answers. */
  isThere = true
  /** Bytes that stay unsent with each message. */
  holds = 0

  send (data: string | Buffer): void {
    this.told.push(JSON.parse(data.toString()))
    this.bufferedAmount += this.holds
  }

  ping (): void {
    this.pings++
    if (this.isThere) this.emit('pong')
  }

  pong (data: Buffer): void { this.pongs.push(data.toString()) }

  close (code: number): void {
    this.ended = code
    if (this.isThere) this.emit('close')
  }

  terminate (): void {
    this.ended = 'cut'
    this.emit('close')
  }

  get ids (): number[] { return this.told.filter(({ kind }) => kind === 'page').map(({ id }) => id) }
  get kinds (): string[] { return this.told.map(({ kind }) => kind) }
}

/** What is asked of the tail has been answered by then. */
const settled = async (): Promise<void> => { for (let turns = 0; turns < 30; turns++) await new Promise(setImmediate) }

const open = () => {
  const tail = createArrayTail()
  const clock = createClock()
  const timers = new Set<() => void>()
  const viewers = createViewers({
    tail,
    now: clock,
    every (milliseconds, work) {
      t.equal(milliseconds, 250)
      timers.add(work)
      return () => { timers.delete(work) }
    }
  })
  return {
    tail,
    clock,
    timers,
    viewers,
    async add (after?: number, options: { expires?: number, socket?: Socket } = {}) {
      const socket = options.socket ?? new Socket()
      viewers.add(socket, { after, expires: options.expires })
      await settled()
      return socket
    },
    async pass (milliseconds: number) {
      for (let passed = 0; passed < milliseconds; passed += 250) {
        for (const work of timers) work()
        await settled()
      }
    },
    async write (...options: Parameters<typeof tail.write>) {
      tail.write(...options)
      await settled()
    }
  }
}

t.test('who comes is greeted, and told what is new, page by page', async (t) => {
  const { add, write, viewers, clock } = open()
  await write(3)
  const socket = await add()
  t.match(socket.told, [{ kind: 'hello', instance: /^[0-9a-f-]{36}$/, now: clock(), oldest: 1, newest: 3, after: 3 }])
  t.equal(socket.told.length, 1)
  await write(2, 2)
  t.same(socket.told.slice(1), [4, 5].map((id) => ({ kind: 'page', id, entries: [{ at: 1, type: 'test' }, { at: 1, type: 'test' }] })))
  t.equal(viewers.count(), 1)
})

t.test('who comes back is told all that was missed, in order and once', async (t) => {
  const { add, write } = open()
  await write(130)
  const socket = await add(4)
  t.match(socket.told[0], { kind: 'hello', oldest: 1, newest: 130, after: 4 })
  t.same(socket.ids, Array.from({ length: 126 }, (_, index) => index + 5))
  t.same(socket.kinds.filter((kind) => kind === 'missed'), [])
  t.same((await add(130)).ids, [])
  t.same((await add(0)).ids.length, 130)
})

t.test('where the store knows less than the viewer, it begins with what is new', async (t) => {
  const { add, write } = open()
  await write(3)
  const socket = await add(70)
  t.match(socket.told[0], { kind: 'hello', newest: 3, after: 3 })
  await write()
  t.same(socket.ids, [4])
})

t.test('what is gone is told as missed', async (t) => {
  const { add, write, tail } = open()
  await write(10)
  tail.purge(6)
  const socket = await add(2)
  t.match(socket.told.slice(0, 2), [{ kind: 'hello', oldest: 7, after: 2 }, { kind: 'missed', from: 3, to: 6 }])
  t.same(socket.ids, [7, 8, 9, 10])
  t.same((await add(6)).kinds, ['hello', 'page', 'page', 'page', 'page'])
  tail.purge(10)
  t.match((await add(2)).told, [{ kind: 'hello', oldest: 11, newest: 10 }, { kind: 'missed', from: 3, to: 10 }])
})

t.test('what goes while it is read is told as missed as well', async (t) => {
  const { add, write, tail, pass } = open()
  const socket = await add()
  await write(1)
  socket.bufferedAmount = 300_000
  await write(8)
  tail.purge(5)
  socket.bufferedAmount = 0
  await pass(250)
  t.match(socket.told.slice(1), [{ id: 1 }, { kind: 'missed', from: 2, to: 5 }, { id: 6 }, { id: 7 }, { id: 8 }, { id: 9 }])
})

t.test('who is more than 500 pages behind is given the newest 500', async (t) => {
  const { add, write } = open()
  await write(620)
  const socket = await add(20)
  t.same(socket.told[1], { kind: 'missed', from: 21, to: 120 })
  t.same([socket.ids.length, socket.ids[0], socket.ids.at(-1)], [500, 121, 620])
  t.same((await add(120)).ids.length, 500)
})

t.test('who is more than 5,000 entries behind is given the newest, in whole pages', async (t) => {
  const { add, write } = open()
  await write(60, 100)
  const socket = await add(0)
  t.same(socket.told[1], { kind: 'missed', from: 1, to: 10 })
  t.same([socket.ids.length, socket.ids[0]], [50, 11])
  t.same((await add(10)).told[1].kind, 'page', 'as many as may')
  t.same((await add(9)).told[1], { kind: 'missed', from: 10, to: 10 })
})

t.test('who asks for the newest pages is given them, as many as there may be, and nothing is missed', async (t) => {
  const { add, write, tail } = open()
  t.match((await add(-300)).told, [{ kind: 'hello', newest: 0, after: 0 }], 'there is none')
  await write(620)
  const first = (ids: readonly number[]) => [ids.length, ids[0], ids.at(-1)]
  for (const [after, pages] of [[-1, 1], [-300, 300], [-500, 500], [-501, 500], [-999_999, 500]] as const) {
    const { told, ids, kinds } = await add(after)
    t.match(told[0], { kind: 'hello', newest: 620, after: 620 - pages })
    t.same([first(ids), kinds.filter((kind) => kind !== 'page')], [[pages, 621 - pages, 620], ['hello']], String(after))
  }
  tail.purge(600)
  t.match((await add(-300)).told.slice(0, 2), [{ kind: 'hello', oldest: 601, after: 600 }, { kind: 'page', id: 601 }])
  await write(60, 100)
  const many = await add(-500)
  t.same([many.told[0].after, first(many.ids), many.kinds.includes('missed')], [630, [50, 631, 680], false], 'no more entries than are read')
  await write()
  t.equal(many.ids.at(-1), 681)
})

t.test('where the store goes away while a viewer is greeted, it is greeted when the store is back, with no more than it may have', async (t) => {
  const { add, write, pass, tail } = open()
  await write(60, 100)
  const { read } = tail
  tail.read = async () => { throw new Error('away') }
  const socket = await add(-500)
  t.same(socket.kinds, ['away'])
  tail.read = read
  await pass(1000)
  t.match(socket.told.slice(1, 4), [{ kind: 'back' }, { kind: 'hello', after: 10 }, { kind: 'page', id: 11 }])
  t.equal(socket.ids.at(-1), 60)
})

t.test('while it is read new pages come: none is lost, and none told twice', async (t) => {
  const { add, tail } = open()
  tail.write(5)
  const adding = add(0)
  for (let turns = 0; turns < 40; turns++) {
    tail.write()
    await Promise.resolve()
  }
  const socket = await adding
  await settled()
  t.same(socket.ids, Array.from({ length: 45 }, (_, index) => index + 1))
})

t.test('who does not read gets no more than there is room for, and the rest when there is room again', async (t) => {
  const { add, write, pass, tail } = open()
  const slow = new Socket()
  slow.holds = 100_000
  await add(undefined, { socket: slow })
  const quick = await add()
  for (let pages = 0; pages < 60; pages++) await write()
  t.equal(quick.ids.length, 60)
  t.same(slow.ids, [1, 2], 'the greeting and two pages are more than 256 KB')
  const reads = tail.reads.length
  await pass(5000)
  t.equal(tail.reads.length, reads, 'nothing is read for who has no room')
  slow.bufferedAmount = slow.holds = 0
  await pass(250)
  t.same(slow.ids, Array.from({ length: 60 }, (_, index) => index + 1))
})

t.test('who has room now and then is not cut, and is told what was too much', async (t) => {
  const { add, write, pass } = open()
  const slow = new Socket()
  slow.holds = 300_000
  await add(undefined, { socket: slow })
  await write(700)
  for (let rounds = 0; rounds < 3; rounds++) {
    await pass(29_000)
    slow.bufferedAmount = 0
    await pass(250)
  }
  t.equal(slow.ended, undefined)
  t.same(slow.told.slice(1).map(({ kind, id, from, to }) => [kind, id, from, to]), [
    ['missed', undefined, 1, 200], ['page', 201, undefined, undefined], ['page', 202, undefined, undefined]
  ])
})

t.test('who makes no room for 30 seconds is cut', async (t) => {
  const { add, pass, viewers, timers, tail } = open()
  const socket = await add()
  socket.bufferedAmount = 256 * 1024 + 1
  await pass(29_750)
  t.equal(socket.ended, undefined)
  await pass(250)
  t.equal(socket.ended, 'cut')
  t.equal(viewers.count(), 0)
  t.same([timers.size, tail.followers.size], [0, 0], 'nothing is left')
})

t.test('who is as full as may be is told on', async (t) => {
  const { add, write } = open()
  const socket = await add()
  socket.bufferedAmount = 256 * 1024
  await write()
  t.same(socket.ids, [1])
})

t.test('who does not answer two pings is cut at the third', async (t) => {
  const { add, pass, viewers } = open()
  const [there, gone] = [await add(), await add()]
  gone.isThere = false
  await pass(59_750)
  t.same([there.pings, gone.pings, gone.ended], [2, 2, undefined])
  await pass(250)
  t.same([there.pings, gone.pings, gone.ended], [3, 2, 'cut'])
  t.equal(viewers.count(), 1)
})

t.test('one answer makes good for the pings before it', async (t) => {
  const { add, pass } = open()
  const socket = await add()
  socket.isThere = false
  await pass(40_000)
  socket.emit('pong')
  await pass(40_000)
  t.equal(socket.ended, undefined)
  await pass(20_000)
  t.equal(socket.ended, 'cut')
})

t.test('a ping is answered, but not to who does not read the answers', async (t) => {
  const { add } = open()
  const socket = await add()
  socket.emit('ping', Buffer.from('one'))
  socket.bufferedAmount = 300_000
  socket.emit('ping', Buffer.from('two'))
  t.same(socket.pongs, ['one'])
})

t.test('a page that nobody was woken for is found with the next ping', async (t) => {
  const { add, pass, tail } = open()
  const socket = await add()
  tail.deaf = true
  tail.write()
  await pass(19_750)
  t.same(socket.ids, [])
  await pass(250)
  t.same(socket.ids, [1])
})

t.test('while the store is away viewers are told so once, and what they missed when it is back', async (t) => {
  const { add, write, pass, tail } = open()
  const socket = await add()
  await write()
  tail.away = true
  await write(2)
  await write(1)
  await pass(5000)
  t.same(socket.kinds, ['hello', 'page', 'away'])
  tail.away = false
  await pass(1000)
  t.same(socket.kinds, ['hello', 'page', 'away', 'back', 'page', 'page', 'page'])
  t.same(socket.ids, [1, 2, 3, 4])
  tail.away = true
  await write()
  tail.away = false
  await write()
  t.same(socket.kinds.slice(7), ['away', 'back', 'page', 'page'])
})

t.test('who comes while the store is away is greeted when it is back', async (t) => {
  const { add, pass, tail, write } = open()
  await write(3)
  tail.away = true
  const [old, fresh] = [await add(1), await add()]
  await pass(2000)
  t.same([old.kinds, fresh.kinds], [['away'], ['away']])
  tail.away = false
  await pass(1000)
  t.same(old.kinds, ['away', 'back', 'hello', 'page', 'page'])
  t.same(fresh.kinds, ['away', 'back', 'hello'])
})

t.test('a session that is over ends the view', async (t) => {
  const { add, clock, pass, write, viewers } = open()
  const [short, long, forever] = [await add(0, { expires: clock() + 1000 }), await add(0, { expires: clock() + 1001 }), await add(0)]
  clock.advance(999)
  await pass(250)
  t.equal(short.ended, undefined)
  clock.advance(1)
  await pass(250)
  t.same([short.ended, long.ended, forever.ended], [4401, undefined, undefined])
  await write()
  t.same([short.ids, long.ids, viewers.count()], [[], [1], 2])
})

t.test('fifty may look on; the next ones are turned away, and a crowd of those is not even greeted', async (t) => {
  const { add, viewers, pass } = open()
  const sockets = []
  for (let number = 0; number < 50; number++) sockets.push(await add())
  const late = await add()
  t.same([late.ended, late.told, viewers.count()], [1013, [], 50])
  t.notOk(viewers.isCrowded())
  for (let number = 0; number < 50; number++) await add(undefined, { socket: Object.assign(new Socket(), { isThere: false }) })
  t.ok(viewers.isCrowded())
  t.equal(viewers.count(), 50)
  await pass(1000)
  t.notOk(viewers.isCrowded(), 'who does not go is cut')
  sockets[7]?.emit('close')
  t.equal(viewers.count(), 49)
  t.match(await add(), { ended: undefined, told: [{ kind: 'hello' }] })
})

t.test('at the end all are sent away, and who does not go is cut within a second', async (t) => {
  const { add, pass, viewers, write, timers, tail } = open()
  const [there, silent] = [await add(), await add()]
  silent.isThere = false
  const stopped: string[] = []
  const stops = [1, 2].map(async () => { await viewers.stop(); stopped.push('stopped') })
  t.same([there.ended, silent.ended, viewers.count()], [1012, 1012, 0])
  await write()
  t.same([there.ids, silent.ids], [[], []], 'nothing is told any more')
  await pass(750)
  t.same([silent.ended, stopped], [1012, []])
  await pass(250)
  await Promise.all(stops)
  t.same([silent.ended, timers.size, tail.followers.size], ['cut', 0, 0])
  t.match(await add(), { ended: 1012, told: [] }, 'who comes later is sent away')
  await viewers.stop()
})

t.test('who goes while something is read is told nothing', async (t) => {
  const { add, tail, viewers } = open()
  tail.write(2)
  const socket = new Socket()
  const adding = add(0, { socket })
  socket.emit('close')
  await adding
  t.same([socket.told, viewers.count()], [[], 0])
})
