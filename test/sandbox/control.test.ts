import t from 'tap'
import { SmsClient } from '@azure/communication-sms'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { createFeed } from '../../src/sandbox/feed.ts'
import { createLedger } from '../../src/sandbox/ledger.ts'
import { startSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { error, FROM, SECRET, send, startWorld } from './gateway.ts'

const TO = '+15551234567'
const PATH = `/sandbox/numbers/${encodeURIComponent(TO)}`

/** Looks at the stream; `next` resolves with the next event of a name. */
const look = async (t: Test, sandbox: Sandbox, lastEventId?: string) => {
  const request = get(`${sandbox.url}/sandbox/stream`, { agent: false, headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId } })
  const [response] = await once(request, 'response') as [IncomingMessage]
  response.on('error', () => {})
  t.teardown(() => request.destroy())
  let text = ''
  let arrived: () => void = () => {}
  response.setEncoding('utf8').on('data', chunk => {
    text += chunk
    arrived()
  })
  const next = async (name: string): Promise<{ id: string, data: any }> => {
    for (;;) {
      const found = new RegExp(`id: (\\S+)\nevent: ${name}\ndata: (.*)\n\n`).exec(text)
      if (found !== null) {
        text = text.slice(found.index + found[0].length)
        return { id: found[1]!, data: JSON.parse(found[2]!) }
      }
      await new Promise<void>(resolve => { arrived = resolve })
    }
  }
  return { request, response, next }
}

t.test('numbers are scripted over HTTP', async t => {
  const { sandbox, sms, control } = await startWorld(t)
  const behaviour = { sms: { httpError: { status: 500 } } }
  t.equal((await control('PUT', PATH, behaviour)).status, 204)
  t.same((await control('GET', PATH)).json, behaviour)
  await t.rejects(sms.send({ from: FROM, to: [TO], message: 'x' }), error({ statusCode: 500 }))
  t.equal((await control('DELETE', PATH)).status, 204)
  t.same((await control('GET', PATH)).json, {})
  await sms.send({ from: FROM, to: [TO], message: 'x' })
  t.equal(sandbox.messages.length, 1)
})

t.test('nonsense is refused with a problem', async t => {
  const { control } = await startWorld(t)
  for (const [path, body] of [
    [PATH, { sms: { report: 'maybe' } }],
    [PATH, { sms: { delayMs: '5' } }],
    [PATH, { sms: { dealyMs: 5 } }],
    [PATH, { call: { keys: ['x'] } }],
    [PATH, { call: { callbackCopies: 1_000 } }],
    [PATH, []],
    ['/sandbox/numbers/12', {}]
  ] as const) {
    const { status, headers, json } = await control('PUT', path, body)
    t.match([status, headers['content-type'], json], [400, /^application\/problem\+json/, { title: 'Bad Request', status: 400, detail: String }])
  }
  t.equal((await control('PUT', PATH, undefined, { 'content-type': 'application/json' })).status, 400)
  t.equal((await control('PUT', PATH, { sms: { reportDetails: 'x'.repeat(70_000) } })).status, 413)
  t.equal((await control('POST', '/sandbox/incoming-calls', { from: 'x' })).status, 400)
  t.match((await control('POST', '/sandbox/incoming-calls', { from: TO, to: '+15550009999' })).json, { detail: /does not own/ })
  t.equal((await control('GET', '/sandbox/nothing')).status, 404)
})

t.test('a body of no bytes is none, whatever type it is said to have', async t => {
  const { sandbox, call, control } = await startWorld(t)
  for (const headers of [{ 'content-type': 'application/json' }, { 'content-type': 'application/json', 'content-length': '0' }, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }]) {
    const ask = async (method: string, path: string) => (await control(method, path, undefined, headers)).status
    sandbox.script(TO, { call: { outcome: 'manual' } })
    const declined = await call(TO)
    t.equal(await ask('POST', `/sandbox/calls/${declined}/decline`), 204)
    const answered = await call(TO)
    t.equal(await ask('POST', `/sandbox/calls/${answered}/answer`), 204)
    t.equal(await ask('POST', `/sandbox/calls/${answered}/keys`), 400, 'where one is needed it is still missing')
    t.equal(await ask('POST', `/sandbox/calls/${answered}/hang-up`), 204)
    t.equal(await ask('PUT', PATH), 400)
    t.equal(await ask('DELETE', PATH), 204)
    t.same((await control('GET', PATH)).json, {})
  }
  const broken = (body: string) => send(`${sandbox.url}${PATH}`, 'PUT', { 'content-type': 'application/json' }, body)
  for (const body of ['{', ' ', '{"__proto__":{"sms":{}}}']) {
    t.match((await broken(body)).json, { status: 400, detail: String }, body)
  }
})

