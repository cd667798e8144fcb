import { once } from 'node:events'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { createHttpClient, HttpFailure, type HttpClient, type HttpRequest } from '../../src/providers/http-client.ts'

/** Longer than anything here takes: a request with it must not end by its deadline. */
const LONG = 30_000

/** Short enough to wait for, where the deadline is what ends a request. */
const SHORT = 200

interface Served {
  readonly url: URL
  readonly sockets: Socket[]
  /** All that clients ever sent, as it came. */
  readonly received: () => string
}

const listen = async (t: Test, server: Server, scheme: string): Promise<Served> => {
  const sockets: Socket[] = []
  const chunks: Buffer[] = []
  server.on('connection', (socket: Socket) => {
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (chunk) => { chunks.push(chunk) })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  return { url: new URL(`${scheme}://127.0.0.1:${port}/path?q=1`), sockets, received: () => Buffer.concat(chunks).toString() }
}

/** A server of bytes: `answer` is called with each connection once its first bytes are there. */
const serveBytes = (t: Test, answer: (socket: Socket) => void = () => {}): Promise<Served> =>
  listen(t, createServer((socket) => { socket.once('data', () => { answer(socket) }) }), 'http')

const serveHttp = (t: Test, listener: RequestListener): Promise<Served> => listen(t, createHttpServer(listener), 'http')

const startClient = (t: Test): HttpClient => {
  const client = createHttpClient()
  t.teardown(() => client.close())
  return client
}

const requestTo = (url: URL, more: Partial<HttpRequest> = {}): HttpRequest =>
  ({ url, method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'the code is 493021', timeout: LONG, ...more })

const failureOf = async (work: Promise<unknown>): Promise<HttpFailure> => {
  try {
    await work
  } catch (error) {
    if (error instanceof HttpFailure) return error
    throw error
  }
  throw new Error('it was answered')
}

/** Settles when a connection is closed, in whatever way. */
const closing = (socket: Socket): Promise<void> => new Promise((resolve) => { socket.once('close', () => { resolve() }) })

/** Lets nothing else run for that long. */
const occupy = (milliseconds: number): void => {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

t.test('an answer comes with its status, headers and body, whatever the status', async (t) => {
  const { url, received } = await serveHttp(t, (_request, response) => {
    response.writeHead(418, { 'X-One': 'a', 'set-cookie': ['b', 'c'] }).end('kurz und stöß')
  })
  const { status, headers, body } = await startClient(t).request(requestTo(url))
  t.equal(status, 418)
  t.match(headers, { 'x-one': 'a', 'set-cookie': 'b,c' })
  t.equal(body, 'kurz und stöß')
  t.match(received(), /^POST \/path\?q=1 HTTP\/1\.1\r\n/)
  t.match(received(), /\r\n\r\nthe code is 493021$/)
})

t.test('characters that are cut in two by the network are put together again', async (t) => {
  const bytes = Buffer.from('ö')
  const { url } = await serveHttp(t, (_request, response) => {
    response.write(bytes.subarray(0, 1), () => { response.end(bytes.subarray(1)) })
  })
  t.equal((await startClient(t).request(requestTo(url))).body, 'ö')
})

t.test('a request without a body has none, and an answer may have none', async (t) => {
  const { url, received } = await serveHttp(t, (_request, response) => { response.writeHead(204).end() })
  t.match(await startClient(t).request(requestTo(url, { method: 'GET', body: undefined })), { status: 204, body: '' })
  t.notMatch(received(), /493021/)
})

t.test('hints that come before the answer are not the answer', async (t) => {
  const { url } = await serveHttp(t, (_request, response) => {
    response.writeEarlyHints({ link: '</a>; rel=preload' }, () => { response.writeHead(200).end('yes') })
  })
  t.match(await startClient(t).request(requestTo(url)), { status: 200, body: 'yes' })
})

t.test('redirections are answers, and are not followed', async (t) => {
  let requests = 0
  const { url } = await serveHttp(t, (_request, response) => {
    requests += 1
    response.writeHead(307, { location: '/elsewhere' }).end()
  })
  t.equal((await startClient(t).request(requestTo(url))).status, 307)
  t.equal(requests, 1)
})

t.test('one connection serves requests that follow each other', async (t) => {
  const { url, sockets } = await serveHttp(t, (_request, response) => { response.end('yes') })
  const client = startClient(t)
  for (let request = 0; request < 5; request += 1) {
    t.equal((await client.request(requestTo(url))).status, 200)
    // In the turn of its answer a connection is not free yet.
    await nextTurn()
  }
  t.equal(sockets.length, 1)
})

t.test('a connection that the server ends is not used again', async (t) => {
  const { url, sockets } = await serveHttp(t, (_request, response) => { response.writeHead(200, { connection: 'close' }).end() })
  const client = startClient(t)
  t.equal((await client.request(requestTo(url))).status, 200)
  t.equal((await client.request(requestTo(url))).status, 200)
  t.equal(sockets.length, 2)
})

t.test('no request waits for another to be answered', async (t) => {
  const waiting: Array<() => void> = []
  const { url } = await serveHttp(t, (_request, response) => {
    waiting.push(() => { response.end() })
    if (waiting.length === 40) for (const answer of waiting) answer()
  })
  const client = startClient(t)
  const answers = await Promise.all(Array.from({ length: 40 }, () => client.request(requestTo(url))))
  t.equal(answers.length, 40)
})

t.test('nothing was written where nobody listens', async (t) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  const failure = await failureOf(startClient(t).request(requestTo(new URL(`http://127.0.0.1:${port}/`))))
  t.match(failure, { written: false, why: 'connection' })
})

t.test('nothing was written where the host has no address', async (t) => {
  const failure = await failureOf(startClient(t).request(requestTo(new URL('http://nobody.invalid/'), { timeout: 10_000 })))
  t.equal(failure.written, false)
})

t.test('nothing was written where the request cannot be put into HTTP', async (t) => {
  const { url, received } = await serveHttp(t, (_request, response) => { response.end() })
  const failure = await failureOf(startClient(t).request(requestTo(url, { headers: { 'x-broken': 'a\r\nb: c' } })))
  t.match(failure, { written: false, why: 'connection' })
  t.equal(received(), '')
})

t.test('nothing was written where the server never shakes hands, and none of it in the clear', async (t) => {
  const { url, received } = await listen(t, createServer(), 'https')
  const failure = await failureOf(startClient(t).request(requestTo(url, { timeout: SHORT })))
  t.match(failure, { written: false, why: 'timeout' })
  t.notMatch(received(), /493021|POST/)
})

t.test('nothing was written where the server does not speak TLS, or has a certificate of nobody we know', async (t) => {
  const { url } = await serveBytes(t, (socket) => { socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n') })
  url.protocol = 'https:'
  const { url: https } = await listen(t, createServer((socket) => { socket.once('data', () => { socket.destroy() }) }), 'https')
  const client = startClient(t)
  t.match(await failureOf(client.request(requestTo(new URL(url.href.replace('http:', 'https:'))))), { written: false, why: 'connection' })
  t.match(await failureOf(client.request(requestTo(https))), { written: false, why: 'connection' })
})

t.test('what was reported as not written is not sent when the connection comes at last', async (t) => {
  const paths: string[] = []
  const { url, received } = await serveHttp(t, (request, response) => {
    paths.push(request.url ?? '')
    response.end()
  })
  const client = startClient(t)
  const late = failureOf(client.request(requestTo(url, { timeout: 1 })))
  // The time is up before this turn ends, and a connection can only come after it.
  occupy(20)
  t.match(await late, { written: false, why: 'timeout' })
  // This one takes longer than the connection that is still being made for the other.
  await client.request(requestTo(new URL('/second', url), { body: 'something else' }))
  t.same(paths, ['/second'])
  t.notMatch(received(), /493021/)
})

t.test('a request that is not answered in time may have been read', async (t) => {
  const { url, received } = await serveBytes(t)
  t.match(await failureOf(startClient(t).request(requestTo(url, { timeout: SHORT }))), { written: true, why: 'timeout' })
  t.match(received(), /493021/)
})

t.test('the deadline ends an answer that goes on and on', async (t) => {
  const { url } = await serveBytes(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n')
    const timer = setInterval(() => { socket.write('1\r\nx\r\n') }, 5)
    socket.once('close', () => { clearInterval(timer) })
  })
  t.match(await failureOf(startClient(t).request(requestTo(url, { timeout: SHORT }))), { written: true, why: 'timeout' })
})

t.test('an answer that begins in time and stops counts as none', async (t) => {
  const { url } = await serveBytes(t, (socket) => { socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf') })
  t.match(await failureOf(startClient(t).request(requestTo(url, { timeout: SHORT }))), { written: true, why: 'timeout' })
})

t.test('a connection that breaks after the request leaves it open what became of it', async (t) => {
  const client = startClient(t)
  const breaks: Record<string, (socket: Socket) => void> = {
    'reset before the answer': (socket) => { socket.resetAndDestroy() },
    'closed before the answer': (socket) => { socket.end() },
    'reset within the headers': (socket) => { socket.write('HTTP/1.1 200 O', () => { socket.resetAndDestroy() }) },
    'closed within the body': (socket) => { socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf') },
    'closed within a chunk': (socket) => { socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhe') },
    'not HTTP at all': (socket) => { socket.end('220 mail.example.org ESMTP\r\n') }
  }
  for (const [name, answer] of Object.entries(breaks)) {
    const { url } = await serveBytes(t, answer)
    t.match(await failureOf(client.request(requestTo(url))), { written: true, why: 'connection' }, name)
  }
})

t.test('a connection that is reset as soon as it is made is no answer', async (t) => {
  const { url } = await listen(t, createServer((socket) => { socket.resetAndDestroy() }), 'http')
  t.equal((await failureOf(startClient(t).request(requestTo(url)))).why, 'connection')
})

t.test('a connection that breaks brings no second request, not even of a method that may be repeated', async (t) => {
  const { url, sockets, received } = await serveBytes(t, (socket) => { socket.resetAndDestroy() })
  await failureOf(startClient(t).request(requestTo(url, { method: 'PUT' })))
  await nextTurn()
  t.equal(sockets.length, 1)
  t.equal(received().split('493021').length, 2)
})

t.test('a long answer is cut off without being read to its end', async (t) => {
  const total = 50 * 1024 * 1024
  const piece = Buffer.alloc(64 * 1024, 'x')
  let sent = 0
  let closed: Promise<unknown> = Promise.resolve()
  const { url } = await serveBytes(t, (socket) => {
    closed = closing(socket)
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`)
    const pour = (): void => {
      while (sent < total && !socket.destroyed) {
        sent += piece.length
        if (!socket.write(piece)) return
      }
    }
    socket.on('drain', pour)
    pour()
  })
  const client = startClient(t)
  t.match(await failureOf(client.request(requestTo(url))), { written: true, why: 'too-large' })
  await closed
  t.ok(sent < total / 2, `${sent} of ${total} bytes were sent`)
})

t.test('an answer of 256 KiB is taken, and one byte more is not', async (t) => {
  const limit = 256 * 1024
  let length = limit
  const { url } = await serveHttp(t, (_request, response) => { response.end('x'.repeat(length)) })
  const client = startClient(t)
  t.equal((await client.request(requestTo(url))).body.length, limit)
  length += 1
  t.equal((await failureOf(client.request(requestTo(url)))).why, 'too-large')
})

t.test('closing ends what is under way, and afterwards nothing is asked', async (t) => {
  const { url, sockets, received } = await serveBytes(t, () => { arrived() })
  let arrived = (): void => {}
  const client = createHttpClient()
  const there = new Promise<void>((resolve) => { arrived = resolve })
  const pending = failureOf(client.request(requestTo(url)))
  await there
  const closed = closing(sockets[0] as Socket)
  await client.close()
  t.match(await pending, { written: true, why: 'connection' })
  await closed
  const before = received()
  t.match(await failureOf(client.request(requestTo(url))), { written: false, why: 'connection' })
  t.equal(sockets.length, 1)
  t.equal(received(), before)
})

t.test('a failure prints nothing of the request', async (t) => {
  const { url } = await serveBytes(t, (socket) => { socket.resetAndDestroy() })
  const failure = await failureOf(startClient(t).request(requestTo(url, { headers: { authorization: 'HMAC abc' } })))
  const printed = [String(failure), JSON.stringify(failure), inspect(failure, { depth: 10, showHidden: true })].join()
  t.notMatch(printed, /493021|HMAC|127\.0\.0\.1/)
  t.match(String(failure), 'HttpFailure: no answer: connection, request written')
})
