import t from 'tap'
import { FROM, SECRET, startWorld, type World } from './gateway.ts'

const TO = '+15551234567'

const report = async ({ sandbox, sms }: World) => {
  await sms.send({ from: FROM, to: [TO], message: 'x' }, { enableDeliveryReport: true, tag: 'abc' })
  await sandbox.settled()
}

t.test('the handshake of the Event Grid schema', async t => {
  const { sandbox, gateway } = await startWorld(t)
  await sandbox.subscribe(`${gateway.eventsUrl}?tenant=a`)
  const [{ url, headers, body }] = gateway.gridEvents as [any]
  t.equal(url, `/events?tenant=a&key=${SECRET}`)
  t.equal(headers['aeg-event-type'], 'SubscriptionValidation')
  t.match(body, [{ eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent', data: { validationCode: String }, metadataVersion: '1' }])
})

t.test('an endpoint that comes up late is asked again', async t => {
  const world = await startWorld(t)
  const answers = [{ status: 503 }, { status: 202 }, { status: 200, body: 'not json' }, { status: 200, body: {} }]
  world.gateway.answer = () => answers.shift()
  await world.sandbox.subscribe(world.gateway.eventsUrl)
  t.equal(world.gateway.gridEvents.length, 5)
})

t.test('an endpoint that does not want the events', async t => {
  const { sandbox, gateway } = await startWorld(t)
  for (const [answer, problem] of [
    [{ status: 401 }, 'status 401'],
    [{ status: 200, body: 'null' }, 'status 200 without the validation code'],
    [{ status: 200, body: { validationResponse: 'another' } }, 'status 200 without the validation code']
  ] as const) {
    gateway.answer = () => answer
    await t.rejects(sandbox.subscribe(gateway.eventsUrl), { message: `The handshake with ${gateway.eventsUrl} failed: ${problem}.` })
  }
  await t.rejects(sandbox.subscribe('http://127.0.0.1:1/events'), { message: /status unreachable/ })
  await t.rejects(sandbox.subscribe('events'), { message: 'Invalid URL' })
})

t.test('the handshake of CloudEvents', async t => {
  const { sandbox, gateway } = await startWorld(t)
  await sandbox.subscribe(gateway.eventsUrl, { schema: 'cloud-events' })
  t.match(gateway.gridEvents, [{ url: `/events?key=${SECRET}`, headers: { 'webhook-request-origin': 'eventgrid.azure.net' } }])
  gateway.answer = () => ({ status: 200, headers: { 'webhook-allowed-origin': '*' } })
  await sandbox.subscribe(gateway.eventsUrl, { schema: 'cloud-events' })
  for (const [answer, problem] of [
    [{ status: 405 }, 'status 405, WebHook-Allowed-Origin eventgrid.azure.net'],
    [{ status: 200, headers: { 'webhook-allowed-origin': 'gateway.example' } }, 'status 200, WebHook-Allowed-Origin gateway.example']
  ] as const) {
    gateway.answer = () => answer
    await t.rejects(sandbox.subscribe(gateway.eventsUrl, { schema: 'cloud-events' }), { message: `The handshake with ${gateway.eventsUrl} failed: ${problem}.` })
  }
  await t.rejects(sandbox.subscribe('http://127.0.0.1:1/', { schema: 'cloud-events' }), { message: /Allowed-Origin missing/ })
})

t.test('a subscription that the end of the sandbox cuts short', async t => {
  const { sandbox } = await startWorld(t, { pace: 1 })
  const subscribing = sandbox.subscribe('http://127.0.0.1:1/events')
  const rejected = t.rejects(subscribing, { message: /closed|handshake/ })
  await sandbox.close()
  await rejected
})

t.test('a report as a CloudEvent, and as a batch of them', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway } = world
  sandbox.script(TO, { sms: { reportCopies: 2 } })
  const cloudEvent = {
    type: 'Microsoft.Communication.SMSDeliveryReportReceived',
    specversion: '1.0',
    source: /^\/subscriptions\//,
    data: { From: '15550100001', To: TO, DeliveryStatus: 'Delivered', Tag: 'abc', DeliveryAttempts: [{ SegmentsSucceeded: 1 }] }
  }
  await sandbox.subscribe(gateway.eventsUrl, { schema: 'cloud-events' })
  await report(world)
  t.match(gateway.gridEvents.slice(1), Array(2).fill({ headers: { 'content-type': /^application\/cloudevents\+json/ }, body: cloudEvent }))
  await sandbox.subscribe(gateway.eventsUrl, { schema: 'cloud-events-batch' })
  await report(world)
  t.match(gateway.gridEvents.slice(4), [{ headers: { 'content-type': /^application\/cloudevents-batch\+json/ }, body: [cloudEvent, cloudEvent] }])
})

t.test('what is delivered again, and what is not', async t => {
  const world = await startWorld(t)
  const { sandbox, gateway } = world
  await sandbox.subscribe(gateway.eventsUrl)
  for (const [statuses, attempts] of [
    [[500, 503, 404, 408, 302, 204], 6],
    [[400], 1], [[401], 1], [[403], 1], [[413], 1], [[202], 1],
    [Array(40).fill(500), 11]
  ] as Array<[number[], number]>) {
    const before = sandbox.deliveries.length
    const answers = [...statuses]
    gateway.answer = () => ({ status: answers.shift()! })
    await report(world)
    const deliveries = sandbox.deliveries.slice(before)
    t.same(deliveries.map(({ status, attempt }) => [status, attempt]),
      statuses.slice(0, attempts).map((status, index) => [status, index + 1]), statuses.slice(0, 6).join(' '))
  }
  t.equal(gateway.gridEvents.at(-1)!.headers['aeg-delivery-count'], '10')
})
