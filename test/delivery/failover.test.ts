import t from 'tap'
import { createCircuits } from '../../src/delivery/circuits.ts'
import { openMessage } from '../../src/delivery/kept-message.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import { Deadline, DeadlinePassed } from '../../src/domain/deadline.ts'
import type { Outcome, SendResult } from '../../src/domain/outcome.ts'
import { mayTry, REASONS } from '../../src/domain/reason.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { Attempts } from '../../src/store/attempts.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { messageOf } from '../support/message.ts'
import { ACCEPTED, FAILED, planOf, providerOf, REFUSED, UNKNOWN } from '../support/provider.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, tablesOf } from '../support/store.ts'
import { CODE_LIFETIME, deliverOn, KEYS, notingProvider } from './deliver-stand.ts'

const BUDGET = 5000

/** For who does not wait to be told what came of a message that is under way. */
const SHORT = 200
/** A claim outlives the request by that many milliseconds. */
const LEASE_MARGIN = 5000
const COOL_OFF = 30_000

const idOf = (outcome: Outcome): string => outcome.kind === 'key-reused' ? '' : outcome.id

t.test('the next provider is tried exactly where the reason lets it be; otherwise it ends there, and the key is free', async (t) => {
  for (const reason of REASONS) {
    for (const kind of ['refused', 'failed'] as const) {
      const world = await openWorld(t, openSqliteStore)
      const asked: string[] = []
      const deliver = deliverOn(world, recordBus().bus, [notingProvider('a', { kind, reason }, asked), notingProvider('b', ACCEPTED, asked)])
      const { outcome } = await deliver(messageOf(), Deadline.in(BUDGET))
      const goesOn = mayTry('provider', reason)
      t.equal(asked.join(''), goesOn ? 'ab' : 'a', `${kind} ${reason}`)
      t.match(outcome, goesOn ? { kind: 'accepted', provider: 'b' } : { kind, reason })
      const again = await deliver(messageOf(), Deadline.in(BUDGET))
      t.equal(again.outcome.kind, goesOn ? 'duplicate' : kind, `${kind} ${reason}, again`)
    }
  }
})

t.test('whom a block for fraud, a STOP or a limit protects is reached by nobody else', async (t) => {
  for (const reason of ['fraud_blocked', 'opted_out', 'too_many_codes'] as const) t.equal(mayTry('provider', reason), false, reason)
})

t.test('where the second says for good that nothing may be sent, the third is not asked', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const asked: string[] = []
  const deliver = deliverOn(world, recordBus().bus, [
    notingProvider('a', FAILED, asked), notingProvider('b', { kind: 'refused', reason: 'fraud_blocked' }, asked), notingProvider('c', ACCEPTED, asked)
  ])
  t.match((await deliver(messageOf(), Deadline.in(BUDGET))).outcome, { kind: 'refused', reason: 'fraud_blocked' })
  t.same(asked, ['a', 'b'])
})

t.test('each try has its own row, and the plan stands in the record', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus, events } = recordBus()
  const deliver = deliverOn(world, bus, [providerOf('a', FAILED), providerOf('b', REFUSED), providerOf('c', ACCEPTED), providerOf('d', ACCEPTED)])
  const { outcome } = await deliver(messageOf(), Deadline.in(BUDGET))
  const found = await world.deliveries.find(idOf(outcome))
  t.same(found?.plan, ['a', 'b', 'c', 'd'])
  t.match(found, {
    status: 'accepted',
    reason: undefined,
    attempts: [
      { provider: 'a', status: 'failed', reason: 'connection', milliseconds: Number },
      { provider: 'b', status: 'refused', reason: 'number_invalid', milliseconds: Number },
      { provider: 'c', status: 'accepted', reason: undefined, milliseconds: Number }
    ]
  })
  t.equal(found?.attempts.length, 3)
  t.same(events.map(({ type }) => type), ['attempt.finished', 'attempt.finished', 'attempt.finished', 'delivery.finished'])
})

t.test('a message for which there is no provider has an empty plan, and its key is free', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const deliver = deliverOn(world, recordBus().bus, [])
  for (const time of ['once', 'again']) {
    const { outcome } = await deliver(messageOf(), Deadline.in(BUDGET))
    t.match(outcome, { kind: 'failed', reason: 'no_provider' }, time)
    const found = await world.deliveries.find(idOf(outcome))
    t.match(found, { status: 'failed', reason: 'no_provider', attempts: [] })
    t.same(found?.plan, [])
  }
})

