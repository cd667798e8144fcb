import { connect } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import type { Sql } from '../../src/store/sql.ts'
import { SECRET, startTestGateway } from '../support/gateway.ts'

const NUMBER = '+14155550123'
const MESSAGE = { phoneNumber: NUMBER, code: '482913' }
const SECOND = 1000
const MINUTE = 60 * SECOND

t.test('any number of the same requests at the same time send once', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  sandbox.script(NUMBER, { sms: { delayMs: 1 } })
  const replies = await Promise.all(Array.from({ length: 50 }, () => post('/send-text-code', MESSAGE)))
  const accepted = replies.filter(({ body }) => body.status === 'accepted')
  t.equal(accepted.length, 1)
  const id = accepted[0]?.body.id
  t.ok(replies.every(({ status }) => status === 200))
  t.ok(replies.every(({ body }) => body.id === id), 'every duplicate names the first')
  t.equal(sandbox.messages.length, 1)
})

t.test('a repetition right after the answer is a duplicate, a person\'s wish 45 s later is a new message', async (t) => {
  const { post, sandbox, clock, reaches } = await startTestGateway(t)
  const first = await post('/send-text-code', MESSAGE)
  await reaches(first.body.id, 'delivered')
  clock.advance(29 * SECOND)
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'duplicate', id: first.body.id, original: 'delivered' })
  clock.advance(16 * SECOND)
  const second = await post('/send-text-code', MESSAGE)
  t.match(second.body, { status: 'accepted' })
  t.not(second.body.id, first.body.id)
  t.equal(sandbox.messages.length, 2)
})

t.test('other content, another number, another channel and another caller are other messages', async (t) => {
  const { post, sandbox } = await startTestGateway(t, { settings: { CALLERS: 'shop:the-secret-of-the-shop' } })
  const others: Array<[string, object, Record<string, string>?]> = [
    ['/send-text-code', MESSAGE],
    ['/send-text-code', { ...MESSAGE, code: '482914' }],
    ['/send-text-code', { ...MESSAGE, text: 'Code 482913' }],
    ['/send-text-code', { ...MESSAGE, locale: 'de' }],
    ['/send-text-code', { ...MESSAGE, phoneNumber: '+14155550124' }],
    ['/send-voice-code', MESSAGE],
    ['/send-text-code', MESSAGE, { authorization: 'the-secret-of-the-shop' }]
  ]
  for (const [path, body, headers] of others) t.match((await post(path, body, headers)).body, { status: 'accepted' })
  t.equal(sandbox.messages.length, 6)
  t.equal(sandbox.calls.length, 1)
})

t.test('the same number written differently is the same message', async (t) => {
  const { post } = await startTestGateway(t)
  await post('/send-text-code', MESSAGE)
  t.match((await post('/send-text-code', { ...MESSAGE, phoneNumber: '+1 (415) 555-0123' })).body, { status: 'duplicate' })
  t.match((await post('/send-text-code', { ...MESSAGE, code: 482913 })).body, { status: 'duplicate' })
})

t.test('where nobody knows whether it was sent, nothing is sent again while the code lives', async (t) => {
  const { post, sandbox, clock } = await startTestGateway(t, { settings: { DIRECT_BUDGET_MS: '200', CODE_TTL_SECONDS: '300' } })
  sandbox.script(NUMBER, { sms: { hang: true, times: 1 } })
  const first = await post('/send-text-code', MESSAGE)
  t.equal(first.status, 202)
  clock.advance(90 * SECOND)
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'duplicate', id: first.body.id, original: 'unknown' })
  clock.advance(209 * SECOND)
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'duplicate', id: first.body.id })
  clock.advance(2 * SECOND)
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'accepted' })
})

t.test('a message that was not sent may be tried again at once', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  sandbox.script(NUMBER, { sms: { httpError: { status: 503 }, times: 2 } })
  t.equal((await post('/send-text-code', MESSAGE)).status, 502)
  t.equal((await post('/send-text-code', MESSAGE, { 'idempotency-key': 'k' })).status, 502)
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'accepted' })
  t.match((await post('/send-text-code', MESSAGE, { 'idempotency-key': 'k' })).body, { status: 'accepted' })
})