t.test('only pages of this machine are let in', async t => {
  const { sandbox } = await startWorld(t, { allowedHosts: ['handset.example:8080'] })
  const { port } = new URL(sandbox.url)
  const ask = async (method: string, path: string, headers: Record<string, string>) => {
    const { status } = await send(`${sandbox.url}${path}`, method, headers)
    return status
  }
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, 'handset.example:8080']) {
    t.equal(await ask('GET', '/', { host }), 200, host)
    t.equal(await ask('DELETE', PATH, { host, origin: `http://${host}` }), 204)
    t.equal(await ask('DELETE', PATH, { host, origin: `https://${host}` }), 204)
    t.equal(await ask('DELETE', PATH, { host, origin: 'http://evil.example' }), 403)
    t.equal(await ask('GET', '/sandbox/stream', { host, origin: 'null' }), 403)
  }
  for (const host of ['evil.example', `evil.example:${port}`, 'localhost', 'localhost:1']) {
    t.equal(await ask('GET', '/', { host }), 403, host)
    t.equal(await ask('GET', '/sandbox/messages', { host }), 403, host)
    t.equal(await ask('GET', '/sandbox/stream', { host }), 403, host)
  }
})

t.test('a request of an older protocol, which names no host', async t => {
  const { sandbox } = await startWorld(t)
  const socket = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
  socket.end('GET / HTTP/1.0\r\n\r\n')
  const [answer] = await once(socket.setEncoding('utf8'), 'data')
  t.match(answer, / 403 /)
})

t.test('a person answers, declines, presses and hangs up', async t => {
  const { sandbox, gateway, call, control } = await startWorld(t)
  const act = async (id: string, action: string, body?: object) => (await control('POST', `/sandbox/calls/${id}/${action}`, body)).status
  sandbox.script(TO, { call: { outcome: 'manual' } })
  const declined = await call(TO)
  t.equal(await act(declined, 'keys', { tone: '1' }), 409, 'not before it is answered')
  t.equal(await act(declined, 'spoken', { operation: 'x' }), 409)
  t.equal(await act(declined, 'decline'), 204)
  t.equal(await act(declined, 'answer'), 404, 'it is over')
  const answered = await call(TO)
  t.equal(await act(answered, 'answer'), 204)
  t.equal(await act(answered, 'answer'), 409, 'once')
  t.equal(await act(answered, 'decline'), 409)
  t.equal(await act(answered, 'keys', { tone: '12' }), 400)
  t.equal(await act(answered, 'keys', { tone: '#' }), 204)
  t.equal(await act(answered, 'hang-up'), 204)
  const rung = await call(TO)
  t.equal(await act(rung, 'hang-up'), 204)
  await sandbox.settled()
  t.match(sandbox.calls, [{ end: { subCode: 560603 } }, { keys: ['#'], end: { subCode: 560000 } }, { end: { subCode: 560487 } }])
  t.equal(gateway.callbackTypes().filter(type => type === 'CallDisconnected').length, 3)
})

