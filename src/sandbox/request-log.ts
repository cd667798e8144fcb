import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Ledger } from './ledger.ts'
import type { SandboxRequest, Vendor } from './records.ts'

/** The record of the requests that come to one vendor. */
export interface RequestLog {
  /** Notes every request to the routes of the plugin, when it comes and when it is answered. */
  watch (app: FastifyInstance): void
  /** Notes that a request will have no reply. */
  withoutReply (reply: FastifyReply, how: 'dropped' | 'unanswered'): void
}

/** Makes the record of a vendor's requests, in the ledger. */
export const createRequestLog = (ledger: Ledger, vendor: Vendor): RequestLog => {
  const note = (reply: FastifyReply, status: SandboxRequest['status']) => {
    const { id, method, url } = reply.request
    ledger.put('request', { id, vendor, method, path: url.split('?', 1)[0]!, status })
  }
  return {
    watch (app) {
      app.addHook('onRequest', async (_request, reply) => note(reply, 'pending'))
      app.addHook('onSend', async (_request, reply) => note(reply, reply.statusCode))
    },
    withoutReply: note
  }
}
