import t from 'tap'
import { error } from './gateway.ts'
import { startTwilioWorld, type TwilioWorld } from './twilio-world.ts'

const TO = '+15551234567'
const MINUTE = 60_000

const serviceOf = ({ client, sandbox }: TwilioWorld) => client.verify.v2.services(sandbox.twilio.verifySid)

/** A world whose clock is moved by hand. */
const start = async (t: Parameters<typeof startTwilioWorld>[0], options: object = {}) => {
  const clock = { now: Date.parse('2026-11-21T02:39:55Z') }
  const world = await startTwilioWorld(t, { now: () => clock.now, ...options })
  return { ...world, clock, service: serviceOf(world), attempts: world.client.verify.v2.verificationAttempts }
}

t.test('a code of the caller goes out and is checked', async t => {
  const { sandbox, service, attempts } = await start(t)
  const { verifySid, accountSid, phoneNumber } = sandbox.twilio
  const verification = await service.verifications.create({ to: TO, channel: 'sms', customCode: '482913', locale: 'de' })
  t.match(verification, {
    sid: /^VE[0-9a-f]{32}$/,
    serviceSid: verifySid,
    accountSid,
    to: TO,
    channel: 'sms',
    status: 'pending',
    valid: false,
    url: `${sandbox.url}/v2/Services/${verifySid}/Verifications/${verification.sid}`,
    sendCodeAttempts: [{ time: '2026-11-21T02:39:55Z', channel: 'SMS', attempt_sid: /^VL[0-9a-f]{32}$/ }]
  })
  const { attempt_sid: attemptSid } = verification.sendCodeAttempts[0] as { attempt_sid: string }
  t.match(await attempts(attemptSid).fetch(), {
    sid: attemptSid, verificationSid: verification.sid, serviceSid: verifySid, channel: 'sms', conversionStatus: 'UNCONVERTED', channelData: { to: TO, error_code: null }
  })
  await sandbox.settled()
  t.match(sandbox.messages, [{
    vendor: 'twilio',
    channel: 'sms',
    from: phoneNumber,
    to: TO,
    text: 'Your sandbox verification code is: 482913',
    status: 'delivered',
    form: { CustomCode: '482913', Locale: 'de' },
    verification: { verificationSid: verification.sid, attemptSid }
  }])
  t.same(sandbox.deliveries, [], 'Verify has no callbacks')
  t.match(await attempts(attemptSid).fetch(), { channelData: { message_status: 'DELIVERED' } })
  t.match(await service.verifications(verification.sid).fetch(), { status: 'pending' })
  t.match(await service.verificationChecks.create({ to: TO, code: '482914' }), { sid: verification.sid, status: 'pending', valid: false })
  t.match(await service.verificationChecks.create({ verificationSid: verification.sid, code: '482913' }), { status: 'approved', valid: true })
  t.match(await attempts(attemptSid).fetch(), { conversionStatus: 'CONVERTED' })
  await t.rejects(service.verificationChecks.create({ to: TO, code: '482913' }), error({ status: 404, code: 20404 }), 'once')
  t.match(await service.verifications(verification.sid).fetch(), { sid: verification.sid, status: 'approved', valid: true }, 'how it ended is still told')
  await t.rejects(service.verifications(TO).fetch(), error({ status: 404 }), 'by its own name only')
})

t.test('what has ended is told of by its sid, unless it is forgotten', async t => {
  const { sandbox, service, clock } = await start(t)
  const begin = async () => (await service.verifications.create({ to: TO, channel: 'sms' })).sid
  const statusOf = async (sid: string) => (await service.verifications(sid).fetch()).status
  const canceled = await begin()
  await service.verifications(canceled).update({ status: 'canceled' })
  const expired = await begin()
  clock.now += 10 * MINUTE - 1
  t.equal(await statusOf(expired), 'pending')
  clock.now += 1
  t.same([await statusOf(canceled), await statusOf(expired)], ['canceled', 'expired'])
  const code = sandbox.messages.at(-1)!.text.slice(-6)
  await t.rejects(service.verificationChecks.create({ verificationSid: expired, code }), error({ status: 404, code: 20404 }))
  await t.rejects(service.verifications(expired).update({ status: 'approved' }), error({ status: 404 }))
  sandbox.script(TO, { twilio: { verification: { forgetsEnded: true } } })
  for (const sid of [canceled, expired]) await t.rejects(service.verifications(sid).fetch(), error({ status: 404, code: 20404 }))
  t.equal(await statusOf(await begin()), 'pending')
})

