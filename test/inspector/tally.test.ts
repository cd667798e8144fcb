import t, { type Test } from 'tap'
import type { DeliveryStatus } from '../../src/domain/delivery-status.ts'
import { timeOrderedId } from '../../src/domain/identifier.ts'
import { createTally, type Tally } from '../../src/inspector/tally.ts'
import type { Statistic, Statistics } from '../../src/store/statistics.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** 12:34:56 on some day. */
const MOMENT = Date.UTC(2026, 2, 4, 12, 34, 56)

interface Stand extends RecordedBus {
  readonly world: World
  readonly tally: Tally
  /** Whether the store is away. */
  isAway: boolean
  /** Whether nothing is heard of what the store has done. */
  isDeaf: boolean
  /** How often the store was asked. */
  tries: number
  finish (attempt: string, result: 'accepted' | 'unknown' | 'refused' | 'failed', options?: { readonly provider?: string, readonly country?: string | undefined }): void
  /** News of the attempt, which climbs so. */
  climb (attempt: string, was: DeliveryStatus, becomes: DeliveryStatus, milliseconds?: number): void
  /** What is on record, in short: only what is not 0. */
  rows (grain?: 'minute' | 'hour'): Promise<object[]>
}

const openStand = async (t: Test, { everyMs = HOUR } = {}): Promise<Stand> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const { bus } = recorded
  const orRefuse = async <T> (work: () => Promise<T>): Promise<T> => {
    stand.tries += 1
    if (stand.isAway) throw new StoreUnavailable()
    const done = await work()
    if (stand.isDeaf) throw new StoreUnavailable()
    return done
  }
  const statistics: Pick<Statistics, 'add' | 'wayOf'> = {
    add: (grain, counts, batch) => orRefuse(() => world.statistics.add(grain, counts, batch)),
    wayOf: (delivery) => orRefuse(() => world.statistics.wayOf(delivery))
  }
  const tally = createTally({ statistics, bus, isTest: (provider) => provider === 'nobody', everyMs })
  t.teardown(() => tally.stop())
  const stand: Stand = {
    ...recorded,
    world,
    tally,
    isAway: false,
    isDeaf: false,
    tries: 0,
    finish (attempt, result, { provider = 'acs-sms', ...given } = {}) {
      const country = 'country' in given ? given.country : 'DE'
      bus.emit({ type: 'attempt.finished', delivery: 'd', attempt, provider, channel: 'sms', country, result, reason: undefined, vendorCode: undefined, hint: undefined, milliseconds: 40, trace: undefined })
    },
    climb (attempt, attemptWas, attemptStatus, milliseconds = 4000) {
      bus.emit({ type: 'delivery.updated', delivery: 'd', attempt, provider: 'acs-sms', channel: 'sms', country: 'DE', what: 'report', status: attemptStatus, attemptStatus, attemptWas, reason: undefined, vendorCode: undefined, hint: undefined, attemptedAt: MOMENT, milliseconds, trace: undefined })
    },
    rows: async (grain = 'minute') => (await world.statistics.read(grain, 0, MOMENT + 100 * HOUR)).map(inShort)
  }
  return stand
}

const inShort = ({ times, ...row }: Statistic): object => ({
  ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== 0)),
  ...times.some((count) => count !== 0) && { times: times.map((count, group) => [group, count] as const).filter(([, count]) => count !== 0) }
})

const newAttempt = (at = MOMENT): string => timeOrderedId(at)

const WAY = { bucket: MOMENT - MOMENT % MINUTE, provider: 'acs-sms', channel: 'sms', country: 'DE' }

t.test('what was sent, and what failed, is counted by the minute and the hour in which it was tried', async (t) => {
  const stand = await openStand(t)
  stand.finish(newAttempt(), 'accepted')
  stand.finish(newAttempt(), 'unknown')
  stand.finish(newAttempt(), 'refused')
  stand.finish(newAttempt(), 'failed')
  stand.finish(newAttempt(MOMENT + MINUTE), 'accepted')
  await stand.tally.flush()
  t.same(await stand.rows(), [{ ...WAY, sent: 2, failed: 2 }, { ...WAY, bucket: WAY.bucket + MINUTE, sent: 1 }])
  t.same(await stand.rows('hour'), [{ ...WAY, bucket: MOMENT - MOMENT % HOUR, sent: 3, failed: 2 }])
})

t.test('a number of no country is counted as such, and what goes nowhere is not', async (t) => {
  const stand = await openStand(t)
  stand.finish(newAttempt(), 'accepted', { country: undefined })
  stand.finish(newAttempt(), 'accepted', { provider: 'nobody' })
  stand.finish('no id of ours', 'accepted')
  await stand.tally.flush()
  t.same(await stand.rows(), [{ ...WAY, country: '', sent: 1 }])
})

t.test('a delivery is counted when the message was sent, however late it is told', async (t) => {
  const stand = await openStand(t)
  const attempt = newAttempt()
  stand.finish(attempt, 'accepted')
  await stand.tally.flush()
  stand.climb(attempt, 'accepted', 'delivered', 2 * HOUR)
  await stand.tally.flush()
  t.same(await stand.rows(), [{ ...WAY, sent: 1, delivered: 1, times: [[11, 1]] }])
})

