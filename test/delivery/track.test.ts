import t, { type Test } from 'tap'
import type { CallFlow } from '../../src/delivery/call-flow.ts'
import { createTrack, type Track, type TrackDeps } from '../../src/delivery/track.ts'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import { mayTry, REASONS } from '../../src/domain/reason.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { AnnouncementSignal, CallEvent, CallSignal, IncomingCallSignal, ReportSignal, Signal } from '../../src/domain/signal.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { codeOf, numberOf } from '../support/message.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

type Verdict = Awaited<ReturnType<CallFlow['handle']>>

const FOREIGN = { type: 'events.ignored', provider: 'acs', why: 'foreign', count: 1 }

const reportOf = (attempt: string | undefined, options: Partial<ReportSignal> = {}): ReportSignal => ({
  kind: 'report', channel: 'sms', attempt, reference: undefined, key: 'report 1', what: `report.${options.status ?? 'delivered'}`, status: 'delivered', reason: undefined, vendorCode: undefined, ...options
})

const callOf = (attempt: string, delivery: string, event: CallEvent, options: Partial<CallSignal> = {}): CallSignal => ({
  kind: 'call',
  delivery,
  attempt,
  reference: 'call-1',
  key: 'event 1',
  content: { to: numberOf('+4915112345678'), locale: 'de', said: codeOf('123456') },
  token: new SensitiveText('token'),
  event,
  vendorCode: undefined,
  ...options
})

const ANNOUNCEMENT: AnnouncementSignal = { kind: 'announcement', reference: 'call-1', locale: 'de', event: { type: 'connected' } }
const INCOMING: IncomingCallSignal = { kind: 'incoming-call', key: 'call', from: undefined, context: new SensitiveText('context') }

interface TrackWorld extends World, RecordedBus {
  /** Takes signals; a call's verdict is the one given. */
  track (signals: readonly Signal[], verdict?: Verdict, more?: Partial<TrackDeps>): ReturnType<Track>
  readonly unfinished: Unfinished
  readonly trackWithoutCalls: Track
  /** What every track of the test is made of. */
  readonly common: Omit<TrackDeps, 'calls'>
  /** What was handed on to those who answer calls. */
  readonly handed: Signal[]
}

const openTrack = async (t: Test): Promise<TrackWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const handed: Signal[] = []
  const take = async (signal: Signal): Promise<void> => { handed.push(signal) }
  const announcements = { answer: async () => { throw new Error('a track answers no calls') }, handle: take }
  const unfinished = createUnfinished(recorded.bus)
  const common = { attempts: world.attempts, unfinished, hintOf: () => undefined, retryLater: undefined, escalateNow: async () => {}, bus: recorded.bus, now: world.clock }
  return {
    ...world,
    ...recorded,
    handed,
    unfinished,
    common,
    trackWithoutCalls: createTrack({ ...common, calls: undefined }),
    track: async (signals, verdict = { status: undefined }, more = {}) => {
      const handle = async (signal: CallSignal): Promise<Verdict> => {
        handed.push(signal)
        return verdict
      }
      await createTrack({ ...common, calls: { flow: { handle }, announcements, incoming: take }, ...more })('acs', signals)
    }
  }
}

t.test('a report moves its delivery, is noted and told', async (t) => {
  const { begun, deliveries, events, track } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await track([reportOf(attempt, { status: 'undelivered', reason: 'carrier_blocked', vendorCode: '4005' })])
  t.match(await deliveries.find(delivery), {
    status: 'undelivered', reason: 'carrier_blocked', attempts: [{ vendorCode: '4005', events: [{ what: 'report.undelivered', reason: 'carrier_blocked' }] }]
  })
  t.match(events, [{ type: 'delivery.updated', delivery, attempt, provider: 'acs-sms', channel: 'sms', what: 'report.undelivered', attemptStatus: 'undelivered', attemptWas: 'pending', status: 'undelivered', reason: 'carrier_blocked', vendorCode: '4005', hint: undefined }])
})

t.test('a report that names no attempt finds it by the provider’s own id', async (t) => {
  const { attempts, begun, deliveries, resultOf, track } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await attempts.finish(resultOf(attempt, { reference: 'message-1' }))
  await track([reportOf(undefined, { reference: 'message-1' })])
  t.match(await deliveries.find(delivery), { status: 'delivered' })
})

t.test('a report on what we never sent is ignored, and said to be', async (t) => {
  const { events, newId, track } = await openTrack(t)
  await track([reportOf(undefined, { reference: 'somebody else’s' }), reportOf(newId())])
  t.same(events, [FOREIGN, FOREIGN])
})

