import t from 'tap'
import { HttpFailure } from '../../../src/providers/http-client.ts'
import { TwilioRefusal, UnreadableAnswer } from '../../../src/providers/twilio/client.ts'
import { toSendResult } from '../../../src/providers/twilio/failures.ts'

const refusal = (status: number, code?: number, retryAfter?: number) => toSendResult(new TwilioRefusal(status, code, retryAfter))

t.test('what lies in the message is refused, what lies in the account or on the way has failed', async (t) => {
  t.same(refusal(400, 21211), { kind: 'refused', reason: 'number_invalid', vendorCode: '21211' })
  t.same(refusal(400, 21614), { kind: 'refused', reason: 'number_not_mobile', vendorCode: '21614' })
  t.same(refusal(400, 21610), { kind: 'refused', reason: 'opted_out', vendorCode: '21610' })
  t.same(refusal(403, 60410), { kind: 'refused', reason: 'fraud_blocked', vendorCode: '60410' })
  t.same(refusal(429, 60203), { kind: 'refused', reason: 'too_many_codes', vendorCode: '60203' })
  t.same(refusal(400, 21408), { kind: 'failed', reason: 'destination_unsupported', vendorCode: '21408' })
  t.same(refusal(400, 21606), { kind: 'failed', reason: 'sender_refused', vendorCode: '21606' })
  t.same(refusal(401, 20003), { kind: 'failed', reason: 'credentials', vendorCode: '20003' })
  t.same(refusal(404, 20404), { kind: 'failed', reason: 'configuration', vendorCode: '20404' })
  t.same(refusal(409, 575001), { kind: 'failed', reason: 'configuration', vendorCode: '575001' })
})

t.test('a pause goes with a failure, and not with a refusal of the message', async (t) => {
  t.same(refusal(429, 20429, 3000), { kind: 'failed', reason: 'rate_limited', vendorCode: '20429', retryAfter: 3000 })
  t.same(refusal(429, 99999, 3000), { kind: 'failed', reason: 'rate_limited', vendorCode: '99999', retryAfter: 3000 })
  t.same(refusal(429, undefined, 0), { kind: 'failed', reason: 'rate_limited', retryAfter: 0 })
  t.same(refusal(429, undefined, undefined), { kind: 'failed', reason: 'rate_limited' })
  t.same(refusal(429, 60203, 3000), { kind: 'refused', reason: 'too_many_codes', vendorCode: '60203' })
})

t.test('where the code says nothing, the status does', async (t) => {
  const reasons = {
    400: 'configuration', 401: 'credentials', 403: 'credentials', 404: 'configuration', 405: 'configuration', 413: 'content_refused', 415: 'configuration', 422: 'configuration', 429: 'rate_limited'
  }
  for (const [status, reason] of Object.entries(reasons)) {
    t.same(refusal(Number(status)), { kind: 'failed', reason }, status)
    t.same(refusal(Number(status), 429), { kind: 'failed', reason }, `${status} with what is no code`)
  }
})

t.test('a code that is not in the book says nothing of our credentials', async (t) => {
  for (const status of [400, 403]) t.same(refusal(status, 99999), { kind: 'failed', reason: 'configuration', vendorCode: '99999' }, String(status))
  t.same(refusal(403, 60999, 3000), { kind: 'failed', reason: 'configuration', vendorCode: '60999', retryAfter: 3000 })
  t.same(refusal(403), { kind: 'failed', reason: 'credentials' }, 'without a code it does')
  for (const code of [403, -1, 1_000_000, Number.NaN]) t.same(refusal(403, code), { kind: 'failed', reason: 'credentials' }, `${code} is no code`)
  t.same(refusal(401, 99999), { kind: 'failed', reason: 'credentials', vendorCode: '99999' }, 'nor does 401 leave a doubt')
  t.same(refusal(403, 20003), { kind: 'failed', reason: 'credentials', vendorCode: '20003' })
  t.same(refusal(403, 20500), { kind: 'unknown', reason: 'provider_error', vendorCode: '20500' })
  for (const code of [21212, 21606, 21607, 21703, 21704]) {
    for (const status of [400, 403]) t.same(refusal(status, code), { kind: 'failed', reason: 'sender_refused', vendorCode: String(code) }, `${status} ${code}`)
  }
})

t.test('a status that says neither yes nor no leaves it open, even with a code that says no', async (t) => {
  for (const status of [300, 302, 304, 307, 408, 500, 502, 503, 504, 599]) {
    t.same(refusal(status, undefined, 3000), { kind: 'unknown', reason: 'provider_error' }, String(status))
    t.same(refusal(status, 21211), { kind: 'unknown', reason: 'provider_error', vendorCode: '21211' }, String(status))
  }
  for (const status of [402, 409, 418, 425, 499]) t.same(refusal(status), { kind: 'unknown', reason: 'provider_error' }, String(status))
  t.same(refusal(400, 20500), { kind: 'unknown', reason: 'provider_error', vendorCode: '20500' })
})

t.test('no answer, and one that cannot be read', async (t) => {
  t.same(toSendResult(new HttpFailure(false, 'connection')), { kind: 'failed', reason: 'connection' })
  t.same(toSendResult(new HttpFailure(true, 'connection')), { kind: 'unknown', reason: 'connection' })
  t.same(toSendResult(new HttpFailure(true, 'timeout')), { kind: 'unknown', reason: 'timeout' })
  for (const error of [new UnreadableAnswer(), new TypeError('x is not a function'), undefined, 'no', { status: 400, code: 21211 }]) {
    t.same(toSendResult(error), { kind: 'unknown', reason: 'provider_error' }, String(error))
  }
})
