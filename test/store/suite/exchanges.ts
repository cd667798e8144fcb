import type { Test } from 'tap'
import type { NewExchange } from '../../../src/store/exchanges.ts'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

const exchangeOf = (id: string, options: Partial<NewExchange> = {}): NewExchange => ({
  id,
  delivery: 'delivery-1',
  hook: 'auth0',
  status: 200,
  milliseconds: 12,
  request: '{"recipient":"+49•••••••5678"}',
  reply: '{"status":"accepted"}',
  at: 1000,
  sealed: undefined,
  ...options
})

const SEALED = { text: 'sealed message', keepFor: 60_000 }

export const testExchanges = (t: Test, open: OpenStore): void => {
  t.test('what was asked and answered is kept, and found by its delivery in the order in which it came', async (t) => {
    const { exchanges } = await openWorld(t, open)
    await exchanges.add([exchangeOf('c', { at: 3000, milliseconds: 7.6 }), exchangeOf('a', { at: 2000, reply: undefined, status: 409 })])
    await exchanges.add([exchangeOf('b', { at: 2000 }), exchangeOf('d', { delivery: 'delivery-2' }), exchangeOf('e', { delivery: undefined })])
    const { sealed, ...plain } = exchangeOf('')
    t.same(await exchanges.of('delivery-1'), [
      { ...plain, id: 'a', at: 2000, reply: undefined, status: 409, replayableUntil: undefined },
      { ...plain, id: 'b', at: 2000, replayableUntil: undefined },
      { ...plain, id: 'c', at: 3000, milliseconds: 8, replayableUntil: undefined }
    ])
    t.same((await exchanges.of('delivery-2')).map(({ id }) => id), ['d'])
    t.same(await exchanges.of('delivery-3'), [])
  })

  t.test('one that is there already stays as it is, and the others of its unit are written', async (t) => {
    const { exchanges } = await openWorld(t, open)
    await exchanges.add([exchangeOf('a')])
    await exchanges.add([exchangeOf('a', { status: 500, delivery: 'delivery-2', sealed: SEALED }), exchangeOf('b')])
    await exchanges.add([])
    t.same((await exchanges.of('delivery-1')).map(({ id, status }) => [id, status]), [['a', 200], ['b', 200]])
    t.equal(await exchanges.sealed('a'), undefined)
  })

  t.test('what no store keeps is left out of the words, and the others of the unit are written', async (t) => {
    const { exchanges } = await openWorld(t, open)
    await exchanges.add([exchangeOf('a', { request: '"a\0b"', reply: 'It is\0 \0here' }), exchangeOf('b')])
    t.match(await exchanges.of('delivery-1'), [{ id: 'a', request: '"ab"', reply: 'It is here' }, { id: 'b' }])
  })

  t.test('many are written at a time, in whatever order, by several processes', async (t) => {
    const { beside, exchanges } = await openWorld(t, open)
    const other = tablesOf(await beside()).exchanges
    const all = Array.from({ length: 20 }, (_, index) => exchangeOf(`exchange-${index}`))
    await Promise.all(Array.from({ length: 6 }, (_, index) => (index % 2 === 0 ? exchanges : other).add(index % 3 === 0 ? all : [...all].reverse())))
    t.equal((await exchanges.of('delivery-1')).length, 20)
  })

  t.test('of one delivery the first 20 are given', async (t) => {
    const { exchanges } = await openWorld(t, open)
    await exchanges.add(Array.from({ length: 25 }, (_, index) => exchangeOf(`exchange-${index}`, { at: 1000 + index })))
    t.same((await exchanges.of('delivery-1')).map(({ at }) => at), Array.from({ length: 20 }, (_, index) => 1000 + index))
  })

  t.test('a sealed message is there until its time is over, and no exchange says that it can be sent again after that', async (t) => {
    const { clock, exchanges } = await openWorld(t, open)
    await exchanges.add([exchangeOf('a', { sealed: SEALED }), exchangeOf('b', { sealed: SEALED, delivery: undefined }), exchangeOf('c')])
    const until = clock() + 60_000
    t.match(await exchanges.of('delivery-1'), [{ id: 'a', replayableUntil: until }, { id: 'c', replayableUntil: undefined }])
    t.same(await exchanges.sealed('a'), { sealed: 'sealed message', delivery: 'delivery-1' })
    t.same(await exchanges.sealed('b'), { sealed: 'sealed message', delivery: undefined })
    for (const id of ['c', 'nobody']) t.equal(await exchanges.sealed(id), undefined)
    clock.advance(59_999)
    t.not(await exchanges.sealed('a'), undefined)
    clock.advance(1)
    t.equal(await exchanges.sealed('a'), undefined)
    t.match(await exchanges.of('delivery-1'), [{ id: 'a', replayableUntil: undefined }, { id: 'c', replayableUntil: undefined }])
  })

  t.test('sealed messages are wiped once their time is over, the oldest first; the rest of the exchange stays', async (t) => {
    const { clock, exchanges, sql } = await openWorld(t, open)
    const left = async (): Promise<unknown[]> =>
      (await sql.read({ text: 'SELECT id FROM exchanges WHERE sealed IS NOT NULL OR sealed_until IS NOT NULL ORDER BY id', parameters: {} })).map(({ id }) => id)
    await exchanges.add(['c', 'b', 'a'].map((id, index) => exchangeOf(id, { sealed: { text: 'sealed', keepFor: 1000 * (index + 1) } })))
    t.equal(await exchanges.forgetSealed(10), 0)
    clock.advance(2000)
    t.equal(await exchanges.forgetSealed(1), 1)
    t.same(await left(), ['a', 'b'])
    t.equal(await exchanges.forgetSealed(10), 1)
    t.same(await left(), ['a'])
    t.equal((await exchanges.of('delivery-1')).length, 3)
  })

  t.test('what is old is removed, a batch at a time, the oldest first', async (t) => {
    const { exchanges } = await openWorld(t, open)
    await exchanges.add(['a', 'b', 'c', 'd'].map((id, index) => exchangeOf(id, { at: 4000 - 1000 * index, sealed: SEALED })))
    t.equal(await exchanges.purge(4000, 2), 2)
    t.same((await exchanges.of('delivery-1')).map(({ id }) => id), ['b', 'a'])
    t.equal(await exchanges.purge(4000, 2), 1)
    t.equal(await exchanges.purge(4000, 2), 0)
    t.same((await exchanges.of('delivery-1')).map(({ id }) => id), ['a'])
  })
}
