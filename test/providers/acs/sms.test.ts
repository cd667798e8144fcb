import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { Deadline } from '../../../src/domain/deadline.ts'
import { timeOrderedId } from '../../../src/domain/identifier.ts'
import type { SendResult } from '../../../src/domain/outcome.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Provider } from '../../../src/providers/provider.ts'
import type { SmsBehaviour } from '../../../src/sandbox/sandbox.ts'
import { NUMBER, numberOf, orderFor, providerSuite, WORDS } from '../suite.ts'
import { answering, closedAccount, faultOf, providerOf, startAcs, type AcsStand, type AcsStandOptions } from './stand.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

const start = async (t: Test, options?: AcsStandOptions): Promise<AcsStand & { readonly provider: Provider }> => {
  const stand = await startAcs(t, options)
  return { ...stand, provider: providerOf(stand.acs, 'acs-sms') }
}

/** What is said of one message where Azure behaves so. */
const sendTo = async (t: Test, sms: SmsBehaviour, options?: AcsStandOptions): Promise<{ result: SendResult, stand: AcsStand }> => {
  const { provider, ...stand } = await start(t, options)
  stand.sandbox.script(NUMBER, { sms })
  return { result: await provider.send(orderFor('sms'), Deadline.in(30_000)), stand }
}

t.test('text messages by Azure', async (t) => {
  providerSuite(t, {
    name: 'acs-sms',
    channel: 'sms',
    async start (t) {
      const { provider, sandbox, accessKey } = await start(t)
      return {
        provider,
        secrets: [accessKey],
        become (mood) {
          const sms = mood === 'refuses-recipient'
            ? { recipientError: { httpStatusCode: 400, errorMessage: 'Invalid To phone number format.' } }
            : faultOf(mood, accessKey) as SmsBehaviour
          sandbox.script(NUMBER, { sms })
          return true
        },
        requests: () => sandbox.requests.length,
        made: () => sandbox.messages.length
      }
    },
    async unreachable (t) {
      return (await start(t, { settings: { account: await closedAccount('a2V5') } })).provider
    }
  })
})

t.test('a message goes out with its words, its attempt as the tag, and a wish for a report', async (t) => {
  const { provider, sandbox } = await start(t)
  const order = orderFor('sms')
  const result = await provider.send(order, Deadline.in(30_000))
  t.match(sandbox.messages, [{ to: NUMBER, from: '+15550100001', text: WORDS, tag: order.attempt, report: 'delivered' }])
  t.same(result, { kind: 'accepted', reference: sandbox.messages[0]?.id })
})

t.test('the repeatability id and its first date come from the attempt, and the signature covers them', async (t) => {
  const { provider, sandbox, asked } = await start(t)
  const startedAt = Date.UTC(2026, 1, 3, 4, 5, 6, 789)
  const order = orderFor('sms', { startedAt })
  await provider.send(order, Deadline.in(30_000))
  const other = orderFor('sms', { startedAt, attempt: timeOrderedId(startedAt + 1) })
  await provider.send(other, Deadline.in(30_000))
  const [first, second] = sandbox.messages
  t.match(first, { repeatabilityRequestId: UUID, repeatabilityFirstSent: 'Tue, 03 Feb 2026 04:05:06 GMT' })
  t.match(second?.repeatabilityRequestId, UUID)
  t.not(second?.repeatabilityRequestId, first?.repeatabilityRequestId)
  t.notMatch(first?.repeatabilityRequestId, order.attempt, 'and does not show it')
  t.notMatch(JSON.stringify(asked.map(({ headers }) => headers)), order.attempt, 'no header carries the attempt')
  t.same(sandbox.requests.map(({ status }) => status), [202, 202])
})

t.test('the same attempt again is the same message', async (t) => {
  const { provider, sandbox } = await start(t)
  const order = orderFor('sms')
  const first = await provider.send(order, Deadline.in(30_000))
  const second = await provider.send(order, Deadline.in(30_000))
  t.same(second, first)
  t.match(sandbox.messages, [{ repeats: 1 }])
  t.equal(sandbox.messages.length, 1)
})

