import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import type { Channel } from '../../../src/domain/message.ts'
import type { SendResult } from '../../../src/domain/outcome.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { createTwilioVerify } from '../../../src/providers/twilio/verify.ts'
import { hidesAll, NUMBER, orderFor, printed, providerSuite } from '../suite.ts'
import { clientOf, closedUrl, SECRETS, sid, startVendor, VERIFICATION, type Answer, type Vendor } from './vendor.ts'

const LONG = 30_000
const SERVICE = sid('VA')

const verifyOf = (t: Test, url: URL, channel: Channel = 'sms'): Provider =>
  createTwilioVerify({ client: clientOf(t, url), serviceSid: SERVICE, channel, codes: 'ours' })

const start = async (t: Test, channel?: Channel): Promise<{ readonly provider: Provider, readonly vendor: Vendor }> => {
  const vendor = await startVendor(t, VERIFICATION)
  return { vendor, provider: verifyOf(t, vendor.url, channel) }
}

const sent = async (t: Test, answer: Answer): Promise<SendResult> => {
  const { provider, vendor } = await start(t)
  vendor.answer(answer)
  return await provider.send(orderFor('sms'), Deadline.in(LONG))
}

for (const channel of ['sms', 'voice', 'whatsapp'] as const) {
  t.test(`codes by Twilio Verify, ${channel}`, async (t) => {
    providerSuite(t, {
      name: 'twilio-verify',
      channel,
      expected: { 'says-503': { kind: 'unknown', reason: 'provider_error' } },
      async start (t) {
        const { provider, vendor } = await start(t, channel)
        return { provider, secrets: SECRETS, become: vendor.become, requests: () => vendor.asked.length, made: vendor.made }
      },
      unreachable: async (t) => verifyOf(t, await closedUrl(), channel)
    })
  })
}

t.test('the code goes out as our own, by Twilio\'s name of the channel, in its language', async (t) => {
  for (const [channel, name] of [['sms', 'sms'], ['voice', 'call'], ['whatsapp', 'whatsapp']] as const) {
    const { provider, vendor } = await start(t, channel)
    t.same(await provider.send(orderFor(channel, { locale: 'de-CH' }), Deadline.in(LONG)), {
      kind: 'accepted', reference: sid('VL', 2), transaction: sid('VE')
    })
    t.match(vendor.asked, [{
      method: 'POST', path: `/v2/Services/${SERVICE}/Verifications`, body: `To=%2B15557654321&Channel=${name}&Locale=de&CustomCode=493021`
    }])
  }
})

t.test('a language that Verify does not have is left for Twilio to choose', async (t) => {
  const { provider, vendor } = await start(t)
  for (const locale of ['is', 'zh_TW', '']) await provider.send(orderFor('sms', { locale }), Deadline.in(LONG))
  t.same(vendor.asked.map(({ body }) => body), Array(3).fill('To=%2B15557654321&Channel=sms&CustomCode=493021'))
})

t.test('a message without a code cannot be sent, and nobody is asked to', async (t) => {
  const { provider, vendor } = await start(t)
  t.same(await provider.send(orderFor('sms', { code: undefined }), Deadline.in(LONG)), { kind: 'failed', reason: 'content_refused' })
  t.equal(vendor.asked.length, 0)
})

t.test('the attempt is the last one, where Twilio names it', async (t) => {
  const attempts: ReadonlyArray<readonly [unknown, string | undefined]> = [
    [[{ attempt_sid: sid('VL', 4) }], sid('VL', 4)],
    [[{ attempt_sid: sid('VL', 4) }, { attempt_sid: 'VL5' }], undefined],
    [[], undefined],
    [[null], undefined],
    [[{}], undefined],
    [['x'], undefined],
    ['x', undefined],
    [null, undefined],
    [{ 0: { attempt_sid: sid('VL', 4) } }, undefined]
  ]
  for (const [list, reference] of attempts) {
    const result = await sent(t, { status: 201, body: { ...VERIFICATION, send_code_attempts: list } })
    t.same(result, { kind: 'accepted', reference, transaction: sid('VE') }, JSON.stringify(list))
  }
})

t.test('an answer that names no verification leaves it open', async (t) => {
  for (const body of [{}, { sid: null }, { sid: sid('SM') }, { sid: `${sid('VE')}?` }, { ...VERIFICATION, sid: 'VE1' }]) {
    t.same(await sent(t, { status: 201, body }), { kind: 'unknown', reason: 'provider_error' }, JSON.stringify(body))
  }
})

t.test('what Twilio refuses is told by its code', async (t) => {
  const cases: ReadonlyArray<readonly [number, number, SendResult]> = [
    [429, 60203, { kind: 'refused', reason: 'too_many_codes', vendorCode: '60203' }],
    [403, 60410, { kind: 'refused', reason: 'fraud_blocked', vendorCode: '60410' }],
    [403, 60205, { kind: 'refused', reason: 'number_not_mobile', vendorCode: '60205' }],
    [403, 60605, { kind: 'failed', reason: 'destination_unsupported', vendorCode: '60605' }],
    [403, 60204, { kind: 'failed', reason: 'configuration', vendorCode: '60204' }],
    [404, 20404, { kind: 'failed', reason: 'configuration', vendorCode: '20404' }]
  ]
  for (const [status, code, expected] of cases) t.same(await sent(t, { status, body: { code, status } }), expected, String(code))
  t.same(await sent(t, { status: 429, body: { code: 20429 }, headers: { 'retry-after': '10' } }), { kind: 'failed', reason: 'rate_limited', vendorCode: '20429', retryAfter: 10_000 })
})

