import t from 'tap'
import { createBecomeWorse, findWorse, type Worse } from '../../src/inspector/worse.ts'
import { TIME_BOUNDS, type Grain, type Statistic } from '../../src/store/statistics.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 2, 4, 12, 34, 56)

/** How messages fare by one way. */
interface Fare {
  readonly provider: string
  readonly country: string
  readonly channel?: string
  /** Messages an hour. */
  readonly volume: number
  /** Shares. */
  readonly fails?: number
  readonly arrives?: number
  readonly isUsed?: number
  /** The share that takes long. */
  readonly lags?: number
}

type Chance = () => number

/** Numbers from 0 to 1 that look random and are the same each time (mulberry32). */
const chanceFrom = (seed: number): Chance => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** What so many messages come to: by chance, or exactly as the shares say. */
const sent = (fare: Fare, bucket: number, count: number, chance?: Chance): Statistic => {
  const { provider, country, channel = 'sms', fails = 0.02, arrives = 0.95, isUsed = 0.8, lags = 0.03 } = fare
  const times = [...TIME_BOUNDS, Infinity].map(() => 0)
  const row = { bucket, provider, channel, country, sent: 0, delivered: 0, undelivered: 0, failed: 0, used: 0, times }
  const hits = (share: number, of: number): number => chance === undefined
    ? Math.round(share * of)
    : Array.from({ length: of }, chance).filter((drawn) => drawn < share).length
  row.failed = hits(fails, count)
  row.sent = count - row.failed
  row.delivered = hits(arrives, row.sent)
  row.undelivered = row.sent - row.delivered
  row.used = hits(isUsed, row.delivered)
  times[7] = hits(lags, row.delivered)
  times[2] = row.delivered - (times[7] as number)
  return row
}

const LAST_HOUR = NOW - NOW % HOUR

/** A week by the hour. */
const weekOf = (fares: readonly Fare[], chance?: Chance): Statistic[] =>
  fares.flatMap((fare) => Array.from({ length: 7 * 24 }, (_hour, index) => sent(fare, LAST_HOUR - (index + 1) * HOUR, Math.round(fare.volume), chance)))

/** The last forty minutes. */
const latelyOf = (fares: readonly Fare[], chance?: Chance): Statistic[] => fares.flatMap((fare) =>
  Array.from({ length: 8 }, (_part, index) => sent(fare, NOW - NOW % MINUTE - (index * 5 + 1) * MINUTE, Math.round(fare.volume / 12), chance)))

const inShort = ({ provider, channel, country, measure }: Worse): string => [provider ?? '*', channel ?? '*', country ?? '*', measure].join(' ')

/** What is told where all fared well, and some fare so now. */
const toldOf = (usual: readonly Fare[], changes: ReadonlyArray<Partial<Fare>>): string[] => {
  const lately = usual.map((fare) => ({
    ...fare,
    ...changes.find(({ provider = fare.provider, country = fare.country }) => provider === fare.provider && country === fare.country),
    provider: fare.provider,
    country: fare.country
  }))
  return findWorse(latelyOf(lately), weekOf(usual), NOW).map(inShort)
}

const FARES: readonly Fare[] = ['acs-sms', 'twilio-sms'].flatMap((provider) =>
  ['DE', 'FR', 'GB'].map((country) => ({ provider, country, volume: 120 })))

t.test('a day like any other is not told', async (t) => {
  t.same(toldOf(FARES, []), [])
})

t.test('a country in which nothing arrives by one provider is told, and no more', async (t) => {
  t.same(toldOf(FARES, [{ provider: 'acs-sms', country: 'FR', arrives: 0, isUsed: 0 }]), ['acs-sms sms FR delivered'])
})

t.test('a country in which nothing arrives by any provider is told as a whole', async (t) => {
  t.same(toldOf(FARES, [{ country: 'FR', arrives: 0.2, isUsed: 0 }]), ['* * FR delivered'])
})

t.test('a provider by which little arrives anywhere is told as a whole', async (t) => {
  t.same(toldOf(FARES, [{ provider: 'acs-sms', arrives: 0.4 }]), ['acs-sms * * delivered'])
  t.same(toldOf(FARES.filter(({ provider }) => provider === 'acs-sms'), [{ arrives: 0.4 }]), ['acs-sms * * delivered'], 'where it is the only one too')
})

