import t, { type Test } from 'tap'
import type { FeedEntry } from '../../src/domain/feed-entry.ts'
import { createJournal, type JournalPauses, type RunningJournal } from '../../src/feed/journal.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createClock, type Clock } from '../support/gateway.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

const QUICK: JournalPauses = { collect: 5, again: 5, tell: 60_000, end: 3000 }

interface Stand extends RecordedBus {
  readonly journal: RunningJournal
  readonly pages: FeedEntry[][]
  readonly clock: Clock
  /** What writing does from now on, before the page is there. */
  answer: (page: readonly FeedEntry[]) => Promise<void>
  /** Settles once that many pages are written. */
  written (count: number): Promise<void>
  note (count: number, more?: Record<string, unknown>): void
}

const stand = (t: Test, pauses: Partial<JournalPauses> = {}): Stand => {
  const clock = createClock()
  const bus = recordBus()
  const pages: FeedEntry[][] = []
  let changed = (): void => {}
  const append = async (entries: readonly FeedEntry[]): Promise<number> => {
    await stand.answer(entries)
    pages.push([...entries])
    changed()
    return pages.length
  }
  const journal = createJournal({ feed: { append }, bus: bus.bus, now: clock, pauses: { ...QUICK, ...pauses } })
  // Nothing that the journal waits for keeps a process.
  const awake = setInterval(() => {}, 60_000)
  t.teardown(async () => {
    clearInterval(awake)
    await journal.stop()
  })
  const stand: Stand = {
    ...bus,
    journal,
    pages,
    clock,
    answer: async () => {},
    async written (count) {
      while (pages.length < count) await new Promise<void>((resolve) => { changed = resolve })
    },
    note (count, more = {}) {
      for (let index = 0; index < count; index++) journal.note({ at: 1, type: 'capture', index, ...more })
    }
  }
  return stand
}

const lost = ({ events }: Stand): number[] => events.flatMap((event) => event.type === 'feed.lost' ? [event.facts] : [])
const failures = ({ events }: Stand): unknown[] => events.filter(({ type }) => type === 'work.failed')

t.test('what happens within a moment stands on one page, in order', async (t) => {
  const all = stand(t)
  all.bus.emit({ type: 'delivery.used', delivery: 'a' })
  all.note(1)
  all.bus.emit({ type: 'rows.purged', deliveries: 1 })
  all.bus.emit({ type: 'delivery.used', delivery: 'b' })
  await all.written(1)
  t.same(all.pages, [[{ at: all.clock(), type: 'delivery.used', delivery: 'a' }, { at: 1, type: 'capture', index: 0 }, { at: all.clock(), type: 'delivery.used', delivery: 'b' }]])
  all.note(1)
  await all.written(2)
  t.equal(all.pages[1]?.length, 1, 'and later things on the next one')
})

t.test('a page has 500 entries at most, and 256 KiB', async (t) => {
  const all = stand(t)
  all.note(1201)
  await all.written(3)
  t.same(all.pages.map((page) => page.length), [500, 500, 201])
  t.same(all.pages.flat().map(({ index }) => index), Array.from({ length: 1201 }, (_, index) => index))
  all.note(5, { request: 'x'.repeat(100 * 1024) })
  await all.written(6)
  t.same(all.pages.slice(3).map((page) => page.length), [2, 2, 1])
  all.note(2, { request: 'x'.repeat(300 * 1024) })
  await all.written(8)
  t.same(all.pages.slice(6).map((page) => page.length), [1, 1], 'what is larger has a page of its own')
})

t.test('what cannot be written is tried again, and told once', async (t) => {
  const all = stand(t)
  let tries = 0
  all.answer = async () => { if (++tries < 4) throw new StoreUnavailable() }
  all.note(3)
  await all.written(1)
  t.same(all.pages.map((page) => page.filter(({ type }) => type === 'capture').length), [3])
  t.equal(tries >= 4, true)
  t.equal(failures(all).length, 1)
  all.answer = async () => { if (++tries % 2 === 0) throw new StoreUnavailable() }
  tries = 1
  const toldAgain = all.next('work.failed')
  all.note(1)
  await toldAgain
})

t.test('more than waits is lost: counted, told once a minute, and written down where it was', async (t) => {
  const all = stand(t)
  let open = (): void => {}
  all.answer = () => new Promise<void>((resolve) => { open = resolve })
  all.note(5010)
  t.same(lost(all), [1], 'told at once')
  all.note(7)
  t.same(lost(all), [1], 'and not again')
  await new Promise((resolve) => { setTimeout(resolve, 20) })
  all.answer = async () => {}
  open()
  await all.written(11)
  t.same(all.pages.flat().slice(-1), [{ at: all.clock(), type: 'feed.lost', facts: 17 }])
  t.equal(all.pages.flat().length, 5001)
  await all.journal.stop()
  t.same(lost(all), [1, 16], 'the rest is told at the end')
})

