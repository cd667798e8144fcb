import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import type { SendResult } from '../../../src/domain/outcome.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import { createTwilioSms, type TwilioSmsDeps } from '../../../src/providers/twilio/sms.ts'
import { NUMBER, orderFor, providerSuite } from '../suite.ts'
import { ACCOUNT, clientOf, closedUrl, drip, fieldsOf, MESSAGE, SECRETS, sid, startVendor, type Answer, type Asked, type Vendor } from './vendor.ts'

const FROM = '+15550200001'
const LONG = 30_000
const PATH = `/2010-04-01/Accounts/${ACCOUNT}/Messages`

const smsOf = (t: Test, url: URL, more: Partial<TwilioSmsDeps> = {}): Provider =>
  createTwilioSms({ client: clientOf(t, url), from: { phoneNumber: FROM }, statusCallback: undefined, withFeedback: false, ...more })

const start = async (t: Test, more?: Partial<TwilioSmsDeps>): Promise<{ readonly provider: Provider, readonly vendor: Vendor }> => {
  const vendor = await startVendor(t)
  return { vendor, provider: smsOf(t, vendor.url, more) }
}

const sent = async (t: Test, answer: Answer): Promise<SendResult> => {
  const { provider, vendor } = await start(t)
  vendor.answer(answer)
  return await provider.send(orderFor('sms'), Deadline.in(LONG))
}

t.test('text messages by Twilio', async (t) => {
  providerSuite(t, {
    name: 'twilio-sms',
    channel: 'sms',
    // Twilio may have made the message all the same.
    expected: { 'says-503': { kind: 'unknown', reason: 'provider_error' } },
    async start (t) {
      const { provider, vendor } = await start(t)
      return { provider, secrets: SECRETS, become: vendor.become, requests: () => vendor.asked.length, made: vendor.made }
    },
    unreachable: async (t) => smsOf(t, await closedUrl())
  })
})

t.test('a message goes out with its words, and is worth nothing once the code has expired', async (t) => {
  const { provider, vendor } = await start(t)
  const startedAt = Date.UTC(2026, 10, 21)
  const text = new SensitiveText('Ihr Code ist 493021. Gültig 5 Min \u{1F44D}')
  const result = await provider.send(orderFor('sms', { text, startedAt, expiresAt: startedAt + 120_900 }), Deadline.in(LONG))
  t.same(result, { kind: 'accepted', reference: MESSAGE.sid })
  t.match(vendor.asked, [{
    method: 'POST',
    path: `${PATH}.json`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json', 'accept-charset': 'utf-8', 'user-agent': /^twilio-node\/6\./ },
    body: 'To=%2B15557654321&ValidityPeriod=120&From=%2B15550200001&Body=Ihr%20Code%20ist%20493021.%20G%C3%BCltig%205%20Min%20%F0%9F%91%8D'
  }])
})

t.test('where feedback is given Twilio is told so with the message, and which one was used', async (t) => {
  const { provider, vendor } = await start(t, { withFeedback: true })
  const result = await provider.send(orderFor('sms'), Deadline.in(LONG))
  t.same(result, { kind: 'accepted', reference: MESSAGE.sid, transaction: MESSAGE.sid }, 'feedback falls due for what names a transaction')
  t.match(vendor.asked[0]?.body, /&ProvideFeedback=true&/)

  vendor.answer({ status: 201, body: { account_sid: ACCOUNT, message_sid: MESSAGE.sid, outcome: 'confirmed' } })
  t.equal(provider.feedback?.ofUndelivered, false)
  t.equal(await provider.feedback?.used(MESSAGE.sid, Deadline.in(LONG)), 'taken')
  t.match(vendor.asked[1], { method: 'POST', path: `${PATH}/${MESSAGE.sid}/Feedback.json`, body: 'Outcome=confirmed' })
})

