import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import { HANDSHAKE } from './upgrades.ts'

/**
 * Follows the connections of a server, and gives the function that closes those on which nothing is under way. Node
 * closes the ones whose last reply is written, but waits for a minute for those that have never asked anything, such as
 * a balancer keeps ready.
 */
export const idleConnections = (server: Server): () => void => {
  const silent = new Set<Socket>()
  server.on('connection', (socket) => {
    silent.add(socket)
    socket.once('close', () => { silent.delete(socket) })
  })
  for (const event of ['request', HANDSHAKE]) server.on(event, ({ socket }: IncomingMessage) => { silent.delete(socket) })
  return () => {
    server.closeIdleConnections()
    for (const socket of silent) socket.destroy()
  }
}
