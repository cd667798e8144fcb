import t, { type Test } from 'tap'
import type { Quota } from '../../src/guard/budgets.ts'
import { createCount, type Count } from '../../src/guard/count.ts'
import { createBudgets, type Budgets } from '../../src/store/budgets.ts'
import { StoreUnavailable, type Sql } from '../../src/store/sql.ts'
import { openPostgresStore, startPostgres } from '../support/postgres.ts'
import { openSqliteStore, openWorld, type OpenStore, type World } from '../support/store.ts'

const WITHIN = 600_000

const quotaOf = (options: Partial<Quota> = {}): Quota =>
  ({ rule: 'total-budget', mode: 'enforce', key: 'total', most: 450, within: WITHIN, isShared: true, ...options })

const numberQuota = (most: number, options: Partial<Quota> = {}): Quota =>
  quotaOf({ rule: 'number-budget', key: 'number', most, isShared: false, ...options })

/** Counts how often the store is asked for places. */
const watched = (budgets: Budgets): { readonly budgets: Budgets, readonly asked: () => number } => {
  let asked = 0
  return {
    asked: () => asked,
    budgets: {
      ...budgets,
      take: (list) => {
        asked += 1
        return budgets.take(list)
      }
    }
  }
}

const countOn = ({ budgets, clock: now }: Pick<World, 'budgets' | 'clock'>, random = Math.random): Count => createCount({ budgets, settle: async (_what, work) => { await work() }, now, random })

/** How many of so many messages one after the other are let through. */
const fill = async (count: Count, quotas: readonly Quota[], messages: number): Promise<number> => {
  let taken = 0
  for (let message = 0; message < messages; message += 1) {
    const { full } = await count.take(quotas)
    taken += full.length === 0 ? 1 : 0
  }
  return taken
}

const testCount = (t: Test, open: OpenStore): void => {
  t.test('a shared budget lets exactly as many through as it has places, wherever the messages begin', async (t) => {
    for (const most of [150, 450, 905]) {
      const world = await openWorld(t, open)
      const beside = await world.beside()
      const replicas = [world.sql, beside, beside].map((sql: Sql) => countOn({ budgets: createBudgets(sql), clock: world.clock }))
      const quota = quotaOf({ most })
      let through = 0
      for (let wave = 0; wave * 100 < most + 100; wave += 1) {
        const waves = await Promise.all(Array.from({ length: 100 }, (_, index) => (replicas[index % 3] as Count).take([quota])))
        through += waves.filter(({ full }) => full.length === 0).length
      }
      t.equal(through, most)
    }
  })

  t.test('however the messages begin, the last places are found', async (t) => {
    const world = await openWorld(t, open)
    t.equal(await fill(countOn(world, () => 0), [quotaOf()], 460), 450, 'all of them begin at one share')
  })
}

const server = await startPostgres(t)

t.test('SQLite', async (t) => { testCount(t, openSqliteStore) })
if ('absent' in server) t.pass(server.absent)
else t.test('PostgreSQL', async (t) => { testCount(t, openPostgresStore(server)) })

t.test('a shared budget that was full is not asked for a second, and then it is', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { budgets, asked } = watched(world.budgets)
  const count = countOn({ ...world, budgets })
  await fill(count, [quotaOf()], 450)
  const before = asked()
  t.match(await count.take([quotaOf()]), { places: [], full: [{ key: 'total' }] })
  t.equal(asked() - before, 4, 'each share once')
  for (const milliseconds of [0, 999]) {
    world.clock.advance(milliseconds)
    t.match(await count.take([numberQuota(5), quotaOf()]), { places: [], full: [{ key: 'total' }] })
    t.equal(asked() - before, 4, `${milliseconds} ms later nothing is asked, nor taken`)
  }
  world.clock.advance(1)
  await count.take([quotaOf()])
  t.equal(asked() - before, 8)
})

t.test('a clock that goes back does not keep a budget full', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const count = countOn(world)
  await fill(count, [quotaOf()], 451)
  world.clock.advance(-60_000)
  t.equal((await count.take([quotaOf({ most: 460 })])).full.length, 0)
})

