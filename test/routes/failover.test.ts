import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import type { RequestFault, Vendor } from '../../src/sandbox/sandbox.ts'
import { startTestGateway, type TestGateway } from '../support/gateway.ts'
import { azureAt, NOBODY, startResettingHost, startSilentHost } from './failing-hosts.ts'

const NUMBER = '+14155550123'
const TEXT = { phoneNumber: NUMBER, text: 'Your code is 482913', code: '482913' }
const AZURE_FIRST = 'acs-sms,twilio-sms'
const TWILIO_FIRST = 'twilio-sms,acs-sms'

const start = async (t: Test, route: string, settings: Environment = {}): Promise<TestGateway> =>
  await startTestGateway(t, { twilio: 'too', settings: { SMS_ROUTE: route, ...settings } })

/** How often a vendor was asked for something. */
const asked = ({ sandbox }: TestGateway, vendor: Vendor): number => sandbox.requests.filter((request) => request.vendor === vendor).length

/** What arrived, by whom. */
const arrived = ({ sandbox }: TestGateway): Array<readonly [Vendor, string, string]> => sandbox.messages.map(({ vendor, to, text }) => [vendor, to, text])

/** How many milliseconds the last message took, as the gateway itself tells. */
const lastTime = ({ events }: TestGateway): number =>
  events.flatMap((event) => event.type === 'delivery.finished' ? [event.milliseconds] : []).at(-1) as number

interface Down {
  readonly settings?: (t: Test) => Promise<Environment>
  readonly script?: NonNullable<Behaviour['sms']>
  /** What the record says of the first attempt. */
  readonly attempt: object
}

const says = (status: number, more: object = {}): NonNullable<Behaviour['sms']> => ({ httpError: { status, ...more } })

const AZURE_DOWN: Readonly<Record<string, Down>> = {
  'nobody listens': { settings: async () => ({ ACS_CONNECTION_STRING: azureAt(NOBODY) }), attempt: { reason: 'connection', vendorCode: undefined } },
  'connections are reset before anything is written': {
    settings: async (t) => ({ ACS_CONNECTION_STRING: azureAt(await startResettingHost(t)) }), attempt: { reason: 'connection' }
  },
  'connections never come to be': {
    settings: async (t) => ({ ACS_CONNECTION_STRING: azureAt(await startSilentHost(t)), DIRECT_BUDGET_MS: '2500' }), attempt: { reason: 'timeout' }
  },
  503: { script: says(503), attempt: { reason: 'provider_error', vendorCode: '503' } },
  401: { script: says(401), attempt: { reason: 'credentials', vendorCode: '401' } },
  'our key was revoked': {
    script: says(401, { body: { error: { code: 'Denied', message: 'Denied by the resource provider.' } } }),
    attempt: { reason: 'credentials', vendorCode: 'Denied', hint: /ACS_CONNECTION_STRING/ }
  },
  403: { script: says(403), attempt: { reason: 'credentials' } },
  404: { script: says(404), attempt: { reason: 'configuration' } },
  '429 and when to come again': { script: says(429, { headers: { 'retry-after': '17' } }), attempt: { reason: 'rate_limited', vendorCode: '429' } },
  'the recipient could not be served': {
    script: { recipientError: { httpStatusCode: 500, errorMessage: 'Later.' } }, attempt: { reason: 'provider_error', vendorCode: '500' }
  },
  'the number is taken for none': {
    script: { recipientError: { httpStatusCode: 400, errorMessage: 'Invalid To phone number format.' } }, attempt: { status: 'refused', reason: 'number_invalid' }
  }
}

