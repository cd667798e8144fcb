import t from 'tap'
import { createStoreClock } from '../../src/store/clock.ts'
import { StoreUnavailable, type Sql } from '../../src/store/sql.ts'

/** A store whose clock says this when it is asked. */
const storeThatSays = (moment: () => number): Sql => ({
  read: async () => [{ moment: moment() }],
  write: async () => [],
  follow: () => () => {},
  check: async () => {},
  close: async () => {}
})

t.test('until it is compared it goes as the machine\'s, and from then on as the store\'s', async (t) => {
  let machine = 1000
  const clock = createStoreClock(storeThatSays(() => machine + 90_000), () => machine)
  t.equal(clock.now(), 1000)
  t.equal(await clock.sync(), 90_000)
  t.equal(clock.now(), 91_000)
  machine = 5000
  t.equal(clock.now(), 95_000)
})

t.test('the question is taken to have met the store half-way', async (t) => {
  let machine = 1000
  const clock = createStoreClock(storeThatSays(() => { machine += 100; return 51_050 }), () => machine)
  t.equal(await clock.sync(), 50_000)
})

t.test('a machine that runs ahead is held back', async (t) => {
  const clock = createStoreClock(storeThatSays(() => 1000), () => 601_000)
  t.equal(await clock.sync(), -600_000)
  t.equal(clock.now(), 1000)
})

t.test('what lies within the time of the question moves nothing', async (t) => {
  let [machine, answerTakes, store] = [0, 0, 10_000]
  const clock = createStoreClock(storeThatSays(() => { machine += answerTakes; return store }), () => machine)
  t.equal(await clock.sync(), 10_000)
  answerTakes = 1000
  store = 10_900
  t.equal(await clock.sync(), 10_000, 'between 9,900 and 10,900 is all that is known')
  answerTakes = 0
  store = 11_005
  t.equal(await clock.sync(), 10_005)
})

t.test('while the store is away it goes on as before', async (t) => {
  let isAway = false
  const clock = createStoreClock({ ...storeThatSays(() => 7000), read: async () => { if (isAway) throw new StoreUnavailable(); return [{ moment: 7000 }] } }, () => 1000)
  await clock.sync()
  isAway = true
  await t.rejects(clock.sync(), StoreUnavailable)
  t.equal(clock.now(), 7000)
})
