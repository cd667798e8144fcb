import type { FastifyInstance } from 'fastify'
import { Type } from 'typebox'
import { RequestError } from '../domain/errors.ts'
import { ID_PATTERN } from '../domain/identifier.ts'
import type { Reason } from '../domain/reason.ts'
import type { Bus } from '../observability/bus.ts'
import type { AttemptRecord, Deliveries, DeliveryRecord } from '../store/deliveries.ts'
import type { Authorization } from './authorization.ts'

export interface DeliveryRouteDeps {
  readonly authorization: Authorization
  readonly deliveries: Deliveries
  /** What an operator can do about a provider's code for a failure, where something is known. */
  readonly hintOf: (provider: string, vendorCode: string, country: string | undefined) => string | undefined
  readonly bus: Bus
}

const Params = Type.Object({ id: Type.String() })

/**
 * `GET /deliveries/:id`: what became of a message. `POST /deliveries/:id/used`: its code was used. The admin sees all, a
 * caller its own; for others there is nothing.
 */
export const addDeliveries = (app: FastifyInstance, { authorization, deliveries, hintOf, bus }: DeliveryRouteDeps): void => {
  app.get<{ Params: { id: string } }>('/deliveries/:id', {
    schema: { summary: 'What became of a message', tags: ['deliveries'], security: [{ secret: [] }], params: Params }
  }, async (request, reply) => {
    const { authorization: header } = request.headers
    const caller = authorization.callerOf(header)
    const maySee = (delivery: DeliveryRecord): boolean => delivery.caller === caller || authorization.isAdmin(header)
    const delivery = ID_PATTERN.test(request.params.id) ? await deliveries.find(request.params.id) : undefined
    if (delivery === undefined || !maySee(delivery)) throw new RequestError('not_found')
    return reply.header('cache-control', 'no-store').send(toReply(delivery, hintOf))
  })

  app.register(async (scope) => {
    // The route takes no body; many clients say that they send one all the same.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, _body, done) => { done(null) })
    scope.post<{ Params: { id: string } }>('/deliveries/:id/used', {
      schema: { summary: 'Tell that the code of a message was used', tags: ['deliveries'], security: [{ secret: [] }], params: Params, response: { 204: Type.Null() } }
    }, async ({ params: { id }, headers: { authorization: header } }, reply) => {
      const caller = authorization.callerOf(header)
      const mayTell = caller !== undefined || authorization.isAdmin(header)
      const noted = mayTell && ID_PATTERN.test(id) ? await deliveries.markUsed(id, authorization.isAdmin(header) ? undefined : caller) : 'none'
      if (noted === 'none') throw new RequestError('not_found')
      if (noted === 'first') bus.emit({ type: 'delivery.used', delivery: id })
      return reply.code(204).send()
    })
  })
}

const moment = (milliseconds: number | undefined): string | undefined =>
  milliseconds === undefined ? undefined : new Date(milliseconds).toISOString()

const toReply = (delivery: DeliveryRecord, hintOf: DeliveryRouteDeps['hintOf']): object => ({
  id: delivery.id,
  status: delivery.status,
  reason: delivery.reason,
  channel: delivery.channel,
  provider: (delivery.attempts.findLast(({ status }) => status === delivery.status) ?? delivery.attempts.at(-1))?.provider,
  number: delivery.number,
  route: delivery.route,
  plan: delivery.plan,
  createdAt: moment(delivery.createdAt),
  updatedAt: moment(delivery.updatedAt),
  expiresAt: moment(delivery.expiresAt),
  usedAt: moment(delivery.usedAt),
  decisions: delivery.decisions.map(({ rule, mode, at }) => ({ rule, mode, at: moment(at) })),
  attempts: delivery.attempts.map((attempt) => toAttempt(attempt, delivery.country, hintOf)),
  timeline: timelineOf(delivery)
})

const toAttempt = (
  { id, provider, channel, status, reason, vendorCode, reference, transaction, milliseconds, startedAt, finishedAt }: AttemptRecord,
  country: string | undefined,
  hintOf: DeliveryRouteDeps['hintOf']
): object => ({
  id,
  provider,
  channel,
  status,
  reason,
  vendorCode,
  hint: vendorCode && hintOf(provider, vendorCode, country),
  reference,
  transaction,
  milliseconds,
  startedAt: moment(startedAt),
  finishedAt: moment(finishedAt)
})

/** Everything that happened, in order. */
const timelineOf = ({ createdAt, usedAt, attempts }: DeliveryRecord): object[] => {
  const at = (milliseconds: number | undefined, what: string, attempt?: string, reason?: Reason) =>
    milliseconds === undefined ? [] : [{ at: milliseconds, what, attempt, reason }]
  return [
    ...at(createdAt, 'delivery.requested'),
    ...attempts.flatMap(({ id, startedAt, finishedAt, result, events }) => [
      ...at(startedAt, 'attempt.started', id),
      ...at(finishedAt, `attempt.${result}`, id),
      ...events.flatMap((event) => at(event.at, event.what, id, event.reason))
    ]),
    ...at(usedAt, 'code.used')
  ]
    .sort((one, other) => one.at - other.at)
    .map(({ at, ...rest }) => ({ at: moment(at), ...rest }))
}
