import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRequire } from 'node:module'
import { createContext, Script } from 'node:vm'
import t, { type Test } from 'tap'
import { captureOf } from '../../src/feed/capture.ts'
import { SECRET, startTestGateway } from '../support/gateway.ts'

const FILE = new URL('../../examples/twilio-function/functions/send-code.protected.js', import.meta.url)
const DEMO_SECRET = 'a-demo-secret-for-tests'

interface Answered { readonly status: number, readonly headers: Record<string, string>, readonly body: any, readonly milliseconds: number }

/** What a Function answers with. https://www.twilio.com/docs/serverless/functions-assets/functions/invocation */
class Response {
  status = 200
  headers: Record<string, string> = {}
  body: unknown
  setStatusCode (status: number): void { this.status = status }
  appendHeader (name: string, value: string): void { this.headers[name] = value }
  setBody (body: unknown): void { this.body = body }
}

/** Loads the file as Twilio does, with what a Function finds there and nothing else, and calls it. */
const call = async (settings: Record<string, string>, event: Record<string, unknown>): Promise<Answered & { printed: string }> => {
  const printed: unknown[] = []
  const print = (...values: unknown[]): void => { printed.push(...values) }
  const module = { exports: {} as any }
  const context = createContext({ module, exports: module.exports, require: createRequire(FILE), Twilio: { Response }, fetch, AbortSignal, URL, setTimeout, console: { log: print, warn: print, error: print } })
  new Script(readFileSync(FILE, 'utf8'), { filename: FILE.href }).runInContext(context)
  const began = performance.now()
  return await new Promise((resolve, reject) => {
    const callback = (error: unknown, response: Response): void => {
      if (error !== null) reject(new Error('not answered', { cause: error }))
      resolve({ ...response, milliseconds: performance.now() - began, printed: printed.join('\n') })
    }
    module.exports.handler({ PATH: '/send-code', ...settings }, { request: { headers: {} }, ...event }, callback).catch(reject)
  })
}

/** A server in place of the gateway. */
const startServer = async (t: Test, answer: RequestListener): Promise<string> => {
  const server = createServer(answer)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => new Promise<void>((resolve) => {
    server.closeAllConnections()
    server.close(() => { resolve() })
  }))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A gateway, and in front of it what takes reports as `capture` says. */
const startBoth = async (t: Test, capture: RequestListener = (_request, response) => { response.writeHead(202).end('{}') }) => {
  const gateway = await startTestGateway(t)
  const reports: Array<{ secret: unknown, body: any }> = []
  const url = await startServer(t, (request, response) => {
    let raw = ''
    request.setEncoding('utf8').on('data', (piece: string) => { raw += piece }).on('end', () => {
      if (request.url === '/api/events/capture') {
        reports.push({ secret: request.headers['x-demo-secret'], body: JSON.parse(raw) })
        capture(request, response)
        return
      }
      fetch(`${gateway.url}${request.url as string}`, { method: 'POST', headers: { authorization: request.headers.authorization as string, 'content-type': 'application/json' }, body: raw })
        .then(async (reply) => { response.writeHead(reply.status).end(await reply.text()) }, t.threw)
    })
  })
  return { ...gateway, reports, settings: { GATEWAY_URL: url, GATEWAY_SECRET: SECRET, DEMO_SECRET } }
}

const EVENT = { to: '+14155550123', code: '482913', locale: 'en-US' }

t.test('a code is sent, and what was done is reported', async (t) => {
  const { settings, reports, sandbox } = await startBoth(t)
  const answered = await call(settings, EVENT)
  t.match(answered, { status: 200, headers: { 'Content-Type': 'application/json' }, body: { status: 'accepted' } })
  t.equal(answered.printed, '')
  t.match((await sandbox.waitFor('message')).text, '482913')
  t.match(reports, [{ secret: DEMO_SECRET, body: { type: 'twilio-function.send-code', request: EVENT, response: { status: 200, body: { id: answered.body.id } }, metadata: { path: '/send-code' } } }])
  const entry = captureOf(reports[0]?.body, 7)
  t.match(entry, { source: 'twilio-function.send-code', delivery: answered.body.id, status: 200, request: { to: '+1••••••0123', code: '•••', locale: 'en-US' } })
  t.notMatch(JSON.stringify({ ...entry, delivery: '', response: '' }), /482913|5550123/)
})

t.test('it is reported to a gateway that takes reports', async (t) => {
  const { url } = await startTestGateway(t, { settings: { DEMO_SECRET } })
  const answered = await call({ GATEWAY_URL: url, GATEWAY_SECRET: SECRET, DEMO_SECRET }, EVENT)
  t.match(answered, { status: 200, body: { status: 'accepted' } })
  t.equal(answered.printed, '')
})

t.test('without a secret for it nothing is reported', async (t) => {
  const { settings: { DEMO_SECRET: _, ...settings }, reports } = await startBoth(t)
  t.equal((await call(settings, EVENT)).status, 200)
  t.same(reports, [])
})

t.test('what the gateway refuses is told, and reported', async (t) => {
  const { settings, reports } = await startBoth(t)
  t.match(await call(settings, { ...EVENT, to: 'nobody' }), { status: 400, body: { code: 'number_impossible' } })
  t.match(await call({ ...settings, GATEWAY_SECRET: 'wrong' }, EVENT), { status: 401, body: { code: 'unauthorized' } })
  t.same(reports.map(({ body }) => body.response.status), [400, 401])
})

t.test('a report that is refused changes nothing', async (t) => {
  for (const status of [401, 404, 429, 500]) {
    const { settings } = await startBoth(t, (_request, response) => { response.writeHead(status).end() })
    const answered = await call(settings, EVENT)
    t.equal(answered.status, 200)
    t.match(answered.printed, String(status))
    t.notMatch(answered.printed, /482913|5550123|secret/)
  }
})

t.test('a report that is not answered is not waited for', async (t) => {
  const { settings, reports } = await startBoth(t, () => {})
  const answered = await call(settings, EVENT)
  t.equal(answered.status, 200)
  t.equal(reports.length, 1)
  t.ok(answered.milliseconds < 5000)
  const cut = await startBoth(t, (request) => { request.socket.destroy() })
  t.equal((await call(cut.settings, EVENT)).status, 200)
})

t.test('a gateway that is down, or talks nonsense, is an answer too', async (t) => {
  const gone = await call({ GATEWAY_URL: 'http://127.0.0.1:9', GATEWAY_SECRET: SECRET, DEMO_SECRET }, EVENT)
  t.match(gone, { status: 504, body: { code: 'no_answer' } })
  t.notMatch(gone.printed, /482913|5550123|secret/)
  const url = await startServer(t, (_request, response) => { response.end('<html>') })
  t.match(await call({ GATEWAY_URL: url, GATEWAY_SECRET: SECRET }, EVENT), { status: 504 })
})