t.test('feedback that Twilio does not take is given up, and what it may not have heard is said again', async (t) => {
  const { provider, vendor } = await start(t, { withFeedback: true })
  for (const [status, taken] of [[404, 'refused'], [400, 'refused'], [429, 'unknown'], [401, 'unknown'], [500, 'unknown']] as const) {
    vendor.answer({ status, body: { code: 20404, status } })
    t.equal(await provider.feedback?.used(MESSAGE.sid, Deadline.in(LONG)), taken, String(status))
  }
  t.equal(await provider.feedback?.used('../Calls/CA1', Deadline.in(LONG)), 'refused', 'what is no message is not asked about')
  t.equal(vendor.asked.length, 5)
})

t.test('with feedback as well nothing is due for what was not taken', async (t) => {
  const { provider, vendor } = await start(t, { withFeedback: true })
  vendor.answer({ status: 400, body: { code: 21211, status: 400 } })
  t.match(await provider.send(orderFor('sms'), Deadline.in(LONG)), { kind: 'refused', reason: 'number_invalid', transaction: undefined })
})

t.test('without that setting Twilio is asked nothing of the kind', async (t) => {
  const { provider, vendor } = await start(t)
  await provider.send(orderFor('sms'), Deadline.in(LONG))
  t.notMatch(vendor.asked[0]?.body, /Feedback/)
  t.equal(provider.feedback, undefined)
})

t.test('a Messaging Service sends in place of a number, and Twilio is told where to call back', async (t) => {
  const { provider, vendor } = await start(t, {
    from: { messagingServiceSid: sid('MG') },
    statusCallback: ({ attempt }) => new URL(`https://codes.example/events/twilio/message?attempt=${attempt}#rc=3&rp=all`)
  })
  const order = orderFor('sms')
  t.match(await provider.send(order, Deadline.in(LONG)), { kind: 'accepted' })
  t.same(fieldsOf(vendor.asked[0] as Asked), [
    ['To', NUMBER],
    ['StatusCallback', `https://codes.example/events/twilio/message?attempt=${order.attempt}#rc=3&rp=all`],
    ['ValidityPeriod', '300'],
    ['MessagingServiceSid', sid('MG')],
    ['Body', order.text?.reveal()]
  ])
})

t.test('the seconds of a message are whole, and within what Twilio takes', async (t) => {
  const { provider, vendor } = await start(t)
  const startedAt = Date.now()
  for (const lifetime of [300_000, 1999, 999, 0, -60_000, 36_000_999, 86_400_000]) {
    await provider.send(orderFor('sms', { startedAt, expiresAt: startedAt + lifetime }), Deadline.in(LONG))
  }
  const seconds = vendor.asked.map((asked) => new Map(fieldsOf(asked)).get('ValidityPeriod'))
  t.same(seconds, ['300', '1', '1', '1', '1', '36000', '36000'])
})

t.test('a message without words is left for Twilio to refuse', async (t) => {
  const { provider, vendor } = await start(t)
  vendor.answer({ status: 400, body: { code: 21602, status: 400 } })
  t.same(await provider.send(orderFor('sms', { text: undefined }), Deadline.in(LONG)), { kind: 'failed', reason: 'content_refused', vendorCode: '21602' })
})

t.test('what Twilio refuses is told by its code', async (t) => {
  const cases: ReadonlyArray<readonly [number, number, SendResult]> = [
    [400, 21211, { kind: 'refused', reason: 'number_invalid', vendorCode: '21211' }],
    [400, 21610, { kind: 'refused', reason: 'opted_out', vendorCode: '21610' }],
    [400, 21408, { kind: 'failed', reason: 'destination_unsupported', vendorCode: '21408' }],
    [401, 20003, { kind: 'failed', reason: 'credentials', vendorCode: '20003' }],
    [503, 20503, { kind: 'unknown', reason: 'provider_error', vendorCode: '20503' }]
  ]
  for (const [status, code, expected] of cases) t.same(await sent(t, { status, body: { code, status } }), expected, String(code))
  t.same(await sent(t, { status: 429, body: { code: 20429 }, headers: { 'retry-after': '2' } }), { kind: 'failed', reason: 'rate_limited', vendorCode: '20429', retryAfter: 2000 })
})

