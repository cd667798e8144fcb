import type { Test } from 'tap'
import type { FeedEntry } from '../../../src/domain/feed-entry.ts'
import type { TakenReader } from '../../../src/store/feed-readers.ts'
import { statement } from '../../../src/store/sql.ts'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

const entry = (type: string, more: Readonly<Record<string, unknown>> = {}): FeedEntry => ({ at: 1, type, ...more })

const refuse = statement('INSERT INTO feed (id, written_at, size, entries) VALUES (1, :now, 2, \'[]\')')

const holderOf = (taken: TakenReader | undefined): string => (taken as TakenReader).holder

export const testFeed = (t: Test, open: OpenStore): void => {
  t.test('pages are numbered from 1, and read in order from behind any of them', async (t) => {
    const { feed } = await openWorld(t, open)
    for (const [index, type] of ['a', 'b', 'c', 'd'].entries()) t.equal(await feed.append([entry(type)]), index + 1)
    t.same(await feed.read(0, 10), ['a', 'b', 'c', 'd'].map((type, index) => ({ id: index + 1, entries: [entry(type)] })))
    t.same((await feed.read(1, 2)).map(({ id }) => id), [2, 3])
    t.same(await feed.read(4, 10), [])
    t.same(await feed.read(1000, 10), [])
  })

  t.test('entries come back as they were told, whatever stands in them', async (t) => {
    const { feed } = await openWorld(t, open)
    const entries = [
      entry('capture', { delivery: 'delivery-1', status: 200, request: { words: 'Ihr Code: \u0000 "•••"\n😀', list: [1, 2.5, null, true] } }),
      entry('hook.answered', { milliseconds: 12.25 })
    ]
    await feed.append(entries)
    t.same(await feed.read(0, 10), [{ id: 1, entries }])
  })

  t.test('of many that write at a time, in one process or several, each has a number of its own and none is left out', async (t) => {
    const { beside, feed, sql } = await openWorld(t, open)
    const feeds = [feed, ...(await Promise.all([beside(), beside()])).map((one) => tablesOf(one).feed)]
    const over = new AbortController()
    const gaps: unknown[] = []
    // Whoever sees a page sees all below it, at any moment.
    const watch = async (): Promise<void> => {
      let seen = 0
      while (!over.signal.aborted) {
        const ids = (await tablesOf(sql).feed.read(seen, 100)).map(({ id }) => id)
        if (ids.some((id, index) => id !== seen + 1 + index)) gaps.push({ seen, ids })
        seen = ids.at(-1) ?? seen
        await new Promise(setImmediate)
      }
    }
    const watching = [watch(), watch()]
    const numbers = (await Promise.all(feeds.map(async (one, writer) => {
      const own: number[] = []
      for (let index = 0; index < 40; index += 1) own.push(...await Promise.all([one.append([entry(`${writer} ${index}`)]), one.append([entry('beside')])]))
      return own
    }))).flat()
    over.abort()
    await Promise.all(watching)
    t.same(gaps, [])
    t.same([...numbers].sort((a, b) => a - b), Array.from({ length: 240 }, (_, index) => index + 1))
    t.same((await feed.read(0, 1000)).map(({ id }) => id), Array.from({ length: 240 }, (_, index) => index + 1))
  })

  t.test('a page that could not be written takes no number with it', async (t) => {
    const { feed, sql } = await openWorld(t, open)
    await sql.write([refuse()])
    await t.rejects(feed.append([entry('a')]), { name: 'StoreUnavailable' })
    await sql.write([statement('DELETE FROM feed')()])
    t.equal(await feed.append([entry('b')]), 1)
  })

  t.test('it is known which pages there are, also where there are none, and none any more', async (t) => {
    const { clock, feed } = await openWorld(t, open)
    t.same(await feed.span(), { oldest: 1, newest: 0 })
    for (const type of ['a', 'b', 'c']) await feed.append([entry(type)])
    t.same(await feed.span(), { oldest: 1, newest: 3 })
    t.equal(await feed.purge(clock() + 1, 2), 2)
    t.same(await feed.span(), { oldest: 3, newest: 3 })
    t.equal(await feed.purge(clock() + 1, 2), 1)
    t.same(await feed.span(), { oldest: 4, newest: 3 })
    t.equal(await feed.append([entry('d')]), 4, 'numbers do not begin again')
  })

  t.test('only pages from before the moment are removed, the oldest first', async (t) => {
    const { clock, feed } = await openWorld(t, open)
    for (const type of ['a', 'b', 'c']) {
      await feed.append([entry(type)])
      clock.advance(1000)
    }
    t.equal(await feed.purge(clock() - 3000, 10), 0)
    t.equal(await feed.purge(clock() - 1000, 10), 2)
    t.same((await feed.read(0, 10)).map(({ id }) => id), [3])
    t.equal(await feed.purge(clock() - 1000, 10), 0)
  })

  t.test('where a clock was set back, what is left has no hole', async (t) => {
    const { clock, feed } = await openWorld(t, open)
    const began = clock()
    for (const offset of [0, 5000, 0, 6000]) {
      clock.advance(began + offset - clock())
      await feed.append([entry('a')])
    }
    t.equal(await feed.purge(began + 1000, 10), 1)
    t.same(await feed.span(), { oldest: 2, newest: 4 })
  })

  t.test('pages and numbers survive a restart', async (t) => {
    const { feed, reopen } = await openWorld(t, open)
    await feed.append([entry('a')])
    const after = tablesOf(await reopen()).feed
    t.equal(await after.append([entry('b')]), 2)
    t.same((await after.read(0, 10)).map(({ entries }) => entries[0]?.type), ['a', 'b'])
  })
}

