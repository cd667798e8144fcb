import t from 'tap'
import { MESSAGE, NUMBER, startTwilioGateway, timesSpoken } from './twilio-stand.ts'

const VERIFY = { settings: { SMS_ROUTE: 'twilio-verify', VOICE_ROUTE: 'twilio-verify', WHATSAPP_ROUTE: 'twilio-verify' } }
const AFTER_A_WHILE = 61_000

t.test('a code goes by Verify, as a text, a call or by WhatsApp, and the record knows the transaction and the attempt', async (t) => {
  for (const [route, channel, name] of [['/send-text-code', 'sms', 'sms'], ['/send-voice-code', 'voice', 'call'], ['/send-text-code', 'whatsapp', 'whatsapp']] as const) {
    const gateway = await startTwilioGateway(t, VERIFY)
    const { post, sandbox, delivery } = gateway
    const { status, body } = await post(route, { ...MESSAGE, locale: 'de-CH', ...channel === 'whatsapp' && { channel } })
    t.match({ status, body }, { status: 200, body: { status: 'accepted', channel, provider: 'twilio-verify' } })
    await sandbox.settled()
    const [carrier] = [...sandbox.messages, ...sandbox.calls]
    t.match(carrier?.form, { CustomCode: '482913', Channel: name, Locale: 'de' })
    t.notOk('StatusCallback' in (carrier?.form ?? {}))
    const { verificationSid, attemptSid } = carrier?.verification ?? {}
    t.match(await delivery(body.id), { status: 'accepted', attempts: [{ channel, reference: attemptSid, transaction: verificationSid }] })
    t.match([attemptSid, verificationSid], [/^VL/, /^VE/])
    if (channel === 'voice') t.equal(timesSpoken(gateway), 2)
    else t.match(sandbox.messages[0], { channel, text: /482913/ })
  }
})

t.test('a locale that Verify does not speak is left out', async (t) => {
  const { post, sandbox } = await startTwilioGateway(t, VERIFY)
  for (const locale of ['cy-GB', 'xx', 'not a locale']) t.equal((await post('/send-text-code', { ...MESSAGE, locale })).status, 200, locale)
  t.ok(sandbox.messages.every(({ form }) => !('Locale' in (form ?? {}))))
})

t.test('a text without a code is nothing that Verify could send: it has no part in the plan', async (t) => {
  const text = { phoneNumber: NUMBER, text: 'Your account was blocked.' }
  const alone = await startTwilioGateway(t, VERIFY)
  const { status, body } = await alone.post('/send-text-code', text)
  t.match({ status, body }, { status: 502, body: { code: 'no_provider', detail: 'no_provider' } })
  t.match(await alone.delivery(body.id), { status: 'failed', plan: [], attempts: [] })
  t.same(alone.sandbox.requests, [])
  const followed = await startTwilioGateway(t, { settings: { SMS_ROUTE: 'twilio-verify,twilio-sms' } })
  const second = await followed.post('/send-text-code', text)
  t.match(second.body, { status: 'accepted', provider: 'twilio-sms' })
  const found = await followed.delivery(second.body.id)
  t.same([found.plan, found.attempts.length], [['twilio-sms'], 1])
})

