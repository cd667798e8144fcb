import { connect } from 'node:net'
import { once } from 'node:events'
import { levels } from 'pino'
import t from 'tap'
import { RequestError } from '../../src/domain/errors.ts'
import type { Sql } from '../../src/store/sql.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { createLogger } from '../../src/observability/logger.ts'
import { startTestGateway } from '../support/gateway.ts'

const MESSAGE = { phoneNumber: '+14155550123', code: '482913' }

t.test('whatever a handler throws, the caller hears fixed words and the log hears where', async (t) => {
  const log: string[] = []
  const app = await createHttpApp({ logger: createLogger({ level: 'info', destination: { write: (line) => { log.push(line) } } }), withDocs: false, isDraining: () => false })
  t.teardown(async () => { await app.close() })
  const thrown: ReadonlyArray<readonly [string, unknown, number, string]> = [
    ['bug', new TypeError('secret 482913 of +14155550123'), 500, 'internal'],
    ['syntax', new SyntaxError('Unexpected token 482913'), 400, 'invalid_json'],
    ['theirs', Object.assign(new Error('482913'), { statusCode: 418 }), 400, 'bad_request'],
    ['odd', Object.assign(new Error('482913'), { statusCode: 302 }), 500, 'internal'],
    ['coded', Object.assign(new Error('482913'), { code: 'ENOENT' }), 500, 'internal']
  ]
  for (const [name, error] of thrown) app.get(`/${name}`, async () => { throw error })
  for (const [name, , status, code] of thrown) {
    const reply = await app.inject(`/${name}`)
    t.equal(reply.statusCode, status, name)
    t.match(reply.json(), { code, status })
    t.notMatch(reply.body, /482913/)
  }
  t.notMatch(log.join(), /482913|4155550123/)
  t.equal(log.filter((line) => line.includes('request.failed')).length, 3)
})

t.test('while it drains, new messages are refused, connections end, and probes say so', async (t) => {
  const { post, url, gateway, sandbox } = await startTestGateway(t)
  t.match(await (await fetch(`${url}/readyz`)).json(), { status: 'ready' })
  gateway.drain()
  const refused = await post('/send-text-code', MESSAGE)
  t.match(refused, { status: 503, body: { code: 'draining' } })
  t.equal(refused.headers.get('connection'), 'close')
  t.match(await post('/nowhere', {}), { status: 503 })
  const ready = await fetch(`${url}/readyz`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), { status: 'draining' })
  t.equal((await fetch(`${url}/livez`)).status, 200)
  t.equal(sandbox.requests.length, 0)
})

t.test('while it drains, what vendors tell of messages under way is taken', async (t) => {
  const { gateway, post, sandbox } = await startTestGateway(t)
  sandbox.script('+14155550123', { call: { outcome: 'manual' } })
  await post('/send-voice-code', MESSAGE)
  gateway.drain()
  await fetch(`${sandbox.url}/sandbox/calls/${sandbox.calls[0]?.id}/answer`, { method: 'POST' })
  const call = await sandbox.waitFor('call', ({ state }) => state === 'disconnected')
  t.match(call.spoken.join(' '), /4 8 2 9 1 3/)
})

t.test('closing waits for the message that is under way, and not for idle connections', async (t) => {
  const { post, url, gateway, sandbox, clock } = await startTestGateway(t)
  t.ok(clock())
  const idle = connect(Number(new URL(url).port), '127.0.0.1')
  await once(idle, 'connect')
  sandbox.script(MESSAGE.phoneNumber, { sms: { httpError: { status: 200, body: { value: [] } } } })
  const asked = post('/send-text-code', MESSAGE)
  await sandbox.waitFor('request')
  await gateway.close()
  t.match(await asked, { status: 202 })
  idle.destroy()
})

t.test('an answer whose record fails is an answer all the same', async (t) => {
  const failing = (sql: Sql): Sql => ({
    read: (step) => sql.read(step),
    write: (steps) => steps.length === 1 && steps[0]?.text.startsWith('UPDATE claims') === true ? Promise.reject(new Error('the disk is gone')) : sql.write(steps),
    follow: (topic, wake) => sql.follow(topic, wake),
    check: () => sql.check(),
    close: () => sql.close()
  })
  const { post, log } = await startTestGateway(t, { wrapSql: failing })
  t.match(await post('/send-text-code', MESSAGE), { status: 200, body: { status: 'accepted' } })
  t.ok(log.some((line) => line.includes('answer.not-recorded')))
  t.match(await post('/send-text-code', MESSAGE), { status: 200, body: { status: 'duplicate' } })
})

