import t from 'tap'
import { error } from './gateway.ts'
import { clientOf, startTwilioWorld } from './twilio-world.ts'

const TO = '+15551234567'
const BODY = 'Your code is 123456'

t.test('a message is taken, arrives, and its callbacks come signed', async t => {
  const { sandbox, client, receiver } = await startTwilioWorld(t, { now: () => Date.parse('2026-11-21T02:39:55Z') })
  const { accountSid, phoneNumber } = sandbox.twilio
  const message = await client.messages.create({ to: TO, from: phoneNumber, body: BODY, statusCallback: receiver.url, validityPeriod: 120 })
  t.match(message, {
    sid: /^SM[0-9a-f]{32}$/, status: 'queued', to: TO, from: phoneNumber, body: BODY, accountSid, numSegments: '1', direction: 'outbound-api', errorCode: null
  })
  t.equal(message.dateCreated.toISOString(), '2026-11-21T02:39:55.000Z')
  t.equal(message.dateSent, null)
  await sandbox.settled()
  t.match(sandbox.messages, [{
    id: message.sid,
    vendor: 'twilio',
    channel: 'sms',
    from: phoneNumber,
    to: TO,
    text: BODY,
    status: 'delivered',
    report: 'delivered',
    repeats: 0,
    form: { To: TO, ValidityPeriod: '120', StatusCallback: receiver.url }
  }])
  t.same(receiver.told('MessageStatus'), ['sent', 'delivered'])
  t.ok(receiver.heard.every(({ genuine, url }) => genuine && url === '/told?of=test'))
  t.same(receiver.heard[1]!.fields, {
    AccountSid: accountSid,
    ApiVersion: '2010-04-01',
    From: phoneNumber,
    MessageSid: message.sid,
    MessageStatus: 'delivered',
    RawDlrDoneDate: '2611210239',
    SmsSid: message.sid,
    SmsStatus: 'delivered',
    To: TO
  })
  t.match(await client.messages(message.sid).fetch(), { sid: message.sid, status: 'delivered', dateSent: Date })
  t.match(sandbox.requests, [{ vendor: 'twilio', method: 'POST', status: 201 }, { vendor: 'twilio', method: 'GET', status: 200 }])
  t.match(sandbox.deliveries, [
    { via: 'status-callback', type: 'MessageStatus=sent', status: 204, attempt: 1, subject: message.sid },
    { via: 'status-callback', type: 'MessageStatus=delivered', status: 204, attempt: 1, subject: message.sid }
  ])
})

t.test('by a Messaging Service the sender is found later', async t => {
  const { sandbox, client, receiver } = await startTwilioWorld(t)
  const { messagingServiceSid, phoneNumber } = sandbox.twilio
  const message = await client.messages.create({ to: TO, messagingServiceSid, body: 'ü'.repeat(71), statusCallback: receiver.url })
  t.match(message, { status: 'accepted', from: null, numSegments: '0', messagingServiceSid })
  await sandbox.settled()
  t.match(receiver.heard[1]!.fields, { From: phoneNumber, MessagingServiceSid: messagingServiceSid })
  t.match(await client.messages(message.sid).fetch(), { from: phoneNumber, numSegments: '2' })
})

t.test('WhatsApp takes the template, and says when it was read', async t => {
  const { sandbox, client, receiver } = await startTwilioWorld(t)
  const { whatsappNumber, contentSid, messagingServiceSid } = sandbox.twilio
  const to = `whatsapp:${TO}`
  const from = `whatsapp:${whatsappNumber}`
  const send = (more: object) => client.messages.create({ to, from, contentSid, statusCallback: receiver.url, ...more })
  const message = await send({ contentVariables: '{"1":"482913"}' })
  t.match(message, { to, from, body: /^482913 is your verification code\./ })
  await sandbox.settled()
  t.match(sandbox.messages, [{ channel: 'whatsapp', to: TO, from: whatsappNumber, text: /^482913 is/, status: 'read', report: 'delivered' }])
  t.same(receiver.told('MessageStatus'), ['sent', 'delivered', 'read'])
  t.match(receiver.heard[2]!.fields, { From: from, To: to, ChannelPrefix: 'whatsapp', ChannelToAddress: TO, EventType: 'READ' })
  t.ok(receiver.heard.every(({ genuine }) => genuine))

  for (const [more, errorCode] of [
    [{ contentSid: undefined, body: BODY }, 63016],
    [{ contentVariables: '{"2":"482913"}' }, 63028],
    [{}, 63028],
    [{ contentVariables: '{"1":""}' }, 63028]
  ] as const) {
    t.match(await send(more), { status: 'queued' })
    await sandbox.settled()
    t.match(sandbox.messages.at(-1), { status: 'undelivered', report: 'undelivered', errorCode })
    t.match(receiver.heard.at(-1)!.fields, { MessageStatus: 'undelivered', ErrorCode: String(errorCode) })
  }
  t.match(await client.messages.create({ to, messagingServiceSid, contentSid, contentVariables: '{"1":"482913"}' }), { status: 'accepted' })
  t.equal(sandbox.messages.at(-1)?.from, whatsappNumber)
})

