import { Server, ServerResponse, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { FastifyInstance } from 'fastify'

/** Where the only sockets are, below whatever path. */
export const SOCKET_ROUTE = '/inspector/socket'

const SOCKET_ADDRESS = new RegExp(`${SOCKET_ROUTE}/?(?:\\?|$)`)

/** What the server says when a WebSocket begins, with its request. */
export const HANDSHAKE = 'handshake'

/**
 * Once somebody listens for them, Node makes an upgrade of every request that offers one, and does not read its body any
 * more: also of those of clients that would like HTTP/2 and go on without (`Upgrade: h2c`, as Java's client sends). So nobody
 * listens until there is a route for sockets. Gives what is to listen in the server's place, which hears of WebSockets alone;
 * all else is answered as if nothing had been offered.
 */
export const upgradesOf = (app: FastifyInstance): Server => {
  const { server } = app
  const heard = new Server()
  const hear = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    if (isReplying(request)) {
      // Node answers no upgrade behind a reply that is under way. The client sees what was not answered.
      socket.destroy()
    } else if (isSocket(request)) {
      server.emit(HANDSHAKE, request)
      heard.emit('upgrade', request, socket, head)
    } else serveAnew(server, request, socket, head)
  }
  app.addHook('onRoute', ({ url }) => {
    if (url.endsWith(SOCKET_ROUTE)) server.off('upgrade', hear).on('upgrade', hear)
  })
  return heard
}

/** Whether a reply to an earlier request has the connection still. */
const isReplying = (request: IncomingMessage): boolean => {
  const next = new ServerResponse(request)
  try {
    next.assignSocket(request.socket)
  } catch {
    return true
  }
  next.detachSocket(request.socket)
  return false
}

const isSocket = ({ method, url = '', headers }: IncomingMessage): boolean =>
  method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket' && SOCKET_ADDRESS.test(url)

/** Gives the connection back with the same request, without the offer. It ends with the reply, so that this happens once. */
const serveAnew = (server: Server, { method, url, httpVersion, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer): void => {
  const lines = rawHeaders.flatMap((name, index) => index % 2 === 1 || OFFER.test(name) ? [] : [`${name}: ${rawHeaders[index + 1]}`])
  socket.unshift(Buffer.concat([Buffer.from([`${method} ${url} HTTP/${httpVersion}`, ...lines, 'Connection: close', '', ''].join('\r\n'), 'latin1'), head]))
  server.emit('connection', socket)
}

const OFFER = /^(?:connection|upgrade|http2-settings)$/i
