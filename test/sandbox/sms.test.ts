import t from 'tap'
import { SmsClient } from '@azure/communication-sms'
import { error, FROM, startWorld } from './gateway.ts'

const TO = '+15551234567'
const OTHER = '+4915112345678'
const MESSAGE = { from: FROM, to: [TO], message: 'Your code is 123456' }
const REPORTED = { enableDeliveryReport: true, tag: 'abc' }

t.test('an accepted message is kept, and its report comes with the tag', async t => {
  const { sandbox, gateway, sms, control } = await startWorld(t)
  await sandbox.subscribe(gateway.eventsUrl)
  const [result] = await sms.send(MESSAGE, REPORTED)
  t.match(result, { to: TO, httpStatusCode: 202, successful: true, repeatabilityResult: 'accepted' })
  await sandbox.settled()
  t.match(sandbox.messages, [{ id: result!.messageId, from: FROM, to: TO, text: 'Your code is 123456', tag: 'abc', repeats: 0, report: 'delivered' }])
  t.same((await control('GET', '/sandbox/messages')).json, sandbox.messages)
  const [, report] = gateway.gridEvents
  t.match(report?.headers, { 'aeg-event-type': 'Notification', 'aeg-delivery-count': '0', 'content-type': /^application\/json/ })
  t.match(report?.body, [{
    id: result!.messageId,
    eventType: 'Microsoft.Communication.SMSDeliveryReportReceived',
    subject: '/phonenumber/15550100001',
    data: { messageId: result!.messageId, from: '15550100001', to: TO, deliveryStatus: 'Delivered', Tag: 'abc' }
  }])
})

t.test('a message whose sender asked for no report has none', async t => {
  const { sandbox, gateway, sms } = await startWorld(t)
  await sandbox.subscribe(gateway.eventsUrl)
  await sms.send(MESSAGE)
  sandbox.script(TO, { sms: { report: 'none' } })
  await sms.send(MESSAGE, REPORTED)
  await sandbox.settled()
  t.equal(gateway.gridEvents.length, 1, 'the handshake only')
  t.same(sandbox.messages.map(({ report }) => report), ['none', 'none'])
})

t.test('a report without anybody to tell is lost', async t => {
  const { sandbox, sms } = await startWorld(t)
  await sms.send(MESSAGE, { enableDeliveryReport: true })
  await sandbox.settled()
  t.same(sandbox.deliveries, [])
  t.notOk('tag' in sandbox.messages[0]!)
})

t.test('reports as scripted', async t => {
  const { sandbox, gateway, sms } = await startWorld(t)
  await sandbox.subscribe(gateway.eventsUrl)
  sandbox.script(TO, { sms: { report: 'failed', reportDetails: 'Sender blocked for given recipient.', reportCopies: 2, outOfOrder: true } })
  sandbox.script(OTHER, { sms: { outOfOrder: true, reportDelayMs: 5 } })
  await sms.send({ ...MESSAGE, to: [TO, OTHER] }, { enableDeliveryReport: true })
  await sandbox.settled()
  const told = (to: string) => gateway.gridEvents.slice(1).map(({ body }) => body[0].data).filter(data => data.to === to)
  const failed = told(TO)
  t.equal(failed.length, 3)
  t.equal(failed.filter(({ deliveryStatus, deliveryStatusDetails }) =>
    deliveryStatus === 'Failed' && deliveryStatusDetails === 'Sender blocked for given recipient.').length, 2)
  t.equal(new Set(failed.map(({ messageId }) => messageId)).size, 1)
  const [delivered, late] = told(OTHER)
  t.match([delivered, late], [{ deliveryStatus: 'Delivered' }, { deliveryStatus: 'Failed' }])
  t.ok(late.receivedTimestamp < delivered.receivedTimestamp, 'what comes late is older')
})

t.test('a repeated repeatability id makes no second message', async t => {
  const { sandbox, sms } = await startWorld(t)
  sandbox.script(TO, { sms: { drop: 'after-accept', times: 1 } })
  const client = new SmsClient(sandbox.connectionString, {
    allowInsecureConnection: true, retryOptions: { maxRetries: 1, retryDelayInMs: 0, maxRetryDelayInMs: 0 }
  })
  const [result] = await client.send(MESSAGE)
  t.match(sandbox.messages, [{ id: result!.messageId, repeats: 1 }])
  t.equal(sandbox.messages.length, 1)
  t.same(sandbox.requests.map(({ status }) => status), ['dropped', 202])

  sandbox.script(TO, { sms: { drop: 'after-accept', times: 1, ignoreRepeatability: true } })
  await client.send(MESSAGE)
  t.equal(sandbox.messages.length, 3, 'unless the number ignores it')
  await sms.send(MESSAGE)
  t.equal(sandbox.messages.length, 4, 'a new send has a new id')
})

