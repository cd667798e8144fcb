import type { FastifyError, FastifyPluginAsync, FastifyReply } from 'fastify'
import type { Ledger } from './ledger.ts'
import type { SandboxRequest } from './records.ts'
import { azureError, Refusal } from './refusal.ts'
import { isSigned } from './request-signature.ts'

export interface AzureRoutesDeps {
  readonly accessKey: string
  readonly ledger: Ledger
  /** The services behind the signature. A handler of theirs returns what it answers, or a refusal. */
  readonly services: readonly FastifyPluginAsync[]
}

/** Changes the record of a request that has come to one of the routes of Azure. */
const note = (ledger: Ledger, reply: FastifyReply, status: SandboxRequest['status']) => {
  const { id, method, url } = reply.request
  ledger.put('request', { id, method, path: url.split('?', 1)[0]!, status })
}

/** Notes that a request will have no reply. */
export const noteWithoutReply = (ledger: Ledger) => (reply: FastifyReply, how: 'dropped' | 'unanswered'): void =>
  note(ledger, reply, how)

const NO_BODY = Buffer.alloc(0)

/** The services of the account: nothing without the right signature, and a record of every request. */
export const azureRoutes = ({ accessKey, ledger, services }: AzureRoutesDeps): FastifyPluginAsync => async app => {
  // The signature covers the bytes, so that nothing may read them first.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  app.addHook('onRequest', async (_request, reply) => note(ledger, reply, 'pending'))
  app.addHook('preHandler', async ({ method, raw, headers, body }, reply) => {
    if (isSigned({ method, url: raw.url!, headers, body: body as Buffer | undefined ?? NO_BODY }, accessKey)) return
    return reply.code(401).send(azureError(401, 'Denied', 'Denied by the resource provider.'))
  })
  app.addHook('preSerialization', async (_request, reply, payload) => {
    if (!(payload instanceof Refusal)) return payload
    reply.code(payload.status)
    return payload.body
  })
  app.addHook('onSend', async (_request, reply) => note(ledger, reply, reply.statusCode))
  app.setErrorHandler<FastifyError>((error, _request, reply) => {
    const status = error.statusCode ?? 500
    return reply.send(azureError(status, status === 500 ? 'InternalServerError' : 'BadRequest', error.message))
  })

  for (const service of services) await app.register(service)
}

/** Reads a request's body, which must be a JSON object. */
export const readJson = (body: unknown): Readonly<Record<string, unknown>> | Refusal => {
  try {
    const value: unknown = JSON.parse((body as Buffer).toString())
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Answered below, like every other body that is not an object.
  }
  return azureError(400, 'BadRequest', 'The request body is not a JSON object.')
}
