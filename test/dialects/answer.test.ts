import t from 'tap'
import { answerOf, kindOfFailure, wordsForPeople } from '../../src/dialects/answer.ts'
import { ERRORS, type ErrorCode } from '../../src/domain/errors.ts'

const CODES = Object.keys(ERRORS) as ErrorCode[]

t.test('what was not sent is a failure of the table', async (t) => {
  t.same(answerOf({ kind: 'failed', id: 'x', reason: 'no_time_left' }), { kind: 'failure', code: 'store_unavailable', detail: 'no_time_left', id: 'x' }, 'our own store was too slow')
  t.same(answerOf({ kind: 'failed', id: 'x', reason: 'no_provider' }), { kind: 'failure', code: 'no_provider', detail: 'no_provider', id: 'x' })
  t.same(answerOf({ kind: 'failed', id: 'x', reason: 'credentials' }), { kind: 'failure', code: 'provider_failed', detail: 'credentials', id: 'x' })
  t.same(answerOf({ kind: 'refused', id: 'x', reason: 'opted_out' }), { kind: 'failure', code: 'recipient_refused', detail: 'opted_out', id: 'x' })
  t.same(answerOf({ kind: 'key-reused' }), { kind: 'failure', code: 'idempotency_key_reused' })
})

t.test('what was sent, or may have been, is told as it is', async (t) => {
  for (const outcome of [
    { kind: 'accepted', id: 'x', channel: 'sms', provider: 'acs-sms', reference: 'y' }, { kind: 'duplicate', id: 'x', original: 'delivered' }, { kind: 'unknown', id: 'x' }
  ] as const) t.equal(answerOf(outcome), outcome)
})

t.test('failures are those of who asks, of the number, of the request, and ours', async (t) => {
  for (const [code, kind] of [
    ['unauthorized', 'unauthorized'], ['signature_invalid', 'unauthorized'], ['recipient_refused', 'number'], ['recipient_not_allowed', 'number'], ['forbidden', 'unauthorized'], ['too_many_messages', 'often'], ['number_needs_country', 'number'],
    ['code_invalid', 'request'], ['code_expired', 'request'], ['idempotency_key_reused', 'request'], ['provider_failed', 'ours'], ['draining', 'ours'], ['internal', 'ours']
  ] as const) t.equal(kindOfFailure({ code }), kind, code)
})

t.test('people hear fixed words, and nothing of how it works here', async (t) => {
  for (const code of CODES) {
    t.match(wordsForPeople({ code }), /^(The code (could not|cannot) be (sent|delivered)|Too many codes were asked for\.)[a-z .P]*$/, code)
    t.notMatch(wordsForPeople({ code }), /gateway|provider|_|[0-9]/, code)
  }
})
