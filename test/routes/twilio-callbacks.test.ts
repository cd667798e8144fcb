import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { readConfig } from '../../src/config/config.ts'
import { timeOrderedId } from '../../src/domain/identifier.ts'
import { sign } from '../providers/twilio/signature.ts'
import { SECRET } from '../support/gateway.ts'
import { API_KEY, callbackOf, factsOf, happened, MESSAGE, NUMBER, sentText, startTwilioGateway, statusForm, WITHOUT_TOKEN } from './twilio-stand.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const UNDELIVERED = { ErrorCode: '30003' }
const OTHER_TOKEN = 'f'.repeat(32)
const FOREIGN = [{ type: 'events.ignored', provider: 'twilio', why: 'foreign', count: 1 }]

t.test('a text is accepted, and delivered once Twilio says so', async (t) => {
  const { post, sandbox, reaches, delivery } = await startTwilioGateway(t)
  const { status, body } = await post('/send-text-code', { ...MESSAGE, text: 'Your code is 482913' })
  t.match({ status, body }, { status: 200, body: { status: 'accepted', channel: 'sms', provider: 'twilio-sms' } })
  await reaches(body.id, 'delivered')
  await sandbox.settled()
  const [message] = sandbox.messages
  t.match(message, { vendor: 'twilio', to: NUMBER, text: 'Your code is 482913' })
  t.match(await delivery(body.id), { plan: ['twilio-sms', 'twilio-verify'], attempts: [{ provider: 'twilio-sms', reference: message?.id, status: 'delivered' }] })
  const reports = happened(await delivery(body.id)).filter((what) => what.startsWith('report.'))
  t.same(reports.sort(), ['report.delivered', 'report.sent'])
  t.ok(sandbox.deliveries.every(({ status }) => status === 204), 'each callback was taken the first time')
})

t.test('what Twilio has not signed is refused, and changes nothing', async (t) => {
  const gateway = await sentText(t, { settings: { RETRY_SMS: '1' } })
  const { callback, message, stored, callBack, url } = gateway
  const form = statusForm(message, 'undelivered', UNDELIVERED)
  const right = sign(gateway.sandbox.twilio.authToken, callback, form)
  const before = await stored()
  const { host } = new URL(url)
  const [path, query] = callback.slice(url.length).split('?')
  const forgeries: ReadonlyArray<readonly [string, Promise<Response>]> = [
    ['signed with another token', callBack(callback, form, { token: OTHER_TOKEN })],
    ['signed with an empty token', callBack(callback, form, { token: '' })],
    ['signed with our own secret', callBack(callback, form, { token: SECRET })],
    ['signed with the secret of an API key', callBack(callback, form, { token: gateway.sandbox.twilio.apiKey.secret })],
    ['signed for another host', callBack(callback, form, { signedUrl: callback.replace(host, 'gateway.example') })],
    ['signed for https', callBack(callback, form, { signedUrl: callback.replace('http:', 'https:') })],
    ['signed for the other route', callBack(callback, form, { signedUrl: callback.replace('/message', '/call') })],
    ['signed without the query', callBack(callback, form, { signedUrl: `${url}${path}` })],
    ['signed for another query', callBack(`${url}${path}?attempt=${timeOrderedId(0)}`, form, { signedUrl: callback })],
    ['signed with the fragment', callBack(callback, form, { signedUrl: String(message.form?.StatusCallback) })],
    ['with another field', callBack(callback, { ...form, MessageStatus: 'delivered' }, { headers: { 'x-twilio-signature': right } })],
    ['with a field more', callBack(callback, { ...form, More: '1' }, { headers: { 'x-twilio-signature': right } })],
    ['with no signature', fetch(callback, { method: 'POST', headers: FORM, body: new URLSearchParams(form as Record<string, string>) })],
    ['with an empty signature', callBack(callback, form, { headers: { 'x-twilio-signature': '' } })],
    ['with two signatures', callBack(callback, form, { headers: { 'x-twilio-signature': `${right}, ${right}` } })],
    ['with no body', fetch(callback, { method: 'POST', headers: { 'x-twilio-signature': right } })],
    ['with nothing at all', fetch(`${url}${path}`, { method: 'POST' })],
    ['with a thousand fields', callBack(callback, { ...form, ...Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`F${index}`, 'x'])) })]
  ]
  for (const [what, reply] of forgeries) {
    const { status } = await reply
    t.equal(status, 403, what)
    t.match(await (await reply).json(), { code: 'signature_invalid' }, what)
  }
  const asJson = (body: unknown): Promise<Response> => fetch(callback, {
    method: 'POST', headers: { 'content-type': 'application/json', 'x-twilio-signature': right }, body: JSON.stringify(body)
  })
  t.equal((await asJson(form)).status, 415, 'a body of another kind')
  t.equal((await callBack(callback, { ...form, Body: 'a'.repeat(64 * 1024) })).status, 413, 'a huge body, even signed')
  t.equal((await fetch(`${callback}&`, { method: 'GET' })).status, 405, 'another method')
  t.ok(query?.startsWith('attempt='))
  t.equal(await stored(), before, 'the store is as it was')
  t.same(factsOf(gateway, 'delivery.updated'), [])
  t.equal((await callBack(callback, form)).status, 204, 'and the same, signed, is taken')
  t.not(await stored(), before)
})

