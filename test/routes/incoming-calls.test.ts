import t from 'tap'
import { KEY, startTestGateway, type TestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const OWN = '+15550100001'

const ring = async ({ sandbox }: TestGateway, from: string): Promise<void> => {
  const reply = await fetch(`${sandbox.url}/sandbox/incoming-calls`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ from, to: OWN })
  })
  await reply.text()
  await sandbox.settled()
}

const inbound = ({ sandbox }: TestGateway) => sandbox.calls.filter(({ direction }) => direction === 'inbound')
const outbound = ({ sandbox }: TestGateway) => sandbox.calls.filter(({ direction }) => direction === 'outbound')
const CODE = /4\W+8\W+2\W+9\W+1\W+3/

t.test('a call to the number is rejected, unless told otherwise', async (t) => {
  const gateway = await startTestGateway(t)
  await ring(gateway, NUMBER)
  t.match(inbound(gateway), [{ state: 'disconnected', spoken: [] }])
  t.match(gateway.events.find(({ type }) => type === 'call.incoming'), { answer: 'rejected' })
})

t.test('announce says what the number is for, in the language of the caller\'s country, and hangs up', async (t) => {
  const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'announce' } })
  await ring(gateway, '+4915112345678')
  const [call] = inbound(gateway)
  t.equal(call?.state, 'disconnected')
  t.equal(call?.spoken.length, 1)
  t.match(call?.played[0], /xml:lang="de-DE"/)
  t.notMatch(JSON.stringify(call), CODE)
})

t.test('an announcement that cannot be spoken ends the call', async (t) => {
  for (const failures of [1, 9]) {
    const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'announce' } })
    gateway.sandbox.script(NUMBER, { call: { playFailures: failures } })
    await ring(gateway, NUMBER)
    t.match(inbound(gateway), [{ state: 'disconnected' }])
  }
  const refused = await startTestGateway(t, { settings: { INCOMING_CALLS: 'announce' } })
  refused.sandbox.script(NUMBER, { call: { media: { httpError: { status: 400 } } } })
  await ring(refused, NUMBER)
  t.match(inbound(refused), [{ state: 'disconnected', spoken: [] }])
})

t.test('an announcement ends in time where its callbacks are lost', async (t) => {
  const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'announce' } })
  gateway.sandbox.script(NUMBER, { call: { loseCallbacks: ['PlayCompleted'] } })
  await ring(gateway, NUMBER)
  t.match(inbound(gateway), [{ state: 'connected' }])
  gateway.clock.advance(91_000)
  await gateway.gateway.housekeeping.runDue()
  t.match(inbound(gateway), [{ state: 'disconnected' }])
})

t.test('call-back rings the number with its code, once, and speaks nothing into the incoming call', async (t) => {
  const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back' } })
  const { body } = await gateway.post('/send-text-code', { phoneNumber: NUMBER, code: '482913', locale: 'de' })
  await gateway.reaches(body.id, 'delivered')
  await ring(gateway, NUMBER)
  await ring(gateway, NUMBER)
  t.match(inbound(gateway).map(({ state, spoken }) => ({ state, spoken })), [{ state: 'disconnected', spoken: [] }, { state: 'disconnected', spoken: [] }])
  t.equal(outbound(gateway).length, 1)
  t.match(outbound(gateway)[0]?.spoken[0], CODE)
  t.match(outbound(gateway)[0]?.played[0], /xml:lang="de-DE"/)
  t.match(await gateway.delivery(body.id), { status: 'delivered', attempts: [{ provider: 'acs-sms' }, { provider: 'acs-voice', status: 'delivered' }] })
})

