import t from 'tap'
import { judgeEscalation } from '../../src/delivery/escalation-verdict.ts'
import { REASONS, type Reason } from '../../src/domain/reason.ts'
import type { EscalationAttempt, EscalationState } from '../../src/store/escalations.ts'

const TIMES = { afterMs: 60_000, longestCallMs: 210_000 }
const LEAST_LIFE = 20_000
const SOON = 5000

/** After these another channel may be tried. Written out here: the tests must not ask the code under test. */
const LEADS_ON: readonly Reason[] = [
  'number_not_mobile', 'number_unreachable', 'content_refused', 'no_provider', 'configuration', 'sender_refused', 'rate_limited', 'destination_unsupported',
  'provider_error', 'connection', 'timeout', 'carrier_blocked', 'carrier_error', 'unspecified', 'busy', 'no_answer', 'declined_or_limited', 'not_confirmed',
  'speech_failed'
]
/** What we broke off ourselves, and what was never taken, is no word against another channel. */
const OURS: readonly Reason[] = ['no_time_left', 'not_taken']

const attemptOf = (options: Partial<EscalationAttempt> = {}): EscalationAttempt => ({
  id: 'attempt', provider: 'acs-sms', channel: 'sms', status: 'accepted', reason: undefined, reference: undefined, age: 60_000, saysNone: false, forbids: false, ...options
})

const judge = (attempts: ReadonlyArray<Partial<EscalationAttempt>>, options: Partial<EscalationState> = {}): ReturnType<typeof judgeEscalation> => judgeEscalation({
  sealed: 'sealed',
  left: ['whatsapp', 'voice'],
  hook: 'direct',
  country: 'US',
  trace: undefined,
  status: 'accepted',
  expiresIn: 200_000,
  attempts: attempts.map(attemptOf),
  sinceStep: undefined,
  isRetried: false,
  isOvertaken: false,
  isDue: true,
  lease: 1,
  ...options
}, TIMES)

const UNDELIVERED = { status: 'undelivered', reason: 'carrier_error' } as const
const WHATSAPP = { id: 'step', provider: 'twilio-whatsapp', channel: 'whatsapp' } as const

t.test('what is known not to have arrived goes on at once, after the reasons that allow it', async (t) => {
  for (const reason of REASONS) {
    const verdict = judge([{ status: 'undelivered', reason, age: 1 }], { status: 'undelivered' })
    if (LEADS_ON.includes(reason) || OURS.includes(reason)) t.match(verdict, { kind: 'go', why: reason, from: { id: 'attempt' } }, reason)
    else t.same(verdict, { kind: 'over' }, reason)
  }
  t.same(judge([{ status: 'undelivered' }]), { kind: 'over' }, 'no reason is none')
})

t.test('a report is waited for to the millisecond; then it is unheard', async (t) => {
  for (const status of ['accepted', 'unknown'] as const) {
    t.same(judge([{ status, age: 0 }]), { kind: 'wait', milliseconds: 60_000 })
    t.same(judge([{ status, age: 59_999 }]), { kind: 'wait', milliseconds: 1 })
    t.match(judge([{ status, age: 60_000 }]), { kind: 'unheard', of: { id: 'attempt' }, from: { id: 'attempt' }, why: 'no_report' })
  }
})

t.test('a call is waited for until it must be over', async (t) => {
  t.same(judge([{ channel: 'voice', age: 60_000 }]), { kind: 'wait', milliseconds: 150_000 })
  t.match(judge([{ channel: 'voice', age: 210_000 }]), { kind: 'unheard' })
  t.match(judge([{ channel: 'voice', age: 1, status: 'undelivered', reason: 'no_answer' }]), { kind: 'go', why: 'no_answer' })
})

t.test('a carrier that says that it gives no report is not missed one', async (t) => {
  for (const status of ['accepted', 'unknown'] as const) t.same(judge([{ status, saysNone: true }]), { kind: 'rest' }, status)
  t.same(judge([{ ...UNDELIVERED, reason: 'no_report', saysNone: true }]), { kind: 'over' })
  t.same(judge([{ ...WHATSAPP, status: 'unknown', saysNone: true }, UNDELIVERED]), { kind: 'rest' }, 'that was taken: what was before it does not count')
})

t.test('what has arrived, was never taken, or has come to its end goes nowhere', async (t) => {
  for (const status of ['delivered', 'refused', 'failed'] as const) t.same(judge([UNDELIVERED], { status }), { kind: 'over' }, status)
  for (const status of ['unknown', 'accepted', 'undelivered'] as const) t.match(judge([UNDELIVERED], { status }), { kind: 'go' }, status)
})

t.test('a code with too little life left goes nowhere', async (t) => {
  t.same(judge([UNDELIVERED], { expiresIn: LEAST_LIFE - 1 }), { kind: 'over' })
  t.same(judge([{ age: 1 }], { expiresIn: LEAST_LIFE - 1 }), { kind: 'over' }, 'and is not waited for')
  t.match(judge([UNDELIVERED], { expiresIn: LEAST_LIFE }), { kind: 'go' })
})

t.test('who has a newer message gets no older one', async (t) => {
  t.same(judge([UNDELIVERED], { isOvertaken: true }), { kind: 'over' })
  t.same(judge([{ age: 1 }], { isOvertaken: true }), { kind: 'over' })
})