t.test('the time to the delivery falls into its group, the bound included', async (t) => {
  const stand = await openStand(t)
  for (const milliseconds of [0, 1000, 1001, 2000, 13_000, 300_000, 300_001]) stand.climb(newAttempt(), 'accepted', 'delivered', milliseconds)
  await stand.tally.flush()
  t.same(await stand.rows(), [{ ...WAY, delivered: 7, times: [[0, 2], [1, 2], [5, 1], [10, 1], [11, 1]] }])
})

t.test('news takes the place of what was known before', async (t) => {
  const courses: ReadonlyArray<readonly [first: 'accepted' | 'unknown' | 'refused' | 'failed', course: readonly DeliveryStatus[], counted: object]> = [
    ['accepted', ['undelivered', 'delivered'], { sent: 1, delivered: 1, times: [[3, 1]] }],
    ['unknown', ['accepted', 'delivered'], { sent: 1, delivered: 1, times: [[3, 1]] }],
    ['unknown', ['accepted'], { sent: 1 }],
    ['unknown', ['failed'], { failed: 1 }],
    ['accepted', ['refused'], { failed: 1 }],
    ['refused', ['failed'], { failed: 1 }],
    ['failed', ['delivered'], { sent: 1, delivered: 1, times: [[3, 1]] }],
    ['refused', ['undelivered'], { sent: 1, undelivered: 1 }],
    ['failed', ['undelivered', 'delivered'], { sent: 1, delivered: 1, times: [[3, 1]] }]
  ]
  for (const [first, course, counted] of courses) {
    const stand = await openStand(t)
    const attempt = newAttempt()
    stand.finish(attempt, first)
    course.forEach((status, index) => { stand.climb(attempt, course[index - 1] ?? first, status) })
    await stand.tally.flush()
    t.same(await stand.rows(), [{ ...WAY, ...counted }], `${first}, ${course.join(', ')}`)
  }
})

t.test('news that comes before the answer is counted once', async (t) => {
  for (const [status, counted] of [['delivered', { delivered: 1, times: [[3, 1]] }], ['undelivered', { undelivered: 1 }]] as const) {
    const stand = await openStand(t)
    const attempt = newAttempt()
    stand.climb(attempt, 'pending', status)
    stand.finish(attempt, 'accepted')
    await stand.tally.flush()
    t.same(await stand.rows(), [{ ...WAY, sent: 1, ...counted }], status)
  }
  const stand = await openStand(t)
  const attempt = newAttempt()
  stand.climb(attempt, 'pending', 'failed')
  stand.finish(attempt, 'failed')
  await stand.tally.flush()
  t.same(await stand.rows(), [{ ...WAY, failed: 1 }])
})

t.test('a use is counted for the way that the message went', async (t) => {
  const stand = await openStand(t)
  const { delivery, attempt } = await stand.world.begun()
  await stand.world.attempts.finish(stand.world.resultOf(attempt))
  const test = await stand.world.begun({ provider: 'nobody' })
  await stand.world.attempts.finish(stand.world.resultOf(test.attempt))
  for (const used of [delivery, test.delivery, stand.world.newId()]) stand.bus.emit({ type: 'delivery.used', delivery: used })
  await stand.tally.flush()
  await stand.tally.flush()
  const [row, ...others] = await stand.world.statistics.read('minute', 0, stand.world.clock() + HOUR)
  t.same(others, [])
  t.match(row, { provider: 'acs-sms', channel: 'sms', country: 'DE', used: 1, sent: 0 })
})

t.test('what was written though nobody said so is counted once, and what came meanwhile too', async (t) => {
  const stand = await openStand(t)
  stand.finish(newAttempt(), 'accepted')
  stand.isDeaf = true
  await stand.tally.flush()
  stand.finish(newAttempt(), 'accepted')
  await stand.tally.flush()
  stand.isDeaf = false
  await stand.tally.flush()
  t.same(await stand.rows(), [{ ...WAY, sent: 2 }])
  t.same((await stand.rows('hour')).map((row) => (row as Statistic).sent), [2])
})

t.test('while the store is away that is told once, and a flush ends with what fails first', async (t) => {
  const stand = await openStand(t)
  const failures = (): number => stand.events.filter(({ type }) => type === 'work.failed').length
  stand.isAway = true
  stand.finish(newAttempt(), 'accepted')
  for (let times = 0; times < 5; times++) await stand.tally.flush()
  t.same([failures(), stand.tries], [1, 5])
  stand.bus.emit({ type: 'delivery.used', delivery: stand.world.newId() })
  await stand.tally.flush()
  t.same([failures(), stand.tries], [1, 6])
  stand.isAway = false
  await stand.tally.flush()
  t.same(await stand.rows(), [{ ...WAY, sent: 1 }])
  stand.isAway = true
  stand.finish(newAttempt(), 'accepted')
  await stand.tally.flush()
  t.equal(failures(), 2, 'and again, where it is away again')
})

