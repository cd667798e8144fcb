import t from 'tap'
import { EVENT_GRID_SECRET, SECRET, startTestGateway, type TestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'

/** A gateway with one text message accepted, and no report of it yet. */
const withMessage = async (t: Parameters<typeof startTestGateway>[0]): Promise<TestGateway & { id: string, attempt: string, messageId: string }> => {
  const gateway = await startTestGateway(t)
  gateway.sandbox.script(NUMBER, { sms: { report: 'none' } })
  const { body } = await gateway.post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  const [message] = gateway.sandbox.messages
  return { ...gateway, id: body.id, attempt: message?.tag as string, messageId: message?.id as string }
}

const report = (fields: object, type = 'Microsoft.Communication.SMSDeliveryReportReceived'): object => ({
  id: 'Outgoing_1',
  topic: '/subscriptions/x/resourceGroups/y/providers/microsoft.communication/communicationservices/z',
  subject: '/phonenumber/14155550123',
  eventType: type,
  eventTime: '2026-11-21T00:00:00Z',
  dataVersion: '1.0',
  metadataVersion: '1',
  data: fields
})

const KEYED = `/events?key=${EVENT_GRID_SECRET}`
const NO_SECRET = { authorization: '' }

t.test('a report is believed by the tag of its attempt, or by the id of its message, in whatever case', async (t) => {
  for (const fields of [
    { messageId: 'Outgoing_1', deliveryStatus: 'Delivered', tag: 'ATTEMPT' },
    { MessageId: 'Outgoing_1', DeliveryStatus: 'Delivered', Tag: 'ATTEMPT' },
    { messageId: 'MESSAGE', deliveryStatus: 'delivered' },
    { messageId: 'MESSAGE', deliveryStatus: 'Delivered', tag: 'not one of ours' }
  ]) {
    const { post, delivery, id, attempt, messageId } = await withMessage(t)
    const told = JSON.parse(JSON.stringify(fields).replace('ATTEMPT', attempt).replace('MESSAGE', messageId))
    t.match(await post(KEYED, [report(told)], NO_SECRET), { status: 200, body: { received: 1, ignored: 0 } })
    t.match(await delivery(id), { status: 'delivered' }, JSON.stringify(fields))
  }
})

t.test('reports come in any order, twice, late, and the delivery ends the same', async (t) => {
  const delivered = { deliveryStatus: 'Delivered' }
  const failed = { deliveryStatus: 'Failed', deliveryStatusDetails: '4006' }
  for (const order of [[delivered, failed], [failed, delivered], [failed, failed, delivered, delivered, failed]]) {
    const { post, delivery, id, attempt } = await withMessage(t)
    for (const fields of order) await post(KEYED, [report({ messageId: 'x', tag: attempt, ...fields })], NO_SECRET)
    const found = await delivery(id)
    t.equal(found.status, 'delivered')
    t.equal(found.timeline.filter(({ what }: { what: string }) => what.startsWith('report')).length, 2)
  }
})

t.test('a report of failure says why', async (t) => {
  for (const [details, reason] of [
    ['4007', 'opted_out'], ['Sender blocked for given recipient.', 'opted_out'], ['4002 invalid', 'number_invalid'],
    ['something new', 'unspecified'], ['', 'unspecified']
  ] as const) {
    const { post, delivery, id, attempt } = await withMessage(t)
    await post(KEYED, [report({ messageId: 'x', tag: attempt, deliveryStatus: 'Failed', deliveryStatusDetails: details })], NO_SECRET)
    t.match(await delivery(id), { status: 'undelivered', reason }, details)
  }
})

t.test('a carrier that gives no report, or a word that we do not know, changes nothing', async (t) => {
  const { post, delivery, id, attempt } = await withMessage(t)
  await post(KEYED, [report({ messageId: 'x', tag: attempt, deliveryStatus: 'Failed', deliveryStatusDetails: '5002' })], NO_SECRET)
  await post(KEYED, [report({ messageId: 'x', tag: attempt, deliveryStatus: 'Wandering' })], NO_SECRET)
  t.match(await delivery(id), { status: 'accepted' })
})

t.test('one bad item never fails its batch, and is counted', async (t) => {
  const { post, delivery, id, attempt, events } = await withMessage(t)
  const good = report({ messageId: 'x', tag: attempt, deliveryStatus: 'Delivered' })
  const bad = [null, 7, 'text', [], {}, { eventType: 5 }, { eventType: 'X', data: 'text' }, report({}), report({ deliveryStatus: 'Delivered' })]
  const unknown = [report({ message: 'hello' }, 'Microsoft.Communication.SMSReceived'), report({}, 'Microsoft.EventGrid.SubscriptionDeletedEvent')]
  t.match(await post(KEYED, [...bad, ...unknown, good], NO_SECRET), { status: 200, body: { received: 1, ignored: bad.length + unknown.length } })
  t.match(await delivery(id), { status: 'delivered' })
  const ignored = events.filter((event) => event.type === 'events.ignored')
  t.match(ignored, [{ why: 'unknown', count: 2 }, { why: 'malformed', count: bad.length }])
})

t.test('a report of somebody else\'s message is acknowledged', async (t) => {
  const { post, events } = await withMessage(t)
  t.match(await post(KEYED, [report({ messageId: 'somebody-else', deliveryStatus: 'Delivered' })], NO_SECRET), { status: 200 })
  t.match(await post(KEYED, [report({ tag: '01a1fcbf-a15a-764d-8bfd-6ca45f16d75c', deliveryStatus: 'Delivered' })], NO_SECRET), { status: 200 })
  t.equal(events.filter((event) => event.type === 'events.ignored' && event.why === 'foreign').length, 2)
})

t.test('CloudEvents come as one object, or as a batch', async (t) => {
  const event = (attempt: string): object => ({
    source: '/subscriptions/x', type: 'Microsoft.Communication.SMSDeliveryReportReceived', id: 'Outgoing_1', specversion: '1.0', time: '2026-11-21T00:00:00Z', data: { MessageId: 'x', Tag: attempt, DeliveryStatus: 'Delivered' }
  })
  for (const type of ['application/cloudevents+json; charset=utf-8', 'application/cloudevents-batch+json']) {
    const { post, delivery, id, attempt } = await withMessage(t)
    const body = type.includes('batch') ? [event(attempt)] : event(attempt)
    t.match(await post(KEYED, body, { ...NO_SECRET, 'content-type': type }), { status: 200 })
    t.match(await delivery(id), { status: 'delivered' }, type)
  }
})

t.test('a sandbox that speaks CloudEvents is followed as well', async (t) => {
  for (const schema of ['cloud-events', 'cloud-events-batch'] as const) {
    const { post, sandbox, url, reaches } = await startTestGateway(t, { subscribe: false })
    await sandbox.subscribe(`${url}/events`, { schema })
    const { body } = await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
    t.match(await reaches(body.id, 'delivered'), { status: 'delivered' }, schema)
  }
})

t.test('the handshake is answered with its code, for whoever has the secret', async (t) => {
  const { post } = await startTestGateway(t)
  const handshake = [report({ validationCode: '512d38b6', validationUrl: 'http://127.0.0.1:1/never-fetched' }, 'Microsoft.EventGrid.SubscriptionValidationEvent')]
  t.match(await post(KEYED, handshake, NO_SECRET), { status: 200, body: { validationResponse: '512d38b6' } })
  t.match(await post('/events', handshake, { ...NO_SECRET, 'x-event-grid-secret': EVENT_GRID_SECRET }), { status: 200 })
  t.match(await post('/events', handshake, NO_SECRET), { status: 401, body: { code: 'unauthorized' } })
  t.match(await post(KEYED, [report({}, 'Microsoft.EventGrid.SubscriptionValidationEvent')], NO_SECRET), { status: 200, body: { ignored: 1 } })
})

t.test('the handshake of CloudEvents needs no secret and lets nothing in', async (t) => {
  const { url } = await startTestGateway(t)
  const ask = async (origin?: string): Promise<Response> =>
    await fetch(`${url}/events`, { method: 'OPTIONS', headers: origin === undefined ? {} : { 'webhook-request-origin': origin } })
  const answer = await ask('eventgrid.azure.net')
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('webhook-allowed-origin'), 'eventgrid.azure.net')
  t.equal(answer.headers.get('webhook-allowed-rate'), '*')
  t.equal(answer.headers.get('allow'), 'POST')
  for (const origin of ['evil.example', 'eventgrid.azure.net.evil.example', undefined]) {
    const refused = await ask(origin)
    t.equal(refused.status, 403)
    t.equal(refused.headers.get('webhook-allowed-origin'), null)
  }
})