t.test('anything that forbids to go on ends it, on whichever attempt it was told', async (t) => {
  t.same(judge([{ ...UNDELIVERED, forbids: true }]), { kind: 'over' })
  t.same(judge([UNDELIVERED, { status: 'failed', forbids: true }]), { kind: 'over' })
  t.same(judge([{ age: 1, forbids: true }]), { kind: 'over' })
})

t.test('what is under way is looked at again soon', async (t) => {
  const soon = { kind: 'wait', milliseconds: SOON }
  t.same(judge([], { status: 'pending' }), soon, 'nothing was tried yet')
  t.same(judge([{ status: 'pending', age: 90_000 }], { status: 'pending' }), soon)
  t.same(judge([{ status: 'pending' }, UNDELIVERED], { status: 'pending' }), soon)
  t.same(judge([UNDELIVERED, { status: 'pending' }]), soon)
  t.same(judge([{ status: 'failed', reason: 'connection' }], { status: 'pending' }), soon, 'the next provider has its turn')
  t.same(judge([UNDELIVERED], { isRetried: true }), soon, 'the text is sent once more first')
  t.same(judge([{ age: 60_000 }], { isRetried: true }), soon)
})

t.test('a text that was sent once more has its own time', async (t) => {
  t.same(judge([{ age: 1000 }, { ...UNDELIVERED, age: 20_000 }]), { kind: 'wait', milliseconds: 59_000 })
  t.match(judge([{ id: 'again' }, { ...UNDELIVERED, age: 80_000 }]), { kind: 'unheard', of: { id: 'again' } })
  t.match(judge([{ ...UNDELIVERED, id: 'again', age: 1 }, { ...UNDELIVERED, age: 80_000 }]), { kind: 'go', from: { id: 'again' } })
  t.match(judge([{ status: 'failed', reason: 'connection', id: 'again', age: 1 }, UNDELIVERED]), { kind: 'go', from: { id: 'again' }, why: 'connection' })
})

t.test('a step is waited for like a text, and leads on like one', async (t) => {
  t.same(judge([{ ...WHATSAPP, age: 10 }, UNDELIVERED], { sinceStep: 10 }), { kind: 'wait', milliseconds: 59_990 })
  t.match(judge([WHATSAPP, UNDELIVERED], { sinceStep: 60_000 }), { kind: 'unheard', of: { id: 'step' }, from: { id: 'step' }, why: 'no_report' })
  t.match(judge([{ ...WHATSAPP, ...UNDELIVERED, reason: 'destination_unsupported', age: 1 }, {}], { sinceStep: 1 }), { kind: 'go', from: { id: 'step' }, why: 'destination_unsupported' })
  t.same(judge([{ ...WHATSAPP, ...UNDELIVERED, reason: 'number_invalid', age: 1 }, UNDELIVERED], { sinceStep: 1 }), { kind: 'over' })
})

t.test('a step that nobody took leads on at once, if its reason allows it', async (t) => {
  for (const status of ['refused', 'failed'] as const) {
    const step = (reason: Reason | undefined): Partial<EscalationAttempt> => ({ ...WHATSAPP, status, reason, age: 5 })
    for (const reason of REASONS) {
      const verdict = judge([step(reason), UNDELIVERED], { sinceStep: 5 })
      if (LEADS_ON.includes(reason) || OURS.includes(reason)) t.match(verdict, { kind: 'go', from: { id: 'step' }, why: reason }, reason)
      else t.same(verdict, { kind: 'over' }, reason)
    }
    t.same(judge([step(undefined), UNDELIVERED], { sinceStep: 5 }), { kind: 'over' })
    t.match(judge([step('connection'), {}], { sinceStep: 5 }), { kind: 'unheard', of: { id: 'attempt' }, from: { id: 'step' }, why: 'connection' })
  }
})

t.test('a step of which nobody knows whether it went out has its time; then what was known before it counts', async (t) => {
  const lost = { ...WHATSAPP, status: 'unknown', reason: 'interrupted' } as const
  t.same(judge([{ ...lost, age: 59_000 }, UNDELIVERED], { sinceStep: 59_001 }), { kind: 'wait', milliseconds: 1000 })
  t.match(judge([lost, UNDELIVERED], { sinceStep: 60_001 }), { kind: 'go', from: { id: 'step' }, why: 'no_report' })
  t.match(judge([lost, {}], { sinceStep: 60_001 }), { kind: 'unheard', of: { id: 'attempt' }, from: { id: 'step' } })
  t.match(judge([lost, { status: 'unknown', id: 'first' }]), { kind: 'unheard', of: { id: 'first' } }, 'the first one is what all began with')
})

t.test('a step that was taken and never begun has its time too, as though it had been', async (t) => {
  t.same(judge([{ ...UNDELIVERED, age: 5000 }], { sinceStep: 4000 }), { kind: 'wait', milliseconds: 56_000 })
  t.same(judge([{ ...UNDELIVERED, age: 90_000 }], { sinceStep: 59_999 }), { kind: 'wait', milliseconds: 1 })
  t.match(judge([{ ...UNDELIVERED, age: 90_000 }], { sinceStep: 60_000 }), { kind: 'go', why: 'carrier_error' })
  t.match(judge([{ age: 130_000 }], { sinceStep: 60_000 }), { kind: 'unheard' })
})