export const testFeedBatches = (t: Test, open: OpenStore): void => {
  t.test('a page that is tried again by the same key is there once, whoever tries it, and takes no number', async (t) => {
    const { beside, feed } = await openWorld(t, open)
    t.equal(await feed.append([entry('a')], 'key a'), 1)
    t.equal(await feed.append([entry('b')], 'key b'), 2)
    const other = tablesOf(await beside()).feed
    t.same([await feed.append([entry('a')], 'key a'), await other.append([entry('a')], 'key a'), await other.append([entry('b')], 'key b')], [1, 1, 2])
    t.equal(await feed.append([entry('c')], 'key c'), 3)
    t.same((await feed.read(0, 10)).map(({ id, entries }) => [id, entries[0]?.type]), [[1, 'a'], [2, 'b'], [3, 'c']])
    t.same(await feed.span(), { oldest: 1, newest: 3 })
  })

  t.test('also where it is tried by many at a time', async (t) => {
    const { beside, feed } = await openWorld(t, open)
    const feeds = [feed, ...(await Promise.all([beside(), beside()])).map((one) => tablesOf(one).feed)]
    const numbers = await Promise.all(Array.from({ length: 60 }, async (_, index) => [index % 10, await (feeds[index % 3] as typeof feed).append([entry(`page ${index % 10}`)], `key ${index % 10}`)] as const))
    const pages = await feed.read(0, 100)
    t.same(pages.map(({ id }) => id), Array.from({ length: 10 }, (_, index) => index + 1))
    t.equal(new Set(pages.map(({ entries }) => entries[0]?.type)).size, 10)
    for (const [page, id] of numbers) t.equal(pages[id - 1]?.entries[0]?.type, `page ${page}`)
  })

  t.test('what failed with its key is written by the next try', async (t) => {
    const { feed, sql } = await openWorld(t, open)
    await sql.write([refuse()])
    await t.rejects(feed.append([entry('a')], 'key a'), { name: 'StoreUnavailable' })
    await sql.write([statement('DELETE FROM feed')()])
    t.equal(await feed.append([entry('a')], 'key a'), 1)
    t.equal(await feed.append([entry('a')], 'key a'), 1)
  })

  t.test('large pages are read some at a time, and one at least', async (t) => {
    const { feed } = await openWorld(t, open)
    const quarter = 'x'.repeat(256 * 1024)
    for (let page = 0; page < 6; page += 1) await feed.append([entry('a', { quarter })])
    await feed.append([entry('b', { large: quarter.repeat(5) })])
    await feed.append([entry('c')])
    await feed.append([entry('d')])
    const idsAfter = async (after: number): Promise<number[]> => (await feed.read(after, 50)).map(({ id }) => id)
    t.same(await idsAfter(0), [1, 2, 3, 4])
    t.same(await idsAfter(4), [5, 6, 7])
    t.same(await idsAfter(6), [7])
    t.same(await idsAfter(7), [8, 9])
  })
}

