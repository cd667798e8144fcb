import t, { type Test } from 'tap'
import type { FeedPage } from '../../src/domain/feed-entry.ts'
import { createTail, type TailPauses } from '../../src/feed/tail.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

const stand = async (t: Test, pauses: Partial<TailPauses> = {}) => {
  const world = await openWorld(t, openSqliteStore)
  const reads: number[] = []
  let follows = 0
  let wakeStore = (): void => {}
  const tail = createTail({
    feed: {
      read: async (after, most) => {
        reads.push(after)
        return await world.feed.read(after, most)
      },
      span: world.feed.span
    },
    follow: (wake) => {
      follows += 1
      wakeStore = wake
      const stop = world.sql.follow('feed', wake)
      return () => {
        follows -= 1
        stop()
      }
    },
    pauses: { collect: 5, poll: 60_000, ...pauses }
  })
  // Nothing that the tail waits for keeps a process.
  const awake = setInterval(() => {}, 60_000)
  t.teardown(() => {
    clearInterval(awake)
    tail.stop()
  })
  const append = async (count: number, more: Record<string, unknown> = {}): Promise<void> => {
    for (let index = 0; index < count; index++) await world.feed.append([{ at: 1, type: 'capture', ...more }])
  }
  return { ...world, tail, reads, append, follows: () => follows, wakeStore: () => { wakeStore() } }
}

const ids = (pages: readonly FeedPage[]): number[] => pages.map(({ id }) => id)
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

t.test('many who look on cost one read', async (t) => {
  const { tail, reads, append } = await stand(t)
  t.teardown(tail.follow(() => {}))
  await append(3)
  const all = await Promise.all(Array.from({ length: 50 }, () => tail.read(0)))
  for (const pages of all) t.same(ids(pages), [1, 2, 3])
  t.same(reads, [0])
  t.same(ids(await tail.read(1)), [2, 3])
  t.same(reads, [0], 'and what was read is remembered')
  t.same(ids(await tail.read(3)), [])
  t.same(reads, [0, 3])
})

t.test('those who look on are woken once by several pages, and read on without a gap', async (t) => {
  const { tail, append, wakeStore } = await stand(t)
  let wakes = 0
  const seen: number[] = []
  let came = (): void => {}
  const wake = async (): Promise<void> => {
    wakes += 1
    seen.push(...ids(await tail.read(seen.at(-1) ?? 0)))
    came()
  }
  const stop = tail.follow(() => { wake().catch(t.threw) })
  t.teardown(stop)
  const first = new Promise<void>((resolve) => { came = resolve })
  wakeStore()
  wakeStore()
  wakeStore()
  await first
  t.equal(wakes, 1)
  for (let round = 0; round < 5; round++) {
    await append(2)
    while ((seen.at(-1) ?? 0) < 2 * (round + 1)) await new Promise<void>((resolve) => { came = resolve })
  }
  t.same(seen, range(1, 10))
})

t.test('a read that began before a page was there is not taken for one that comes after', async (t) => {
  let answer: Array<(pages: FeedPage[]) => void> = []
  let wake = (): void => {}
  const tail = createTail({
    feed: { read: () => new Promise((resolve) => { answer.push(resolve) }), span: async () => ({ oldest: 1, newest: 0 }) },
    follow: (woken) => {
      wake = woken
      return () => {}
    }
  })
  t.teardown(tail.follow(() => {}))
  const early = tail.read(0)
  wake()
  const late = tail.read(0)
  t.equal(answer.length, 2)
  answer[1]?.([{ id: 1, entries: [] }])
  answer[0]?.([])
  t.same(ids(await late), [1])
  t.same(ids(await early), [])
  answer = []
  t.same(ids(await tail.read(0)), [1], 'and the late one is remembered')
  t.equal(answer.length, 0)
})

t.test('it is read on for who is far behind, and what is remembered stays bounded', async (t) => {
  const { tail, reads, append } = await stand(t)
  t.teardown(tail.follow(() => {}))
  await append(260)
  const seen: number[] = []
  while (seen.length < 260) seen.push(...ids(await tail.read(seen.at(-1) ?? 0)))
  t.same(seen, range(1, 260))
  t.same(reads, [0, 50, 100, 150, 200, 250])
  t.same(ids(await tail.read(60)), range(61, 110), 'the newest 200 are remembered')
  t.equal(reads.length, 6)
  t.same(ids(await tail.read(10)), range(11, 60))
  t.equal(reads.length, 7, 'and those before are read')
  t.same(ids(await tail.read(258)), [259, 260])
  t.equal(reads.length, 7)
})

t.test('large pages are not all remembered', async (t) => {
  const { tail, reads, append } = await stand(t)
  t.teardown(tail.follow(() => {}))
  await append(12, { request: 'x'.repeat(500_000) })
  const seen: number[] = []
  while (seen.length < 12) seen.push(...ids(await tail.read(seen.at(-1) ?? 0)))
  t.same(seen, range(1, 12))
  t.same(reads, [0, 3, 6, 9], 'nor read at once')
  t.same(ids(await tail.read(10)), [11, 12])
  t.equal(reads.length, 4)
  await tail.read(0)
  t.same(reads.slice(4), [0])
})

t.test('who begins at the newest page does not need those between', async (t) => {
  const { tail, append } = await stand(t)
  t.teardown(tail.follow(() => {}))
  await append(2)
  t.same(ids(await tail.read(0)), [1, 2])
  await append(5)
  t.same(ids(await tail.read(5)), [6, 7])
  t.same(ids(await tail.read(1)), [2, 3, 4, 5, 6, 7])
})

t.test('the store is followed while somebody looks on', async (t) => {
  const { tail, follows, append, reads } = await stand(t)
  t.equal(follows(), 0)
  const wake = (): void => {}
  const stops = [tail.follow(wake), tail.follow(wake)]
  t.equal(follows(), 1)
  await append(1)
  await tail.read(0)
  stops[0]?.()
  stops[0]?.()
  t.equal(follows(), 1)
  t.same(ids(await tail.read(0)), [1])
  t.equal(reads.length, 1)
  stops[1]?.()
  t.equal(follows(), 0)
  t.same(ids(await tail.read(0)), [1])
  await tail.read(0)
  t.equal(reads.length, 3, 'and nothing is remembered where nobody does')
  tail.follow(wake)
  tail.stop()
  t.equal(follows(), 0)
})

t.test('who looks on is woken though the store does not call', async (t) => {
  const { tail } = await stand(t, { poll: 5 })
  await new Promise<void>((resolve) => { t.teardown(tail.follow(resolve)) })
})

t.test('what the store says is given as it is', async (t) => {
  const { tail, append } = await stand(t)
  t.same(await tail.span(), { oldest: 1, newest: 0 })
  await append(2)
  t.same(await tail.span(), { oldest: 1, newest: 2 })
  const failing = createTail({ feed: { read: async () => { throw new Error('away') }, span: async () => { throw new Error('away') } }, follow: () => () => {} })
  await t.rejects(failing.read(0), /away/)
  await t.rejects(failing.read(0), /away/, 'and a failure is not remembered')
  await t.rejects(failing.span(), /away/)
})
