import t from 'tap'
import { FACTORS, FLOORS, HISTORY_DAYS, measureOf, RANGE_KINDS, thresholds, unexplained, type PerWindow } from '../../src/guard/thresholds.ts'
import type { Counts, DayOfTraffic, HourOfTraffic } from '../../src/store/traffic.ts'

const HOUR = 3_600_000
const NOW_HOUR = 500_000
const NONE: Counts = { sent: 0, reported: 0, delivered: 0, used: 0 }

const hoursOf = (hours: Record<number, Partial<Counts>>): HourOfTraffic[] =>
  Object.entries(hours).map(([age, counts]) => ({ key: 'x', hour: NOW_HOUR - Number(age), ...NONE, ...counts }))

/** Days, from yesterday back: what each had in all; its busiest hour had a tenth of it. */
const daysOf = (...totals: Array<Partial<Counts> | undefined>): DayOfTraffic[] => totals.flatMap((total, index) => {
  if (total === undefined) return []
  const full = { ...NONE, ...total }
  const busiest = { sent: full.sent / 10, reported: 0, delivered: full.delivered / 10, used: full.used / 10 }
  return [{ key: 'x', day: index + 1, total: full, busiest }]
})

const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value)

t.test('the last hour slides, and so do the last 24 by hours', async (t) => {
  const hours = hoursOf({ 0: { sent: 10 }, 1: { sent: 100 }, 2: { sent: 1000 }, 23: { sent: 5 }, 24: { sent: 10_000 } })
  t.same(unexplained(hours, NOW_HOUR * HOUR), { hour: 110, day: 1115 })
  t.same(unexplained(hours, NOW_HOUR * HOUR + HOUR / 4), { hour: 85, day: 1115 })
  t.equal(Math.round(unexplained(hours, (NOW_HOUR + 1) * HOUR - 1).hour), 10)
  t.same(unexplained(hours, (NOW_HOUR + 1) * HOUR), { hour: 10, day: 1110 })
  t.same(unexplained([], NOW_HOUR * HOUR), { hour: 0, day: 0 })
})

t.test('an hour that has not come yet, by the clock of another process, counts as this one', async (t) => {
  t.same(unexplained(hoursOf({ '-1': { sent: 7 } }), NOW_HOUR * HOUR + HOUR / 2), { hour: 7, day: 7 })
})

t.test('a code that was used explains another message, and no more than there are', async (t) => {
  const at = NOW_HOUR * HOUR
  t.same(unexplained(hoursOf({ 0: { sent: 100, used: 30 } }), at), { hour: 40, day: 40 })
  t.same(unexplained(hoursOf({ 0: { sent: 100, used: 50 } }), at), { hour: 0, day: 0 })
  t.same(unexplained(hoursOf({ 0: { sent: 100, used: 90 }, 5: { sent: 80 } }), at), { hour: 0, day: 0 }, 'codes of one hour count for the day')
  t.same(unexplained(hoursOf({ 0: { sent: 100, delivered: 100 } }), at), { hour: 100, day: 100 }, 'deliveries explain nothing')
})

t.test('it is measured by what is known of most days', async (t) => {
  const known = { sent: 100, delivered: 95, used: 60 }
  t.equal(measureOf(daysOf(known, known, known)), 'used')
  t.equal(measureOf(daysOf({ ...known, used: 40 })), 'used')
  t.equal(measureOf(daysOf({ ...known, used: 39 })), 'delivered')
  t.equal(measureOf(daysOf({ sent: 100, delivered: 95 })), 'delivered')
  t.equal(measureOf(daysOf({ sent: 100, delivered: 39 })), 'sent')
  t.equal(measureOf(daysOf({ sent: 100 })), 'sent')
  t.equal(measureOf([]), 'sent')
  const attacked = { sent: 10_000, delivered: 9500, used: 60 }
  t.equal(measureOf(daysOf(attacked, attacked, known, known, known)), 'used', 'an attack of two days does not change it')
  t.equal(measureOf(daysOf({ used: 3 }, known)), 'used', 'days on which nothing was sent say nothing')
  const untold = { sent: 100, delivered: 95 }
  t.equal(measureOf(daysOf(...times(7, untold), ...times(7, known))), 'used')
  t.equal(measureOf(daysOf(...times(8, untold), ...times(6, known))), 'delivered', 'nobody has told for a week')
  t.equal(measureOf(daysOf(...times(14, undefined), ...times(20, known))), 'sent', 'what was told before counts no more where nothing is sent')
})

