import t, { type Test } from 'tap'
import { createCallFlow, type CallFlow, type CallVerdict } from '../../src/delivery/call-flow.ts'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { CallEvent, CallSignal } from '../../src/domain/signal.ts'
import type { CallControl, Taken } from '../../src/providers/provider.ts'
import { ENDED } from '../../src/store/calls.ts'
import { codeOf, numberOf } from '../support/message.ts'
import { openSqliteStore, openWorld, type World } from '../support/store.ts'

const MAX = 90_000
/** When a call that nobody has answered is over. */
const UNANSWERED = 200_000

interface Vendor {
  /** The calls that are confirmed to be ours. */
  readonly confirmed?: readonly string[]
  /** What becomes of what is said: the same each time, or each time the next, and taken then. */
  readonly taken?: readonly Taken[]
  /** Whether a call is ended by its hang-up; yes where absent. */
  readonly hangsUp?: boolean
}

type MakeSignal = (event: CallEvent, from?: string) => CallSignal

interface FlowWorld extends World {
  readonly flow: CallFlow
  /** What was said, asked and ended, in order. */
  readonly done: string[]
  /** An attempt that is a call; with the provider's id where it is known. */
  call (reference?: string): Promise<MakeSignal>
  /** A call in which those events have happened, and what was told of the last. */
  after (events: readonly CallEvent[]): Promise<{ readonly signal: MakeSignal, readonly verdict: CallVerdict }>
}

/** Acts on an event, and does what follows. */
const act = async (flow: CallFlow, signal: CallSignal): Promise<CallVerdict> => {
  const verdict = await flow.handle(signal)
  if (verdict === 'foreign') throw new Error('it is foreign')
  await verdict.after?.()
  return verdict
}

/** The real store, and a control that notes what it is told. */
const openFlow = async (t: Test, confirm: 'none' | 'keypress' = 'none', { confirmed = [], taken = [], hangsUp = true }: Vendor = {}): Promise<FlowWorld> => {
  const world = await openWorld(t, openSqliteStore)
  const done: string[] = []
  const left = [...taken]
  const say = (what: string, reference: string, step: string): Taken => {
    done.push(`${what} ${reference} ${step}`)
    return left.shift() ?? 'taken'
  }
  const control: CallControl = {
    speak: async (reference, _speech, { step }) => say('speak', reference, step),
    ask: async (reference, _to, _speech, { step }) => say('ask', reference, step),
    async hangUp (reference) {
      done.push(`hang up ${reference}`)
      return hangsUp
    },
    reject: async () => { throw new Error('a call of ours is not rejected') },
    answer: async () => { throw new Error('a call of ours is not answered') },
    confirms: async (reference) => confirmed.includes(reference)
  }
  const flow = createCallFlow({ calls: world.calls, control, confirm, repeats: 3, maxMs: MAX })
  const call = async (reference?: string): Promise<MakeSignal> => {
    const { attempt, delivery } = await world.begun({ channel: 'voice', endCallIn: UNANSWERED })
    if (reference !== undefined) await world.attempts.finish(world.resultOf(attempt, { reference }))
    return (event, from = reference ?? 'call-1') => ({
      kind: 'call', delivery, attempt, reference: from, key: 'k', token: new SensitiveText('token'), event, vendorCode: undefined, content: { to: numberOf('+14155550123'), locale: 'en', said: codeOf('482913') }
    })
  }
  return {
    ...world,
    done,
    flow,
    call,
    async after (events) {
      const signal = await call('call-1')
      let verdict: CallVerdict = { status: undefined }
      for (const event of events) verdict = await act(flow, signal(event))
      return { signal, verdict }
    }
  }
}

const CONNECTED: CallEvent = { type: 'connected' }
const HUNG_UP: CallEvent = { type: 'ended', reason: 'hung_up' }
const spoken = (step: string): CallEvent => ({ type: 'spoken', step })
const key = (step: string): CallEvent => ({ type: 'key-pressed', step })
const noKey = (step: string): CallEvent => ({ type: 'no-key', step })
const speechFailed = (step: string): CallEvent => ({ type: 'speech-failed', step })