t.test('somebody calls the gateway', async t => {
  const { sandbox, gateway, calls, control } = await startWorld(t)
  await sandbox.subscribe(gateway.eventsUrl, { schema: 'cloud-events' })
  const ring = async () => {
    const { json } = await control('POST', '/sandbox/incoming-calls', { from: TO })
    await sandbox.settled()
    return { id: json.id as string, context: gateway.gridEvents.at(-1)!.body.data.incomingCallContext as string }
  }
  const answered = await ring()
  t.match(gateway.gridEvents.at(-1)!.body, {
    type: 'Microsoft.Communication.IncomingCall', data: { from: { phoneNumber: { value: TO } }, to: { phoneNumber: { value: FROM } } }
  })
  const { callConnectionProperties } = await calls.answerCall(answered.context, gateway.callbackUrl, {
    operationContext: 'in', callIntelligenceOptions: { cognitiveServicesEndpoint: sandbox.cognitiveServicesEndpoint }
  })
  t.match(callConnectionProperties, { callConnectionId: answered.id, callConnectionState: 'connecting', targetParticipants: [{ phoneNumber: TO }] })
  await t.rejects(calls.answerCall(answered.context, gateway.callbackUrl), error({ statusCode: 404 }), 'once')
  await sandbox.settled()
  t.match(gateway.callbackData('CallConnected'), { operationContext: 'in' })
  t.match(gateway.callbackData('ParticipantsUpdated'), { participants: [{ identifier: { rawId: `4:${TO}` } }] })
  await calls.getCallConnection(answered.id).getCallMedia().playToAll([{ kind: 'textSource', text: 'Hello', voiceName: 'en-US-JennyNeural' }])
  await sandbox.settled()
  t.same(sandbox.calls[0]!.spoken, ['Hello'])
  t.equal((await control('POST', `/sandbox/calls/${answered.id}/hang-up`)).status, 204)

  const unnamed = await ring()
  await calls.answerCall(unnamed.context, gateway.callbackUrl)
  await sandbox.settled()
  t.notOk('operationContext' in gateway.callbackData('CallConnected'))
  await control('POST', `/sandbox/calls/${unnamed.id}/hang-up`)

  const rejected = await ring()
  t.equal((await control('POST', `/sandbox/calls/${rejected.id}/answer`)).status, 409, 'the gateway is called, not the person')
  await calls.rejectCall(rejected.context)
  const redirected = await ring()
  await calls.redirectCall(redirected.context, { targetParticipant: { phoneNumber: '+15559998888' } })
  const taken = await ring()
  await control('POST', `/sandbox/calls/${taken.id}/hang-up`)
  t.match(sandbox.calls.slice(2), [{ end: { subCode: 560603 } }, { end: { subCode: 560603 } }, { end: { subCode: 560487 } }])
})

t.test('a gateway that lets it ring', async t => {
  const { sandbox, control } = await startWorld(t, { patienceMs: 5 })
  await control('POST', '/sandbox/incoming-calls', { from: TO, to: FROM })
  t.match(await sandbox.waitFor('call', ({ state }) => state === 'disconnected'), { end: { subCode: 560480 } })
})

t.test('a viewer gets the state and what changes, and catches up', async t => {
  const { sandbox, sms } = await startWorld(t)
  const message = { from: FROM, to: [TO], message: 'one' }
  await sms.send(message)
  const first = await look(t, sandbox)
  const state = await first.next('state')
  t.match(state.data, { sourcePhoneNumbers: [FROM], messages: [{ text: 'one' }], calls: [], deliveries: [] })
  await sms.send({ ...message, message: 'two' })
  const { id, data } = await first.next('message')
  t.match(data, { text: 'two' })
  first.request.destroy()
  await sms.send({ ...message, message: 'three' })
  const again = await look(t, sandbox, id)
  t.match((await again.next('message')).data, { text: 'three' }, 'only what it missed')
  for (const stranger of [`another.${id.split('.')[1]}`, `${id.split('.')[0]}.99`, id.split('.')[0]!, `${id.split('.')[0]}.-5000`]) {
    const late = await look(t, sandbox, stranger)
    t.equal((await late.next('state')).data.messages.length, 3, 'everything, where what it missed is not known')
  }
})

t.test('whoever remembers too little gets everything', async t => {
  const { sandbox, sms } = await startWorld(t)
  const { id } = await (await look(t, sandbox)).next('state')
  const to = Array.from({ length: 100 }, (_, index) => `+1555${1_000_000 + index}`)
  for (let request = 0; request < 11; request += 1) await sms.send({ from: FROM, to, message: 'x' })
  const late = await look(t, sandbox, id)
  t.equal((await late.next('state')).data.messages.length, 1_000)
})

t.test('a viewer that does not read is cut off', async t => {
  const { sandbox, sms } = await startWorld(t)
  const { response } = await look(t, sandbox)
  const closed = new Promise(resolve => response.once('close', resolve))
  response.pause()
  const to = Array.from({ length: 100 }, (_, index) => `+1555${1_000_000 + index}`)
  for (let request = 0; request < 100 && !response.destroyed; request += 1) {
    await sms.send({ from: FROM, to, message: 'x'.repeat(2_048) })
  }
  response.resume()
  await closed
  t.ok(response.destroyed)
})

t.test('viewers are bounded', async t => {
  const { sandbox, control } = await startWorld(t)
  for (let viewer = 0; viewer < 50; viewer += 1) await look(t, sandbox)
  t.equal((await control('GET', '/sandbox/stream')).status, 503)
})

