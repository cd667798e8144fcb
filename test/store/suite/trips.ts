import type { Test } from 'tap'
import type { ShutFor, TrippedRange } from '../../../src/store/trips.ts'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

const DAY = 24 * 3_600_000
const QUARTER = 900_000
const SHUT_FOR: ShutFor = { first: QUARTER, most: 4 * QUARTER, again: DAY }

const BLOCK: TrippedRange = { key: 'block 1', area: 'area 1', country: 'country UZ', shown: '+998 90…' }
const SECOND_BLOCK: TrippedRange = { ...BLOCK, key: 'block 2' }
const AREA: TrippedRange = { ...BLOCK, key: 'area 1' }
const COUNTRY: TrippedRange = { key: 'country UZ', area: undefined, country: 'country UZ', shown: 'UZ' }
const NOWHERE: TrippedRange = { key: 'block 3', area: 'area 3', country: undefined, shown: '+882 16…' }

export const testTrips = (t: Test, open: OpenStore): void => {
  t.test('of many that shut a range at a time one does, and again once it is open', async (t) => {
    const { beside, clock, trips } = await openWorld(t, open)
    const other = tablesOf(await beside()).trips
    const all = async (): Promise<Array<number | undefined>> => {
      const tripped = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? trips : other).trip(BLOCK, 'hour', SHUT_FOR)))
      return tripped.filter(Boolean)
    }
    t.same(await all(), [QUARTER])
    t.same(await trips.active(), [{ key: 'block 1', left: QUARTER, trialLeft: 2 * QUARTER }])
    clock.advance(QUARTER - 1)
    t.same(await all(), [])
    t.same(await other.active(), [{ key: 'block 1', left: 1, trialLeft: QUARTER + 1 }])
    clock.advance(1)
    t.same(await trips.active(), [{ key: 'block 1', left: 0, trialLeft: QUARTER }])
    t.same(await all(), [2 * QUARTER])
    t.same(await trips.active(), [{ key: 'block 1', left: 2 * QUARTER, trialLeft: 4 * QUARTER }])
  })

  t.test('a range is shut twice as long each time that it is again within a day, up to the most', async (t) => {
    const { clock, trips } = await openWorld(t, open)
    const again = async (): Promise<number | undefined> => await trips.trip(BLOCK, 'hour', { ...SHUT_FOR, most: 3 * QUARTER })
    t.equal(await again(), QUARTER)
    clock.advance(QUARTER)
    t.equal(await again(), 2 * QUARTER)
    clock.advance(2 * QUARTER)
    t.equal(await again(), 3 * QUARTER, 'no more than the most')
    clock.advance(3 * QUARTER)
    t.equal(await again(), 3 * QUARTER)
    clock.advance(3 * QUARTER + DAY - 1)
    t.equal(await again(), 3 * QUARTER, 'a day from its opening on')
    clock.advance(3 * QUARTER + DAY)
    t.equal(await again(), QUARTER, 'after a day it is as if never shut')
    t.equal(await trips.trip(SECOND_BLOCK, 'hour', SHUT_FOR), QUARTER, 'each by itself')
  })

  t.test('a range is on trial for as long as it was shut', async (t) => {
    const { clock, trips } = await openWorld(t, open)
    await trips.trip(BLOCK, 'hour', SHUT_FOR)
    clock.advance(2 * QUARTER - 1)
    t.same(await trips.active(), [{ key: 'block 1', left: 1 - QUARTER, trialLeft: 1 }])
    clock.advance(1)
    t.same(await trips.active(), [])
  })

  t.test('what is shut survives a restart', async (t) => {
    const { clock, reopen, trips } = await openWorld(t, open)
    await trips.trip(COUNTRY, 'day', SHUT_FOR)
    await trips.trip(NOWHERE, 'hour', { ...SHUT_FOR, first: 2 * QUARTER })
    clock.advance(1)
    t.same(await tablesOf(await reopen()).trips.active(), [
      { key: 'block 3', left: 2 * QUARTER - 1, trialLeft: 4 * QUARTER - 1 }, { key: 'country UZ', left: QUARTER - 1, trialLeft: 2 * QUARTER - 1 }
    ])
  })

  t.test('a range knows what was shut inside of it, itself and old times aside', async (t) => {
    const { clock, trips } = await openWorld(t, open)
    for (const range of [BLOCK, AREA, SECOND_BLOCK, COUNTRY, NOWHERE]) {
      await trips.trip(range, 'hour', SHUT_FOR)
      clock.advance(1)
    }
    t.same(await trips.within(AREA, DAY), [SECOND_BLOCK, BLOCK])
    t.same(await trips.within(COUNTRY, DAY), [SECOND_BLOCK, AREA, BLOCK])
    t.same(await trips.within({ key: 'country KZ', area: undefined }, DAY), [])
    t.same(await trips.within({ ...NOWHERE, key: 'area 3' }, DAY), [NOWHERE])
    clock.advance(DAY - 4)
    t.same(await trips.within(COUNTRY, DAY), [SECOND_BLOCK])
    await trips.trip(BLOCK, 'day', SHUT_FOR)
    t.same(await trips.within(AREA, DAY), [BLOCK, SECOND_BLOCK])
  })

  t.test('what was shut long ago is forgotten, so much at a time, and nothing that is shut', async (t) => {
    const { clock, trips, upkeep } = await openWorld(t, open)
    const start = clock()
    await trips.trip(COUNTRY, 'hour', { ...SHUT_FOR, first: 10 * DAY })
    for (const range of [BLOCK, AREA, SECOND_BLOCK]) await trips.trip(range, 'hour', SHUT_FOR)
    clock.advance(DAY)
    await trips.trip(NOWHERE, 'hour', SHUT_FOR)
    t.equal(await upkeep.forgetTraffic(start, 2), 0)
    t.equal(await upkeep.forgetTraffic(start + 1, 2), 2)
    t.equal(await upkeep.forgetTraffic(start + 1, 2), 1)
    t.equal(await upkeep.forgetTraffic(start + 1, 2), 0)
    t.same((await trips.active()).map(({ key }) => key), ['country UZ', 'block 3'])
  })
}