t.test('a report that comes again, or too late, is not told again', async (t) => {
  const { begun, deliveries, events, track } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await track([reportOf(attempt)])
  await track([reportOf(attempt)])
  await track([reportOf(attempt, { key: 'report 2', status: 'undelivered', reason: 'carrier_error' })])
  t.equal(events.length, 1)
  t.match(await deliveries.find(delivery), { status: 'delivered', attempts: [{ events: [{ what: 'report.delivered' }, { what: 'report.undelivered' }] }] })
})

t.test('a call event is handed to the call flow, whose verdict is recorded and told', async (t) => {
  const { begun, deliveries, events, handed, track } = await openTrack(t)
  const { attempt, delivery } = await begun({ channel: 'voice' })
  const signal = callOf(attempt, delivery, { type: 'ended', reason: 'busy' }, { vendorCode: '486.560486' })
  await track([signal], { status: 'undelivered', reason: 'busy' })
  t.same(handed, [signal])
  t.match(await deliveries.find(delivery), { status: 'undelivered', reason: 'busy', attempts: [{ vendorCode: '486.560486', events: [{ what: 'call.ended', reason: 'busy' }] }] })
  t.match(events, [
    { type: 'delivery.updated', delivery, attempt, provider: 'acs-sms', status: 'undelivered', reason: 'busy', vendorCode: '486.560486', hint: undefined },
    { type: 'call.event', delivery, attempt, event: 'ended', step: undefined, trace: undefined }
  ])
})

t.test('a verdict without a reason is recorded without one', async (t) => {
  const { begun, deliveries, events, track } = await openTrack(t)
  const { attempt, delivery } = await begun({ channel: 'voice' })
  await track([callOf(attempt, delivery, { type: 'spoken', step: 'code:1' })], { status: 'delivered' })
  t.match(await deliveries.find(delivery), { status: 'delivered', reason: undefined })
  t.match(events, [{ type: 'delivery.updated', status: 'delivered', reason: undefined }, { type: 'call.event', event: 'spoken', step: 'code:1' }])
})

t.test('a call event that means nothing for the delivery is noted and moves nothing', async (t) => {
  const { begun, deliveries, events, track } = await openTrack(t)
  const { attempt, delivery } = await begun({ channel: 'voice' })
  await track([callOf(attempt, delivery, { type: 'speaking', step: 'code:1' })])
  t.match(await deliveries.find(delivery), { status: 'pending', attempts: [{ status: 'pending', events: [{ what: 'call.speaking' }] }] })
  t.same(events, [{ type: 'call.event', delivery, attempt, event: 'speaking', step: 'code:1', trace: undefined }])
})

t.test('a call event that the flow does not know as ours leaves no trace', async (t) => {
  const { begun, deliveries, events, track } = await openTrack(t)
  const { attempt, delivery } = await begun({ channel: 'voice' })
  await track([callOf(attempt, delivery, { type: 'connected' })], 'foreign')
  t.match(await deliveries.find(delivery), { status: 'pending' })
  t.same((await deliveries.find(delivery))?.attempts[0]?.events, [])
  t.same(events, [FOREIGN])
})

t.test('announcements and incoming calls go to those who answer them', async (t) => {
  const { events, handed, track } = await openTrack(t)
  await track([ANNOUNCEMENT, INCOMING])
  t.same(handed, [ANNOUNCEMENT, INCOMING])
  t.same(events, [])
})

t.test('where no calls can be made, everything about calls is ignored and reports are not', async (t) => {
  const { begun, deliveries, events, trackWithoutCalls } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await trackWithoutCalls('acs', [callOf(attempt, delivery, { type: 'connected' }), ANNOUNCEMENT, INCOMING, reportOf(attempt)])
  t.equal(events.length, 4)
  t.match(events, [FOREIGN, FOREIGN, FOREIGN, { type: 'delivery.updated', status: 'delivered' }])
  t.match(await deliveries.find(delivery), { status: 'delivered' })
  t.same((await deliveries.find(delivery))?.attempts[0]?.events.map(({ what }) => what), ['report.delivered'])
})

t.test('one signal that fails does not keep the others back, and its failure is thrown when all are done', async (t) => {
  const { attempts, begun, common, deliveries } = await openTrack(t)
  const all = [await begun(), await begun(), await begun()]
  const failure = new StoreUnavailable()
  const track = createTrack({
    ...common,
    attempts: {
      ...attempts,
      apply: async (news) => {
        if (news.attempt === all[0]?.attempt) throw failure
        return await attempts.apply(news)
      }
    },
    calls: undefined
  })
  await t.rejects(track('acs', all.map(({ attempt }) => reportOf(attempt))), failure)
  const statuses = await Promise.all(all.map(async ({ delivery }) => (await deliveries.find(delivery))?.status))
  t.same(statuses, ['pending', 'delivered', 'delivered'])
})

