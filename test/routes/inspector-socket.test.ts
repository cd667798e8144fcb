import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { ADMIN, CALLER, openInspector, type InspectorStandOptions } from './inspector-access-stand.ts'

type Headers = Record<string, string>

const HOURS_12 = 12 * 3_600_000

/** A viewer that keeps what it is told. */
const view = async (url: string, headers: Headers) => {
  const socket = new WebSocket(url, { headers })
  const told: any[] = []
  let wake = (): void => {}
  socket.on('message', (data) => { told.push(JSON.parse(String(data))); wake() })
  const closed = once(socket, 'close').then(([code]) => code as number)
  await once(socket, 'open')
  return {
    socket,
    told,
    closed,
    /** Settles once the viewer was told so. */
    async sees (isIt: (message: any) => boolean) {
      for (;;) {
        const found = told.find(isIt)
        if (found !== undefined) return found
        await new Promise<void>((resolve) => { wake = resolve })
      }
    }
  }
}

/** The status with which a viewer is refused; 101 for one that is let in. */
const statusFor = async (url: string, headers: Headers): Promise<number> => {
  const socket = new WebSocket(url, { headers })
  const status = await new Promise<number>((resolve, reject) => {
    socket.on('unexpected-response', (_request, response) => { resolve(response.statusCode as number) }).on('open', () => { resolve(101) }).on('error', reject)
  })
  socket.on('error', () => {})
  socket.terminate()
  return status
}

const open = async (t: Test, options: InspectorStandOptions = {}) => {
  const stand = await openInspector(t, options)
  const url = await stand.app.listen({ host: '127.0.0.1', port: 0 })
  const origin = url
  const socketUrl = `${url.replace('http', 'ws')}/inspector/socket`
  const sockets: WebSocket[] = []
  t.teardown(() => { for (const socket of sockets) socket.terminate() })
  return {
    ...stand,
    url,
    socketUrl,
    origin,
    own: (): Headers => ({ origin, cookie: stand.cookie() }),
    async view (query = '', headers: Headers = { authorization: ADMIN }) {
      const viewer = await view(socketUrl + query, headers)
      sockets.push(viewer.socket)
      return viewer
    },
    /** A connection that says what the lines say; it reads only where the test does. */
    raw (lines: readonly string[], body = ''): Socket {
      const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => {})
      socket.write([...lines, '', body].join('\r\n'))
      t.teardown(() => { socket.destroy() })
      return socket
    }
  }
}

const HANDSHAKE = ['Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==']

t.test('what happens is told as it happens, and what was missed when the viewer comes back', async (t) => {
  const { view, tail, own, viewers } = await open(t, { prefixes: ['/codes', ''] })
  tail.write(2)
  const first = await view('', own())
  t.match(await first.sees(({ kind }) => kind === 'hello'), { oldest: 1, newest: 2, after: 2 })
  tail.write(1, 1, { at: 5, type: 'delivery.finished', delivery: 'ä"\u2028' })
  t.same(await first.sees(({ kind }) => kind === 'page'), { kind: 'page', id: 3, entries: [{ at: 5, type: 'delivery.finished', delivery: 'ä"\u2028' }] })
  first.socket.close()
  await first.closed
  tail.write(3)
  const again = await view('?after=3', own())
  await again.sees(({ id }) => id === 6)
  t.same(again.told.map(({ kind, id }) => id ?? kind), ['hello', 4, 5, 6])
  t.equal(viewers.count(), 1)
})

t.test('who comes for the first time may ask for what was there before', async (t) => {
  const { view, tail } = await open(t)
  tail.write(5)
  const viewer = await view('?after=-2')
  await viewer.sees(({ id }) => id === 5)
  t.same(viewer.told.map(({ kind, id, after }) => id ?? [kind, after]), [['hello', 3], 4, 5])
})

t.test('below a path, and with the slash that a proxy adds, it is the same', async (t) => {
  const { url, origin } = await open(t, { prefixes: ['', '/codes'] })
  for (const path of ['/codes/inspector/socket', '/inspector/socket/', '/inspector/socket/?after=1']) {
    t.equal(await statusFor(`${url.replace('http', 'ws')}${path}`, { authorization: ADMIN, origin }), 101, path)
  }
})

