import t from 'tap'
import type { AttemptClaim } from '../../src/delivery/attempt.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import type { Provider } from '../../src/providers/provider.ts'
import type { Attempts } from '../../src/store/attempts.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { HOLD, LEASE, tablesOf } from '../support/store.ts'
import { ACCEPTED } from '../support/provider.ts'
import { LONGEST_CALL, mockTimers, openAttempt } from './attempt-stand.ts'

const LATE = { message: 'the deadline has passed' }
const never = (): Promise<never> => new Promise(() => {})

t.test('an attempt is on record before the provider is asked, and its result after', async (t) => {
  const { asked, attempts, clock, deliveries, claimed: id, make } = await openAttempt(t)
  const result = await make(async (order) => {
    const before = await deliveries.find(id)
    t.match(before, { status: 'pending', attempts: [{ id: order.attempt, provider: 'acs-sms', channel: 'sms', status: 'pending', startedAt: clock() }] })
    return ACCEPTED
  })
  t.same(result, ACCEPTED)
  t.equal(asked.length, 1)
  t.match(asked, [{ delivery: id, startedAt: clock(), locale: 'de', expiresAt: 0 }])
  t.match(await deliveries.find(id), { status: 'accepted', attempts: [{ status: 'accepted', result: 'accepted', reason: undefined }] })
  t.equal(await attempts.findByReference('message-1'), asked[0]?.attempt)
})

t.test('every kind of result is recorded, told on the bus and given back as the provider said it', async (t) => {
  const results: SendResult[] = [
    { kind: 'accepted', reference: undefined },
    { kind: 'refused', reason: 'opted_out', vendorCode: '4010' },
    { kind: 'failed', reason: 'credentials', vendorCode: 'Denied' },
    { kind: 'failed', reason: 'connection' },
    { kind: 'unknown', reason: 'timeout' }
  ]
  for (const result of results) {
    const { asked, deliveries, claimed: delivery, events, make } = await openAttempt(t)
    t.same(await make(result), result)
    const { kind, reason, vendorCode } = { reason: undefined, vendorCode: undefined, ...result }
    t.match(await deliveries.find(delivery), { status: kind, reason, attempts: [{ result: kind, reason, vendorCode }] })
    t.match(events, [{ type: 'attempt.finished', delivery, attempt: asked[0]?.attempt, provider: 'acs-sms', result: kind, reason, milliseconds: Number }])
    t.equal(events.length, 1)
  }
})

t.test('where the key is gone, the provider is never asked', async (t) => {
  const { asked, clock, deliveries, delivery, claimed: id, events, key, make } = await openAttempt(t)
  clock.advance(LEASE)
  await delivery({ key })
  t.same(await make(ACCEPTED), { kind: 'lost' })
  t.same(asked, [])
  t.same(events, [])
  t.same((await deliveries.find(id))?.attempts, [])
})

t.test('where the attempt cannot be recorded, the provider is never asked and the caller hears of it', async (t) => {
  const { asked, make, sql } = await openAttempt(t)
  await sql.close()
  await t.rejects(make(ACCEPTED), StoreUnavailable)
  t.same(asked, [])
})

t.test('where the record takes too long, the provider is never asked', async (t) => {
  const { asked, make } = await openAttempt(t)
  await t.rejects(make(ACCEPTED, { attempts: { begin: never }, milliseconds: 20 }), LATE)
  t.same(asked, [])
})

t.test('an attempt that is written down after the deadline is not sent: failed for want of time, and the key is free', async (t) => {
  const timers = mockTimers(t)
  const { asked, attempts, claims, claimOf, clock, deliveries, claimed: id, events, key, make } = await openAttempt(t)
  const [asking, late, recorded] = [createGate(), createGate(), createGate()]
  const begin: Attempts['begin'] = async (attempt) => {
    asking.open()
    await late.opened
    return await attempts.begin(attempt)
  }
  const finish: Attempts['finish'] = async (result) => {
    await attempts.finish(result)
    recorded.open()
  }
  const made = make(ACCEPTED, { attempts: { begin, finish }, claim: { key, whileUnknown: HOLD, holdAfter: () => 0 }, milliseconds: 10_000 })
  await asking.opened
  timers.tick(10_000)
  await t.rejects(made, LATE)
  late.open()
  await recorded.opened
  t.same(asked, [])
  t.same(events, [])
  t.match(await deliveries.find(id), { status: 'failed', reason: 'no_time_left', attempts: [{ status: 'failed', reason: 'no_time_left', result: 'failed', finishedAt: clock() }] })
  t.same(await claims.claim(claimOf({ key })), { kind: 'new' })
})

