import t from 'tap'
import { createPace } from '../../src/verification/pace.ts'

const MINUTE = 60_000

/** A pace by a clock of the test, whose work takes as long as is said. */
const stand = (random: () => number = () => 0) => {
  let now = 0
  const pace = createPace(random, () => now)
  return {
    pace,
    advance: (milliseconds: number) => { now += milliseconds },
    measure: async (milliseconds: number, answer = 'right') =>
      await pace.measure(async () => { now += milliseconds; return answer }, (result) => result !== 'unknown')
  }
}

/** How long it took, in milliseconds, and what it gave. */
const timed = async (work: () => Promise<boolean>): Promise<{ readonly isAnswered: boolean, readonly took: number }> => {
  const began = performance.now()
  const isAnswered = await work()
  return { isAnswered, took: performance.now() - began }
}

t.test('what is measured has its own result, or its own failure', async (t) => {
  const { pace, measure } = stand()
  t.equal(await measure(5), 'right')
  await t.rejects(pace.measure(() => Promise.reject(new Error('the store is away')), () => true), { message: 'the store is away' })
  t.same(await pace.repeat(), true, 'which leaves no trace')
})

t.test('what is repeated takes as long as one that was measured, and has an answer where that had one', async (t) => {
  const chosen = [0, 0.99]
  const { pace, measure } = stand(() => chosen.shift() ?? 0)
  await measure(1, 'unknown')
  await measure(120, 'wrong')
  const [quick, slow] = [await timed(() => pace.repeat()), await timed(() => pace.repeat())]
  t.equal(quick.isAnswered, false)
  t.equal(slow.isAnswered, true)
  t.ok(slow.took >= 118 && slow.took < 3000, String(slow.took))
})

t.test('where nothing was measured lately, it is as usual', async (t) => {
  const { pace, measure, advance } = stand()
  const unmeasured = await timed(() => pace.repeat())
  t.match(unmeasured, { isAnswered: true })
  t.ok(unmeasured.took >= 150 && unmeasured.took < 3000, String(unmeasured.took))
  await measure(0, 'unknown')
  advance(5 * MINUTE)
  t.equal(await pace.repeat(), false)
  advance(1)
  t.equal(await pace.repeat(), true, 'five minutes later it does not count any more')
})

t.test('only the last twenty count', async (t) => {
  const { pace, measure } = stand()
  await measure(0, 'unknown')
  for (let time = 1; time < 20; time += 1) await measure(0)
  t.equal(await pace.repeat(), false)
  await measure(0)
  t.equal(await pace.repeat(), true)
})

t.test('by itself it goes by the time that passes, and by chance', async (t) => {
  const pace = createPace()
  await pace.measure(async () => 'unknown', () => false)
  t.equal(await pace.repeat(), false)
})