t.test('two headers of signature are none, though both be right', async (t) => {
  const { callback, message, stored, sandbox } = await sentText(t)
  const form = statusForm(message, 'delivered')
  const signature = sign(sandbox.twilio.authToken, callback, form)
  const before = await stored()
  const asked = request(callback, { method: 'POST', headers: { ...FORM, 'x-twilio-signature': [signature, signature] } })
  asked.end(new URLSearchParams(form as Record<string, string>).toString())
  const [reply] = await once(asked, 'response')
  reply.resume()
  t.equal(reply.statusCode, 403)
  t.equal(await stored(), before)
})

t.test('where the request says that it came from has no say in what is signed', async (t) => {
  const { callback, message, callBack, delivery, id } = await sentText(t)
  const form = statusForm(message, 'delivered')
  const elsewhere = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https', 'x-forwarded-port': '444', forwarded: 'host=evil.example;proto=https' }
  const forEvil = callback.replace(/^http:\/\/[^/]+/, 'https://evil.example')
  t.equal((await callBack(callback, form, { signedUrl: forEvil, headers: elsewhere })).status, 403)
  t.match(await delivery(id), { status: 'accepted' })
  t.equal((await callBack(callback, form, { headers: elsewhere })).status, 204)
  t.match(await delivery(id), { status: 'delivered' })
})

t.test('a Host that lies has no say either', async (t) => {
  const { callback, message, sandbox, delivery, id } = await sentText(t)
  const form = statusForm(message, 'delivered')
  const ask = async (signedUrl: string): Promise<number | undefined> => {
    const asked = request(callback, { method: 'POST', setHost: false, headers: { ...FORM, host: 'evil.example', 'x-twilio-signature': sign(sandbox.twilio.authToken, signedUrl, form) } })
    asked.end(new URLSearchParams(form as Record<string, string>).toString())
    const [reply] = await once(asked, 'response')
    reply.resume()
    return reply.statusCode
  }
  t.equal(await ask(callback.replace(/127\.0\.0\.1:\d+/, 'evil.example')), 403)
  t.match(await delivery(id), { status: 'accepted' })
  t.equal(await ask(callback), 204)
  t.match(await delivery(id), { status: 'delivered' })
})

t.test('while the token is changed, callbacks signed with either are taken, and no third one', async (t) => {
  const { sandbox, callback, message, callBack, delivery, id } = await sentText(t, {
    sandbox: { twilio: { apiKey: API_KEY, authToken: 'a'.repeat(32) } },
    settings: { TWILIO_AUTH_TOKEN: `${OTHER_TOKEN},${'a'.repeat(32)}`, TWILIO_API_KEY: API_KEY.sid, TWILIO_API_SECRET: API_KEY.secret }
  })
  t.ok(sandbox.deliveries.every(({ status }) => status === 204), 'the older one, by which the sandbox signs')
  t.equal((await callBack(callback, statusForm(message, 'delivered'), { token: 'b'.repeat(32) })).status, 403)
  t.match(await delivery(id), { status: 'accepted' })
  t.equal((await callBack(callback, statusForm(message, 'delivered'), { token: OTHER_TOKEN })).status, 204)
  t.match(await delivery(id), { status: 'delivered' })
})