t.test('asked about an attempt, only what is final counts', async (t) => {
  const { provider, vendor } = await start(t)
  t.equal(provider.inquiry?.after, 60_000)
  const ask = async (data: unknown, status = 200): Promise<unknown> => {
    vendor.answer({ status, body: { sid: sid('VL', 2), channel_data: data } })
    return await provider.inquiry?.ask(sid('VL', 2), Deadline.in(LONG))
  }
  const nothing = { reason: undefined, vendorCode: undefined }
  t.same(await ask({ message_status: 'DELIVERED', error_code: '0' }), { status: 'delivered', ...nothing })
  t.same(await ask({ message_status: 'undelivered', error_code: '30003' }), { status: 'undelivered', reason: 'number_unreachable', vendorCode: '30003' })
  t.same(await ask({ message_status: null, status: 'Failed', error_code: 30007 }), { status: 'undelivered', reason: 'carrier_blocked', vendorCode: '30007' })
  t.same(await ask({ call_status: 'BUSY' }), { status: 'undelivered', reason: 'busy', vendorCode: undefined })
  for (const status of ['no-answer', 'NO_ANSWER']) t.same(await ask({ call_status: status }), { status: 'undelivered', reason: 'no_answer', vendorCode: undefined })
  t.same(await ask({ call_status: 'canceled' }), { status: 'undelivered', reason: 'canceled', vendorCode: undefined })
  for (const data of [{ message_status: 'SENT' }, { call_status: 'completed' }, { call_status: 'ringing' }, { message_status: 7 }, {}, null, undefined, 'x', []]) {
    t.equal(await ask(data), undefined, JSON.stringify(data))
  }
  for (const status of [302, 401, 404, 429, 500]) t.equal(await ask({ message_status: 'delivered' }, status), undefined, String(status))
  t.match(vendor.asked[0], { method: 'GET', path: `/v2/Attempts/${sid('VL', 2)}` })
})

t.test('an inquiry that gets no answer, and one about something else, say nothing', async (t) => {
  const { provider, vendor } = await start(t)
  for (const mood of ['drops-before', 'answers-html', 'answers-too-long'] as const) {
    vendor.become(mood)
    t.equal(await provider.inquiry?.ask(sid('VL'), Deadline.in(LONG)), undefined, mood)
  }
  vendor.become('silent')
  t.equal(await provider.inquiry?.ask(sid('VL'), Deadline.in(50)), undefined)
  const before = vendor.asked.length
  for (const reference of [sid('VE'), sid('SM'), `${sid('VL')}/..`, NUMBER]) t.equal(await provider.inquiry?.ask(reference, Deadline.in(LONG)), undefined)
  t.equal(vendor.asked.length, before)
})

t.test('Twilio is told that a code was used', async (t) => {
  const { provider, vendor } = await start(t)
  vendor.answer({ body: { ...VERIFICATION, status: 'approved' } })
  t.equal(await provider.feedback?.used(sid('VE', 3), Deadline.in(LONG)), 'taken')
  t.match(vendor.asked, [{ method: 'POST', path: `/v2/Services/${SERVICE}/Verifications/${sid('VE', 3)}`, body: 'Status=approved' }])
})

t.test('a verification that is over needs no word; where Twilio could not take it, it may be told again', async (t) => {
  const { provider, vendor } = await start(t)
  const used = (): Promise<unknown> => provider.feedback?.used(sid('VE'), Deadline.in(LONG)) as Promise<unknown>
  for (const status of [400, 404]) {
    vendor.answer({ status, body: { code: 20404, message: NUMBER } })
    t.equal(await used(), 'refused', String(status))
  }
  for (const status of [302, 401, 403, 429, 500, 503]) {
    vendor.answer({ status, body: {} })
    t.equal(await used(), 'unknown', String(status))
  }
  for (const mood of ['answers-broken-json', 'answers-too-long', 'drops-before', 'drops-after'] as const) {
    vendor.become(mood)
    t.equal(await used(), 'unknown', mood)
  }
  vendor.become('silent')
  t.equal(await provider.feedback?.used(sid('VE'), Deadline.in(50)), 'unknown')
  const before = vendor.asked.length
  for (const transaction of ['', NUMBER, sid('VL'), `${sid('VE')}/../..`]) t.equal(await provider.feedback?.used(transaction, Deadline.in(LONG)), 'refused', transaction)
  t.equal(vendor.asked.length, before)
})

t.test('neither inquiries nor feedback print anything secret', async (t) => {
  const { provider, vendor } = await start(t)
  vendor.become('echoes-400')
  const results = [await provider.inquiry?.ask(sid('VL'), Deadline.in(LONG)), await provider.feedback?.used(sid('VE'), Deadline.in(LONG)), provider.inquiry, provider.feedback]
  hidesAll(t, results.map(printed).join('\n'), [NUMBER, ...SECRETS], 'all of it')
})
