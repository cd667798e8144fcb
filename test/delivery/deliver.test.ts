import { mock } from 'node:test'
import t from 'tap'
import { createUnfinished } from '../../src/delivery/unfinished.ts'
import { Deadline, DeadlinePassed } from '../../src/domain/deadline.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { Order } from '../../src/providers/provider.ts'
import { StoreUnavailable, type Sql } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { startTestGateway } from '../support/gateway.ts'
import { codeOf, keyOf, messageOf } from '../support/message.ts'
import { ACCEPTED, FAILED, providerOf, REFUSED, UNKNOWN } from '../support/provider.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'
import { CODE_LIFETIME, deliverOn, notingProvider } from './deliver-stand.ts'

const MESSAGE = { phoneNumber: '+14155550123', code: '482913' }

t.test('a process that comes back after its lease finds its key taken, and sends nothing', async (t) => {
  let letGo = (): void => {}
  const released = new Promise<void>((resolve) => { letGo = resolve })
  let standsStill = (): void => {}
  const stalled = new Promise<void>((resolve) => { standsStill = resolve })
  let first = true
  const wrapSql = (sql: Sql): Sql => ({
    read: (step) => sql.read(step),
    async write (steps) {
      if (first && steps.some(({ text }) => text.includes('INSERT INTO attempts'))) {
        first = false
        standsStill()
        await released
      }
      return await sql.write(steps)
    },
    follow: (topic, wake) => sql.follow(topic, wake),
    check: () => sql.check(),
    close: () => sql.close()
  })
  const { post, sandbox, clock, delivery } = await startTestGateway(t, { wrapSql })
  const slow = post('/send-text-code', MESSAGE)
  await stalled
  clock.advance(14_000)
  const next = await post('/send-text-code', MESSAGE)
  t.match(next.body, { status: 'accepted' })
  letGo()
  const { status, body } = await slow
  t.match({ status, body }, { status: 502, body: { code: 'provider_failed', detail: 'interrupted' } })
  t.equal(sandbox.messages.length, 1)
  t.match(await delivery(next.body.id), { attempts: [{ provider: 'acs-sms' }] })
})

t.test('where the store is down, nothing is sent', async (t) => {
  const down = (): Promise<never> => Promise.reject(new Error('the disk is gone'))
  const { post, sandbox } = await startTestGateway(t, {
    settings: { DIRECT_BUDGET_MS: '300' },
    wrapSql: (sql) => ({ read: down, write: down, follow: (topic, wake) => sql.follow(topic, wake), check: down, close: () => sql.close() })
  })
  t.match(await post('/send-text-code', MESSAGE), { status: 500 })
  t.equal(sandbox.requests.length, 0)
})

t.test('where the store does not answer, the caller hears so inside the budget', async (t) => {
  const { post, sandbox } = await startTestGateway(t, {
    settings: { DIRECT_BUDGET_MS: '100' },
    wrapSql: (sql) => ({ ...sql, read: (step) => sql.read(step), write: () => new Promise(() => {}), follow: (topic, wake) => sql.follow(topic, wake), check: () => sql.check(), close: () => sql.close() })
  })
  t.match(await post('/send-text-code', MESSAGE), { status: 503, body: { code: 'store_unavailable' } })
  t.equal(sandbox.requests.length, 0)
})

t.test('where no provider is left and the store hangs, the caller hears so inside the budget', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const deliver = deliverOn(world, bus, [], { deliveries: { ...world.deliveries, abandon: () => new Promise(() => {}) } })
  await t.rejects(deliver(messageOf(), Deadline.in(50)), DeadlinePassed)
})

t.test('the providers of the plan are tried in turn, until one takes the message or may have taken it', async (t) => {
  for (const [results, asked, outcome] of [
    [[ACCEPTED, ACCEPTED], ['a'], { kind: 'accepted', provider: 'a' }],
    [[FAILED, ACCEPTED], ['a', 'b'], { kind: 'accepted', provider: 'b' }],
    [[REFUSED, ACCEPTED], ['a', 'b'], { kind: 'accepted', provider: 'b' }],
    [[UNKNOWN, ACCEPTED], ['a'], { kind: 'unknown' }],
    [[FAILED, UNKNOWN], ['a', 'b'], { kind: 'unknown' }],
    [[FAILED, FAILED], ['a', 'b'], { kind: 'failed', reason: 'connection' }],
    [[REFUSED, REFUSED], ['a', 'b'], { kind: 'refused', reason: 'number_invalid' }],
    [[REFUSED, FAILED], ['a', 'b'], { kind: 'failed', reason: 'connection' }],
    [[FAILED, REFUSED], ['a', 'b'], { kind: 'failed', reason: 'number_invalid' }],
    [[], [], { kind: 'failed', reason: 'no_provider' }]
  ] as ReadonlyArray<readonly [readonly SendResult[], readonly string[], object]>) {
    const world = await openWorld(t, openSqliteStore)
    const { bus } = recordBus()
    const wereAsked: string[] = []
    const providers = results.map((result, index) => notingProvider(['a', 'b'][index] as string, result, wereAsked))
    const deliver = deliverOn(world, bus, providers)
    const first = await deliver(messageOf(), Deadline.in(5000))
    t.match(first.outcome, outcome)
    t.same(wereAsked, asked)
    const { kind } = (await deliver(messageOf(), Deadline.in(5000))).outcome
    const freed = 'reason' in outcome
    t.equal(kind === 'duplicate', !freed, `${JSON.stringify(outcome)}: the key is ${freed ? 'free' : 'held'}`)
  }
})