t.test('what Twilio refuses, and takes nothing', async t => {
  const { sandbox, client } = await startTwilioWorld(t)
  const { phoneNumber, whatsappNumber, contentSid } = sandbox.twilio
  const good: any = { to: TO, from: phoneNumber, body: BODY }
  const whatsapp = { to: `whatsapp:${TO}`, from: `whatsapp:${whatsappNumber}`, contentSid, body: undefined }
  const refuses = (change: object, code: number, status = 400) =>
    t.rejects(client.messages.create({ ...good, ...change }), error({ code, status, moreInfo: `https://www.twilio.com/docs/errors/${code}` }), JSON.stringify(change))
  await refuses({ to: '5551234567' }, 21211)
  await refuses({ to: phoneNumber }, 21211)
  await refuses({ to: 'whatsapp:5551234567' }, 21211)
  await refuses({ from: '+15550009999' }, 21606)
  await refuses({ from: '12345' }, 21212)
  await refuses({ from: undefined }, 21603)
  await refuses({ from: undefined, messagingServiceSid: `MG${'0'.repeat(32)}` }, 21705)
  await refuses({ body: undefined }, 21602)
  await refuses({ body: '' }, 21602)
  await refuses({ body: 'x'.repeat(1_601) }, 21617)
  await refuses({ from: whatsapp.from }, 21910)
  await refuses({ ...whatsapp, from: 'whatsapp:+15550009999' }, 63007)
  await refuses({ ...whatsapp, contentSid: `HX${'0'.repeat(32)}` }, 21655)
  for (const contentVariables of ['{', '[]', 'null', '"x"']) await refuses({ ...whatsapp, contentVariables }, 21656)
  for (const statusCallback of ['told', 'ftp://gateway.example/', 'https://my_gateway.example/told']) await refuses({ statusCallback }, 21609)
  for (const validityPeriod of [0, 36_001, 1.5]) await refuses({ validityPeriod }, 20001)
  for (const [to, code] of [
    ['0001', 21211], ['0002', 21612], ['0003', 21408], ['0004', 21610], ['0009', 21614]
  ] as const) await refuses({ to: `+1500555${to}` }, code)
  await refuses({ from: '+15005550001' }, 21212)
  await refuses({ from: '+15005550007' }, 21606)
  await refuses({ from: '+15005550008' }, 21611, 429)
  t.same(sandbox.messages, [])

  await client.messages.create({ ...good, from: '+15005550006' })
  await client.messages.create({ ...good, from: 'Acme' })
  await client.messages.create({ ...good, body: 'x'.repeat(1_600), validityPeriod: 36_000, statusCallback: 'https://gateway.example/told#rc=0' })
  t.equal(sandbox.messages.length, 3)
})

