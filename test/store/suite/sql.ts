import type { Test } from 'tap'
import { statement, StoreUnavailable } from '../../../src/store/sql.ts'
import type { OpenStore } from '../../support/store.ts'

const insert = statement('INSERT INTO due (id, kind, due_at, lease_until) VALUES (:id, :kind, :now, 0) RETURNING id, due_at')
const all = statement('SELECT id, due_at FROM due ORDER BY id')
const wrong = statement('INSERT INTO no_such_table (id) VALUES (1)')

const work = (id: string): { readonly id: string, readonly kind: string } => ({ id, kind: 'end-call' })

export const testSql = (t: Test, open: OpenStore): void => {
  t.test('a unit gives the rows of each of its steps, and every step sees the clock of the store', async (t) => {
    const { clock, sql } = await open(t)
    const rows = await sql.write([insert(work('a')), all(), insert(work('b'))])
    t.same(rows, [[{ id: 'a', due_at: clock() }], [{ id: 'a', due_at: clock() }], [{ id: 'b', due_at: clock() }]])
    clock.advance(5)
    const [row] = await sql.read(statement('SELECT CAST(:now AS BIGINT) AS moment')())
    t.same(row, { moment: clock() })
  })

  t.test('a unit of no steps does nothing', async (t) => {
    const { sql } = await open(t)
    t.same(await sql.write([]), [])
  })

  t.test('what is asked for is read and written as it was given', async (t) => {
    const { sql } = await open(t)
    for (const id of ['', 'Ünïcödé •', "'; DROP TABLE due; --", ':now', 'x'.repeat(10_000)]) {
      await sql.write([insert(work(id))])
      t.same(await sql.read(statement('SELECT id FROM due WHERE id = :id')({ id })), [{ id }])
    }
  })

  t.test('a unit with a failing step leaves nothing behind, whichever step it is', async (t) => {
    const { sql } = await open(t)
    for (const steps of [[wrong(), insert(work('a'))], [insert(work('a')), wrong()], [insert(work('a')), wrong(), insert(work('b'))]]) {
      await t.rejects(sql.write(steps), StoreUnavailable)
    }
    t.same(await sql.read(all()), [])
  })

  t.test('a failing step rejects its own unit only, and says why', async (t) => {
    const { sql } = await open(t)
    await sql.write([insert(work('a'))])
    const results = await Promise.allSettled([
      sql.write([insert(work('e'))]),
      sql.write([wrong()]),
      sql.write([insert(work('b')), insert(work('a'))]),
      sql.write([insert(work('c')), insert(work('d'))])
    ])
    t.same(results.map(({ status }) => status), ['fulfilled', 'rejected', 'rejected', 'fulfilled'])
    const { reason } = results[1] as PromiseRejectedResult
    t.match(reason, { name: 'StoreUnavailable', message: 'the store is unavailable' })
    t.ok(reason.cause instanceof Error)
    t.same((await sql.read(all())).map(({ id }) => id), ['a', 'c', 'd', 'e'])
  })

  t.test('a step without what it names is refused', async (t) => {
    const { sql } = await open(t)
    await t.rejects(sql.write([insert({ id: 'a' })]), StoreUnavailable)
  })

  t.test('a query that is wrong is refused, and the next one is answered', async (t) => {
    const { sql } = await open(t)
    await t.rejects(sql.read(statement('SELECT * FROM no_such_table')()), StoreUnavailable)
    t.same(await sql.read(all()), [])
  })

  t.test('a store that answers passes the check', async (t) => {
    const { sql } = await open(t)
    await t.resolves(sql.check())
  })

  t.test('a closed store takes nothing and does not pass the check', async (t) => {
    const { sql } = await open(t)
    await sql.close()
    await t.rejects(sql.read(all()), StoreUnavailable)
    await t.rejects(sql.write([insert(work('a'))]), StoreUnavailable)
    await t.rejects(sql.check(), StoreUnavailable)
  })

  t.test('closing again does nothing', async (t) => {
    const { sql } = await open(t)
    await sql.close()
    await t.resolves(sql.close())
  })

  t.test('closing finishes what was asked for before, and what was written is there after a restart', async (t) => {
    const { reopen, sql } = await open(t)
    const written = sql.write([insert(work('a'))])
    const closed = sql.close()
    t.match(await written, [[{ id: 'a' }]])
    await closed
    t.match(await (await reopen()).read(all()), [{ id: 'a' }])
  })
}
