import t from 'tap'
import { createCircuits, type Circuits } from '../../src/delivery/circuits.ts'
import { createPlan, type Plan, type Route } from '../../src/delivery/plan.ts'
import type { Provider } from '../../src/providers/provider.ts'
import { createClock, type Clock } from '../support/gateway.ts'
import { ACCEPTED, FAILED, providerOf } from '../support/provider.ts'
import { recordBus } from '../support/recorded-bus.ts'

const routeOf = (names: readonly string[], byCountry: Readonly<Record<string, readonly string[]>> = {}): Route =>
  ({ names, byCountry: new Map(Object.entries(byCountry)) })

const NO_ROUTE = routeOf([])

const ofVoice = (name: string): Provider => providerOf(name, ACCEPTED, { channel: 'voice' })

interface PlanWorld {
  readonly plan: Plan
  readonly circuits: Circuits
  readonly clock: Clock
}

const openPlan = (providers: readonly Provider[], routes: { readonly sms?: Route, readonly voice?: Route }): PlanWorld => {
  const clock = createClock()
  const circuits = createCircuits({ providers, bus: recordBus().bus, now: clock })
  const plan = createPlan({ providers, codeOwners: [], circuits, routes: { sms: routes.sms ?? NO_ROUTE, voice: routes.voice ?? NO_ROUTE, whatsapp: NO_ROUTE } })
  return { plan, circuits, clock }
}

const namesOf = (providers: readonly Provider[]): string => providers.map(({ name, channel }) => `${name}:${channel}`).join(' ')

const fail = (circuits: Circuits, provider: Provider): void => { for (let time = 0; time < 5; time += 1) circuits.note(provider, FAILED) }

const [A, B, C] = [providerOf('a'), providerOf('b'), providerOf('c')]

t.test('the providers of a channel come in the order of its route, whatever order they are known in', async (t) => {
  const { plan } = openPlan([A, B, C, ofVoice('v')], { sms: routeOf(['c', 'a']), voice: routeOf(['v']) })
  t.equal(namesOf(plan.for('sms', 'DE', true)), 'c:sms a:sms')
  t.equal(namesOf(plan.for('sms', undefined, true)), 'c:sms a:sms')
  t.equal(namesOf(plan.for('voice', 'DE', true)), 'v:voice')
  t.same(plan.for('whatsapp', 'DE', true), [])
})

t.test('a country may have a route of its own, which takes the place of the other', async (t) => {
  const { plan } = openPlan([A, B, C], { sms: routeOf(['a', 'b'], { ES: ['c', 'a'], FR: [] }) })
  t.equal(namesOf(plan.for('sms', 'ES', true)), 'c:sms a:sms')
  t.equal(namesOf(plan.for('sms', 'DE', true)), 'a:sms b:sms')
  t.equal(namesOf(plan.for('sms', undefined, true)), 'a:sms b:sms', 'a number of no country goes the way of most')
  t.same(plan.for('sms', 'FR', true), [])
})

t.test('a name that nobody has is passed over', async (t) => {
  const { plan } = openPlan([A, B], { sms: routeOf(['nobody', 'b', '', 'constructor'], { ES: ['nobody'] }) })
  t.equal(namesOf(plan.for('sms', 'DE', true)), 'b:sms')
  t.same(plan.for('sms', 'ES', true), [])
})

t.test('a provider is on the routes of its own channel only, also where others have its name', async (t) => {
  const { plan } = openPlan([providerOf('verify'), ofVoice('verify'), ofVoice('v')], { sms: routeOf(['v', 'verify']), voice: routeOf(['verify', 'v']) })
  t.equal(namesOf(plan.for('sms', 'DE', true)), 'verify:sms')
  t.equal(namesOf(plan.for('voice', 'DE', true)), 'verify:voice v:voice')
})

t.test('who is set aside comes last, on each route', async (t) => {
  const { circuits, plan } = openPlan([A, B, C], { sms: routeOf(['a', 'b', 'c'], { ES: ['a', 'c'], FR: ['a'] }) })
  fail(circuits, A)
  t.equal(namesOf(plan.for('sms', 'DE', true)), 'b:sms c:sms a:sms')
  t.equal(namesOf(plan.for('sms', 'ES', true)), 'c:sms a:sms')
  t.equal(namesOf(plan.for('sms', 'FR', true)), 'a:sms')
})

