import t from 'tap'
import type { SandboxRequest } from '../../src/sandbox/sandbox.ts'
import { ADMIN, SECRET, type Reply, type TestGateway } from '../support/gateway.ts'
import { factsOf, happened, MESSAGE, NUMBER, startTwilioGateway, tellUsed } from './twilio-stand.ts'

const VERIFY = { SMS_ROUTE: 'twilio-verify' }
const SHOP = 'the-secret-of-the-shop'
const LEASE = 31_000

/** What Twilio was told of codes that were used. */
const feedbackOf = ({ sandbox }: TestGateway): SandboxRequest[] =>
  sandbox.requests.filter(({ method, path }) => method === 'POST' && /\/Verifications\/VE/.test(path))

const conversionsOf = async ({ sandbox: { twilio } }: TestGateway): Promise<string[]> => {
  const credential = Buffer.from(`${twilio.accountSid}:${twilio.authToken}`).toString('base64')
  const reply = await fetch(`${twilio.baseUrl}/v2/Attempts`, { headers: { authorization: `Basic ${credential}` } })
  const { attempts } = await reply.json() as { attempts: Array<{ conversion_status: string }> }
  return attempts.map(({ conversion_status: status }) => status)
}

const sendCodes = async ({ post }: TestGateway, count: number): Promise<Reply[]> => {
  const replies: Reply[] = []
  for (let index = 0; index < count; index += 1) replies.push(await post('/send-text-code', { ...MESSAGE, code: `77770${index}` }))
  return replies
}

t.test('a code that was used is noted, and Verify is told of it', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: VERIFY })
  const { body } = await gateway.post('/send-text-code', MESSAGE)
  t.same(await conversionsOf(gateway), ['UNCONVERTED'])
  const reply = await tellUsed(gateway, body.id)
  t.match([reply.status, reply.body], [204, undefined])
  t.same(feedbackOf(gateway), [], 'nobody waits for Twilio')
  await gateway.gateway.housekeeping.runDue()
  t.same(await conversionsOf(gateway), ['CONVERTED'])
  const found = await gateway.delivery(body.id)
  t.equal(found.usedAt, new Date(gateway.clock()).toISOString())
  t.ok(happened(found).includes('code.used'))
  t.same(factsOf(gateway, 'delivery.used'), [{ type: 'delivery.used', delivery: body.id }])
})

t.test('a sixth code in ten minutes is refused, until one is known to be used', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: { SMS_ROUTE: 'twilio-verify,twilio-sms' } })
  const sent = await sendCodes(gateway, 5)
  t.ok(sent.every(({ status }) => status === 200))
  const refused = await gateway.post('/send-text-code', MESSAGE)
  t.match(refused, { status: 422, body: { code: 'recipient_refused', detail: 'too_many_codes' } })
  t.match(await gateway.delivery(refused.body.id), { attempts: [{ provider: 'twilio-verify', vendorCode: '60203', hint: /five codes/ }] })
  t.ok(gateway.sandbox.messages.every(({ verification }) => verification !== undefined), 'no other provider goes round it')
  await tellUsed(gateway, sent[4]?.body.id)
  await gateway.gateway.housekeeping.runDue()
  const allowed = await gateway.post('/send-text-code', MESSAGE)
  t.match(allowed, { status: 200, body: { provider: 'twilio-verify' } })
  const [old, fresh] = [await gateway.delivery(sent[4]?.body.id), await gateway.delivery(allowed.body.id)]
  t.not(fresh.attempts[0].transaction, old.attempts[0].transaction)
})

t.test('used twice, or by many at a time, is used once', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: VERIFY })
  const { body } = await gateway.post('/send-text-code', MESSAGE)
  const replies = await Promise.all(Array.from({ length: 10 }, () => tellUsed(gateway, body.id)))
  t.ok(replies.every(({ status }) => status === 204))
  const { usedAt } = await gateway.delivery(body.id)
  await gateway.gateway.housekeeping.runDue()
  gateway.clock.advance(LEASE)
  t.equal((await tellUsed(gateway, body.id)).status, 204)
  await gateway.gateway.housekeeping.runDue()
  t.equal(feedbackOf(gateway).length, 1)
  t.equal((await gateway.delivery(body.id)).usedAt, usedAt)
  t.equal(factsOf(gateway, 'delivery.used').length, 1)
})

t.test('only who sent it, and the admin, may say that it was used', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: { ...VERIFY, CALLERS: `shop:${SHOP}` } })
  const { body: { id } } = await gateway.post('/send-text-code', MESSAGE)
  const before = await gateway.stored()
  for (const [secret, delivery] of [
    [SHOP, id], ['wrong', id], ['', id], [SECRET, '01a1fcbf-a15a-764d-8bfd-6ca45f16d75c'], [SECRET, '1'], [SECRET, id.toUpperCase()], [ADMIN, '%27%20OR%201=1'], [ADMIN, 'a'.repeat(90)]
  ] as const) {
    const { status, body } = await tellUsed(gateway, delivery, secret)
    t.match([status, body.code], [404, 'not_found'], `${secret} ${delivery}`)
  }
  t.equal((await fetch(`${gateway.url}/deliveries/${id}/used`, { method: 'POST' })).status, 404)
  t.equal(await gateway.stored(), before)
  t.equal((await tellUsed(gateway, id, ADMIN)).status, 204)
  await gateway.gateway.housekeeping.runDue()
  t.equal(feedbackOf(gateway).length, 1)
})

