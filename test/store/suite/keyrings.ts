import type { Test } from 'tap'
import { GONE_AFTER } from '../../../src/store/keyrings.ts'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

export const testKeyrings = (t: Test, open: OpenStore): void => {
  t.test('processes with the same keys begin beside each other, one with others does not, and keeps nobody out', async (t) => {
    const world = await openWorld(t, open)
    const other = tablesOf(await world.beside()).keyrings
    t.equal(await world.keyrings.join('one'), true)
    t.equal(await other.join('one'), true)
    for (let time = 0; time < 2; time += 1) t.equal(await other.join('two'), false)
    t.equal(await other.join('one'), true)
    t.equal(await world.keyrings.stay('one'), true)
  })

  t.test('two that have begun with different keys, since the store was away, find each other', async (t) => {
    const world = await openWorld(t, open)
    const other = tablesOf(await world.beside()).keyrings
    t.equal(await world.keyrings.stay('one'), true)
    t.equal(await other.stay('two'), false)
    t.equal(await world.keyrings.stay('one'), false)
  })

  t.test('one that was not heard for a while is gone', async (t) => {
    const { clock, keyrings } = await openWorld(t, open)
    await keyrings.join('one')
    clock.advance(GONE_AFTER - 1)
    t.equal(await keyrings.join('two'), false)
    clock.advance(1)
    t.equal(await keyrings.join('two'), true)
    clock.advance(GONE_AFTER - 1)
    t.equal(await keyrings.stay('two'), true)
    t.equal(await keyrings.join('one'), false)
  })
}
