import t from 'tap'
import { createMakeAttempt } from '../../src/delivery/attempt.ts'
import { createDeliver } from '../../src/delivery/deliver.ts'
import { Deadline } from '../../src/domain/deadline.ts'
import { createKeys } from '../../src/domain/keys.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import type { Provider } from '../../src/providers/provider.ts'
import type { Sql } from '../../src/store/sql.ts'
import { startTestGateway } from '../support/gateway.ts'
import { messageOf } from '../support/message.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'

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
    wrapSql: (sql) => ({ read: down, write: down, check: down, close: () => sql.close() })
  })
  t.match(await post('/send-text-code', MESSAGE), { status: 500 })
  t.equal(sandbox.requests.length, 0)
})

t.test('where the store does not answer, the caller hears so inside the budget', async (t) => {
  const { post, sandbox } = await startTestGateway(t, {
    settings: { DIRECT_BUDGET_MS: '100' },
    wrapSql: (sql) => ({ ...sql, read: (step) => sql.read(step), write: () => new Promise(() => {}), check: () => sql.check(), close: () => sql.close() })
  })
  t.match(await post('/send-text-code', MESSAGE), { status: 503, body: { code: 'store_unavailable' } })
  t.equal(sandbox.requests.length, 0)
})

/** A provider that answers so, and notes that it was asked. */
const providerOf = (name: string, result: SendResult, asked: string[]): Provider => ({
  name,
  channel: 'sms',
  async send () {
    asked.push(name)
    return result
  }
})

const FAILED: SendResult = { kind: 'failed', reason: 'connection' }
const REFUSED: SendResult = { kind: 'refused', reason: 'number_invalid' }
const UNKNOWN: SendResult = { kind: 'unknown', reason: 'timeout' }
const ACCEPTED: SendResult = { kind: 'accepted', reference: 'm' }

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
    [[], [], { kind: 'failed', reason: 'configuration' }]
  ] as ReadonlyArray<readonly [readonly SendResult[], readonly string[], object]>) {
    const { claims, attempts, deliveries, clock } = await openWorld(t, openSqliteStore)
    const { bus } = recordBus()
    const wereAsked: string[] = []
    const providers = results.map((result, index) => providerOf(['a', 'b'][index] as string, result, wereAsked))
    const deliver = createDeliver({
      keys: createKeys([Buffer.alloc(32, 1)]),
      claims,
      deliveries,
      makeAttempt: createMakeAttempt({ attempts, bus, now: clock, longestCallMs: 1 }),
      plan: () => providers,
      bus,
      now: clock,
      codeLifetimeMs: 300_000,
      keepCodes: false
    })
    const first = await deliver(messageOf(), Deadline.in(5000))
    t.match(first.outcome, outcome)
    t.same(wereAsked, asked)
    const { kind } = (await deliver(messageOf(), Deadline.in(5000))).outcome
    const freed = 'reason' in outcome
    t.equal(kind === 'duplicate', !freed, `${JSON.stringify(outcome)}: the key is ${freed ? 'free' : 'held'}`)
  }
})