t.test('an attempt that fails to be written down after the deadline was not sent, whether it is there after all or not', async (t) => {
  const timers = mockTimers(t)
  const { claimed: id, deliveries, events, make } = await openAttempt(t)
  const [asking, late] = [createGate(), createGate()]
  const begin = async (): Promise<never> => {
    asking.open()
    await late.opened
    throw new StoreUnavailable()
  }
  const recorded = createGate()
  const finish: Attempts['finish'] = async (result) => {
    t.match(result, { status: 'failed', reason: 'no_time_left' })
    recorded.open()
  }
  const made = make(ACCEPTED, { attempts: { begin, finish }, milliseconds: 10_000 })
  await asking.opened
  timers.tick(10_000)
  await t.rejects(made, LATE)
  late.open()
  await recorded.opened
  t.same(events, [])
  t.match(await deliveries.find(id), { status: 'pending', attempts: [] })
})

t.test('an attempt that cannot be recorded as not sent is recorded so later', async (t) => {
  const timers = mockTimers(t)
  const { attempts, claims, claimOf, claimed: id, deliveries, key, make, next, unfinished } = await openAttempt(t)
  const [asking, late] = [createGate(), createGate()]
  let down = true
  const begin: Attempts['begin'] = async (attempt) => {
    asking.open()
    await late.opened
    return await attempts.begin(attempt)
  }
  const finish: Attempts['finish'] = async (result) => {
    if (down) throw new StoreUnavailable()
    await attempts.finish(result)
  }
  const made = make(ACCEPTED, { attempts: { begin, finish }, claim: { key, whileUnknown: HOLD, holdAfter: () => 0 }, milliseconds: 10_000 })
  await asking.opened
  timers.tick(10_000)
  await t.rejects(made, LATE)
  const failed = next('work.failed')
  late.open()
  t.match(await failed, { what: 'recording an attempt' })
  t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id })
  down = false
  await unfinished.run()
  t.match(await deliveries.find(id), { status: 'failed', reason: 'no_time_left' })
  t.same(await claims.claim(claimOf({ key })), { kind: 'new' })
})

t.test('with hardly any time left the provider is never asked: failed for want of time, and the key is free', async (t) => {
  mockTimers(t)
  for (const milliseconds of [0, 19]) {
    const { asked, claims, claimOf, claimed: id, deliveries, events, key, make } = await openAttempt(t)
    const noTimeLeft: SendResult = { kind: 'failed', reason: 'no_time_left' }
    t.same(await make(ACCEPTED, { claim: { key, whileUnknown: HOLD, holdAfter: () => HOLD }, milliseconds }), noTimeLeft)
    t.same(asked, [])
    t.same(events, [])
    t.match(await deliveries.find(id), { status: 'failed', reason: 'no_time_left', attempts: [{ result: 'failed' }] })
    t.same(await claims.claim(claimOf({ key })), { kind: 'new' })
  }
})

t.test('with hardly any time left a record that hangs does not keep the result back', async (t) => {
  const timers = mockTimers(t)
  const { make } = await openAttempt(t)
  const recording = createGate()
  const finish = (): Promise<never> => {
    recording.open()
    return never()
  }
  const result = make(ACCEPTED, { attempts: { finish }, milliseconds: 19 })
  await recording.opened
  timers.tick(19)
  t.same(await result, { kind: 'failed', reason: 'no_time_left' })
})

