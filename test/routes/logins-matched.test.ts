import t from 'tap'
import { StoreUnavailable } from '../../src/store/sql.ts'
import { startTestGateway, type Reply, type TestGateway } from '../support/gateway.ts'
import { factsOf, happened, startTwilioGateway } from './twilio-stand.ts'

const NUMBER = '+14155550123'
const SHOP = 'the-secret-of-the-shop'
const TRANSMITTED = 20_000

let codes = 482_913

/** What Okta's inline hook asks for a user. */
const askAsOkta = async ({ post }: TestGateway, userId: string, headers?: Record<string, string>): Promise<string> => {
  const code = String(codes += 1)
  const { body } = await post('/hooks/okta', {
    eventId: `event of ${code}`,
    data: { userProfile: { userId }, messageProfile: { msgTemplate: `Your code is ${code}`, phoneNumber: NUMBER, otpCode: code, deliveryChannel: 'SMS' } }
  }, headers)
  return body.commands[0].value[0].transactionMetadata.replace('delivery=', '')
}

/** Okta's Event Hook tells that the user has passed a factor. */
const tellAsOkta = ({ post, clock }: TestGateway, id: string, factor = 'SMS_FACTOR', headers?: Record<string, string>): Promise<Reply> => post('/hooks/okta/events', {
  eventType: 'com.okta.event_hook',
  data: {
    events: [{
      uuid: 'f790999f',
      eventType: 'user.authentication.auth_via_mfa',
      published: new Date(clock()).toISOString(),
      outcome: { result: 'SUCCESS', reason: null },
      actor: { id, type: 'User' },
      target: [{ id, type: 'User' }],
      debugContext: { debugData: { factor } }
    }]
  }
}, headers)

t.test('a code that came by Okta is used once Okta tells of the login, and its budgets have a place again', async (t) => {
  const gateway = await startTestGateway(t, { settings: { BUDGET_NUMBER: '2/10m', BUDGET_USER: '2/10m' } })
  const first = await askAsOkta(gateway, '00u-kim')
  const second = await askAsOkta(gateway, '00u-kim')
  gateway.clock.advance(TRANSMITTED)
  const refused = await gateway.post('/hooks/okta', {
    data: { userProfile: { userId: '00u-kim' }, messageProfile: { msgTemplate: 'Your code is 111111', phoneNumber: NUMBER, otpCode: '111111', deliveryChannel: 'SMS' } }
  })
  t.match(refused.body, { error: { errorCauses: [{ reason: /^too_many_messages/ }] } })

  t.match(await tellAsOkta(gateway, '00u-kim'), { status: 200, body: undefined })
  const found = await gateway.delivery(second)
  t.equal(found.usedAt, new Date(gateway.clock()).toISOString())
  t.ok(happened(found).includes('code.used'))
  t.equal((await gateway.delivery(first)).usedAt, undefined, 'the older one was not what had to be typed')
  t.same(factsOf(gateway, 'login.matched'), [{ type: 'login.matched', from: 'okta', delivery: second }])
  t.same(factsOf(gateway, 'delivery.used'), [{ type: 'delivery.used', delivery: second }])

  await tellAsOkta(gateway, '00u-kim')
  t.equal(factsOf(gateway, 'login.matched').length, 1, 'told again nothing changes')
  const third = await askAsOkta(gateway, '00u-kim')
  t.match(await gateway.delivery(third), { status: /accepted|delivered/ })
  t.notMatch(gateway.log.join(), /00u-kim/)
})

t.test('a login of somebody else, by another factor or of another caller is none of that message', async (t) => {
  const gateway = await startTestGateway(t, { settings: { CALLERS: `shop:${SHOP}` } })
  const delivery = await askAsOkta(gateway, '00u-kim')
  const shop = { authorization: SHOP }
  t.match(await tellAsOkta(gateway, '00u-sam'), { status: 200 })
  t.match(await tellAsOkta(gateway, '00u-kim', 'OKTA_VERIFY_PUSH'), { status: 200 })
  t.match(await tellAsOkta(gateway, '00u-kim', 'SMS_FACTOR', shop), { status: 200 })
  t.match(await gateway.post('/hooks/auth0/logs', [{ data: { type: 'gd_auth_succeed', user_id: '00u-kim', date: new Date(gateway.clock()).toISOString() } }]), { status: 200 })
  t.equal((await gateway.delivery(delivery)).usedAt, undefined)
  t.same(factsOf(gateway, 'login.matched'), [])
  const own = await askAsOkta(gateway, '00u-kim', shop)
  await tellAsOkta(gateway, '00u-kim', 'SMS_FACTOR', shop)
  t.same(factsOf(gateway, 'login.matched'), [{ type: 'login.matched', from: 'okta', delivery: own }])
})

