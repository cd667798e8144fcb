import t, { type Test } from 'tap'
import { createPlots, SPANS, type Plots, type Span } from '../../src/inspector/plots.ts'
import { noTimes, percentileGroup, percentileOf } from '../../src/inspector/times.ts'
import { MOST_READ, type Grain, type Statistic } from '../../src/store/statistics.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

const PRICES = { each: new Map([['acs-sms', 0.05], ['acs-sms:DE', 0.1], ['twilio-voice:US', 0.02]]), currency: 'EUR' }

const rowOf = (bucket: number, options: Partial<Statistic> = {}): Statistic =>
  ({ bucket, provider: 'acs-sms', channel: 'sms', country: 'DE', sent: 0, delivered: 0, undelivered: 0, failed: 0, used: 0, times: noTimes(), ...options })

const timesOf = (counts: Readonly<Record<number, number>>): number[] => noTimes().map((_none, group) => counts[group] ?? 0)

interface Stand {
  readonly world: World
  readonly plots: (span: Span) => Promise<Plots>
  /** How often statistics were read. */
  reads: number
  isAway: boolean
}

const openStand = async (t: Test): Promise<Stand> => {
  const world = await openWorld(t, openSqliteStore)
  const stand: Stand = {
    world,
    reads: 0,
    isAway: false,
    plots: createPlots({
      prices: PRICES,
      now: world.clock,
      statistics: {
        read: async (grain: Grain, from: number, until: number) => {
          stand.reads += 1
          if (stand.isAway) throw new Error('away')
          return await world.statistics.read(grain, from, until)
        }
      }
    })
  }
  return stand
}

t.test('a span is whole minutes or hours, with the one that is going on', async (t) => {
  const { plots, world } = await openStand(t)
  const [minute, hour] = [MINUTE, HOUR].map((length) => world.clock() - world.clock() % length) as [number, number]
  const ends: Readonly<Record<Span, readonly [Grain, number, number]>> = {
    hour: ['minute', minute - 59 * MINUTE, minute + MINUTE],
    day: ['hour', hour - 23 * HOUR, hour + HOUR],
    week: ['hour', hour - 167 * HOUR, hour + HOUR]
  }
  for (const span of SPANS) {
    const [grain, from, until] = ends[span]
    const length = grain === 'minute' ? MINUTE : HOUR
    await world.statistics.add(grain, [from - length, from, until - length, until].map((bucket) => rowOf(bucket, { provider: span, sent: 1 })))
  }
  for (const span of SPANS) {
    const [grain, from, until] = ends[span]
    const made = await plots(span)
    t.match(made, { span, grain, from, until })
    t.same(made.byProvider.find(({ name }) => name === span)?.sent, 2, span)
  }
})

t.test('everything is added up by provider, channel and country, what most went by first', async (t) => {
  const { plots, world } = await openStand(t)
  const bucket = world.clock() - world.clock() % MINUTE
  await world.statistics.add('minute', [
    rowOf(bucket - MINUTE, { sent: 10, delivered: 8, undelivered: 1, failed: 1, used: 6, times: timesOf({ 1: 8 }) }),
    rowOf(bucket, { sent: 10, delivered: 2, times: timesOf({ 11: 2 }) }),
    rowOf(bucket, { country: 'US', sent: 10 }),
    rowOf(bucket, { provider: 'twilio-voice', channel: 'voice', country: 'FR', sent: 4, failed: 40 }),
    rowOf(bucket, { provider: 'other', country: '', sent: 10, failed: 34 })
  ])
  const { totals, byProvider, byChannel, byCountry, rows } = await plots('hour')
  t.match(totals, { sent: 44, delivered: 10, undelivered: 1, failed: 75, used: 6, median: 1.625, percentile95: 300 })
  t.equal(totals.cost, 2.5)
  t.match(byProvider, [
    { name: 'other', sent: 10, failed: 34, cost: undefined, median: undefined, percentile95: undefined },
    { name: 'twilio-voice', sent: 4, failed: 40, cost: undefined },
    { name: 'acs-sms', sent: 30, cost: 2.5 }
  ])
  t.match(byChannel.map(({ name, sent }) => [name, sent]), [['sms', 40], ['voice', 4]])
  t.match(byCountry.map(({ name }) => name), ['', 'FR', 'DE', 'US'])
  t.same(rows.map(({ cost }) => cost), [1, 1, 0.5, undefined, undefined])
})

