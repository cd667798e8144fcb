import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const TEXT = { phoneNumber: NUMBER, text: 'Your code is 482913', code: '482913' }
const RETRY_AFTER = 10_000

const AZURE_FIRST: Environment = { SMS_ROUTE: 'acs-sms,twilio-sms' }
const TWILIO_FIRST: Environment = { SMS_ROUTE: 'twilio-sms,acs-sms' }

const start = async (t: Test, settings: Environment = AZURE_FIRST): Promise<TestGateway> =>
  await startTestGateway(t, { twilio: 'too', settings: { RETRY_SMS: '1', ...settings } })

const azureReports = (details: string): Behaviour => ({ sms: { report: 'failed', reportDetails: details } })
const twilioReports = (errorCode: number, report: 'undelivered' | 'failed' = 'undelivered'): Behaviour => ({ twilio: { message: { report, errorCode } } })

/** Sends a text, and gives its id once the carrier's word on it has been taken. */
const sendUntilReported = async ({ post, sandbox }: TestGateway, more: object = {}): Promise<string> => {
  const { body } = await post('/send-text-code', { ...TEXT, ...more })
  await sandbox.settled()
  return body.id
}

/** Lets time pass, does what falls due, and waits for what comes of it. */
const pass = async ({ clock, gateway, sandbox }: TestGateway, milliseconds: number): Promise<void> => {
  clock.advance(milliseconds)
  await gateway.housekeeping.runDue()
  await sandbox.settled()
}

const vendorsOf = ({ sandbox }: TestGateway): string[] => sandbox.messages.map(({ vendor }) => vendor)

const AGAIN: ReadonlyArray<readonly [string, Environment, Behaviour, reason: string, vendors: string[]]> = [
  ['4006', AZURE_FIRST, azureReports('4006'), 'number_unreachable', ['azure', 'twilio']],
  ['5001', AZURE_FIRST, azureReports('5001'), 'carrier_error', ['azure', 'twilio']],
  ['30003', TWILIO_FIRST, twilioReports(30003), 'number_unreachable', ['twilio', 'azure']],
  ['30008', TWILIO_FIRST, twilioReports(30008, 'failed'), 'carrier_error', ['twilio', 'azure']]
]

for (const [vendorCode, settings, script, reason, vendors] of AGAIN) {
  t.test(`a text that did not arrive for ${vendorCode} is sent once more, by the next provider, after ten seconds`, async (t) => {
    const gateway = await start(t, settings)
    gateway.sandbox.script(NUMBER, script)
    const id = await sendUntilReported(gateway)
    t.match(await gateway.delivery(id), { status: 'undelivered', reason, attempts: [{ vendorCode }] })
    await pass(gateway, RETRY_AFTER - 1)
    t.equal(gateway.sandbox.messages.length, 1, 'not a millisecond too early')
    await pass(gateway, 1)
    t.same(vendorsOf(gateway), vendors)
    t.match(gateway.sandbox.messages[1], { to: NUMBER, text: TEXT.text })
    const record = await gateway.delivery(id)
    t.match(record, { status: 'delivered', reason: undefined, attempts: [{ status: 'undelivered', reason, vendorCode }, { status: 'delivered' }] })
    t.same(record.plan, settings.SMS_ROUTE?.split(','))
    await pass(gateway, RETRY_AFTER)
    t.equal(gateway.sandbox.messages.length, 2)
  })
}

const NOT_AGAIN: ReadonlyArray<readonly [string, Environment, Behaviour]> = [
  ['4000', AZURE_FIRST, azureReports('4000')],
  ['4002', AZURE_FIRST, azureReports('4002')],
  ['4005', AZURE_FIRST, azureReports('4005')],
  ['4007', AZURE_FIRST, azureReports('4007')],
  ['5002', AZURE_FIRST, azureReports('5002')],
  ['no code', AZURE_FIRST, azureReports('Message was rejected by the carrier.')],
  ['30004', TWILIO_FIRST, twilioReports(30004)],
  ['30005', TWILIO_FIRST, twilioReports(30005)],
  ['30006', TWILIO_FIRST, twilioReports(30006)],
  ['30007', TWILIO_FIRST, twilioReports(30007)],
  ['30034', TWILIO_FIRST, twilioReports(30034)],
  ['30036', TWILIO_FIRST, twilioReports(30036, 'failed')],
  ['30450', TWILIO_FIRST, twilioReports(30450)],
  ['21610', TWILIO_FIRST, twilioReports(21610)],
  ['99999', TWILIO_FIRST, twilioReports(99_999)]
]

