import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import type { Vendor } from '../../src/sandbox/sandbox.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { NOBODY } from './failing-hosts.ts'

const NUMBER = '+14155550123'
const GERMAN = '+4915112345678'
const CODE = '482913'
const TEXT = { phoneNumber: NUMBER, code: CODE }
const WHATSAPP = { ...TEXT, channel: 'whatsapp' }

const start = async (t: Test, settings: Environment = {}): Promise<TestGateway> => await startTestGateway(t, { twilio: 'too', settings })

const asked = ({ sandbox }: TestGateway, vendor: Vendor): number => sandbox.requests.filter((request) => request.vendor === vendor).length

const namesOf = (record: { attempts: ReadonlyArray<{ provider: string }> }): string[] => record.attempts.map(({ provider }) => provider)

const AZURE_DOWN: Behaviour = { sms: { httpError: { status: 503 } }, call: { httpError: { status: 503 } } }
const messageFails = (code: number): Behaviour => ({ twilio: { message: { error: { status: 400, code } } } })

t.test('the route says who is first', async (t) => {
  for (const [route, provider] of [['acs-sms,twilio-sms', 'acs-sms'], ['twilio-sms,acs-sms', 'twilio-sms'], ['twilio-verify,acs-sms', 'twilio-verify']] as const) {
    const { delivery, post } = await start(t, { SMS_ROUTE: route })
    const { body } = await post('/send-text-code', TEXT)
    t.match(body, { status: 'accepted', provider }, route)
    const record = await delivery(body.id)
    t.same(record.plan, route.split(','))
    t.same(namesOf(record), [provider], 'nobody else was asked')
  }
})

t.test('where nothing is said, Azure is first, then Twilio’s messages, then Verify, and each stands in for the one before', async (t) => {
  const { post, delivery, sandbox } = await start(t)
  const steps: ReadonlyArray<readonly [Behaviour, string]> = [
    [{}, 'acs-sms'], [AZURE_DOWN, 'twilio-sms'], [{ ...AZURE_DOWN, ...messageFails(21606) }, 'twilio-verify']
  ]
  for (const [index, [script, provider]] of steps.entries()) {
    sandbox.script(NUMBER, script)
    const { body } = await post('/send-text-code', { ...TEXT, code: `${CODE}${index}` })
    t.match(body, { status: 'accepted', provider })
    t.same(namesOf(await delivery(body.id)), ['acs-sms', 'twilio-sms', 'twilio-verify'].slice(0, index + 1))
  }
  t.match(sandbox.messages.map(({ vendor, verification }) => [vendor, verification === undefined]), [['azure', true], ['twilio', true], ['twilio', false]])
  for (const [index, { text }] of sandbox.messages.entries()) t.match(text, `${CODE}${index}`)
})

const TWILIO_DOWN: ReadonlyArray<readonly [string, Environment, Behaviour, object]> = [
  ['nobody listens', { TWILIO_BASE_URL: NOBODY }, {}, { reason: 'connection' }],
  ['our token was revoked', {}, { twilio: { message: { error: { status: 401, code: 20003 } } } }, { reason: 'credentials', vendorCode: '20003', hint: /TWILIO_AUTH_TOKEN/ }],
  ['our token is wrong', { TWILIO_AUTH_TOKEN: 'f'.repeat(32) }, {}, { reason: 'credentials', vendorCode: '20003' }],
  ['429', {}, { twilio: { message: { error: { status: 429, code: 20429 } } } }, { reason: 'rate_limited', vendorCode: '20429' }],
  ['429 without a body', {}, { twilio: { message: { httpError: { status: 429, body: '' } } } }, { reason: 'rate_limited', vendorCode: undefined }],
  ['a country that is switched off', {}, messageFails(21408), { reason: 'destination_unsupported', vendorCode: '21408', hint: /turn on United States/ }],
  ['a sender that is not ours', {}, messageFails(21606), { reason: 'sender_refused', vendorCode: '21606', hint: /TWILIO_PHONE_NUMBER/ }]
]