t.test('a country whose codes were told is measured by them as long as half as many are, whatever their share', async (t) => {
  const [known, diluted] = [{ sent: 1000, delivered: 950, used: 700 }, { sent: 9000, delivered: 8950, used: 700 }]
  t.equal(measureOf(daysOf(...times(14, diluted), ...times(14, known))), 'used')
  t.equal(measureOf(daysOf(...times(30, diluted), ...times(5, known))), 'used')
  t.equal(measureOf(daysOf(...times(31, diluted), ...times(4, known))), 'delivered', 'some days of which much was told are chance')
  t.equal(measureOf(daysOf(...times(4, { ...diluted, used: 350 }), ...times(10, diluted), ...times(14, known))), 'used')
  t.equal(measureOf(daysOf(...times(4, { ...diluted, used: 349 }), ...times(10, diluted), ...times(14, known))), 'delivered')
  t.equal(measureOf(daysOf(...times(3, { ...diluted, used: 0 }), ...times(11, diluted), ...times(14, known))), 'used', 'three days without say nothing')
})

t.test('without a history the floors hold, and they are wider the wider the range is', async (t) => {
  for (const kind of RANGE_KINDS) t.same(thresholds(kind, [], 'used', 14), FLOORS[kind])
  t.ok(FLOORS.block.hour < FLOORS.area.hour && FLOORS.area.hour < FLOORS.country.hour)
  t.ok(FLOORS.block.day < FLOORS.area.day && FLOORS.area.day < FLOORS.country.day)
})

t.test('with one it is so many times the usual, by the median of its days', async (t) => {
  const day = { sent: 20_000, used: 10_000 }
  t.same(thresholds('country', daysOf(day, day, day), 'used', 14), { hour: FACTORS.hour * 1000, day: FACTORS.day * 10_000 })
  t.same(thresholds('country', daysOf(day, { used: 20_000 }, { used: 90_000 }), 'used', 14), { hour: 10_000, day: 60_000 })
  t.same(thresholds('country', daysOf({ used: 90_000 }, { used: 90_000 }, ...times(12, day)), 'used', 14), { hour: 5000, day: 30_000 },
    'one or two odd days change nothing')
  t.same(thresholds('area', daysOf({ used: 50 }), 'used', 14), FLOORS.area, 'the floor is the least')
})

t.test('of a deployment that grows, two days are enough to tell', async (t) => {
  t.same(thresholds('country', daysOf({ used: 2000 }, { used: 1000 }), 'used', 2), { hour: 1000, day: 6000 })
})

t.test('days with nothing count, from the first day of the range on', async (t) => {
  const day = { used: 10_000 }
  t.same(thresholds('country', daysOf(undefined, undefined, day), 'used', 14), FLOORS.country)
  t.same(thresholds('country', daysOf(undefined, day, day), 'used', 14), { hour: 5000, day: 30_000 })
})

t.test('of deliveries it is what is there on most days, which those without weekends have too', async (t) => {
  const [busy, free] = [{ delivered: 10_000 }, { delivered: 100 }]
  const week = [busy, busy, free, free, busy, busy, busy]
  t.same(thresholds('country', daysOf(...week, ...week), 'delivered', 14), { hour: 5000, day: 30_000 })
  t.same(thresholds('country', daysOf(...week), 'delivered', 7), { hour: 5000, day: 30_000 })
  t.same(thresholds('country', daysOf(...times(6, free), ...times(8, busy)), 'delivered', 14), { hour: 500, day: 2000 }, 'six quiet days are usual')
})

t.test('of deliveries an attack does not make the usual for eight days, and then little of it', async (t) => {
  const attacked = { sent: 5000, delivered: 5000 }
  t.same(thresholds('area', daysOf(...times(8, attacked)), 'delivered', HISTORY_DAYS), FLOORS.area)
  t.same(thresholds('area', daysOf(...times(9, attacked)), 'delivered', HISTORY_DAYS), { hour: 150, day: 450 })
  const usual = { sent: 1000, delivered: 1000 }
  t.same(thresholds('area', daysOf(...times(8, attacked), ...times(27, usual)), 'delivered', HISTORY_DAYS), { hour: 500, day: 3000 })
  t.same(thresholds('area', daysOf(...times(9, attacked), ...times(26, usual)), 'delivered', HISTORY_DAYS), { hour: 750, day: 4500 })
})

