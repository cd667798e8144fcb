import t, { type Test } from 'tap'
import { timeOrderedId } from '../../../src/domain/identifier.ts'
import { OneTimeCode } from '../../../src/domain/one-time-code.ts'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import type { Signal } from '../../../src/domain/signal.ts'
import { createCallbackUrls, type SealedCall } from '../../../src/providers/callback-url.ts'
import { createEventCredentials, type EventCredentialsDeps } from '../../../src/providers/acs/event-credentials.ts'
import { MAX_ITEMS } from '../../../src/providers/acs/event-items.ts'
import { createAcsEventReader } from '../../../src/providers/acs/event-reader.ts'
import { EventsUnavailable, type ReceivedEvents } from '../../../src/providers/provider.ts'
import { createClock } from '../../support/gateway.ts'
import { CODE, hidesAll, NUMBER, numberOf, printed } from '../suite.ts'
import { startAuthority } from './authority.ts'
import { startHttp, testKeys } from './stand.ts'

const SECRET = 'an-event-grid-secret'
const TOPIC = '/subscriptions/{subscription-id}/resourceGroups/{group-name}/providers/microsoft.communication/communicationservices/{communication-services-resource-name}'
const MESSAGE = 'Outgoing_202009180022138813a09b-0cbf-4304-9b03-1546683bb910'

/** The documented report in Event Grid's own schema: camelCase, but for `Tag`. */
const gridReport = (data: object = {}) => ({
  id: MESSAGE,
  topic: TOPIC,
  subject: '/phonenumber/15555555555',
  data: {
    messageId: MESSAGE,
    from: '15555555555',
    to: '+15555555555',
    deliveryStatus: 'Delivered',
    deliveryStatusDetails: 'No error.',
    receivedTimestamp: '2020-09-18T00:22:20.2855749Z',
    deliveryAttempts: [{ timestamp: '2020-09-18T00:22:14.9315918Z', segmentsSucceeded: 1, segmentsFailed: 0 }],
    Tag: 'Optional customer-tag set in the original message',
    ...data
  },
  eventType: 'Microsoft.Communication.SMSDeliveryReportReceived',
  dataVersion: '1.0',
  metadataVersion: '1',
  eventTime: '2020-09-18T00:22:20Z'
})

/** The documented report as a CloudEvent: PascalCase. */
const cloudReport = (data: object = {}) => ({
  source: TOPIC,
  subject: '/phonenumber/15555555555',
  type: 'Microsoft.Communication.SMSDeliveryReportReceived',
  time: '2020-09-18T00:22:20.0000000Z',
  id: MESSAGE,
  data: {
    MessageId: MESSAGE,
    From: '15555555555',
    To: '+15555555555',
    DeliveryStatus: 'Delivered',
    DeliveryStatusDetails: 'No error.',
    ReceivedTimestamp: '2020-09-18T00:22:20.2855749Z',
    DeliveryAttempts: [{ Timestamp: '2020-09-18T00:22:14.9315918Z', SegmentsSucceeded: 1, SegmentsFailed: 0 }],
    ...data
  },
  specversion: '1.0'
})

/** The documented `SMSReceived` as a CloudEvent, with its misspelt version. */
const CLOUD_RECEIVED = {
  source: TOPIC,
  subject: '/phonenumber/15555555555',
  type: 'Microsoft.Communication.SMSReceived',
  time: '2020-09-18T00:27:47.0000000Z',
  id: 'Incoming_20200918002745d29ebbea-3341-4466-9690-0a03af35228e',
  data: { MessageId: 'Incoming_20200918002745d29ebbea-3341-4466-9690-0a03af35228e', From: '15555555555', To: '15555555555', Message: 'Great to connect' },
  specVersion: '1.0'
}

const incoming = (data: object = {}) => ({
  id: 'e80026e7-e298-46ba-bc42-dab0eda92581',
  topic: TOPIC,
  subject: '/caller/{caller-id}/recipient/{recipient-id}',
  data: {
    to: { kind: 'phoneNumber', rawId: '4:+15550100001', phoneNumber: { value: '+15550100001' } },
    from: { kind: 'phoneNumber', rawId: '4:+15557654321', phoneNumber: { value: NUMBER } },
    serverCallId: '{server-call-id}',
    callerDisplayName: '',
    customContext: { sipHeaders: {}, voipHeaders: {} },
    incomingCallContext: 'eyJhbGciOiJub25lIn0.context',
    correlationId: 'correlationId',
    ...data
  },
  eventType: 'Microsoft.Communication.IncomingCall',
  dataVersion: '1.0',
  metadataVersion: '1',
  eventTime: '2023-04-04T17:18:42.5542219Z'
})