t.test('a country that has a sender of its own is written to from it', async (t) => {
  const { provider, sandbox } = await start(t, {
    settings: { sms: { sender: '+15550100001', countrySenders: new Map([['DE', 'Acme'], ['GB', 'AcmeUK']]) } }
  })
  for (const to of ['+4915112345678', '+447400123456', NUMBER, '+80012345678']) {
    t.match(await provider.send(orderFor('sms', { to: numberOf(to) }), Deadline.in(30_000)), { kind: 'accepted' }, to)
  }
  t.same(sandbox.messages.map(({ from }) => from), ['Acme', 'AcmeUK', '+15550100001', '+15550100001'])
})

t.test('the words are sent as they are, in any script', async (t) => {
  const { provider, sandbox } = await start(t)
  const text = 'Ваш код 493021 \u{1F512}\n"кавычки"'
  t.match(await provider.send(orderFor('sms', { text: new SensitiveText(text) }), Deadline.in(30_000)), { kind: 'accepted' })
  t.equal(sandbox.messages[0]?.text, text)
})

t.test('a 202 whose recipient was refused is no acceptance', async (t) => {
  const cases: ReadonlyArray<readonly [number, string, SendResult]> = [
    [400, 'Invalid To phone number format.', { kind: 'refused', reason: 'number_invalid', vendorCode: '400' }],
    [400, 'The recipient has opted out.', { kind: 'refused', reason: 'opted_out', vendorCode: '400' }],
    [400, 'Request sent with Invalid DateTime value for repeatability-first-sent header.', { kind: 'failed', reason: 'provider_error', vendorCode: '400' }],
    [401, '', { kind: 'failed', reason: 'credentials', vendorCode: '401' }],
    [403, '', { kind: 'failed', reason: 'sender_refused', vendorCode: '403' }],
    [404, '', { kind: 'failed', reason: 'configuration', vendorCode: '404' }],
    [429, '', { kind: 'failed', reason: 'rate_limited', vendorCode: '429' }],
    [503, 'ServiceUnavailable', { kind: 'failed', reason: 'provider_error', vendorCode: '503' }]
  ]
  for (const [httpStatusCode, errorMessage, expected] of cases) {
    const { result, stand } = await sendTo(t, { recipientError: { httpStatusCode, errorMessage } })
    t.same(result, expected, `${httpStatusCode} ${errorMessage}`)
    t.equal(stand.sandbox.requests.length, 1)
  }
})

t.test('an answer that does not say of its recipient what it should leaves it open, or is a no', async (t) => {
  const answers: ReadonlyArray<readonly [string, Partial<SendResult>]> = [
    ['{"value":[]}', { kind: 'unknown' }],
    ['{"value":null}', { kind: 'unknown' }],
    ['{"value":{}}', { kind: 'unknown' }],
    ['{"value":[{"to":"+15557654321","httpStatusCode":400}]}', { kind: 'unknown' }],
    ['[]', { kind: 'unknown' }],
    ['null', { kind: 'unknown' }],
    ['', { kind: 'unknown' }],
    ['{"value":[{"to":"+15557654321","httpStatusCode":400,"successful":false}]}', { kind: 'refused', reason: 'number_invalid' }],
    ['{"value":[{"to":"+15557654321","httpStatusCode":202,"successful":false}]}', { kind: 'failed', reason: 'provider_error' }]
  ]
  for (const [body, expected] of answers) {
    const { provider } = await start(t, { wrapHttp: () => answering({ status: 202, body }) })
    t.match(await provider.send(orderFor('sms'), Deadline.in(30_000)), expected, body)
  }
})

