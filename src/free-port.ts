import { createServer, type AddressInfo } from 'node:net'

/** How many ports are tried. */
const TRIES = 50

/** The port, where it is free; any free one for port 0. */
const probe = (host: string, port: number): Promise<number | undefined> => new Promise((resolve) => {
  const server = createServer()
  server.once('error', () => { resolve(undefined) })
  server.listen({ host, port, exclusive: true }, () => {
    const { port: free } = server.address() as AddressInfo
    server.close(() => { resolve(free) })
  })
})

/**
 * The first free port from the given one on; the given one where none of the next fifty is free. Port 0 stands for any.
 * `promised` is a port that somebody is about to take.
 */
export const nextFreePort = async (host: string, port: number, promised?: number): Promise<number> => {
  for (let candidate = port; candidate < Math.min(port + TRIES, 65_536); candidate += 1) {
    const free = candidate === promised ? undefined : await probe(host, candidate)
    if (free !== undefined) return free
  }
  return port
}
