import t, { type Test } from 'tap'
import { createUnfinished, type Unfinished } from '../../src/delivery/unfinished.ts'
import { NOBODY, type Requester } from '../../src/domain/message.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import { createGuard, type GuardDeps } from '../../src/guard/create-guard.ts'
import type { Admission, Guard, Judgement, Ranges } from '../../src/guard/guard.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { codeOf, messageOf, numberOf } from '../support/message.ts'
import { recordBus, type RecordedBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'
import { KEYS, limit, modesOf, rulesOf, type RuleOptions } from './rules.ts'

interface Stand extends World, RecordedBus {
  readonly guard: Guard
  readonly unfinished: Unfinished
  /** What was noted to be sent. */
  readonly sent: Array<{ readonly ranges: Ranges, readonly at: number }>
  /** The decisions on a delivery, as they are on record. */
  decided (delivery: string): Promise<unknown>
  /** Judges a message and asks for its admission, as a delivery of its own. */
  ask (options?: Parameters<typeof messageOf>[0]): Promise<{ readonly admission: Admission, readonly delivery: string, readonly judgement: Judgement }>
  /** How many places are taken in all budgets. */
  counted (): Promise<number>
}

const standOf = async (t: Test, rules: RuleOptions, deps: Partial<GuardDeps> | ((world: World) => Partial<GuardDeps>) = {}): Promise<Stand> => {
  const world = await openWorld(t, openSqliteStore)
  const recorded = recordBus()
  const unfinished = createUnfinished(recorded.bus)
  const sent: Stand['sent'] = []
  const guard = createGuard({
    rules: rulesOf(rules),
    keys: KEYS,
    budgets: world.budgets,
    decisions: world.decisions,
    pumping: { examine: () => undefined, noteSent: (ranges, at) => { sent.push({ ranges, at }) } },
    canCall: () => true,
    settle: unfinished.settle,
    bus: recorded.bus,
    now: world.clock,
    ...typeof deps === 'function' ? deps(world) : deps
  })
  return {
    ...world,
    ...recorded,
    guard,
    unfinished,
    sent,
    decided: async (delivery) => (await world.deliveries.find(delivery))?.decisions.map(({ rule, mode }) => `${rule} ${mode}`),
    async ask (options) {
      const judgement = guard.judge(messageOf(options))
      const { id } = await world.delivery()
      return { admission: await guard.admit(id, judgement), delivery: id, judgement }
    },
    async counted () {
      const rows = await world.sql.read({ text: 'SELECT used_0 + used_1 + used_2 + used_3 + used_4 + used_5 + used_6 AS used FROM budgets', parameters: {} })
      return rows.reduce((sum, { used }) => sum + (used as number), 0)
    }
  }
}

const requesterOf = (ip: string | undefined, user?: string): Requester =>
  ({ ip: ip === undefined ? undefined : new SensitiveText(ip), user: user === undefined ? undefined : new SensitiveText(user) })

const settle = async (admission: Admission, wasSent: boolean): Promise<void> => {
  if (admission.kind === 'admitted') await admission.settle(wasSent)
}

t.test('a message is judged by its number alone', async (t) => {
  const { guard } = await standOf(t, {})
  const judgement = guard.judge(messageOf())
  t.match(judgement, { isTest: false, channel: 'sms', ranges: { country: 'DE', shownArea: '+49 151…' }, findings: [], counted: { ip: undefined, user: undefined } })
  t.notMatch(JSON.stringify(judgement), '12345678')
})

t.test('who asks is counted by keyed digests: the network, and the account of that caller', async (t) => {
  const { guard } = await standOf(t, {})
  const counted = (requester: Requester, caller = 'auth0'): Judgement['counted'] => guard.judge(messageOf({ requester, caller })).counted
  const one = counted(requesterOf('2001:db8::1', 'anna'))
  t.match(one, { ip: /^[\w-]{43}$/, user: /^[\w-]{43}$/, number: /^[\w-]{43}$/ })
  t.equal(new Set(Object.values(one)).size, 3)
  t.equal(counted(requesterOf('2001:db8::2')).ip, one.ip)
  t.equal(counted(requesterOf(undefined, 'anna')).user, one.user)
  t.not(counted(requesterOf(undefined, 'anna'), 'okta').user, one.user, 'another caller has other people')
  t.same(counted(requesterOf('nonsense')), { ...counted(NOBODY), ip: undefined, user: undefined })
})

t.test('whether a landline can be called is asked for its country, of messages with and without a code, and of codes that a vendor makes', async (t) => {
  const asked: unknown[] = []
  const { guard } = await standOf(t, {}, { canCall: (...call) => { asked.push(call); return false } })
  t.match(guard.judge(messageOf({ to: numberOf('+442071838750') })).findings, [{ rule: 'number-types', reason: 'number_not_mobile' }])
  guard.judge(messageOf({ to: numberOf('+442071838750'), code: undefined, text: new SensitiveText('Hello.') }))
  guard.judge(messageOf({ to: numberOf('+442071838750'), code: undefined, codeMaker: 'twilio-verify' }))
  guard.judge(messageOf())
  t.same(asked, [['GB', true, undefined], ['GB', false, undefined], ['GB', false, 'twilio-verify']])
})

t.test('what is admitted is counted, and settling it as sent does not touch the store', async (t) => {
  const { ask, counted, clock, decided, sent, sql } = await standOf(t, { budgets: { number: limit(5), total: limit(5) } })
  const { admission, delivery, judgement } = await ask()
  t.equal(admission.kind, 'admitted')
  t.equal(await counted(), 2)
  t.same(await decided(delivery), [])
  await sql.close()
  await settle(admission, true)
  t.same(sent, [{ ranges: judgement.ranges, at: clock() }])
})

t.test('what was not sent counts for nothing', async (t) => {
  const { ask, counted, sent } = await standOf(t, { budgets: { number: limit(1), total: limit(500) } })
  for (let time = 0; time < 3; time += 1) {
    const { admission } = await ask()
    t.equal(admission.kind, 'admitted')
    await settle(admission, false)
    t.equal(await counted(), 0)
  }
  t.same(sent, [])
})

t.test('a message is settled once, whatever is told of it later', async (t) => {
  const { ask, counted, sent } = await standOf(t, { budgets: { number: limit(5) } })
  const { admission } = await ask()
  await ask()
  await Promise.all([settle(admission, false), settle(admission, false), settle(admission, true)])
  t.equal(await counted(), 1)
  t.same(sent, [])
})

/** A store that gives nothing back for the first so many times. */
const notGivingBack = (times: number) => ({ budgets }: World): Partial<GuardDeps> => {
  let left = times
  return {
    budgets: {
      ...budgets,
      async giveBack (places) {
        left -= 1
        if (left >= 0) throw new StoreUnavailable()
        await budgets.giveBack(places)
      }
    }
  }
}

t.test('what could not be given back is given back later, once', async (t) => {
  const { ask, counted, unfinished } = await standOf(t, { budgets: { number: limit(5) } }, notGivingBack(2))
  const { admission } = await ask()
  await ask()
  const both = await Promise.allSettled([settle(admission, false), settle(admission, false)])
  t.same(both.map(({ status }) => status), ['rejected', 'rejected'], 'who asks meanwhile is told the same')
  t.equal(await counted(), 2)
  await unfinished.settle('giving back', () => settle(admission, false))
  t.equal(await counted(), 2)
  await unfinished.run()
  t.equal(await counted(), 1)
  await settle(admission, false)
  await settle(admission, true)
  t.equal(await counted(), 1)
})

t.test('places that a message took count for nothing where the rest of it cannot be told', async (t) => {
  const shadowed = { modes: modesOf('enforce', { 'prefix-budget': 'shadow' }), budgets: { number: limit(5), prefix: limit(1, 60_000), total: limit(5) } }
  for (const deps of [
    () => ({ decisions: { add: async () => { throw new StoreUnavailable() } } }),
    ({ budgets, decisions }: World): Partial<GuardDeps> => ({ ...notGivingBack(1)({ budgets } as World), decisions: { ...decisions, add: async () => { throw new StoreUnavailable() } } })
  ]) {
    const { ask, counted, unfinished } = await standOf(t, shadowed, deps)
    await t.rejects(ask(), StoreUnavailable)
    await unfinished.run()
    t.equal(await counted(), 0)
  }
  const { ask, counted } = await standOf(t, { budgets: { number: limit(1), prefix: limit(5), total: limit(5) } }, ({ budgets }) => ({
    budgets: { ...budgets, freeIn: async () => { throw new StoreUnavailable() } }
  }))
  await ask().then(() => t.equal(1, 1), () => t.fail('there is room'))
  await t.rejects(ask(), StoreUnavailable)
  t.equal(await counted(), 3, 'those of the first one')
})

t.test('what is refused is refused although its places cannot be given back at once', async (t) => {
  const { ask, counted, unfinished } = await standOf(t, { budgets: { number: limit(1), prefix: limit(5) } }, notGivingBack(1))
  await ask()
  t.match((await ask()).admission, { kind: 'refused', reason: 'too_many_messages' })
  t.equal(await counted(), 3)
  await unfinished.run()
  t.equal(await counted(), 2)
})

t.test('a full budget refuses, tells when it has a place again, and takes none of the others', async (t) => {
  const { ask, clock, counted, decided, events } = await standOf(t, { budgets: { number: limit(2), prefix: limit(9), total: limit(9) } })
  await ask()
  await ask()
  const { admission, delivery } = await ask()
  t.match(admission, { kind: 'refused', reason: 'too_many_messages' })
  const wait = (admission as { retryAfter: number }).retryAfter
  t.ok(wait >= 600_000 && wait <= 700_000, `${wait}`)
  t.equal(await counted(), 6)
  t.same(await decided(delivery), ['number-budget enforce'])
  t.same(events, [{ type: 'delivery.guarded', delivery, rule: 'number-budget', mode: 'enforce', reason: 'too_many_messages' }])
  t.equal((await ask({ to: numberOf('+4915112345679') })).admission.kind, 'admitted', 'another number is not concerned')
  clock.advance(wait)
  t.equal((await ask()).admission.kind, 'admitted')
})

t.test('a rule with several full limits is one decision', async (t) => {
  const { ask, decided } = await standOf(t, { budgets: { number: [...limit(1, 60_000), ...limit(1, 600_000)] } })
  await ask()
  const { admission, delivery } = await ask()
  t.same(await decided(delivery), ['number-budget enforce'])
  t.ok((admission as { retryAfter: number }).retryAfter >= 600_000, 'the longer wait is told')
})

t.test('how long to wait is told by what is enforced, and by nothing that is only watched', async (t) => {
  const { ask } = await standOf(t, { modes: modesOf('enforce', { 'prefix-budget': 'shadow' }), budgets: { number: limit(1, 60_000), prefix: limit(1, 600_000) } })
  await ask()
  const { admission } = await ask()
  t.ok((admission as { retryAfter: number }).retryAfter <= 70_000)
})

t.test('a full budget that is only watched is noted, not counted, and lets the message go', async (t) => {
  const { ask, counted, decided, events, sent } = await standOf(t, {
    modes: modesOf('shadow'), budgets: { number: limit(1), ip: limit(1), total: limit(3) }
  })
  const requester = requesterOf('203.0.113.7')
  await ask({ requester })
  const { admission, delivery } = await ask({ requester })
  t.equal(admission.kind, 'admitted')
  t.equal(await counted(), 4)
  t.same(await decided(delivery), ['ip-budget shadow', 'number-budget shadow'])
  t.same(events.map((event) => event.type === 'delivery.guarded' && event.mode), ['shadow', 'shadow'])
  await settle(admission, true)
  t.equal(sent.length, 1)
  await settle((await ask({ requester })).admission, false)
  t.equal(await counted(), 4, 'what it did not take it does not give back')
})

t.test('a refusal is told by the enforced rule, and what is only watched is noted beside it', async (t) => {
  const { ask, decided } = await standOf(t, { modes: modesOf('shadow', { 'user-budget': 'enforce' }), budgets: { number: limit(1), user: limit(1), total: limit(9) } })
  const requester = requesterOf(undefined, 'anna')
  await ask({ requester })
  const { admission, delivery } = await ask({ requester })
  t.match(admission, { kind: 'refused', reason: 'too_many_messages' })
  t.same(await decided(delivery), ['number-budget shadow', 'user-budget enforce'])
})

t.test('budgets are by their own: another address, account, country', async (t) => {
  const { ask } = await standOf(t, { budgets: { ip: limit(1), user: limit(1), country: limit(1), byCountry: new Map([['US', limit(2)]]) } })
  const kind = async (to: string, requester: Requester): Promise<string> => (await ask({ to: numberOf(to), requester })).admission.kind
  t.equal(await kind('+4915112345678', requesterOf('203.0.113.7', 'anna')), 'admitted')
  t.equal(await kind('+4917112345678', requesterOf('203.0.113.8', 'bert')), 'refused', 'the country is full')
  t.equal(await kind('+14155550123', requesterOf('203.0.113.7', 'bert')), 'refused', 'the address is')
  t.equal(await kind('+14155550123', requesterOf('203.0.113.8', 'anna')), 'refused', 'the account is')
  t.equal(await kind('+14155550123', requesterOf('203.0.113.8', 'bert')), 'admitted')
  t.equal(await kind('+14155550123', NOBODY), 'admitted')
  t.equal(await kind('+14155550123', NOBODY), 'refused')
})

t.test('rules that are off count nothing', async (t) => {
  const { ask, counted } = await standOf(t, { modes: modesOf('off'), budgets: { number: limit(1), total: limit(1) } })
  await ask()
  t.equal((await ask()).admission.kind, 'admitted')
  t.equal(await counted(), 0)
})

t.test('what its number has refused is on record, and counts nowhere', async (t) => {
  const { ask, counted, decided, events } = await standOf(t, {
    deniedPrefixes: ['+49'], allowedCountries: new Set(['US']), modes: modesOf('enforce', { 'allowed-countries': 'shadow' }), budgets: { total: limit(5) }
  })
  const { admission, delivery } = await ask()
  t.same(admission, { kind: 'refused', reason: 'prefix_denied', retryAfter: undefined })
  t.equal(await counted(), 0)
  t.same(await decided(delivery), ['allowed-countries shadow', 'denied-prefixes enforce'])
  t.match(events, [{ rule: 'allowed-countries', reason: 'country_not_allowed' }, { rule: 'denied-prefixes', reason: 'prefix_denied' }])
})

t.test('what its number would have refused, where that is only watched, is noted and counted', async (t) => {
  const { ask, counted, decided } = await standOf(t, { deniedPrefixes: ['+49'], modes: modesOf('shadow'), budgets: { total: limit(5) } })
  const { admission, delivery } = await ask()
  t.equal(admission.kind, 'admitted')
  t.equal(await counted(), 1)
  t.same(await decided(delivery), ['denied-prefixes shadow'])
})

const SUSPICIOUS = { examine: () => ({ retryAfter: 90_000 }), noteSent: () => {} }

t.test('a range that is suspected is refused before anything is counted', async (t) => {
  const { ask, counted, decided } = await standOf(t, { budgets: { number: limit(5) } }, ({ budgets }) => ({
    pumping: SUSPICIOUS, budgets: { ...budgets, take: async () => { throw new Error('taken') } }
  }))
  const { admission, delivery } = await ask()
  t.same(admission, { kind: 'refused', reason: 'range_suspected', retryAfter: 90_000 })
  t.equal(await counted(), 0)
  t.same(await decided(delivery), ['pumping enforce'])
})

t.test('a range that is suspected, where that is only watched, is noted, counted and noted as sent', async (t) => {
  const sent: unknown[] = []
  const { ask, counted, decided } = await standOf(t, { modes: modesOf('enforce', { pumping: 'shadow' }), budgets: { number: limit(5) } }, {
    pumping: { ...SUSPICIOUS, noteSent: (ranges) => { sent.push(ranges) } }
  })
  const { admission, delivery, judgement } = await ask()
  t.equal(admission.kind, 'admitted')
  t.equal(await counted(), 1)
  t.same(await decided(delivery), ['pumping shadow'])
  await settle(admission, true)
  t.same(sent, [judgement.ranges])
})

t.test('nobody is suspected where that rule is off', async (t) => {
  const { ask, decided } = await standOf(t, { modes: modesOf('off') }, { pumping: { ...SUSPICIOUS, examine: () => { throw new Error('asked') } } })
  const { admission, delivery } = await ask()
  t.equal(admission.kind, 'admitted')
  t.same(await decided(delivery), [])
})

t.test('a test number is taken whatever the rules say, and counts nowhere', async (t) => {
  const { ask, counted, decided, sent } = await standOf(t, {
    testNumbers: new Map([['+442071838750', codeOf('123456')]]), deniedPrefixes: ['+44'], budgets: { number: limit(1), total: limit(1) }
  }, { pumping: SUSPICIOUS })
  for (let time = 0; time < 3; time += 1) {
    const { admission, delivery, judgement } = await ask({ to: numberOf('+442071838750') })
    t.match(judgement, { isTest: true, channel: 'sms', findings: [] })
    t.equal(admission.kind, 'admitted')
    t.same(await decided(delivery), [])
    await settle(admission, true)
    await settle(admission, false)
  }
  t.equal(await counted(), 0)
  t.same(sent, [])
})

t.test('a further step of one delivery is counted and decided like the first one', async (t) => {
  const { counted, decided, delivery, events, guard } = await standOf(t, { modes: modesOf('enforce', { pumping: 'shadow' }), budgets: { number: limit(2) } }, { pumping: SUSPICIOUS })
  const { id } = await delivery()
  const judgement = guard.judge(messageOf())
  t.equal((await guard.admit(id, judgement)).kind, 'admitted')
  t.equal((await guard.admit(id, judgement)).kind, 'admitted')
  t.equal((await guard.admit(id, judgement)).kind, 'refused')
  t.equal(await counted(), 2)
  t.same(await decided(id), ['number-budget enforce', 'pumping shadow'])
  t.equal(events.length, 4)
})

t.test('nothing is admitted while the store cannot be asked, and nothing is told', async (t) => {
  const { delivery, events, guard, sql } = await standOf(t, { modes: modesOf('enforce', { 'denied-prefixes': 'shadow' }), deniedPrefixes: ['+49'], budgets: { number: limit(2) } })
  const { id } = await delivery()
  await sql.close()
  await t.rejects(guard.admit(id, guard.judge(messageOf())), StoreUnavailable)
  t.same(events, [])
})

t.test('what cannot be written down is not let through, nor told', async (t) => {
  for (const mode of ['shadow', 'enforce'] as const) {
    const { ask, events } = await standOf(t, { modes: modesOf(mode), deniedPrefixes: ['+49'] }, {
      decisions: { add: async () => { throw new StoreUnavailable() } }
    })
    await t.rejects(ask(), StoreUnavailable)
    t.same(events, [], mode)
  }
})

t.test('of many messages at a time as many are admitted as may be, and nothing is lost by those refused', async (t) => {
  const { ask, counted } = await standOf(t, { budgets: { number: limit(7), prefix: limit(50), total: limit(300) } })
  const all = await Promise.all(Array.from({ length: 40 }, () => ask()))
  t.equal(all.filter(({ admission }) => admission.kind === 'admitted').length, 7)
  t.equal(await counted(), 21)
})

t.test('a rehearsal is refused by rules about the number, and takes no place in any budget', async (t) => {
  const { guard, decided, delivery, counted, sent } = await standOf(t, {})
  const judgement = guard.judge(messageOf())
  const finding = { rule: 'denied-prefixes', mode: 'enforce', reason: 'country_not_allowed', retryAfter: undefined } as const
  const [one, another, third] = [await delivery(), await delivery(), await delivery()]
  t.match(await guard.rehearse(one.id, judgement), { kind: 'admitted' })
  t.match(await guard.rehearse(another.id, { ...judgement, findings: [finding] }), { kind: 'refused', reason: 'country_not_allowed' })
  t.same(await decided(another.id), ['denied-prefixes enforce'])
  const admitted = await guard.rehearse(third.id, { ...judgement, isTest: true, findings: [finding] })
  t.equal(admitted.kind, 'admitted', 'numbers for tests are refused by nothing')
  t.equal(await counted(), 0)
  t.same(sent, [])
})
