import t from 'tap'
import { mayTry, NEXT_STEPS, REASONS, type Reason } from '../../src/domain/reason.ts'

const mayTryOf = (step: Parameters<typeof mayTry>[0]): Reason[] => REASONS.filter((reason) => mayTry(step, reason))

t.test('reasons are lower case words that a program can compare with', async (t) => {
  for (const reason of REASONS) t.match(reason, /^[a-z]+(_[a-z]+)*$/)
  t.equal(new Set(REASONS).size, REASONS.length)
  t.same(REASONS, Object.keys(NEXT_STEPS))
})

t.test('whom a block for fraud, a STOP or a limit protects is not reached by another way, nor again', async (t) => {
  for (const reason of ['fraud_blocked', 'opted_out', 'too_many_codes'] as const) {
    for (const step of ['again', 'channel', 'provider'] as const) t.equal(mayTry(step, reason), false, `${step} ${reason}`)
  }
})

t.test('what may have been done is not done again: neither after an interruption nor once a call was answered', async (t) => {
  for (const reason of ['interrupted', 'hung_up', 'canceled', 'call_too_long', 'expired'] as const) t.same(NEXT_STEPS[reason], [], reason)
})

t.test('the same again is for what passes by itself', async (t) => {
  t.same(mayTryOf('again'), [
    'number_unreachable', 'rate_limited', 'provider_error', 'connection', 'timeout', 'no_time_left', 'carrier_error', 'busy', 'no_answer'
  ])
})

t.test('another provider is for what this one, or our account with it, could not do', async (t) => {
  t.same(mayTryOf('provider'), [
    'number_invalid', 'number_unreachable', 'content_refused', 'credentials', 'configuration', 'sender_refused', 'rate_limited', 'destination_unsupported',
    'provider_error', 'connection', 'timeout', 'carrier_blocked', 'carrier_error', 'unspecified', 'speech_failed'
  ])
})

t.test('another channel is for numbers that cannot be reached by this one', async (t) => {
  const reasons = mayTryOf('channel')
  for (const reason of ['number_not_mobile', 'number_unreachable', 'no_report', 'busy', 'no_answer', 'declined_or_limited', 'not_confirmed'] as const) {
    t.ok(reasons.includes(reason), reason)
  }
  for (const reason of ['number_invalid', 'credentials', 'no_time_left'] as const) t.notOk(reasons.includes(reason), reason)
})
