import type { Test } from 'tap'
import { openWorld, type OpenStore } from '../../support/store.ts'

export const testDecisions = (t: Test, open: OpenStore): void => {
  t.test('what was decided stands with its delivery, and with no other', async (t) => {
    const { clock, decisions, deliveries, delivery } = await openWorld(t, open)
    const [one, other] = [await delivery(), await delivery()]
    await decisions.add(one.id, [{ rule: 'prefix-budget', mode: 'shadow' }, { rule: 'number-budget', mode: 'enforce' }])
    t.same((await deliveries.find(one.id))?.decisions, [
      { rule: 'number-budget', mode: 'enforce', at: clock() }, { rule: 'prefix-budget', mode: 'shadow', at: clock() }
    ])
    t.same((await deliveries.find(other.id))?.decisions, [])
  })

  t.test('what is decided again stays as it was, and what is new comes after it', async (t) => {
    const { clock, decisions, deliveries, delivery } = await openWorld(t, open)
    const { id } = await delivery()
    const first = clock()
    await decisions.add(id, [{ rule: 'pumping', mode: 'shadow' }])
    clock.advance(10)
    await decisions.add(id, [{ rule: 'pumping', mode: 'shadow' }, { rule: 'ip-budget', mode: 'enforce' }])
    t.same((await deliveries.find(id))?.decisions, [
      { rule: 'pumping', mode: 'shadow', at: first }, { rule: 'ip-budget', mode: 'enforce', at: clock() }
    ])
  })

  t.test('of many that decide the same at a time, all are done', async (t) => {
    const { decisions, deliveries, delivery } = await openWorld(t, open)
    const { id } = await delivery()
    const both = [{ rule: 'pumping', mode: 'shadow' }, { rule: 'total-budget', mode: 'enforce' }] as const
    await Promise.all(Array.from({ length: 20 }, () => decisions.add(id, both)))
    t.equal((await deliveries.find(id))?.decisions.length, 2)
  })

  t.test('nothing decided is nothing written', async (t) => {
    const { decisions, deliveries, delivery } = await openWorld(t, open)
    const { id } = await delivery()
    await decisions.add(id, [])
    t.same((await deliveries.find(id))?.decisions, [])
  })

  t.test('decisions are purged with their deliveries', async (t) => {
    const { clock, decisions, delivery, sql, upkeep } = await openWorld(t, open)
    const old = await delivery()
    await decisions.add(old.id, [{ rule: 'pumping', mode: 'shadow' }])
    clock.advance(1000)
    const young = await delivery()
    await decisions.add(young.id, [{ rule: 'pumping', mode: 'shadow' }])
    t.equal(await upkeep.purge(clock(), 10), 1)
    t.same(await sql.read({ text: 'SELECT delivery_id FROM decisions', parameters: {} }), [{ delivery_id: young.id }])
  })
}