t.test('faults of later requests befall also those about what has ended', async t => {
  const { sandbox, service } = await start(t)
  const { sid } = await service.verifications.create({ to: TO, channel: 'sms' })
  await service.verifications(sid).update({ status: 'canceled' })
  sandbox.script(TO, { twilio: { later: { error: { status: 503, code: 20503 } } } })
  await t.rejects(service.verificationChecks.create({ verificationSid: sid, code: '123456' }), error({ status: 503 }))
  await t.rejects(service.verifications(sid).fetch(), error({ status: 503 }))
})

t.test('a verification that is pending is used again', async t => {
  const { sandbox, service, clock } = await start(t)
  const send = () => service.verifications.create({ to: TO, channel: 'sms' })
  const first = await send()
  for (let sends = 2; sends <= 5; sends += 1) {
    clock.now += MINUTE
    const again = await send()
    t.equal(again.sid, first.sid)
    t.equal(new Set(again.sendCodeAttempts.map((one: any) => one.attempt_sid)).size, sends)
  }
  t.equal(new Set(sandbox.messages.map(({ text }) => text)).size, 1, 'with the same code')
  t.match(sandbox.messages[0]!.text, /: \d{6}$/)
  await t.rejects(send(), error({ status: 429, code: 60203 }))
  t.equal(sandbox.messages.length, 5)
  t.match(await service.verifications.create({ to: '+15557654321', channel: 'sms' }), { status: 'pending' }, 'another number is not concerned')
  clock.now += 6 * MINUTE
  const next = await send()
  t.not(next.sid, first.sid, 'ten minutes after the first code it is over')
  t.equal(next.sendCodeAttempts.length, 1)
})

t.test('feedback frees the number', async t => {
  const { service, attempts } = await start(t)
  for (const [status, converted] of [['approved', 'CONVERTED'], ['canceled', 'UNCONVERTED']] as const) {
    const { sid } = await service.verifications.create({ to: TO, channel: 'whatsapp', customCode: '1234' })
    t.match(await service.verifications(status === 'approved' ? TO : sid).update({ status }), { sid, status, valid: status === 'approved' })
    await t.rejects(service.verifications(sid).update({ status }), error({ status: 404, code: 20404 }))
    t.match(await attempts.list({ verificationSid: sid }), [{ conversionStatus: converted, channel: 'whatsapp' }])
    t.not((await service.verifications.create({ to: TO, channel: 'sms' })).sid, sid)
    await service.verifications(TO).update({ status: 'canceled' })
  }
})

t.test('a code is checked five times', async t => {
  const { service } = await start(t)
  await service.verifications.create({ to: TO, channel: 'sms', customCode: '482913' })
  for (let check = 1; check <= 5; check += 1) t.match(await service.verificationChecks.create({ to: TO, code: '0000' }), { valid: false })
  await t.rejects(service.verificationChecks.create({ to: TO, code: '482913' }), error({ status: 429, code: 60202 }))
})

t.test('what Verify refuses', async t => {
  const { sandbox, client, service, attempts } = await start(t)
  const refuses = (change: object, code = 60200, status = 400) =>
    t.rejects(service.verifications.create({ to: TO, channel: 'sms', ...change }), error({ code, status }), JSON.stringify(change))
  await refuses({ to: '5551234567' })
  await refuses({ to: '' })
  const nobody = await fetch(`${sandbox.url}/v2/Services/${sandbox.twilio.verifySid}/Verifications`, {
    method: 'POST', headers: { authorization: `Basic ${btoa(`${sandbox.twilio.accountSid}:${sandbox.twilio.authToken}`)}` }
  })
  t.match([nobody.status, await nobody.json()], [400, { code: 60200, message: 'Invalid parameter: `To`' }])
  await refuses({ channel: 'email' })
  await refuses({ channel: 'voice' })
  await refuses({ channel: '' })
  await refuses({ customCode: '123' })
  await refuses({ customCode: '12345678901' })
  await t.rejects(client.verify.v2.services(`VA${'0'.repeat(32)}`).verifications.create({ to: TO, channel: 'sms' }), error({ status: 404, code: 20404 }))
  await t.rejects(service.verificationChecks.create({ code: '1234' }), error({ code: 60200 }))
  await t.rejects(service.verificationChecks.create({ to: TO }), error({ code: 60200 }))
  await t.rejects(service.verificationChecks.create({ to: TO, code: '1234' }), error({ code: 20404 }))
  await t.rejects(attempts(`VL${'0'.repeat(32)}`).fetch(), error({ status: 404, code: 20404 }))
  await t.rejects(service.verifications(`VE${'0'.repeat(32)}`).fetch(), error({ status: 404, code: 20404 }))
  t.same(sandbox.messages, [])
  const { sid } = await service.verifications.create({ to: TO, channel: 'sms', customCode: '1234567890' })
  await t.rejects(service.verifications(sid).update({ status: 'pending' as 'approved' }), error({ code: 60200 }))

  const plain = await start(t, { twilio: { customCodes: false } })
  await t.rejects(plain.service.verifications.create({ to: TO, channel: 'sms', customCode: '1234' }), error({ status: 403, code: 60204 }))
  await plain.service.verifications.create({ to: TO, channel: 'sms' })
})

