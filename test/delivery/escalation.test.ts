import t, { type Test } from 'tap'
import { createMakeAttempt } from '../../src/delivery/attempt.ts'
import { createCircuits } from '../../src/delivery/circuits.ts'
import { createKeepForEscalation, type EscalationRules } from '../../src/delivery/escalation-message.ts'
import { createEscalate, type EscalationDeps } from '../../src/delivery/escalation.ts'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import type { Channel } from '../../src/domain/message.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import type { Reason } from '../../src/domain/reason.ts'
import type { Signal, Word } from '../../src/domain/signal.ts'
import type { Guard } from '../../src/guard/guard.ts'
import type { Order, Provider } from '../../src/providers/provider.ts'
import type { ClaimRequest } from '../../src/store/claims.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { KEYS } from './deliver-stand.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { messageOf } from '../support/message.ts'
import { ACCEPTED, FAILED, providerOf, REFUSED, planOf, UNKNOWN } from '../support/provider.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

const LIFE = 300_000
const AFTER = 60_000
const RULES: EscalationRules = { channels: ['whatsapp', 'voice'], hooks: new Set(['direct']), afterMs: AFTER }

/** Who sends by which channel. */
const CHANNEL_OF = { text: 'sms', chat: 'whatsapp', chat2: 'whatsapp', call: 'voice' } as const

type Name = keyof typeof CHANNEL_OF

interface Options extends Partial<EscalationDeps> {
  readonly answers?: Partial<Record<Name, SendResult>>
  /** What the provider of texts says, asked for it. */
  readonly word?: Word
  /** Without it, nobody sends by WhatsApp. */
  readonly names?: readonly Name[]
}

interface EscalationWorld extends World, RecordedBus {
  /** The names of those that were asked to send, and what. */
  readonly asked: Name[]
  readonly orders: Order[]
  /** What was told, in answer to a question. */
  readonly told: Signal[]
  make (options?: Options): (delivery: string) => Promise<'kept' | undefined>
  /** A text that was taken, of a message that may go on. */
  accepted (options?: Partial<ClaimRequest>, result?: SendResult): Promise<{ readonly delivery: string, readonly attempt: string }>
  /** The same, of which the carrier says that it did not arrive; it is due to be looked at. */
  undelivered (options?: Partial<ClaimRequest>, reason?: Reason): Promise<string>
  /** Lets that much time pass, takes what is due, and looks at it. Gives how much that was. */
  look (escalate: (delivery: string) => Promise<'kept' | undefined>, milliseconds?: number): Promise<number>
  left (delivery: string): Promise<unknown>
}

/** By what the one who asked is counted. */
const COUNTED = { number: 'number', ip: 'digest of the address', user: 'digest of the account' }