t.test('while it is being written the timer begins nothing, and the end does not wait for ever', async (t) => {
  const { bus } = recordBus()
  let tries = 0
  let begin = (): void => {}
  const begun = new Promise<void>((resolve) => { begin = resolve })
  const hanging = createGate()
  const tally = createTally({
    statistics: {
      add: async () => {
        tries += 1
        begin()
        await hanging.opened
        throw new StoreUnavailable()
      },
      wayOf: async () => undefined
    },
    bus,
    isTest: () => false,
    everyMs: 1,
    endMs: 20
  })
  bus.emit({ type: 'attempt.finished', delivery: 'd', attempt: newAttempt(), provider: 'acs-sms', channel: 'sms', country: 'DE', result: 'accepted', reason: undefined, vendorCode: undefined, hint: undefined, milliseconds: 1, trace: undefined })
  // The tally's own timer holds no process back.
  const wait = setInterval(() => {}, HOUR)
  await begun
  // By then the timer has come many times.
  await new Promise((resolve) => { setTimeout(resolve, 30) })
  await tally.stop()
  clearInterval(wait)
  t.equal(tries, 1)
  hanging.open()
  await tally.flush()
  t.equal(tries, 3, 'once at the end, and once now')
})

t.test('what cannot be written is kept, and told', async (t) => {
  const stand = await openStand(t)
  const { delivery, attempt } = await stand.world.begun()
  await stand.world.attempts.finish(stand.world.resultOf(attempt))
  stand.isAway = true
  stand.finish(newAttempt(), 'accepted')
  stand.bus.emit({ type: 'delivery.used', delivery })
  await stand.tally.flush()
  await stand.tally.flush()
  t.match(stand.events.findLast(({ type }) => type === 'work.failed'), { what: 'writing statistics', error: StoreUnavailable })
  stand.finish(newAttempt(), 'accepted')
  stand.isAway = false
  await stand.tally.flush()
  t.same(await stand.rows(), [{ ...WAY, sent: 2 }])
  t.match(await stand.world.statistics.read('hour', 0, stand.world.clock() + HOUR), [{ sent: 2 }, { used: 1 }])
})

t.test('it is written from time to time, and what is left at the end', async (t) => {
  const written: number[] = []
  const { bus } = recordBus()
  let arrive = (): void => {}
  const arrives = new Promise<void>((resolve) => { arrive = resolve })
  const tally = createTally({
    statistics: { add: async (_grain, rows) => { written.push(rows.length); arrive() }, wayOf: async () => undefined }, bus, isTest: () => false, everyMs: 1
  })
  const finish = (): void => {
    bus.emit({ type: 'attempt.finished', delivery: 'd', attempt: newAttempt(), provider: 'acs-sms', channel: 'sms', country: 'DE', result: 'accepted', reason: undefined, vendorCode: undefined, hint: undefined, milliseconds: 1, trace: undefined })
  }
  finish()
  // The tally's own timer holds no process back.
  const wait = setInterval(() => {}, HOUR)
  await arrives
  clearInterval(wait)
  finish()
  await tally.stop()
  const total = written.length
  t.ok(total >= 3, 'both grains, and again at the end')
  finish()
  await tally.flush()
  t.equal(written.length, total, 'nothing is counted after the end')
})

t.test('it can be stopped before it has written', async (t) => {
  const { bus } = recordBus()
  const tally = createTally({ statistics: { add: async () => {}, wayOf: async () => undefined }, bus, isTest: () => false })
  await tally.stop()
  t.pass('it ended')
})

t.test('no more is kept than is agreed, while the store is away', async (t) => {
  const { bus } = recordBus()
  const rows: Statistic[] = []
  let isAway = true
  const looked: string[] = []
  const tally = createTally({
    statistics: {
      add: async (grain, counts) => {
        if (isAway) throw new StoreUnavailable()
        t.ok(counts.length <= 500)
        if (grain === 'minute') rows.push(...counts)
      },
      wayOf: async (delivery) => {
        if (isAway) throw new StoreUnavailable()
        looked.push(delivery)
        return undefined
      }
    },
    bus,
    isTest: () => false,
    everyMs: HOUR
  })
  for (let minute = 0; minute < 20_010; minute += 1) {
    bus.emit({ type: 'attempt.finished', delivery: 'd', attempt: newAttempt(MOMENT + minute * MINUTE), provider: 'acs-sms', channel: 'sms', country: 'DE', result: 'accepted', reason: undefined, vendorCode: undefined, hint: undefined, milliseconds: 1, trace: undefined })
    if (minute < 10_010) bus.emit({ type: 'delivery.used', delivery: String(minute) })
    if (minute === 19_990) await tally.flush()
  }
  await tally.flush()
  isAway = false
  await tally.stop()
  t.equal(rows.length, 20_000)
  t.equal(rows.reduce((sum, { sent }) => sum + sent, 0), 20_000)
  t.equal(looked.length, 10_000)
})
