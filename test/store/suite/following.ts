import type { Test } from 'tap'
import type { FeedEntry } from '../../../src/domain/feed-entry.ts'
import type { Sql } from '../../../src/store/sql.ts'
import { statement } from '../../../src/store/sql.ts'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

const PAGE: readonly FeedEntry[] = [{ at: 1, type: 'a' }]

const announce = { ...statement('SELECT 1')(), announces: 'feed' } as const

/** Follows the feed of a store; gives what settles at the first wake from then on, and what ends it. */
const followerOf = (sql: Sql): { next: () => Promise<void>, count: () => number, stop: () => void } => {
  let [count, waiting]: [number, Array<() => void>] = [0, []]
  const stop = sql.follow('feed', () => {
    count += 1
    for (const resolve of waiting.splice(0)) resolve()
  })
  return { next: () => new Promise((resolve) => { waiting = [...waiting, resolve] }), count: () => count, stop }
}

export const testFollowing = (t: Test, open: OpenStore): void => {
  t.test('who follows is woken by a new page, of whatever process, and finds it', async (t) => {
    const { beside, feed, sql } = await openWorld(t, open)
    const others = [sql, await beside()]
    const followers = others.map(followerOf)
    for (let page = 1; page <= 3; page += 1) {
      const seen = followers.map(async ({ next }, index) => {
        // A wake may be for nothing: it is looked again at the next one.
        while ((await tablesOf(others[index] as Sql).feed.span()).newest < page) await next()
      })
      await feed.append(PAGE)
      await Promise.all(seen)
    }
    for (const { stop } of followers) stop()
  })

  t.test('several in one process are woken, and who has stopped is not', async (t) => {
    const { feed, sql } = await openWorld(t, open)
    const [first, second, gone] = [followerOf(sql), followerOf(sql), followerOf(sql)]
    gone.stop()
    gone.stop()
    const woken = [first.next(), second.next()]
    await feed.append(PAGE)
    await Promise.all(woken)
    t.equal(gone.count(), 0)
    first.stop()
    second.stop()
    const before = first.count()
    const third = followerOf(sql)
    const again = third.next()
    await feed.append(PAGE)
    await again
    t.equal(first.count(), before)
    third.stop()
  })

  t.test('what announces gives its rows as it would without', async (t) => {
    const { sql } = await openWorld(t, open)
    const [one, both] = [await sql.write([announce]), await sql.write([announce, { ...statement('SELECT 2 AS two')(), announces: 'feed' }])]
    t.equal(one.length, 1)
    t.same(both.map((rows) => rows.map((row) => Object.values(row))), [[[1]], [[2]]])
  })

  t.test('a closed store is followed for nothing, and closes with followers', async (t) => {
    const { sql } = await openWorld(t, open)
    followerOf(sql)
    await sql.close()
    const late = followerOf(sql)
    t.equal(late.count(), 0)
    late.stop()
  })
}
