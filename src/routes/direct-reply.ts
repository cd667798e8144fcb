import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ATTEMPT_STATUSES } from '../domain/delivery-status.ts'
import type { ErrorCode } from '../domain/errors.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Reason } from '../domain/reason.ts'
import { sendProblem } from './problem.ts'

const Status = Type.Union(ATTEMPT_STATUSES.map((status) => Type.Literal(status)))

/** The replies of the direct routes, for the schema. Failures are problems (RFC 9457). */
export const DirectReplies = {
  200: Type.Union([
    Type.Object({ id: Type.String(), status: Type.Literal('accepted'), channel: Type.String(), provider: Type.String() }),
    Type.Object({ id: Type.String(), status: Type.Literal('duplicate'), original: Status })
  ]),
  202: Type.Object({ id: Type.String(), status: Type.Literal('unknown') })
}

/** Tells the caller what came of its message. */
export const replyWithOutcome = (reply: FastifyReply, outcome: Outcome): FastifyReply => {
  if (outcome.kind !== 'key-reused') reply.request.delivery = outcome.id
  switch (outcome.kind) {
    case 'accepted': return reply.send({ id: outcome.id, status: 'accepted', channel: outcome.channel, provider: outcome.provider })
    case 'duplicate': return reply.send({ id: outcome.id, status: 'duplicate', original: outcome.original })
    case 'unknown': return reply.code(202).send({ id: outcome.id, status: 'unknown' })
    case 'key-reused': return sendProblem(reply, 'idempotency_key_reused')
    case 'refused': return sendProblem(reply, 'recipient_refused', { detail: outcome.reason, id: outcome.id })
    case 'failed': return sendProblem(reply, FAULTS.get(outcome.reason) ?? 'provider_failed', { detail: outcome.reason, id: outcome.id })
  }
}

/** Failures that are no provider's fault. */
const FAULTS: ReadonlyMap<Reason, ErrorCode> = new Map([['no_time_left', 'store_unavailable'], ['no_provider', 'no_provider']])

/** Does something once the reply has been written in full to a connection that was still there. */
export const whenWritten = (request: FastifyRequest, reply: FastifyReply, then: () => Promise<void>): void => {
  // Where the caller has hung up, a reply never finishes.
  reply.raw.once('finish', () => {
    then().catch((error: unknown) => { request.log.error({ err: error }, 'answer.not-recorded') })
  })
}