for (const [name, route, verification, found] of [
  ['a text that arrived', '/send-text-code', {}, { status: 'delivered' }],
  ['a text that did not', '/send-text-code', { report: 'undelivered', errorCode: 30007 }, { status: 'undelivered', reason: 'carrier_blocked', attempts: [{ vendorCode: '30007', hint: /filtered/ }] }],
  ['a text that failed', '/send-text-code', { report: 'failed', errorCode: 30005 }, { status: 'undelivered', reason: 'number_invalid' }],
  ['a text of which nothing is known', '/send-text-code', { report: 'none' }, { status: 'accepted' }],
  ['a call that was not answered', '/send-voice-code', { report: 'undelivered' }, { status: 'undelivered', reason: 'no_answer' }],
  ['a call that failed', '/send-voice-code', { report: 'failed' }, { status: 'undelivered' }]
] as const) {
  t.test(`what became of ${name} is asked for after a while`, async (t) => {
    const { post, sandbox, delivery, clock, gateway } = await startTwilioGateway(t, VERIFY)
    sandbox.script(NUMBER, { twilio: { verification } })
    const { body } = await post(route, MESSAGE)
    await sandbox.settled()
    await gateway.housekeeping.inquire()
    t.equal(sandbox.requests.length, 1, 'not at once')
    t.match(await delivery(body.id), { status: 'accepted' })
    clock.advance(AFTER_A_WHILE)
    await gateway.housekeeping.inquire()
    t.match(await delivery(body.id), found)
    t.same(sandbox.requests.map(({ method }) => method), ['POST', 'GET'])
    t.match(sandbox.requests[1]?.path, /^\/v2\/Attempts\/VL/)
    clock.advance(AFTER_A_WHILE * 2)
    await gateway.housekeeping.inquire()
    t.equal(sandbox.requests.length, found.status === 'accepted' ? 3 : 2, 'again only where nothing final was said')
  })
}

t.test('a second code to the same person belongs to the same verification, as an attempt of its own', async (t) => {
  const { post, sandbox, delivery, clock, gateway } = await startTwilioGateway(t, VERIFY)
  sandbox.script(NUMBER, { twilio: { verification: { report: 'undelivered' } } })
  const first = await post('/send-text-code', MESSAGE)
  await sandbox.settled()
  sandbox.script(NUMBER, {})
  const second = await post('/send-text-code', { ...MESSAGE, code: '111222' })
  await sandbox.settled()
  clock.advance(AFTER_A_WHILE)
  await gateway.housekeeping.inquire()
  const [one, other] = [await delivery(first.body.id), await delivery(second.body.id)]
  t.match([one.status, other.status], ['undelivered', 'delivered'])
  t.equal(one.attempts[0].transaction, other.attempts[0].transaction)
  t.not(one.attempts[0].reference, other.attempts[0].reference)
})

t.test('a service that takes no codes of ours is a matter of the settings, and another provider is tried', async (t) => {
  const { post, delivery } = await startTwilioGateway(t, { sandbox: { twilio: { customCodes: false } }, settings: { SMS_ROUTE: 'twilio-verify,twilio-sms' } })
  const { body } = await post('/send-text-code', MESSAGE)
  t.match(body, { status: 'accepted', provider: 'twilio-sms' })
  t.match(await delivery(body.id), { attempts: [{ reason: 'configuration', vendorCode: '60204', hint: /custom codes/ }, {}] })
})

for (const [name, verification, expected, providers] of [
  ['a block for fraud', { error: { status: 403, code: 60410 } }, { status: 422, body: { code: 'recipient_refused', detail: 'fraud_blocked' } }, 1],
  ['a number that cannot be', { error: { status: 400, code: 60205 } }, { status: 422, body: { detail: 'number_not_mobile' } }, 1],
  ['a wrong token', { error: { status: 401, code: 20003 } }, { status: 200, body: { provider: 'twilio-sms' } }, 2],
  ['too much at a time', { error: { status: 429, code: 20429 } }, { status: 200, body: { provider: 'twilio-sms' } }, 2],
  ['a service that is not there', { error: { status: 404, code: 20404 } }, { status: 200, body: { provider: 'twilio-sms' } }, 2],
  ['a fault of the server', { error: { status: 500, code: 20500 } }, { status: 202, body: { status: 'unknown' } }, 1],
  ['an answer that was lost', { drop: 'after-accept' }, { status: 202 }, 1],
  ['an answer that cannot be read', { malformed: 'broken-json' }, { status: 202 }, 1],
  ['an answer that says nothing', { malformed: 'empty-object' }, { status: 202 }, 1]
] as const) {
  t.test(`${name} leads to another provider only where nothing can have been sent`, async (t) => {
    const { post, sandbox } = await startTwilioGateway(t, { settings: { SMS_ROUTE: 'twilio-verify,twilio-sms' } })
    sandbox.script(NUMBER, { twilio: { verification } })
    t.match(await post('/send-text-code', MESSAGE), expected)
    t.equal(sandbox.requests.length, providers)
  })
}