t.test('two countries of a provider are told, where the third is well', async (t) => {
  t.same(toldOf(FARES, [{ provider: 'acs-sms', country: 'FR', fails: 1 }, { provider: 'acs-sms', country: 'GB', fails: 0.9 }]), ['acs-sms sms FR failed', 'acs-sms sms GB failed'])
})

t.test('where everything is broken, every provider is told', async (t) => {
  t.same(toldOf(FARES, [{ arrives: 0 }]), ['acs-sms * * delivered', 'twilio-sms * * delivered'])
  t.same(toldOf(FARES, [{ fails: 1 }]), ['acs-sms * * failed', 'twilio-sms * * failed'])
})

t.test('a provider is told by all of its countries together, where each has few messages', async (t) => {
  const fares = Array.from({ length: 26 }, (_letter, index) => ({ provider: 'acs-sms', country: `A${String.fromCharCode(65 + index)}`, volume: 12 }))
  t.same(toldOf(fares, [{ arrives: 0.3 }]), ['acs-sms * * delivered'])
})

t.test('what is known of ways with few messages is taken together', async (t) => {
  const fares = Array.from({ length: 20 }, (_letter, index) => ({ provider: 'acs-sms', country: `A${String.fromCharCode(65 + index)}`, volume: 12 }))
  const rare = weekOf(fares).filter(({ bucket }) => bucket === LAST_HOUR - HOUR)
  t.same(findWorse(latelyOf(fares.map((fare) => ({ ...fare, arrives: 0.3 }))), rare, NOW).map(inShort), ['acs-sms * * delivered'])
})

t.test('more messages to a country where less arrives make nobody worse', async (t) => {
  const usual: readonly Fare[] = [{ provider: 'acs-sms', country: 'DE', volume: 480 }, { provider: 'acs-sms', country: 'XX', volume: 12, arrives: 0.3 }]
  const lately: readonly Fare[] = [{ provider: 'acs-sms', country: 'DE', volume: 60 }, { provider: 'acs-sms', country: 'XX', volume: 600, arrives: 0.3 }]
  t.same(findWorse(latelyOf(lately), weekOf(usual), NOW), [])
})

t.test('a way that is new is told by nothing, nor its provider', async (t) => {
  const stranger: Fare = { provider: 'acs-sms', country: 'KE', volume: 600, arrives: 0.1 }
  t.same(findWorse(latelyOf([...FARES, stranger]), weekOf(FARES), NOW), [])
  t.same(findWorse(latelyOf([stranger]), [], NOW), [])
})

t.test('a way of which nothing is used, ever, is not told for that', async (t) => {
  t.same(toldOf(FARES.map((fare) => ({ ...fare, isUsed: 0 })), []), [])
})

t.test('codes that arrive and are not used any more are told', async (t) => {
  t.same(toldOf(FARES, [{ provider: 'acs-sms', country: 'DE', isUsed: 0.3 }]), ['acs-sms sms DE used'])
})

t.test('what arrives later than it used to is told, with how late', async (t) => {
  const lately = FARES.map((fare) => fare.country === 'DE' && fare.provider === 'acs-sms' ? { ...fare, lags: 0.6 } : fare)
  const [worse, ...others] = findWorse(latelyOf(lately), weekOf(FARES), NOW)
  t.same(others, [])
  t.match(worse, { provider: 'acs-sms', channel: 'sms', country: 'DE', measure: 'slower', within: 3, since: NOW - NOW % MINUTE - 35 * MINUTE })
  t.ok((worse?.now as number) < 0.5 && (worse?.usual as number) > 0.9)
})

t.test('failures are told at once, by the minute; the rest once it can be known', async (t) => {
  const fresh = (fare: Partial<Fare>) => findWorse([sent({ ...FARES[0] as Fare, ...fare }, NOW - NOW % MINUTE - MINUTE, 60)], weekOf(FARES), NOW)
  t.same(fresh({ arrives: 0 }), [], 'it may arrive yet')
  const [worse] = fresh({ fails: 0.5 })
  t.match(worse, { measure: 'failed', provider: 'acs-sms', country: 'DE', count: 60, now: 0.5, since: NOW - NOW % MINUTE - 30 * MINUTE })
})

t.test('numbers of no country are no country', async (t) => {
  const fares = ['acs-sms', 'twilio-sms'].flatMap((provider) => ['', 'DE'].map((country) => ({ provider, country, volume: 120 })))
  t.same(toldOf(fares, [{ country: '', arrives: 0 }]), ['acs-sms sms  delivered', 'twilio-sms sms  delivered'])
})

