import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** Stands between a client and a server on this machine, and can fail in every way that a network can. */
export interface TcpProxy {
  readonly port: number
  /** Holds back what the server says, until `resume`. What clients say goes through. */
  hold (): void
  resume (): void
  /** Ends every connection at once, without a word. */
  cut (): void
  /** Takes no connections from now on, until `open`. */
  shut (): Promise<void>
  open (): Promise<void>
  /** Settles once clients have said something that holds this text, since the last `hold`. */
  said (text: string): Promise<void>
}

export const startTcpProxy = async (t: Test, target: number): Promise<TcpProxy> => {
  const pairs = new Set<readonly [Socket, Socket]>()
  let held = false
  let heard = ''
  let listeners: Array<() => void> = []
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    const pair = [client, upstream] as const
    pairs.add(pair)
    for (const socket of pair) {
      socket.on('error', () => {})
      socket.on('close', () => {
        pairs.delete(pair)
        for (const other of pair) other.destroy()
      })
    }
    client.on('data', (bytes) => {
      heard += bytes.toString('latin1')
      for (const listener of listeners) listener()
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => { client.write(bytes) })
    if (held) upstream.pause()
  })
  const open = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const cut = (): void => { for (const [client, upstream] of pairs) { client.destroy(); upstream.destroy() } }
  const shut = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    cut()
    await closed
  }
  await open(0)
  const { port } = server.address() as AddressInfo
  t.teardown(shut)
  return {
    port,
    cut,
    shut,
    open: () => open(port),
    hold () {
      held = true
      heard = ''
      for (const [, upstream] of pairs) upstream.pause()
    },
    resume () {
      held = false
      for (const [, upstream] of pairs) upstream.resume()
    },
    async said (text) {
      await new Promise<void>((resolve) => {
        const look = (): void => {
          if (!heard.includes(text)) return
          listeners = listeners.filter((listener) => listener !== look)
          resolve()
        }
        listeners.push(look)
        look()
      })
    }
  }
}