/** A proxy that takes `/gateway` away, and adds what proxies add. `leadTo` says where it leads. */
const startProxy = async (t: Test, takesPathAway: boolean): Promise<{ readonly url: string, leadTo: (target: URL) => void }> => {
  let target = new URL('http://127.0.0.1/')
  const proxy = createServer((incoming, outgoing) => {
    const headers = { ...incoming.headers, host: 'inside', 'x-forwarded-host': 'outside.example', 'x-forwarded-proto': 'https' }
    const path = takesPathAway ? incoming.url?.replace('/gateway', '') : incoming.url
    const inner = request({ host: target.hostname, port: target.port, method: incoming.method, path: path ?? '/', headers }, (reply) => {
      outgoing.writeHead(reply.statusCode as number, reply.headers)
      reply.pipe(outgoing)
    })
    inner.on('error', () => { outgoing.destroy() })
    incoming.pipe(inner)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.teardown(() => {
    proxy.closeAllConnections()
    proxy.close()
  })
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/gateway`, leadTo: (to) => { target = to } }
}

t.test('below a path of a proxy, which takes it away or leaves it, for texts and for calls', async (t) => {
  for (const takesPathAway of [true, false]) {
    const proxy = await startProxy(t, takesPathAway)
    const { post, sandbox, reaches, url, log } = await startTwilioGateway(t, { settings: { PUBLIC_URL: `${proxy.url}/`, VOICE_CONFIRM: 'keypress' } })
    proxy.leadTo(new URL(url))
    const text = await post('/send-text-code', MESSAGE)
    await reaches(text.body.id, 'delivered')
    const call = await post('/send-voice-code', MESSAGE)
    await reaches(call.body.id, 'delivered')
    t.ok(callbackOf(sandbox.messages[0]).startsWith(`${proxy.url}/events/twilio/message?`), callbackOf(sandbox.messages[0]))
    t.notMatch(log.join(), /"level":30[^\n]*events/, 'what vendors tell is no line of its own')
  }
})

t.test('reports in any order: the highest word holds', async (t) => {
  const orders: ReadonlyArray<readonly [readonly string[], string]> = [
    [['delivered', 'sent'], 'delivered'],
    [['delivered', 'undelivered'], 'delivered'],
    [['undelivered', 'delivered', 'sent', 'queued'], 'delivered'],
    [['undelivered', 'sent', 'undelivered'], 'undelivered'],
    [['queued', 'sending', 'sent'], 'accepted'],
    [['read', 'failed'], 'delivered'],
    [['sent', 'sent', 'delivered', 'delivered'], 'delivered']
  ]
  for (const [order, status] of orders) {
    const { callback, message, callBack, delivery, id } = await sentText(t)
    for (const word of order) {
      t.equal((await callBack(callback, statusForm(message, word, word.endsWith('ed') && !word.startsWith('de') ? UNDELIVERED : {}))).status, 204)
    }
    t.match(await delivery(id), { status }, order.join())
    if (status === 'delivered') t.equal((await delivery(id)).reason, undefined, order.join())
  }
})

t.test('a report that comes again is one event, and one fact', async (t) => {
  const gateway = await sentText(t, {}, { twilio: { message: { reportCopies: 3, outOfOrder: true } } })
  const { delivery, id } = gateway
  t.same(happened(await delivery(id)).filter((what) => what.startsWith('report.')).sort(), ['report.delivered', 'report.sent'])
  t.equal(factsOf(gateway, 'delivery.updated').length, 1)
})

t.test('what is not about a message of ours is acknowledged, counted, and changes nothing', async (t) => {
  const gateway = await sentText(t)
  const { callback, message, url, callBack, stored, sandbox, post } = gateway
  sandbox.script('+14155550124', { twilio: { call: { outcome: 'manual' } } })
  await post('/send-voice-code', { ...MESSAGE, phoneNumber: '+14155550124' })
  const call = await sandbox.waitFor('call', ({ status }) => status === 'ringing')
  await sandbox.settled()
  const before = await stored()
  const someone = { ...message, id: `SM${'9'.repeat(32)}` }
  const cases: ReadonlyArray<readonly [string, string, Record<string, string>]> = [
    ['an unknown message, by no attempt', `${url}/events/twilio/message`, statusForm(someone, 'delivered') as Record<string, string>],
    ['an attempt that nobody made', `${url}/events/twilio/message?attempt=${timeOrderedId(0)}`, statusForm(someone, 'delivered') as Record<string, string>],
    ['another message than the attempt\'s', callback, statusForm(someone, 'delivered') as Record<string, string>],
    ['an attempt by a call', callbackOf(call).replace('/call', '/message'), statusForm(someone, 'delivered') as Record<string, string>],
    ['an attempt by a text, told of a call', callback.replace('/message', '/call'), { CallSid: call.id, CallStatus: 'busy' }],
    ['another call than the attempt\'s', callbackOf(call), { CallSid: `CA${'9'.repeat(32)}`, CallStatus: 'busy' }]
  ]
  for (const [what, address, form] of cases) {
    gateway.events.length = 0
    t.equal((await callBack(address, form)).status, 204, what)
    t.same(gateway.events, FOREIGN, what)
    t.equal(await stored(), before, what)
  }
})

t.test('what is no report of ours is passed over: a message that came in, a word that is not known, ids that are none', async (t) => {
  const gateway = await sentText(t)
  const { callback, message, url, callBack, stored } = gateway
  const before = await stored()
  const incoming = { MessageSid: `SM${'8'.repeat(32)}`, SmsStatus: 'received', Body: 'STOP', From: NUMBER, To: '+15550200001', NumMedia: '0' }
  const cases: ReadonlyArray<readonly [string, Record<string, string>, 'unknown' | 'malformed']> = [
    [`${url}/events/twilio/message`, incoming, 'unknown'],
    [callback, statusForm(message, 'scheduled') as Record<string, string>, 'unknown'],
    [callback, statusForm(message, 'delivered or not') as Record<string, string>, 'malformed'],
    [callback, { MessageStatus: 'delivered' }, 'malformed'],
    [callback, { MessageSid: '../Calls', MessageStatus: 'delivered' }, 'malformed'],
    [callback.replace('/message', '/call'), { CallStatus: 'busy' }, 'malformed']
  ]
  for (const [address, form, why] of cases) {
    gateway.events.length = 0
    t.equal((await callBack(address, form)).status, 204)
    t.same(gateway.events, [{ type: 'events.ignored', provider: 'twilio', why, count: 1 }], JSON.stringify(form))
    t.equal(await stored(), before)
  }
})

t.test('a message whose answer was lost is known by its callback', async (t) => {
  const { post, sandbox, reaches } = await startTwilioGateway(t)
  sandbox.script(NUMBER, { twilio: { message: { drop: 'after-accept' } } })
  const { status, body } = await post('/send-text-code', MESSAGE)
  t.match({ status, body }, { status: 202, body: { status: 'unknown' } })
  const found = await reaches(body.id, 'delivered')
  t.equal(found.attempts.length, 1)
  t.equal(found.attempts[0].reference, sandbox.messages[0]?.id)
  t.equal(sandbox.messages.length, 1)
  t.equal((await post('/send-text-code', MESSAGE)).body.status, 'duplicate')
})

t.test('with the store down a callback is to be sent again, and then taken', async (t) => {
  const gateway = await startTwilioGateway(t)
  const { post, sandbox, failReports, reaches } = gateway
  sandbox.script(NUMBER, { twilio: { message: { reportDelayMs: 1 } } })
  const told = sandbox.waitFor('delivery', ({ type, status }) => type === 'MessageStatus=sent' && status === 204).then(() => { failReports(2) })
  const { body } = await post('/send-text-code', MESSAGE)
  await told
  await reaches(body.id, 'delivered')
  await sandbox.settled()
  t.same(sandbox.deliveries.filter(({ type }) => type === 'MessageStatus=delivered').map(({ status }) => status), [503, 503, 204])
})

t.test('a callback that never gets through is made up for by asking', async (t) => {
  const { post, sandbox, failReports, delivery, clock, gateway } = await startTwilioGateway(t)
  failReports(8)
  const { body } = await post('/send-text-code', MESSAGE)
  await sandbox.settled()
  t.same(sandbox.deliveries.map(({ status }) => status), Array(8).fill(503))
  t.match(await delivery(body.id), { status: 'accepted' })
  clock.advance(119_000)
  await gateway.housekeeping.inquire()
  t.match(await delivery(body.id), { status: 'accepted' }, 'Twilio is given the time to tell by itself')
  clock.advance(2000)
  await gateway.housekeeping.inquire()
  t.match(await delivery(body.id), { status: 'delivered' })
  clock.advance(3_600_000)
  await gateway.housekeeping.inquire()
  t.equal(sandbox.requests.length, 2, 'of what has a last word nobody asks')
})

for (const [errorCode, reason, hint] of [
  [30003, 'number_unreachable', undefined],
  [30005, 'number_invalid', undefined],
  [30006, 'number_not_mobile', /landline/],
  [30007, 'carrier_blocked', /filtered/],
  [30034, 'sender_refused', /campaign/],
  [21610, 'opted_out', /START/],
  [30450, 'fraud_blocked', /SMS pumping/],
  [39999, 'unspecified', undefined]
] as const) {
  t.test(`a text that did not arrive for ${errorCode} says why, in the record and in the log`, async (t) => {
    const gateway = await sentText(t, {}, { twilio: { message: { report: 'undelivered', errorCode } } })
    const found = await gateway.delivery(gateway.id)
    const vendorCode = String(errorCode)
    t.match(found, { status: 'undelivered', reason, attempts: [{ reason, vendorCode, ...hint && { hint } }] })
    const line = gateway.log.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'delivery.updated')
    t.match(line, { status: 'undelivered', reason, vendorCode, provider: 'twilio-sms', ...hint && { hint } })
    if (hint === undefined) t.notOk('hint' in found.attempts[0] || 'hint' in line)
  })
}

t.test('a country that is switched off at Twilio says which', async (t) => {
  const { post, sandbox, delivery } = await startTwilioGateway(t, { settings: { SMS_ROUTE: 'twilio-sms' } })
  sandbox.script('+34612345678', { twilio: { message: { error: { status: 400, code: 21408 } } } })
  const { status, body } = await post('/send-text-code', { ...MESSAGE, phoneNumber: '+34612345678' })
  t.match({ status, body }, { status: 502, body: { detail: 'destination_unsupported' } })
  t.match(await delivery(body.id), { attempts: [{ vendorCode: '21408', hint: /Spain/ }] })
})

t.test('without a token nobody calls back: the start says so, and the status comes by asking', async (t) => {
  const gateway = await sentText(t, WITHOUT_TOKEN, { twilio: { message: { report: 'undelivered', errorCode: 30007 } } })
  const { message, id, delivery, clock, environment, folder, sandbox, url } = gateway
  t.match(readConfig(environment, folder).warnings, [/TWILIO_AUTH_TOKEN/])
  t.notOk('StatusCallback' in (message.form ?? {}))
  t.same(sandbox.deliveries, [])
  const unsigned = await fetch(`${url}/events/twilio/message`, { method: 'POST', headers: FORM, body: new URLSearchParams(statusForm(message, 'delivered') as Record<string, string>) })
  t.equal(unsigned.status, 403)
  await gateway.gateway.housekeeping.inquire()
  t.match(await delivery(id), { status: 'accepted' }, 'not asked at once')
  clock.advance(16_000)
  await gateway.gateway.housekeeping.inquire()
  t.match(await delivery(id), { status: 'undelivered', reason: 'carrier_blocked', attempts: [{ vendorCode: '30007', hint: /filtered/ }] })
  t.equal(sandbox.requests.length, 2)
  clock.advance(16_000)
  await gateway.gateway.housekeeping.inquire()
  t.equal(sandbox.requests.length, 2, 'and not asked again')
})

t.test('a text of which nothing is ever heard is asked about ever more seldom, and given up after an hour', async (t) => {
  const { id, delivery, clock, gateway, sandbox } = await sentText(t, WITHOUT_TOKEN)
  for (let minute = 0; minute < 180; minute += 1) {
    clock.advance(60_000)
    await gateway.housekeeping.inquire()
  }
  const asked = sandbox.requests.length - 1
  t.ok(asked >= 4 && asked <= 10, `asked ${asked} times`)
  clock.advance(24 * 3_600_000)
  await gateway.housekeeping.inquire()
  t.equal(sandbox.requests.length - 1, asked)
  t.match(await delivery(id), { status: 'accepted' })
})

t.test('Twilio that cannot be asked is asked again later', async (t) => {
  const { id, delivery, clock, gateway, sandbox } = await sentText(t, WITHOUT_TOKEN, { twilio: { message: { report: 'delivered' }, later: { httpError: { status: 503 }, times: 1 } } })
  clock.advance(16_000)
  await gateway.housekeeping.inquire()
  t.match(await delivery(id), { status: 'accepted' })
  clock.advance(60_000)
  await gateway.housekeeping.inquire()
  t.match(await delivery(id), { status: 'delivered' })
  t.equal(sandbox.messages.length, 1)
})

for (const [outcome, status, reason] of [['busy', 'undelivered', 'busy'], ['no-answer', 'undelivered', 'no_answer'], ['answer', 'accepted', undefined]] as const) {
  t.test(`without a token the status of a call comes by asking as well (${outcome})`, async (t) => {
    const { post, sandbox, clock, gateway, delivery } = await startTwilioGateway(t, WITHOUT_TOKEN)
    sandbox.script(NUMBER, { twilio: { call: { outcome } } })
    const { body } = await post('/send-voice-code', MESSAGE)
    await sandbox.settled()
    t.notOk('StatusCallback' in (sandbox.calls[0]?.form ?? {}))
    t.notMatch(sandbox.calls[0]?.form?.Twiml, /Redirect/)
    clock.advance(46_000)
    await gateway.housekeeping.inquire()
    t.match(await delivery(body.id), { status, ...reason && { reason } })
    t.same(sandbox.deliveries, [])
  })
}
