import { request as ask, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import t, { type Test } from 'tap'
import { examineAddresses } from '../../src/cli/doctor/addresses.ts'
import { createProbe, silenceOf, type Probe } from '../../src/cli/doctor/probe.ts'
import { readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/read-settings.ts'
import { ADMIN, EVENT_GRID_SECRET, SECRET, startTestGateway } from '../support/gateway.ts'
import { REFUSAL, startStranger } from './doctor-stand.ts'

/** Settings whose vendors are on this machine, and are not asked here. */
const LOCAL: Environment = {
  SECRET_HEADER: SECRET,
  ADMIN_SECRET: ADMIN,
  EVENT_GRID_SECRET,
  DEFAULT_COUNTRY: 'US',
  ACS_CONNECTION_STRING: 'endpoint=http://127.0.0.1:1/;accesskey=c2VjcmV0',
  ACS_SENDER_ID: '+15550100001'
}
const TWILIO: Environment = { TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`, TWILIO_AUTH_TOKEN: 'a-token', TWILIO_PHONE_NUMBER: '+15550200001' }

const startProbe = (t: Test, timeoutMs = 5000): Probe => {
  const { probe, close } = createProbe(timeoutMs)
  t.teardown(close)
  return probe
}

/** What is found of the addresses of some settings, a line each. */
const examine = async (t: Test, settings: Environment, probe: Probe = startProbe(t), now: () => number = Date.now): Promise<string[]> =>
  (await examineAddresses({ config: readConfig({ ...LOCAL, ...settings }, '/srv'), leftOut: new Set(), probe, now })).map(({ level, about, says }) => `${level} ${about}: ${says}`)

/** A gateway about which no more is known. */
const UNPROVEN = [
  'ok PUBLIC_URL: a gateway answers, and refuses requests without a secret.',
  /^skip PUBLIC_URL: whether it is the one with these settings was not asked: a secret would have to be sent there\. If it is, its log has the request [0-9a-f-]{36}\.$/
] as const

/** What is found where a stranger answers so. */
const met = async (t: Test, listener: RequestListener, settings: Environment = {}): Promise<string[]> =>
  await examine(t, { ...settings, PUBLIC_URL: await startStranger(t, listener) })

const says = (status: number, body = '', headers: Record<string, string> = {}): RequestListener =>
  (_request, response) => { response.writeHead(status, headers).end(body) }

t.test('strangers are told by what they answer', async (t) => {
  const last = async (listener: RequestListener): Promise<string | undefined> => (await met(t, listener)).at(-1)
  t.match(await last(says(530, 'error code: 1033')), /^fail PUBLIC_URL: the tunnel at 127.* has no other end \(530\): start it/)
  t.match(await last(says(404, '', { 'ngrok-error-code': 'ERR_NGROK_3200' })), /^fail PUBLIC_URL: the tunnel at .* \(404\)/)
  t.match(await last(says(403, 'error code: 1016')), /^fail PUBLIC_URL: the tunnel at .* \(403\)/)
  for (const status of [502, 503, 504]) t.match(await last(says(status)), new RegExp(`^fail PUBLIC_URL: the proxy at 127.* does not reach the gateway \\(${status}\\): start the gateway`))
  for (const status of [401, 403]) t.match(await last(says(status)), new RegExp(`^fail PUBLIC_URL: something in front of the gateway asks for a credential \\(${status}\\)`))
  t.match(await last(says(307, '', { location: '/elsewhere' })), /^fail PUBLIC_URL: it redirects to another path/)
  t.match(await last(says(304)), /^fail PUBLIC_URL: it redirects to nowhere/)
  t.match(await last(says(200, 'ok')), /^fail PUBLIC_URL: another server answers at .* \(200, of no type\)/)
  t.match(await last(says(200, 'null', { 'content-type': 'application/json' })), /^fail PUBLIC_URL: another server answers at .* \(200, application\/json\)/)
  t.match(await last(says(404, '<html>', { 'content-type': 'text/html' })), /^fail PUBLIC_URL: another server answers at .* \(404, text\/html\)/)
  t.match(await last(says(200, 'x'.repeat(200_000))), /^fail PUBLIC_URL: another server answers/)
})

t.test('a page below whose path nothing is', async (t) => {
  const stranger = await startStranger(t, says(404, '{}'))
  t.match((await examine(t, { PUBLIC_URL: `${stranger}/codes/` })).at(-1), /^fail PUBLIC_URL: nothing of the gateway is below \/codes: see that the proxy leads this path to it/)
})

t.test('no answer at all', async (t) => {
  t.match(await met(t, ({ socket }) => { socket.destroy() }), [/^fail PUBLIC_URL: the connection to 127.* breaks/])
  const silent = await startStranger(t, () => {})
  t.match(await examine(t, { PUBLIC_URL: silent }, startProbe(t, 30)), [/^fail PUBLIC_URL: 127.* does not answer in time: see that the firewall/])
  const dripping = await startStranger(t, (_request, response) => { response.writeHead(200).write('{') })
  t.match(await examine(t, { PUBLIC_URL: dripping }, startProbe(t, 60)), [/^fail PUBLIC_URL: 127.* does not answer in time/])
  t.match(await examine(t, { PUBLIC_URL: silent.replace('http:', 'https:') }), [/^fail PUBLIC_URL: no secure connection to 127.*: see that its certificate is valid/])
  const nameless: Probe = async () => silenceOf(Object.assign(new Error(), { code: 'ENOTFOUND' }), false)
  t.match(await examine(t, { PUBLIC_URL: 'https://codes.example.com' }, nameless), [/^fail PUBLIC_URL: the name codes\.example\.com does not resolve: see that it is spelt right/])
})

t.test('what keeps an answer away is told by its code', (t) => {
  const why = (code?: unknown, late = false): string => {
    const silence = silenceOf(Object.assign(new Error(), { code }), late)
    return silence.kind === 'silence' ? silence.why : 'none'
  }
  t.same(['ENOTFOUND', 'EAI_AGAIN'].map((code) => why(code)), ['name', 'name'])
  t.same(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'EPROTO'].map((code) => why(code)), Array(5).fill('tls'))
  t.same([why('UND_ERR_CONNECT_TIMEOUT'), why('ETIMEDOUT'), why(23, true)], ['timeout', 'timeout', 'timeout'])
  t.same([why('ECONNREFUSED'), why('ECONNRESET'), why(undefined), why(20)], ['refused', 'connection', 'connection', 'connection'])
  t.end()
})

t.test('an address that was not set, or leads to this machine only', async (t) => {
  t.same(await examine(t, {}), ['warn PUBLIC_URL: not set: calls of Azure need it, or ACS_CALLBACK_URL; whether identity providers reach the gateway was not looked at.'])
  t.same(await examine(t, { ...TWILIO, ACS_CONNECTION_STRING: '' }), ['warn PUBLIC_URL: not set: Twilio is asked for the status instead of calling back; whether identity providers reach the gateway was not looked at.'], 'nothing is said of a vendor that is not there')
  t.match(await examine(t, { ACS_CONNECTION_STRING: '' }), [/^skip PUBLIC_URL: not set: the sandbox needs none/])
  const { url } = await startTestGateway(t, { twilio: 'too' })
  const onlyHere = /^warn PUBLIC_URL: it leads to this machine only/
  t.match((await examine(t, { PUBLIC_URL: url, ACS_CONNECTION_STRING: 'endpoint=https://unit.communication.azure.com/;accesskey=c2VjcmV0' })).at(-1), onlyHere)
  t.match((await examine(t, { ...TWILIO, PUBLIC_URL: url })).at(-1), onlyHere)
  t.notMatch((await examine(t, { ...TWILIO, TWILIO_BASE_URL: 'http://127.0.0.1:1', PUBLIC_URL: url })).at(-1), onlyHere)
  const outside: Probe = async () => ({ kind: 'answer', status: 200, headers: {}, body: '' })
  t.match(await examine(t, { ...TWILIO, PUBLIC_URL: 'https://codes.example.com' }, outside), [/^fail PUBLIC_URL: another server/], 'what answers without a date says nothing of clocks')
})

t.test('an address that was copied with a route is not looked at', async (t) => {
  const nobody: Probe = async () => { throw new Error('nothing is asked') }
  for (const route of ['hooks/okta', 'hooks/generic/mine', 'send-text-code', 'send-voice-code/', 'events', 'events/twilio/message']) {
    t.same(await examine(t, { PUBLIC_URL: `https://codes.example.com/codes/${route}` }, nobody), [
      'fail PUBLIC_URL: it ends with a route of the gateway, below which nobody looks for the others: drop the path, and set it to https://codes.example.com/codes.'
    ])
  }
})