t.test('an answer that names no message leaves it open', async (t) => {
  for (const body of [{}, { sid: null }, { sid: 7 }, { sid: '' }, { sid: 'SM1' }, { sid: sid('CA') }, { sid: `${sid('SM')}/` }, { sid: [sid('SM')] }]) {
    t.same(await sent(t, { status: 201, body }), { kind: 'unknown', reason: 'provider_error' }, JSON.stringify(body))
  }
  t.same(await sent(t, { status: 200, body: { sid: sid('MM'), date_created: {}, date_sent: [], num_segments: {} } }), { kind: 'accepted', reference: sid('MM') })
})

t.test('a message that has failed by the time of the answer was not sent', async (t) => {
  t.same(await sent(t, { status: 201, body: { ...MESSAGE, status: 'failed', error_code: 21610 } }), { kind: 'refused', reason: 'opted_out', vendorCode: '21610' })
  t.same(await sent(t, { status: 201, body: { ...MESSAGE, status: 'failed' } }), { kind: 'failed', reason: 'unspecified' })
  for (const status of ['queued', 'accepted', 'sent', 'delivered', 'something new']) {
    t.same(await sent(t, { status: 201, body: { ...MESSAGE, status } }), { kind: 'accepted', reference: MESSAGE.sid }, status)
  }
  t.match(await sent(t, { status: 201, body: { ...MESSAGE, status: 'undelivered', error_code: 30410 } }), { kind: 'accepted' }, 'it may have arrived')
})

t.test('an answer that never ends leaves it open, in time', async (t) => {
  const { provider, vendor } = await start(t)
  vendor.behave(drip)
  const deadline = Deadline.in(200)
  t.same(await provider.send(orderFor('sms'), deadline), { kind: 'unknown', reason: 'timeout' })
  t.ok(deadline.remaining < 40)
})

t.test('Twilio is asked soon where it cannot call back, and late where it can', async (t) => {
  const { provider } = await start(t)
  t.equal(provider.inquiry?.after, 15_000)
  const { provider: other } = await start(t, { statusCallback: () => new URL('https://codes.example/') })
  t.equal(other.inquiry?.after, 120_000)
  t.equal(provider.feedback, undefined)
  t.equal(provider.hint('21408', 'ES'), 'turn on Spain in Twilio\'s geo permissions for messaging')
})

t.test('asked about a message, only what is final counts', async (t) => {
  const { provider, vendor } = await start(t)
  const ask = async (body: unknown, status = 200): Promise<unknown> => {
    vendor.answer({ status, body })
    return await provider.inquiry?.ask(sid('SM', 7), Deadline.in(LONG))
  }
  t.same(await ask({ status: 'delivered', error_code: null }), { status: 'delivered', reason: undefined, vendorCode: undefined })
  t.same(await ask({ status: 'undelivered', error_code: 30003 }), { status: 'undelivered', reason: 'number_unreachable', vendorCode: '30003' })
  t.same(await ask({ status: 'undelivered', error_code: 30410 }), { status: 'unknown', reason: 'no_report', vendorCode: '30410' })
  for (const status of ['queued', 'sending', 'sent', 'accepted', 'something new', null, 7]) t.equal(await ask({ status }), undefined, String(status))
  for (const body of ['', '[]', '<html>', '{']) t.equal(await ask(body), undefined, body)
  for (const status of [302, 401, 404, 429, 500]) t.equal(await ask({ status: 'delivered' }, status), undefined, String(status))
  t.match(vendor.asked[0], { method: 'GET', path: `${PATH}/${sid('SM', 7)}.json`, body: '' })
  vendor.become('drops-after')
  t.equal(await provider.inquiry?.ask(sid('MM'), Deadline.in(LONG)), undefined)
  vendor.become('silent')
  t.equal(await provider.inquiry?.ask(sid('MM'), Deadline.in(50)), undefined)
})