const openEscalation = async (t: Test): Promise<EscalationWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const { attempts, attemptOf, clock, due, escalations, newId, newsOf, resultOf, sql } = world
  const recorded = recordBus()
  const [asked, orders, told]: [Name[], Order[], Signal[]] = [[], [], []]
  const unfinished = createUnfinished(recorded.bus)
  const accepted: EscalationWorld['accepted'] = async (options = {}, result = { kind: 'accepted', reference: 'message-1' }) => {
    const id = newId()
    const escalation = createKeepForEscalation(KEYS, RULES)(messageOf({ locale: 'de' }), { isTest: false, channel: 'sms', counted: COUNTED }, id)
    await world.delivery({ id, escalation, expiresIn: LIFE, numberDigest: `number of ${id}`, ...options })
    const attempt = attemptOf(id, { provider: 'text' })
    await attempts.begin(attempt)
    await attempts.finish(resultOf(attempt.id, { status: result.kind, ...result }))
    return { delivery: id, attempt: attempt.id }
  }
  return {
    ...world,
    ...recorded,
    asked,
    orders,
    told,
    accepted,
    async undelivered (options, reason = 'carrier_error') {
      const { delivery, attempt } = await accepted(options)
      await attempts.apply(newsOf(attempt, { status: 'undelivered', reason }))
      await escalations.hasten(delivery)
      return delivery
    },
    make ({ answers = {}, word, names = ['text', 'chat', 'chat2', 'call'], ...options }: Options = {}) {
      const providers = names.map((name): Provider => providerOf(name, async (order) => {
        asked.push(name)
        orders.push(order)
        return answers[name] ?? ACCEPTED
      }, { channel: CHANNEL_OF[name], inquiry: { after: 1, ask: async () => name === 'text' ? word : undefined, search: { shown: () => undefined, find: async () => undefined } } }))
      const circuits = createCircuits({ providers, bus: recorded.bus, now: clock })
      return createEscalate({
        rules: RULES,
        escalations,
        makeAttempt: createMakeAttempt({ attempts, unfinished, circuits, bus: recorded.bus, now: clock, longestCallMs: 1, keys: KEYS }),
        plan: planOf(providers, circuits),
        providers,
        guard: OPEN_GUARD,
        track: async (_vendor, signals) => { told.push(...signals) },
        reportsArrive: async () => true,
        unfinished,
        keys: KEYS,
        bus: recorded.bus,
        now: clock,
        longestCallMs: 210_000,
        ...options
      })
    },
    async look (escalate, milliseconds = 0) {
      clock.advance(milliseconds)
      const taken = await due.take('escalate', 10, 30_000)
      for (const work of taken) if (await escalate(work.id) !== 'kept') await due.done(work)
      return taken.length
    },
    left: async (id) => (await sql.read({ text: 'SELECT escalation_left FROM deliveries WHERE id = :id', parameters: { id } }))[0]?.escalation_left
  }
}

/** A guard that says so, and notes how its admissions are settled. */
const guardOf = (refusal: Reason | undefined, settled: boolean[], options: Partial<ReturnType<Guard['judge']>> = {}): Guard => ({
  ...OPEN_GUARD,
  judge: (message) => ({ ...OPEN_GUARD.judge(message), ...options }),
  admit: async () => refusal === undefined
    ? { kind: 'admitted', settle: async (wasSent) => { settled.push(wasSent) } }
    : { kind: 'refused', reason: refusal, retryAfter: undefined }
})

t.test('the same code goes by the next channel, and is good for as long as it was', async (t) => {
  const { asked, deliveries, events, look, make, orders, undelivered } = await openEscalation(t)
  const delivery = await undelivered()
  await look(make(), 1000)
  t.same(asked, ['chat'])
  const [order] = orders as [Order]
  t.same([order.delivery, order.to.e164, order.code?.reveal(), order.locale, order.text], [delivery, '+4915112345678', '123456', 'de', undefined])
  t.equal(order.expiresAt - order.startedAt, LIFE - 1000)
  t.match(events.find(({ type }) => type === 'delivery.escalated'), { delivery, channel: 'whatsapp', why: 'carrier_error' })
  t.match(await deliveries.find(delivery), {
    status: 'accepted',
    channel: 'sms',
    attempts: [
      { channel: 'sms', status: 'undelivered', events: [{ what: 'report.delivered' }, { what: 'escalated.whatsapp', reason: 'carrier_error' }] },
      { provider: 'chat', channel: 'whatsapp', status: 'accepted' }
    ]
  })
})

t.test('of many that look at it at the same time one sends', async (t) => {
  const { asked, make, undelivered } = await openEscalation(t)
  const settled: boolean[] = []
  const delivery = await undelivered()
  const looks = Array.from({ length: 10 }, () => make({ guard: guardOf(undefined, settled) }))
  t.same(new Set(await Promise.all(looks.map((escalate) => escalate(delivery)))), new Set(['kept']))
  t.same(asked, ['chat'])
  t.equal(settled.filter(Boolean).length, 1)
  t.ok(settled.length >= 1, 'who did not get it counts for nothing')
})

t.test('who comes when it is not due any more, or nothing is kept, does nothing', async (t) => {
  const { asked, due, make, newId, undelivered } = await openEscalation(t)
  const delivery = await undelivered()
  const escalate = make()
  await escalate(delivery)
  t.equal(await escalate(delivery), 'kept', 'the next step has its own time')
  t.equal(await escalate(newId()), undefined)
  const dropped = await undelivered()
  await due.done({ id: dropped, kind: 'escalate' })
  t.equal(await escalate(dropped), 'kept')
  t.same(asked, ['chat'])
})