const VALIDATION = {
  id: '2d1781af-3a4c-4d7c-bd0c-e34b19da4e66',
  topic: '/subscriptions/xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx',
  subject: '',
  data: {
    validationCode: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6',
    validationUrl: 'https://rp-eastus2.eventgrid.azure.net:553/eventsubscriptions/myeventsub/validate?id=0&t=0&apiVersion=2018-05-01-preview&token=1A1A1A1A'
  },
  eventType: 'Microsoft.EventGrid.SubscriptionValidationEvent',
  eventTime: '2022-10-28T04:23:35.1981776Z',
  metadataVersion: '1',
  dataVersion: '1'
}

const CALL = '08002180-296e-4cdf-947e-0f7e93fcdeed'

/** A callback as it was recorded. */
const callEvent = (type: string, data: object = {}) => ({
  id: '67cbe0d3-db27-456f-9ae9-5c12e97a4cec',
  source: `calling/callConnections/${CALL}`,
  type: `Microsoft.Communication.${type}`,
  data: {
    operationContext: 'say-code',
    resultInformation: { code: 200, subCode: 0, message: 'Action completed successfully.' },
    version: '2024-06-15-preview',
    callConnectionId: CALL,
    serverCallId: 'aHR0cHM6',
    correlationId: '57fbb356-c82c-4438-adfc-e5194eca89ea',
    publicEventType: `Microsoft.Communication.${type}`,
    ...data
  },
  time: '2024-07-09T06:43:09.9956108+00:00',
  specversion: '1.0',
  datacontenttype: 'application/json',
  subject: `calling/callConnections/${CALL}`
})

