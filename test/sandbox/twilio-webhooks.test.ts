import t from 'tap'
import { SmsClient } from '@azure/communication-sms'
import { error, send } from './gateway.ts'
import { startTwilioWorld, type TwilioWorld } from './twilio-world.ts'

const TO = '+15551234567'
const OTHER = '+4915112345678'

const text = ({ client, sandbox, receiver }: TwilioWorld, fragment = '', to = TO) =>
  client.messages.create({ to, from: sandbox.twilio.phoneNumber, body: 'Your code is 123456', statusCallback: `${receiver.url}${fragment}` })

t.test('a callback is tried again where its address asks for it', async t => {
  const world = await startTwilioWorld(t, { patienceMs: 10_000 })
  const { sandbox, receiver } = world
  sandbox.script(TO, { twilio: { message: { report: 'none' } } })
  const attempts = async (fragment: string, status: number) => {
    receiver.heard.length = 0
    receiver.answer = () => ({ status })
    await text(world, fragment)
    await sandbox.settled()
    t.ok(receiver.heard.every(({ genuine, url }) => genuine && url === '/told?of=test'), 'the fragment is neither sent nor signed')
    t.equal(new Set(receiver.heard.map(({ headers }) => headers['i-twilio-idempotency-token'])).size, 1)
    return receiver.heard.length
  }
  t.equal(await attempts('', 500), 1, 'an answer is an answer')
  t.equal(await attempts('#rc=3', 500), 1)
  t.equal(await attempts('#rc=3&rp=5xx', 500), 4)
  t.equal(await attempts('#rc=3&rp=5xx', 404), 1)
  t.equal(await attempts('#rc=2&rp=ct,4xx', 404), 3)
  t.equal(await attempts('#rp=all', 503), 2)
  t.equal(await attempts('#rc=0&rp=all', 503), 1)
  t.equal(await attempts('#rc=9&rp=all', 503), 6)
  t.equal(await attempts('#rc=many&rp=all', 503), 2)
  t.equal(await attempts('#rc=3&rp=all', 204), 1)
  receiver.answer = () => ({ status: receiver.heard.length > 2 ? 200 : 503 })
  receiver.heard.length = 0
  await text(world, '#rc=5&rp=5xx')
  await sandbox.settled()
  t.same(sandbox.deliveries.slice(-3).map(({ attempt, status }) => [attempt, status]), [[1, 503], [2, 503], [3, 200]])
})

t.test('a gateway that is not there, or never answers', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, client, receiver } = world
  sandbox.script(TO, { twilio: { message: { report: 'none' } } })
  const { phoneNumber } = sandbox.twilio
  const tell = async (statusCallback: string) => {
    const before = sandbox.deliveries.length
    await client.messages.create({ to: TO, from: phoneNumber, body: 'x', statusCallback })
    await sandbox.settled()
    return sandbox.deliveries.slice(before).map(({ status }) => status)
  }
  t.same(await tell('http://127.0.0.1:1/'), ['unreachable', 'unreachable'], 'once more is usual')
  t.same(await tell('http://127.0.0.1:1/#rp=5xx'), ['unreachable'])
  receiver.answer = () => ({ silent: true })
  t.same(await tell(`${receiver.url}#rt=100`), ['timeout'])
  t.same(await tell(`${receiver.url}#rt=1&rp=rt`), ['timeout', 'timeout'])
})

t.test('reports as scripted', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, client, receiver } = world
  const told = async (message: object) => {
    receiver.heard.length = 0
    sandbox.script(TO, { twilio: { message } })
    const { sid } = await text(world)
    await sandbox.settled()
    const { errorCode } = await client.messages(sid).fetch()
    return [receiver.told('MessageStatus'), sandbox.messages.at(-1)!.report, errorCode]
  }
  t.same(await told({ report: 'none' }), [['sent'], 'none', null])
  t.same(await told({ report: 'undelivered' }), [['sent', 'undelivered'], 'undelivered', 30003])
  t.match(receiver.heard[1]!.fields, { ErrorCode: '30003', RawDlrDoneDate: /^\d{10}$/ })
  t.same(await told({ report: 'failed' }), [['failed'], 'failed', 30008])
  t.same(await told({ report: 'undelivered', errorCode: 30007, reportDelayMs: 5 }), [['sent', 'undelivered'], 'undelivered', 30007])
  t.same(await told({ reportCopies: 3 }), [['sent', 'delivered', 'delivered', 'delivered'], 'delivered', null])
  t.same(await told({ outOfOrder: true, reportCopies: 2 }), [['delivered', 'delivered', 'sent'], 'delivered', null])
  t.equal(sandbox.messages.at(-1)?.status, 'delivered')
  t.same(await told({ report: 'failed', outOfOrder: true }), [['failed'], 'failed', 30008])
})

t.test('a message that was forgotten before its report came', async t => {
  const world = await startTwilioWorld(t, { pace: 1 })
  const { sandbox, client } = world
  const { sid } = await text(world)
  const sms = new SmsClient(sandbox.connectionString, { allowInsecureConnection: true })
  const to = Array.from({ length: 100 }, (_, index) => `+1555${1_000_000 + index}`)
  for (let request = 0; request < 10; request += 1) await sms.send({ from: sandbox.sourcePhoneNumbers[0]!, to, message: 'x' })
  await t.rejects(client.messages(sid).fetch(), error({ status: 404 }))
  await sandbox.waitFor('delivery', ({ type, status }) => type === 'MessageStatus=delivered' && status === 204)
  t.notOk(sandbox.messages.some(({ id }) => id === sid))
})