t.test('too large things are lost too, and what comes behind them stands behind them', async (t) => {
  const all = stand(t)
  all.note(1, { request: 'x'.repeat(4_000_000) })
  all.note(1, { request: 'x'.repeat(300_000) })
  all.note(1)
  await all.written(2)
  t.same(all.pages.map((page) => page.map(({ type, facts }) => [type, facts])), [[['capture', undefined]], [['feed.lost', 1], ['capture', undefined]]])
})

t.test('it is told again after a while', async (t) => {
  const all = stand(t, { tell: 20 })
  const told = all.next('feed.lost')
  all.note(1, { request: 'x'.repeat(5_000_000) })
  await told
  all.note(2, { request: 'x'.repeat(5_000_000) })
  t.same(lost(all), [1])
  t.match(await all.next('feed.lost'), { facts: 2 })
  await new Promise((resolve) => { setTimeout(resolve, 60) })
  t.same(lost(all), [1, 2], 'and not where nothing more was lost')
})

t.test('a page that the store refuses, and no other, holds nothing back for long', async (t) => {
  const all = stand(t)
  let tries = 0
  all.answer = async (page) => {
    if (!page.some(({ index }) => index === 1)) return
    tries += 1
    throw new StoreUnavailable()
  }
  const given = all.next('feed.lost')
  all.note(2)
  t.match(await given, { facts: 2 })
  t.equal(tries, 10)
  all.note(1)
  await all.written(2)
  t.same(all.pages.flat().map(({ type, facts }) => [type, facts]), [['feed.lost', 2], ['work.failed', undefined], ['capture', undefined]], 'that it is lost stands in its place')
  t.same(lost(all), [2])
})

t.test('while the store takes nothing, no page is given up', async (t) => {
  const all = stand(t, { again: 1 })
  let tries = 0
  all.answer = async () => { if (++tries <= 35) throw new StoreUnavailable() }
  all.note(2)
  await all.written(1)
  t.same(all.pages.flat().map(({ index }) => index), [0, 1])
  t.same(lost(all), [])
})

t.test('what was written though nobody said so is there once', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const tried: Array<readonly FeedEntry[]> = []
  const journal = createJournal({
    feed: {
      append: async (entries, batch) => {
        tried.push(entries)
        const id = await world.feed.append(entries, batch)
        if (tried.length <= 3) {
          journal.note({ at: 1, type: 'capture', index: tried.length })
          throw new StoreUnavailable()
        }
        return id
      }
    },
    bus,
    now: world.clock,
    pauses: QUICK
  })
  journal.note({ at: 1, type: 'capture', index: 0 })
  await journal.stop()
  t.same(tried.slice(0, 4).map((entries) => entries.length), [1, 1, 1, 1], 'what comes meanwhile is on the next page')
  t.same((await world.feed.read(0, 10)).map(({ id, entries }) => [id, entries.flatMap(({ index }) => index ?? [])]), [[1, [0]], [2, [1, 2, 3]]])
})

t.test('strangers do not fill the store', async (t) => {
  const all = stand(t)
  for (let index = 0; index < 500; index++) all.bus.emit({ type: 'callback.forged', vendor: 'twilio', hint: '' })
  all.bus.emit({ type: 'delivery.used', delivery: 'd' })
  await all.written(1)
  t.equal(all.pages[0]?.length, 51)
  all.clock.advance(1000)
  for (let index = 0; index < 500; index++) all.bus.emit({ type: 'callback.forged', vendor: 'twilio', hint: '' })
  await all.written(2)
  t.equal(all.pages[1]?.length, 10)
})

t.test('nothing of it reaches who tells a fact', async (t) => {
  const all = stand(t)
  all.answer = () => { throw new Error('at once') }
  t.doesNotThrow(() => { all.bus.emit({ type: 'delivery.used', delivery: 'd' }) })
  await all.next('work.failed')
  all.answer = async () => {}
  await all.written(1)
})

t.test('at the end it writes what it has, at once', async (t) => {
  const all = stand(t, { collect: 60_000 })
  all.note(600)
  await all.journal.stop()
  t.same(all.pages.map((page) => page.length), [500, 100])
  all.bus.emit({ type: 'delivery.used', delivery: 'd' })
  await all.journal.stop()
  t.equal(all.pages.length, 2, 'and hears nothing more')
})

t.test('at the end it waits for a store that is away, and not for ever', async (t) => {
  const all = stand(t, { end: 30 })
  all.answer = async () => { throw new StoreUnavailable() }
  all.note(3)
  const began = performance.now()
  await all.journal.stop()
  t.ok(performance.now() - began < 2000)
  t.same(lost(all), [3])
  const hanging = stand(t, { end: 30 })
  hanging.answer = () => new Promise(() => {})
  hanging.note(1)
  await hanging.journal.stop()
  t.same(lost(hanging), [1])
})