for (const [what, settings, script, attempt] of TWILIO_DOWN) {
  t.test(`Twilio is first and fails (${what}): the code arrives by Azure`, async (t) => {
    const { post, reaches, sandbox } = await start(t, { SMS_ROUTE: 'twilio-sms,acs-sms', ...settings })
    sandbox.script(NUMBER, script)
    const { body } = await post('/send-text-code', TEXT)
    t.match(body, { status: 'accepted', provider: 'acs-sms' })
    const { attempts } = await reaches(body.id, 'delivered')
    t.match(attempts, [{ provider: 'twilio-sms', status: 'failed', milliseconds: Number, ...attempt }, { provider: 'acs-sms', status: 'delivered' }])
    t.same(sandbox.messages.map(({ vendor }) => vendor), ['azure'])
  })
}

t.test('a country has a route of its own, and others have not', async (t) => {
  const { post, delivery, sandbox } = await start(t, { SMS_ROUTE: 'acs-sms,twilio-sms', SMS_ROUTE_DE: 'twilio-sms,acs-sms', SMS_ROUTE_FR: 'acs-sms' })
  for (const [phoneNumber, plan] of [[NUMBER, ['acs-sms', 'twilio-sms']], [GERMAN, ['twilio-sms', 'acs-sms']], ['+33612345678', ['acs-sms']]] as const) {
    const { body } = await post('/send-text-code', { ...TEXT, phoneNumber })
    t.match(body, { status: 'accepted', provider: plan[0] })
    t.same((await delivery(body.id)).plan, plan, phoneNumber)
  }
  sandbox.script(GERMAN, messageFails(21408))
  t.match((await post('/send-text-code', { ...TEXT, phoneNumber: GERMAN, code: '771204' })).body, { provider: 'acs-sms' }, 'a country’s route goes on as well')
})

t.test('a country whose route has one provider is served by nobody else', async (t) => {
  const gateway = await start(t, { SMS_ROUTE_DE: 'twilio-sms' })
  gateway.sandbox.script(GERMAN, messageFails(21408))
  t.match(await gateway.post('/send-text-code', { ...TEXT, phoneNumber: GERMAN }), { status: 502, body: { detail: 'destination_unsupported' } })
  t.equal(asked(gateway, 'azure'), 0)
})

t.test('providers without their settings are left out, and the others serve', async (t) => {
  const cases: ReadonlyArray<readonly [Environment, string, string[]]> = [
    [{ TWILIO_PHONE_NUMBER: undefined }, '/send-text-code', ['acs-sms', 'twilio-verify']],
    [{ TWILIO_VERIFY_SID: undefined }, '/send-text-code', ['acs-sms', 'twilio-sms']],
    [{ TWILIO_PHONE_NUMBER: undefined, TWILIO_VERIFY_SID: undefined }, '/send-text-code', ['acs-sms']],
    [{ ACS_CONNECTION_STRING: undefined, ACS_SOURCE_PHONE_NUMBER: undefined }, '/send-text-code', ['twilio-sms', 'twilio-verify']],
    [{ ACS_COGNITIVE_SERVICES_ENDPOINT: undefined }, '/send-voice-code', ['twilio-voice', 'twilio-verify']]
  ]
  for (const [settings, path, plan] of cases) {
    const { post, delivery } = await startTestGateway(t, { twilio: 'too', settings, subscribe: false })
    const { body } = await post(path, TEXT)
    t.match(body, { status: 'accepted', provider: plan[0] })
    t.same((await delivery(body.id)).plan, plan, Object.keys(settings).join())
  }
})

t.test('a text without a code passes Verify by, which words codes only', async (t) => {
  const { post, delivery, sandbox } = await start(t, { SMS_ROUTE: 'twilio-verify,acs-sms,twilio-sms' })
  sandbox.script(NUMBER, AZURE_DOWN)
  const { body } = await post('/send-text-code', { phoneNumber: NUMBER, text: 'Your table is ready.' })
  t.match(body, { status: 'accepted', provider: 'twilio-sms' })
  t.match((await delivery(body.id)).attempts, [{ provider: 'acs-sms', status: 'failed' }, { provider: 'twilio-sms' }])
  t.same(sandbox.messages.map(({ text }) => text), ['Your table is ready.'])
})

