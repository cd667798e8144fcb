import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { RequestError } from '../domain/errors.ts'
import { ID_PATTERN } from '../domain/identifier.ts'
import type { Deliveries, DeliveryRecord } from '../store/deliveries.ts'
import type { Authorization } from './authorization.ts'

export interface DeliveryRouteDeps {
  readonly authorization: Authorization
  readonly deliveries: Deliveries
}

const Params = Type.Object({ id: Type.String() })

/** `GET /deliveries/:id`: what became of a message. The admin sees all, a caller its own; for others there is nothing. */
export const addDeliveries = (app: FastifyInstance, { authorization, deliveries }: DeliveryRouteDeps): void => {
  app.get<{ Params: { id: string } }>('/deliveries/:id', {
    schema: { summary: 'What became of a message', tags: ['deliveries'], security: [{ secret: [] }], params: Params }
  }, async (request, reply) => {
    const { authorization: header } = request.headers
    const caller = authorization.callerOf(header)
    const maySee = (delivery: DeliveryRecord): boolean => delivery.caller === caller || authorization.isAdmin(header)
    const delivery = ID_PATTERN.test(request.params.id) ? await deliveries.find(request.params.id) : undefined
    if (delivery === undefined || !maySee(delivery)) throw new RequestError('not_found')
    return reply.header('cache-control', 'no-store').send(toReply(delivery))
  })
}

const moment = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()

const toReply = (delivery: DeliveryRecord): object => ({
  id: delivery.id,
  status: delivery.status,
  reason: delivery.reason,
  channel: delivery.channel,
  provider: delivery.attempts.at(-1)?.provider,
  number: delivery.number,
  route: delivery.route,
  createdAt: moment(delivery.createdAt),
  updatedAt: moment(delivery.updatedAt),
  expiresAt: moment(delivery.expiresAt),
  attempts: delivery.attempts.map(({ id, provider, channel, status, reason, vendorCode, startedAt, finishedAt }) => ({
    id, provider, channel, status, reason, vendorCode, startedAt: moment(startedAt), finishedAt: moment(finishedAt)
  })),
  timeline: timelineOf(delivery)
})

/** Everything that happened, in order. */
const timelineOf = (delivery: DeliveryRecord): object[] => {
  const events = delivery.attempts.flatMap((attempt) => [
    { at: attempt.startedAt, what: 'attempt.started', attempt: attempt.id, reason: undefined },
    ...(attempt.finishedAt === undefined ? [] : [{ at: attempt.finishedAt, what: `attempt.${attempt.result}`, attempt: attempt.id, reason: undefined }]),
    ...attempt.events.map((event) => ({ ...event, attempt: attempt.id }))
  ])
  return [{ at: delivery.createdAt, what: 'delivery.requested', attempt: undefined, reason: undefined }, ...events]
    .sort((one, other) => one.at - other.at)
    .map(({ at, ...rest }) => ({ at: moment(at), ...rest }))
}