t.test('it takes no body, and minds none, whatever is said of it', async (t) => {
  const { post, url } = await startTwilioGateway(t, { settings: VERIFY })
  const { body } = await post('/send-text-code', MESSAGE)
  const used = `${url}/deliveries/${body.id}/used`
  const headers = { authorization: `Bearer ${SECRET}` }
  t.equal((await fetch(used, { method: 'POST', headers })).status, 204)
  t.equal((await fetch(used, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{"code":"482913"}' })).status, 204)
  t.equal((await fetch(used, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: '{' })).status, 204)
  t.equal((await fetch(used, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' } })).status, 204)
  t.equal((await fetch(used, { method: 'POST', headers: { ...headers, 'content-type': 'text/odd' }, body: 'x' })).status, 204)
  t.equal((await fetch(used, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: `"${'a'.repeat(70_000)}"` })).status, 413)
  t.equal((await fetch(used, { headers })).status, 405)
})

t.test('with Twilio down it is told later, once', async (t) => {
  for (const later of [{ httpError: { status: 503 } }, { drop: 'before-read' }, { error: { status: 429, code: 20429 } }, { error: { status: 401, code: 20003 } }] as const) {
    const gateway = await startTwilioGateway(t, { settings: VERIFY })
    const { post, sandbox, clock, gateway: { housekeeping } } = gateway
    const { body } = await post('/send-text-code', MESSAGE)
    sandbox.script(NUMBER, { twilio: { later } })
    t.equal((await tellUsed(gateway, body.id)).status, 204)
    await t.rejects(housekeeping.runDue())
    sandbox.script(NUMBER, {})
    await housekeeping.runDue()
    t.equal(feedbackOf(gateway).length, 1, 'not before its time')
    clock.advance(LEASE)
    await housekeeping.runDue()
    t.same(await conversionsOf(gateway), ['CONVERTED'], JSON.stringify(later))
    clock.advance(LEASE)
    await housekeeping.runDue()
    t.equal(feedbackOf(gateway).length, 2)
  }
})

t.test('an answer that was lost is asked for again, and then there is nothing more to tell', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: VERIFY })
  const { post, sandbox, clock, gateway: { housekeeping } } = gateway
  const { body } = await post('/send-text-code', MESSAGE)
  sandbox.script(NUMBER, { twilio: { later: { drop: 'after-accept', times: 1 } } })
  await tellUsed(gateway, body.id)
  await t.rejects(housekeeping.runDue())
  for (let turn = 0; turn < 3; turn += 1) {
    clock.advance(LEASE)
    await housekeeping.runDue()
  }
  t.equal(feedbackOf(gateway).length, 2)
  t.same(await conversionsOf(gateway), ['CONVERTED'])
})

t.test('what Twilio has forgotten is not told, and what is hours old is not tried', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: VERIFY })
  const { post, clock, gateway: { housekeeping } } = gateway
  const first = await post('/send-text-code', MESSAGE)
  clock.advance(11 * 60_000)
  await tellUsed(gateway, first.body.id)
  await housekeeping.runDue()
  t.match(feedbackOf(gateway), [{ status: 404 }])
  const second = await post('/send-text-code', { ...MESSAGE, code: '111222' })
  clock.advance(61 * 60_000)
  t.equal((await tellUsed(gateway, second.body.id)).status, 204)
  await housekeeping.runDue()
  t.equal(feedbackOf(gateway).length, 1)
})

t.test('where nobody wants to know, it is noted all the same', async (t) => {
  const gateway = await startTwilioGateway(t, { twilio: 'too' })
  for (const path of ['/send-text-code', '/send-voice-code']) {
    const { body } = await gateway.post(path, MESSAGE)
    await gateway.reaches(body.id, 'delivered')
    t.equal((await tellUsed(gateway, body.id)).status, 204)
    await gateway.gateway.housekeeping.runDue()
    t.type((await gateway.delivery(body.id)).usedAt, 'string')
  }
  t.ok(gateway.sandbox.requests.every(({ vendor }) => vendor === 'azure'))
})

t.test('a code that was used is not sent once more', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: { RETRY_SMS: '1' } })
  const { post, sandbox, reaches, clock, gateway: { housekeeping } } = gateway
  sandbox.script(NUMBER, { twilio: { message: { report: 'undelivered', errorCode: 30003 } } })
  const { body } = await post('/send-text-code', MESSAGE)
  await reaches(body.id, 'undelivered')
  await sandbox.settled()
  await tellUsed(gateway, body.id)
  clock.advance(11_000)
  await housekeeping.runDue()
  t.equal(sandbox.messages.length, 1)
  const other = await post('/send-text-code', { ...MESSAGE, code: '111222' })
  await reaches(other.body.id, 'undelivered')
  await sandbox.settled()
  clock.advance(11_000)
  await housekeeping.runDue()
  t.equal(sandbox.messages.length, 3, 'one that was not is')
})

t.test('the log tells of it without the number or the code', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: VERIFY })
  const { body } = await gateway.post('/send-text-code', MESSAGE)
  await tellUsed(gateway, body.id)
  const line = gateway.log.map((text) => JSON.parse(text)).find(({ msg }) => msg === 'delivery.used')
  t.match(line, { delivery: body.id })
  t.notMatch(gateway.log.join(), /482913|4155550123/)
})