t.test('a step of which nothing is heard leads to the next, and the last one to none', async (t) => {
  const { asked, look, left, make, undelivered } = await openEscalation(t)
  const delivery = await undelivered()
  const escalate = make()
  await look(escalate)
  t.equal(await left(delivery), 'voice')
  t.equal(await look(escalate, AFTER - 1), 0)
  t.equal(await look(escalate, 1), 1)
  t.same(asked, ['chat', 'call'])
  t.equal(await left(delivery), '')
  t.equal(await look(escalate, 210_000), 0)
  t.same(asked, ['chat', 'call'])
})

t.test('what is looked at too early is looked at again in its time, and what has arrived never again', async (t) => {
  const { accepted, asked, attempts, escalations, left, look, make, newsOf } = await openEscalation(t)
  const { delivery } = await accepted()
  await escalations.hasten(delivery)
  const escalate = make()
  t.equal(await look(escalate, 1000), 1)
  t.same(asked, [])
  t.equal(await look(escalate, AFTER - 1001), 0)
  const { delivery: arrived, attempt } = await accepted()
  await attempts.apply(newsOf(attempt))
  await escalations.hasten(arrived)
  t.equal(await look(escalate, 1), 2)
  t.same(asked, ['chat'])
  t.same([await left(delivery), await left(arrived)], ['voice', null])
})

t.test('a missing report is missed only where reports arrive; what is told later still counts', async (t) => {
  const { accepted, asked, attempts, escalations, left, look, make, newsOf } = await openEscalation(t)
  const { delivery, attempt } = await accepted()
  const [routes, arrive]: [unknown[], { now: boolean }] = [[], { now: false }]
  const escalate = make({ reportsArrive: async ({ provider, channel }, country) => { routes.push([provider, channel, country]); return arrive.now } })
  t.equal(await look(escalate, AFTER), 1)
  t.same(routes, [['text', 'sms', 'DE']])
  arrive.now = true
  t.equal(await look(escalate, AFTER), 0, 'nobody looks at it any more')
  t.same(asked, [])
  t.equal(await left(delivery), 'whatsapp,voice')
  await attempts.apply(newsOf(attempt, { status: 'undelivered', reason: 'carrier_error' }))
  await escalations.hasten(delivery)
  t.equal(await look(escalate), 1)
  t.same(asked, ['chat'])
})

t.test('a carrier that gives no report is not waited for; what it tells all the same still counts', async (t) => {
  const { accepted, asked, attempts, escalations, look, make, newsOf } = await openEscalation(t)
  const { delivery, attempt } = await accepted()
  await attempts.apply(newsOf(attempt, { key: 'none', status: 'unknown', reason: 'no_report' }))
  const escalate = make()
  t.equal(await look(escalate, AFTER), 1)
  t.equal(await look(escalate, AFTER), 0)
  t.same(asked, [])
  await attempts.apply(newsOf(attempt, { status: 'undelivered', reason: 'carrier_error' }))
  await escalations.hasten(delivery)
  t.equal(await look(escalate), 1)
  t.same(asked, ['chat'])
})

t.test('the vendor is asked before a report counts as missing: what it tells is taken, and nothing sent', async (t) => {
  const { accepted, asked, look, make, told } = await openEscalation(t)
  const { attempt } = await accepted()
  const escalate = make({ word: { status: 'delivered', reason: undefined, vendorCode: undefined } })
  await look(escalate, AFTER)
  t.same(told, [{ kind: 'report', channel: 'sms', attempt, reference: 'message-1', key: 'asked delivered', what: 'report.delivered', status: 'delivered', reason: undefined, vendorCode: undefined }])
  t.equal(await look(escalate, 4999), 0)
  t.equal(await look(escalate, 1), 1, 'it is looked at again')
  t.same(asked, [])
})

