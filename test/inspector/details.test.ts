import t from 'tap'
import { createDetails, type Details } from '../../src/inspector/details.ts'
import type { DeliveryRecord } from '../../src/store/deliveries.ts'
import type { NewExchange } from '../../src/store/exchanges.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

const detailsOf = async (world: World, id: string): Promise<Details> => {
  const details = createDetails({ ...world, hintOf: (provider, vendorCode) => vendorCode === '7' ? undefined : `ask ${provider}` })
  return await details(id) as Details
}

const exchangeOf = (id: string, delivery: string, at: number, options: Partial<NewExchange> = {}): NewExchange =>
  ({ id, delivery, hook: 'okta', status: 200, milliseconds: 7, request: '{}', reply: undefined, at, sealed: undefined, ...options })

t.test('of what nobody asked for there is nothing', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  t.equal(await detailsOf(world, world.newId()), undefined)
})

t.test('what came by no hook that was recorded begins with the delivery itself', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { id } = await world.delivery({ hook: 'verifications', caller: 'app', plan: [] })
  const { decisions, attempts, ...known } = await world.deliveries.find(id) as DeliveryRecord
  t.same([decisions, attempts], [[], []])
  t.same(await detailsOf(world, id), {
    delivery: { ...known, provider: undefined },
    verification: undefined,
    timeline: [{ at: world.clock(), what: 'hook', hook: 'verifications', caller: 'app' }, { at: world.clock(), what: 'plan', plan: [] }],
    exchanges: []
  })
})

t.test('each request for the same message stands in its place, the first before all else by whichever clock', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { id } = await world.delivery()
  const at = world.clock()
  world.clock.advance(10)
  await world.decisions.add(id, [{ rule: 'number-budget', mode: 'shadow' }])
  await world.exchanges.add([exchangeOf('a', id, at + 3), exchangeOf('b', id, at + 5000, { reply: '{"a":[1]}' })])
  const { timeline, exchanges } = await detailsOf(world, id)
  t.match(timeline, [
    { at, what: 'hook', request: 'a', caller: 'auth0', hook: 'okta', milliseconds: 7 }, { at, what: 'plan' },
    { at: at + 10, what: 'decision', rule: 'number-budget', mode: 'shadow' }, { at: at + 5000, what: 'hook', request: 'b' }
  ])
  t.match(exchanges, [{ id: 'a', reply: null, request: {}, replayableUntil: undefined }, { id: 'b', reply: { a: [1] } }])
})

t.test('the attempts of a delivery are told with what is known of each', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { id } = await world.delivery({ plan: ['acs-sms', 'twilio-sms'] })
  const [first, second, third] = ['acs-sms', 'twilio-sms', 'twilio-voice'].map((provider) => world.attemptOf(id, { provider, channel: provider === 'twilio-voice' ? 'voice' : 'sms' }))
  if (first === undefined || second === undefined || third === undefined) return
  await world.attempts.begin(first)
  await world.attempts.finish(world.resultOf(first.id, { status: 'failed', reason: 'connection', vendorCode: '7', milliseconds: 3 }))
  await world.attempts.begin(second)
  await world.attempts.finish(world.resultOf(second.id, { status: 'refused', reason: 'number_invalid', vendorCode: '21211' }))
  await world.attempts.begin(third)
  const { delivery, timeline } = await detailsOf(world, id)
  t.match(delivery, { provider: 'twilio-voice', status: 'pending' })
  t.same(timeline.slice(2).map(({ what, provider, status, reason, vendorCode, hint }) => [what, provider, status, reason, vendorCode, hint]), [
    ['attempt', 'acs-sms', undefined, undefined, undefined, undefined],
    ['answer', 'acs-sms', 'failed', 'connection', '7', undefined],
    ['attempt', 'twilio-sms', undefined, undefined, undefined, undefined],
    ['answer', 'twilio-sms', 'refused', 'number_invalid', '21211', 'ask twilio-sms'],
    ['attempt', 'twilio-voice', undefined, undefined, undefined, undefined]
  ])
})

t.test('the provider is the one by which the delivery stands as it does', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { id } = await world.delivery()
  const [first, second] = ['acs-sms', 'twilio-sms'].map((provider) => world.attemptOf(id, { provider }))
  if (first === undefined || second === undefined) return
  for (const attempt of [first, second]) {
    await world.attempts.begin(attempt)
    await world.attempts.finish(world.resultOf(attempt.id, { reference: attempt.id }))
  }
  await world.attempts.apply(world.newsOf(first.id))
  await world.attempts.apply(world.newsOf(second.id, { status: 'undelivered', reason: 'carrier_error', vendorCode: '1', what: 'report.undelivered' }))
  const { delivery, timeline } = await detailsOf(world, id)
  t.match(delivery, { provider: 'acs-sms', status: 'delivered' })
  t.match(timeline.filter(({ what }) => what.startsWith('report')), [
    { what: 'report.delivered', provider: 'acs-sms', reason: undefined, vendorCode: undefined },
    { what: 'report.undelivered', provider: 'twilio-sms', reason: 'carrier_error', vendorCode: '1', hint: 'ask twilio-sms' }
  ])
})

t.test('the verification that it belongs to is told', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { id } = await world.delivery()
  const details = createDetails({ ...world, inspection: { verificationOf: async () => 'verification' }, hintOf: () => undefined })
  t.match(await details(id), { verification: 'verification' })
})