t.test('the plan is the one of the number’s country', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const asked: string[] = []
  const providers = [notingProvider('a', ACCEPTED, asked), notingProvider('b', ACCEPTED, asked)]
  const route = { names: ['a'], byCountry: new Map([['DE', ['b']]]) }
  const plan = planOf(providers, createCircuits({ providers, bus, now: world.clock }), { routes: { sms: route, voice: route, whatsapp: route } })
  const { outcome } = await deliverOn(world, bus, providers, { plan })(messageOf(), Deadline.in(BUDGET))
  t.match(outcome, { kind: 'accepted', provider: 'b' })
  t.same((await world.deliveries.find(idOf(outcome)))?.plan, ['b'])
  t.same(asked, ['b'])
})

t.test('a provider has three fifths of the time that is left where others come after it, and the last has all', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const shares: number[] = []
  const budget = 1_000_000
  const providers = ['a', 'b', 'c'].map((name) => providerOf(name, async (_order, deadline) => {
    shares.push(deadline.remaining / budget)
    return FAILED
  }))
  await deliverOn(world, recordBus().bus, providers)(messageOf(), Deadline.in(budget))
  for (const [index, expected] of [0.6, 0.6, 1].entries()) {
    const share = shares[index] as number
    t.ok(share <= expected && share > expected - 0.05, `${share} of ${expected}`)
  }
  t.equal(shares.length, 3)
})

t.test('a provider that is alone has all the time', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  let left = 0
  const only = providerOf('a', async (_order, deadline) => {
    left = deadline.remaining
    return ACCEPTED
  })
  await deliverOn(world, recordBus().bus, [only])(messageOf(), Deadline.in(1_000_000))
  t.ok(left > 950_000, `${left}`)
})

t.test('a first provider that cannot be reached until its time is over leaves time for the second', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  let left = 0
  const hangs = providerOf('a', async (_order, deadline) => await deadline.bound(new Promise<SendResult>(() => {})).catch(() => FAILED))
  const works = providerOf('b', async (_order, deadline) => {
    left = deadline.remaining
    return ACCEPTED
  })
  const { outcome } = await deliverOn(world, recordBus().bus, [hangs, works])(messageOf(), Deadline.in(1000))
  t.match(outcome, { kind: 'accepted', provider: 'b' })
  t.ok(left > 100, `${left}`)
})

t.test('a first provider that hangs once it was asked may have sent it: nobody else is asked, and the key is held', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const asked: string[] = []
  const hangs = providerOf('a', () => new Promise(() => {}))
  const deliver = deliverOn(world, recordBus().bus, [hangs, notingProvider('b', ACCEPTED, asked)])
  t.match((await deliver(messageOf(), Deadline.in(300))).outcome, { kind: 'unknown' })
  t.same(asked, [])
  t.match((await deliver(messageOf(), Deadline.in(BUDGET))).outcome, { kind: 'duplicate', original: 'unknown' })
})

t.test('between the tries the key is held: the same message is under way', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const seen: Outcome[] = []
  const second = providerOf('b', async () => {
    seen.push((await deliver(messageOf(), Deadline.in(SHORT))).outcome)
    return ACCEPTED
  })
  const deliver = deliverOn(world, bus, [providerOf('a', FAILED), second])
  const { outcome } = await deliver(messageOf(), Deadline.in(BUDGET))
  t.match(outcome, { kind: 'accepted' })
  t.match(seen, [{ kind: 'under-way', id: idOf(outcome) }])
})

t.test('who has lost the key between two tries sends nothing more', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const asked: string[] = []
  const other = deliverOn(world, bus, [notingProvider('other', ACCEPTED, asked)])
  const first = providerOf('a', async () => {
    world.clock.advance(CODE_LIFETIME)
    t.match((await other(messageOf(), Deadline.in(BUDGET))).outcome, { kind: 'accepted' })
    return FAILED
  })
  const { outcome } = await deliverOn(world, bus, [first, notingProvider('b', ACCEPTED, asked)])(messageOf(), Deadline.in(BUDGET))
  t.match(outcome, { kind: 'failed', reason: 'interrupted' })
  t.same(asked, ['other'])
})

t.test('a result that cannot be recorded does not keep the next provider back, and is recorded later', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { attempts, clock, deliveries } = world
  const { bus } = recordBus()
  const unfinished = createUnfinished(bus)
  let down = true
  const finish: Attempts['finish'] = async (result) => {
    if (down && result.status === 'failed') throw new StoreUnavailable()
    await attempts.finish(result)
  }
  const deliver = deliverOn({ ...world, attempts: { ...attempts, finish } }, bus, [providerOf('a', FAILED), providerOf('b', ACCEPTED)], { unfinished })
  const { outcome } = await deliver(messageOf(), Deadline.in(BUDGET))
  t.match(outcome, { kind: 'accepted', provider: 'b' })
  t.match(await deliveries.find(idOf(outcome)), { status: 'accepted', attempts: [{ status: 'pending' }, { status: 'accepted' }] })
  down = false
  clock.advance(1000)
  await unfinished.run()
  t.match(await deliveries.find(idOf(outcome)), { status: 'accepted', attempts: [{ status: 'failed' }, { status: 'accepted' }] })
  t.match((await deliver(messageOf(), Deadline.in(BUDGET))).outcome, { kind: 'duplicate' }, 'and it frees nothing')
})