t.test('once more, the providers of the first time are tried, beginning behind the one that had it last', async (t) => {
  const { plan } = openPlan([A, B, C], { sms: routeOf(['c']) })
  const names = ['a', 'b', 'c']
  t.equal(namesOf(plan.again('sms', names, 'a')), 'b:sms c:sms a:sms')
  t.equal(namesOf(plan.again('sms', names, 'b')), 'c:sms a:sms b:sms')
  t.equal(namesOf(plan.again('sms', names, 'c')), 'a:sms b:sms c:sms')
  t.equal(namesOf(plan.again('sms', ['a'], 'a')), 'a:sms', 'where there is no other, the same one')
})

t.test('once more, who is gone meanwhile is passed over, and one that was not of the plan changes nothing', async (t) => {
  const { plan } = openPlan([B, C, ofVoice('v')], { sms: routeOf(['b', 'c']) })
  t.equal(namesOf(plan.again('sms', ['b', 'a', 'c'], 'a')), 'c:sms b:sms')
  t.equal(namesOf(plan.again('sms', ['b', 'c'], 'v')), 'b:sms c:sms')
  t.equal(namesOf(plan.again('sms', ['b', 'c'], undefined)), 'b:sms c:sms', 'where none of them had it, from the first')
  t.same(plan.again('sms', [], 'b'), [])
  t.same(plan.again('sms', ['a'], 'a'), [])
})

t.test('once more, who is set aside comes last as well', async (t) => {
  const { circuits, plan } = openPlan([A, B, C], { sms: routeOf(['a', 'b', 'c']) })
  fail(circuits, B)
  t.equal(namesOf(plan.again('sms', ['a', 'b', 'c'], 'a')), 'c:sms a:sms b:sms')
})

t.test('to plan takes nobody’s turn; the attempt that begins is the one that tries again who has cooled off', async (t) => {
  const { circuits, clock, plan } = openPlan([A, B], { sms: routeOf(['a', 'b']) })
  fail(circuits, A)
  const before = plan.for('sms', 'DE', true)
  clock.advance(30_000)
  t.equal(namesOf(before), 'b:sms a:sms')
  t.same([plan.for('sms', 'DE', true), plan.for('sms', 'DE', true)].map(namesOf), ['a:sms b:sms', 'a:sms b:sms'])
  t.equal(plan.next([A, B])?.name, 'a')
  circuits.begin(A)
  t.equal(plan.next([A, B])?.name, 'b', 'the turn is taken')
  t.equal(namesOf(plan.again('sms', ['b', 'a'], 'b')), 'b:sms a:sms')
  t.equal(plan.next([]), undefined)
})

t.test('a provider that words a code itself is left out where there is none', async (t) => {
  const needy = providerOf('verify', ACCEPTED, { needsCode: true })
  const { plan } = openPlan([needy, providerOf('a')], { sms: { names: ['verify', 'a'], byCountry: new Map() } })
  t.equal(namesOf(plan.for('sms', 'DE', true)), 'verify:sms a:sms')
  t.equal(namesOf(plan.for('sms', 'DE', false)), 'a:sms')
})

t.test('what a vendor has made goes by that vendor alone, whatever the routes say', async (t) => {
  const codeOwners = [{ name: 'other' as never, providers: [A] }, { name: 'twilio-verify', providers: [B, ofVoice('b')] }] as const
  const route = routeOf(['a'])
  const plan = createPlan({ providers: [A], codeOwners, circuits: createCircuits({ providers: [A], bus: recordBus().bus, now: createClock() }), routes: { sms: route, voice: route, whatsapp: route } })
  t.equal(namesOf(plan.for('sms', 'DE', false, 'twilio-verify')), 'b:sms')
  t.equal(namesOf(plan.for('voice', 'DE', false, 'twilio-verify')), 'b:voice')
  t.same(plan.for('whatsapp', 'DE', false, 'twilio-verify'), [])
  t.equal(namesOf(plan.for('sms', 'DE', true)), 'a:sms', 'and nothing else does')
})