t.test('of a deployment that is young, all that is known is usual', async (t) => {
  const attacked = { sent: 5000, delivered: 5000 }
  t.same(thresholds('area', daysOf(attacked, attacked), 'delivered', 2), { hour: 2500, day: 15_000 })
  t.same(thresholds('area', daysOf(attacked, attacked), 'sent', 3), { hour: 2500, day: 15_000 })
  t.same(thresholds('area', daysOf(attacked, attacked), 'sent', 4), FLOORS.area)
  t.same(thresholds('area', [], 'sent', 0), FLOORS.area)
})

/** Days of a country: what people ask for, and what an attack adds to it, from yesterday back. */
const attackedDays = (people: Counts, attack: readonly number[]): DayOfTraffic[] =>
  Array.from({ length: HISTORY_DAYS }, (_, index) => {
    const added = attack[index] ?? 0
    const total = { ...people, sent: people.sent + added, delivered: people.delivered + added }
    const busiest = { sent: total.sent / 12, reported: 0, delivered: total.delivered / 12, used: total.used / 12 }
    return { key: 'x', day: index + 1, total, busiest }
  })

const dayOf = (people: Counts, attack: readonly number[]): PerWindow => {
  const days = attackedDays(people, attack)
  return thresholds('country', days.filter(({ total }) => total.sent > 0), measureOf(days), HISTORY_DAYS)
}

/** What an attack of so many days gets that sends on each day as much as does not trip, oldest first. */
const patientAttack = (people: Counts, length: number): number[] => {
  const attack: number[] = []
  for (let day = 0; day < length; day += 1) attack.unshift(Math.ceil(dayOf(people, attack).day) - 1 - (people.sent - 2 * people.used))
  return attack.toReversed()
}

const sum = (values: readonly number[]): number => values.reduce((one, other) => one + other, 0)

t.test('a month of an attack that never trips gets out so much and no more where no use is told', async (t) => {
  const none = patientAttack(NONE, 30)
  t.ok(none.slice(0, 9).every((sent) => sent === 1999))
  t.equal(none[29], 6749, 'in four weeks its day grows by three times and a half')
  t.ok(sum(none) < 53 * FLOORS.country.day, `${sum(none)} in all`)
  const usual = 1000
  const some = patientAttack({ ...NONE, sent: usual, delivered: usual }, 30)
  t.ok(sum(some) < 53 * FACTORS.day * usual, `${sum(some)} in all`)
  t.ok(some.every((sent, day) => day < 9 || sent + usual < 1.51 * (some[day - 9] as number + usual)), 'half as much again in nine days')
})

t.test('where use is told an attack gains nothing in a month', async (t) => {
  for (const [people, most] of [[{ sent: 1000, used: 700 }, 2499], [{ sent: 20_000, used: 12_000 }, 39_999], [{ sent: 100, used: 70 }, 2039]] as const) {
    const attack = patientAttack({ ...NONE, delivered: people.sent * 0.95, ...people }, 30)
    t.ok(attack.every((sent) => sent <= most), `at most ${Math.max(...attack)} a day`)
  }
})

t.test('an attack that nobody stops, much above what is usual, counts for little of it', async (t) => {
  t.same(dayOf(NONE, times(9, 50_000)), { hour: 750, day: 3000 })
  t.same(dayOf(NONE, times(18, 50_000)), { hour: 1125, day: 4500 })
})

t.test('people who become half as many again each week trip nothing, whatever is told of them', async (t) => {
  for (let week = 1; week < 12; week += 1 / 7) {
    const daily = (ago: number): number => 1000 * 1.5 ** (week - ago / 7)
    const known = daysOf(...Array.from({ length: Math.min(HISTORY_DAYS, Math.round(week * 7)) }, (_, index) =>
      ({ sent: daily(index + 1), delivered: daily(index + 1) })))
    t.ok(daily(0) < thresholds('country', known, measureOf(known), Math.round(week * 7)).day, `day ${Math.round(week * 7)}`)
  }
})