t.test('a code that came by Auth0 is used once its log says so', async (t) => {
  const gateway = await startTestGateway(t)
  const { body: { id } } = await gateway.post('/hooks/auth0', {
    tenant: 'contoso', user: 'auth0|5f7c8ec7', notification: { recipient: NUMBER, delivery_method: 'text', message_type: 'otp_verify', as_text: 'Your code is 582913', code: '582913' }
  })
  const log = (type: string): string => JSON.stringify({ log_id: '900', data: { type, date: new Date(gateway.clock()).toISOString(), user_id: 'auth0|5f7c8ec7', details: { authenticator: { id: 'sms|dev_1', type: 'oob' } } } })
  t.match(await gateway.post('/hooks/auth0/logs', `${log('gd_send_sms')}\n${log('gd_auth_succeed')}\n`, { 'content-type': 'application/x-ndjson' }), { status: 200 })
  t.ok((await gateway.delivery(id)).usedAt)
  t.same(factsOf(gateway, 'login.matched'), [{ type: 'login.matched', from: 'auth0', delivery: id }])
})

t.test('Verify is told that its code was right, as Okta tells it', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: { SMS_ROUTE: 'twilio-verify' } })
  await askAsOkta(gateway, '00u-kim')
  await tellAsOkta(gateway, '00u-kim')
  await gateway.gateway.housekeeping.runDue()
  t.match(gateway.sandbox.requests.at(-1), { method: 'POST', path: /\/Verifications\/VE/, status: 200 })
})

t.test('with feedback Twilio hears of the text as well, once, and again where its answer was lost', async (t) => {
  const gateway = await startTwilioGateway(t, { settings: { TWILIO_MESSAGE_FEEDBACK: '1' } })
  const { sandbox, gateway: { housekeeping } } = gateway
  const id = await askAsOkta(gateway, '00u-kim')
  t.match(sandbox.messages, [{ feedback: 'unconfirmed' }])
  const { attempts: [attempt] } = await gateway.delivery(id)
  t.equal(attempt.transaction, attempt.reference)
  await sandbox.settled()
  sandbox.script(NUMBER, { twilio: { later: { httpError: { status: 500 }, times: 1 } } })
  await tellAsOkta(gateway, '00u-kim')
  await t.rejects(housekeeping.runDue(), { message: /may not know/ })
  t.match(sandbox.messages, [{ feedback: 'unconfirmed' }])
  gateway.clock.advance(60_000)
  await housekeeping.runDue()
  t.match(sandbox.messages, [{ feedback: 'confirmed' }])
  gateway.clock.advance(60_000)
  await housekeeping.runDue()
  t.equal(sandbox.requests.filter(({ path }) => path.endsWith('/Feedback.json')).length, 2)
})

t.test('without it Twilio is not asked to wait for any', async (t) => {
  const gateway = await startTwilioGateway(t)
  await askAsOkta(gateway, '00u-kim')
  await tellAsOkta(gateway, '00u-kim')
  await gateway.gateway.housekeeping.runDue()
  t.notOk(gateway.sandbox.requests.some(({ path }) => path.endsWith('/Feedback.json')))
  t.equal(gateway.sandbox.messages[0]?.feedback, undefined)
})

t.test('while the store is away Okta is asked to tell it again', async (t) => {
  let isAway = false
  const gateway = await startTestGateway(t, {
    wrapSql: (sql) => ({
      ...sql,
      read: async (step) => {
        if (isAway && step.text.includes('user_digest')) throw new StoreUnavailable()
        return await sql.read(step)
      },
      write: (steps) => sql.write(steps),
      follow: (topic, wake) => sql.follow(topic, wake),
      check: () => sql.check(),
      close: () => sql.close()
    })
  })
  const delivery = await askAsOkta(gateway, '00u-kim')
  isAway = true
  t.match(await tellAsOkta(gateway, '00u-kim'), { status: 503, body: { code: 'events_unavailable' } })
  isAway = false
  t.match(await tellAsOkta(gateway, '00u-kim'), { status: 200 })
  t.ok((await gateway.delivery(delivery)).usedAt)
})
