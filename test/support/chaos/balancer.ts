import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Random } from './random.ts'

/** What vendors reach the replicas by: each connection goes to any of those that take it. */
export interface Balancer {
  close (): Promise<void>
}

export const startBalancer = async (port: number, ports: readonly number[], random: Random): Promise<Balancer> => {
  const open = new Set<Socket>()
  const track = (socket: Socket): Socket => {
    open.add(socket)
    return socket.on('error', () => {}).once('close', () => { open.delete(socket) })
  }

  const bring = (client: Socket, [port, ...others]: readonly number[]): void => {
    if (port === undefined || client.destroyed) {
      client.destroy()
      return
    }
    const replica = track(connect({ host: '127.0.0.1', port }))
    const tryNext = (): void => { bring(client, others) }
    replica.once('error', tryNext)
    replica.once('connect', () => {
      replica.off('error', tryNext)
      client.pipe(replica).pipe(client)
      replica.once('close', () => { client.destroy() })
      client.once('close', () => { replica.destroy() })
    })
  }

  const server = createServer((client) => { bring(track(client), random.shuffled(ports)) })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return {
    async close () {
      server.close()
      for (const socket of open) socket.destroy()
    }
  }
}
