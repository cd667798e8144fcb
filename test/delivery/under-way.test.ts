import t from 'tap'
import { Deadline } from '../../src/domain/deadline.ts'
import type { Guard } from '../../src/guard/guard.ts'
import type { SendResult } from '../../src/domain/outcome.ts'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { createGate } from '../support/gate.ts'
import { OPEN_GUARD } from '../support/guard.ts'
import { messageOf } from '../support/message.ts'
import { providerOf } from '../support/provider.ts'
import { recordBus } from '../support/recorded-bus.ts'
import { openSqliteStore, openWorld } from '../support/store.ts'
import { deliverOn } from './deliver-stand.ts'

const ACCEPTED: SendResult = { kind: 'accepted', reference: 'm-1' }

/** Two callers of one message: the first one is held up by its provider until the second one has asked. */
const twoAsk = async (t: any, first: SendResult | 'hangs', patience = 5000): Promise<any> => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const [asking, go] = [createGate(), createGate()]
  let asked = 0
  const provider = providerOf('acs-sms', async () => {
    asked += 1
    if (asked > 1) return ACCEPTED
    asking.open()
    await go.opened
    return first as SendResult
  })
  const deliver = deliverOn(world, bus, [provider])
  const one = deliver(messageOf(), Deadline.in(5000))
  await asking.opened
  const other = deliver(messageOf(), Deadline.in(patience))
  if (first !== 'hangs') go.open()
  const { outcome } = await other
  go.open()
  return { first: (await one).outcome, second: outcome, asked, world, deliver }
}

t.test('who asks for a message that is under way is told what came of it', async (t) => {
  const { first, second, asked } = await twoAsk(t, ACCEPTED)
  t.match(second, { kind: 'duplicate', id: first.id, original: 'accepted' })
  t.equal(asked, 1)
})

t.test('where nobody knows what came of it, that is told', async (t) => {
  const { first, second, asked } = await twoAsk(t, { kind: 'unknown', reason: 'timeout' })
  t.match(second, { kind: 'duplicate', id: first.id, original: 'unknown' })
  t.equal(asked, 1)
})

t.test('where it was definitely not sent, the second one sends it', async (t) => {
  const { first, second, asked } = await twoAsk(t, { kind: 'failed', reason: 'connection' })
  t.match(first, { kind: 'failed' })
  t.match(second, { kind: 'accepted' })
  t.not(second.id, first.id)
  t.equal(asked, 2)
})

t.test('where it was refused, the second one is judged by itself', async (t) => {
  const { first, second, asked } = await twoAsk(t, { kind: 'refused', reason: 'number_invalid' })
  t.match(first, { kind: 'refused' })
  t.match(second, { kind: 'accepted' })
  t.equal(asked, 2)
})

t.test('while the next provider is yet to be asked, nobody is told that it failed, or that it was sent', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const [asking, go] = [createGate(), createGate()]
  const providers = [
    providerOf('acs-sms', async () => ({ kind: 'failed', reason: 'connection' })),
    providerOf('twilio-sms', async () => { asking.open(); await go.opened; return ACCEPTED })
  ]
  const deliver = deliverOn(world, bus, providers)
  const one = deliver(messageOf(), Deadline.in(5000))
  await asking.opened
  const other = deliver(messageOf(), Deadline.in(5000))
  go.open()
  const first = (await one).outcome as { readonly id: string }
  t.match((await other).outcome, { kind: 'duplicate', id: first.id, original: 'accepted' })
})

t.test('what the guard refuses is refused to each who asks, in its own words', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  const guard: Guard = { ...OPEN_GUARD, admit: async () => ({ kind: 'refused', reason: 'too_many_messages', retryAfter: 1000 }) }
  const deliver = deliverOn(world, bus, [providerOf('acs-sms', async () => ACCEPTED)], { guard })
  const outcomes = await Promise.all(Array.from({ length: 4 }, async () => (await deliver(messageOf(), Deadline.in(5000))).outcome))
  for (const outcome of outcomes) t.match(outcome, { kind: 'refused', reason: 'too_many_messages', retryAfter: 1000 })
})

t.test('where the time is up before it is known, nobody is told that it was sent', async (t) => {
  const { first, second, asked } = await twoAsk(t, 'hangs', 400)
  t.match(second, { kind: 'under-way', id: first.id })
  t.equal(asked, 1)
})

t.test('a store that goes away meanwhile is told of', async (t) => {
  const world = await openWorld(t, openSqliteStore)
  const { bus } = recordBus()
  let claims = 0
  const deliver = deliverOn(world, bus, [], {
    claims: {
      ...world.claims,
      claim: async () => {
        claims += 1
        if (claims > 1) throw new StoreUnavailable()
        return { kind: 'seen', delivery: 'a delivery', status: 'pending' }
      }
    }
  })
  await t.rejects(deliver(messageOf(), Deadline.in(1000)), StoreUnavailable)
})