const start = (t: Test, more: Partial<EventCredentialsDeps> = {}) => {
  const clock = createClock()
  const urls = createCallbackUrls(new URL('https://gateway.example.com/events'), testKeys(), clock, 'call')
  const credentials = createEventCredentials({
    http: startHttp(t), now: clock, eventGridSecrets: [new SensitiveText(SECRET)], entra: undefined, callbackToken: undefined, ...more
  })
  const reader = createAcsEventReader(credentials, urls)
  const call: SealedCall = {
    delivery: timeOrderedId(clock()),
    attempt: timeOrderedId(clock()),
    to: numberOf(NUMBER),
    locale: 'en-US',
    said: OneTimeCode.parse(CODE),
    expiresAt: clock() + 60_000
  }
  const queryOf = (url: URL): Record<string, unknown> => Object.fromEntries(url.searchParams)
  const query = queryOf(urls.forCall(call))
  const announcement = queryOf(urls.forAnnouncement('es-MX'))
  const read = (body: unknown, query: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<ReceivedEvents> =>
    reader.read({ headers, query, body })
  return {
    clock,
    call,
    query,
    announcement,
    read,
    /** As Event Grid brings it. */
    grid: (body: unknown) => read(body, { key: SECRET }),
    /** As a call's events come. */
    fromCall: (body: unknown, headers?: Record<string, string>) => read(body, query, headers)
  }
}

const signalsOf = (received: ReceivedEvents): readonly Signal[] => {
  if (received.kind !== 'signals') throw new Error(received.kind)
  return received.signals
}

const UNAUTHORIZED = { kind: 'unauthorized' }

t.test('the documented reports are read in each schema', async (t) => {
  const { grid } = start(t)
  const expected = { kind: 'report', channel: 'sms', what: 'report.delivered', reference: MESSAGE, attempt: undefined, status: 'delivered', key: `report ${MESSAGE} delivered`, reason: undefined, vendorCode: undefined }
  for (const body of [[gridReport()], cloudReport(), [cloudReport()], gridReport()]) {
    t.same(await grid(body), { kind: 'signals', signals: [expected], ignored: [] })
  }
})

t.test('the attempt is found in the tag, however that is written', async (t) => {
  const { grid, call } = start(t)
  for (const name of ['Tag', 'tag', 'TAG']) {
    const items = [{ ...gridReport(), data: { messageId: MESSAGE, deliveryStatus: 'Failed', deliveryStatusDetails: '4007', [name]: call.attempt } }]
    t.match(signalsOf(await grid(items)), [{ attempt: call.attempt, status: 'undelivered', reason: 'opted_out', vendorCode: '4007' }], name)
    t.match(signalsOf(await grid(cloudReport({ [name]: call.attempt }))), [{ attempt: call.attempt, status: 'delivered' }], name)
  }
})

t.test('a batch is read to its end, in its order', async (t) => {
  const { grid } = start(t)
  const body = [cloudReport({ DeliveryStatus: 'Failed', DeliveryStatusDetails: '5002' }), incoming(), gridReport()]
  t.match(signalsOf(await grid(body)), [{ status: 'unknown', reason: 'no_report' }, { kind: 'incoming-call' }, { status: 'delivered' }])
})

t.test('bad items fail nothing, and are counted', async (t) => {
  const { grid } = start(t)
  const { data, ...withoutData } = gridReport()
  const { eventType, ...withoutType } = gridReport()
  const bad = [
    null, 7, 'text', true, [], [gridReport()], {}, withoutType, { ...gridReport(), eventType: 5 }, { ...gridReport(), eventType: '' },
    { ...gridReport(), data: 'text' }, { ...gridReport(), data: 7 }, { ...gridReport(), data: [] }, { ...gridReport(), data: null }, withoutData,
    gridReport({ deliveryStatus: undefined }), gridReport({ messageId: 7 }), incoming({ incomingCallContext: '' }), { ...VALIDATION, data: {} },
    { ...VALIDATION, data: { validationCode: 7 } }
  ]
  for (const item of bad) {
    t.match(await grid([item, gridReport()]), { kind: 'signals', signals: [{ status: 'delivered' }], ignored: ['malformed'] }, JSON.stringify(item))
  }
  t.match(await grid([...bad, gridReport(), ...bad]), { signals: [{ status: 'delivered' }], ignored: Array(bad.length * 2).fill('malformed') })
})

t.test('a body that is no event at all is read as one bad item, and an empty list as none', async (t) => {
  const { grid } = start(t)
  for (const body of [null, undefined, 7, 'text', {}]) t.same(await grid(body), { kind: 'signals', signals: [], ignored: ['malformed'] }, String(body))
  t.same(await grid([]), { kind: 'signals', signals: [], ignored: [] })
})

t.test('kinds of events that we do not use are passed over', async (t) => {
  const { grid } = start(t)
  const deleted = { ...VALIDATION, eventType: 'Microsoft.EventGrid.SubscriptionDeletedEvent' }
  const body = [CLOUD_RECEIVED, deleted, { type: 'toString', source: TOPIC }, { ...gridReport(), eventType: 'Microsoft.Communication.SMSSomethingNew' }]
  t.same(await grid(body), { kind: 'signals', signals: [], ignored: Array(4).fill('unknown') })
})

t.test('a list that is longer than Event Grid\'s longest is cut', async (t) => {
  const { grid } = start(t)
  t.equal(signalsOf(await grid(Array(MAX_ITEMS + 1).fill(gridReport()))).length, MAX_ITEMS)
})

t.test('whether the events may come here is answered to whom we know', async (t) => {
  const { grid, read } = start(t)
  t.same(await grid([VALIDATION]), { kind: 'handshake', reply: { validationResponse: '512d38b6-c7b8-40c8-89fe-f46f9e9622b6' } })
  t.same(await read([VALIDATION]), UNAUTHORIZED)
  t.same(await read([VALIDATION], { key: 'wrong' }), UNAUTHORIZED)
})

t.test('without a credential nothing is believed', async (t) => {
  const { read } = start(t)
  for (const body of [[gridReport()], cloudReport(), [incoming()], [callEvent('CallConnected')], [], null, [null], [CLOUD_RECEIVED]]) {
    t.same(await read(body), UNAUTHORIZED, JSON.stringify(body))
    t.same(await read(body, { key: [SECRET, SECRET] }), UNAUTHORIZED)
  }
})

t.test('somebody who calls is known by the number, if at all', async (t) => {
  const { grid } = start(t)
  const from = async (from: unknown) => {
    const [signal] = signalsOf(await grid([incoming({ from })]))
    if (signal?.kind !== 'incoming-call') throw new Error('it was not read')
    return signal.from?.e164
  }
  t.equal(await from({ kind: 'phoneNumber', rawId: '4:+15557654321', phoneNumber: { value: NUMBER } }), NUMBER)
  t.equal(await from({ kind: 'phoneNumber', rawId: '4:+15557654321' }), NUMBER)
  t.equal(await from({ Kind: 'phoneNumber', PhoneNumber: { Value: NUMBER } }), NUMBER)
  t.equal(await from({ kind: 'communicationUser', rawId: '8:acs:1_2', communicationUser: { id: '8:acs:1_2' } }), undefined)
  t.equal(await from({ kind: 'phoneNumber', rawId: '4:anonymous', phoneNumber: { value: 'anonymous' } }), undefined)
  for (const nobody of [undefined, null, 'x', [], {}]) t.equal(await from(nobody), undefined)
})

t.test('a call that comes in has what is needed to take it, and prints neither that nor the number', async (t) => {
  const { grid } = start(t)
  const received = await grid([incoming()])
  const [signal] = signalsOf(received)
  t.match(signal, { kind: 'incoming-call', key: 'incoming e80026e7-e298-46ba-bc42-dab0eda92581' })
  t.equal(signal?.kind === 'incoming-call' && signal.context.reveal(), 'eyJhbGciOiJub25lIn0.context')
  hidesAll(t, printed(received), [NUMBER, 'eyJhbGciOiJub25lIn0.context'], 'an incoming call')
})

t.test('the documented call between users is read as a CloudEvent too', async (t) => {
  const { grid } = start(t)
  const { eventType, topic, dataVersion, metadataVersion, ...rest } = incoming({ from: { kind: 'communicationUser', rawId: '{caller-id}', communicationUser: { id: '{caller-id}' } } })
  t.match(signalsOf(await grid({ ...rest, source: topic, type: eventType, specversion: '1.0' })), [{ kind: 'incoming-call', from: undefined }])
})

t.test('a call\'s event belongs to the call whose token the URL carries', async (t) => {
  const stand = start(t)
  const received = await stand.fromCall([callEvent('PlayStarted')])
  const { delivery, attempt } = stand.call
  t.match(received, {
    kind: 'signals',
    signals: [{ kind: 'call', delivery, attempt, reference: CALL, key: 'call 67cbe0d3-db27-456f-9ae9-5c12e97a4cec', event: { type: 'speaking', step: 'say-code' } }],
    ignored: []
  })
  const [signal] = signalsOf(received)
  t.equal(signal?.kind === 'call' && signal.content.said?.reveal(), CODE)
  hidesAll(t, printed(received), [NUMBER, CODE, String(stand.query.call)], 'a call\'s event')
})

t.test('older forms of a call\'s event are read as well', async (t) => {
  const { fromCall: send } = start(t)
  const { version, resultInformation, publicEventType, ...data } = callEvent('CallConnected').data
  const older = { ...callEvent('CallConnected'), source: `calling/callConnections/${CALL}/CallConnected`, data: { ...data, type: 'callConnected' } }
  t.match(signalsOf(await send(older)), [{ kind: 'call', reference: CALL, event: { type: 'connected' } }])
  t.match(signalsOf(await send([older])), [{ kind: 'call', event: { type: 'connected' } }])
})

t.test('every item of a call\'s callback counts', async (t) => {
  const { fromCall: send } = start(t)
  const received = await send([
    callEvent('CallConnected'), callEvent('ParticipantsUpdated'), null, callEvent('PlayCompleted', { callConnectionId: undefined }),
    callEvent('PlayPaused'), { ...callEvent('PlayCompleted'), data: 'text' }, callEvent('CallDisconnected', { resultInformation: undefined })
  ])
  t.match(received, {
    signals: [{ event: { type: 'connected' } }, { event: { type: 'ended', reason: 'hung_up' } }],
    ignored: ['unknown', 'malformed', 'malformed', 'unknown', 'malformed']
  })
})

t.test('an event of a call we answered knows its language', async (t) => {
  const { read, announcement } = start(t)
  t.same(await read([callEvent('CallConnected')], announcement), {
    kind: 'signals', signals: [{ kind: 'announcement', reference: CALL, locale: 'es-MX', event: { type: 'connected' } }], ignored: []
  })
})

t.test('an event of a call we answered is believed for a quarter of an hour, and no longer', async (t) => {
  const { read, announcement, clock } = start(t)
  clock.advance(15 * 60_000 - 1)
  t.match(await read([callEvent('CallConnected')], announcement), { signals: [{ kind: 'announcement', locale: 'es-MX' }] })
  clock.advance(1)
  t.same(await read([callEvent('CallConnected')], announcement), UNAUTHORIZED)
})

t.test('an event of a call that went wrong carries Azure\'s own code, any other none', async (t) => {
  const { fromCall: send } = start(t)
  const received = await send([
    callEvent('CallDisconnected', { resultInformation: { code: 486, subCode: 560486 } }),
    callEvent('CallConnected'), callEvent('PlayCompleted', { resultInformation: undefined })
  ])
  t.same(signalsOf(received).map((signal) => signal.kind === 'call' && signal.vendorCode), ['486.560486', undefined, undefined])
})

t.test('a token of another call, another purpose, or none, is not believed', async (t) => {
  const { read, query, announcement, clock } = start(t)
  const other = timeOrderedId(clock() + 1)
  const queries = [
    {}, { ...query, delivery: other }, { ...query, attempt: other }, { ...query, call: `${query.call}AAAA` }, { ...query, call: announcement.announcement },
    { announcement: query.call }, { ...query, call: [query.call, query.call] }, { call: query.call }, start(t).query, start(t).announcement
  ]
  for (const one of queries) t.same(await read([callEvent('CallConnected')], one), UNAUTHORIZED, Object.keys(one).join())
})

t.test('once the code has expired the events are read, without it', async (t) => {
  const { fromCall: send, clock } = start(t)
  clock.advance(60_000)
  const [signal] = signalsOf(await send([callEvent('CallConnected')]))
  t.match(signal, { kind: 'call', event: { type: 'connected' }, content: { locale: 'en-US' } })
  t.equal(signal?.kind === 'call' && signal.content.said, undefined)
})

t.test('each sender is believed in its own matters only', async (t) => {
  const { read, grid, fromCall: send, query, announcement } = start(t)
  t.same(await grid([callEvent('CallConnected')]), UNAUTHORIZED, 'Event Grid\'s secret does not carry calls')
  t.same(await read([callEvent('CallConnected')], { ...query, call: 'x', key: SECRET }), UNAUTHORIZED)
  for (const item of [gridReport(), cloudReport(), incoming(), VALIDATION]) {
    t.same(await send([item]), UNAUTHORIZED, 'a call\'s token carries nothing else')
    t.same(await read([item], announcement), UNAUTHORIZED)
  }
  t.match(await send([callEvent('CallConnected'), gridReport(), VALIDATION, incoming()]), {
    kind: 'signals', signals: [{ kind: 'call' }], ignored: ['foreign', 'foreign', 'foreign']
  }, 'nor beside an event of the call')
  t.match(await grid([callEvent('CallConnected'), gridReport()]), {
    kind: 'signals', signals: [{ kind: 'report' }], ignored: ['foreign']
  })
  t.match(await read([callEvent('CallConnected'), gridReport()], { ...query, key: SECRET }), {
    kind: 'signals', signals: [{ kind: 'call' }, { kind: 'report' }], ignored: []
  }, 'who has both may say both')
})

t.test('where our resource is known, a call\'s event needs Azure\'s signature as well', async (t) => {
  const authority = await startAuthority(t)
  const stand = start(t, { callbackToken: { resourceId: 'resource', issuer: 'https://issuer.example.com', jwksUrl: authority.url } })
  const now = Math.floor(stand.clock() / 1000)
  const tokenFor = async (more: object = {}, forged = false): Promise<Record<string, string>> =>
    ({ authorization: `Bearer ${await authority.sign({ iss: 'https://issuer.example.com', aud: 'resource', exp: now + 300, ...more }, { forged })}` })
  const body = [callEvent('CallConnected')]
  t.match(await stand.fromCall(body, await tokenFor()), { kind: 'signals', signals: [{ kind: 'call' }] })
  t.same(await stand.fromCall(body), UNAUTHORIZED, 'no signature')
  t.same(await stand.fromCall(body, await tokenFor({}, true)), UNAUTHORIZED, 'another key')
  t.same(await stand.fromCall(body, await tokenFor({ aud: 'another' })), UNAUTHORIZED, 'another resource')
  t.same(await stand.fromCall(body, await tokenFor({ exp: now - 31 })), UNAUTHORIZED, 'expired')
  t.same(await stand.read(body, {}, await tokenFor()), UNAUTHORIZED, 'a signature without a token of ours')
  t.same(await stand.read([gridReport()], {}, await tokenFor()), UNAUTHORIZED, 'a signature carries no report')
  const wrong = { ...stand.query, call: 'wrong' }
  const before = authority.asked.length
  t.same(await stand.read(body, wrong, await tokenFor()), UNAUTHORIZED)
  t.equal(authority.asked.length, before, 'no key is fetched for who has no token of ours')
})

t.test('keys that cannot be had make the sender come again, not go away', async (t) => {
  const authority = await startAuthority(t)
  authority.answer = (response) => { response.writeHead(500).end() }
  const now = Math.floor(Date.now() / 1000)
  const authorization = `Bearer ${await authority.sign({ iss: 'i', aud: 'a', exp: now + 300 })}`
  const calls = start(t, { callbackToken: { resourceId: 'a', issuer: 'i', jwksUrl: authority.url } })
  await t.rejects(calls.fromCall([callEvent('CallConnected')], { authorization }), EventsUnavailable)
  const events = start(t, { entra: { tenantId: 'tenant', audiences: ['a'], authority: authority.url } })
  await t.rejects(events.read([gridReport()], {}, { authorization }), EventsUnavailable)
  t.match(await events.grid([gridReport()]), { kind: 'signals' }, 'the secret is enough still')
})
