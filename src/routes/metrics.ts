import type { FastifyInstance } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import { SecretSet } from '../domain/secret.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import type { Metrics } from '../observability/metrics.ts'
import type { Authorization } from './authorization.ts'

export interface MetricsRouteDeps {
  readonly metrics: Metrics
  readonly authorization: Pick<Authorization, 'isAdmin'>
  /** Opens this route and no other; absent: only the admin secret does. */
  readonly token: SensitiveText | undefined
}

/** `GET /metrics`: what is counted, in the text format of Prometheus, for whoever has its token or the admin secret. */
export const addMetrics = (app: FastifyInstance, { metrics, authorization, token }: MetricsRouteDeps): void => {
  const tokens = new SecretSet(token === undefined ? [] : [token])

  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    const { authorization: header = '' } = request.headers
    // Both are asked, so that the time does not tell which one it was.
    const [isScraper, isAdmin] = [tokens.has(header.replace(/^Bearer +/i, '')), authorization.isAdmin(header)]
    if (!isScraper && !isAdmin) throw new RequestError('unauthorized')
    const { contentType, body } = await metrics.text()
    return reply.header('cache-control', 'no-store').type(contentType).send(body)
  })
}