t.test('an event of another call than the one of the attempt is foreign, and nothing is spoken', async (t) => {
  const { flow, done, call } = await openFlow(t, 'none', { confirmed: ['call-2'] })
  const signal = await call('call-1')
  for (const event of [CONNECTED, spoken('code:1'), { type: 'ended', reason: 'busy' }] as const) {
    t.equal(await flow.handle(signal(event, 'call-2')), 'foreign', event.type)
  }
  t.same(done, [])
})

t.test('an event of an attempt that nobody knows is foreign', async (t) => {
  const { flow, done, call } = await openFlow(t)
  const signal = await call('call-1')
  const unknown = { ...signal(CONNECTED), attempt: '01a1fcbf-a15a-764d-8bfd-6ca45f16d75c' }
  t.equal(await flow.handle(unknown), 'foreign')
  t.same(done, [])
})

t.test('where the call\'s id is not known, it speaks into the first call that the vendor confirms, and into no other', async (t) => {
  const { flow, done, call } = await openFlow(t, 'none', { confirmed: ['call-2', 'call-3'] })
  const signal = await call()
  t.equal(await flow.handle(signal(CONNECTED, 'call-1')), 'foreign')
  t.match(await flow.handle(signal(CONNECTED, 'call-2')), { status: 'accepted' })
  t.equal(await flow.handle(signal(CONNECTED, 'call-3')), 'foreign')
  t.same(done, ['speak call-2 code:1'])
})

t.test('of two calls that are confirmed at the same time one is spoken into', async (t) => {
  const { flow, done, call } = await openFlow(t, 'none', { confirmed: ['call-2', 'call-3'] })
  const signal = await call()
  const verdicts = await Promise.all([flow.handle(signal(CONNECTED, 'call-2')), flow.handle(signal(CONNECTED, 'call-3'))])
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
  await flow.handle(signal(CONNECTED))
  for (const step of ['', 'announcement', 'code:0', 'code:99', 'CODE:1', 'code:1:plain:plain']) {
    t.match(await flow.handle(signal(spoken(step))), { status: undefined }, step)
  }
  await flow.handle(signal({ type: 'speaking', step: 'confirm:1' }))
  await flow.handle(signal(key('code:1')))
  await flow.handle(signal(speechFailed('code:2')))
  t.same(done, ['ask call-1 confirm:1'])
})

t.test('the end that comes before the word that it was spoken does not stand', async (t) => {
  const { flow, call } = await openFlow(t)
  const signal = await call('call-1')
  await flow.handle(signal(CONNECTED))
  t.match(await flow.handle(signal(HUNG_UP)), { status: 'undelivered', reason: 'hung_up' })
  t.match(await flow.handle(signal(spoken('code:1'))), { status: 'delivered' })
})

t.test('why a call ended depends on how far it was', async (t) => {
  const { flow, call } = await openFlow(t, 'keypress')
  const signal = await call('call-1')
  await flow.handle(signal(CONNECTED))
  t.match(await flow.handle(signal(HUNG_UP)), { reason: 'not_confirmed' })
  const other = await openFlow(t)
  const unanswered = await other.call('call-1')
  t.match(await other.flow.handle(unanswered({ type: 'ended', reason: 'no_answer' })), { reason: 'no_answer' })
})

t.test('a call is hung up by what follows its verdict, not before', async (t) => {
  const ends: ReadonlyArray<readonly [CallEvent[], CallEvent, object]> = [
    [[CONNECTED], spoken('code:1'), { status: 'delivered' }],
    [[CONNECTED, speechFailed('code:1')], speechFailed('code:1:plain'), { status: 'undelivered', reason: 'speech_failed' }]
  ]
  for (const [before, event, verdict] of ends) {
    const { after, calls, done, due, flow } = await openFlow(t)
    const { signal } = await after(before)
    const said = done.length
    const told = await flow.handle(signal(event))
    t.match(told, verdict)
    t.equal(done.length, said, 'the verdict can be recorded first')
    await (told as CallVerdict).after?.()
    t.same(done.slice(said), ['hang up call-1'])
    t.match(await calls.find(signal(event).attempt), { step: ENDED })
    t.same(await due.take('end-call', 1, 0), [], 'and that is over')
  }
})

