import t from 'tap'
import { callbackOf, happened, MESSAGE, NUMBER, startTwilioGateway, statusForm } from './twilio-stand.ts'

const WHATSAPP = { ...MESSAGE, channel: 'whatsapp' }
const WITHOUT_WHATSAPP = { TWILIO_WHATSAPP_NUMBER: undefined, TWILIO_WHATSAPP_CONTENT_SID: undefined }
const ONLY_WHATSAPP = { settings: { WHATSAPP_ROUTE: 'twilio-whatsapp' } }

t.test('a code goes by WhatsApp, inside the approved words, and is delivered', async (t) => {
  const { post, sandbox, reaches, delivery } = await startTwilioGateway(t)
  const { status, body } = await post('/send-text-code', WHATSAPP)
  t.match({ status, body }, { status: 200, body: { status: 'accepted', channel: 'whatsapp', provider: 'twilio-whatsapp' } })
  await reaches(body.id, 'delivered')
  await sandbox.settled()
  const [message] = sandbox.messages
  t.match(message, { channel: 'whatsapp', to: NUMBER, text: /^482913 is your verification code/ })
  t.same(JSON.parse(message?.form?.ContentVariables ?? ''), { 1: '482913' })
  const found = await delivery(body.id)
  t.match(found, { channel: 'whatsapp', status: 'delivered', plan: ['twilio-whatsapp', 'twilio-verify'], attempts: [{ channel: 'whatsapp', reference: message?.id }] })
  t.ok(happened(found).includes('report.read'), 'that it was read is noted')
})

t.test('words of the caller\'s own do not travel by WhatsApp', async (t) => {
  const { post, sandbox } = await startTwilioGateway(t)
  const { status } = await post('/send-text-code', { ...WHATSAPP, text: 'Welcome! 482913 is the code of my shop.' })
  t.equal(status, 200)
  t.notOk('Body' in (sandbox.messages[0]?.form ?? {}))
  t.notMatch(sandbox.messages[0]?.text, /shop/)
})

t.test('the channel stands beside both shapes of the body', async (t) => {
  const { post, sandbox } = await startTwilioGateway(t)
  const { status } = await post('/send-text-code', { channel: 'whatsapp', data: { messageProfile: { phoneNumber: NUMBER, otpCode: '482913', msgTemplate: 'Your code' } } })
  t.equal(status, 200)
  t.match(sandbox.messages[0], { channel: 'whatsapp', text: /482913/ })
})

t.test('what is no code, and what is no channel, is refused before anything is sent', async (t) => {
  const { post, sandbox } = await startTwilioGateway(t)
  for (const [body, code] of [
    [{ phoneNumber: NUMBER, text: 'Your account was blocked.', channel: 'whatsapp' }, 'code_missing'],
    [{ phoneNumber: NUMBER, channel: 'whatsapp' }, 'content_missing'],
    [{ ...WHATSAPP, code: 'no code!' }, 'code_invalid'],
    [{ ...MESSAGE, channel: 'voice' }, 'invalid_body'],
    [{ ...MESSAGE, channel: 'WhatsApp' }, 'invalid_body'],
    [{ ...MESSAGE, channel: '' }, 'invalid_body'],
    [{ ...MESSAGE, channel: null }, 'invalid_body'],
    [{ ...MESSAGE, channel: ['whatsapp'] }, 'invalid_body']
  ] as const) {
    const reply = await post('/send-text-code', body)
    t.match([reply.status, reply.body.code], [400, code], JSON.stringify(body))
  }
  t.same(sandbox.requests, [])
})

t.test('a call is a call, whatever channel a text would have had', async (t) => {
  const { post, sandbox } = await startTwilioGateway(t)
  const { status, body } = await post('/send-voice-code', WHATSAPP)
  t.match({ status, body }, { status: 200, body: { channel: 'voice', provider: 'twilio-voice' } })
  t.same([sandbox.messages.length, sandbox.calls.length], [0, 1])
})

t.test('the same code as a text and by WhatsApp is two messages; twice by WhatsApp is one', async (t) => {
  const { post, sandbox } = await startTwilioGateway(t)
  t.equal((await post('/send-text-code', MESSAGE)).body.status, 'accepted')
  t.equal((await post('/send-text-code', WHATSAPP)).body.status, 'accepted')
  t.equal((await post('/send-text-code', WHATSAPP)).body.status, 'duplicate')
  t.same(sandbox.messages.map(({ channel }) => channel), ['sms', 'whatsapp'])
})