t.test('for a reason that does not pass nothing is sent once more', async (t) => {
  for (const settings of [AZURE_FIRST, TWILIO_FIRST]) {
    const gateway = await start(t, settings)
    const cases = NOT_AGAIN.filter(([, route]) => route === settings)
    const numbers = cases.map((_, index) => `+1415555${7000 + index}`)
    for (const [index, [, , script]] of cases.entries()) {
      gateway.sandbox.script(numbers[index] as string, script)
      const id = await sendUntilReported(gateway, { phoneNumber: numbers[index] })
      t.match((await gateway.delivery(id)).timeline.at(-1), { what: /^report/ }, 'its report was taken')
    }
    await pass(gateway, RETRY_AFTER)
    for (const [index, [what]] of cases.entries()) {
      t.equal(gateway.sandbox.messages.filter(({ to }) => to === numbers[index]).length, 1, what)
    }
  }
})

t.test('it is sent once more one time only, whatever becomes of that', async (t) => {
  const gateway = await start(t)
  gateway.sandbox.script(NUMBER, { ...azureReports('4006'), ...twilioReports(30008) })
  const id = await sendUntilReported(gateway)
  await pass(gateway, RETRY_AFTER)
  t.match(await gateway.delivery(id), { status: 'undelivered', attempts: [{ status: 'undelivered' }, { status: 'undelivered', vendorCode: '30008' }] })
  for (let time = 0; time < 3; time++) await pass(gateway, RETRY_AFTER)
  t.same(vendorsOf(gateway), ['azure', 'twilio'])
})

t.test('a report that comes three times, and due work that is done by three at once, make one message', async (t) => {
  const gateway = await start(t)
  const { clock, sandbox } = gateway
  sandbox.script(NUMBER, { sms: { report: 'failed', reportDetails: '4006', reportCopies: 3 } })
  await sendUntilReported(gateway)
  clock.advance(RETRY_AFTER)
  const { housekeeping } = gateway.gateway
  await Promise.all([housekeeping.runDue(), housekeeping.runDue(), housekeeping.runDue()])
  await sandbox.settled()
  await pass(gateway, 60_000)
  t.same(vendorsOf(gateway), ['azure', 'twilio'])
})

t.test('where the next provider does not take it, the one after it does', async (t) => {
  const gateway = await start(t, { SMS_ROUTE: 'acs-sms,twilio-sms,twilio-verify' })
  gateway.sandbox.script(NUMBER, { ...azureReports('4006'), twilio: { message: { error: { status: 401, code: 20003 } } } })
  const id = await sendUntilReported(gateway)
  await pass(gateway, RETRY_AFTER)
  t.match((await gateway.delivery(id)).attempts, [{ provider: 'acs-sms', status: 'undelivered' }, { provider: 'twilio-sms', status: 'failed' }, { provider: 'twilio-verify', status: 'accepted' }])
  t.equal(gateway.sandbox.messages.length, 2)
})

t.test('a person who is protected is not reached by the second provider’s successor', async (t) => {
  const gateway = await start(t, { SMS_ROUTE: 'acs-sms,twilio-sms,twilio-verify' })
  gateway.sandbox.script(NUMBER, { ...azureReports('4006'), twilio: { message: { error: { status: 400, code: 21610 } } } })
  const id = await sendUntilReported(gateway)
  await pass(gateway, RETRY_AFTER)
  t.match((await gateway.delivery(id)).attempts, [{ provider: 'acs-sms' }, { provider: 'twilio-sms', status: 'refused', reason: 'opted_out' }])
  t.equal(gateway.sandbox.messages.length, 1)
})

t.test('what was sent once more and may have arrived is left at that', async (t) => {
  const gateway = await start(t)
  gateway.sandbox.script(NUMBER, { ...azureReports('4006'), twilio: { message: { drop: 'before-read' } } })
  const id = await sendUntilReported(gateway)
  await pass(gateway, RETRY_AFTER)
  t.match(await gateway.delivery(id), { status: 'unknown', attempts: [{ status: 'undelivered' }, { status: 'unknown' }] })
  await pass(gateway, RETRY_AFTER)
  t.same(vendorsOf(gateway), ['azure'])
})

t.test('where nobody knows, nothing is sent once more', async (t) => {
  const gateway = await start(t, { ...AZURE_FIRST, DIRECT_BUDGET_MS: '1000' })
  for (const [index, fault] of [{ hang: true }, { drop: 'before-read' }, { drop: 'after-accept' }, { httpError: { status: 500 } }].entries()) {
    const phoneNumber = `+1415555800${index}`
    gateway.sandbox.script(phoneNumber, { sms: { ...fault, report: 'none' } as NonNullable<Behaviour['sms']> })
    t.equal((await gateway.post('/send-text-code', { ...TEXT, phoneNumber })).status, 202)
  }
  const before = gateway.sandbox.requests.length
  await pass(gateway, RETRY_AFTER)
  await gateway.gateway.housekeeping.recover()
  await pass(gateway, RETRY_AFTER)
  t.equal(gateway.sandbox.requests.length, before)
})