t.test('who may come in', async t => {
  const { sandbox, client } = await startTwilioWorld(t)
  const { accountSid, authToken, apiKey, phoneNumber } = sandbox.twilio
  const message = { to: TO, from: phoneNumber, body: BODY }
  t.match(authToken, /^[0-9a-f]{32}$/)
  for (const stranger of [
    clientOf(sandbox, accountSid, 'wrong'), clientOf(sandbox, `AC${'0'.repeat(32)}`, authToken, accountSid),
    clientOf(sandbox, apiKey.sid, authToken), clientOf(sandbox, accountSid, apiKey.secret)
  ]) await t.rejects(stranger.messages.create(message), error({ status: 401, code: 20003 }))
  await t.rejects(clientOf(sandbox, apiKey.sid, apiKey.secret, `AC${'0'.repeat(32)}`).messages.create(message), error({ status: 404, code: 20404 }))
  t.same(sandbox.messages, [])
  t.equal(sandbox.requests.length, 5, 'they are noted all the same')
  await clientOf(sandbox, apiKey.sid, apiKey.secret).messages.create(message)
  t.equal(sandbox.messages.length, 1)

  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`${sandbox.url}${path}`, {
      ...init, headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`, ...init.headers }
    })
    return { status: response.status, json: await response.json() }
  }
  const post = { method: 'POST', body: '{}' }
  const root = `/2010-04-01/Accounts/${accountSid}`
  t.match(await ask(`${root}/Messages.json`, { headers: { authorization: 'Bearer x' } }), { status: 401, json: { code: 20003, message: 'Authenticate', status: 401 } })
  t.match(await ask(`${root}/Messages.json`, { headers: { authorization: 'Basic' } }), { status: 401 })
  t.match(await ask('/v2/Attempts', { headers: { authorization: '' } }), { status: 401 })
  t.match(await ask(`${root}/Queues.json?x=1`), { status: 404, json: { code: 20404, message: /Queues.json$/ } })
  t.match(await ask('/v2/Nothing', { method: 'DELETE' }), { status: 404, json: { code: 20404 } })
  t.match(await ask(`${root}/Messages.json`, { method: 'POST' }), { status: 400, json: { code: 21604 } })
  t.match(await ask(`${root}/Calls.json`, { method: 'POST' }), { status: 400, json: { code: 21201 } })
  t.match(await ask(`${root}/Messages.json`, { ...post, headers: { 'content-type': 'application/json' } }), { status: 415, json: { code: 20001, status: 415 } })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  t.match(await ask(`${root}/Messages.json`, { method: 'POST', body: 'x'.repeat(70_000), headers: form }), { status: 413 })
  await t.rejects(client.messages(`SM${'0'.repeat(32)}`).fetch(), error({ status: 404, code: 20404 }))
  sandbox.script(TO, { twilio: { message: { httpError: { status: 500, body: 1n } } } })
  await t.rejects(client.messages.create(message), error({ status: 500, code: 20500 }), 'a mistake of the sandbox itself')
})

t.test('a message of another vendor is none of Twilio', async t => {
  const { SmsClient } = await import('@azure/communication-sms')
  const { sandbox, client } = await startTwilioWorld(t)
  const sms = new SmsClient(sandbox.connectionString, { allowInsecureConnection: true })
  await sms.send({ from: sandbox.sourcePhoneNumbers[0]!, to: [TO], message: BODY })
  t.match(sandbox.messages, [{ vendor: 'azure', channel: 'sms' }])
  t.match(sandbox.requests, [{ vendor: 'azure' }])
  const [root, sid] = [`${sandbox.url}/2010-04-01/Accounts/${sandbox.twilio.accountSid}/Messages`, sandbox.messages[0]!.id]
  t.ok(root + sid)
  await t.rejects(client.messages(sid).fetch(), error({ status: 404 }))
})

t.test('whether a message helped is taken where that was said beforehand, and kept', async t => {
  const { sandbox, client } = await startTwilioWorld(t, { now: () => Date.parse('2026-11-21T02:39:55Z') })
  const { accountSid, phoneNumber: from } = sandbox.twilio
  const { sid } = await client.messages.create({ to: TO, from, body: BODY, provideFeedback: true })
  t.equal(sandbox.messages[0]?.feedback, 'unconfirmed')
  await sandbox.settled()
  t.match(await client.messages(sid).feedback.create({ outcome: 'confirmed' }), {
    accountSid, messageSid: sid, outcome: 'confirmed', dateCreated: new Date('2026-11-21T02:39:55Z'), uri: `/2010-04-01/Accounts/${accountSid}/Messages/${sid}/Feedback.json`
  })
  t.match(sandbox.messages, [{ id: sid, status: 'delivered', report: 'delivered', feedback: 'confirmed' }])
  t.match(sandbox.requests.at(-1), { vendor: 'twilio', method: 'POST', status: 201 })
  t.match(await client.messages(sid).feedback.create({ outcome: 'unconfirmed' }), { outcome: 'unconfirmed' })
  t.match(await client.messages(sid).feedback.create(), { outcome: 'confirmed' }, 'that is what is said without a word')
  await t.rejects(client.messages(sid).feedback.create({ outcome: 'perhaps' as never }), error({ status: 400, code: 20001 }))

  const plain = await client.messages.create({ to: TO, from, body: BODY, provideFeedback: false })
  t.notOk('feedback' in sandbox.messages[1]!)
  await t.rejects(client.messages(plain.sid).feedback.create({ outcome: 'confirmed' }), error({ status: 404, code: 20404 }))
  await t.rejects(client.messages(`SM${'0'.repeat(32)}`).feedback.create(), error({ status: 404, code: 20404 }))
  sandbox.script(TO, { twilio: { later: { error: { code: 20429, status: 429 } } } })
  await t.rejects(client.messages(sid).feedback.create(), error({ status: 429, code: 20429 }))
})
