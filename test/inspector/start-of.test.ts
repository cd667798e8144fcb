import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { createStartOf } from '../../src/inspector/start-of.ts'
import { createArrayTail } from './array-tail.ts'

t.test('however few pages come at a time, all of them are counted, and each read is a turn of its own', async (t) => {
  const tail = createArrayTail()
  tail.write(200, 100)
  let turns = 0
  const over = new AbortController()
  const count = async (): Promise<void> => {
    for (; !over.signal.aborted; turns += 1) await nextTurn()
  }
  const counting = count()
  const startOf = createStartOf({ span: tail.span, read: async (after) => (await tail.read(after)).slice(0, 3) })
  t.equal(await startOf(0), 150)
  over.abort()
  await counting
  t.ok(tail.reads.length >= 17)
  t.ok(turns >= tail.reads.length - 1, `${turns} turns`)
})

t.test('where pages are gone meanwhile, it ends', async (t) => {
  const tail = createArrayTail()
  tail.write(60, 1)
  const startOf = createStartOf({ span: tail.span, read: async () => [] })
  t.equal(await startOf(0), 0)
})