t.test('a code that is about to expire, or has, is not sent once more', async (t) => {
  for (const [lifetime, late] of [['30', RETRY_AFTER + 1], ['30', 31_000], ['300', 281_000], ['300', 300_000]] as const) {
    const gateway = await start(t, { ...AZURE_FIRST, CODE_TTL_SECONDS: lifetime })
    gateway.sandbox.script(NUMBER, azureReports('4006'))
    await sendUntilReported(gateway)
    await pass(gateway, late)
    t.same(vendorsOf(gateway), ['azure'], `${lifetime} s, after ${late} ms`)
  }
})

t.test('what is sent once more lives no longer than the code', async (t) => {
  const gateway = await start(t, { ...AZURE_FIRST, CODE_TTL_SECONDS: '120' })
  gateway.sandbox.script(NUMBER, azureReports('4006'))
  await sendUntilReported(gateway)
  await pass(gateway, 45_000)
  t.equal(gateway.sandbox.messages[1]?.form?.ValidityPeriod, '75')
})

t.test('a code that was used is not sent once more', async (t) => {
  const gateway = await start(t)
  gateway.sandbox.script(NUMBER, azureReports('4006'))
  const id = await sendUntilReported(gateway)
  t.equal((await gateway.post(`/deliveries/${id}/used`, {})).status, 204)
  await pass(gateway, RETRY_AFTER)
  t.same(vendorsOf(gateway), ['azure'])
})

t.test('who has a newer code gets no older one after it; a duplicate is no newer one', async (t) => {
  const gateway = await start(t)
  gateway.sandbox.script(NUMBER, azureReports('4006'))
  const id = await sendUntilReported(gateway)
  t.match((await gateway.post('/send-text-code', TEXT)).body, { status: 'duplicate', id, original: 'undelivered' })
  await pass(gateway, RETRY_AFTER)
  t.same(vendorsOf(gateway), ['azure', 'twilio'])
  await sendUntilReported(gateway, { text: 'Your code is 771204', code: '771204' })
  gateway.sandbox.script(NUMBER, {})
  await sendUntilReported(gateway, { text: 'Your code is 990011', code: '990011' })
  await pass(gateway, RETRY_AFTER)
  t.same(gateway.sandbox.messages.map(({ text }) => text.slice(-6)), ['482913', '482913', '771204', '990011'])
})

t.test('unless the operator wants it, nothing is sent once more', async (t) => {
  for (const RETRY_SMS of ['0', undefined]) {
    const gateway = await start(t, { ...AZURE_FIRST, RETRY_SMS })
    gateway.sandbox.script(NUMBER, azureReports('4006'))
    const id = await sendUntilReported(gateway)
    await pass(gateway, RETRY_AFTER)
    t.same(vendorsOf(gateway), ['azure'])
    t.match(await gateway.delivery(id), { status: 'undelivered', reason: 'number_unreachable' })
  }
})

t.test('a restart between the report and its time loses nothing, and doubles nothing', async (t) => {
  const before = await start(t)
  before.sandbox.script(NUMBER, azureReports('4006'))
  const id = await sendUntilReported(before)
  await before.gateway.close()
  const { clock, environment, folder, sandbox, url } = before
  const after = await startTestGateway(t, { clock, after: { folder, environment, sandbox, port: Number(new URL(url).port) } })
  await pass(after, RETRY_AFTER)
  t.match(await after.delivery(id), { status: 'delivered', attempts: [{ provider: 'acs-sms', status: 'undelivered' }, { provider: 'twilio-sms', status: 'delivered' }] })
  await pass(after, RETRY_AFTER)
  t.same(vendorsOf(after), ['azure', 'twilio'])
})

t.test('a restart with the setting off leaves what was due unsent', async (t) => {
  const before = await start(t)
  before.sandbox.script(NUMBER, azureReports('4006'))
  await sendUntilReported(before)
  await before.gateway.close()
  const { clock, environment, folder, sandbox, url } = before
  const after = await startTestGateway(t, { clock, settings: { RETRY_SMS: '0' }, after: { folder, environment, sandbox, port: Number(new URL(url).port) } })
  await pass(after, RETRY_AFTER)
  t.same(vendorsOf(after), ['azure'])
})

t.test('what was unknown once is not sent once more, also where the carrier then says that it did not arrive', async (t) => {
  const gateway = await start(t)
  gateway.sandbox.script(NUMBER, { sms: { drop: 'after-accept', report: 'failed', reportDetails: '4006' } })
  t.equal((await gateway.post('/send-text-code', TEXT)).status, 202)
  await gateway.sandbox.settled()
  await pass(gateway, RETRY_AFTER)
  t.same(vendorsOf(gateway), ['azure'])
})