t.test('after a failure all signals may come again: what was taken is not taken twice, what was lost is', async (t) => {
  const { begun, deliveries, events, handed, sql, track, attempts, common } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await track([reportOf(attempt, { status: 'undelivered', reason: 'carrier_error' })])
  const failing = createTrack({ ...common, attempts: { ...attempts, findByReference: async () => { throw new StoreUnavailable() } }, calls: undefined })
  const signals = [reportOf(attempt, { status: 'undelivered', reason: 'carrier_error' }), reportOf(undefined, { reference: 'message-2' })]
  await t.rejects(failing('acs', signals), StoreUnavailable)
  await track(signals)
  t.same(handed, [])
  t.equal(events.length, 2)
  t.match(events, [{ type: 'delivery.updated' }, FOREIGN])
  t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
  await sql.close()
  await t.rejects(track(signals), StoreUnavailable)
})

t.test('no signals are no work', async (t) => {
  const { events, track } = await openTrack(t)
  await track([])
  t.same(events, [])
})

t.test('news of one channel says nothing of an attempt by the other', async (t) => {
  const { begun, deliveries, events, track } = await openTrack(t)
  const [text, call] = [await begun(), await begun({ channel: 'voice' })]
  await track([callOf(text.attempt, text.delivery, { type: 'ended', reason: 'busy' })], { status: 'undelivered', reason: 'busy' })
  await track([reportOf(call.attempt, { status: 'undelivered', reason: 'carrier_error' })])
  t.match(events, [FOREIGN, { type: 'call.event' }, FOREIGN])
  for (const { delivery } of [text, call]) {
    const found = await deliveries.find(delivery)
    t.match(found, { status: 'pending', attempts: [{ status: 'pending' }] })
    t.same(found?.attempts[0]?.events, [])
  }
})

t.test('what follows a verdict is done once the verdict is on record', async (t) => {
  const { begun, deliveries, track } = await openTrack(t)
  const { attempt, delivery } = await begun({ channel: 'voice' })
  const seen: unknown[] = []
  const after = async (): Promise<void> => { seen.push((await deliveries.find(delivery))?.status) }
  await track([callOf(attempt, delivery, { type: 'spoken', step: 'code:1' })], { status: 'delivered', after })
  t.same(seen, ['delivered'])
})

t.test('what follows a verdict is done also where it cannot be recorded, and the verdict is kept and recorded later', async (t) => {
  const { attempts, begun, deliveries, events, track, unfinished } = await openTrack(t)
  const { attempt, delivery } = await begun({ channel: 'voice' })
  const signal = callOf(attempt, delivery, { type: 'ended', reason: 'busy' }, { vendorCode: '486.560486' })
  const done: string[] = []
  const after = async (): Promise<void> => { done.push('hung up') }
  let down = true
  const failing: Partial<TrackDeps> = {
    attempts: { ...attempts, apply: async (news) => down ? await Promise.reject(new StoreUnavailable()) : await attempts.apply(news) }
  }
  await t.rejects(track([signal], { status: 'undelivered', reason: 'busy', after }, failing), StoreUnavailable, 'the sender may send it again')
  t.same(done, ['hung up'])
  t.match(await deliveries.find(delivery), { status: 'pending' })
  t.equal(events.some(({ type }) => type === 'delivery.updated'), false)
  t.match(events.at(-1), { type: 'work.failed', what: 'recording a call', error: StoreUnavailable })
  await t.rejects(unfinished.run(), StoreUnavailable, 'it is kept while the store is down')
  down = false
  await unfinished.run()
  t.match(await deliveries.find(delivery), { status: 'undelivered', reason: 'busy', attempts: [{ vendorCode: '486.560486', events: [{ what: 'call.ended' }] }] })
  t.match(events.at(-1), { type: 'delivery.updated', delivery, attempt, provider: 'acs-sms', status: 'undelivered', reason: 'busy', vendorCode: '486.560486', hint: undefined })
  const told = events.length
  await unfinished.run()
  await track([signal], { status: undefined }, failing)
  t.same(events.slice(told).map(({ type }) => type), ['call.event'], 'sent again, it is told once')
  t.equal((await deliveries.find(delivery))?.attempts[0]?.events.length, 1)
})