t.test('nobody is asked of a message whose id is not known, nor of a provider that is gone', async (t) => {
  const { accepted, asked, look, make, told } = await openEscalation(t)
  const word: Word = { status: 'delivered', reason: undefined, vendorCode: undefined }
  await accepted({}, UNKNOWN)
  await look(make({ word }), AFTER)
  await accepted()
  await look(make({ word, names: ['chat', 'call'] }), AFTER)
  t.same(asked, ['chat', 'call', 'chat'], 'the first went on to its last step meanwhile')
  t.same(told, [])
})

t.test('a channel without a provider is passed over; without any there is no step', async (t) => {
  const { asked, left, look, make, undelivered } = await openEscalation(t)
  const passed = await undelivered()
  await look(make({ names: ['text', 'call'] }))
  t.same(asked, ['call'])
  t.equal(await left(passed), '')
  const none = await undelivered()
  await look(make({ names: ['text'] }))
  t.equal(await left(none), null)
  t.same(asked, ['call'])
})

t.test('the next provider of a channel is tried where one did not take it, and its reason allows it', async (t) => {
  for (const [answers, expected] of [
    [{ chat: FAILED }, ['chat', 'chat2']],
    [{ chat: REFUSED }, ['chat', 'chat2']],
    [{ chat: UNKNOWN }, ['chat']],
    [{ chat: { kind: 'refused', reason: 'destination_unsupported' } }, ['chat', 'chat2']],
    [{ chat: { kind: 'refused', reason: 'opted_out' } }, ['chat']]
  ] as const) {
    const { asked, look, make, undelivered } = await openEscalation(t)
    await undelivered()
    await look(make({ answers }))
    t.same(asked, expected, JSON.stringify(answers))
  }
})

t.test('where nobody took a step the next one follows at once, if the reason allows it', async (t) => {
  for (const [reason, expected] of [
    ['connection', ['chat', 'chat2', 'call']], ['destination_unsupported', ['chat', 'chat2', 'call']],
    ['number_invalid', ['chat', 'chat2']], ['fraud_blocked', ['chat']]
  ] as const) {
    const { asked, left, look, make, undelivered } = await openEscalation(t)
    const settled: boolean[] = []
    const delivery = await undelivered()
    const no = { kind: 'failed', reason } as const
    const escalate = make({ answers: { chat: no, chat2: no }, guard: guardOf(undefined, settled) })
    await look(escalate)
    t.equal(await look(escalate), 1)
    t.same(asked, expected, reason)
    t.same(settled, expected.length === 3 ? [false, true] : [false], 'what was not sent counts for nothing')
    t.equal(await left(delivery), expected.length === 3 ? '' : null)
  }
})

t.test('an answer that was lost counts as sent, and is waited for', async (t) => {
  const { asked, look, make, undelivered } = await openEscalation(t)
  const settled: boolean[] = []
  await undelivered()
  const escalate = make({ answers: { chat: UNKNOWN }, guard: guardOf(undefined, settled) })
  await look(escalate)
  t.same(settled, [true])
  t.equal(await look(escalate, AFTER - 1), 0)
  await look(escalate, 1)
  t.same(asked, ['chat', 'call'], 'what was known before it counts')
})

t.test('what the guard refuses is not sent, is on record, and goes nowhere else', async (t) => {
  const { asked, deliveries, events, left, look, make, undelivered } = await openEscalation(t)
  const delivery = await undelivered()
  const escalate = make({ guard: guardOf('too_many_messages', []) })
  await look(escalate)
  t.equal(await look(escalate, AFTER), 0)
  t.same(asked, [])
  t.equal(await left(delivery), null)
  t.match((await deliveries.find(delivery))?.attempts[0]?.events.find(({ what }) => what === 'escalation.refused'), { reason: 'too_many_messages' })
  t.notOk(events.some(({ type }) => type === 'delivery.escalated'))
})

t.test('the guard is asked about the number and the channel, and counts it for the one who asked', async (t) => {
  const { look, make, undelivered } = await openEscalation(t)
  const [judged, admitted]: [unknown[], unknown[]] = [[], []]
  const guard: Guard = {
    ...OPEN_GUARD,
    judge: (message) => {
      judged.push([message.to.e164, message.channel, message.code?.reveal()])
      return OPEN_GUARD.judge(message)
    },
    admit: (delivery, judgement) => {
      admitted.push(delivery, judgement.channel, judgement.counted)
      return OPEN_GUARD.admit(delivery, judgement)
    }
  }
  const delivery = await undelivered()
  await look(make({ guard }))
  t.same(judged, [['+4915112345678', 'whatsapp', '123456']])
  t.same(admitted, [delivery, 'whatsapp', COUNTED])
})