t.test('a call that could not be hung up is due at once', async (t) => {
  const { after, due } = await openFlow(t, 'none', { hangsUp: false })
  const { signal } = await after([CONNECTED, spoken('code:1')])
  t.match(await due.take('end-call', 1, 0), [{ id: signal(HUNG_UP).attempt, kind: 'end-call' }])
})

t.test('the end that our own hang-up brings about says nothing, and leaves nothing to end', async (t) => {
  const { after, due, flow } = await openFlow(t, 'none', { hangsUp: false })
  const { signal } = await after([CONNECTED, spoken('code:1')])
  const { status, reason } = await act(flow, signal({ type: 'ended', reason: 'canceled' }))
  t.same({ status, reason }, { status: undefined, reason: undefined })
  t.same(await due.take('end-call', 1, 0), [])
})

t.test('the end of a call while we are hanging it up changes no reason', async (t) => {
  const { after, attempts, calls, done, flow } = await openFlow(t, 'keypress')
  const { signal } = await after([CONNECTED, noKey('confirm:1')])
  const failed = await flow.handle(signal(noKey('confirm:2'))) as CallVerdict
  t.match(failed, { status: 'undelivered', reason: 'not_confirmed' })
  const { attempt } = signal(HUNG_UP)
  await attempts.apply({ attempt, channel: 'voice', vendor: 'acs', reference: undefined, key: 'k', what: 'call.no-key', status: 'undelivered', reason: failed.reason, vendorCode: undefined })
  await calls.end(attempt)
  const verdict = await act(flow, signal({ type: 'ended', reason: 'canceled' }))
  t.match(verdict, { status: undefined })
  await failed.after?.()
  t.same(done.at(-1), 'hang up call-1', 'a call that is over already may be hung up again')
})

t.test('an answered call has its own time, which a repeated event does not postpone', async (t) => {
  const { call, clock, done, due, flow } = await openFlow(t)
  const signal = await call('call-1')
  t.match(await act(flow, signal(CONNECTED)), { status: 'accepted' })
  clock.advance(MAX - 1)
  t.same(await due.take('end-call', 1, 0), [])
  const again = await act(flow, signal(CONNECTED))
  t.match(again, { status: 'accepted', after: undefined })
  clock.advance(1)
  t.match(await due.take('end-call', 1, 0), [{ id: signal(CONNECTED).attempt }])
  t.same(done, ['speak call-1 code:1'], 'and it is spoken once')
})

t.test('a repeated connection does not bring back a call that is over', async (t) => {
  const { after, done, due, flow } = await openFlow(t)
  const { signal } = await after([CONNECTED, spoken('code:1')])
  await act(flow, signal(CONNECTED))
  t.same(await due.take('end-call', 1, 0), [])
  t.same(done, ['speak call-1 code:1', 'hang up call-1'])
})

t.test('a question whose answer was lost is not put again, and its key moves the call', async (t) => {
  const { done, flow, call } = await openFlow(t, 'keypress', { taken: ['unknown', 'unknown'] })
  const signal = await call('call-1')
  t.match(await act(flow, signal(CONNECTED)), { status: 'accepted' })
  t.same(done, ['ask call-1 confirm:1'])
  t.match(await act(flow, signal(key('confirm:1'))), { status: undefined })
  t.same(done.slice(1), ['ask call-1 code:1'])
  t.match(await act(flow, signal(noKey('code:1'))), { status: 'delivered' })
  t.same(done.slice(2), ['hang up call-1'])
})

t.test('a speech whose answer was lost is not repeated, and its end moves the call', async (t) => {
  const { done, flow, call } = await openFlow(t, 'none', { taken: ['unknown'] })
  const signal = await call('call-1')
  t.match(await act(flow, signal(CONNECTED)), { status: 'accepted' })
  await act(flow, signal({ type: 'speaking', step: 'code:1' }))
  t.same(done, ['speak call-1 code:1'])
  t.match(await act(flow, signal(spoken('code:1'))), { status: 'delivered' })
})