t.test('Azure does not place the call: Twilio does, and speaks', async (t) => {
  for (const status of [401, 429, 503]) {
    const { post, reaches, sandbox } = await start(t)
    sandbox.script(NUMBER, { call: { httpError: { status } } })
    const { body } = await post('/send-voice-code', TEXT)
    t.match(body, { status: 'accepted', channel: 'voice', provider: 'twilio-voice' }, String(status))
    const record = await reaches(body.id, 'delivered')
    t.same(namesOf(record), ['acs-voice', 'twilio-voice'])
    t.same(record.plan, ['acs-voice', 'twilio-voice', 'twilio-verify'])
    t.equal(sandbox.calls.length, 1)
    t.match(sandbox.calls[0], { vendor: 'twilio', to: NUMBER })
    t.match(sandbox.calls[0]?.spoken.join(' ').replace(/\D/g, ''), new RegExp(CODE))
  }
})

t.test('a call that Azure did not place is not ended, and comes to nothing later', async (t) => {
  const { clock, delivery, gateway, post, reaches, sandbox } = await start(t)
  sandbox.script(NUMBER, { call: { httpError: { status: 503 } } })
  const { body } = await post('/send-voice-code', TEXT)
  const before = await reaches(body.id, 'delivered')
  const requests = sandbox.requests.length
  clock.advance(600_000)
  await gateway.housekeeping.runDue()
  await gateway.housekeeping.recover()
  t.equal(sandbox.requests.length, requests)
  t.same((await delivery(body.id)).attempts, before.attempts)
})

t.test('Twilio does not place the call: Azure does, and speaks', async (t) => {
  const { post, reaches, sandbox } = await start(t, { VOICE_ROUTE: 'twilio-voice,acs-voice' })
  sandbox.script(NUMBER, { twilio: { call: { error: { status: 400, code: 21215 } } } })
  const { body } = await post('/send-voice-code', TEXT)
  t.match(body, { status: 'accepted', provider: 'acs-voice' })
  t.match(await reaches(body.id, 'delivered'), { attempts: [{ vendorCode: '21215', hint: /for voice/ }, { status: 'delivered' }] })
  t.same(sandbox.calls.map(({ vendor }) => vendor), ['azure'])
})

t.test('neither places the call: Verify does', async (t) => {
  const { post, delivery, sandbox } = await start(t)
  sandbox.script(NUMBER, { call: { httpError: { status: 503 } }, twilio: { call: { error: { status: 400, code: 21215 } } } })
  const { body } = await post('/send-voice-code', TEXT)
  t.match(body, { status: 'accepted', provider: 'twilio-verify', channel: 'voice' })
  await sandbox.settled()
  t.match(sandbox.calls, [{ vendor: 'twilio', verification: { verificationSid: /^VE/ } }])
  t.match(sandbox.calls[0]?.spoken.join(' ').replace(/\D/g, ''), new RegExp(CODE))
  t.match((await delivery(body.id)).attempts.at(-1), { transaction: /^VE/, reference: /^VL/ })
})

t.test('where Azure may have placed the call, nobody else calls', async (t) => {
  const { post, sandbox } = await start(t, { DIRECT_BUDGET_MS: '1500' })
  for (const [index, fault] of [{ hang: true }, { drop: 'before-read' }, { httpError: { status: 500 } }, { malformed: 'html' }].entries()) {
    const phoneNumber = `+1415555300${index}`
    sandbox.script(phoneNumber, { call: { ...fault, outcome: 'manual' } as NonNullable<Behaviour['call']> })
    t.match(await post('/send-voice-code', { ...TEXT, phoneNumber }), { status: 202, body: { status: 'unknown' } }, JSON.stringify(fault))
  }
  t.same(sandbox.calls.filter(({ vendor }) => vendor === 'twilio'), [])
})