t.test('a claim that is granted after the deadline is given up, and a retry is let through', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => { mock.timers.reset() })
  const world = await openWorld(t, openSqliteStore)
  const { bus, events } = recordBus()
  const [asking, late, givenUp] = [createGate(), createGate(), createGate()]
  const asked: string[] = []
  let claimed = ''
  const deliver = deliverOn(world, bus, [notingProvider('a', ACCEPTED, asked)], {
    claims: {
      ...world.claims,
      async claim (request) {
        claimed = request.id
        asking.open()
        await late.opened
        return await world.claims.claim(request)
      }
    },
    deliveries: {
      ...world.deliveries,
      async abandon (...of) {
        await world.deliveries.abandon(...of)
        givenUp.open()
      }
    }
  })
  const delivered = deliver(messageOf(), Deadline.in(5000))
  await asking.opened
  mock.timers.tick(5000)
  await t.rejects(delivered, { message: 'the deadline has passed' })
  late.open()
  await givenUp.opened
  t.match(await world.deliveries.find(claimed), { status: 'failed', reason: 'no_time_left', attempts: [] })
  t.same(asked, [])
  t.same(events, [])
  const retry = await deliverOn(world, bus, [notingProvider('a', ACCEPTED, asked)])(messageOf(), Deadline.in(5000))
  t.match(retry.outcome, { kind: 'accepted' })
  t.same(asked, ['a'])
})

t.test('a late claim that another one was faster than takes nothing from that one', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => { mock.timers.reset() })
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const [asking, late, givenUp] = [createGate(), createGate(), createGate()]
  const asked: string[] = []
  const providers = [notingProvider('a', ACCEPTED, asked)]
  const slow = deliverOn(world, bus, providers, {
    claims: { ...world.claims, async claim (request) { asking.open(); await late.opened; return await world.claims.claim(request) } },
    deliveries: { ...world.deliveries, async abandon (...of) { await world.deliveries.abandon(...of); givenUp.open() } }
  })
  const deliver = deliverOn(world, bus, providers)
  const delivered = slow(messageOf(), Deadline.in(5000))
  await asking.opened
  mock.timers.tick(5000)
  await t.rejects(delivered, { message: 'the deadline has passed' })
  const first = await deliver(messageOf(), Deadline.in(5000))
  late.open()
  await givenUp.opened
  t.match((await deliver(messageOf(), Deadline.in(5000))).outcome, { kind: 'duplicate', original: 'accepted', id: 'id' in first.outcome ? first.outcome.id : '' })
  t.same(asked, ['a'])
})

t.test('a claim that cannot be given up at once is given up once the store works again', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => { mock.timers.reset() })
  const world = await openWorld(t, openSqliteStore)
  const { bus, next } = recordBus()
  const unfinished = createUnfinished(bus)
  const [asking, late] = [createGate(), createGate()]
  let down = true
  const asked: string[] = []
  const providers = [notingProvider('a', ACCEPTED, asked)]
  const slow = deliverOn(world, bus, providers, {
    unfinished,
    claims: { ...world.claims, async claim (request) { asking.open(); await late.opened; return await world.claims.claim(request) } },
    deliveries: { ...world.deliveries, async abandon (...of) { if (down) throw new StoreUnavailable(); await world.deliveries.abandon(...of) } }
  })
  const deliver = deliverOn(world, bus, providers)
  const delivered = slow(messageOf(), Deadline.in(5000))
  await asking.opened
  mock.timers.tick(5000)
  await t.rejects(delivered, { message: 'the deadline has passed' })
  const failed = next('work.failed')
  late.open()
  t.match(await failed, { what: 'giving up a claim', error: StoreUnavailable })
  mock.timers.reset()
  t.match((await deliver(messageOf(), Deadline.in(100))).outcome, { kind: 'under-way' })
  down = false
  await unfinished.run()
  t.match((await deliver(messageOf(), Deadline.in(5000))).outcome, { kind: 'accepted' })
})

t.test('where the claim fails after the deadline it is given up all the same: its answer may have been lost', async (t) => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => { mock.timers.reset() })
  const world = await openWorld(t, openSqliteStore)
  const { bus, events } = recordBus()
  const [asking, late, givenUp] = [createGate(), createGate(), createGate()]
  const deliver = deliverOn(world, bus, [], {
    claims: { ...world.claims, async claim () { asking.open(); await late.opened; throw new StoreUnavailable() } },
    deliveries: { ...world.deliveries, async abandon (...of) { await world.deliveries.abandon(...of); givenUp.open() } }
  })
  const delivered = deliver(messageOf(), Deadline.in(5000))
  await asking.opened
  mock.timers.tick(5000)
  await t.rejects(delivered, { message: 'the deadline has passed' })
  late.open()
  await givenUp.opened
  t.same(events, [])
})

