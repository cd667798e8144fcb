import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Static } from 'typebox'
import type { Deliver } from '../delivery/deliver.ts'
import { Deadline } from '../domain/deadline.ts'
import { RequestError } from '../domain/errors.ts'
import type { Channel } from '../domain/message.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Authorization } from './authorization.ts'
import { DirectBody, readDirectBody, type DirectFields } from './direct-body.ts'
import { DirectReplies, replyWithOutcome, whenWritten } from './direct-reply.ts'

export interface DirectRouteDeps {
  readonly authorization: Authorization
  readonly deliver: Deliver
  readonly defaultCountry: string | undefined
  readonly budgetMs: number
}

export interface DirectRoute {
  readonly url: string
  readonly summary: string
  /** Says by which channel the fields are to travel. Throws `RequestError` where they are not enough for it. */
  readonly channelOf: (fields: DirectFields) => Channel
}

/** Registers a route by which a caller sends one message. */
export const addDirectRoute = (
  app: FastifyInstance, { url, summary, channelOf }: DirectRoute, { authorization, deliver, defaultCountry, budgetMs }: DirectRouteDeps
): void => {
  app.post<{ Body: Static<typeof DirectBody> }>(url, {
    schema: { summary, tags: ['messages'], security: [{ secret: [] }], body: DirectBody, response: DirectReplies },
    // The secret is checked before the body is read.
    onRequest: async (request) => { request.caller = requireCaller(authorization, request) }
  }, async (request, reply) => {
    const deadline = Deadline.in(budgetMs)
    const fields = readDirectBody(request.body)
    const channel = channelOf(fields)
    const message = {
      caller: request.caller,
      route: url,
      channel,
      to: readNumber(fields.number, defaultCountry),
      text: fields.text === undefined || channel !== 'sms' ? undefined : new SensitiveText(fields.text),
      code: fields.code,
      locale: fields.locale,
      idempotencyKey: readIdempotencyKey(request)
    }
    const { outcome, answered } = await deliver(message, deadline)
    whenWritten(request, reply, answered)
    return replyWithOutcome(reply, outcome)
  })
}

const requireCaller = (authorization: Authorization, request: FastifyRequest): string => {
  const caller = authorization.callerOf(request.headers.authorization)
  if (caller === undefined) throw new RequestError('unauthorized')
  return caller
}

const readNumber = (text: string, defaultCountry: string | undefined): PhoneNumber => {
  const number = PhoneNumber.parse(text, defaultCountry)
  if (number instanceof PhoneNumber) return number
  throw new RequestError(number === 'impossible' ? 'number_impossible' : 'number_needs_country')
}

const readIdempotencyKey = ({ headers }: FastifyRequest): SensitiveText | undefined => {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key)) throw new RequestError('idempotency_key_invalid')
  return new SensitiveText(key)
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the caller whose secret came with the request; empty where none is asked for. */
    caller: string
  }
}
