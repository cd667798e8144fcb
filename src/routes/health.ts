import type { FastifyInstance } from 'fastify'
import type { CircuitState } from '../delivery/circuits.ts'
import { Deadline } from '../domain/deadline.ts'
import type { Sql } from '../store/sql.ts'
import type { Authorization } from './authorization.ts'

export interface HealthDeps {
  readonly sql: Sql
  readonly authorization: Authorization
  readonly circuitStates: () => readonly CircuitState[]
  readonly isDraining: () => boolean
}

/** Milliseconds that the store has to answer. */
const STORE_BUDGET = 1000

/** `GET /livez`: the process works. `GET /readyz`: messages may be sent here; the admin is told of each provider. */
export const addHealth = (app: FastifyInstance, { sql, authorization, circuitStates, isDraining }: HealthDeps): void => {
  app.get('/livez', { schema: { hide: true } }, async () => ({ status: 'ok' }))

  app.get('/readyz', { schema: { hide: true } }, async (request, reply) => {
    const storeAnswers = await Deadline.in(STORE_BUDGET).bound(sql.check()).then(() => true, () => false)
    const status = isDraining() ? 'draining' : storeAnswers ? 'ready' : 'store_unavailable'
    const detail = authorization.isAdmin(request.headers.authorization) ? { providers: circuitStates().map(toDetail) } : {}
    return reply.code(status === 'ready' ? 200 : 503).header('cache-control', 'no-store').send({ status, ...detail })
  })
}

const toDetail = ({ retryAt, ...state }: CircuitState): object =>
  ({ ...state, retryAt: retryAt === undefined ? undefined : new Date(retryAt).toISOString() })