for (const [what, { settings, script, attempt }] of Object.entries(AZURE_DOWN)) {
  t.test(`Azure is down (${what}): the code arrives by Twilio in time, and the record shows how`, async (t) => {
    const own = await settings?.(t)
    const gateway = await start(t, AZURE_FIRST, own)
    const { post, reaches, sandbox } = gateway
    if (script !== undefined) sandbox.script('*', { sms: script })
    const { status, body } = await post('/send-text-code', TEXT)
    t.equal(status, 200)
    t.match(body, { status: 'accepted', channel: 'sms', provider: 'twilio-sms' })
    t.ok(lastTime(gateway) < Number(own?.DIRECT_BUDGET_MS ?? 8000), `${lastTime(gateway)} ms`)
    const record = await reaches(body.id, 'delivered')
    t.same(arrived(gateway), [['twilio', NUMBER, TEXT.text]])
    t.same(record.plan, ['acs-sms', 'twilio-sms'])
    t.match(record, {
      provider: 'twilio-sms',
      reason: undefined,
      attempts: [{ provider: 'acs-sms', status: 'failed', milliseconds: Number, ...attempt }, { provider: 'twilio-sms', status: 'delivered', milliseconds: Number }]
    })
    t.equal(record.attempts.length, 2)
    t.match(record.timeline.map(({ what }: { what: string }) => what).filter((what: string) => !what.startsWith('report')),
      ['delivery.requested', 'attempt.started', /attempt\.(failed|refused)/, 'attempt.started', 'attempt.accepted'])
    t.equal(asked(gateway, 'twilio'), 1)
    t.match(await post('/send-text-code', TEXT), { status: 200, body: { status: 'duplicate', id: body.id } })
  })
}

t.test('a first provider that cannot be reached has its share of the time, and no more', async (t) => {
  const gateway = await start(t, AZURE_FIRST, { ACS_CONNECTION_STRING: azureAt(await startSilentHost(t)), DIRECT_BUDGET_MS: '2500' })
  const { body } = await gateway.post('/send-text-code', TEXT)
  const [first] = (await gateway.delivery(body.id)).attempts
  t.ok(first.milliseconds > 1000, `it was waited for: ${first.milliseconds} ms`)
  t.ok(first.milliseconds < 2250, `and time was left: ${first.milliseconds} ms`)
})

const BOTH_DOWN: Readonly<Record<string, readonly [Down, string]>> = {
  'nobody listens': [{ settings: async () => ({ ACS_CONNECTION_STRING: azureAt(NOBODY), TWILIO_BASE_URL: NOBODY }), attempt: {} }, 'connection'],
  'connections never come to be': [{
    settings: async (t) => {
      const origin = await startSilentHost(t)
      return { ACS_CONNECTION_STRING: azureAt(origin), TWILIO_BASE_URL: origin, DIRECT_BUDGET_MS: '1000' }
    },
    attempt: {}
  }, 'timeout'],
  'connections are reset before anything is written': [{
    settings: async (t) => {
      const origin = await startResettingHost(t)
      return { ACS_CONNECTION_STRING: azureAt(origin), TWILIO_BASE_URL: origin }
    },
    attempt: {}
  }, 'connection']
}

for (const [what, [{ settings }, reason]] of Object.entries(BOTH_DOWN)) {
  t.test(`both are down (${what}): the caller hears so, and may send the same at once`, async (t) => {
    const gateway = await start(t, AZURE_FIRST, await settings?.(t))
    const [first, second] = [await gateway.post('/send-text-code', TEXT), await gateway.post('/send-text-code', TEXT)]
    for (const reply of [first, second]) t.match(reply, { status: 502, body: { code: 'provider_failed', detail: reason } })
    t.not(first.body.id, second.body.id, 'it was tried again')
    for (const { body } of [first, second]) {
      t.match(await gateway.delivery(body.id), { status: 'failed', reason, attempts: [{ provider: 'acs-sms', reason }, { provider: 'twilio-sms', reason }] })
    }
  })
}

t.test('both refuse our account: 502, and once one of them is back the same message is sent', async (t) => {
  const gateway = await start(t, AZURE_FIRST)
  gateway.sandbox.script(NUMBER, { sms: says(503), twilio: { message: { error: { status: 401, code: 20003 } } } })
  const { status, body } = await gateway.post('/send-text-code', TEXT)
  t.match({ status, body }, { status: 502, body: { code: 'provider_failed', detail: 'credentials', id: String } })
  t.match(await gateway.delivery(body.id), {
    status: 'failed', reason: 'credentials', attempts: [{ reason: 'provider_error' }, { reason: 'credentials', vendorCode: '20003', hint: /TWILIO_AUTH_TOKEN/ }]
  })
  t.equal(gateway.log.filter((line) => line.includes('attempt.finished')).length, 2)
  gateway.sandbox.script(NUMBER, { sms: says(503) })
  t.match(await gateway.post('/send-text-code', TEXT), { status: 200, body: { status: 'accepted', provider: 'twilio-sms' } })
  t.equal(arrived(gateway).length, 1)
})