t.test('only who may gets in, and no page of somebody else', async (t) => {
  const { socketUrl, own, origin, cookie, sessions, clock, viewers } = await open(t, { publicUrl: 'https://codes.example.com/x' })
  const good = own()
  const token = String(good.cookie).replace(/^[^=]*=/, '')
  const asked: ReadonlyArray<readonly [string, number, Headers]> = [
    ['a session on our page', 101, good],
    ['the secret, from a script', 101, { authorization: `Bearer ${ADMIN}` }],
    ['the secret, from our page', 101, { authorization: `Bearer ${ADMIN}`, origin }],
    ['a session on our page, at a proxy', 101, { cookie: cookie(), host: 'codes.example.com', origin: 'https://codes.example.com' }],
    ['a stranger', 401, { origin }],
    ['nobody', 401, {}],
    ['a session on another page', 403, { ...good, origin: 'https://evil.example' }],
    ['a session on another page of this machine', 403, { ...good, origin: 'http://localhost:3000' }],
    ['a session on a page without an origin', 403, { ...good, origin: 'null' }],
    ['a session that says no origin', 403, { cookie: cookie() }],
    ['the secret on another page', 403, { authorization: ADMIN, origin: 'https://evil.example' }],
    ['a session at a name that leads here', 403, { ...good, host: 'evil.example', origin: 'http://evil.example' }],
    ['the secret at a name that leads here', 403, { authorization: ADMIN, host: 'evil.example' }],
    ['a forwarded name', 403, { authorization: ADMIN, host: 'evil.example', 'x-forwarded-host': 'localhost' }],
    ['a session in the wrong header', 401, { origin, authorization: `Bearer ${token}` }],
    ['the secret of a caller', 401, { origin, authorization: `Bearer ${CALLER}` }],
    ['a link', 401, { origin, authorization: `Bearer ${sessions.makeLink()}` }],
    ['a forged session', 401, { origin, cookie: `phone-code-inspector=${token.slice(0, -4)}AAAA` }]
  ]
  for (const [who, status, headers] of asked) t.equal(await statusFor(socketUrl, headers), status, who)
  clock.advance(HOURS_12)
  t.equal(await statusFor(socketUrl, good), 401, 'a session that is over')
  t.equal(await statusFor(`${socketUrl}?secret=${ADMIN}`, { origin }), 401)
  t.equal(viewers.isCrowded(), false)
})

t.test('a number of a page is one, or it is refused', async (t) => {
  const { socketUrl } = await open(t)
  for (const after of ['', '-0', '-01', '--1', '-', '1.5', 'x', '1e3', '9'.repeat(16), '1&after=2', '%00']) t.equal(await statusFor(`${socketUrl}?after=${after}`, { authorization: ADMIN }), 400, after)
  for (const after of ['0', '7', '9'.repeat(15), '-1', '-300', `-${'9'.repeat(15)}`]) t.equal(await statusFor(`${socketUrl}?after=${after}`, { authorization: ADMIN }), 101, after)
})

