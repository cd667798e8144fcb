import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import Twilio from 'twilio/lib/rest/Twilio.js'
import { SensitiveText } from '../../../src/domain/sensitive.ts'
import { HttpFailure, type HttpClient, type HttpRequest } from '../../../src/providers/http-client.ts'
import { createTwilioClient, TwilioRefusal, UnreadableAnswer, type TwilioClient, type TwilioClientDeps } from '../../../src/providers/twilio/client.ts'
import { CODE, hidesAll, NUMBER, printed, WORDS, type Mood } from '../suite.ts'
import { ACCOUNT, BASIC, clientOf, closedUrl, drip, MESSAGE, SECRETS, sid, startVendor, TOKEN, type Answer, type Asked } from './vendor.ts'

const LONG = 30_000

/** Sends the usual message. */
const send = (client: TwilioClient, milliseconds = LONG): Promise<unknown> =>
  client.within(milliseconds, (sdk) => sdk.messages.create({ to: NUMBER, from: '+15550200001', body: WORDS }))

const failureOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work
  } catch (error) {
    return error
  }
  throw new Error('it was answered')
}

/** What is thrown where the vendor answers so. */
const answered = async (t: Test, answer: Answer): Promise<unknown> => {
  const vendor = await startVendor(t)
  vendor.answer(answer)
  const failure = await failureOf(send(clientOf(t, vendor.url)))
  t.equal(vendor.asked.length, 1, 'it was asked once')
  return failure
}

/** A client whose requests are kept, not sent. */
const recording = (more: Partial<TwilioClientDeps> = {}): { client: TwilioClient, requests: HttpRequest[] } => {
  const requests: HttpRequest[] = []
  const http: HttpClient = {
    async request (request) {
      requests.push(request)
      return { status: 200, headers: {}, body: JSON.stringify(ANY) }
    },
    close: async () => {}
  }
  const credential = { username: ACCOUNT, password: new SensitiveText(TOKEN) }
  return { client: createTwilioClient({ http, accountSid: ACCOUNT, credential, region: undefined, edge: undefined, baseUrl: undefined, ...more }), requests }
}

const hrefOf = async (more: Partial<TwilioClientDeps>, call?: (sdk: Twilio) => Promise<unknown>): Promise<string | undefined> => {
  const { client, requests } = recording(more)
  await client.within(LONG, call ?? ((sdk) => sdk.messages.create({ to: NUMBER, body: WORDS })))
  return requests[0]?.url.href
}

/** What does for a message and for a page of attempts. */
const ANY = { ...MESSAGE, attempts: [], meta: { key: 'attempts' } }

const MESSAGES = `2010-04-01/Accounts/${ACCOUNT}/Messages.json`

t.test('requests are those of the SDK\'s own client, to the byte', async (t) => {
  const vendor = await startVendor(t)
  vendor.answer({ body: ANY })
  const client = clientOf(t, vendor.url)
  const original = new Twilio(ACCOUNT, TOKEN)
  for (const domain of [original.api, original.verify]) domain.baseUrl = vendor.url.origin
  const calls: Array<(sdk: Twilio) => Promise<unknown>> = [
    (sdk) => sdk.messages.create({ to: NUMBER, from: '+15550200001', body: WORDS }),
    (sdk) => sdk.messages.create({ to: NUMBER, messagingServiceSid: sid('MG'), validityPeriod: 120, smartEncoded: true, body: ' !"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~\n\t' }),
    (sdk) => sdk.messages.create({ to: NUMBER, from: 'Ä', body: 'Ihr Code ist 493021. Gültig 5 Min \u{1F44D} код' }),
    (sdk) => sdk.messages.create({ to: NUMBER, mediaUrl: ['https://a.example/1', 'https://a.example/2'], persistentAction: [], body: '' }),
    (sdk) => sdk.messages(sid('SM')).fetch(),
    (sdk) => sdk.verify.v2.services(sid('VA')).verifications.create({ to: NUMBER, channel: 'sms', rateLimits: { ip: '203.0.113.7' } }),
    (sdk) => sdk.verify.v2.services(sid('VA')).verifications(NUMBER).update({ status: 'approved' }),
    (sdk) => sdk.verify.v2.verificationAttempts.page({ channel: 'sms', verifyServiceSid: sid('VA'), 'channelData.to': NUMBER })
  ]
  for (const call of calls) {
    await call(original)
    await client.within(LONG, call)
  }
  const seen = ({ headers, ...rest }: Asked) => ({
    ...rest, ...headers, connection: undefined, 'accept-encoding': undefined, 'content-length': headers['content-length'] ?? '0'
  })
  t.equal(vendor.asked.length, 2 * calls.length)
  for (let at = 0; at < vendor.asked.length; at += 2) {
    t.same(seen(vendor.asked[at + 1] as Asked), seen(vendor.asked[at] as Asked))
    t.equal(vendor.asked[at + 1]?.headers['accept-encoding'], 'identity')
  }
})