t.test('whoever is asked sees who asks', async (t) => {
  const heard: Array<string | undefined> = []
  await met(t, ({ headers }, response) => {
    heard.push(headers['user-agent'])
    response.writeHead(404, { 'content-type': 'application/json' }).end('{}')
  })
  t.ok(heard.length > 1)
  t.same([...new Set(heard)], ['phone-code-gateway-doctor'])
})

t.test('the address of Azure\'s callbacks is looked at where it is another one', async (t) => {
  const { url, environment } = await startTestGateway(t)
  const voice = { ACS_SOURCE_PHONE_NUMBER: '+15550100001', ACS_COGNITIVE_SERVICES_ENDPOINT: 'https://unit.cognitiveservices.azure.com/' }
  const probe = startProbe(t)
  t.match((await examine(t, { ...voice, PUBLIC_URL: url, ACS_CALLBACK_URL: 'http://127.0.0.1:1/events' }, probe)).at(-1), /^fail ACS_CALLBACK_URL: nobody listens at 127\.0\.0\.1:1/)
  t.same((await examine(t, { ...voice, PUBLIC_URL: url, ACS_CALLBACK_URL: `${url}/events` }, probe)).filter((line) => line.includes('ACS_CALLBACK_URL')), [])
  t.match(await examine(t, { ...voice, ACS_CALLBACK_URL: environment.ACS_CALLBACK_URL }, probe), [/^warn PUBLIC_URL: not set/, /^ok clock/, /^ok ACS_CALLBACK_URL: a gateway answers/, /^skip ACS_CALLBACK_URL: whether it is the one/, /^ok ACS_CALLBACK_URL: POST/, /^ok ACS_CALLBACK_URL: OPTIONS/])
  t.match(await examine(t, { ...voice, ACS_CALLBACK_URL: 'http://127.0.0.1:1/calls' }, probe), [/^warn PUBLIC_URL: not set: whether identity providers/], 'another path is somebody\'s own')
})

