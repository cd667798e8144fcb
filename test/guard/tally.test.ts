import t from 'tap'
import { createMeter } from '../../src/guard/meter.ts'
import { createTally } from '../../src/guard/tally.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import type { HourOfTraffic } from '../../src/store/traffic.ts'
import { createGate } from '../support/gate.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

const HOUR = 3_600_000
const AT = 500_000 * HOUR
const NONE = { sent: 0, reported: 0, delivered: 0, used: 0 }
const PLACE = { country: 'UZ', area: 'a', block: 'b', sentAt: AT + 1 }

t.test('what is noted adds up, by key and hour, and is written once', async (t) => {
  const { traffic } = await openWorld(t, openSqliteStore)
  const tally = createTally(traffic)
  tally.note('a', AT, { sent: 1 })
  tally.note('a', AT + HOUR - 1, { sent: 1, used: 1 })
  tally.note('a', AT + HOUR, { sent: 1 })
  tally.note('b', AT, { delivered: 1, reported: 2 })
  const expected = [
    { key: 'a', hour: 500_000, ...NONE, sent: 2, used: 1 }, { key: 'a', hour: 500_001, ...NONE, sent: 1 }, { key: 'b', hour: 500_000, ...NONE, delivered: 1, reported: 2 }
  ]
  t.same(await tally.flush(), expected)
  t.same(await tally.flush(), [])
  t.same(await traffic.read(['a', 'b'], 0), expected)
  tally.note('a', AT, { sent: 1 })
  t.same(await tally.flush(), [{ key: 'a', hour: 500_000, ...NONE, sent: 3, used: 1 }], 'what it stands at is told, not what was added')
})

t.test('what the store does not take is kept, and what comes meanwhile is added to it', async (t) => {
  const { traffic } = await openWorld(t, openSqliteStore)
  let isDown = true
  const tally = createTally({ add: async (rows) => isDown ? await Promise.reject(new StoreUnavailable()) : await traffic.add(rows) })
  for (let time = 0; time < 3; time += 1) {
    tally.note('a', AT, { sent: 1 })
    await t.rejects(tally.flush(), StoreUnavailable)
  }
  isDown = false
  tally.note('a', AT, { sent: 1 })
  t.match(await tally.flush(), [{ key: 'a', sent: 4 }])
  t.same(await tally.flush(), [])
})

t.test('what is noted while it is written is written next', async (t) => {
  const { traffic } = await openWorld(t, openSqliteStore)
  const [asked, go] = [createGate(), createGate()]
  const tally = createTally({
    async add (rows) {
      asked.open()
      await go.opened
      return await traffic.add(rows)
    }
  })
  tally.note('a', AT, { sent: 1 })
  const first = tally.flush()
  await asked.opened
  tally.note('a', AT, { sent: 1 })
  go.open()
  t.match(await first, [{ key: 'a', sent: 1 }])
  t.match(await tally.flush(), [{ key: 'a', sent: 2 }])
})

t.test('it is written in pieces, and of those that are written none is written again', async (t) => {
  const { traffic } = await openWorld(t, openSqliteStore)
  const sizes: number[] = []
  const tally = createTally({
    async add (rows) {
      sizes.push(rows.length)
      if (sizes.length === 2) throw new StoreUnavailable()
      return await traffic.add(rows)
    }
  })
  for (let index = 0; index < 1100; index += 1) tally.note(`key ${index}`, AT, { sent: 1 })
  await t.rejects(tally.flush(), StoreUnavailable)
  t.equal((await tally.flush()).length, 588)
  t.same(sizes, [512, 512, 512, 76])
  const all = await traffic.read(Array.from({ length: 1100 }, (_, index) => `key ${index}`), 0)
  t.equal(all.length, 1100)
  t.ok(all.every(({ sent }) => sent === 1))
})

t.test('where the store is down for very long, what is oldest goes', async (t) => {
  const written: HourOfTraffic[] = []
  let isDown = true
  const tally = createTally({
    async add (rows) {
      if (isDown) throw new StoreUnavailable()
      written.push(...rows)
      return []
    }
  })
  for (let index = 0; index < 40_000; index += 1) tally.note(`old ${index}`, AT, { sent: 1 })
  await t.rejects(tally.flush(), StoreUnavailable)
  for (let index = 0; index < 20_000; index += 1) tally.note(`new ${index}`, AT, { sent: 1 })
  await t.rejects(tally.flush(), StoreUnavailable)
  tally.note('old 39999', AT, { sent: 1 })
  isDown = false
  await tally.flush()
  t.equal(written.length, 50_000)
  t.match([written[0], written[29_999], written[30_000]], [{ key: 'old 10000' }, { key: 'old 39999', sent: 2 }, { key: 'new 0' }])
})

t.test('messages are counted by all ranges that they went to, and by their route', async (t) => {
  const noted: unknown[] = []
  const meter = createMeter({ note: (...all) => { noted.push(all) } }, { withRanges: true })
  meter.sent(PLACE)
  meter.delivered({ ...PLACE, country: undefined })
  meter.used(PLACE)
  meter.used({ ...PLACE, area: undefined })
  meter.used({ ...PLACE, block: undefined })
  const byRange = (counts: object): unknown[] => ['block b', 'area a', 'country UZ'].map((key) => [key, PLACE.sentAt, counts])
  t.same(noted, [...byRange({ sent: 1 }), ...byRange({ delivered: 1 }).slice(0, 2), ...byRange({ used: 1 })])
  noted.length = 0
  const route = { provider: 'acs-sms', channel: 'sms', country: 'UZ' }
  meter.accepted(route, AT)
  meter.reported({ ...route, country: undefined }, AT + 1)
  t.same(noted, [['route acs-sms sms UZ', AT, { sent: 1 }], ['route acs-sms sms -', AT + 1, { reported: 1 }]])
})

t.test('where nobody judges ranges they are not counted, and routes are', async (t) => {
  const noted: unknown[] = []
  const meter = createMeter({ note: (...all) => { noted.push(all) } }, { withRanges: false })
  for (const count of [meter.sent, meter.delivered, meter.used]) count(PLACE)
  t.same(noted, [])
  meter.accepted({ provider: 'acs-sms', channel: 'sms', country: 'UZ' }, AT)
  t.equal(noted.length, 1)
})
