import type { FastifyInstance } from 'fastify'
import { Deadline } from '../domain/deadline.ts'
import type { Sql } from '../store/sql.ts'

export interface HealthDeps {
  readonly sql: Sql
  readonly isDraining: () => boolean
}

/** Milliseconds that the store has to answer. */
const STORE_BUDGET = 1000

/** `GET /livez`: the process works. `GET /readyz`: messages may be sent here. */
export const addHealth = (app: FastifyInstance, { sql, isDraining }: HealthDeps): void => {
  app.get('/livez', { schema: { hide: true } }, async () => ({ status: 'ok' }))

  app.get('/readyz', { schema: { hide: true } }, async (_request, reply) => {
    const storeAnswers = await Deadline.in(STORE_BUDGET).bound(sql.check()).then(() => true, () => false)
    const status = isDraining() ? 'draining' : storeAnswers ? 'ready' : 'store_unavailable'
    return reply.code(status === 'ready' ? 200 : 503).header('cache-control', 'no-store').send({ status })
  })
}
