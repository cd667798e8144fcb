import type { Test } from 'tap'
import { placeAt, type Budget, type Place } from '../../../src/store/budgets.ts'
import { openWorld, tablesOf, type OpenStore, type World } from '../../support/store.ts'

const WITHIN = 60_000
const SLICE = WITHIN / 6

const budgetOf = (key: string, most: number, within = WITHIN): Budget => ({ key, most, within })

/** How many of so many callers at a time get a place. */
const rush = async ({ budgets }: World, budget: Budget, callers: number): Promise<Place[]> =>
  (await Promise.all(Array.from({ length: callers }, () => budgets.take([budget])))).flat()

/** How many places are free now: takes them all. */
const drain = async ({ budgets }: World, budget: Budget): Promise<number> => {
  let taken = 0
  while ((await budgets.take([budget])).length > 0) taken += 1
  return taken
}

const rows = async ({ sql }: World): Promise<unknown[]> =>
  await sql.read({ text: 'SELECT budget_key, used_0, used_1, forget_at FROM budgets ORDER BY budget_key', parameters: {} })

/** Puts the clock to the beginning of a slice. */
const toBeginningOfSlice = ({ clock }: World): void => { clock.advance(SLICE - clock() % SLICE) }

export const testBudgets = (t: Test, open: OpenStore): void => {
  t.test('of many that take at a time, as many get a place as there are', async (t) => {
    const world = await openWorld(t, open)
    t.equal((await rush(world, budgetOf('number/a', 10), 50)).length, 10)
    t.equal((await rush(world, budgetOf('number/a', 10), 50)).length, 0)
    t.equal((await rush(world, budgetOf('number/b', 10), 5)).length, 5, 'each key by itself')
  })

  t.test('a message takes what is free of its budgets, and is told what it got', async (t) => {
    const { budgets } = await openWorld(t, open)
    const [small, large] = [budgetOf('b small', 1), budgetOf('a large', 3)]
    t.same((await budgets.take([small, large])).map(({ key }) => key), ['b small', 'a large'], 'in the order in which they were asked')
    t.same((await budgets.take([small, large])).map(({ key }) => key), ['a large'])
    t.same((await budgets.take([small, large])).map(({ key }) => key), ['a large'])
    t.same(await budgets.take([small, large]), [])
    t.same(await budgets.take([]), [])
  })

  t.test('messages with the same budgets in another order do not wait for each other for ever', async (t) => {
    const world = await openWorld(t, open)
    const all = Array.from({ length: 6 }, (_, index) => budgetOf(`shared ${index}`, 1000))
    const orders = [all, [...all].reverse(), [...all.slice(3), ...all.slice(0, 3)]]
    const taken = await Promise.all(Array.from({ length: 90 }, (_, index) => world.budgets.take(orders[index % 3] as Budget[])))
    t.ok(taken.every((places) => places.length === 6))
    await Promise.all(taken.slice(0, 60).map((places, index) => world.budgets.giveBack(index % 2 === 0 ? places : [...places].reverse())))
    t.equal(await drain(world, budgetOf('shared 3', 40)), 10, 'thirty still count')
  })

  t.test('what is full in one budget is counted in the others all the same', async (t) => {
    const world = await openWorld(t, open)
    const [one, other] = [budgetOf('one', 5), budgetOf('other', 12)]
    const taken = (await Promise.all(Array.from({ length: 40 }, () => world.budgets.take([one, other])))).flat()
    t.equal(taken.filter(({ key }) => key === 'one').length, 5)
    t.equal(taken.filter(({ key }) => key === 'other').length, 12)
  })

  t.test('a place is free again when its time is over, a sixth later at the latest', async (t) => {
    for (const [moment, offset] of [['at the beginning', 0], ['at the end', SLICE - 1]] as const) {
      const world = await openWorld(t, open)
      toBeginningOfSlice(world)
      world.clock.advance(offset)
      t.equal((await rush(world, budgetOf('a', 3), 3)).length, 3)
      world.clock.advance(WITHIN - 1)
      t.equal(await drain(world, budgetOf('a', 3)), 0, `taken ${moment} of a slice`)
      world.clock.advance(SLICE + 1 - offset)
      t.equal(await drain(world, budgetOf('a', 3)), 3, moment)
    }
  })

  t.test('whatever the moments, no time as long as the budget has more than its places', async (t) => {
    // 17 is no multiple of six: the slices are rounded.
    for (const within of [WITHIN, 65_537, 17]) {
      const world = await openWorld(t, open)
      const budget = budgetOf('a', 4, within)
      const moments: number[] = []
      let seed = 1
      for (let round = 0; round < 150; round += 1) {
        seed = (seed * 48_271) % 2_147_483_647
        world.clock.advance(seed % Math.floor(within / 5))
        for (let count = 0; count < 3; count += 1) {
          if ((await world.budgets.take([budget])).length > 0) moments.push(world.clock())
        }
      }
      const most = Math.max(...moments.map((start) => moments.filter((moment) => moment >= start && moment < start + within).length))
      t.equal(most, 4, `${within}`)
      t.ok(moments.length > 12, 'places come free again')
    }
  })

  t.test('places come free one slice after the other', async (t) => {
    const world = await openWorld(t, open)
    const budget = budgetOf('a', 6)
    toBeginningOfSlice(world)
    for (const count of [1, 2, 3]) {
      t.equal((await rush(world, budget, count)).length, count)
      world.clock.advance(SLICE)
    }
    world.clock.advance(3 * SLICE)
    t.equal(await drain(world, budget), 0)
    world.clock.advance(SLICE)
    t.equal(await drain(world, budget), 1)
    world.clock.advance(SLICE)
    t.equal(await drain(world, budget), 2)
    world.clock.advance(SLICE)
    t.equal(await drain(world, budget), 3)
    world.clock.advance(100 * WITHIN)
    t.equal(await drain(world, budget), 6, 'after a long time all are')
  })

  t.test('a limit that is changed goes on from what was counted', async (t) => {
    const world = await openWorld(t, open)
    t.equal(await drain(world, budgetOf('a', 5)), 5)
    t.equal(await drain(world, budgetOf('a', 8)), 3)
    t.equal(await drain(world, budgetOf('a', 2)), 0)
    world.clock.advance(WITHIN + SLICE)
    t.equal(await drain(world, budgetOf('a', 2)), 2)
  })

  t.test('a clock that goes back frees nothing', async (t) => {
    const world = await openWorld(t, open)
    t.equal(await drain(world, budgetOf('a', 3)), 3)
    world.clock.advance(-10 * WITHIN)
    t.equal(await drain(world, budgetOf('a', 3)), 0)
    t.equal(await drain(world, budgetOf('a', 4)), 1)
    world.clock.advance(10 * WITHIN + WITHIN - 1)
    t.equal(await drain(world, budgetOf('a', 4)), 0, 'all count as if taken when the clock was furthest')
    t.equal(await world.upkeep.forgetBudgets(10), 0)
    world.clock.advance(SLICE + 1)
    t.equal(await drain(world, budgetOf('a', 3)), 3)
  })

  t.test('a place that is given back is free, in whatever slice it was taken', async (t) => {
    for (const slices of [0, 1, 5, 6]) {
      const world = await openWorld(t, open)
      toBeginningOfSlice(world)
      const budget = budgetOf('a', 3)
      const [place] = await rush(world, budget, 2)
      world.clock.advance(slices * SLICE)
      await rush(world, budget, 1)
      t.same(await world.budgets.take([budget]), [], 'it is full')
      await world.budgets.giveBack([place as Place])
      t.equal(await drain(world, budget), 1, `after ${slices} slices`)
    }
  })

  t.test('a place that is given back too late frees no other', async (t) => {
    for (const slices of [7, 8, 100]) {
      const world = await openWorld(t, open)
      const budget = budgetOf('a', 2)
      const [place] = await rush(world, budget, 1)
      world.clock.advance(slices * SLICE)
      t.equal(await drain(world, budget), 2)
      await world.budgets.giveBack([place as Place])
      t.equal(await drain(world, budget), 0, `after ${slices} slices`)
    }
  })

  t.test('a place taken before the clock went back is given back where it was counted', async (t) => {
    const world = await openWorld(t, open)
    const budget = budgetOf('a', 2)
    await rush(world, budget, 1)
    world.clock.advance(-2 * SLICE)
    const places = await rush(world, budget, 1)
    await world.budgets.giveBack(places)
    t.equal(await drain(world, budget), 1)
  })

  t.test('giving back leaves other budgets, and what was forgotten, alone', async (t) => {
    const world = await openWorld(t, open)
    const places = await rush(world, budgetOf('a', 1), 1)
    await rush(world, budgetOf('b', 1), 1)
    await world.budgets.giveBack([])
    await world.budgets.giveBack(places)
    t.equal(await drain(world, budgetOf('b', 1)), 0)
    world.clock.advance(2 * WITHIN)
    t.equal(await world.upkeep.forgetBudgets(10), 2)
    await world.budgets.giveBack(places)
    t.match(await rows(world), [{ budget_key: 'a', used_0: 0, used_1: 0 }])
    t.equal(await world.upkeep.forgetBudgets(10), 1)
    t.equal(await drain(world, budgetOf('a', 1)), 1)
  })

  t.test('many that take and give back leave exactly what was kept', async (t) => {
    const world = await openWorld(t, open)
    const [one, other] = [budgetOf('one', 1000), budgetOf('other', 1000)]
    await Promise.all(Array.from({ length: 60 }, async (_, index) => {
      const places = await world.budgets.take(index % 2 === 0 ? [one, other] : [other, one])
      if (index % 3 > 0) await world.budgets.giveBack(places)
    }))
    t.equal(await drain(world, budgetOf('one', 50)), 30)
    t.equal(await drain(world, budgetOf('other', 50)), 30)
  })

  t.test('a full budget tells when it has a place, and that is so', async (t) => {
    const world = await openWorld(t, open)
    const { budgets, clock } = world
    const budget = budgetOf('a', 3)
    toBeginningOfSlice(world)
    await rush(world, budget, 1)
    clock.advance(SLICE + 7)
    await rush(world, budget, 2)
    const wait = (await budgets.freeIn([budget, budgetOf('never taken', 1)])).get('a') as number
    t.equal(wait, 6 * SLICE - 7)
    clock.advance(wait - 1)
    t.same(await budgets.take([budget]), [])
    t.equal((await budgets.freeIn([budget])).get('a'), 1)
    clock.advance(1)
    t.equal((await budgets.take([budget])).length, 1)
    t.equal((await budgets.freeIn([budget])).get('a'), SLICE)
    t.equal((await budgets.freeIn([budgetOf('a', 1)])).get('a'), 7 * SLICE, 'of a limit that is lower by now')
  })

  t.test('a budget with places free has one at once', async (t) => {
    const { budgets } = await openWorld(t, open)
    await budgets.take([budgetOf('a', 2)])
    t.same([...await budgets.freeIn([budgetOf('a', 2), budgetOf('b', 1)])], [['a', 1], ['b', 1]])
  })

  t.test('what counts survives a restart', async (t) => {
    const world = await openWorld(t, open)
    t.equal(await drain(world, budgetOf('a', 2)), 2)
    const { budgets } = tablesOf(await world.reopen())
    t.same(await budgets.take([budgetOf('a', 2)]), [])
  })

  t.test('budgets are forgotten once nothing in them counts, a batch at a time, and not before', async (t) => {
    const world = await openWorld(t, open)
    const { budgets, clock, upkeep } = world
    toBeginningOfSlice(world)
    await budgets.take(['a', 'b', 'c'].map((key) => budgetOf(key, 9)))
    clock.advance(7 * SLICE - 1)
    t.equal(await upkeep.forgetBudgets(10), 0)
    await budgets.take([budgetOf('b', 9)])
    clock.advance(1)
    t.equal(await upkeep.forgetBudgets(1), 1)
    t.equal(await upkeep.forgetBudgets(10), 1)
    t.match(await rows(world), [{ budget_key: 'b' }])
    clock.advance(7 * SLICE)
    t.equal(await upkeep.forgetBudgets(10), 1)
    t.equal(await upkeep.forgetBudgets(10), 0)
  })

  t.test('forgetting is in nobody’s way', async (t) => {
    const world = await openWorld(t, open)
    const all = Array.from({ length: 30 }, (_, index) => budgetOf(`key ${index}`, 2))
    await world.budgets.take(all)
    world.clock.advance(10 * WITHIN)
    const [taken] = await Promise.all([
      Promise.all(Array.from({ length: 20 }, (_, index) => world.budgets.take(index % 2 === 0 ? all : [...all].reverse()))),
      ...Array.from({ length: 20 }, () => world.upkeep.forgetBudgets(7))
    ])
    for (const { key } of all) t.equal(taken.flat().filter((place) => place.key === key).length, 2, key)
    world.clock.advance(SLICE)
    t.equal(await drain(world, all[0] as Budget), 0)
  })

  t.test('a place is found again by the moment at which it was taken, as long as it counts', async (t) => {
    for (const within of [WITHIN, 100_001]) {
      const world = await openWorld(t, open)
      const { budgets, clock } = world
      const budget = budgetOf('number', 1, within)
      const at = clock()
      t.same(await budgets.take([budget]), [placeAt(budget, at)])
      clock.advance(30_000)
      await budgets.giveBack([placeAt(budget, at)])
      t.equal((await budgets.take([budget])).length, 1)
      await budgets.giveBack([placeAt(budget, at)])
      t.equal((await budgets.take([budget])).length, 0, 'what was taken later is not given back by it')
      clock.advance(2 * within)
      await budgets.giveBack([placeAt(budget, at), placeAt({ key: 'never seen', within }, at)])
      t.equal(await drain(world, budget), 1)
      t.equal(await drain(world, budgetOf('never seen', 2, within)), 2, 'a row that is gone is as good as none')
    }
  })
}