export const testFeedReaders = (t: Test, open: OpenStore): void => {
  t.test('a new reader begins at the newest page, and goes on where it was', async (t) => {
    const { clock, feed, feedReaders } = await openWorld(t, open)
    for (const type of ['a', 'b']) await feed.append([entry(type)])
    t.match(await feedReaders.take('webhook', 1000), { position: 2, tries: 0 })
    await feed.append([entry('c')])
    clock.advance(1000)
    const taken = await feedReaders.take('webhook', 1000)
    t.match(taken, { position: 2, tries: 0 })
    t.equal(await feedReaders.advance('webhook', holderOf(taken), 3, 1000), true)
    clock.advance(1000)
    t.match(await feedReaders.take('webhook', 1000), { position: 3, tries: 0 })
    t.match(await feedReaders.take('topic', 1000), { position: 3, tries: 0 }, 'others go by themselves')
  })

  t.test('of many that take a reader at a time one gets it, new or not', async (t) => {
    const { beside, clock, feedReaders } = await openWorld(t, open)
    const all = [feedReaders, tablesOf(await beside()).feedReaders]
    for (const time of ['new', 'later']) {
      const taken = await Promise.all(Array.from({ length: 20 }, (_, index) => (all[index % 2] as typeof feedReaders).take('webhook', 1000)))
      t.equal(taken.filter((one) => one !== undefined).length, 1, time)
      clock.advance(1000)
    }
  })

  t.test('a lease holds until it is over, and goes on with each page', async (t) => {
    const { clock, feedReaders } = await openWorld(t, open)
    const taken = await feedReaders.take('webhook', 1000)
    clock.advance(999)
    t.equal(await feedReaders.take('webhook', 1000), undefined)
    await feedReaders.advance('webhook', holderOf(taken), 0, 1000)
    clock.advance(999)
    t.equal(await feedReaders.take('webhook', 1000), undefined)
    clock.advance(1)
    t.match(await feedReaders.take('webhook', 1000), { position: 0, tries: 0 })
  })

  t.test('a reader that is given back is free at once, or after its pause; and it is told how often it was tried', async (t) => {
    const { clock, feedReaders } = await openWorld(t, open)
    await feedReaders.release('webhook', holderOf(await feedReaders.take('webhook', 60_000)), 0)
    let taken = await feedReaders.take('webhook', 60_000)
    t.match(taken, { position: 0, tries: 0 })
    for (const tries of [1, 2]) {
      await feedReaders.release('webhook', holderOf(taken), 499.5)
      clock.advance(499)
      t.equal(await feedReaders.take('webhook', 60_000), undefined)
      clock.advance(1)
      taken = await feedReaders.take('webhook', 60_000)
      t.match(taken, { position: 0, tries })
    }
    await feedReaders.advance('webhook', holderOf(taken), 1, 1000)
    await feedReaders.release('webhook', holderOf(taken), 0)
    t.match(await feedReaders.take('webhook', 1000), { position: 1, tries: 0 })
  })

  t.test('the position goes forward only', async (t) => {
    const { feed, feedReaders } = await openWorld(t, open)
    await feed.append([entry('a')])
    const holder = holderOf(await feedReaders.take('webhook', 1000))
    t.equal(await feedReaders.advance('webhook', holder, 5, 1000), true)
    t.equal(await feedReaders.advance('webhook', holder, 3, 1000), false)
    await feedReaders.release('webhook', holder, 0)
    t.match(await feedReaders.take('webhook', 1000), { position: 5 })
  })

  t.test('who has lost the reader to another, or has given it back, changes nothing', async (t) => {
    const { clock, feedReaders } = await openWorld(t, open)
    const lost = holderOf(await feedReaders.take('webhook', 1000))
    clock.advance(1000)
    const holder = holderOf(await feedReaders.take('webhook', 1000))
    t.not(holder, lost)
    t.equal(await feedReaders.advance('webhook', lost, 7, 60_000), false)
    await feedReaders.release('webhook', lost, 5000)
    t.equal(await feedReaders.take('webhook', 1000), undefined, 'it is not free')
    clock.advance(1000)
    const next = await feedReaders.take('webhook', 1000)
    t.match(next, { position: 0, tries: 0 }, 'and is where it was, for no longer')
    await feedReaders.release('webhook', holderOf(next), 10)
    await feedReaders.release('webhook', holderOf(next), 5000)
    t.equal(await feedReaders.advance('webhook', holderOf(next), 7, 60_000), false)
    clock.advance(10)
    t.match(await feedReaders.take('webhook', 1000), { position: 0, tries: 1 })
  })

  t.test('what nobody has taken yet can be neither moved nor given back', async (t) => {
    const { feedReaders } = await openWorld(t, open)
    t.equal(await feedReaders.advance('webhook', 'nobody', 7, 1000), false)
    await feedReaders.release('webhook', 'nobody', 1000)
    t.match(await feedReaders.take('webhook', 1000), { position: 0, tries: 0 })
  })
}