t.test('what became of the attempts', async t => {
  const { sandbox, service, attempts, clock } = await start(t)
  const send = async (channel: string, verification: object) => {
    sandbox.script(TO, { twilio: { verification } })
    const { sid } = await service.verifications.create({ to: TO, channel, customCode: '4829' })
    await sandbox.settled()
    await service.verifications(sid).update({ status: 'canceled' })
    clock.now += MINUTE
    const [attempt] = await attempts.list({ verificationSid: sid })
    return attempt?.channelData
  }
  t.match(await send('sms', { report: 'undelivered' }), { message_status: 'UNDELIVERED', error_code: '30003' })
  t.match(await send('sms', { report: 'failed', errorCode: 30007 }), { message_status: 'FAILED', error_code: '30007' })
  t.match(await send('sms', { report: 'none' }), { message_status: 'SENT', error_code: null })
  t.match(await send('whatsapp', {}), { message_status: 'DELIVERED' })
  t.match(await send('call', {}), { to: TO, call_status: 'COMPLETED', error_code: null })
  t.match(sandbox.calls.at(-1)?.spoken, ['Your sandbox verification code is: 4, 8, 2, 9.', 'Your sandbox verification code is: 4, 8, 2, 9.'])
  t.match(await send('call', { report: 'undelivered', errorCode: 30003 }), { call_status: 'NO-ANSWER', error_code: '30003' })
  t.match(await send('call', { report: 'failed' }), { call_status: 'FAILED', error_code: null })
  t.match(await send('call', { report: 'delivered' }), { call_status: 'COMPLETED' })

  const other = '+15557654321'
  await service.verifications.create({ to: other, channel: 'sms' })
  const times = async (query: object) => (await attempts.list(query)).map(({ dateCreated }) => dateCreated.getTime())
  const all = await times({})
  t.equal(all.length, 9)
  t.same(all, [...all].sort((one, another) => another - one), 'newest first')
  t.equal((await times({ 'channelData.to': other })).length, 1)
  t.equal((await times({ channel: 'call' })).length, 4)
  t.equal((await times({ status: 'unconverted' })).length, 9)
  t.equal((await times({ status: 'converted' })).length, 0)
  t.equal((await times({ verifyServiceSid: sandbox.twilio.verifySid })).length, 9)
  t.equal((await times({ verifyServiceSid: `VA${'0'.repeat(32)}` })).length, 0)
  t.equal((await times({ dateCreatedAfter: new Date(clock.now) })).length, 1)
  t.equal((await times({ dateCreatedBefore: new Date(clock.now - MINUTE) })).length, 8)
  t.equal((await attempts.page({ pageSize: 2 })).instances.length, 2)
  t.same(await times({ pageSize: 2 }), all, 'page after page')
})

t.test('scripted faults of Verify, and of what is asked later', async t => {
  const { sandbox, service, attempts } = await start(t)
  const create = () => service.verifications.create({ to: TO, channel: 'sms', customCode: '1234' })
  sandbox.script(TO, { twilio: { verification: { error: { status: 403, code: 60410 }, times: 1 } } })
  await t.rejects(create(), error({ status: 403, code: 60410, moreInfo: 'https://www.twilio.com/docs/errors/60410' }))
  t.same(sandbox.messages, [])
  await create()
  sandbox.script('*', { twilio: { later: { error: { status: 429, code: 20429 } } } })
  await t.rejects(attempts.list({}), error({ status: 429, code: 20429 }))
  await t.rejects(attempts(`VL${'0'.repeat(32)}`).fetch(), error({ status: 429 }))
  t.match(await service.verifications(TO).update({ status: 'approved' }), { status: 'approved' }, 'a number with a script of its own')
})