t.test('faults', async t => {
  const { sandbox, sms } = await startWorld(t)
  const fails = (expected: object) => t.rejects(sms.send(MESSAGE), error(expected))

  sandbox.script(TO, { sms: { httpError: { status: 503 }, delayMs: 5 } })
  await fails({ statusCode: 503, code: '503' })
  sandbox.script(TO, { sms: { httpError: { status: 401, body: { error: { code: 'Denied', message: 'no' } } } } })
  await fails({ statusCode: 401, code: 'Denied' })
  sandbox.script(TO, { sms: { httpError: { status: 429, body: 'slow down', headers: { 'retry-after': '7' } } } })
  await fails({ statusCode: 429 })
  sandbox.script(TO, { sms: { drop: 'before-read' } })
  await fails({ code: 'ECONNRESET' })
  t.equal(sandbox.messages.length, 0)

  sandbox.script(TO, { sms: { drop: 'after-accept' } })
  await fails({ code: 'ECONNRESET' })
  t.equal(sandbox.messages.length, 1, 'accepted, though nobody was told')
  sandbox.script(TO, { sms: { malformed: 'empty-object' } })
  t.equal(await sms.send(MESSAGE), undefined)
  sandbox.script(TO, { sms: { malformed: 'html' } })
  t.equal(await sms.send(MESSAGE), undefined)
  sandbox.script(TO, { sms: { malformed: 'broken-json' } })
  await fails({ code: 'PARSE_ERROR' })
  sandbox.script(TO, { sms: { malformed: 'huge' } })
  t.same(await sms.send(MESSAGE), [])
  t.equal(sandbox.messages.length, 5)

  sandbox.script(TO, { sms: { recipientError: { httpStatusCode: 503, errorMessage: 'ServiceUnavailable' }, times: 1 } })
  t.match(await sms.send(MESSAGE), [{ to: TO, httpStatusCode: 503, successful: false, errorMessage: 'ServiceUnavailable' }])
  t.match(await sms.send(MESSAGE), [{ successful: true }], 'the second request is no longer among the first')
})

t.test('a mistake of the sandbox itself', async t => {
  const { sandbox, sms, control } = await startWorld(t)
  sandbox.script(TO, { sms: { httpError: { status: 500, body: 1n } } })
  await t.rejects(sms.send(MESSAGE), error({ statusCode: 500, message: /BigInt/ }))
  t.match((await control('GET', `/sandbox/numbers/${encodeURIComponent(TO)}`)).json, { status: 500, title: 'Internal Server Error' })
})

t.test('a request that hangs is answered by nobody', async t => {
  const { sandbox, sms } = await startWorld(t)
  sandbox.script(TO, { sms: { hang: true } })
  const abort = new AbortController()
  const sending = sms.send(MESSAGE, { abortSignal: abort.signal })
  await sandbox.waitFor('request', ({ status }) => status === 'unanswered')
  abort.abort()
  await t.rejects(sending, error({ name: 'AbortError' }))
  t.same(sandbox.messages, [])
})

t.test('what the service refuses', async t => {
  const { sandbox, sms } = await startWorld(t)
  const refuses = (request: object, statusCode: number, body: object) =>
    t.rejects(sms.send({ ...MESSAGE, ...request }), error({ statusCode, details: body, message: statusCode === 401 ? /Unauthorized/ : String }))
  await refuses({ from: '12' }, 400, { body: { From: ['Invalid from phone number format.'] } })
  await refuses({ to: [] }, 400, { body: { SmsRecipients: [/required/] } })
  await refuses({ to: Array(101).fill(TO) }, 400, { body: { SmsRecipients: [/Max of 100/] } })
  await refuses({ message: '' }, 400, { body: { Message: [/required/] } })
  await refuses({ message: 'x'.repeat(2_049) }, 400, { body: { Message: [/too long/] } })
  await refuses({ from: '+15550009999' }, 401, {})
  await refuses({ from: '12345' }, 401, {})
  t.match(await sms.send({ ...MESSAGE, to: ['nobody'] }), [{ httpStatusCode: 400, errorMessage: 'Invalid To phone number format.' }])
  t.match(await sms.send({ ...MESSAGE, from: 'CONTOSO' }), [{ successful: true }], 'a name needs not be owned')
  t.equal(sandbox.messages.length, 1)
})

t.test('only the last thousand of anything is kept', async t => {
  const { sandbox, sms } = await startWorld(t)
  const to = Array.from({ length: 100 }, (_, index) => `+1555${1_000_000 + index}`)
  sandbox.script(to[0]!, { sms: { reportDelayMs: 600_000 } })
  for (let request = 0; request < 11; request += 1) await sms.send({ ...MESSAGE, to }, { enableDeliveryReport: true })
  await sandbox.settled()
  t.equal(sandbox.messages.length, 1_000)
  for (let number = 0; number <= 1_000; number += 1) sandbox.script(`+1666${1_000_000 + number}`, { sms: { report: 'none' } })
  t.match(await sms.send({ ...MESSAGE, to: ['+16661000000'] }, { enableDeliveryReport: true }), [{ successful: true }])
  t.not(sandbox.messages.at(-1)?.report, 'none', 'the oldest script is forgotten')
})