for (const [errorCode, reason, hint] of [
  [63016, 'content_refused', /template/],
  [63024, 'destination_unsupported', /not on WhatsApp/],
  [63003, 'destination_unsupported', /not on WhatsApp/],
  [63018, 'rate_limited', /limit/],
  [63049, 'carrier_blocked', /authentication/],
  [63999, 'unspecified', undefined]
] as const) {
  t.test(`a WhatsApp message that did not arrive for ${errorCode} says why, and is not sent again`, async (t) => {
    const { post, sandbox, reaches, gateway, clock, stored } = await startTwilioGateway(t, { settings: { RETRY_SMS: '1' } })
    sandbox.script(NUMBER, { twilio: { message: { report: 'undelivered', errorCode } } })
    const { body } = await post('/send-text-code', WHATSAPP)
    const found = await reaches(body.id, 'undelivered')
    t.match(found, { reason, attempts: [{ vendorCode: String(errorCode), ...hint && { hint } }] })
    await sandbox.settled()
    t.notMatch(await stored(), /"retry"/)
    clock.advance(60_000)
    await gateway.housekeeping.runDue()
    t.equal(sandbox.messages.length, 1)
  })
}

t.test('news of a text says nothing of a WhatsApp message', async (t) => {
  const { post, sandbox, callBack, stored } = await startTwilioGateway(t)
  sandbox.script(NUMBER, { twilio: { message: { report: 'none' } } })
  await post('/send-text-code', WHATSAPP)
  await sandbox.settled()
  const [message] = sandbox.messages
  const before = await stored()
  t.equal((await callBack(callbackOf(message), statusForm(message, 'delivered'))).status, 204)
  t.equal(await stored(), before)
})

t.test('a sender that WhatsApp refuses is followed by Verify', async (t) => {
  for (const message of [{ error: { status: 400, code: 63007 } }, { error: { status: 400, code: 21655 } }, { error: { status: 429, code: 20429 } }, { error: { status: 401, code: 20003 } }]) {
    const { post, sandbox, delivery } = await startTwilioGateway(t)
    sandbox.script(NUMBER, { twilio: { message } })
    const { body } = await post('/send-text-code', WHATSAPP)
    t.match(body, { status: 'accepted', channel: 'whatsapp', provider: 'twilio-verify' })
    t.match(sandbox.messages, [{ channel: 'whatsapp', text: /482913/, form: { Channel: 'whatsapp' } }])
    t.match(await delivery(body.id), { attempts: [{ provider: 'twilio-whatsapp', status: 'failed' }, { provider: 'twilio-verify', status: 'accepted' }] })
  }
})

t.test('nobody else is tried where the person does not want it, or where it may have been sent', async (t) => {
  for (const [message, status] of [
    [{ error: { status: 400, code: 21610 } }, 422],
    [{ error: { status: 429, code: 30450 } }, 422],
    [{ httpError: { status: 503 } }, 202],
    [{ drop: 'after-accept' }, 202],
    [{ malformed: 'broken-json' }, 202]
  ] as const) {
    const { post, sandbox } = await startTwilioGateway(t)
    sandbox.script(NUMBER, { twilio: { message } })
    t.equal((await post('/send-text-code', WHATSAPP)).status, status, JSON.stringify(message))
    t.equal(sandbox.requests.length, 1)
  }
})

t.test('where nobody can send by WhatsApp, the caller is told so', async (t) => {
  const { post, sandbox, delivery } = await startTwilioGateway(t, { settings: { ...WITHOUT_WHATSAPP, TWILIO_VERIFY_SID: undefined } })
  const { status, body } = await post('/send-text-code', WHATSAPP)
  t.match({ status, body }, { status: 502, body: { code: 'no_provider', detail: 'no_provider' } })
  t.match(await delivery(body.id), { status: 'failed', reason: 'no_provider', plan: [], attempts: [] })
  t.equal((await post('/send-text-code', MESSAGE)).status, 200, 'texts go as ever')
  t.same(sandbox.messages.map(({ channel }) => channel), ['sms'])
})

t.test('a template that is not ours is a matter of the settings', async (t) => {
  const { post, delivery } = await startTwilioGateway(t, { settings: { ...ONLY_WHATSAPP.settings, TWILIO_WHATSAPP_CONTENT_SID: `HX${'0'.repeat(32)}` } })
  const { status, body } = await post('/send-text-code', WHATSAPP)
  t.match({ status, body }, { status: 502, body: { detail: 'configuration' } })
  t.match(await delivery(body.id), { attempts: [{ vendorCode: '21655' }] })
})

t.test('a country can have a route of its own', async (t) => {
  const { post } = await startTwilioGateway(t, { settings: { WHATSAPP_ROUTE_BR: 'twilio-verify' } })
  t.match((await post('/send-text-code', { ...WHATSAPP, phoneNumber: '+5511961234567' })).body, { provider: 'twilio-verify' })
  t.match((await post('/send-text-code', WHATSAPP)).body, { provider: 'twilio-whatsapp' })
})