t.test('call-back has no code for strangers, for expired codes, for texts without a code, and never calls itself', async (t) => {
  const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back' } })
  await gateway.post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  await gateway.post('/send-text-code', { phoneNumber: '+14155550124', text: 'Your account was blocked.' })
  gateway.sandbox.script(OWN, { sms: { recipientError: { httpStatusCode: 400, errorMessage: 'no' } } })
  await gateway.post('/send-text-code', { phoneNumber: OWN, code: '482913' })
  await ring(gateway, '+14155550199')
  await ring(gateway, '+14155550124')
  await ring(gateway, OWN)
  gateway.clock.advance(301_000)
  await ring(gateway, NUMBER)
  t.equal(outbound(gateway).length, 0)
  t.equal(inbound(gateway).length, 4)
  t.match(gateway.events.filter(({ type }) => type === 'call.incoming').map((event) => 'answer' in event && event.answer),
    ['rejected', 'rejected', 'ignored', 'rejected'])
})

t.test('a code is kept in its delivery only where people may call back and be rung, sealed, and wiped once it has expired', async (t) => {
  for (const [mode, kept, more] of [['reject', 0, {}], ['call-back', 1, {}], ['call-back', 0, { twilio: 'alone' }]] as const) {
    let count = async (): Promise<unknown> => undefined
    const gateway = await startTestGateway(t, {
      ...more,
      settings: { INCOMING_CALLS: mode },
      wrapSql: (sql) => {
        count = async () => (await sql.read({ text: 'SELECT COUNT(*) AS n, MAX(kept_code) AS sealed FROM deliveries WHERE kept_code IS NOT NULL', parameters: {} }))[0]
        return sql
      }
    })
    await gateway.post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
    t.match(await count(), { n: kept })
    t.notMatch(JSON.stringify(await count()), /482913/)
    gateway.clock.advance(301_000)
    await gateway.gateway.housekeeping.recover()
    t.match(await count(), { n: 0 })
  }
})

t.test('a code whose key is gone cannot be opened any more, and a call back that fails is none', async (t) => {
  const [old, last] = [KEY, Buffer.alloc(32, 7).toString('base64')]
  const before = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back', GATEWAY_KEYS: `${old},${last}` } })
  await before.post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  await before.gateway.close()
  const { environment, folder, sandbox } = before
  const after = await startTestGateway(t, {
    after: { folder, sandbox, environment: { ...environment, GATEWAY_KEYS: last }, port: Number(new URL(before.url).port) }
  })
  await ring(after, NUMBER)
  t.equal(outbound(after).length, 0)

  await after.post('/send-text-code', { phoneNumber: NUMBER, code: '771204' })
  sandbox.script(NUMBER, { call: { httpError: { status: 403 } } })
  await ring(after, NUMBER)
  t.same(after.events.filter(({ type }) => type === 'call.incoming').map((event) => 'answer' in event && event.answer), ['rejected', 'rejected'])
})

t.test('an announcement ends in time though Azure never says that it is connected, and is spoken once', async (t) => {
  const silent = await startTestGateway(t, { settings: { INCOMING_CALLS: 'announce' } })
  silent.sandbox.script(NUMBER, { call: { loseCallbacks: ['CallConnected'] } })
  await ring(silent, NUMBER)
  silent.clock.advance(91_000)
  await silent.gateway.housekeeping.runDue()
  t.match(inbound(silent), [{ state: 'disconnected', spoken: [] }])

  const twice = await startTestGateway(t, { settings: { INCOMING_CALLS: 'announce' } })
  twice.sandbox.script(NUMBER, { call: { callbackCopies: 3 } })
  await ring(twice, NUMBER)
  t.equal(inbound(twice)[0]?.spoken.length, 1)
})

t.test('one code is rung back once, however often it was sent', async (t) => {
  const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back' } })
  await gateway.post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  gateway.clock.advance(45_000)
  await gateway.post('/send-text-code', { phoneNumber: NUMBER, code: '482913' })
  await ring(gateway, NUMBER)
  await ring(gateway, NUMBER)
  await ring(gateway, NUMBER)
  t.equal(outbound(gateway).length, 1)
})