t.test('nobody is believed without the right credential', async (t) => {
  const { post, delivery, id, attempt } = await withMessage(t)
  const lie = [report({ messageId: 'x', tag: attempt, deliveryStatus: 'Delivered' })]
  for (const [path, headers] of [
    ['/events', {}],
    ['/events', { authorization: `Bearer ${SECRET}` }],
    ['/events?key=', {}],
    ['/events?key=wrong', {}],
    [`/events?key=${EVENT_GRID_SECRET}x`, {}],
    [`/events?key=a&key=${EVENT_GRID_SECRET}`, {}],
    ['/events', { 'x-event-grid-secret': 'wrong' }],
    ['/events', { authorization: 'Bearer not.a.token' }]
  ] as Array<[string, Record<string, string>]>) {
    t.match(await post(path, lie, { ...NO_SECRET, ...headers }), { status: 401, body: { code: 'unauthorized' } }, path)
  }
  t.match(await post('/events', [], NO_SECRET), { status: 401 })
  t.match(await delivery(id), { status: 'accepted' })
})

t.test('Event Grid\'s secret speaks for no call, and a call\'s token for no report', async (t) => {
  const { post, sandbox, delivery, id, attempt } = await withMessage(t)
  sandbox.script(NUMBER, { call: { outcome: 'manual' } })
  const call = await post('/send-voice-code', { phoneNumber: NUMBER, code: '482913' })
  const { callbackUri = '', callConnectionId } = sandbox.calls[0] ?? {}
  const connected = { id: '1', source: `calling/callConnections/${callConnectionId}`, type: 'Microsoft.Communication.PlayCompleted', specversion: '1.0', data: { callConnectionId, operationContext: 'code:1' } }
  const lie = report({ messageId: 'x', tag: attempt, deliveryStatus: 'Delivered' })
  const { pathname, search } = new URL(callbackUri)
  t.match(await post(KEYED, [connected], NO_SECRET), { status: 401 })
  t.match(await post(pathname + search, [connected], NO_SECRET), { status: 401 }, 'the token alone is not enough where Azure signs')
  t.match(await post(pathname + search, [lie], NO_SECRET), { status: 401 })
  t.match(await post(`${pathname}${search}&key=${EVENT_GRID_SECRET}`, [connected, lie], NO_SECRET), { status: 200, body: { received: 1, ignored: 1 } })
  t.match(await delivery(call.body.id), { status: 'accepted' })
  t.match(await delivery(id), { status: 'delivered' }, 'the report came with its own secret')
})