/** After these nobody knows whether the message was sent; where it was, no report tells. */
const OPEN: Readonly<Record<string, RequestFault>> = {
  'no answer comes': { hang: true },
  'the connection is reset before the request was read': { drop: 'before-read' },
  'the answer is lost': { drop: 'after-accept' },
  500: { httpError: { status: 500 } },
  502: { httpError: { status: 502 } },
  504: { httpError: { status: 504, body: '<html>' } },
  'the answer is half': { malformed: 'broken-json' },
  'the answer is empty': { malformed: 'empty-object' },
  'the answer is a page': { malformed: 'html' },
  'the answer has 50 MB': { malformed: 'huge' },
  'the answer never ends': { malformed: 'endless' }
}

for (const [first, route] of [['azure', AZURE_FIRST], ['twilio', TWILIO_FIRST]] as const) {
  const other = first === 'azure' ? 'twilio' : 'azure'
  const scriptOf = (fault: RequestFault): Behaviour =>
    first === 'azure' ? { sms: { ...fault, report: 'none' } } : { twilio: { message: { ...fault, report: 'none' } } }

  t.test(`after ${first} may have sent it, ${other} is never asked, and a retry is told`, async (t) => {
    const gateway = await start(t, route, { DIRECT_BUDGET_MS: '1500' })
    const { delivery, post, sandbox } = gateway
    for (const [index, [what, fault]] of Object.entries(OPEN).entries()) {
      const phoneNumber = `+1415555${2000 + index}`
      sandbox.script(phoneNumber, scriptOf(fault))
      const { status, body } = await post('/send-text-code', { ...TEXT, phoneNumber })
      t.match({ status, body }, { status: 202, body: { status: 'unknown' } }, what)
      const { attempts } = await delivery(body.id)
      t.equal(attempts.length, 1, `${what}: one attempt`)
      t.ok(lastTime(gateway) < 1500, `${what}: ${lastTime(gateway)} ms`)
      const retry = await post('/send-text-code', { ...TEXT, phoneNumber })
      t.match(retry, { status: 200, body: { status: 'duplicate', id: body.id } }, what)
      t.equal(asked(gateway, other), 0, `${what}: ${other} was not asked`)
      t.ok(arrived(gateway).filter(([, to]) => to === phoneNumber).length <= 1, what)
      // What works between keeps the first in its place.
      t.match(await post('/send-text-code', { phoneNumber: NUMBER, code: String(5000 + index) }), { body: { status: 'accepted' } }, `after that: ${what}`)
    }
    t.equal(asked(gateway, first), 2 * Object.keys(OPEN).length, 'each was asked for once')
  })
}

const AZURE_REFUSES: Behaviour = { sms: { recipientError: { httpStatusCode: 400, errorMessage: 'Invalid To phone number format.' } } }
const TWILIO_REFUSES: Behaviour = { twilio: { message: { error: { status: 400, code: 21211 } } } }
const TWILIO_FAILS: Behaviour = { twilio: { message: { error: { status: 400, code: 21408 } } } }

t.test('both refuse the number: it is the message\'s fault, and the caller hears 422', async (t) => {
  for (const route of [AZURE_FIRST, TWILIO_FIRST]) {
    const gateway = await start(t, route)
    gateway.sandbox.script(NUMBER, { ...AZURE_REFUSES, ...TWILIO_REFUSES })
    for (const time of ['once', 'again, since the key is free']) {
      const { status, body } = await gateway.post('/send-text-code', TEXT)
      t.match({ status, body }, { status: 422, body: { code: 'recipient_refused', detail: 'number_invalid' } }, time)
      t.match(await gateway.delivery(body.id), { status: 'refused', reason: 'number_invalid', attempts: [{ status: 'refused' }, { status: 'refused' }] }, time)
    }
    t.same(arrived(gateway), [])
  }
})