t.test('a report that cannot be recorded is not kept: its sender brings it again', async (t) => {
  const { attempts, begun, deliveries, track, unfinished } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await t.rejects(track([reportOf(attempt)], undefined, { attempts: { ...attempts, apply: () => Promise.reject(new StoreUnavailable()) } }), StoreUnavailable)
  await unfinished.run()
  t.match(await deliveries.find(delivery), { status: 'pending' })
})

t.test('what follows a verdict and fails is thrown, and the verdict stands', async (t) => {
  const { begun, deliveries, track } = await openTrack(t)
  const { attempt, delivery } = await begun({ channel: 'voice' })
  const failure = new Error('it could not be hung up')
  await t.rejects(track([callOf(attempt, delivery, { type: 'spoken', step: 'code:1' })], { status: 'delivered', after: () => Promise.reject(failure) }), failure)
  t.match(await deliveries.find(delivery), { status: 'delivered' })
})

t.test('each vendor is told of by its own name', async (t) => {
  const { common, events, newId } = await openTrack(t)
  await createTrack({ ...common, calls: undefined })('twilio', [reportOf(newId())])
  t.same(events, [{ ...FOREIGN, provider: 'twilio' }])
})

t.test('a vendor is believed of its own messages only, whatever it names them by, and nothing is sent once more for it', async (t) => {
  const { attempts, begun, common, deliveries, events, resultOf } = await openTrack(t)
  const retryLater = async (): Promise<void> => { t.fail('it is foreign') }
  for (const [vendor, provider] of [['acs', 'twilio-sms'], ['twilio', 'acs-sms']] as const) {
    const { attempt, delivery } = await begun({ provider })
    const reference = `message of ${provider}`
    await attempts.finish(resultOf(attempt, { reference }))
    const before = await deliveries.find(delivery)
    const told = events.length
    const track = createTrack({ ...common, retryLater, calls: undefined })
    for (const status of ['delivered', 'undelivered'] as const) {
      await track(vendor, [reportOf(attempt, { status, reason: 'carrier_error' }), reportOf(undefined, { reference, status, reason: 'carrier_error' })])
    }
    t.same(events.slice(told), Array(4).fill({ ...FOREIGN, provider: vendor }))
    t.same(await deliveries.find(delivery), before)
    await track(provider.slice(0, -'-sms'.length), [reportOf(undefined, { reference })])
    t.match(await deliveries.find(delivery), { status: 'delivered' })
  }
})

t.test('an event of one vendor’s call says nothing of a call by another, written down at once or later', async (t) => {
  const { attempts, begun, deliveries, events, track, unfinished } = await openTrack(t)
  const [own, foreign] = [await begun({ channel: 'voice' }), await begun({ provider: 'twilio-voice', channel: 'voice' })]
  const busy = ({ attempt, delivery }: typeof own): CallSignal => callOf(attempt, delivery, { type: 'ended', reason: 'busy' })
  await track([busy(foreign)], { status: 'undelivered', reason: 'busy' })
  t.match(events, [FOREIGN, { type: 'call.event' }])
  let down = true
  const apply: TrackDeps['attempts']['apply'] = async (news) => down ? await Promise.reject(new StoreUnavailable()) : await attempts.apply(news)
  await t.rejects(track([busy(own), busy(foreign)], { status: 'undelivered', reason: 'busy' }, { attempts: { ...attempts, apply } }), StoreUnavailable)
  down = false
  await unfinished.run()
  t.match(await deliveries.find(own.delivery), { status: 'undelivered', reason: 'busy' })
  t.match(await deliveries.find(foreign.delivery), { status: 'pending', attempts: [{ status: 'pending', events: [] }] })
})

t.test('what an operator can do is told with a failure, by the provider that had the message, for its country', async (t) => {
  const { begun, common, events } = await openTrack(t)
  const { attempt } = await begun({ provider: 'twilio-sms' })
  const track = createTrack({ ...common, hintOf: (...of) => of.join(' '), calls: undefined })
  await track('twilio', [reportOf(attempt, { status: 'accepted', reason: 'no_report' })])
  await track('twilio', [reportOf(attempt, { status: 'undelivered', reason: 'carrier_blocked', vendorCode: '30007' })])
  t.match(events, [{ provider: 'twilio-sms', hint: undefined }, { vendorCode: '30007', hint: 'twilio-sms 30007 DE' }])
})

t.test('a report on another message than the one of the attempt is foreign', async (t) => {
  const { attempts, begun, deliveries, events, resultOf, track } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await attempts.finish(resultOf(attempt, { reference: 'message-1' }))
  await track([reportOf(attempt, { reference: 'message-2' })])
  t.same(events, [FOREIGN])
  t.match(await deliveries.find(delivery), { status: 'accepted', attempts: [{ reference: 'message-1', events: [] }] })
  await track([reportOf(attempt, { reference: 'message-1' })])
  t.match(await deliveries.find(delivery), { status: 'delivered' })
})

