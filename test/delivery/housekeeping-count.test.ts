import t from 'tap'
import { HISTORY_DAYS } from '../../src/guard/thresholds.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { hourOf } from '../../src/store/traffic.ts'
import { createGate } from '../support/gate.ts'
import { DAY, mockTimers, openHousekeeping, PURGE, turn } from './housekeeping-stand.ts'

const COUNT = 1000
const BATCH = 500

t.test('what was counted is written down every second, and once more at the end', async (t) => {
  const timers = mockTimers(t)
  const { make } = await openHousekeeping(t)
  let counted = 0
  const housekeeping = make({ count: async () => { counted += 1 } })
  for (let second = 1; second <= 3; second += 1) {
    if (second === 1) housekeeping.start()
    timers.tick(COUNT)
    await turn()
    t.equal(counted, second)
  }
  await housekeeping.stop()
  t.equal(counted, 4)
  await housekeeping.count()
  t.equal(counted, 5)
})

t.test('it is never written twice at a time, and what fails is told and tried again', async (t) => {
  const timers = mockTimers(t)
  const { events, make, next } = await openHousekeeping(t)
  const gate = createGate()
  let begun = 0
  const housekeeping = make({
    async count () {
      begun += 1
      await gate.opened
      throw new StoreUnavailable()
    }
  })
  housekeeping.start()
  for (let second = 0; second < 3; second += 1) {
    timers.tick(COUNT)
    await turn()
  }
  t.equal(begun, 1)
  const failed = next('work.failed')
  gate.open()
  t.match(await failed, { what: 'counting' })
  await turn()
  timers.tick(COUNT)
  await turn()
  t.equal(begun, 2)
  await housekeeping.stop()
  t.equal(begun, 3, 'to end is not to fail')
  t.equal(events.filter(({ type }) => type === 'work.failed').length, 1, 'the second time says nothing new')
})

t.test('pages of the feed go after three days, fifty at a time, and the keys that they were written by after an hour', async (t) => {
  const timers = mockTimers(t)
  const { clock, feed, housekeeping, upkeep } = await openHousekeeping(t)
  for (let page = 1; page <= 120; page += 1) await feed.append([{ at: 1, type: 'a' }], `key ${page}`)
  clock.advance(DAY / 24)
  await housekeeping.purge()
  t.equal(await upkeep.forgetBatches(clock() + 1, 500), 120, 'an hour is not over')
  await feed.append([{ at: 1, type: 'a' }], 'key')
  clock.advance(3 * DAY)
  await housekeeping.purge()
  t.equal(await upkeep.forgetBatches(clock() + 1, 500), 0)
  t.same(await feed.span(), { oldest: 51, newest: 121 }, 'once is one batch')
  housekeeping.start()
  timers.tick(PURGE)
  for (let time = 0; time < 20; time += 1) await turn()
  t.same(await feed.span(), { oldest: 121, newest: 121 })
})

t.test('traffic goes when it is no history any more, batch after batch', async (t) => {
  const timers = mockTimers(t)
  const { clock, housekeeping, traffic } = await openHousekeeping(t)
  const rows = (key: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({ key: `${key} ${index}`, hour: hourOf(clock()), sent: 1, reported: 0, delivered: 0, used: 0 }))
  await traffic.add(rows('old', BATCH + 1))
  clock.advance(DAY)
  await traffic.add(rows('young', 2))
  const left = async (): Promise<number> =>
    (await traffic.read([...rows('old', BATCH + 1), ...rows('young', 2)].map(({ key }) => key), 0)).length
  clock.advance((HISTORY_DAYS + 1) * DAY)
  await housekeeping.purge()
  t.equal(await left(), BATCH + 3, 'it counts for five weeks and a day')
  clock.advance(DAY / 24)
  await housekeeping.purge()
  t.equal(await left(), 3, 'once is one batch')
  await traffic.add(rows('old', BATCH).map((row) => ({ ...row, hour: row.hour - (HISTORY_DAYS + 3) * 24 })))
  housekeeping.start()
  timers.tick(PURGE)
  for (let time = 0; time < 20; time += 1) await turn()
  t.equal(await left(), 2)
})