t.test('a gateway behind a path that the proxy leaves, and behind one that it takes away', async (t) => {
  const { url } = await startTestGateway(t, { twilio: 'too', settings: { PUBLIC_URL: 'http://127.0.0.1:1/codes' } })
  t.match(await examine(t, { PUBLIC_URL: `${url}/codes` }), [/^ok clock/, ...UNPROVEN, /^ok PUBLIC_URL: POST \/events /, /^ok PUBLIC_URL: OPTIONS/])
  const taking = await startProxy(t, url, (path) => path.replace('/codes', ''))
  t.match(await examine(t, { PUBLIC_URL: `${taking}/codes` }), [/^ok clock/, ...UNPROVEN, /^ok PUBLIC_URL: POST/, /^ok PUBLIC_URL: OPTIONS/])
})

/** A proxy that passes requests on, under another path; `undefined`: it answers them itself, with a page. */
const startProxy = (t: Test, to: string, pathOf: (path: string, request: IncomingMessage) => string | undefined): Promise<string> =>
  startStranger(t, (request: IncomingMessage, response: ServerResponse) => {
    const path = pathOf(request.url as string, request)
    if (path === undefined) {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>')
      return
    }
    const passed = ask(new URL(path, to), { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode as number, answer.headers)
      answer.pipe(response)
    })
    request.pipe(passed)
  })

t.test('a proxy that does not let everything through', async (t) => {
  const { url } = await startTestGateway(t, { twilio: 'too' })
  const only = (...paths: string[]) => startProxy(t, url, (path) => paths.includes(path) ? path : undefined)
  const settings = { ...TWILIO, TWILIO_BASE_URL: 'http://127.0.0.1:1' }

  t.match(await examine(t, { ...settings, PUBLIC_URL: await only('/livez', '/readyz', '/hooks/okta') }), [
    /^ok clock/, ...UNPROVEN,
    /^fail PUBLIC_URL: POST \/events does not come through: let the proxy pass it on as it is, or what Azure tells is lost/,
    /^fail PUBLIC_URL: OPTIONS \/events does not come through/,
    /^fail PUBLIC_URL: POST \/events\/twilio\/message does not come through/
  ])
  for (const paths of [['/livez', '/send-text-code', '/events'], ['/send-text-code', '/events'], ['/hooks/kratos', '/events']]) {
    t.match(await examine(t, { PUBLIC_URL: await only(...paths) }), [/^ok clock/, ...UNPROVEN, /^ok/, /^ok/])
  }
  t.match(await examine(t, { PUBLIC_URL: await only('/livez', '/readyz', '/events') }), [/^ok clock/, /^fail PUBLIC_URL: \/livez answers as a gateway's does, and the hooks do not \(404\): see that the proxy lets them through, and that the address is still yours/])
  const breaking = await startProxy(t, url, (path, { socket }) => path === '/livez' ? path : String(socket.destroy()))
  t.match(await examine(t, { PUBLIC_URL: breaking }), [/^ok clock/, /^fail PUBLIC_URL: .* the hooks do not \(no answer\)/])
})

t.test('a gateway that is shutting down, and one that has lost its store', async (t) => {
  let broken = false
  const { url, gateway } = await startTestGateway(t, { wrapSql: (sql) => ({ ...sql, read: (step) => sql.read(step), write: (steps) => sql.write(steps), follow: (topic, wake) => sql.follow(topic, wake), close: () => sql.close(), check: () => broken ? Promise.reject(new Error()) : sql.check() }) })
  broken = true
  t.match((await examine(t, { PUBLIC_URL: url }))[1], /^fail PUBLIC_URL: the gateway there cannot reach its store: see STORE_URL/)
  gateway.drain()
  t.match((await examine(t, { PUBLIC_URL: url }))[1], /^warn PUBLIC_URL: the gateway there is shutting down/)
  const stopping = await startStranger(t, (request, response) => {
    const [status, body] = request.url === '/livez' ? [200, { status: 'ok' }] : request.url === '/readyz' ? [503, { status: 'draining' }] : [401, REFUSAL]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  t.match((await examine(t, { PUBLIC_URL: stopping }))[1], /^warn PUBLIC_URL: the gateway there is shutting down/, 'which begins between two requests')
})