t.test('a result that could not be recorded is recorded once the store works again, and then frees the key', async (t) => {
  const { attempts, claims, claimOf, claimed: id, deliveries, key, make, unfinished } = await openAttempt(t)
  let times = 0
  const finish: Attempts['finish'] = async (result) => {
    times += 1
    if (times === 1) throw new StoreUnavailable()
    await attempts.finish(result)
  }
  const refused: SendResult = { kind: 'refused', reason: 'opted_out', vendorCode: '4010' }
  t.same(await make(refused, { attempts: { finish }, claim: { key, whileUnknown: HOLD, holdAfter: () => 0 } }), refused)
  t.match(await deliveries.find(id), { status: 'pending' })
  t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id }, 'until then the key is held')
  await unfinished.run()
  t.match(await deliveries.find(id), { status: 'refused', reason: 'opted_out', attempts: [{ result: 'refused', vendorCode: '4010' }] })
  t.same(await claims.claim(claimOf({ key })), { kind: 'new' })
  await unfinished.run()
  t.equal(times, 2)
})

t.test('a provider that throws may have sent: unknown, told with its error, and the key stays held', async (t) => {
  const bug = new TypeError('a bug')
  const sends: Array<Provider['send']> = [async () => { throw bug }, () => { throw bug }]
  for (const send of sends) {
    const { claims, claimOf, clock, deliveries, claimed: id, events, key, make } = await openAttempt(t)
    t.same(await make(send), { kind: 'unknown', reason: 'timeout' })
    t.match(events, [
      { type: 'work.failed', what: 'sending by acs-sms', error: bug },
      { type: 'attempt.finished', result: 'unknown', reason: 'timeout' }
    ])
    t.match(await deliveries.find(id), { status: 'unknown', reason: 'timeout', attempts: [{ result: 'unknown' }] })
    clock.advance(HOLD - 1)
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id })
  }
})

t.test('a provider slower than the deadline is unknown, in time to record it', async (t) => {
  const timers = mockTimers(t)
  const { deliveries, claimed: id, events, make } = await openAttempt(t)
  const asked = createGate()
  const result = make(() => {
    asked.open()
    return never()
  }, { milliseconds: 10_000 })
  await asked.opened
  timers.tick(9_900)
  t.same(await result, { kind: 'unknown', reason: 'timeout' })
  t.match(events, [{ type: 'work.failed', error: LATE }, { type: 'attempt.finished', result: 'unknown' }])
  t.match(await deliveries.find(id), { status: 'unknown' })
})

t.test('the provider is told an earlier deadline: some of the time is kept for the record, at most a quarter of a second', async (t) => {
  const remaining = async (milliseconds: number): Promise<number> => {
    const { make } = await openAttempt(t)
    let left = 0
    await make(async (_order, deadline) => {
      left = deadline.remaining
      return ACCEPTED
    }, { milliseconds })
    return left
  }
  const [short, long] = [await remaining(1000), await remaining(60_000)]
  t.ok(short <= 900 && short > 0, `${short}`)
  t.ok(long <= 59_750 && long > 50_000, `${long}`)
})

t.test('where the result cannot be recorded, it is told all the same, and the key stays held', async (t) => {
  const { claimOf, clock, deliveries, claimed: id, events, key, make, reopen, sql } = await openAttempt(t)
  const free: AttemptClaim = { key, whileUnknown: HOLD, holdAfter: () => 0 }
  const result = await make(async () => {
    await sql.close()
    return ACCEPTED
  }, { claim: free, milliseconds: 5000 })
  t.same(result, ACCEPTED)
  t.match(events, [{ type: 'attempt.finished', result: 'accepted' }, { type: 'work.failed', what: 'recording an attempt', error: StoreUnavailable }])
  await t.rejects(deliveries.find(id), StoreUnavailable)
  const later = tablesOf(await reopen())
  clock.advance(LEASE)
  t.same(await later.upkeep.recover(), { unknown: 1, interrupted: 0 })
  t.same(await later.claims.claim(claimOf({ key })), { kind: 'seen', delivery: id, status: 'unknown' })
})

