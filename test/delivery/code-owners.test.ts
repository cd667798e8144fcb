import t, { type Test } from 'tap'
import { createCircuits } from '../../src/delivery/circuits.ts'
import { createKeepForEscalation } from '../../src/delivery/escalation-message.ts'
import type { DeliverDeps } from '../../src/delivery/deliver.ts'
import { Deadline } from '../../src/domain/deadline.ts'
import type { Message } from '../../src/domain/message.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { CodeOwner, Order, Provider } from '../../src/providers/provider.ts'
import { TEST_PROVIDERS } from '../../src/providers/test-numbers.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { keyOf, messageOf } from '../support/message.ts'
import { ACCEPTED, FAILED, planOf, providerOf } from '../support/provider.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'
import { deliverOn, KEYS, notingProvider } from './deliver-stand.ts'

const TAKEN = { kind: 'accepted', reference: 'attempt-1', transaction: 'verification-1' } as const

const ownerOf = (...providers: Provider[]): CodeOwner =>
  ({ name: 'twilio-verify', providers, check: async () => 'unknown', isApproved: async () => 'unknown', cancel: async () => 'unknown' })

/** A message whose code its vendor makes, unless the options say otherwise. */
const wanted = (options: Partial<Message> = {}): Message =>
  messageOf({ route: '/verifications', hook: 'verifications', code: undefined, codeMaker: 'twilio-verify', idempotencyKey: keyOf('verification:1:1'), ...options })

interface Stand {
  readonly world: World
  /** The names of those that were asked, by channel. */
  readonly asked: string[]
  readonly orders: Order[]
  deliver (message: Message): Promise<Outcome>
}

const start = async (
  t: Test, options: Partial<DeliverDeps> = {}, owned: readonly ('sms' | 'voice')[] = ['sms', 'voice'], owners?: readonly CodeOwner[]
): Promise<Stand> => {
  const world = await openWorld(t, openSqliteStore)
  const asked: string[] = []
  const orders: Order[] = []
  const owner = ownerOf(...owned.map((channel) => providerOf('twilio-verify', async (order) => {
    asked.push(`its own ${channel}`)
    orders.push(order)
    return TAKEN
  }, { channel })))
  const usual = (['sms', 'voice'] as const).map((channel) => notingProvider(`usual-${channel}`, ACCEPTED, asked, { channel }))
  const { bus } = recordBus()
  const plan = planOf(usual, createCircuits({ providers: usual, bus, now: world.clock }), { codeOwners: owners ?? [owner] })
  const deliver = deliverOn(world, bus, usual, { plan, ...options })
  return { world, asked, orders, deliver: async (message) => (await deliver(message, Deadline.in(10_000))).outcome }
}

t.test('a code that a vendor makes goes by the vendor alone, with neither words nor a code', async (t) => {
  const { world, asked, orders, deliver } = await start(t)
  const outcome = await deliver(wanted())
  t.match(outcome, { kind: 'accepted', channel: 'sms', provider: 'twilio-verify', reference: 'verification-1' })
  t.match(orders, [{ text: undefined, code: undefined, speech: undefined }])
  await deliver(wanted({ channel: 'voice', idempotencyKey: keyOf('verification:1:2') }))
  t.same(asked, ['its own sms', 'its own voice'])
  t.match(await world.deliveries.find((outcome as { id: string }).id), { plan: ['twilio-verify'], attempts: [{ provider: 'twilio-verify', transaction: 'verification-1' }] })
  await deliver(messageOf())
  t.same(asked.slice(2), ['usual-sms'], 'and a code of ours as ever')
})

t.test('a landline is called by the vendor that makes the code', async (t) => {
  const guard = { ...OPEN_GUARD, judge: (message: Parameters<typeof OPEN_GUARD.judge>[0]) => ({ ...OPEN_GUARD.judge(message), channel: 'voice' as const }) }
  const { asked, deliver } = await start(t, { guard })
  t.match(await deliver(wanted({ channel: 'sms' })), { kind: 'accepted', channel: 'voice', provider: 'twilio-verify' })
  t.same(asked, ['its own voice'])
})

t.test('where the vendor has no way, nobody else sends', async (t) => {
  for (const [owned, owners] of [[['voice'], undefined], [['sms'], []]] as const) {
    const { asked, deliver } = await start(t, {}, owned, owners)
    t.match(await deliver(wanted()), { kind: 'failed', reason: 'no_provider' })
    t.same(asked, [])
  }
})

t.test('where the vendor fails, nobody else sends either', async (t) => {
  const asked: string[] = []
  const { deliver, asked: others } = await start(t, {}, [], [ownerOf(notingProvider('twilio-verify', FAILED, asked))])
  t.match(await deliver(wanted()), { kind: 'failed', reason: 'connection' })
  t.same([asked, others], [['twilio-verify'], []])
})

t.test('a number for tests gets nothing from it', async (t) => {
  const guard = { ...OPEN_GUARD, judge: (message: Parameters<typeof OPEN_GUARD.judge>[0]) => ({ ...OPEN_GUARD.judge(message), isTest: true }) }
  const { asked, deliver } = await start(t, { guard, testProviders: TEST_PROVIDERS })
  t.match(await deliver(wanted()), { kind: 'accepted', provider: 'test-number' })
  t.same(asked, [])
})

t.test('nothing of it is kept: not for call-backs, not to be sent once more, not for another channel', async (t) => {
  const keepForEscalation = createKeepForEscalation(KEYS, { channels: ['voice'], hooks: new Set(['verifications']), afterMs: 1000 })
  const { world, deliver } = await start(t, { keepCodes: true, keepTexts: true, keepForEscalation })
  const kept = async (message: Message): Promise<unknown[]> => {
    const { id } = await deliver(message) as { id: string }
    const [row] = await world.sql.read({ text: 'SELECT kept_code, kept_message, escalation FROM deliveries WHERE id = :id', parameters: { id } })
    return Object.values(row ?? {}).map((value) => value !== null)
  }
  t.same(await kept(wanted()), [false, false, false])
  t.same(await kept(messageOf({ hook: 'verifications' })), [true, true, true], 'unlike of a code of ours')
})

t.test('the same message goes out once', async (t) => {
  const { asked, deliver } = await start(t)
  const [one, other] = [await deliver(wanted()), await deliver(wanted())]
  t.match(other, { kind: 'duplicate', id: (one as { id: string }).id })
  t.equal(asked.length, 1)
})