t.test('the worst comes first, and no more than ten are told', async (t) => {
  const fares = Array.from({ length: 14 }, (_provider, index) => ['DE', 'FR'].map((country) => ({ provider: `sms-${index}`, country, volume: 120 * (index + 1) }))).flat()
  const told = toldOf(fares, [{ country: 'DE', provider: 'sms-3', arrives: 0 }])
  t.same(told, ['sms-3 sms DE delivered'])
  const many = findWorse(latelyOf(fares.map((fare) => ({ ...fare, fails: 0.5 }))), weekOf(fares), NOW)
  t.equal(many.length, 10)
  const lost = many.map(({ now, usual, count }) => (now - usual) * count)
  t.same(lost, [...lost].sort((one, other) => other - one))
})

t.test('a count that was taken back leaves less than nothing, and does no harm', async (t) => {
  const odd = { ...sent(FARES[0] as Fare, NOW - NOW % MINUTE - 10 * MINUTE, 50), sent: -3, failed: -2 }
  t.same(findWorse([odd], weekOf(FARES), NOW), [])
})

t.test('few messages tell nothing, however they fare', async (t) => {
  const fares = [{ provider: 'acs-sms', country: 'DE', volume: 120 }]
  const of = (count: number) => findWorse([sent({ ...fares[0] as Fare, arrives: 0 }, NOW - NOW % MINUTE - 10 * MINUTE, count)], weekOf(fares), NOW).length
  t.same([of(9), of(12)], [0, 1])
})

t.test('a thousand quiet days at low volume raise no alarm', async (t) => {
  const chance = chanceFrom(20260304)
  const fares: readonly Fare[] = [
    { provider: 'acs-sms', country: 'DE', volume: 12 }, { provider: 'acs-sms', country: 'FR', volume: 12, arrives: 0.8, isUsed: 0.5 },
    { provider: 'twilio-sms', country: 'DE', volume: 12, fails: 0.1 }, { provider: 'twilio-sms', country: 'US', volume: 36, arrives: 0.99, lags: 0.2 }
  ]
  const week = weekOf(fares, chance)
  const alarms = Array.from({ length: 1000 }, () => findWorse(latelyOf(fares, chance), week, NOW)).flat()
  t.same(alarms, [])
})

t.test('a provider that breaks at low volume is noticed all the same, by chance as it may be', async (t) => {
  const chance = chanceFrom(7)
  const fares: readonly Fare[] = [{ provider: 'acs-sms', country: 'DE', volume: 24 }, { provider: 'acs-sms', country: 'FR', volume: 24 }]
  const week = weekOf(fares, chance)
  const noticed = Array.from({ length: 100 }, () => findWorse(latelyOf(fares.map((fare) => ({ ...fare, arrives: 0.1 })), chance), week, NOW).map(inShort))
  t.same(noticed.filter((told) => !told.some((worse) => worse === 'acs-sms * * delivered' || worse.endsWith('DE delivered'))), [])
})

t.test('what was usual is read now and then, what was sent lately each time', async (t) => {
  let now = NOW
  const reads: Array<readonly [Grain, number, number]> = []
  const becomeWorse = createBecomeWorse({
    now: () => now,
    statistics: {
      read: async (grain, from, until) => {
        reads.push([grain, from, until])
        return grain === 'hour' ? weekOf(FARES) : latelyOf(FARES.map((fare) => fare.country === 'FR' ? { ...fare, arrives: 0 } : fare))
      }
    }
  })
  t.same((await becomeWorse()).map(inShort), ['* * FR delivered'])
  t.same(reads, [
    // At 12:34:56 what is looked at began in the hour before, which is not usual yet.
    ['hour', LAST_HOUR - HOUR - 7 * DAY, LAST_HOUR - HOUR],
    ['minute', NOW - NOW % MINUTE - 35 * MINUTE, NOW]
  ])
  now += 4 * MINUTE
  await becomeWorse()
  t.same(reads.map(([grain]) => grain), ['hour', 'minute', 'minute'])
  now += 2 * MINUTE
  await becomeWorse()
  t.same(reads.filter(([grain]) => grain === 'hour').length, 2)
  now -= HOUR
  await becomeWorse()
  t.same(reads.filter(([grain]) => grain === 'hour').length, 3, 'a clock that was put back holds nothing')
})