t.test('WhatsApp: where the template’s sender fails, Verify sends', async (t) => {
  const { post, reaches, delivery, sandbox } = await start(t)
  t.match((await post('/send-text-code', WHATSAPP)).body, { status: 'accepted', channel: 'whatsapp', provider: 'twilio-whatsapp' })
  sandbox.script(NUMBER, messageFails(63007))
  const { body } = await post('/send-text-code', { ...WHATSAPP, code: '771204' })
  t.match(body, { status: 'accepted', channel: 'whatsapp', provider: 'twilio-verify' })
  t.match((await delivery(body.id)).attempts, [{ provider: 'twilio-whatsapp', reason: 'sender_refused', vendorCode: '63007', hint: /TWILIO_WHATSAPP_NUMBER/ }, { provider: 'twilio-verify' }])
  t.match(sandbox.messages.map(({ channel, text, verification }) => [channel, text.includes('771204'), verification === undefined]), [['whatsapp', false, true], ['whatsapp', true, false]])
  await reaches((await post('/send-text-code', { ...WHATSAPP, phoneNumber: GERMAN })).body.id, 'delivered')
})

t.test('WhatsApp goes by nobody who has no WhatsApp', async (t) => {
  const gateway = await start(t)
  gateway.sandbox.script(NUMBER, { twilio: { message: { error: { status: 400, code: 63007 } }, verification: { error: { status: 400, code: 60200 } } } })
  t.match(await gateway.post('/send-text-code', WHATSAPP), { status: 502, body: { detail: 'configuration' } })
  t.equal(asked(gateway, 'azure'), 0)
})

const LOST: ReadonlyArray<readonly [string, NonNullable<Behaviour['sms']>]> = [
  ['the answer was lost', { drop: 'after-accept' }], ['no answer came', { hang: true }], ['500', { httpError: { status: 500 } }], ['the answer was half', { malformed: 'broken-json' }]
]

t.test('where the operator trusts Azure to send once, Azure is asked again with the same id, and Twilio is not', async (t) => {
  const gateway = await start(t, { ACS_TRUST_REPEATABILITY: 'on', DIRECT_BUDGET_MS: '2000' })
  const { delivery, post, sandbox } = gateway
  for (const [index, [what, fault]] of LOST.entries()) {
    const phoneNumber = `+1415555400${index}`
    sandbox.script(phoneNumber, { sms: { ...fault, times: 1, report: 'none' } })
    const { status, body } = await post('/send-text-code', { ...TEXT, phoneNumber })
    t.match({ status, body }, { status: 200, body: { status: 'accepted', provider: 'acs-sms' } }, what)
    t.equal((await delivery(body.id)).attempts.length, 1, what)
    const sent = sandbox.messages.filter(({ to }) => to === phoneNumber)
    t.equal(sent.length, 1, `${what}: one message`)
    t.equal(sent[0]?.repeats, fault.drop === undefined && fault.malformed === undefined ? 0 : 1, `${what}: Azure knew the second for the first`)
  }
  t.equal(asked(gateway, 'azure'), 2 * LOST.length)
  sandbox.script(NUMBER, { sms: { httpError: { status: 500 } } })
  t.match(await post('/send-text-code', TEXT), { status: 202 }, 'and where that gives nothing either, nobody knows')
  t.equal(asked(gateway, 'twilio'), 0)
})

t.test('trusting Azure changes nothing where it says no: Twilio sends', async (t) => {
  const gateway = await start(t, { ACS_TRUST_REPEATABILITY: 'on' })
  gateway.sandbox.script(NUMBER, AZURE_DOWN)
  t.match((await gateway.post('/send-text-code', TEXT)).body, { status: 'accepted', provider: 'twilio-sms' })
  t.equal(asked(gateway, 'azure'), 1)
})