t.test('half a character, which no form can hold, goes as the sign for one that is missing', async (t) => {
  const vendor = await startVendor(t)
  await clientOf(t, vendor.url).within(LONG, (sdk) => sdk.messages.create({ to: NUMBER, body: 'a\ud800b' }))
  t.match(vendor.asked[0]?.body, /Body=a%EF%BF%BDb$/)
})

t.test('the credential of an API key goes with the account\'s own path', async (t) => {
  const { client, requests } = recording({ credential: { username: sid('SK'), password: new SensitiveText('the secret') } })
  await send(client)
  t.equal(requests[0]?.url.href, `https://api.twilio.com/${MESSAGES}`)
  t.equal(requests[0]?.headers.Authorization, `Basic ${Buffer.from(`${sid('SK')}:the secret`).toString('base64')}`)
})

t.test('region and edge make the host, and one origin takes the place of all hosts', async (t) => {
  t.equal(await hrefOf({}), `https://api.twilio.com/${MESSAGES}`)
  t.equal(await hrefOf({ region: 'ie1' }), `https://api.ie1.twilio.com/${MESSAGES}`)
  t.equal(await hrefOf({ edge: 'dublin' }), `https://api.dublin.us1.twilio.com/${MESSAGES}`)
  t.equal(await hrefOf({ edge: 'dublin', region: 'ie1' }), `https://api.dublin.ie1.twilio.com/${MESSAGES}`)
  for (const base of ['http://127.0.0.1:4010/', 'https://proxy.example', 'https://proxy.example:8443/ignored?x=1']) {
    const baseUrl = new URL(base)
    t.equal(await hrefOf({ baseUrl, edge: 'dublin' }), `${baseUrl.origin}/${MESSAGES}`)
    t.equal(await hrefOf({ baseUrl }, (sdk) => sdk.verify.v2.verificationAttempts(sid('VL')).fetch()), `${baseUrl.origin}/v2/Attempts/${sid('VL')}`)
    t.equal(await hrefOf({ baseUrl }, (sdk) => sdk.verify.v2.verificationAttempts.page({ country: 'DE' })), `${baseUrl.origin}/v2/Attempts?Country=DE`)
  }
})

t.test('nothing is taken from the SDK\'s own environment', async (t) => {
  const environment = {
    TWILIO_EDGE: 'sydney', TWILIO_REGION: 'au1', TWILIO_LOG_LEVEL: 'debug', TWILIO_ACCOUNT_SID: sid('AC', 9), TWILIO_AUTH_TOKEN: 'another', TWILIO_CA_BUNDLE: '/nowhere', HTTP_PROXY: 'http://127.0.0.1:9'
  }
  const before = { ...process.env }
  Object.assign(process.env, environment)
  t.teardown(() => { process.env = before })
  const { client, requests } = recording()
  const log = t.capture(console, 'log')
  await send(client)
  t.equal(requests[0]?.url.href, `https://api.twilio.com/${MESSAGES}`)
  t.equal(requests[0]?.headers.Authorization, `Basic ${BASIC}`)
  t.same(log(), [])
})

t.test('each call has its own time, and what follows it the usual one', async (t) => {
  const { client, requests } = recording()
  await Promise.all([send(client, 1234.9), send(client, 50), send(client, 0), send(client, -5)])
  await client.within(700, async (sdk) => {
    await Promise.resolve()
    await sdk.messages.create({ to: NUMBER, body: WORDS })
  })
  t.throws(() => client.within(700, (sdk) => sdk.messages.create({ to: undefined as unknown as string })))
  await client.within(800, async (sdk) => {
    await sdk.messages.create({ to: NUMBER, body: WORDS })
    await sdk.messages.create({ to: NUMBER, body: WORDS })
  })
  t.same(requests.map(({ timeout }) => timeout), [1234, 50, 1, 1, 5000, 800, 5000])
})

