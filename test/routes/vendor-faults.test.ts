import t, { type Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import type { Behaviour, RequestFault, TwilioBehaviour } from '../../src/sandbox/sandbox.ts'
import { startTestGateway, type Reply, type TestGateway } from '../support/gateway.ts'
import { NOBODY, startResettingHost, startSilentHost } from './failing-hosts.ts'

const CODE = 'Q7X3Z9'
const BUDGET = 8000
/** Where nothing but the time ends it; on a busy machine timers are late, by less than half of it. */
const SHORT_BUDGET = 800
const mostTime = (budget: number): number => budget === SHORT_BUDGET ? 1.5 * budget : budget

/** One provider of Twilio, alone: how a message is sent by it, and which requests are its own. */
interface Alone {
  readonly provider: string
  readonly settings: Environment
  readonly path: string
  readonly kind: keyof TwilioBehaviour
}

const ALONE: readonly Alone[] = [
  { provider: 'twilio-sms', settings: { SMS_ROUTE: 'twilio-sms' }, path: '/send-text-code', kind: 'message' },
  { provider: 'twilio-voice', settings: { VOICE_ROUTE: 'twilio-voice' }, path: '/send-voice-code', kind: 'call' },
  { provider: 'twilio-verify', settings: { SMS_ROUTE: 'twilio-verify' }, path: '/send-text-code', kind: 'verification' }
]

interface Fault {
  readonly fault: RequestFault & { readonly error?: { readonly status: number, readonly code: number } }
  readonly reply: object
  readonly attempt: object
  /** Whether nothing but the time ends it. */
  readonly isSlow?: boolean
  /** How many messages it leaves behind, at most. */
  readonly leaves: 0 | 1
}

const FAILED = { status: 502, body: { code: 'provider_failed' } }
const UNKNOWN = { status: 202, body: { status: 'unknown' } }

const FAULTS: Readonly<Record<string, Fault>> = {
  'the token was revoked': { fault: { error: { status: 401, code: 20003 } }, reply: FAILED, attempt: { status: 'failed', reason: 'credentials', vendorCode: '20003', hint: /TWILIO_AUTH_TOKEN/ }, leaves: 0 },
  'the account is suspended': { fault: { error: { status: 403, code: 20005 } }, reply: FAILED, attempt: { status: 'failed', reason: 'credentials' }, leaves: 0 },
  '401 without a body': { fault: { httpError: { status: 401, body: '' } }, reply: FAILED, attempt: { status: 'failed', reason: 'credentials' }, leaves: 0 },
  '429 with Retry-After': {
    fault: { httpError: { status: 429, headers: { 'retry-after': '30' }, body: { code: 20429, message: 'Too Many Requests', status: 429 } } },
    reply: { status: 502, body: { code: 'provider_failed', detail: 'rate_limited' } },
    attempt: { status: 'failed', reason: 'rate_limited', vendorCode: '20429' },
    leaves: 0
  },
  500: { fault: { error: { status: 500, code: 20500 } }, reply: UNKNOWN, attempt: { status: 'unknown', reason: 'provider_error', vendorCode: '20500' }, leaves: 0 },
  '503 with a page': { fault: { httpError: { status: 503, body: '<html>' } }, reply: UNKNOWN, attempt: { status: 'unknown', reason: 'provider_error' }, leaves: 0 },
  'a redirection': { fault: { httpError: { status: 307, headers: { location: '/elsewhere' } } }, reply: UNKNOWN, attempt: { status: 'unknown', reason: 'provider_error' }, leaves: 0 },
  'reset before the request was read': { fault: { drop: 'before-read' }, reply: UNKNOWN, attempt: { status: 'unknown', reason: 'connection' }, leaves: 0 },
  'reset after the request was taken': { fault: { drop: 'after-accept' }, reply: UNKNOWN, attempt: { reason: 'connection' }, leaves: 1 },
  '201 with broken JSON': { fault: { malformed: 'broken-json' }, reply: UNKNOWN, attempt: { reason: 'provider_error' }, leaves: 1 },
  '201 with an empty object': { fault: { malformed: 'empty-object' }, reply: UNKNOWN, attempt: { reason: 'provider_error' }, leaves: 1 },
  '201 with a page': { fault: { malformed: 'html' }, reply: UNKNOWN, attempt: { reason: 'provider_error' }, leaves: 1 },
  '201 with 50 MB': { fault: { malformed: 'huge' }, reply: UNKNOWN, attempt: { reason: 'connection' }, leaves: 1 },
  '201 that never ends': { fault: { malformed: 'endless' }, reply: UNKNOWN, attempt: { reason: 'timeout' }, isSlow: true, leaves: 1 },
  'no answer': { fault: { hang: true }, reply: UNKNOWN, attempt: { status: 'unknown', reason: 'timeout' }, isSlow: true, leaves: 0 }
}

const start = async (t: Test, settings: Environment): Promise<TestGateway> => await startTestGateway(t, { twilio: 'alone', settings })

const numberOf = (index: number): string => `+1415555${9000 + index}`

const taken = ({ sandbox }: TestGateway, number: string): number => [...sandbox.messages, ...sandbox.calls].filter(({ to }) => to === number).length

/** The milliseconds that the last message took, as the gateway tells. */
const lastTime = ({ events }: TestGateway): number => events.flatMap((event) => event.type === 'delivery.finished' ? [event.milliseconds] : []).at(-1) as number

/** Nothing that is secret is in the log, in what was answered, or in the facts. */
const keepsSecrets = (t: Test, { environment, events, log, sandbox }: TestGateway, replies: readonly Reply[], numbers: readonly string[]): void => {
  const places = { log: log.join('\n'), facts: JSON.stringify(events), replies: JSON.stringify(replies.map(({ body }) => body)) }
  const basic = (token: string): string => Buffer.from(`${sandbox.twilio.accountSid}:${token}`).toString('base64')
  const tokens = [sandbox.twilio.authToken, environment.TWILIO_AUTH_TOKEN as string]
  const secrets = [...tokens, ...tokens.map(basic), ...numbers.map((number) => number.slice(2)), CODE, [...CODE].join(', '), 'call=']
  t.ok(log.length > 5, 'something was logged')
  for (const [place, content] of Object.entries(places)) {
    t.same(secrets.filter((secret) => content.includes(secret)), [], `the ${place} keeps all secrets`)
  }
}

for (const { provider, settings, path, kind } of ALONE) {
  for (const slow of [false, true]) {
    t.test(`${provider} alone: whatever Twilio does, ${slow ? 'the time ends it' : 'it ends at once'}, rightly, and the next message goes`, async (t) => {
      const budget = slow ? SHORT_BUDGET : BUDGET
      const gateway = await start(t, { ...settings, DIRECT_BUDGET_MS: String(budget) })
      const { delivery, post, sandbox } = gateway
      const faults = Object.entries(FAULTS).filter(([, { isSlow = false }]) => isSlow === slow)
      const replies: Reply[] = []
      for (const [index, [what, { fault, reply: expected, attempt, leaves }]] of faults.entries()) {
        const phoneNumber = numberOf(index)
        const behaviour = { ...fault, times: 1, ...(kind === 'call' ? { outcome: 'manual' } : { report: 'none' }) }
        sandbox.script(phoneNumber, { twilio: { [kind]: behaviour } } as Behaviour)
        const reply = await post(path, { phoneNumber, code: CODE })
        t.match({ status: reply.status, body: reply.body }, expected, what)
        t.ok(lastTime(gateway) < mostTime(budget), `${what}: ${lastTime(gateway)} of ${budget} ms`)
        t.equal(sandbox.requests.length, 2 * index + 1, `${what}: asked once`)
        t.ok(taken(gateway, phoneNumber) <= leaves, what)
        const record = await delivery(reply.body.id)
        t.match(record.attempts, [{ provider, milliseconds: Number, ...leaves === 0 ? attempt : {} }], what)
        t.equal(record.attempts.length, 1, what)
        const seen = gateway.events.find((event) => event.type === 'attempt.finished' && event.delivery === reply.body.id)
        t.match(seen, { provider, result: reply.status === 202 ? 'unknown' : 'failed', ...attempt, status: undefined }, `${what}, as it is told`)

        // The fault is over, and so is it here: what was not sent may be sent, what may have been is told.
        const next = await post(path, { phoneNumber, code: reply.status === 202 ? `${CODE}2` : CODE })
        t.match({ status: next.status, body: next.body }, { status: 200, body: { status: 'accepted', provider } }, `after that: ${what}`)
        replies.push(reply, next)
      }
      t.equal((await fetch(`${gateway.url}/livez`)).status, 200)
      keepsSecrets(t, gateway, replies, faults.map((_, index) => numberOf(index)))
    })
  }

  t.test(`${provider} alone: a wrong token is a failure, time after time, and is not shown`, async (t) => {
    const wrong = 'fedcba9876543210'.repeat(2)
    const gateway = await start(t, { ...settings, TWILIO_AUTH_TOKEN: wrong })
    const { delivery, post, sandbox } = gateway
    const replies: Reply[] = []
    for (let time = 1; time <= 7; time++) {
      const reply = await post(path, { phoneNumber: numberOf(0), code: CODE })
      replies.push(reply)
      t.match({ status: reply.status, body: reply.body }, { status: 502, body: { code: 'provider_failed', detail: 'credentials' } }, `time ${time}`)
      t.match((await delivery(reply.body.id)).attempts, [{ status: 'failed', vendorCode: '20003', hint: /TWILIO_AUTH_TOKEN/ }])
    }
    t.same(sandbox.requests.map(({ status }) => status), Array(7).fill(401), 'though it is set aside there is no other, and it is asked')
    t.equal(taken(gateway, numberOf(0)), 0)
    keepsSecrets(t, gateway, replies, [numberOf(0)])
  })

  t.test(`${provider} alone: where Twilio cannot be reached nothing was sent, and the caller hears so in time`, async (t) => {
    const hosts = { 'nobody listens': NOBODY, 'reset before the request was written': await startResettingHost(t), 'no connection comes to be': await startSilentHost(t) }
    for (const [what, origin] of Object.entries(hosts)) {
      const isSlow = what === 'no connection comes to be'
      const budget = isSlow ? SHORT_BUDGET : BUDGET
      const gateway = await start(t, { ...settings, TWILIO_BASE_URL: origin, DIRECT_BUDGET_MS: String(budget) })
      const replies = [await gateway.post(path, { phoneNumber: numberOf(0), code: CODE }), await gateway.post(path, { phoneNumber: numberOf(0), code: CODE })]
      for (const { status, body } of replies) {
        t.match({ status, body }, { status: 502, body: { code: 'provider_failed', detail: isSlow ? 'timeout' : 'connection' } }, what)
      }
      t.not(replies[0]?.body.id, replies[1]?.body.id, `${what}: the key was free`)
      t.ok(lastTime(gateway) < mostTime(budget), `${what}: ${lastTime(gateway)} of ${budget} ms`)
      t.equal(gateway.sandbox.requests.length, 0)
      keepsSecrets(t, gateway, replies, [numberOf(0)])
    }
  })
}

t.test('while Twilio hangs for some, others are served at once', async (t) => {
  const gateway = await start(t, { SMS_ROUTE: 'twilio-sms', DIRECT_BUDGET_MS: '2000' })
  gateway.sandbox.script('*', { twilio: { message: { hang: true } } })
  gateway.sandbox.script(numberOf(99), {})
  const hanging = Array.from({ length: 40 }, async (_, index) => await gateway.post('/send-text-code', { phoneNumber: numberOf(index), code: CODE }))
  await gateway.sandbox.waitFor('request', ({ status }) => status === 'unanswered')
  const ended: string[] = []
  const all = Promise.all(hanging).then((replies) => { ended.push('hanging'); return replies })
  t.match((await gateway.post('/send-text-code', { phoneNumber: numberOf(99), code: CODE })).body, { status: 'accepted' })
  ended.push('served')
  for (const { status } of await all) t.equal(status, 202)
  t.same(ended, ['served', 'hanging'])
})