t.test('a body that is no JSON is refused, one that is too large too', async (t) => {
  const { post } = await startTestGateway(t)
  t.match(await post(KEYED, '{"broken', NO_SECRET), { status: 400, body: { code: 'invalid_json' } })
  t.match(await post(KEYED, '<xml/>', { ...NO_SECRET, 'content-type': 'application/xml' }), { status: 415 })
  t.match(await post(KEYED, JSON.stringify('x'.repeat(2_100_000)), NO_SECRET), { status: 413 })
})

t.test('a fault of ours is 503, so that Event Grid sends again, and then nothing is lost', async (t) => {
  let isDown = false
  const gateway = await startTestGateway(t, {
    wrapSql: (sql) => ({
      read: (step) => isDown ? Promise.reject(new Error('the disk is gone')) : sql.read(step),
      write: (steps) => isDown ? Promise.reject(new Error('the disk is gone')) : sql.write(steps),
      follow: (topic, wake) => sql.follow(topic, wake),
      check: () => sql.check(),
      close: () => sql.close()
    })
  })
  const { post, sandbox, reaches, log } = gateway
  sandbox.script(NUMBER, { sms: { reportDelayMs: 0 } })
  const { body } = await post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  isDown = true
  const lost = await post(KEYED, [report({ messageId: sandbox.messages[0]?.id, deliveryStatus: 'Delivered' })], NO_SECRET)
  t.match(lost, { status: 503, body: { code: 'events_unavailable' } })
  t.ok(log.some((line) => line.includes('request.failed')))
  isDown = false
  await reaches(body.id, 'delivered')
})

t.test('calls of which nobody here knows are acknowledged', async (t) => {
  const { post, sandbox, events } = await startTestGateway(t, { settings: { ACS_COGNITIVE_SERVICES_ENDPOINT: '' } })
  t.match(await post(KEYED, [report({ incomingCallContext: 'x', from: {} }, 'Microsoft.Communication.IncomingCall')], NO_SECRET), { status: 200 })
  t.match(events.filter((event) => event.type === 'events.ignored'), [{ why: 'foreign' }])
  t.equal(sandbox.requests.length, 0)
})

t.test('an item with a name that could poison an object does not lose its batch', async (t) => {
  const { post, delivery, id, attempt } = await withMessage(t)
  const good = JSON.stringify(report({ messageId: 'x', tag: attempt, deliveryStatus: 'Delivered' }))
  t.match(await post(KEYED, `[{"eventType":"Something","data":{"__proto__":{"a":1}}},${good}]`, NO_SECRET), { status: 200 })
  t.match(await delivery(id), { status: 'delivered' })
})

t.test('a report of a text message says nothing of a call', async (t) => {
  const { post, sandbox, delivery } = await startTestGateway(t)
  sandbox.script(NUMBER, { call: { outcome: 'manual' } })
  const { body } = await post('/send-voice-code', { phoneNumber: NUMBER, code: '482913' })
  const [{ id }] = (await delivery(body.id)).attempts
  t.match(await post(KEYED, [report({ messageId: 'x', tag: id, deliveryStatus: 'Delivered' })], NO_SECRET), { status: 200 })
  t.match(await delivery(body.id), { status: 'accepted' })
})

t.test('a report shows the code that Azure gave', async (t) => {
  const { post, delivery, id, attempt } = await withMessage(t)
  await post(KEYED, [report({ messageId: 'x', tag: attempt, deliveryStatus: 'Failed', deliveryStatusDetails: '4010 toll-free unverified' })], NO_SECRET)
  t.match(await delivery(id), { reason: 'sender_refused', attempts: [{ vendorCode: '4010' }] })
})