t.test('one refuses the number and the other fails: nobody knows whose fault it is, and the caller hears 502', async (t) => {
  const cases: ReadonlyArray<readonly [string, Behaviour, string]> = [
    [AZURE_FIRST, { ...AZURE_REFUSES, ...TWILIO_FAILS }, 'destination_unsupported'],
    [TWILIO_FIRST, { ...AZURE_REFUSES, ...TWILIO_FAILS }, 'number_invalid'],
    [AZURE_FIRST, { sms: says(503), ...TWILIO_REFUSES }, 'number_invalid'],
    [TWILIO_FIRST, { sms: says(503), ...TWILIO_REFUSES }, 'provider_error']
  ]
  for (const [route, script, detail] of cases) {
    const gateway = await start(t, route)
    gateway.sandbox.script(NUMBER, script)
    const { status, body } = await gateway.post('/send-text-code', TEXT)
    t.match({ status, body }, { status: 502, body: { code: 'provider_failed', detail } })
    t.equal((await gateway.delivery(body.id)).attempts.length, 2)
    gateway.sandbox.script(NUMBER, {})
    t.match(await gateway.post('/send-text-code', TEXT), { status: 200, body: { status: 'accepted' } })
  }
})

/** Whom these protect is not to be reached by another way: by whom it is sent first, what happens there, and why. */
const PROTECTED: ReadonlyArray<readonly [route: string, Behaviour, reason: string]> = [
  ['twilio-verify,twilio-sms,acs-sms', { twilio: { verification: { error: { status: 403, code: 60410 } } } }, 'fraud_blocked'],
  ['twilio-verify,acs-sms,twilio-sms', { twilio: { verification: { error: { status: 403, code: 60412 } } } }, 'fraud_blocked'],
  ['twilio-verify,acs-sms', { twilio: { verification: { error: { status: 429, code: 60203 } } } }, 'too_many_codes'],
  ['twilio-sms,acs-sms,twilio-verify', { twilio: { message: { error: { status: 400, code: 21610 } } } }, 'opted_out'],
  ['acs-sms,twilio-sms,twilio-verify', { sms: { recipientError: { httpStatusCode: 400, errorMessage: 'Recipient has opted out.' } } }, 'opted_out'],
  ['twilio-sms,twilio-verify', { twilio: { message: { error: { status: 400, code: 21614 } } } }, 'number_not_mobile']
]

for (const [route, script, reason] of PROTECTED) {
  t.test(`${reason} (${route}): nobody else is asked, the caller hears 422, and the key is free`, async (t) => {
    const gateway = await start(t, route)
    gateway.sandbox.script(NUMBER, script)
    const { status, body } = await gateway.post('/send-text-code', TEXT)
    t.match({ status, body }, { status: 422, body: { code: 'recipient_refused', detail: reason } })
    t.equal(gateway.sandbox.requests.length, 1)
    t.same(arrived(gateway), [])
    const { attempts } = await gateway.delivery(body.id)
    t.match(attempts, [{ provider: route.split(',')[0], status: 'refused', reason }])
    t.equal(attempts.length, 1)
    gateway.sandbox.script(NUMBER, {})
    t.match(await gateway.post('/send-text-code', TEXT), { status: 200, body: { status: 'accepted', provider: route.split(',')[0] } })
  })
}

t.test('the first may fail, and the second protect the person: the third is not asked', async (t) => {
  const gateway = await start(t, 'acs-sms,twilio-verify,twilio-sms')
  gateway.sandbox.script(NUMBER, { sms: says(503), twilio: { verification: { error: { status: 403, code: 60410 } } } })
  const { status, body } = await gateway.post('/send-text-code', TEXT)
  t.match({ status, body }, { status: 422, body: { detail: 'fraud_blocked' } })
  t.match((await gateway.delivery(body.id)).attempts, [{ status: 'failed' }, { status: 'refused', reason: 'fraud_blocked' }])
  t.same(arrived(gateway), [])
})