t.test('a 400 names the field that it refuses', async (t) => {
  const cases: ReadonlyArray<readonly [unknown, Partial<SendResult>]> = [
    [{ From: ['Invalid from phone number format.'] }, { kind: 'failed', reason: 'sender_refused' }],
    [{ 'SmsRecipients[0].To': ['Invalid.'] }, { kind: 'refused', reason: 'number_invalid' }],
    [{ SmsRecipients: ['Max of 100 phone numbers can be specified per request.'] }, { kind: 'refused', reason: 'number_invalid' }],
    [{ Message: ['The message is too long.'] }, { kind: 'failed', reason: 'configuration' }],
    ['', { kind: 'failed', reason: 'configuration' }],
    ['"To"', { kind: 'failed', reason: 'configuration' }],
    ['null', { kind: 'failed', reason: 'configuration' }]
  ]
  for (const [body, expected] of cases) {
    const { result } = await sendTo(t, { httpError: { status: 400, body } })
    t.match(result, expected, JSON.stringify(body))
  }
})

t.test('the vendor\'s own name for a failure is kept where it is a name', async (t) => {
  const named = async (error: unknown): Promise<SendResult> =>
    (await sendTo(t, { httpError: { status: 401, body: { error } } })).result
  for (const message of ['', 'Denied by the resource provider.']) {
    t.match(await named({ code: 'Denied', message }), { kind: 'failed', reason: 'credentials', vendorCode: 'Denied' })
    for (const code of ['', 'Denied for +15557654321', 'x'.repeat(65), '<b>', 8523, null, ['a']]) {
      t.same(await named({ code, message }), { kind: 'failed', reason: 'credentials' }, String(code))
    }
  }
  for (const error of [null, 'Denied', [], undefined]) t.same(await named(error), { kind: 'failed', reason: 'credentials' })
})

t.test('an Azure that is too busy says for how long', async (t) => {
  for (const status of [429, 503]) {
    const { result } = await sendTo(t, { httpError: { status, headers: { 'retry-after': '7' } } })
    t.match(result, { kind: 'failed', retryAfter: 7000 }, String(status))
    const { result: silent } = await sendTo(t, { httpError: { status } })
    t.match(silent, { kind: 'failed' })
    t.notOk('retryAfter' in silent, `${status}: not said`)
  }
  const { result } = await sendTo(t, { httpError: { status: 401, headers: { 'retry-after': '7' } } })
  t.notOk('retryAfter' in result, 'of anything else it is not read')
})

t.test('a message from a number that is not ours, or without words, is a fault of the settings', async (t) => {
  const { provider } = await start(t, { settings: { sms: { sender: '+15550100099', countrySenders: new Map() } } })
  t.match(await provider.send(orderFor('sms'), Deadline.in(30_000)), { kind: 'failed', reason: 'credentials', vendorCode: 'Unauthorized' })
  const { provider: other } = await start(t, { settings: { sms: { sender: 'way too long a name', countrySenders: new Map() } } })
  t.same(await other.send(orderFor('sms'), Deadline.in(30_000)), { kind: 'failed', reason: 'sender_refused' })
  const { provider: third } = await start(t)
  t.match(await third.send(orderFor('sms', { text: undefined }), Deadline.in(30_000)), { kind: 'failed', reason: 'configuration' })
})

t.test('a wrong access key is a fault of the settings', async (t) => {
  const { sandbox } = await startAcs(t)
  const account = { endpoint: new URL(sandbox.url), accessKey: new SensitiveText('d3Jvbmc=') }
  const { provider } = await start(t, { settings: { account } })
  t.same(await provider.send(orderFor('sms'), Deadline.in(30_000)), { kind: 'failed', reason: 'credentials', vendorCode: 'Denied' })
})

