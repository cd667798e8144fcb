import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Behaviour } from '../../src/sandbox/behaviour.ts'
import type { Vendor } from '../../src/sandbox/sandbox.ts'
import { ADMIN, startTestGateway, type Reply, type TestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const COOL_OFF = 30_000
const MOST_FAILURES = 5

const AZURE_FIRST: Environment = { SMS_ROUTE: 'acs-sms,twilio-sms' }
const AZURE_DENIES: Behaviour = { sms: { httpError: { status: 401 } } }

interface Stand extends TestGateway {
  /** Sends a code that was not sent before. */
  send (path?: string, phoneNumber?: string): Promise<Reply>
  /** Where a provider stands, as the admin is told. */
  state (provider: string): Promise<any>
  asked (vendor: Vendor): number
}

const start = async (t: Test, settings: Environment = AZURE_FIRST): Promise<Stand> => {
  const gateway = await startTestGateway(t, { twilio: 'too', settings })
  let code = 100_000
  return {
    ...gateway,
    send: async (path = '/send-text-code', phoneNumber = NUMBER) => await gateway.post(path, { phoneNumber, code: String(++code) }),
    async state (provider) {
      const reply = await fetch(`${gateway.url}/readyz`, { headers: { authorization: `Bearer ${ADMIN}` } })
      return (await reply.json() as any).providers.find((one: any) => one.provider === provider)
    },
    asked: (vendor) => gateway.sandbox.requests.filter((request) => request.vendor === vendor).length
  }
}

const failFiveTimes = async (t: Test, { send }: Stand): Promise<void> => {
  for (let time = 1; time <= MOST_FAILURES; time++) t.match((await send()).body, { status: 'accepted', provider: 'twilio-sms' }, `failure ${time}`)
}

t.test('after five failures in a row Azure is not asked any more: Twilio comes first, and the plan says so', async (t) => {
  const stand = await start(t)
  const { asked, clock, delivery, events, log, sandbox, send, state, url } = stand
  sandbox.script(NUMBER, AZURE_DENIES)
  await failFiveTimes(t, stand)
  t.equal(asked('azure'), MOST_FAILURES)
  t.match(await state('acs-sms'), { state: 'open', reason: 'credentials', failures: MOST_FAILURES, retryAt: new Date(clock() + COOL_OFF).toISOString() })
  t.match(await state('twilio-sms'), { state: 'closed', failures: 0, retryAt: undefined })
  const { body } = await send()
  t.match(body, { provider: 'twilio-sms' })
  t.match(await delivery(body.id), { plan: ['twilio-sms', 'acs-sms'], attempts: [{ provider: 'twilio-sms' }] })
  t.equal((await delivery(body.id)).attempts.length, 1)
  t.equal(asked('azure'), MOST_FAILURES)
  t.match(events.filter(({ type }) => type === 'provider.set-aside'), [{ provider: 'acs-sms', channel: 'sms', reason: 'credentials', failures: MOST_FAILURES, milliseconds: COOL_OFF }])
  t.equal(log.filter((line) => line.includes('provider.set-aside')).length, 1)
  const open = await fetch(`${url}/readyz`)
  t.equal(open.status, 200)
  t.same(await open.json(), { status: 'ready' }, 'and nobody else is told')
})

t.test('four failures, or five with a success between them, set nobody aside', async (t) => {
  const { sandbox, send, state } = await start(t)
  sandbox.script(NUMBER, AZURE_DENIES)
  for (let time = 1; time < MOST_FAILURES; time++) await send()
  sandbox.script(NUMBER, {})
  t.match((await send()).body, { provider: 'acs-sms' })
  sandbox.script(NUMBER, AZURE_DENIES)
  await send()
  t.match(await state('acs-sms'), { state: 'closed', failures: 1 })
})

t.test('numbers that Azure refuses say nothing of Azure', async (t) => {
  const { asked, sandbox, send, state } = await start(t)
  sandbox.script('*', { sms: { recipientError: { httpStatusCode: 400, errorMessage: 'Invalid To phone number format.' } } })
  for (let time = 0; time < MOST_FAILURES + 2; time++) t.match((await send()).body, { provider: 'twilio-sms' })
  t.match(await state('acs-sms'), { state: 'closed', failures: 0 })
  t.equal(asked('azure'), MOST_FAILURES + 2)
})

t.test('answers that never come set Azure aside as well: then the codes arrive again', async (t) => {
  const { sandbox, send, state } = await start(t)
  sandbox.script(NUMBER, { sms: { drop: 'before-read' } })
  for (let time = 0; time < MOST_FAILURES; time++) t.equal((await send()).status, 202)
  t.match(await state('acs-sms'), { state: 'open', reason: 'connection' })
  t.match(await send(), { status: 200, body: { provider: 'twilio-sms' } })
})

t.test('after the cool-off one message of many tries Azure, and none has to wait for it', async (t) => {
  const stand = await start(t)
  const { asked, clock, sandbox, send, state } = stand
  sandbox.script(NUMBER, AZURE_DENIES)
  await failFiveTimes(t, stand)
  clock.advance(COOL_OFF - 1)
  await send()
  t.equal(asked('azure'), MOST_FAILURES, 'not a millisecond too early')
  clock.advance(1)
  t.match(await state('acs-sms'), { state: 'half-open' })
  const replies = await Promise.all([send(), send(), send(), send()])
  for (const { status, body } of replies) t.match({ status, body }, { status: 200, body: { provider: 'twilio-sms' } })
  t.equal(asked('azure'), MOST_FAILURES + 1)
  t.match(await state('acs-sms'), { state: 'open', retryAt: new Date(clock() + 2 * COOL_OFF).toISOString() }, 'and then it is left alone for twice as long')
})

t.test('once Azure works again the message that tries it restores it', async (t) => {
  const stand = await start(t)
  const { clock, delivery, events, log, sandbox, send, state } = stand
  sandbox.script(NUMBER, AZURE_DENIES)
  await failFiveTimes(t, stand)
  sandbox.script(NUMBER, {})
  t.match((await send()).body, { provider: 'twilio-sms' }, 'nobody knows yet')
  clock.advance(COOL_OFF)
  const { body } = await send()
  t.match(body, { provider: 'acs-sms' })
  t.same((await delivery(body.id)).plan, ['acs-sms', 'twilio-sms'])
  t.match(await state('acs-sms'), { state: 'closed', failures: 0, reason: undefined, retryAt: undefined })
  t.match(events.filter(({ type }) => type === 'provider.restored'), [{ provider: 'acs-sms', channel: 'sms' }])
  t.equal(log.filter((line) => line.includes('provider.restored')).length, 1)
  t.match((await send()).body, { provider: 'acs-sms' })
})

t.test('a provider that is set aside is asked all the same where the others do not send', async (t) => {
  const stand = await start(t)
  const { sandbox, send, state, delivery } = stand
  sandbox.script(NUMBER, AZURE_DENIES)
  await failFiveTimes(t, stand)
  sandbox.script(NUMBER, { twilio: { message: { error: { status: 401, code: 20003 } } } })
  const { body } = await send()
  t.match(body, { status: 'accepted', provider: 'acs-sms' })
  t.match((await delivery(body.id)).attempts, [{ provider: 'twilio-sms', status: 'failed' }, { provider: 'acs-sms' }])
  t.match(await state('acs-sms'), { state: 'closed', failures: 0 })
})

t.test('with both set aside both are still asked, in their own order', async (t) => {
  const { delivery, sandbox, send, state } = await start(t)
  sandbox.script(NUMBER, { ...AZURE_DENIES, twilio: { message: { error: { status: 401, code: 20003 } } } })
  for (let time = 0; time < MOST_FAILURES; time++) t.equal((await send()).status, 502)
  for (const provider of ['acs-sms', 'twilio-sms']) t.match(await state(provider), { state: 'open', reason: 'credentials' })
  sandbox.script(NUMBER, {})
  const { body } = await send()
  t.match(body, { status: 'accepted', provider: 'acs-sms' })
  t.same((await delivery(body.id)).plan, ['acs-sms', 'twilio-sms'])
})

for (const [vendor, provider, other, script] of [
  ['azure', 'acs-sms', 'twilio-sms', { sms: { httpError: { status: 429, headers: { 'retry-after': '120' } }, times: 1 } }],
  ['twilio', 'twilio-sms', 'acs-sms', { twilio: { message: { httpError: { status: 429, headers: { 'retry-after': '120' }, body: { code: 20429, status: 429 } }, times: 1 } } }]
] as const) {
  t.test(`${vendor} says when to come again: until then it is left alone, after one failure already`, async (t) => {
    const { asked, clock, sandbox, send, state } = await start(t, { SMS_ROUTE: `${provider},${other}` })
    sandbox.script(NUMBER, script)
    t.match((await send()).body, { status: 'accepted', provider: other })
    t.match(await state(provider), { state: 'open', reason: 'rate_limited', failures: 1, retryAt: new Date(clock() + 120_000).toISOString() })
    clock.advance(119_999)
    t.match((await send()).body, { provider: other })
    t.equal(asked(vendor), 1)
    clock.advance(1)
    t.match((await send()).body, { provider })
    t.match(await state(provider), { state: 'closed' })
  })
}

t.test('a vendor that wants to be left alone for a day is asked again after five minutes', async (t) => {
  const { clock, sandbox, send, state } = await start(t)
  sandbox.script(NUMBER, { sms: { httpError: { status: 503, headers: { 'retry-after': '86400' } }, times: 1 } })
  await send()
  t.match(await state('acs-sms'), { retryAt: new Date(clock() + 300_000).toISOString() })
})

t.test('who fails at texts is not set aside for calls, and Verify’s channels are apart', async (t) => {
  const { sandbox, send, state, url } = await start(t, {})
  sandbox.script(NUMBER, { ...AZURE_DENIES, twilio: { message: { error: { status: 401, code: 20003 } }, verification: { error: { status: 401, code: 20003 } } } })
  for (let time = 0; time < MOST_FAILURES; time++) t.equal((await send()).status, 502)
  t.match((await send('/send-voice-code')).body, { status: 'accepted', provider: 'acs-voice' })
  t.match(await state('twilio-voice'), { state: 'closed', failures: 0 })
  const { providers } = await (await fetch(`${url}/readyz`, { headers: { authorization: ADMIN } })).json() as any
  t.match(providers.filter(({ provider }: any) => provider === 'twilio-verify').map(({ channel, state }: any) => [channel, state]).sort(),
    [['sms', 'open'], ['voice', 'closed'], ['whatsapp', 'closed']])
})

t.test('a country’s own route heeds it as well', async (t) => {
  const stand = await start(t, { ...AZURE_FIRST, SMS_ROUTE_DE: 'acs-sms', SMS_ROUTE_FR: 'acs-sms,twilio-sms' })
  stand.sandbox.script(NUMBER, AZURE_DENIES)
  await failFiveTimes(t, stand)
  t.match((await stand.send('/send-text-code', '+33612345678')).body, { provider: 'twilio-sms' })
  t.match((await stand.send('/send-text-code', '+4915112345678')).body, { provider: 'acs-sms' }, 'where there is no other, it is asked')
})

t.test('an incident is over: every message of it reached its person once', async (t) => {
  const { clock, sandbox, send } = await start(t)
  sandbox.script('*', AZURE_DENIES)
  const numbers = Array.from({ length: 12 }, (_, index) => `+1415555${6000 + index}`)
  for (const number of numbers) {
    t.equal((await send('/send-text-code', number)).status, 200)
    clock.advance(5000)
  }
  t.same(sandbox.messages.map(({ to, vendor }) => `${vendor} ${to}`), numbers.map((number) => `twilio ${number}`))
})

t.test('who was not asked has not been tried: it still waits for its turn', async (t) => {
  const { clock, sandbox, send, state } = await start(t, { SMS_ROUTE: 'acs-sms,twilio-sms,twilio-verify' })
  sandbox.script(NUMBER, { ...AZURE_DENIES, twilio: { message: { error: { status: 401, code: 20003 } } } })
  for (let time = 0; time < MOST_FAILURES; time++) await send()
  sandbox.script(NUMBER, {})
  clock.advance(COOL_OFF)
  t.match((await send()).body, { provider: 'acs-sms' })
  t.match(await state('twilio-sms'), { state: 'half-open' })
  sandbox.script(NUMBER, AZURE_DENIES)
  t.match((await send()).body, { provider: 'twilio-sms' })
})