t.test('a number that was made one for tests meanwhile is not sent to', async (t) => {
  const { asked, left, look, make, undelivered } = await openEscalation(t)
  const delivery = await undelivered()
  await look(make({ guard: guardOf(undefined, [], { isTest: true }) }))
  t.same(asked, [])
  t.equal(await left(delivery), null)
})

t.test('what the operator does not want any more is not sent, whatever is left from before', async (t) => {
  for (const [rules, expected] of [
    [{ hooks: new Set(['okta']) }, []], [{ hooks: new Set() }, []], [{ channels: [] }, []], [{ channels: ['voice'] }, ['call']], [{ channels: ['voice', 'whatsapp'] }, ['chat']]
  ] as ReadonlyArray<readonly [Partial<EscalationRules>, Name[]]>) {
    const { asked, look, make, undelivered } = await openEscalation(t)
    await undelivered()
    await look(make({ rules: { ...RULES, ...rules } }))
    t.same(asked, expected)
  }
})

t.test('what cannot be opened is forgotten', async (t) => {
  const { asked, left, look, make, undelivered } = await openEscalation(t)
  const channels: readonly Channel[] = ['voice']
  const delivery = await undelivered({ escalation: { sealed: 'sealed by nobody', channels, after: AFTER } })
  await look(make())
  t.same(asked, [])
  t.equal(await left(delivery), null)
})

t.test('where it cannot be said whether a step may be sent, none is taken: it is looked at again', async (t) => {
  const { asked, clock, left, make, look, undelivered } = await openEscalation(t)
  const delivery = await undelivered()
  const guard: Guard = { ...OPEN_GUARD, admit: async () => { throw new StoreUnavailable() } }
  await t.rejects(look(make({ guard })), StoreUnavailable)
  t.equal(await left(delivery), 'whatsapp,voice')
  clock.advance(30_000)
  t.equal(await look(make()), 1)
  t.same(asked, ['chat'])
})

t.test('a step that cannot be taken gives back what it was counted', async (t) => {
  const world = await openEscalation(t)
  const { asked, escalations, look, make, undelivered } = world
  const settled: boolean[] = []
  await undelivered()
  await t.rejects(look(make({ guard: guardOf(undefined, settled), escalations: { ...escalations, take: async () => { throw new StoreUnavailable() } } })), StoreUnavailable)
  t.same(settled, [false])
  t.same(asked, [])
})

t.test('a step that was taken and could not be begun is lost, and given back; the next one has its time', async (t) => {
  const { asked, deliveries, left, look, make, undelivered } = await openEscalation(t)
  const settled: boolean[] = []
  const delivery = await undelivered()
  await t.rejects(look(make({ guard: guardOf(undefined, settled), makeAttempt: async () => { throw new StoreUnavailable() } })), StoreUnavailable)
  t.same(settled, [false])
  t.equal(await left(delivery), 'voice')
  const escalate = make()
  t.equal(await look(escalate, AFTER - 1), 0)
  t.equal(await look(escalate, 1), 1)
  t.same(asked, ['call'])
  t.same((await deliveries.find(delivery))?.attempts[0]?.events.map(({ what }) => what).sort(), ['escalated.voice', 'escalated.whatsapp', 'report.delivered'])
})

t.test('a code that is taken back at the last moment is not sent', async (t) => {
  const { asked, deliveries, look, make, undelivered } = await openEscalation(t)
  const settled: boolean[] = []
  const delivery = await undelivered()
  const guard = guardOf(undefined, settled)
  await look(make({
    guard: {
      ...guard,
      async admit (id, judgement) {
        await deliveries.markUsed(delivery, undefined)
        return await guard.admit(id, judgement)
      }
    }
  }))
  t.same(asked, [])
  t.same(settled, [false])
})
