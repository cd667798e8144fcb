import type { onRequestAsyncHookHandler } from 'fastify'
import { problem } from './problem.ts'

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']

/**
 * Lets in only who asks for this machine by name, so that no foreign name can be pointed at it, and only pages that
 * came from here. `allowedHosts` are further values of the Host header, with their port.
 */
export const ownPagesOnly = (allowedHosts: readonly string[]): onRequestAsyncHookHandler => async (request, reply) => {
  const { host = '', origin } = request.headers
  const port = request.socket.localPort
  const known = allowedHosts.includes(host) || LOOPBACK.some(name => host === `${name}:${port}`)
  const foreign = origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`
  if (known && !foreign) return
  return problem(reply, 403, known ? 'This page may not use the sandbox.' : 'The sandbox is not known by this host name.')
}
