import type { FastifyError, FastifyPluginAsync } from 'fastify'
import { answerRefusals, azureError, type Refusal } from './refusal.ts'
import type { RequestLog } from './request-log.ts'
import { isSigned } from './request-signature.ts'

export interface AzureRoutesDeps {
  readonly accessKey: string
  readonly log: RequestLog
  /** The services behind the signature. A handler of theirs returns what it answers, or a refusal. */
  readonly services: readonly FastifyPluginAsync[]
}

const NO_BODY = Buffer.alloc(0)

/** The services of the account: nothing without the right signature, and a record of every request. */
export const azureRoutes = ({ accessKey, log, services }: AzureRoutesDeps): FastifyPluginAsync => async app => {
  // The signature covers the bytes, so that nothing may read them first.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))

  log.watch(app)
  app.addHook('preHandler', async ({ method, raw, headers, body }, reply) => {
    if (isSigned({ method, url: raw.url!, headers, body: body as Buffer | undefined ?? NO_BODY }, accessKey)) return
    return reply.code(401).send(azureError(401, 'Denied', 'Denied by the resource provider.'))
  })
  answerRefusals(app)
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