t.test('while a handset is open, an unscripted number rings there', async t => {
  const { sandbox, call, control } = await startWorld(t)
  await look(t, sandbox)
  const id = await call(TO)
  t.match(sandbox.calls, [{ state: 'connecting', attended: true }])
  await sandbox.settled()
  t.equal((await control('POST', `/sandbox/calls/${id}/answer`)).status, 204)
  t.match(await sandbox.waitFor('call', ({ state }) => state === 'connected'), { attended: true })
})

t.test('and not for ever', async t => {
  const { sandbox, call } = await startWorld(t, { patienceMs: 5 })
  await look(t, sandbox)
  await call(TO)
  t.match(await sandbox.waitFor('call', ({ state }) => state === 'disconnected'), { end: { subCode: 560480 } })
})

t.test('the page', async t => {
  const { control } = await startWorld(t)
  for (const [path, type] of [
    ['/', /^text\/html/], ['/handset.js', /^text\/javascript/], ['/inbox.js', /^text\/javascript/], ['/voice.js', /^text\/javascript/],
    ['/handset.css', /^text\/css/], ['/handset.svg', /^image\/svg/]
  ] as const) {
    const { status, headers, text } = await control('GET', path)
    t.match([status, headers['content-type']], [200, type], path)
    t.match(headers['content-security-policy'], /default-src 'none'; script-src 'self'/)
    t.notMatch(text, /<script>|style=|innerHTML|onclick=/)
  }
})

t.test('what is waited for', async t => {
  const { sandbox, sms } = await startWorld(t)
  const first = sandbox.waitFor('message')
  await sms.send({ from: FROM, to: [TO], message: 'one' })
  await sms.send({ from: FROM, to: [TO], message: 'two' })
  t.match(await first, { text: 'one' })
  t.match(await sandbox.waitFor('message'), { text: 'one' }, 'also when it is over')
  t.match(await sandbox.waitFor('message', ({ text }) => text === 'two'), { text: 'two' })
})

t.test('a viewer hears that the feed is still there', async t => {
  const ledger = createLedger()
  const feed = createFeed({ ledger, state: () => null, heartbeatMs: 1 })
  const server = createServer((request, response) => feed.open(request, response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const [response] = await once(get(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), 'response')
  let text = ''
  response.on('error', () => {})
  for await (const chunk of response.setEncoding('utf8')) {
    text += chunk
    if (text.includes(': still here')) break
  }
  t.match(text, /^retry: 1000\n\n/)
  feed.close()
  await new Promise(resolve => server.close(resolve))
})

t.test('it remembers as much as it is told to', async t => {
  const [usual, little] = [createLedger(), createLedger(2)]
  const put = (ledger: ReturnType<typeof createLedger>, id: number): void =>
    ledger.put('request', { id: String(id), vendor: 'azure', method: 'GET', path: '/', status: 200 })
  for (let id = 1; id <= 1001; id += 1) for (const ledger of [usual, little]) put(ledger, id)
  t.equal(usual.list('request').length, 1000)
  t.same(little.list('request').map(({ id }) => id), ['1000', '1001'])
  t.same(little.get('request', '999'), undefined)
  const sandbox = await startSandbox({ eventGridSecret: SECRET, remembers: 1 })
  t.teardown(() => sandbox.close())
  const sms = new SmsClient(sandbox.connectionString, { allowInsecureConnection: true })
  for (const message of ['one', 'two']) await sms.send({ from: FROM, to: [TO], message })
  t.same(sandbox.messages.map(({ text }) => text), ['two'])
})

t.test('what is awaited when the sandbox closes', async t => {
  const sandbox = await startSandbox({ eventGridSecret: SECRET })
  const sms = new SmsClient(sandbox.connectionString, { allowInsecureConnection: true })
  await sms.send({ from: FROM, to: [TO], message: 'x' }, { enableDeliveryReport: true })
  const settling = sandbox.settled()
  const waiting = t.rejects(sandbox.waitFor('delivery'), { message: /closed/ })
  await sandbox.close()
  await waiting
  await settling
  await t.rejects(sandbox.waitFor('call'), { message: /closed/ })
  await sandbox.settled()
})

t.test('a port that is taken', async t => {
  const { sandbox } = await startWorld(t)
  await t.rejects(startSandbox({ eventGridSecret: SECRET, port: Number(new URL(sandbox.url).port) }), { code: 'EADDRINUSE' })
})