t.test('a record that hangs does not keep the result back beyond the deadline', async (t) => {
  const timers = mockTimers(t)
  const { events, make } = await openAttempt(t)
  const recording = createGate()
  const finish = (): Promise<never> => {
    recording.open()
    return never()
  }
  const result = make(ACCEPTED, { attempts: { finish }, milliseconds: 10_000 })
  await recording.opened
  timers.tick(10_000)
  t.same(await result, ACCEPTED)
  t.match(events, [{ type: 'attempt.finished' }])
  t.equal(events.length, 1)
})

t.test('while the provider is asked, the key is held for as long as the outcome may be unknown', async (t) => {
  const { claims, claimOf, clock, claimed: id, key, make } = await openAttempt(t)
  await make(async () => {
    clock.advance(HOLD - 1)
    t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id })
    return ACCEPTED
  })
})

t.test('after the result the key is held for as long as the caller says for that result', async (t) => {
  for (const holdFor of [0, 50]) {
    const { claims, claimOf, clock, key, make } = await openAttempt(t)
    const heard: SendResult[] = []
    const result: SendResult = { kind: 'failed', reason: 'connection' }
    await make(result, { claim: { key, whileUnknown: HOLD, holdAfter: (of) => { heard.push(of); return holdFor } } })
    t.same(heard, [result])
    clock.advance(holdFor - 1)
    if (holdFor > 0) t.match(await claims.claim(claimOf({ key })), { kind: 'seen' })
    clock.advance(1)
    t.match(await claims.claim(claimOf({ key })), { kind: 'new' })
  }
})

t.test('where the caller says nothing, the key stays held as during the attempt', async (t) => {
  const { claims, claimOf, clock, claimed: id, key, make } = await openAttempt(t)
  await make({ kind: 'failed', reason: 'connection' })
  clock.advance(HOLD - 1)
  t.same(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: id, status: 'failed' })
})

t.test('an attempt without a key at stake is made whoever holds it, and leaves the key alone', async (t) => {
  const { claims, claimOf, clock, delivery, claimed: id, deliveries, key, make } = await openAttempt(t)
  clock.advance(LEASE)
  const other = await delivery({ key })
  t.same(await make(ACCEPTED, { claim: undefined }), ACCEPTED)
  t.match(await deliveries.find(id), { status: 'accepted' })
  clock.advance(LEASE - 1)
  t.match(await claims.claim(claimOf({ key })), { kind: 'seen', delivery: other.id })
})

t.test('an attempt is given up only some seconds after its deadline', async (t) => {
  const { clock, make, upkeep } = await openAttempt(t)
  await make(async () => {
    clock.advance(10_000 + 4000)
    t.match(await upkeep.recover(), { unknown: 0 })
    clock.advance(1000)
    t.match(await upkeep.recover(), { unknown: 1 })
    return ACCEPTED
  }, { milliseconds: 10_000 })
})

t.test('a call that we conduct must be over some time after it was placed; a text, or a call of the vendor’s, need not', async (t) => {
  for (const [channel, isConducted] of [['sms', false], ['voice', false], ['voice', true]] as const) {
    const { asked, clock, due, make } = await openAttempt(t)
    await make(ACCEPTED, { channel, provider: { isConducted } })
    clock.advance(LONGEST_CALL - 1)
    t.same(await due.take('end-call', 10, 1), [])
    clock.advance(1)
    t.same(await due.take('end-call', 10, 1), isConducted ? [{ id: asked[0]?.attempt, kind: 'end-call', tries: 0 }] : [])
  }
})

t.test('what the events have told meanwhile is not taken back by the result', async (t) => {
  const { attempts, deliveries, claimed: id, make, newsOf } = await openAttempt(t)
  await make(async ({ attempt }) => {
    await attempts.apply(newsOf(attempt))
    return { kind: 'unknown', reason: 'timeout' }
  })
  t.match(await deliveries.find(id), { status: 'delivered', reason: undefined, attempts: [{ result: 'unknown' }] })
})