t.test('a failure that is recorded late does not free the key of a message that somebody else has taken, or may have', async (t) => {
  for (const [result, original] of [[ACCEPTED, 'accepted'], [UNKNOWN, 'unknown']] as const) {
    const world = await openWorld(t, openSqliteStore)
    const { attempts, clock } = world
    const { bus } = recordBus()
    const unfinished = createUnfinished(bus)
    let down = true
    const finish: Attempts['finish'] = async (of) => {
      if (down && of.status === 'failed') throw new StoreUnavailable()
      await attempts.finish(of)
    }
    const deliver = deliverOn({ ...world, attempts: { ...attempts, finish } }, bus, [providerOf('a', FAILED), providerOf('b', result)], { unfinished })
    await deliver(messageOf(), Deadline.in(BUDGET))
    down = false
    await unfinished.run()
    clock.advance(BUDGET + LEASE_MARGIN)
    t.match((await deliver(messageOf(), Deadline.in(BUDGET))).outcome, { kind: 'duplicate', original })
  }
})

t.test('where the store fails before a request is written nothing was sent, and the message is let through as soon as it works again', async (t) => {
  for (const failing of [1, 2]) {
    for (const error of [new StoreUnavailable(), new DeadlinePassed()]) {
      const world = await openWorld(t, openSqliteStore)
      const { attempts } = world
      const asked: string[] = []
      let times = 0
      const begin: Attempts['begin'] = async (attempt) => {
        if (++times === failing) throw error
        return await attempts.begin(attempt)
      }
      const deliver = deliverOn({ ...world, attempts: { ...attempts, begin } }, recordBus().bus, [notingProvider('a', FAILED, asked), notingProvider('b', ACCEPTED, asked)])
      await t.rejects(deliver(messageOf(), Deadline.in(BUDGET)), error)
      t.match((await deliver(messageOf(), Deadline.in(BUDGET))).outcome, { kind: 'accepted', provider: 'b' })
      t.equal(asked.filter((name) => name === 'b').length, 1)
    }
  }
})

t.test('a bug in the middle of a message does not let it through again: it may have been sent', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const bug = new TypeError('a bug')
  const hint = (): never => { throw bug }
  const answer: SendResult = { kind: 'unknown', reason: 'provider_error', vendorCode: '500' }
  const deliver = deliverOn(world, recordBus().bus, [providerOf('a', answer, { hint })])
  await t.rejects(deliver(messageOf(), Deadline.in(BUDGET)), bug)
  t.match((await deliver(messageOf(), Deadline.in(SHORT))).outcome, { kind: 'under-way' })
})

t.test('where the store goes down between two tries nothing was sent: once it is back, and the lease over, the message is let through', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { attempts, clock } = world
  const { bus } = recordBus()
  const asked: string[] = []
  let down = false
  const begin: Attempts['begin'] = async (attempt) => {
    if (down) throw new StoreUnavailable()
    return await attempts.begin(attempt)
  }
  const first = providerOf('a', async () => {
    down = true
    return FAILED
  })
  const failing = deliverOn({ ...world, attempts: { ...attempts, begin } }, bus, [first, notingProvider('b', ACCEPTED, asked)])
  await t.rejects(failing(messageOf(), Deadline.in(BUDGET)), StoreUnavailable)
  t.same(asked, [])
  clock.advance(BUDGET + LEASE_MARGIN)
  const { outcome } = await deliverOn(world, bus, [notingProvider('b', ACCEPTED, asked)])(messageOf(), Deadline.in(BUDGET))
  t.match(outcome, { kind: 'accepted', provider: 'b' })
})