t.test('a whole vendor is taken down', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox, client } = world
  const sms = new SmsClient(sandbox.connectionString, { allowInsecureConnection: true, retryOptions: { maxRetries: 0 } })
  const azure = (to: string) => sms.send({ from: sandbox.sourcePhoneNumbers[0]!, to: [to], message: 'x' })
  sandbox.script('*', { sms: { httpError: { status: 503 } }, twilio: { message: { times: 2, httpError: { status: 500 } } } })
  await t.rejects(azure(TO), error({ statusCode: 503 }))
  await t.rejects(azure(OTHER), error({ statusCode: 503 }))
  await t.rejects(text(world), error({ status: 500, code: 20500 }))
  await t.rejects(text(world, '', OTHER), error({ status: 500 }))
  t.match(await text(world), { status: 'queued' }, 'counted over all numbers')
  sandbox.script(OTHER, {})
  t.match(await azure(OTHER), [{ successful: true }], 'but not the number that has a script')

  const path = `${sandbox.url}/sandbox/numbers/*`
  const control = async (method: string, body?: object) => {
    const answer = await send(path, method, body === undefined ? {} : { 'content-type': 'application/json' }, body && JSON.stringify(body))
    return method === 'GET' ? answer.json : answer.status
  }
  t.match(await control('GET'), { sms: { httpError: { status: 503 } } })
  t.equal(await control('DELETE'), 204)
  t.same(await control('GET'), {})
  await azure(TO)
  const everyone = { twilio: { message: { httpError: { status: 429, headers: { 'retry-after': '7' } } }, call: { error: { status: 400, code: 21215 } } } }
  t.equal(await control('PUT', everyone), 204)
  await t.rejects(text(world), error({ status: 429, code: 20429 }))
  await t.rejects(client.calls.create({ to: TO, from: sandbox.twilio.phoneNumber, twiml: '<Response/>' }), error({ code: 21215 }))
  for (const twilio of [
    { message: { report: 'lost' } }, { message: { error: { status: 200, code: 20429 } } }, { call: { keys: ['A'] } }, { call: { outcome: 'declined' } },
    { verification: { reportCopies: 2 } }, { later: { report: 'none' } }, { verify: {} }
  ]) t.equal(await control('PUT', { twilio }), 400, JSON.stringify(twilio))
})

t.test('requests that go wrong', async t => {
  const world = await startTwilioWorld(t)
  const { sandbox } = world
  const fails = (message: object, expected: object) => {
    sandbox.script(TO, { twilio: { message: { ...message, report: 'none' } } })
    return t.rejects(text(world), error(expected))
  }
  await fails({ drop: 'before-read', delayMs: 5 }, { code: 'ECONNRESET' })
  t.same(sandbox.messages, [])
  await fails({ drop: 'after-accept' }, { code: 'ECONNRESET' })
  t.equal(sandbox.messages.length, 1, 'taken, though nobody was told')
  await fails({ malformed: 'broken-json' }, { name: 'SyntaxError' })
  t.equal(sandbox.messages.length, 2)
  await fails({ error: { status: 503, code: 20503 } }, { status: 503, code: 20503 })
  t.same(sandbox.requests.map(({ status }) => status), ['dropped', 'dropped', 201, 503])
})

t.test('an error without a body has the number of its status', async t => {
  const world = await startTwilioWorld(t)
  for (const [status, code] of [
    [400, 20001], [401, 20003], [403, 20001], [404, 20404], [409, 20001], [429, 20429], [499, 20001], [500, 20500], [503, 20500]
  ] as const) {
    world.sandbox.script(TO, { twilio: { message: { httpError: { status } } } })
    await t.rejects(text(world), error({ status, code, moreInfo: `https://www.twilio.com/docs/errors/${code}` }), String(status))
  }
  world.sandbox.script(TO, { twilio: { message: { httpError: { status: 403, body: { code: 20005, status: 403, message: 'Suspended' } } } } })
  await t.rejects(text(world), error({ status: 403, code: 20005 }), 'what is scripted is said')
  t.same(world.sandbox.messages, [])
})

t.test('bodies without end', async t => {
  const { sandbox } = await startTwilioWorld(t)
  const { accountSid, authToken, phoneNumber } = sandbox.twilio
  const post = (signal: AbortSignal) => fetch(`${sandbox.url}/2010-04-01/Accounts/${accountSid}/Messages.json`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` },
    body: new URLSearchParams({ To: TO, From: phoneNumber, Body: 'x' }),
    signal
  })
  sandbox.script(TO, { twilio: { message: { malformed: 'huge' } } })
  let bytes = 0
  for await (const chunk of (await post(new AbortController().signal)).body!) bytes += chunk.length
  t.ok(bytes >= 50 * 1024 * 1024)

  sandbox.script(TO, { twilio: { message: { malformed: 'endless' } } })
  const abort = new AbortController()
  const endless = await post(abort.signal)
  t.equal(endless.status, 201)
  let read = ''
  await t.rejects(async () => {
    for await (const chunk of endless.body!) {
      read += Buffer.from(chunk).toString()
      if (read.length > 3) abort.abort()
    }
  })
  t.match(read, /^\{ {3,}$/)
  const cut = await post(new AbortController().signal)
  const text = cut.text()
  text.catch(() => {})
  await sandbox.settled()
  await sandbox.close()
  await t.rejects(text, 'it ends with the sandbox')
})
