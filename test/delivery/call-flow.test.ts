import t, { type Test } from 'tap'
import { createCallFlow, type CallFlow } from '../../src/delivery/call-flow.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { CallEvent, CallSignal } from '../../src/domain/signal.ts'
import type { CallControl } from '../../src/providers/provider.ts'
import { codeOf, numberOf } from '../support/message.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

interface FlowWorld extends World {
  readonly flow: CallFlow
  /** What was said, asked and ended, in order. */
  readonly done: string[]
  /** An attempt that is a call; with the provider's id where it is known. */
  call (reference?: string): Promise<(event: CallEvent, from?: string) => CallSignal>
}

/** The real store, and a control that notes what it is told. Azure confirms the calls that are named here. */
const openFlow = async (t: Test, confirm: 'none' | 'keypress' = 'none', confirmed: readonly string[] = []): Promise<FlowWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const done: string[] = []
  const note = (what: string) => async (...[reference, ...rest]: unknown[]): Promise<boolean> => {
    const { step = '' } = (rest.at(-1) ?? {}) as { step?: string }
    done.push(`${what} ${String(reference)} ${step}`.trim())
    return true
  }
  const control: CallControl = {
    speak: note('speak'), ask: note('ask'), hangUp: note('hang up'), reject: note('reject'), answer: note('answer'), confirms: async (reference) => confirmed.includes(reference)
  }
  return {
    ...world,
    done,
    flow: createCallFlow({ calls: world.calls, control, confirm, repeats: 3, maxMs: 90_000 }),
    async call (reference) {
      const { attempt, delivery } = await world.begun({ channel: 'voice', endCallIn: 200_000 })
      if (reference !== undefined) await world.attempts.finish(world.resultOf(attempt, { reference }))
      return (event, from = reference ?? 'call-1') => ({
        kind: 'call', delivery, attempt, reference: from, key: 'k', token: new SensitiveText('token'), event, content: { to: numberOf('+14155550123'), locale: 'en', code: codeOf('482913') }
      })
    }
  }
}

t.test('an event of another call than the one of the attempt is foreign, and nothing is spoken', async (t) => {
  const { flow, done, call } = await openFlow(t, 'none', ['call-2'])
  const signal = await call('call-1')
  for (const event of [{ type: 'connected' }, { type: 'spoken', step: 'code:1' }, { type: 'ended', reason: 'busy' }] as const) {
    t.equal(await flow.handle(signal(event, 'call-2')), 'foreign', event.type)
  }
  t.same(done, [])
})

t.test('an event of an attempt that nobody knows is foreign', async (t) => {
  const { flow, done, call } = await openFlow(t)
  const signal = await call('call-1')
  const unknown = { ...signal({ type: 'connected' }), attempt: '01a1fcbf-a15a-764d-8bfd-6ca45f16d75c' }
  t.equal(await flow.handle(unknown), 'foreign')
  t.same(done, [])
})

t.test('where the call\'s id is not known, it speaks into the first call that the vendor confirms, and into no other', async (t) => {
  const { flow, done, call } = await openFlow(t, 'none', ['call-2', 'call-3'])
  const signal = await call()
  t.equal(await flow.handle(signal({ type: 'connected' }, 'call-1')), 'foreign')
  t.match(await flow.handle(signal({ type: 'connected' }, 'call-2')), { status: 'accepted' })
  t.equal(await flow.handle(signal({ type: 'connected' }, 'call-3')), 'foreign')
  t.same(done, ['speak call-2 code:1'])
})

t.test('of two calls that are confirmed at the same time one is spoken into', async (t) => {
  const { flow, done, call } = await openFlow(t, 'none', ['call-2', 'call-3'])
  const signal = await call()
  const verdicts = await Promise.all([flow.handle(signal({ type: 'connected' }, 'call-2')), flow.handle(signal({ type: 'connected' }, 'call-3'))])
  t.equal(verdicts.filter((verdict) => verdict === 'foreign').length, 1)
  t.equal(done.length, 1)
})

t.test('the end of a call whose id is not known is believed without asking: it cannot be asked any more', async (t) => {
  for (const type of ['ended', 'not-placed'] as const) {
    const { flow, done, call } = await openFlow(t)
    t.match(await flow.handle((await call())({ type, reason: 'busy' })), { status: 'undelivered', reason: 'busy' })
    t.same(done, [])
  }
})

t.test('events about steps that are not ours, or that are over, do nothing', async (t) => {
  const { flow, done, call } = await openFlow(t, 'keypress')
  const signal = await call('call-1')
  await flow.handle(signal({ type: 'connected' }))
  for (const step of ['', 'announcement', 'code:0', 'code:99', 'CODE:1', 'code:1:plain:plain']) {
    t.match(await flow.handle(signal({ type: 'spoken', step })), { status: undefined }, step)
  }
  await flow.handle(signal({ type: 'speaking', step: 'confirm:1' }))
  await flow.handle(signal({ type: 'key-pressed', step: 'code:1' }))
  await flow.handle(signal({ type: 'speech-failed', step: 'code:2' }))
  t.same(done, ['ask call-1 confirm:1'])
})

t.test('the end that comes before the word that it was spoken does not stand', async (t) => {
  const { flow, call } = await openFlow(t)
  const signal = await call('call-1')
  await flow.handle(signal({ type: 'connected' }))
  t.match(await flow.handle(signal({ type: 'ended', reason: 'hung_up' })), { status: 'undelivered', reason: 'hung_up' })
  t.match(await flow.handle(signal({ type: 'spoken', step: 'code:1' })), { status: 'delivered' })
})

t.test('why a call ended depends on how far it was', async (t) => {
  const { flow, call } = await openFlow(t, 'keypress')
  const signal = await call('call-1')
  await flow.handle(signal({ type: 'connected' }))
  t.match(await flow.handle(signal({ type: 'ended', reason: 'hung_up' })), { reason: 'not_confirmed' })
  const other = await openFlow(t)
  const unanswered = await other.call('call-1')
  t.match(await other.flow.handle(unanswered({ type: 'ended', reason: 'no_answer' })), { reason: 'no_answer' })
})
