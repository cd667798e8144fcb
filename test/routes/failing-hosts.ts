import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { Test } from 'tap'

/** An origin where nobody listens. */
export const NOBODY = 'http://127.0.0.1:1'

const listen = async (t: Test, take: (socket: Socket) => void): Promise<Server> => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    take(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return server
}

const originOf = (server: Server): string => `https://127.0.0.1:${(server.address() as AddressInfo).port}`

/** An origin that takes connections and never says a word: TLS is never there, and no request is ever written. */
export const startSilentHost = async (t: Test): Promise<string> => originOf(await listen(t, () => {}))

/** An origin that resets every connection before TLS is there, and so before a request is written. */
export const startResettingHost = async (t: Test): Promise<string> =>
  originOf(await listen(t, (socket) => { socket.once('data', () => { socket.resetAndDestroy() }) }))

/** A connection string of Azure that leads to such an origin. */
export const azureAt = (origin: string): string => `endpoint=${origin}/;accesskey=${Buffer.alloc(32).toString('base64')}`
