import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { startEscalating } from './escalation-stand.ts'

const NUMBER = '+14155550123'
const OTHER = '+14155550124'
const OWN = '+15550100001'
const IP = '203.0.113.7'
const AFTER = 60_000
const RETRY_AFTER = 10_000
const FAILS = { sms: { report: 'failed', reportDetails: '4006' } } as const

const send = async ({ post, sandbox }: TestGateway, phoneNumber = NUMBER, more: object = {}): Promise<{ readonly status: number, readonly id: string }> => {
  const { status, body } = await post('/send-text-code', { phoneNumber, code: '482913', ...more })
  await sandbox.settled()
  return { status, id: body.id }
}

const pass = async ({ clock, gateway, sandbox }: TestGateway, milliseconds: number): Promise<void> => {
  clock.advance(milliseconds)
  await gateway.housekeeping.runDue()
  await sandbox.settled()
}

const ring = async ({ sandbox }: TestGateway, from = NUMBER): Promise<void> => {
  const reply = await fetch(`${sandbox.url}/sandbox/incoming-calls`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ from, to: OWN })
  })
  await reply.text()
  await sandbox.settled()
}

const rulesOn = async (gateway: TestGateway, id: string): Promise<string[]> =>
  (await gateway.delivery(id)).decisions.map(({ rule, mode }: { rule: string, mode: string }) => `${rule} ${mode}`)

const outbound = ({ sandbox }: TestGateway) => sandbox.calls.filter(({ direction }) => direction === 'outbound')

const startRetrying = async (t: Test, settings: Environment = {}): Promise<TestGateway> => {
  const gateway = await startTestGateway(t, { twilio: 'too', settings: { RETRY_SMS: '1', SMS_ROUTE: 'acs-sms,twilio-sms', ...settings } })
  gateway.sandbox.script('*', FAILS)
  return gateway
}

/** The same store, once the operator has changed his settings. */
const restart = async (t: Test, { clock, environment, folder, gateway, sandbox, url }: TestGateway, settings: Environment): Promise<TestGateway> => {
  await gateway.close()
  return await startTestGateway(t, { clock, settings, after: { folder, environment, sandbox, port: Number(new URL(url).port) } })
}

t.test('a text that is sent once more is counted like any other, and not sent past a full budget', async (t) => {
  for (const [budget, rule, number] of [['BUDGET_NUMBER', 'number-budget', NUMBER], ['BUDGET_COUNTRY', 'country-budget', OTHER], ['BUDGET_TOTAL', 'total-budget', OTHER]] as const) {
    const gateway = await startRetrying(t, { [budget]: '2/1h' })
    const first = await send(gateway)
    await pass(gateway, RETRY_AFTER)
    t.equal(gateway.sandbox.messages.length, 2, 'it is sent once more, and takes the last place')
    t.equal((await send(gateway, number, { code: '771204' })).status, 429, budget)

    const full = await startRetrying(t, { [budget]: '1/1h' })
    const { id } = await send(full)
    await pass(full, RETRY_AFTER)
    t.equal(full.sandbox.messages.length, 1, budget)
    t.same(await rulesOn(full, id), [`${rule} enforce`])
    t.match(await full.delivery(id), { status: 'undelivered' })
    full.clock.advance(2 * 3_600_000)
    await pass(full, RETRY_AFTER)
    t.equal(full.sandbox.messages.length, 1, 'nor later')
    t.same(await rulesOn(gateway, first.id), [])
  }
})

t.test('a text is not sent once more to what was shut meanwhile', async (t) => {
  for (const [settings, rule] of [[{ DENIED_PREFIXES: '+1415' }, 'denied-prefixes'], [{ ALLOWED_COUNTRIES: 'DE' }, 'allowed-countries']] as const) {
    const before = await startRetrying(t)
    const { id } = await send(before)
    const after = await restart(t, before, settings)
    await pass(after, RETRY_AFTER)
    t.equal(after.sandbox.messages.length, 1, rule)
    t.same(await rulesOn(after, id), [`${rule} enforce`])
  }
  const before = await startRetrying(t)
  await send(before)
  const after = await restart(t, before, { TEST_NUMBERS: `${NUMBER}:482913` })
  await pass(after, RETRY_AFTER)
  t.equal(after.sandbox.messages.length, 1, 'a test number')
})

t.test('a text that no provider took when it was sent once more counts for nothing', async (t) => {
  const gateway = await startRetrying(t, { SMS_ROUTE: 'acs-sms', BUDGET_NUMBER: '2/1h' })
  await send(gateway)
  gateway.sandbox.script(NUMBER, { sms: { httpError: { status: 401 } } })
  await pass(gateway, RETRY_AFTER)
  gateway.sandbox.script(NUMBER, {})
  t.equal((await send(gateway, NUMBER, { code: '771204' })).status, 200)
})