t.test('a report on an attempt whose answer was lost ties it to the message', async (t) => {
  const { attempts, begun, deliveries, events, resultOf, track } = await openTrack(t)
  const { attempt, delivery } = await begun()
  await attempts.finish(resultOf(attempt, { status: 'unknown', reason: 'timeout' }))
  await track([reportOf(attempt, { reference: 'message-1', status: 'accepted', key: 'sent' })])
  await track([reportOf(attempt, { reference: 'message-2' })])
  t.match(events, [{ type: 'delivery.updated', status: 'accepted' }, FOREIGN])
  t.match(await deliveries.find(delivery), { status: 'accepted', attempts: [{ reference: 'message-1' }] })
})

t.test('a report on a call that the vendor conducts moves it like any other, also where we conduct none', async (t) => {
  const { begun, deliveries, handed, trackWithoutCalls } = await openTrack(t)
  const { attempt, delivery } = await begun({ provider: 'twilio-voice', channel: 'voice' })
  await trackWithoutCalls('twilio', [reportOf(attempt, { channel: 'voice', what: 'call.busy', status: 'undelivered', reason: 'busy' })])
  t.match(await deliveries.find(delivery), { status: 'undelivered', reason: 'busy', attempts: [{ events: [{ what: 'call.busy' }] }] })
  t.same(handed, [])
})

/** What is to be sent once more after these reports on one message, each on its own. */
const retriedAfter = async (t: Test, channel: 'sms' | 'voice' | 'whatsapp', reports: ReadonlyArray<Partial<ReportSignal>>): Promise<number> => {
  const { begun, track } = await openTrack(t)
  const { attempt, delivery } = await begun({ channel })
  const retried: string[] = []
  const retryLater = async (of: string): Promise<void> => { retried.push(of) }
  for (const [index, report] of reports.entries()) await track([reportOf(attempt, { channel, key: `report ${index}`, ...report })], undefined, { retryLater })
  t.same([...new Set(retried)], retried.length === 0 ? [] : [delivery])
  return retried.length
}

t.test('a text that did not arrive for a reason that passes is to be sent once more, another is not', async (t) => {
  for (const reason of REASONS) {
    t.equal(await retriedAfter(t, 'sms', [{ status: 'undelivered', reason }]), mayTry('again', reason) ? 1 : 0, reason)
  }
  t.equal(await retriedAfter(t, 'sms', [{ status: 'undelivered', reason: undefined }]), 0, 'no reason is none that passes')
})

t.test('nothing is sent once more that arrived, was taken, or may have arrived', async (t) => {
  const carrierError = { status: 'undelivered', reason: 'carrier_error' } as const
  for (const status of ['accepted', 'unknown', 'delivered'] as const) {
    t.equal(await retriedAfter(t, 'sms', [{ status, reason: 'carrier_error' }]), 0, status)
  }
  t.equal(await retriedAfter(t, 'sms', [{ status: 'delivered' }, carrierError]), 0, 'a late word changes nothing')
  t.equal(await retriedAfter(t, 'sms', [carrierError, { status: 'delivered' }]), 1, 'that is found out when it falls due')
})

t.test('calls and messages of other channels are not sent once more', async (t) => {
  for (const channel of ['voice', 'whatsapp'] as const) {
    t.equal(await retriedAfter(t, channel, [{ status: 'undelivered', reason: 'number_unreachable' }]), 0, channel)
  }
})

t.test('what could not be noted to be sent once more is noted when the report comes again', async (t) => {
  const { begun, deliveries, events, track } = await openTrack(t)
  const { attempt, delivery } = await begun()
  const signals = [reportOf(attempt, { status: 'undelivered', reason: 'carrier_error' })]
  await t.rejects(track(signals, undefined, { retryLater: () => Promise.reject(new StoreUnavailable()) }), StoreUnavailable)
  t.match(await deliveries.find(delivery), { status: 'undelivered' })
  const retried: string[] = []
  await track(signals, undefined, { retryLater: async (of) => { retried.push(of) } })
  t.same(retried, [delivery])
  t.equal(events.length, 1, 'it is told once')
})

t.test('a report on somebody else’s message brings nothing to be sent', async (t) => {
  const { newId, track } = await openTrack(t)
  await track([reportOf(newId(), { status: 'undelivered', reason: 'carrier_error' })], undefined, { retryLater: async () => { t.fail('it is foreign') } })
})