t.test('what is refused is said plainly, and where that is refused too the call is ended', async (t) => {
  for (const confirm of ['none', 'keypress'] as const) {
    const said = confirm === 'none' ? ['speak call-1 code:1', 'speak call-1 code:1:plain'] : ['ask call-1 confirm:1', 'ask call-1 confirm:1:plain']
    const once = await openFlow(t, confirm, { taken: ['refused'] })
    t.match(await act(once.flow, (await once.call('call-1'))(CONNECTED)), { status: 'accepted' })
    t.same(once.done, said)
    const twice = await openFlow(t, confirm, { taken: ['refused', 'refused'] })
    t.match(await act(twice.flow, (await twice.call('call-1'))(CONNECTED)), { status: 'undelivered', reason: 'speech_failed' })
    t.same(twice.done, [...said, 'hang up call-1'])
  }
})

t.test('a code that has expired is not spoken, and the call is ended', async (t) => {
  const { done, flow, call } = await openFlow(t, 'keypress')
  const signal = await call('call-1')
  await act(flow, signal(CONNECTED))
  const late = signal(key('confirm:1'))
  t.match(await act(flow, { ...late, content: { ...late.content, said: undefined } }), { status: 'undelivered', reason: 'expired' })
  t.same(done, ['ask call-1 confirm:1', 'hang up call-1'])
})

t.test('who asks for the code again and then hangs up has heard it', async (t) => {
  const { after } = await openFlow(t, 'keypress')
  const first = await after([CONNECTED, key('confirm:1'), HUNG_UP])
  t.match(first.verdict, { status: 'undelivered', reason: 'hung_up' }, 'in the first round nobody knows')
  for (const again of [[key('code:1')], [key('code:1'), key('code:2')], [key('code:1'), speechFailed('code:2')]]) {
    const other = await openFlow(t, 'keypress')
    const { verdict, signal } = await other.after([CONNECTED, key('confirm:1'), ...again, HUNG_UP])
    t.match(verdict, { status: 'delivered', reason: undefined })
    t.equal(other.done.includes('hang up call-1'), false)
    t.match(await other.calls.find(signal(HUNG_UP).attempt), { step: ENDED })
    other.clock.advance(UNANSWERED)
    t.same(await other.due.take('end-call', 1, 0), [], 'there is nothing left to end')
  }
})

t.test('a late word of an earlier round is a delivery, and does not end the round that is spoken now', async (t) => {
  const { after, done, flow } = await openFlow(t, 'keypress')
  const { signal } = await after([CONNECTED, key('confirm:1'), key('code:1')])
  t.match(await act(flow, signal(noKey('code:1'))), { status: 'delivered', after: undefined })
  t.equal(done.includes('hang up call-1'), false)
  t.match(await act(flow, signal(noKey('code:2'))), { status: 'delivered' })
  t.equal(done.at(-1), 'hang up call-1')
})

t.test('the code is repeated five times at most, then the call is ended', async (t) => {
  const { done, after } = await openFlow(t, 'keypress')
  const { verdict } = await after([CONNECTED, key('confirm:1'), ...[1, 2, 3, 4, 5].map((round) => key(`code:${round}`))])
  t.match(verdict, { status: 'delivered' })
  t.same(done, ['ask call-1 confirm:1', ...[1, 2, 3, 4, 5].map((round) => `ask call-1 code:${round}`), 'hang up call-1'])
})

t.test('nobody who presses a key is asked again; the silence of a question that is over means nothing', async (t) => {
  const { after, done, flow } = await openFlow(t, 'keypress')
  const { signal } = await after([CONNECTED, noKey('confirm:1'), key('confirm:2')])
  t.match(await act(flow, signal(noKey('confirm:1'))), { status: undefined })
  t.match(await act(flow, signal(noKey('confirm:2'))), { status: undefined, after: undefined })
  t.same(done, ['ask call-1 confirm:1', 'ask call-1 confirm:2', 'ask call-1 code:1'])
})
