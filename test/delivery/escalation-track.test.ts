import t, { type Test } from 'tap'
import { createTrack, type Track, type TrackDeps } from '../../src/delivery/track.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import { mayTry, REASONS } from '../../src/domain/reason.ts'
import type { ReportSignal } from '../../src/domain/signal.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'
import { openHousekeeping, workOf } from './housekeeping-stand.ts'

const openTrack = async (t: Test): Promise<World & { readonly noted: string[], make (options?: Partial<TrackDeps>): Track }> => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const noted: string[] = []
  return {
    ...world,
    noted,
    make: (options = {}) => createTrack({
      attempts: world.attempts,
      unfinished: createUnfinished(bus),
      hintOf: () => undefined,
      retryLater: async (delivery) => { noted.push(`retry ${delivery}`) },
      escalateNow: async (delivery) => { noted.push(`escalate ${delivery}`) },
      calls: undefined,
      bus,
      now: world.clock,
      ...options
    })
  }
}

const reportOf = (attempt: string, options: Partial<ReportSignal>): ReportSignal => ({
  kind: 'report', channel: 'sms', attempt, reference: undefined, key: 'report', what: 'report', status: 'undelivered', reason: undefined, vendorCode: undefined, ...options
})

t.test('what did not arrive goes on at once after the reasons that allow it, by whichever channel it went', async (t) => {
  const { begun, make, noted } = await openTrack(t)
  for (const channel of ['sms', 'voice', 'whatsapp'] as const) {
    for (const reason of [...REASONS, undefined]) {
      const { attempt, delivery } = await begun({ channel })
      await make({ retryLater: undefined })('acs', [reportOf(attempt, { channel, reason })])
      const isTold = reason !== undefined && mayTry('channel', reason)
      t.same(noted.splice(0), isTold ? [`escalate ${delivery}`] : [], `${channel}, ${reason}`)
    }
  }
})

t.test('what arrived, may arrive, or belongs to another vendor goes nowhere', async (t) => {
  const { begun, make, newId, noted } = await openTrack(t)
  for (const status of ['delivered', 'accepted', 'unknown'] as const) {
    const { attempt } = await begun()
    await make()('acs', [reportOf(attempt, { status, reason: 'carrier_blocked' })])
  }
  const { attempt } = await begun()
  await make()('twilio', [reportOf(attempt, { reason: 'carrier_blocked' })])
  await make()('acs', [reportOf(newId(), { reason: 'carrier_blocked' })])
  t.same(noted, [])
})

t.test('that a text is to be sent once more is noted before', async (t) => {
  const { begun, make, noted } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await make()('acs', [reportOf(attempt, { reason: 'carrier_error' })])
  t.same(noted, [`retry ${delivery}`, `escalate ${delivery}`])
})

t.test('where it cannot be noted the vendor is to tell it again; then it is, also where the news is old', async (t) => {
  const { begun, make, noted } = await openTrack(t)
  const { attempt, delivery } = await begun()
  const report = [reportOf(attempt, { reason: 'carrier_blocked' })]
  await t.rejects(make({ escalateNow: () => Promise.reject(new StoreUnavailable()) })('acs', report), StoreUnavailable)
  await make()('acs', report)
  t.same(noted, [`escalate ${delivery}`])
})

t.test('work that has seen to itself when it falls due again is not done', async (t) => {
  const { clock, due, make } = await openHousekeeping(t)
  const done: string[] = []
  const { runDue } = make({
    work: {
      ...workOf(async () => {}),
      escalate: async (id) => {
        done.push(id)
        return id === 'kept' ? 'kept' : undefined
      }
    }
  })
  for (const id of ['kept', 'over']) await due.add({ id, kind: 'escalate' }, 0)
  await runDue()
  clock.advance(30_000)
  await runDue()
  t.same(done.sort(), ['kept', 'kept', 'over'])
})