t.test('where there is too much, it is told from when on it was added up', async (t) => {
  const now = Date.UTC(2026, 2, 4, 12, 34, 56)
  const oldest = now - now % MINUTE - 10 * MINUTE
  for (const [count, from] of [[MOST_READ, oldest], [MOST_READ - 1, now - now % MINUTE - 59 * MINUTE]] as const) {
    const rows = Array.from({ length: count }, (_, index) => rowOf(index === 0 ? oldest : oldest + MINUTE, { sent: 1 }))
    const plots = createPlots({ prices: PRICES, now: () => now, statistics: { read: async (grain) => grain === 'minute' ? rows : [] } })
    t.match(await plots('hour'), { from, until: now - now % MINUTE + MINUTE, totals: { sent: count } })
  }
})

t.test('where nothing was sent, there is nothing to tell', async (t) => {
  const { plots } = await openStand(t)
  const { rows, totals, byProvider, worse } = await plots('day')
  t.same({ rows, byProvider, worse }, { rows: [], byProvider: [], worse: [] })
  t.same(totals, { sent: 0, delivered: 0, undelivered: 0, failed: 0, used: 0, cost: undefined, median: undefined, percentile95: undefined })
})

t.test('what has become worse is told beside', async (t) => {
  const { plots, world } = await openStand(t)
  const now = world.clock()
  const well = { sent: 100, delivered: 95, times: timesOf({ 2: 95 }) }
  await world.statistics.add('hour', [rowOf(now - now % HOUR - 5 * HOUR, well)])
  await world.statistics.add('minute', [rowOf(now - now % MINUTE - 10 * MINUTE, { sent: 50, delivered: 5, times: timesOf({ 2: 5 }) })])
  t.match((await plots('week')).worse, [{ provider: 'acs-sms', channel: 'sms', country: 'DE', measure: 'delivered', now: 0.1, usual: 0.95, count: 50 }])
})

t.test('however many look on, it is added up once in two seconds', async (t) => {
  const stand = await openStand(t)
  const [first, second] = [stand.plots('hour'), stand.plots('hour')]
  t.equal(await first, await second)
  const { reads } = stand
  stand.world.clock.advance(1999)
  t.equal(await stand.plots('hour'), await first)
  t.equal(stand.reads, reads)
  stand.world.clock.advance(1)
  t.not(await stand.plots('hour'), await first)
  const last = await stand.plots('hour')
  stand.world.clock.advance(-10_000)
  t.not(await stand.plots('hour'), last, 'a clock that was put back holds nothing')
})

t.test('what failed is tried again by whoever asks next', async (t) => {
  const stand = await openStand(t)
  stand.isAway = true
  await t.rejects(stand.plots('hour'))
  stand.isAway = false
  t.match(await stand.plots('hour'), { totals: { sent: 0 } })
})

t.test('times are as if they lay evenly in their groups', async (t) => {
  t.equal(percentileOf(noTimes(), 0.5), undefined)
  t.equal(percentileOf(timesOf({ 0: 4 }), 0.5), 0.5)
  t.equal(percentileOf(timesOf({ 0: 4 }), 1), 1)
  t.equal(percentileOf(timesOf({ 0: 5, 4: 5 }), 0.5), 1)
  t.equal(percentileOf(timesOf({ 0: 5, 4: 5 }), 0.75), 6.5)
  t.equal(percentileOf(timesOf({ 10: 10 }), 0.5), 210)
  t.equal(percentileOf(timesOf({ 11: 10 }), 0.5), 300, 'how long the longest took is not known')
  t.equal(percentileOf(timesOf({ 0: 99, 11: 1 }), 0.995), 300)
  t.equal(percentileGroup(timesOf({ 0: 94, 3: 6 }), 0.95), 3)
  t.equal(percentileGroup(timesOf({ 0: 95, 3: 5 }), 0.95), 0)
})
