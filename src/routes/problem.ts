import type { FastifyError, FastifyReply, FastifyRequest, FastifySchemaValidationError } from 'fastify'
import { DeadlinePassed } from '../domain/deadline.ts'
import { ERRORS, RequestError, type ErrorCode } from '../domain/errors.ts'
import { EventsUnavailable } from '../providers/provider.ts'
import { StoreUnavailable } from '../store/sql.ts'

/** What may be told besides the fixed words: where in the body it went wrong, and which delivery it is about. */
export interface ProblemExtras {
  readonly detail?: string | undefined
  readonly id?: string | undefined
  /** In how many seconds the same might be taken; told by the header `Retry-After` as well. */
  readonly retryAfter?: number | undefined
}

/** Replies with a failure of the table, as `application/problem+json` (RFC 9457). */
export const sendProblem = (reply: FastifyReply, code: ErrorCode, { detail, id, retryAfter }: ProblemExtras = {}): FastifyReply => {
  const { status, title } = ERRORS[code]
  reply.request.problem = code
  reply.request.detail = detail
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  return reply.code(status).type('application/problem+json').send(
    JSON.stringify({ type: 'about:blank', title, status, code, detail, id, retryAfter, requestId: reply.request.id }))
}

/** Fastify's own refusals, in the words of our table. */
const CODE_OF_FASTIFY: ReadonlyMap<string, ErrorCode> = new Map([
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'unsupported_media_type'],
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'body_too_large'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'invalid_json'],
  ['FST_ERR_MAX_PARAM_LENGTH', 'not_found'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'invalid_json']
])

/** Whatever a handler may throw: an error of ours, of Fastify's, or any other. */
export type HandlerError = Error & Partial<FastifyError>

const codeOf = (error: HandlerError): ErrorCode => {
  if (error instanceof RequestError) return error.code
  if (error instanceof StoreUnavailable || error instanceof DeadlinePassed) return 'store_unavailable'
  if (error instanceof EventsUnavailable) return 'events_unavailable'
  if (error.validation !== undefined) return 'invalid_body'
  if (error instanceof SyntaxError) return 'invalid_json'
  const { code = '', statusCode = 500 } = error
  return CODE_OF_FASTIFY.get(code) ?? (statusCode >= 400 && statusCode < 500 ? 'bad_request' : 'internal')
}

/** Where the body went wrong and what was expected there; names of fields and types only, never a value. */
const detailOf = (error: HandlerError): string | undefined => {
  if (error instanceof RequestError) return error.detail
  const [first, ...others] = error.validation ?? []
  if (first === undefined) return undefined
  // Where a field may have one of several types, each of them has its own complaint.
  const alternatives = others.filter(({ instancePath, keyword }) => instancePath === first.instancePath && keyword === 'type')
  const expected = [first, ...alternatives].map(wordsOf).join(' or ')
  return `${first.instancePath === '' ? 'The body' : first.instancePath} ${expected}`.slice(0, 200)
}

/** The words of a schema, which are ours; of the request's no more than the name of a field that is not known. */
const wordsOf = ({ keyword, message, params }: FastifySchemaValidationError): string | undefined => {
  if (keyword === 'enum') return `must be one of ${(params.allowedValues as string[]).join(', ')}`
  if (keyword === 'pattern') return 'must have the right form'
  if (keyword === 'additionalProperties') return `must have no ${unknownField(params.additionalProperty as string)}`
  return message
}

/** What does not look like the name of a field may be anything, such as a number. */
const unknownField = (name: string): string => /^[A-Za-z]{1,32}$/.test(name) ? `field ${name}` : 'field that is not known here'

/** What may be told of whatever a handler threw. */
export const failureOf = (error: HandlerError): { readonly code: ErrorCode, readonly detail: string | undefined } =>
  ({ code: codeOf(error), detail: detailOf(error) })

/** Logs an error with its cause, where it tells of a fault of ours. */
export const logFault = (error: HandlerError, code: ErrorCode, request: FastifyRequest): void => {
  if (ERRORS[code].status >= 500 && code !== 'draining') request.log.error({ err: error }, 'request.failed')
}

/** Turns whatever a handler threw into a reply. Faults of ours are logged with their cause; the caller hears fixed words. */
export const replyWithError = (error: HandlerError, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const { code, detail } = failureOf(error)
  logFault(error, code, request)
  return sendProblem(reply, code, { detail })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the failure that the request was answered with, for its log line. */
    problem: ErrorCode | undefined
    /** Which field it was about, or the like: fixed words that the caller may have been told too, for its log line. */
    detail: string | undefined
    /** What to look at, for its log line alone. */
    hint: string | undefined
    /** The delivery that the request began or repeated, for its log line. */
    delivery: string | undefined
  }
}