t.test('a process that dies between two tries has sent nothing: once its lease is over, the message is let through', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { attempts, clock, reopen } = world
  const { bus } = recordBus()
  const asked: string[] = []
  let tries = 0
  const dies = new Promise<never>(() => {})
  const begin: Attempts['begin'] = async (attempt) => ++tries === 1 ? await attempts.begin(attempt) : await dies
  const dying = deliverOn({ ...world, attempts: { ...attempts, begin } }, bus, [providerOf('a', FAILED), notingProvider('b', ACCEPTED, asked)])
  await t.rejects(dying(messageOf(), Deadline.in(1500)), { message: 'the deadline has passed' })
  const tables = tablesOf(await reopen())
  clock.advance(BUDGET + LEASE_MARGIN)
  await tables.upkeep.recover()
  const { outcome } = await deliverOn({ ...world, ...tables }, bus, [notingProvider('b', ACCEPTED, asked)])(messageOf(), Deadline.in(BUDGET))
  t.match(outcome, { kind: 'accepted', provider: 'b' })
})

t.test('while the next provider is asked the message is under way, although the first has failed', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const second = providerOf('b', async ({ delivery }) => {
    t.match(await world.deliveries.find(delivery), { status: 'pending', attempts: [{ status: 'failed' }, { status: 'pending' }] })
    t.match((await deliver(messageOf(), Deadline.in(SHORT))).outcome, { kind: 'under-way' })
    return ACCEPTED
  })
  const deliver = deliverOn(world, bus, [providerOf('a', FAILED), second])
  t.match((await deliver(messageOf(), Deadline.in(BUDGET))).outcome, { kind: 'accepted' })
})

t.test('a process that dies while the second provider is asked leaves a message of which nobody knows, not one that failed', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const asking = createGate()
  let id = ''
  const second = providerOf('b', ({ delivery }) => {
    id = delivery
    asking.open()
    return new Promise(() => {})
  })
  const dying = deliverOn({ ...world, attempts: { ...world.attempts, finish: async (result) => { if (result.status === 'failed') await world.attempts.finish(result) } } }, bus, [providerOf('a', FAILED), second])
  const delivered = dying(messageOf(), Deadline.in(300))
  await asking.opened
  const { deliveries, upkeep } = tablesOf(await world.reopen())
  world.clock.advance(BUDGET + LEASE_MARGIN)
  await upkeep.recover()
  t.match(await deliveries.find(id), { status: 'unknown', reason: 'interrupted', attempts: [{ status: 'failed' }, { status: 'unknown' }] })
  await delivered
})

t.test('a provider that keeps failing comes last after five messages, and the plan says so', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const asked: string[] = []
  const deliver = deliverOn(world, recordBus().bus, [notingProvider('a', FAILED, asked), notingProvider('b', ACCEPTED, asked)])
  const send = (text: string): ReturnType<typeof deliver> => deliver(messageOf({ text: new SensitiveText(text) }), Deadline.in(BUDGET))
  for (const text of ['1', '2', '3', '4', '5']) await send(text)
  t.equal(asked.splice(0).join(''), 'ababababab')
  const { outcome } = await send('6')
  t.same(asked, ['b'])
  t.same((await world.deliveries.find(idOf(outcome)))?.plan, ['b', 'a'])
})

t.test('a message that is a duplicate does not take the turn of one that would try a provider again', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const asked: string[] = []
  const deliver = deliverOn(world, recordBus().bus, [notingProvider('a', FAILED, asked), notingProvider('b', ACCEPTED, asked)])
  const send = (text: string): ReturnType<typeof deliver> => deliver(messageOf({ text: new SensitiveText(text) }), Deadline.in(BUDGET))
  for (const text of ['1', '2', '3', '4', '5']) await send(text)
  asked.splice(0)
  world.clock.advance(COOL_OFF)
  t.match((await send('5')).outcome, { kind: 'duplicate' })
  await send('6')
  t.equal(asked.join(''), 'ab')
})

t.test('a text is kept sealed, to be sent once more, where that is wished; calls and other channels are not', async (t) => {
  for (const [channel, keepTexts, count] of [['sms', true, 1], ['sms', false, 0], ['voice', true, 0], ['whatsapp', true, 0]] as const) {
    const world = await openWorld(t, openSqliteStore)
    const { outcome } = await deliverOn(world, recordBus().bus, [providerOf('a', ACCEPTED, { channel })], { keepTexts })(messageOf({ channel, locale: 'de' }), Deadline.in(BUDGET))
    const kept = await world.sql.read({ text: 'SELECT id, kept_message FROM deliveries WHERE kept_message IS NOT NULL', parameters: {} })
    t.equal(kept.length, count, `${channel} ${keepTexts}`)
    t.notMatch(JSON.stringify(kept), /123456|15112345678/)
    if (count === 0) continue
    const message = openMessage(kept[0]?.kept_message as string, idOf(outcome), KEYS)
    t.match([message?.to.e164, message?.code?.reveal(), message?.locale], ['+4915112345678', '123456', 'de'])
    t.match(message?.text?.reveal(), /123456/, 'in the words in which it was sent')
  }
})
