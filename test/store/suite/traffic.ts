import type { Test } from 'tap'
import { hourOf, routeKey, type HourOfTraffic } from '../../../src/store/traffic.ts'
import { openWorld, tablesOf, type OpenStore } from '../../support/store.ts'

const HOUR = 500_000
const NONE = { sent: 0, reported: 0, delivered: 0, used: 0 }

const rowOf = (key: string, hour: number, counts: Partial<HourOfTraffic> = {}): HourOfTraffic => ({ key, hour, ...NONE, ...counts })

const inOrder = (rows: readonly HourOfTraffic[]): HourOfTraffic[] =>
  [...rows].sort((one, other) => one.key < other.key || (one.key === other.key && one.hour < other.hour) ? -1 : 1)

export const testTraffic = (t: Test, open: OpenStore): void => {
  t.test('what is counted adds up, each hour of each key by itself, and it is told what it comes to', async (t) => {
    const { traffic, reopen } = await openWorld(t, open)
    t.same(await traffic.add([rowOf('b', HOUR, { sent: 2 }), rowOf('a', HOUR, { sent: 1, delivered: 1 })]),
      [rowOf('a', HOUR, { sent: 1, delivered: 1 }), rowOf('b', HOUR, { sent: 2 })])
    t.same(await traffic.add([rowOf('a', HOUR + 1, { sent: 5 }), rowOf('a', HOUR, { sent: 3, reported: 7, delivered: 2, used: 4 })]),
      [rowOf('a', HOUR, { sent: 4, reported: 7, delivered: 3, used: 4 }), rowOf('a', HOUR + 1, { sent: 5 })])
    const after = tablesOf(await reopen()).traffic
    t.same(inOrder(await after.read(['a', 'b', 'none'], HOUR)), [
      rowOf('a', HOUR, { sent: 4, reported: 7, delivered: 3, used: 4 }), rowOf('a', HOUR + 1, { sent: 5 }), rowOf('b', HOUR, { sent: 2 })
    ])
    t.same(await after.read(['a'], HOUR + 1), [rowOf('a', HOUR + 1, { sent: 5 })])
    t.same(await after.read(['a'], HOUR + 2), [])
  })

  t.test('nothing is added of nothing, and nothing is known of nobody', async (t) => {
    const { traffic } = await openWorld(t, open)
    t.same(await traffic.add([]), [])
    t.same(await traffic.read([], HOUR), [])
    t.same(await traffic.days([], HOUR, 14), [])
    t.equal(await traffic.firstHour(HOUR), HOUR)
  })

  t.test('however many are added and read at a time, none is lost', async (t) => {
    const { traffic } = await openWorld(t, open)
    for (const count of [1, 7, 8, 9, 63, 64, 65, 137]) {
      const rows = Array.from({ length: count }, (_, index) => rowOf(`${count} key ${index}`, HOUR, { sent: index + 1 }))
      t.same(inOrder(await traffic.add(rows)), inOrder(rows))
      t.same(inOrder(await traffic.read(rows.map(({ key }) => key), HOUR)), inOrder(rows), `${count}`)
    }
  })

  t.test('of many that add to the same at a time, in whatever order, each counts', async (t) => {
    const { traffic, beside } = await openWorld(t, open)
    const other = tablesOf(await beside()).traffic
    const rows = Array.from({ length: 70 }, (_, index) => rowOf(`key ${index}`, HOUR, { sent: 1, used: 1 }))
    const stood = await Promise.all(Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? traffic : other).add(index % 3 === 0 ? rows : rows.toReversed())))
    const sums = await traffic.read(rows.map(({ key }) => key), HOUR)
    t.equal(sums.length, 70)
    t.ok(sums.every(({ sent, used }) => sent === 20 && used === 20))
    const seen = stood.map((rows) => rows.find(({ key }) => key === 'key 5')?.sent).sort((one, two) => Number(one) - Number(two))
    t.same(seen, Array.from({ length: 20 }, (_, index) => index + 1), 'and each is told what it stands at after it')
  })

  t.test('days are told by their sums and their busiest hours, the last one left out', async (t) => {
    const { traffic } = await openWorld(t, open)
    await traffic.add([
      rowOf('a', HOUR, { sent: 1000 }),
      rowOf('a', HOUR - 23, { sent: 1000 }),
      rowOf('a', HOUR - 24, { sent: 10, delivered: 1, used: 3 }),
      rowOf('a', HOUR - 47, { sent: 20, delivered: 0, used: 2 }),
      rowOf('a', HOUR - 48, { sent: 7, reported: 2 }),
      rowOf('a', HOUR - 24 * 14, { sent: 1 }),
      rowOf('a', HOUR - 24 * 15 + 1, { sent: 2 }),
      rowOf('a', HOUR - 24 * 15, { sent: 1000 }),
      rowOf('b', HOUR - 30, { sent: 4 }),
      rowOf('c', HOUR, { sent: 4 })
    ])
    const days = await traffic.days(['a', 'b', 'c'], HOUR, 14)
    t.same(days.toSorted((one, other) => one.key < other.key || (one.key === other.key && one.day < other.day) ? -1 : 1), [
      { key: 'a', day: 1, total: { ...NONE, sent: 30, delivered: 1, used: 5 }, busiest: { ...NONE, sent: 20, delivered: 1, used: 3 } },
      { key: 'a', day: 2, total: { ...NONE, sent: 7, reported: 2 }, busiest: { ...NONE, sent: 7, reported: 2 } },
      { key: 'a', day: 14, total: { ...NONE, sent: 3 }, busiest: { ...NONE, sent: 2 } },
      { key: 'b', day: 1, total: { ...NONE, sent: 4 }, busiest: { ...NONE, sent: 4 } }
    ])
    t.same((await traffic.days(['a'], HOUR, 1)).map(({ day }) => day), [1])
    t.equal(await traffic.firstHour(HOUR), HOUR - 24 * 15)
  })

  t.test('where a message went is known by its delivery', async (t) => {
    const { clock, delivery, newId, traffic } = await openWorld(t, open)
    const [one, other] = [await delivery({ country: 'UZ', area: 'the area', block: 'the block' }), await delivery({ country: undefined })]
    t.same(await traffic.placeOf(one.id), { country: 'UZ', area: 'the area', block: 'the block', sentAt: clock() })
    t.same(await traffic.placeOf(other.id), { country: undefined, area: 'area', block: 'block', sentAt: clock() })
    t.equal(await traffic.placeOf(newId()), undefined)
  })

  t.test('a delivery from before ranges were noted is nowhere', async (t) => {
    const { clock, delivery, sql, traffic } = await openWorld(t, open)
    const { id } = await delivery()
    await sql.write([{ text: 'UPDATE deliveries SET area = NULL, block = NULL', parameters: {} }])
    t.same(await traffic.placeOf(id), { country: 'DE', area: undefined, block: undefined, sentAt: clock() })
  })

  t.test('old traffic is forgotten, the oldest first and so much at a time', async (t) => {
    const { clock, traffic, upkeep } = await openWorld(t, open)
    const now = hourOf(clock())
    await traffic.add([rowOf('a', now), rowOf('a', now - 1), rowOf('b', now - 2), rowOf('a', now - 3), rowOf('c', now - 4)])
    const left = async (): Promise<number[]> => (await traffic.read(['a', 'b', 'c'], 0)).map(({ hour }) => now - hour).sort()
    const before = (now - 1) * 3_600_000
    t.equal(await upkeep.forgetTraffic(before, 2), 2)
    t.same(await left(), [0, 1, 2])
    t.equal(await upkeep.forgetTraffic(before, 2), 1)
    t.equal(await upkeep.forgetTraffic(before + 3_599_999, 2), 0, 'the hour of the moment stays')
    t.same(await left(), [0, 1])
  })

  t.test('a route is one of a provider, a channel and a country', async (t) => {
    t.equal(routeKey('acs-sms', 'sms', 'DE'), 'route acs-sms sms DE')
    t.equal(routeKey('twilio-verify', 'voice', undefined), 'route twilio-verify voice -')
  })
}
