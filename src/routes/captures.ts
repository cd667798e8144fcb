import type { FastifyPluginAsync, FastifyRequest } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import { SecretSet } from '../domain/secret.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import { captureOf } from '../feed/capture.ts'
import type { Journal } from '../feed/journal.ts'
import { createTokenBucket } from '../feed/token-bucket.ts'
import { unconfiguredHook } from './hooks.ts'
import { sendProblem } from './problem.ts'

export interface CaptureRouteDeps {
  /** The secret of those who report; absent: the route is closed. */
  readonly demoSecret: SensitiveText | undefined
  readonly journal: Journal
  readonly now: () => number
}

const ROUTE = '/api/events/capture'
const BODY_LIMIT = 64 * 1024

/** So many reports are taken, by each process. */
const RATE = { perSecond: 200, burst: 400 }

/** When more are taken, in seconds. */
const RETRY_AFTER = 1

/**
 * `POST /api/events/capture`: takes what functions outside have done, and shows it among what the gateway does. They report
 * beside their own work: the answer waits for nothing.
 */
export const captureRoutes = ({ demoSecret, journal, now }: CaptureRouteDeps): FastifyPluginAsync => async (app) => {
  if (demoSecret === undefined) return await unconfiguredHook(ROUTE, 'DEMO_SECRET', now)(app, {})
  const secrets = new SecretSet([demoSecret])
  const bucket = createTokenBucket({ ...RATE, now })

  // Functions say that it is JSON, or that it is text, or nothing at all.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_LIMIT }, app.getDefaultJsonParser('remove', 'remove'))

  app.post(ROUTE, {
    schema: { summary: 'Show what a function outside has done', tags: ['events'], hide: true },
    onRequest: async (request, reply) => {
      if (!secrets.has(presentedIn(request))) throw new RequestError('unauthorized')
      if (!bucket.take()) return sendProblem(reply, 'too_many_events', { retryAfter: RETRY_AFTER })
    }
  }, async (request, reply) => {
    const { body } = request
    // Without any body nothing was parsed.
    if (body === undefined) throw new RequestError('invalid_json')
    const at = now()
    setImmediate(() => {
      try {
        journal.note(captureOf(body, at))
      } catch (error) {
        request.log.error({ err: error }, 'capture.failed')
      }
    })
    return reply.code(202).send({})
  })
}

const presentedIn = ({ headers }: FastifyRequest): string => {
  const presented = headers['x-demo-secret']
  return typeof presented === 'string' ? presented : ''
}