t.test('headers of a browser\'s protection are there, and the routes are shown in development', async (t) => {
  const { url } = await startTestGateway(t)
  const reply = await fetch(`${url}/livez`)
  t.equal(reply.headers.get('x-content-type-options'), 'nosniff')
  const docs = await (await fetch(`${url}/docs/json`)).json() as { paths: object }
  t.same(Object.keys(docs.paths).sort(), [
    '/deliveries/{id}', '/deliveries/{id}/used', '/hooks/auth0', '/hooks/auth0/logs', '/hooks/kratos', '/hooks/okta', '/hooks/okta/events', '/send-text-code', '/send-voice-code',
    '/verifications', '/verifications/{id}', '/verifications/{id}/check', '/verifications/{id}/resend', '/verify/keys', '/verify/sessions'
  ])
})

t.test('what cannot be read as a URL or as HTTP is refused without coming back', async (t) => {
  const { url } = await startTestGateway(t)
  for (const path of ['/%zz+14155550123?key=abcdef', '/deliveries/%zz+14155550123?key=abcdef']) {
    const reply = await fetch(`${url}${path}`)
    const body = await reply.text()
    t.equal(reply.status, 400)
    t.match(reply.headers.get('content-type'), /^application\/problem\+json/)
    t.match(JSON.parse(body), { code: 'bad_request', status: 400 })
    t.notMatch(body, /4155550123|abcdef/)
  }
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (part: string) => { answer += part })
  socket.write('+14155550123 is no HTTP\r\n\r\n')
  await once(socket, 'close')
  t.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/)
  t.notMatch(answer, /4155550123/)
})

t.test('a failure that concerns a delivery has its line in the log, under the id that the caller was given', async (t) => {
  const { post, sandbox, log } = await startTestGateway(t, { settings: { LOG_LEVEL: 'info' } })
  sandbox.script(MESSAGE.phoneNumber, { sms: { httpError: { status: 401 } } })
  const { body } = await post('/send-text-code', MESSAGE)
  t.match(body, { code: 'provider_failed', requestId: String })
  t.ok(log.some((line) => line.includes(body.requestId) && line.includes(body.id)))
})

t.test('who only looks has no line among what is worth reading, unless it is refused', async (t) => {
  const log: string[] = []
  const app = await createHttpApp({ logger: createLogger({ level: 'debug', destination: { write: (line) => { log.push(line) } } }), withDocs: false, isDraining: () => false })
  t.teardown(async () => { await app.close() })
  const looks = ['/verify', '/verify/assets/*', '/verify.js', '/verify.mjs', '/verify/session', '/verifications/:id', '/codes/verify', '/codes/verifications/:id']
  const others = ['/verify/keys', '/deliveries/:id']
  for (const route of [...looks, ...others]) {
    app.get<{ Querystring: { as?: string } }>(route, async ({ query }, reply) => {
      if (query.as === 'nobody') throw new RequestError('unauthorized')
      return await reply.code(query.as === 'unchanged' ? 304 : 200).send()
    })
  }
  for (const route of ['/verifications/:id', '/verify']) for (const method of ['POST', 'DELETE'] as const) app.route({ method, url: route, handler: async () => '' })
  const levelOf = async (url: string, method: 'GET' | 'HEAD' | 'POST' | 'DELETE' = 'GET'): Promise<string> => {
    log.length = 0
    await app.inject({ url, method })
    t.equal(log.length, 1)
    return levels.labels[JSON.parse(log[0] as string).level] as string
  }
  for (const look of looks) {
    for (const url of [look, `${look}?as=unchanged`]) t.equal(await levelOf(url), 'debug', url)
    t.equal(await levelOf(look, 'HEAD'), 'debug', look)
    t.equal(await levelOf(`${look}?as=nobody`), 'info', look)
  }
  for (const other of others) t.equal(await levelOf(other), 'info', other)
  for (const method of ['POST', 'DELETE'] as const) for (const url of ['/verifications/1', '/verify']) t.equal(await levelOf(url, method), 'info', `${method} ${url}`)
})
