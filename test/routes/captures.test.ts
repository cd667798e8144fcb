import { connect } from 'node:net'
import { createLogger } from '../../src/observability/logger.ts'
import t, { type Test } from 'tap'
import { SensitiveText } from '../../src/domain/sensitive.ts'
import type { FeedEntry } from '../../src/domain/feed-entry.ts'
import { captureRoutes } from '../../src/routes/captures.ts'
import { createHttpApp } from '../../src/routes/http-app.ts'
import { createClock } from '../support/gateway.ts'

const SECRET = 'a-demo-secret-for-tests'
const ID = '01927e5c-1a2b-7c3d-8e4f-0123456789ab'

const stand = async (t: Test, { isOpen = true, note = undefined as ((entry: FeedEntry) => void) | undefined } = {}) => {
  const clock = createClock()
  const entries: FeedEntry[] = []
  const log: any[] = []
  let came = (): void => {}
  const journal = {
    note: (entry: FeedEntry) => {
      note?.(entry)
      entries.push(entry)
      came()
    }
  }
  const app = await createHttpApp({ logger: createLogger({ level: 'trace', destination: { write: (line) => { log.push(JSON.parse(line)) } } }), withDocs: false, isDraining: () => false })
  await app.register(captureRoutes({ demoSecret: isOpen ? new SensitiveText(SECRET) : undefined, journal, now: clock }))
  t.teardown(() => app.close())
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const post = async (body: unknown, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${url}/api/events/capture`, {
      method: 'POST',
      headers: { 'x-demo-secret': SECRET, 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body)
    })
    return { status: reply.status, headers: reply.headers, body: await reply.json() as any }
  }
  const arrived = async (count: number): Promise<void> => {
    while (entries.length < count) await new Promise<void>((resolve) => { came = resolve })
  }
  return { app, url, clock, entries, log, post, arrived }
}

t.test('a report is taken, masked, and put into the feed', async (t) => {
  const { post, entries, arrived, clock, log } = await stand(t)
  const reply = await post({
    type: 'sms.sent',
    timestamp: '2026-01-01T00:00:00Z',
    request: { To: '+14155550123', Body: 'Your code is kxrmtq', code: 'KXRMTQ' },
    response: { status: 200, id: ID, note: 'sent KXRMTQ' },
    metadata: { function: 'send', tries: 1 }
  })
  t.equal(reply.status, 202)
  t.same(reply.body, {})
  await arrived(1)
  t.same(entries, [{
    at: clock(),
    type: 'capture',
    source: 'sms.sent',
    delivery: ID,
    status: 200,
    request: { To: '+1••••••0123', Body: 'Your code is •••', code: '•••' },
    response: { status: 200, id: ID, note: 'sent •••' },
    metadata: { function: 'send', tries: 1 }
  }])
  t.match(log.filter(({ msg }) => msg === 'request'), [{ level: 20, status: 202 }])
  t.notMatch(JSON.stringify(log), /kxrmtq|4155550123|a-demo-secret/i)
})

t.test('whatever is missing or odd, it is taken', async (t) => {
  const { post, entries, arrived } = await stand(t)
  const bodies: readonly unknown[] = [
    {}, [], null, 'null', '5', '"text 482913"', { event: 'otp 482913', to: '+14155550123' }, { eventType: 'x', type: 7 }, { type: '  ', response: [1] }, { response: { statusCode: 404 } },
    { response: { status_code: 503, body: { id: ID } } }, { response: { status: 'ok' }, metadata: { delivery: ID } }, { response: { status: 99 } }, { response: { status: 700, id: 'x' } }, '{"__proto__":{"a":1},"constructor":{"prototype":1}}', { type: 'x'.repeat(500) }
  ]
  for (const body of bodies) t.equal((await post(body)).status, 202, JSON.stringify(body))
  await arrived(bodies.length)
  t.same(entries.slice(0, 6).map(({ source, request }) => [source, request]), [['function', undefined], ['function', []], ['function', null], ['function', null], ['function', 5], ['function', 'text •••']])
  t.same(entries.slice(6, 9).map(({ source, metadata }) => [source, metadata]), [['otp •••', { to: '+1••••••0123' }], ['x', undefined], ['function', undefined]])
  t.same(entries.slice(9, 14).map(({ status, delivery }) => [status, delivery]), [[404, undefined], [503, ID], [undefined, ID], [undefined, undefined], [undefined, undefined]])
  t.ok((entries.at(-1)?.source as string).length <= 64)
})

t.test('JSON is taken by whatever name', async (t) => {
  const { post, arrived, url } = await stand(t)
  for (const type of ['text/plain;charset=UTF-8', 'application/json; charset=utf-8', 'application/cloudevents+json', 'application/octet-stream']) {
    t.equal((await post({ type: 'a' }, { 'content-type': type })).status, 202, type)
  }
  const bare = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => {
      socket.write(`POST /api/events/capture HTTP/1.1\r\nHost: x\r\nX-Demo-Secret: ${SECRET}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`)
    })
    let answer = ''
    socket.on('data', (piece) => { answer += String(piece) }).on('end', () => { resolve(answer) }).on('error', reject)
  })
  t.match(bare, /^HTTP\/1\.1 202/, 'and by none')
  await arrived(5)
})

t.test('what is no JSON, or too much, is not taken', async (t) => {
  const { app, post, entries } = await stand(t)
  for (const body of ['{"a":', 'type=a&code=482913', '<xml/>', '']) t.match(await post(body), { status: 400, body: { code: 'invalid_json' } }, body)
  const bare = await app.inject({ method: 'POST', url: '/api/events/capture', headers: { 'x-demo-secret': SECRET } })
  t.match(bare.json(), { status: 400, code: 'invalid_json' }, 'nothing at all')
  t.match(await post({ a: 'x'.repeat(65 * 1024) }), { status: 413, body: { code: 'body_too_large' } })
  t.equal(entries.length, 0)
})

t.test('without the secret nothing is taken', async (t) => {
  const { app, post, entries } = await stand(t)
  t.equal((await app.inject({ method: 'POST', url: '/api/events/capture', payload: {} })).statusCode, 401)
  for (const wrong of ['', 'wrong', `${SECRET}x`, SECRET.slice(1), SECRET.toUpperCase()]) {
    t.match(await post({ type: 'a' }, { 'x-demo-secret': wrong }), { status: 401, body: { code: 'unauthorized' } }, wrong)
  }
  t.match(await post({ type: 'a' }, { 'x-demo-secret': '', authorization: `Bearer ${SECRET}` }), { status: 401 })
  t.equal(entries.length, 0)
})

t.test('a flood is refused, and over when it is over', async (t) => {
  const { post, clock, entries, arrived } = await stand(t)
  const flood = async (count: number): Promise<number[]> => (await Promise.all(Array.from({ length: count }, () => post({})))).map(({ status }) => status)
  const statuses = await flood(410)
  t.equal(statuses.filter((status) => status === 202).length, 400)
  t.equal(statuses.filter((status) => status === 429).length, 10)
  const refused = await post({})
  t.match(refused, { status: 429, body: { code: 'too_many_events', retryAfter: 1 } })
  t.equal(refused.headers.get('retry-after'), '1')
  clock.advance(100)
  t.equal((await flood(30)).filter((status) => status === 202).length, 20)
  await arrived(420)
  t.equal(entries.length, 420)
})

t.test('who is not known takes nothing of what may come', async (t) => {
  const { post } = await stand(t)
  for (let round = 0; round < 41; round++) await Promise.all(Array.from({ length: 10 }, () => post({}, { 'x-demo-secret': 'x' })))
  t.equal((await post({})).status, 202)
})

t.test('where no secret is set it is closed, and the log says so once a minute', async (t) => {
  const { post, log, clock } = await stand(t, { isOpen: false })
  t.match(await post({}), { status: 404, body: { code: 'hook_not_configured' } })
  t.equal((await post({}, { 'x-demo-secret': '' })).status, 404)
  const told = (): unknown[] => log.filter(({ msg }) => msg === 'hook.not-configured')
  t.match(told(), [{ hint: 'set DEMO_SECRET' }])
  clock.advance(60_000)
  await post({})
  t.equal(told().length, 2)
})

t.test('a fault in what comes of it harms nobody', async (t) => {
  let isBroken = true
  const { post, log, arrived } = await stand(t, { note: () => { if (isBroken) throw new Error('broken') } })
  t.equal((await post({})).status, 202)
  isBroken = false
  t.equal((await post({})).status, 202)
  await arrived(1)
  t.equal(log.filter(({ msg }) => msg === 'capture.failed').length, 1)
})
