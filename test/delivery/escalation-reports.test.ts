import t, { type Test } from 'tap'
import { createReportsArrive, type ReportsArrive } from '../../src/delivery/escalation-reports.ts'
import type { AttemptResult } from '../../src/store/attempts.ts'
import { HOUR_MS, hourOf, routeKey } from '../../src/store/traffic.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

/** How old the attempt is that no report has come on. */
const AGE = 60_000

interface Counted { readonly hoursAgo: number, readonly sent: number, readonly reported: number, readonly key?: string }

/** Whether reports arrive where so much was counted, at a moment that is so far into its hour. */
const arrive = async (t: Test, counted: readonly Counted[], { intoHour = 30 * 60_000, ask = (check: ReportsArrive, of: Parameters<ReportsArrive>[0]) => check(of, 'US'), before = [] as ReadonlyArray<Partial<AttemptResult>> } = {}): Promise<boolean> => {
  const world = await openWorld(t, openSqliteStore)
  const { clock, traffic } = world
  clock.advance(HOUR_MS - clock() % HOUR_MS + intoHour)
  await traffic.add(counted.map(({ hoursAgo, sent, reported, key = routeKey('acs-sms', 'sms', 'US') }) =>
    ({ key, hour: hourOf(clock()) - hoursAgo, sent, reported, delivered: 0, used: 0 })))
  for (const end of before) {
    const { id } = await world.delivery({ country: 'US' })
    const attempt = world.attemptOf(id)
    await world.attempts.begin(attempt)
    await world.attempts.finish(world.resultOf(attempt.id, end))
  }
  const of = { id: world.newId(), provider: 'acs-sms', channel: 'sms' as const, age: AGE }
  clock.advance(AGE)
  return await ask(createReportsArrive({ traffic, reports: world.reports, now: clock }), of)
}

t.test('reports arrive where more than four of five did', async (t) => {
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 100, reported: 81 }]), true)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 100, reported: 80 }]), false)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 5, reported: 4 }]), false)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 6, reported: 5 }]), true)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 100, reported: 0 }]), false)
})

t.test('where nothing went, nothing is known', async (t) => {
  t.equal(await arrive(t, []), false)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 0, reported: 0 }]), false)
})

t.test('of this hour those count that were sent before, whether the hour is counted or not', async (t) => {
  t.equal(await arrive(t, [{ hoursAgo: 0, sent: 100, reported: 100 }]), false, 'what is counted of it may be of messages that are still waited for')
  t.equal(await arrive(t, [{ hoursAgo: 0, sent: 1000, reported: 0 }, { hoursAgo: 1, sent: 100, reported: 100 }]), true)
  t.equal(await arrive(t, [], { before: [{ status: 'delivered' }] }), true)
  t.equal(await arrive(t, [], { before: [{ status: 'delivered' }, { status: 'accepted' }] }), false)
  t.equal(await arrive(t, [], { before: [{ status: 'undelivered' }, { status: 'refused' }, { status: 'failed' }, { status: 'unknown' }] }), true, 'of what was not taken no report is missing')
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 15, reported: 15 }], { before: Array.from({ length: 5 }, () => ({ status: 'accepted' as const })) }), false)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 15, reported: 15 }], { before: [{ status: 'accepted' }] }), true)
})

t.test('the messages of the hour before count once the hour is over, however early it is', async (t) => {
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 100, reported: 100 }], { intoHour: 0 }), true)
})

t.test('one day counts, and no more', async (t) => {
  t.equal(await arrive(t, [{ hoursAgo: 24, sent: 100, reported: 100 }]), true)
  t.equal(await arrive(t, [{ hoursAgo: 25, sent: 100, reported: 100 }]), false)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 40, reported: 40 }, { hoursAgo: 20, sent: 100, reported: 60 }]), false, 'all of it together')
})

t.test('where reports have stopped to come they do not arrive, whatever was before', async (t) => {
  const before = { hoursAgo: 2, sent: 10_000, reported: 10_000 }
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 100, reported: 10 }, before]), false)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 20, reported: 16 }, before]), false)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 20, reported: 17 }, before]), true)
})

t.test('a few messages that are missed say little: those before them count with them', async (t) => {
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 2, reported: 0 }, { hoursAgo: 3, sent: 18, reported: 18 }, { hoursAgo: 9, sent: 100, reported: 90 }]), true)
  t.equal(await arrive(t, [{ hoursAgo: 1, sent: 5, reported: 0 }, { hoursAgo: 3, sent: 15, reported: 15 }, { hoursAgo: 9, sent: 100, reported: 100 }]), false)
})

t.test('each way to each country is judged by itself', async (t) => {
  const counted = (key: string): Counted[] => [{ hoursAgo: 1, sent: 100, reported: 100, key }]
  for (const key of [routeKey('twilio-sms', 'sms', 'US'), routeKey('acs-sms', 'voice', 'US'), routeKey('acs-sms', 'sms', 'DE'), routeKey('acs-sms', 'sms', undefined)]) {
    t.equal(await arrive(t, counted(key)), false, key)
  }
  t.equal(await arrive(t, counted(routeKey('twilio-whatsapp', 'whatsapp', undefined)), { ask: (check, of) => check({ ...of, provider: 'twilio-whatsapp', channel: 'whatsapp' }, undefined) }), true)
})