t.test('an answer that is compressed for whoever accepts that can be read', async (t) => {
  const server = createServer((request, response) => {
    const json = JSON.stringify({ value: [{ to: NUMBER, messageId: 'Outgoing_1', httpStatusCode: 202, successful: true }] })
    const gzip = /gzip/.test(String(request.headers['accept-encoding']))
    response.writeHead(202, { 'content-type': 'application/json', ...gzip && { 'content-encoding': 'gzip' } })
    response.end(gzip ? gzipSync(json) : json)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const endpoint = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  const { provider } = await start(t, { settings: { account: { endpoint, accessKey: new SensitiveText('a2V5') } } })
  t.same(await provider.send(orderFor('sms'), Deadline.in(30_000)), { kind: 'accepted', reference: 'Outgoing_1' })
})

t.test('where repeatability is not trusted, a lost reply stays lost', async (t) => {
  const { result, stand: { sandbox } } = await sendTo(t, { drop: 'after-accept', times: 1 })
  t.same(result, { kind: 'unknown', reason: 'connection' })
  t.equal(sandbox.requests.length, 1)
})

t.test('where repeatability is trusted', async (t) => {
  const trusting: AcsStandOptions = { settings: { trustRepeatability: true } }

  t.test('a lost reply is asked for again, by the same id, and there is one message', async (t) => {
    for (const fault of [{ drop: 'after-accept' }, { malformed: 'html' }, { malformed: 'empty-object' }, { httpError: { status: 500 } }] as const) {
      const { result, stand: { sandbox, asked } } = await sendTo(t, { ...fault, times: 1 }, trusting)
      t.same(result, { kind: 'accepted', reference: sandbox.messages[0]?.id })
      t.equal(sandbox.messages.length, 1)
      t.equal(sandbox.requests.length, 2)
      const [first, second] = asked.map(({ body }) => JSON.parse(String(body)).smsRecipients[0])
      t.match(first.repeatabilityRequestId, UUID)
      t.same(second, first)
    }
  })

  t.test('it is asked for again once, not more', async (t) => {
    const { result, stand: { sandbox } } = await sendTo(t, { drop: 'after-accept' }, trusting)
    t.same(result, { kind: 'unknown', reason: 'connection' })
    t.equal(sandbox.requests.length, 2)
    t.match(sandbox.messages, [{ repeats: 1 }])
  })

  t.test('what is certain is not asked again', async (t) => {
    for (const sms of [{}, { httpError: { status: 401 } }, { httpError: { status: 503 } }, { recipientError: { httpStatusCode: 400, errorMessage: '' } }]) {
      const { stand: { sandbox } } = await sendTo(t, sms, trusting)
      t.equal(sandbox.requests.length, 1)
    }
  })

  t.test('a silent Azure is asked again in the second half of the time', async (t) => {
    const { provider, sandbox } = await start(t, trusting)
    sandbox.script(NUMBER, { sms: { hang: true, times: 1 } })
    t.match(await provider.send(orderFor('sms'), Deadline.in(1000)), { kind: 'accepted' })
    t.equal(sandbox.requests.length, 2)
  })

  t.test('where little time is left it is not asked again', async (t) => {
    const { provider, sandbox } = await start(t, trusting)
    sandbox.script(NUMBER, { sms: { hang: true, times: 1 } })
    t.same(await provider.send(orderFor('sms'), Deadline.in(380)), { kind: 'unknown', reason: 'timeout' })
    t.equal(sandbox.requests.length, 1)
  })

  t.test('a repetition that fails says nothing of the first request, one that is refused does', async (t) => {
    const answers = (second: number, body: string): AcsStandOptions => {
      let requests = 0
      return {
        ...trusting,
        wrapHttp: () => {
          requests += 1
          return answering(requests === 1 ? { status: 500 } : { status: second, body })
        }
      }
    }
    const { provider } = await start(t, answers(429, ''))
    t.match(await provider.send(orderFor('sms'), Deadline.in(30_000)), { kind: 'unknown', reason: 'provider_error' })
    const { provider: other } = await start(t, answers(400, '{"SmsRecipients[0].To":["Invalid."]}'))
    t.match(await other.send(orderFor('sms'), Deadline.in(30_000)), { kind: 'refused', reason: 'number_invalid' })
  })
})