t.test('who is called back is counted, and nobody is past a full budget', async (t) => {
  for (const [budget, rule] of [['BUDGET_NUMBER', 'number-budget'], ['BUDGET_TOTAL', 'total-budget'], ['BUDGET_COUNTRY', 'country-budget']] as const) {
    const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back', [budget]: '1/1h' } })
    const { id } = await send(gateway)
    await ring(gateway)
    t.equal(outbound(gateway).length, 0, budget)
    t.same(await rulesOn(gateway, id), [`${rule} enforce`])
    t.match(gateway.events.find(({ type }) => type === 'call.incoming'), { answer: 'rejected' })
  }
  const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back', BUDGET_NUMBER: '2/1h' } })
  await send(gateway)
  await ring(gateway)
  t.equal(outbound(gateway).length, 1)
  t.equal((await send(gateway, NUMBER, { code: '771204' })).status, 429)
})

t.test('no test number is called back, nor one that was shut meanwhile; a call that is not taken counts for nothing', async (t) => {
  const settings = { INCOMING_CALLS: 'call-back', TEST_NUMBERS: `${NUMBER}:482913` }
  const tests = await startTestGateway(t, { settings })
  await send(tests)
  await ring(tests)
  t.equal(tests.sandbox.calls.filter(({ direction }) => direction === 'outbound').length, 0)

  const before = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back' } })
  const { id } = await send(before)
  const after = await restart(t, before, { DENIED_PREFIXES: '+1415' })
  await ring(after)
  t.equal(outbound(after).length, 0)
  t.same(await rulesOn(after, id), ['denied-prefixes enforce'])

  const gateway = await startTestGateway(t, { settings: { INCOMING_CALLS: 'call-back', BUDGET_NUMBER: '2/1h' } })
  await send(gateway)
  gateway.sandbox.script(NUMBER, { call: { httpError: { status: 403 } } })
  await ring(gateway)
  t.equal((await send(gateway, NUMBER, { code: '771204' })).status, 200)
})

t.test('who asked is counted for what is sent later as well', async (t) => {
  const HOOK = { recipient: NUMBER, body: 'Your code is 482913', template_type: 'login_code_valid', template_data: { login_code: '482913' }, ip: IP, user: 'anna' }
  for (const [budget, rule] of [['BUDGET_IP', 'ip-budget'], ['BUDGET_USER', 'user-budget']] as const) {
    const settings = { [budget]: '1/1h', GUARD_MODES: `${rule}=enforce` }
    const idOf = ({ events }: TestGateway): string => events.flatMap((event) => event.type === 'delivery.finished' ? [event.delivery ?? ''] : [])[0] as string

    const retrying = await startRetrying(t, settings)
    t.equal((await retrying.post('/hooks/kratos', HOOK)).status, 200)
    await retrying.sandbox.settled()
    await pass(retrying, RETRY_AFTER)
    t.equal(retrying.sandbox.messages.length, 1)
    t.same(await rulesOn(retrying, idOf(retrying)), [`${rule} enforce`])

    const calling = await startTestGateway(t, { settings: { ...settings, INCOMING_CALLS: 'call-back' } })
    await calling.post('/hooks/kratos', HOOK)
    await calling.sandbox.settled()
    await ring(calling)
    t.equal(outbound(calling).length, 0)
    t.same(await rulesOn(calling, idOf(calling)), [`${rule} enforce`])

    const escalating = await startEscalating(t, { ...settings, ESCALATE_HOOKS: 'kratos' })
    escalating.sandbox.script('*', { sms: { report: 'failed', reportDetails: '4005' } })
    await escalating.post('/hooks/kratos', HOOK)
    await escalating.sandbox.settled()
    await escalating.pass(1)
    await escalating.pass(AFTER)
    t.same(escalating.sent(), ['azure sms'])
    t.same(await rulesOn(escalating, idOf(escalating)), [`${rule} enforce`])
  }
})

t.test('who uses his codes is not kept from the next one', async (t) => {
  const { clock, post } = await startTestGateway(t, { settings: { BUDGET_NUMBER: '2/10m,3/1d', BUDGET_TOTAL: '20/1d' } })
  const ask = async (index: number, phoneNumber = NUMBER) => await post('/send-text-code', { phoneNumber, code: `4829${10 + index}` })
  for (let index = 0; index < 12; index += 1) {
    const { status, body } = await ask(index)
    t.equal(status, 200, `the code ${index}`)
    t.equal((await post(`/deliveries/${body.id}/used`, {})).status, 204)
    t.equal((await post(`/deliveries/${body.id}/used`, {})).status, 204, 'told twice, it counts once')
    clock.advance(60_000)
  }
  const unused = [await ask(20), await ask(21), await ask(22)]
  t.same(unused.map(({ status }) => status), [200, 200, 429])
  t.equal((await post(`/deliveries/${unused[2]?.body.id}/used`, {})).status, 204)
  t.equal((await ask(23)).status, 429, 'what was refused has nothing to give back')
  for (let index = 0; index < 6; index += 1) t.equal((await ask(30 + index, `+1415555020${index}`)).status, 200)
  t.equal((await ask(40, '+14155550210')).status, 429, 'what was sent counts in all the same')
})