t.test('what is no socket is answered as ever', async (t) => {
  const { url, raw, log } = await open(t)
  t.match(await (await fetch(`${url}/inspector/socket`, { headers: { authorization: ADMIN } })).json(), { code: 'not_found' })
  t.match(await (await fetch(`${url}/inspector/socket`)).json(), { code: 'unauthorized' })
  const body = JSON.stringify({ text: 'ä'.repeat(20_000) })
  const offers = [
    ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA'],
    ['Connection: keep-alive, Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='],
    ['Connection: upgrade', 'Upgrade: websocket']
  ]
  for (const offer of offers) {
    const reply = await text(raw(['POST /echo?key=a-secret-key HTTP/1.1', 'Host: localhost', ...offer, 'Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`], body))
    t.match(reply, /^HTTP\/1.1 200 OK\r\n[^]*connection: close\r\n/i)
    t.match(JSON.parse(reply.slice(reply.indexOf('\r\n\r\n'))), { body: JSON.parse(body), query: { key: 'a-secret-key' } })
  }
  const chunked = raw(['POST /echo HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: h2c', 'Content-Type: application/json', 'Transfer-Encoding: chunked'], '5\r\n{"a":\r\n')
  await once(chunked, 'connect')
  chunked.write('2\r\n1}\r\n0\r\n\r\n')
  t.match(await text(chunked), /\{"body":\{"a":1\}/)
  t.match(await text(raw(['POST /inspector/socket HTTP/1.1', ...HANDSHAKE, 'Content-Length: 0'])), /^HTTP\/1.1 405/)
  t.match(await text(raw(['GET /nowhere?key=a-secret-key HTTP/1.1', ...HANDSHAKE])), /^HTTP\/1.1 404/)
  t.match(await text(raw(['GET /inspector/assets/inspector/socket?key=a-secret-key HTTP/1.1', ...HANDSHAKE])), /^HTTP\/1.1 404/)
  t.match(await text(raw(['GET /nowhere/inspector/socket?key=a-secret-key HTTP/1.1', ...HANDSHAKE])), /^HTTP\/1.1 404/)
  t.match(await text(raw(['GET /inspector/socket HTTP/1.1', ...HANDSHAKE.slice(0, -1), `Authorization: ${ADMIN}`])), /^HTTP\/1.1 400/, 'no key')
  t.notMatch(JSON.stringify(log), 'a-secret-key')
})

t.test('what offers something behind a reply that is under way ends the connection, and nobody waits', async (t) => {
  const { raw, url, view, log } = await open(t)
  for (const offer of [['GET /echo HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: h2c'], ['GET /inspector/socket HTTP/1.1', ...HANDSHAKE, `Authorization: ${ADMIN}`]]) {
    for (const before of ['/never', '/inspector/assets/inspector.svg']) {
      const socket = raw([`GET ${before} HTTP/1.1`, 'Host: localhost', '', ...offer])
      socket.resume()
      await once(socket, 'close')
    }
  }
  t.same(log.filter(({ level }) => level > 30), [], 'anybody could fill the log')
  // Behind one that is written it is answered.
  const socket = raw(['GET /inspector/assets/inspector.svg HTTP/1.1', 'Host: localhost'])
  await once(socket, 'data')
  t.equal((await fetch(`${url}/inspector/assets/inspector.svg`)).status, 200, 'that was all of it')
  socket.write(['GET /nowhere HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: h2c', '', ''].join('\r\n'))
  t.match(await text(socket), /HTTP\/1.1 404/)
  t.equal((await view()).socket.readyState, WebSocket.OPEN)
})

t.test('where there is no inspector nothing is an upgrade', async (t) => {
  const { app, raw, log } = await open(t, { prefixes: [] })
  t.equal(app.server.listenerCount('upgrade'), 0)
  for (const offer of ['h2c', 'websocket']) {
    const socket = raw(['POST /echo HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', `Upgrade: ${offer}`, 'Content-Type: application/json', 'Content-Length: 7'], '{"a":1}')
    t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1.1 200 OK[^]*connection: keep-alive[^]*\{"a":1\}/i)
    socket.write(['GET /echo HTTP/1.1', 'Host: localhost', '', 'GET /inspector/socket HTTP/1.1', ...HANDSHAKE.filter((line) => !line.startsWith('Connection')), 'Connection: Upgrade, close', '', ''].join('\r\n'))
    t.match(await text(socket), /^HTTP\/1.1 405[^]*HTTP\/1.1 404/)
  }
  t.same(log.filter(({ level }) => level > 30), [])
})

t.test('with the inspector below two paths a socket is heard of once', async (t) => {
  const { app } = await open(t, { prefixes: ['', '/codes'] })
  t.equal(app.server.listenerCount('upgrade'), 1)
})

t.test('a connection that is lost while it asks does no harm', async (t) => {
  const { raw, url } = await open(t)
  for (const path of ['/inspector/socket', '/echo']) {
    const socket = raw([`GET ${path} HTTP/1.1`, ...HANDSHAKE, `Authorization: ${ADMIN}`])
    await once(socket, 'connect')
    socket.resetAndDestroy()
  }
  t.equal((await fetch(`${url}/inspector/assets/inspector.svg`)).status, 200)
})

t.test('what viewers say is not listened to, and too much of it ends the view', async (t) => {
  const { view, tail, log, viewers } = await open(t)
  const [polite, rude, broken] = [await view(), await view(), await view()]
  for (let words = 0; words < 20; words++) polite.socket.send('{"kind":"hello"}'.repeat(60))
  rude.socket.send('x'.repeat(1025))
  t.equal(await rude.closed, 1009)
  ;(broken.socket as unknown as { _socket: Socket })._socket.write('this is no frame at all')
  t.match(await broken.closed, 1002)
  polite.socket.ping('are you there')
  t.equal(String((await once(polite.socket, 'pong'))[0]), 'are you there')
  tail.write()
  await polite.sees(({ kind }) => kind === 'page')
  t.equal(viewers.count(), 1)
  t.same(log.filter(({ level, msg }) => level > 20 && !msg.startsWith('Server listening')), [], 'anybody could fill the log')
})

t.test('fifty look on; the next one is told so, and a crowd is refused at once', async (t) => {
  const { socketUrl, view, raw, viewers } = await open(t, { every: () => () => {} })
  for (let number = 0; number < 50; number++) await view()
  const late = await view()
  t.equal(await late.closed, 1013)
  t.same(late.told, [])
  for (let number = 0; number < 50; number++) await once(raw(['GET /inspector/socket HTTP/1.1', ...HANDSHAKE, `Authorization: ${ADMIN}`]), 'data')
  t.equal(await statusFor(socketUrl, { authorization: ADMIN }), 503)
  t.equal(viewers.count(), 50)
})

t.test('a session that is over ends the view', async (t) => {
  const { view, own, clock } = await open(t)
  const [short, long] = [await view('', own()), await view()]
  clock.advance(HOURS_12)
  t.equal(await short.closed, 4401)
  t.equal(long.socket.readyState, WebSocket.OPEN)
})

t.test('who signs out is shown no more, by any of the views of that session', async (t) => {
  const { view, own, url, origin, socketUrl, viewers } = await open(t, { every: () => () => {} })
  const [mine, other] = [own(), own()]
  const [first, second, third, script] = [await view('', mine), await view('', mine), await view('', other), await view()]
  t.equal((await fetch(`${url}/inspector/session`, { method: 'DELETE', headers: { origin, cookie: mine.cookie as string } })).status, 204)
  t.same([await first.closed, await second.closed], [4401, 4401])
  t.equal(await statusFor(socketUrl, mine), 401)
  t.same([third, script].map(({ socket }) => socket.readyState), [WebSocket.OPEN, WebSocket.OPEN])
  t.equal(viewers.count(), 2)
})

t.test('a viewer that never reads costs little, and nobody waits for it', async (t) => {
  const { view, raw, tail, app, viewers } = await open(t)
  const slow = raw(['GET /inspector/socket?after=0 HTTP/1.1', ...HANDSHAKE, `Authorization: ${ADMIN}`])
  slow.pause()
  const quick = await view()
  await quick.sees(({ kind }) => kind === 'hello')
  for (let pages = 1; pages <= 400; pages++) {
    tail.write(1, 1, { at: pages, type: 'test', filler: 'x'.repeat(100_000) })
    await quick.sees(({ id }) => id === pages)
  }
  t.equal(viewers.count(), 2)
  const unsent = [...app.websocketServer.clients].map(({ bufferedAmount }) => bufferedAmount)
  t.ok(Math.max(...unsent) > 256 * 1024, 'it is behind')
  t.ok(Math.max(...unsent) < 400_000, `no more than a page beyond the limit: ${unsent.join()}`)
})

t.test('at the end viewers are told why, and who does not go is cut', async (t) => {
  const { view, raw, app } = await open(t)
  const polite = await view()
  const silent = raw(['GET /inspector/socket HTTP/1.1', ...HANDSHAKE, `Authorization: ${ADMIN}`])
  await once(silent, 'data')
  const gone = once(silent, 'close')
  silent.resume()
  await app.close()
  t.equal(await polite.closed, 1012)
  await gone
})