t.test('what only one number counts against is asked each time', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { budgets, asked } = watched(world.budgets)
  const count = countOn({ ...world, budgets })
  const [taken] = [await count.take([numberQuota(1)])]
  t.equal((await count.take([numberQuota(1)])).full.length, 1)
  await count.giveBack(taken.places)
  t.equal((await count.take([numberQuota(1)])).full.length, 0, 'a place that is given back is there at once')
  t.equal(asked(), 3)
})

t.test('a message is counted by all its budgets in one statement, as long as none is full', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { budgets, asked } = watched(world.budgets)
  const { places, full } = await countOn({ ...world, budgets }, () => 0.6).take([numberQuota(5), quotaOf(), quotaOf({ key: 'country/DE', most: 800 })])
  t.equal(asked(), 1)
  t.same([places.map(({ key }) => key), full], [['number', 'total/2', 'country/DE/4'], []])
})

t.test('nothing more is asked once a budget that is enforced was full', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { budgets, asked } = watched(world.budgets)
  const count = countOn({ ...world, budgets }, () => 0)
  await world.budgets.take([{ key: 'number', most: 1, within: WITHIN }])
  for (let place = 0; place < 113; place += 1) await world.budgets.take([{ key: 'total/0', most: 113, within: WITHIN }])
  t.match(await count.take([numberQuota(1), quotaOf()]), { places: [], full: [{ key: 'number' }] })
  t.equal(asked(), 1, 'the other shares are not')
  const shadow = await count.take([numberQuota(1, { mode: 'shadow' }), quotaOf()])
  t.match([shadow.places.length, shadow.full], [1, [{ key: 'number' }]])
  t.equal(asked(), 3, 'but they are where the full one is only watched')
})

t.test('a shared budget that is only watched is told to be full, and asked no oftener than one that is enforced', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { budgets, asked } = watched(world.budgets)
  const count = countOn({ ...world, budgets })
  const watching = quotaOf({ most: 200, mode: 'shadow' })
  await fill(count, [watching], 201)
  const before = asked()
  const { places, full } = await count.take([numberQuota(5), watching])
  t.match([places.map(({ key }) => key), full], [['number'], [{ key: 'total', mode: 'shadow' }]])
  t.equal(asked() - before, 1)
})

t.test('of several full budgets that which is free last tells how long to wait, of shares that which is free first', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const count = countOn(world)
  const [long, short] = [numberQuota(1), numberQuota(1, { key: 'number/short', within: 60_000 })]
  await count.take([long, short])
  const wait = await count.freeIn([short]) as number
  t.ok(wait >= 60_000 && wait <= 70_000, `${wait}`)
  const longest = await count.freeIn([short, long]) as number
  t.ok(longest >= 600_000 && longest <= 700_000, `${longest}`)
  const shared = quotaOf({ most: 200, within: 60_000 })
  for (let place = 0; place < 100; place += 1) await world.budgets.take([{ key: 'total/1', most: 100, within: 60_000 }])
  const first = await count.freeIn([shared])
  t.equal(first, 1, 'the other share has places')
  t.equal(await count.freeIn([]), undefined)
})

t.test('what was taken before a later share could not be asked is given back', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  let rounds = 0
  const failing: Budgets = {
    ...world.budgets,
    async take (list) {
      rounds += 1
      if (rounds === 3) throw new StoreUnavailable()
      return await world.budgets.take(list)
    }
  }
  const full = ['total/0', 'total/1'].map((key) => ({ key, most: 112, within: WITHIN }))
  for (const share of full) for (let place = 0; place < 113; place += 1) await world.budgets.take([share])
  const [number, country] = [numberQuota(1), quotaOf({ key: 'country', most: 200 })]
  await t.rejects(countOn({ ...world, budgets: failing }, () => 0).take([number, country, quotaOf({ most: 448 })]), StoreUnavailable)
  t.equal(rounds, 3)
  t.match(await countOn(world).take([number]), { places: [{ key: 'number' }], full: [] })
  t.equal(await fill(countOn(world), [country], 201), 200)
})