t.test('a refusal is its status, its code and its pause, in either of Twilio\'s shapes', async (t) => {
  const more = { message: `${NUMBER} ${WORDS}`, more_info: 'https://www.twilio.com/docs/errors/21211' }
  t.match(await answered(t, { status: 400, body: { code: 21211, status: 400, ...more } }), { name: 'TwilioRefusal', status: 400, code: 21211, retryAfter: undefined })
  t.match(await answered(t, { status: 400, body: { type: 'https://www.twilio.com/docs/api/errors/60200', title: NUMBER, status: 418, code: 60200, detail: WORDS } }), { status: 400, code: 60200 })
  t.match(await answered(t, { status: 429, body: { code: 20429 }, headers: { 'retry-after': '3' } }), { status: 429, code: 20429, retryAfter: 3000 })
  const date = 'Sat, 21 Nov 2026 08:00:00 GMT'
  t.match(await answered(t, { status: 429, headers: { date, 'retry-after': 'Sat, 21 Nov 2026 08:00:09 GMT' } }), { status: 429, code: undefined, retryAfter: 9000 })
})

t.test('a refusal without a code of Twilio\'s has none, whatever its body', async (t) => {
  const bodies = ['', '<html>', 'null', '[]', '"x"', '42', '{', {}, { code: '21211' }, { code: 1.5 }, { code: null }, { code: { toString: 1 } }, { status: 999 }]
  for (const body of bodies) {
    const failure = await answered(t, { status: 502, body })
    t.ok(failure instanceof TwilioRefusal)
    t.match(failure, { status: 502, code: undefined, retryAfter: undefined, message: 'Twilio answered with 502' }, JSON.stringify(body))
  }
})

t.test('redirections are refusals, and are not followed', async (t) => {
  for (const status of [300, 301, 302, 303, 307, 308]) {
    t.match(await answered(t, { status, headers: { location: '/elsewhere' }, body: MESSAGE }), { name: 'TwilioRefusal', status })
  }
  const vendor = await startVendor(t)
  vendor.answer({ status: 302, headers: { location: '/elsewhere' }, body: MESSAGE })
  const fetching = clientOf(t, vendor.url).within(LONG, (sdk) => sdk.messages(sid('SM')).fetch())
  t.match(await failureOf(fetching), { name: 'TwilioRefusal', status: 302 }, 'of a question too')
})

t.test('a success that is no JSON object cannot be read, and shows nothing of it', async (t) => {
  for (const body of ['', ' ', 'null', '[]', `["${CODE}"]`, `"${CODE}"`, CODE, `{"sid":"${CODE}`, `<html>${CODE}</html>`, '{}x']) {
    const failure = await answered(t, { status: 201, body })
    t.ok(failure instanceof UnreadableAnswer, body)
    t.equal(String(failure), 'UnreadableAnswer: Twilio answered with something unreadable')
  }
  t.ok(await answered(t, { status: 204 }) instanceof UnreadableAnswer)
})

t.test('a wrong token, and one that was revoked, are refused', async (t) => {
  const vendor = await startVendor(t)
  const wrong = clientOf(t, vendor.url, { credential: { username: ACCOUNT, password: new SensitiveText('revoked') } })
  t.match(await failureOf(send(wrong)), { name: 'TwilioRefusal', status: 401, code: 20003 })
})

t.test('an answer that never ends, and one that never begins, end with the time', async (t) => {
  const vendor = await startVendor(t)
  for (const behaviour of [drip, () => {}]) {
    vendor.behave(behaviour)
    const failure = await failureOf(send(clientOf(t, vendor.url), 200))
    t.ok(failure instanceof HttpFailure)
    t.match(failure, { written: true, why: 'timeout' })
  }
})

t.test('no failure prints anything of the request, the answer or the credential', async (t) => {
  const moods: Mood[] = [
    'refuses-recipient', 'says-401', 'says-429', 'says-500', 'echoes-400', 'echoes-500', 'answers-html', 'answers-broken-json', 'answers-too-long', 'drops-before', 'drops-after'
  ]
  const vendor = await startVendor(t)
  const client = clientOf(t, vendor.url)
  const check = async (failure: unknown, what: string): Promise<void> => {
    const { stack, cause } = failure as Error
    hidesAll(t, [failure, stack, cause, client, send].map(printed).join('\n'), [NUMBER, NUMBER.slice(1), CODE, WORDS, ...SECRETS], what)
  }
  for (const mood of moods) {
    vendor.become(mood)
    await check(await failureOf(send(client)), mood)
  }
  await check(await failureOf(send(clientOf(t, await closedUrl()))), 'nobody listens')
  vendor.behave(drip)
  await check(await failureOf(send(client, 100)), 'it never ends')
  vendor.become('well')
  await client.within(LONG, async (sdk) => {
    await sdk.messages.create({ to: NUMBER, body: WORDS })
    hidesAll(t, inspect(sdk, { depth: 20, showHidden: true }), [NUMBER, NUMBER.slice(1), CODE, WORDS, ...SECRETS], 'the SDK itself')
  })
})