t.test('a caller\'s own key means one message for 24 hours, and only that message', async (t) => {
  const { post, sandbox, clock } = await startTestGateway(t, { settings: { CALLERS: 'shop:the-secret-of-the-shop' } })
  const key = { 'idempotency-key': 'order 7' }
  const first = await post('/send-text-code', MESSAGE, key)
  t.match(first.body, { status: 'accepted' })
  clock.advance(23 * 60 * MINUTE)
  t.match((await post('/send-text-code', MESSAGE, key)).body, { status: 'duplicate', id: first.body.id })
  t.match(await post('/send-text-code', { ...MESSAGE, code: '111111' }, key), { status: 422, body: { code: 'idempotency_key_reused' } })
  t.match((await post('/send-voice-code', MESSAGE, key)).body, { status: 'accepted' }, 'another route has other keys')
  t.match((await post('/send-text-code', MESSAGE, { ...key, authorization: 'the-secret-of-the-shop' })).body, { status: 'accepted' }, 'so has another caller')
  t.match((await post('/send-text-code', MESSAGE, { 'idempotency-key': 'order 8' })).body, { status: 'accepted' }, 'the same message under another key is another wish')
  clock.advance(61 * MINUTE)
  t.match((await post('/send-text-code', MESSAGE, key)).body, { status: 'accepted' })
  t.equal(sandbox.messages.length, 4)
})

t.test('a key that is none is refused', async (t) => {
  const { post, sandbox } = await startTestGateway(t)
  for (const key of ['', 'x'.repeat(256), 'caf\u00e9']) {
    t.match(await post('/send-text-code', MESSAGE, { 'idempotency-key': key }), { status: 400, body: { code: 'idempotency_key_invalid' } }, key)
  }
  t.match(await post('/send-text-code', MESSAGE, { 'idempotency-key': 'x'.repeat(255) }), { status: 200 })
  t.equal(sandbox.messages.length, 1)
})

/** A store that writes down a provider's answer only once it is let go. */
const holdResults = (): { wrapSql: (sql: Sql) => Sql, letGo: () => void } => {
  let letGo = (): void => {}
  const released = new Promise<void>((resolve) => { letGo = resolve })
  const wrapSql = (sql: Sql): Sql => ({
    read: (step) => sql.read(step),
    async write (steps) {
      if (steps.some(({ text }) => text.includes('SET result'))) await released
      return await sql.write(steps)
    },
    follow: (topic, wake) => sql.follow(topic, wake),
    check: () => sql.check(),
    close: () => sql.close()
  })
  return { wrapSql, letGo: () => { letGo() } }
}

t.test('a caller that hung up before its answer will ask again: that is a duplicate for ten minutes', async (t) => {
  const { wrapSql, letGo } = holdResults()
  const { url, gateway, sandbox, events, post, clock } = await startTestGateway(t, { wrapSql })
  const { hostname, port } = new URL(url)
  const served = once(gateway.app.server, 'connection')
  const socket = connect(Number(port), hostname)
  const body = JSON.stringify(MESSAGE)
  socket.write(`POST /send-text-code HTTP/1.1\r\nHost: ${hostname}\r\nAuthorization: ${SECRET}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  const [serverSide] = await served
  await sandbox.waitFor('message')
  socket.destroy()
  await once(serverSide, 'close')
  letGo()
  while (!events.some(({ type }) => type === 'delivery.finished')) await new Promise(setImmediate)

  for (const later of [90 * SECOND, 8 * MINUTE]) {
    clock.advance(later)
    t.match((await post('/send-text-code', MESSAGE)).body, { status: 'duplicate' })
  }
  clock.advance(31 * SECOND)
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'accepted' })
  t.equal(sandbox.messages.length, 2)
})

t.test('a caller that reads its answer over the same kind of connection counts as answered', async (t) => {
  const { url, post, clock } = await startTestGateway(t)
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  const body = JSON.stringify(MESSAGE)
  socket.write(`POST /send-text-code HTTP/1.1\r\nHost: ${hostname}\r\nConnection: close\r\nAuthorization: ${SECRET}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
  socket.resume()
  await once(socket, 'end')
  clock.advance(31 * SECOND)
  t.match((await post('/send-text-code', MESSAGE)).body, { status: 'accepted' })
})

t.test('a store that is too slow loses nothing: what it wrote down too late was not sent, and may be tried again', async (t) => {
  for (const statement of ['INSERT INTO claims', 'INSERT INTO attempts']) {
    let letGo = (): void => {}
    let isSlow = true
    const released = new Promise<void>((resolve) => { letGo = resolve })
    const { post, sandbox, gateway } = await startTestGateway(t, {
      settings: { DIRECT_BUDGET_MS: '100' },
      wrapSql: (sql) => ({
        read: (step) => sql.read(step),
        async write (steps) {
          if (isSlow && steps.some(({ text }) => text.includes(statement))) await released
          return await sql.write(steps)
        },
        follow: (topic, wake) => sql.follow(topic, wake),
        check: () => sql.check(),
        close: () => sql.close()
      })
    })
    t.match(await post('/send-text-code', MESSAGE), { status: 503, body: { code: 'store_unavailable' } })
    isSlow = false
    letGo()
    await gateway.housekeeping.runDue()
    await gateway.housekeeping.runDue()
    t.match((await post('/send-text-code', MESSAGE)).body, { status: 'accepted' }, statement)
    t.equal(sandbox.messages.length, 1)
  }
})