t.test("a caller's key that is used for another message is told so, and nothing is sent for it", async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus, events } = recordBus()
  const asked: string[] = []
  const deliver = deliverOn(world, bus, [notingProvider('a', ACCEPTED, asked)])
  const idempotencyKey = keyOf('my key')
  const first = await deliver(messageOf({ idempotencyKey }), Deadline.in(5000))
  t.same((await deliver(messageOf({ idempotencyKey, code: codeOf('654321') }), Deadline.in(5000))).outcome, { kind: 'key-reused' })
  await first.answered()
  world.clock.advance(60_000)
  t.match((await deliver(messageOf({ idempotencyKey }), Deadline.in(5000))).outcome, { kind: 'duplicate', original: 'accepted' }, 'the answer does not free it')
  t.same(asked, ['a'])
  t.match(events.filter(({ type }) => type === 'delivery.finished'), [
    { outcome: 'accepted', delivery: String }, { outcome: 'key-reused', delivery: undefined }, { outcome: 'duplicate' }
  ])
})

t.test('a message is a new wish some time after its answer was written, and not before', async (t) => {
  for (const result of [ACCEPTED, UNKNOWN]) {
    const world = await openWorld(t, openSqliteStore)
    const asked: string[] = []
    const deliver = deliverOn(world, recordBus().bus, [notingProvider('a', result, asked)])
    const kindOf = async (): Promise<string> => (await deliver(messageOf(), Deadline.in(5000))).outcome.kind
    await (await deliver(messageOf(), Deadline.in(5000))).answered()
    world.clock.advance(29_999)
    t.equal(await kindOf(), 'duplicate')
    world.clock.advance(1)
    t.equal(await kindOf(), result === ACCEPTED ? 'accepted' : 'duplicate', 'what may have been sent is not sent again')
  }
})

t.test('a code is kept for people who call back, sealed, where that is wished', async (t) => {
  for (const keepCodes of [true, false]) {
    const world = await openWorld(t, openSqliteStore)
    await deliverOn(world, recordBus().bus, [notingProvider('a', ACCEPTED, [])], { keepCodes })(messageOf(), Deadline.in(5000))
    const kept = await world.sql.read({ text: 'SELECT kept_code FROM deliveries WHERE kept_code IS NOT NULL', parameters: {} })
    t.equal(kept.length, keepCodes ? 1 : 0)
    t.notMatch(JSON.stringify(kept), /123456/)
  }
})

t.test('a call says the code where there is one, else as much of the words as it has time for', async (t) => {
  const text = new SensitiveText(`Blocked.\n\n${'word '.repeat(200)}`)
  for (const [message, said, written] of [
    [{ channel: 'voice', code: undefined, text }, /^Blocked\. word .{300,380}word$/, /^Blocked\. word/],
    [{ channel: 'voice', code: undefined, text: new SensitiveText(' \n ') }, undefined, undefined],
    [{ channel: 'voice' }, /^123456$/, /^Your verification code is 123456\.$/],
    [{ channel: 'sms', code: undefined, text }, undefined, /^Blocked\.\n\n(word ){200}$/],
    [{ channel: 'sms', text }, /^123456$/, /^Blocked\.\n\n(word ){200}$/]
  ] as const) {
    const orders: Order[] = []
    const provider = providerOf('a', async (order) => {
      orders.push(order)
      return ACCEPTED
    }, { channel: message.channel })
    await deliverOn(await openWorld(t, openSqliteStore), recordBus().bus, [provider])(messageOf(message), Deadline.in(5000))
    const [order] = orders
    const isCall = message.channel === 'voice'
    t.match((isCall ? order?.code ?? order?.text : order?.code)?.reveal() ?? 'nothing', said ?? /^nothing$/)
    t.match(order?.text?.reveal() ?? 'nothing', written ?? /^nothing$/)
  }
})

t.test('a code lives as long as its sender says, and never longer than codes live here', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const orders: number[] = []
  const deliver = deliverOn(world, recordBus().bus, [providerOf('a', async ({ expiresAt, startedAt }) => {
    orders.push(expiresAt - startedAt)
    return ACCEPTED
  })])
  const now = world.clock()
  const codes = ['1111', '2222', '3333', '4444']
  for (const expiresAt of [undefined, now + 20_000, now + CODE_LIFETIME + 1, now - 1]) {
    const { outcome } = await deliver(messageOf({ expiresAt, code: codeOf(codes.pop() as string) }), Deadline.in(5000))
    t.equal(outcome.kind, 'accepted')
    t.match(outcome, { reference: 'reference' in ACCEPTED ? ACCEPTED.reference : '' })
    const found = 'id' in outcome ? await world.deliveries.find(outcome.id) : undefined
    t.equal(found?.expiresAt, now + (orders.at(-1) as number), 'the record says so too')
  }
  t.same(orders, [CODE_LIFETIME, 20_000, CODE_LIFETIME, 1])
})
