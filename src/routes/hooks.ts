import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Deliver } from '../delivery/deliver.ts'
import { answerOf } from '../dialects/answer.ts'
import type { Answer, Authentication, Belief, BodyFormat, Dialect } from '../dialects/dialect.ts'
import { toMessage, type MessageContext } from '../dialects/to-message.ts'
import { Deadline } from '../domain/deadline.ts'
import { RequestError } from '../domain/errors.ts'
import type { ObserveHook, WatchedHook } from './observe-hook.ts'
import { failureOf, logFault, sendProblem, type HandlerError } from './problem.ts'

export interface HookRouteDeps {
  readonly dialect: Dialect
  /** The most milliseconds in which a request is answered; a dialect may have less. */
  readonly budgetMs: number
  readonly deliver: Deliver
  readonly observe: ObserveHook
  readonly textChannels: MessageContext['textChannels']
  readonly defaultLocale: string | undefined
}

const MEDIA_TYPES: Readonly<Record<BodyFormat, string>> = { json: 'application/json', form: 'application/x-www-form-urlencoded' }

/** The route of one dialect: authenticates, reads, delivers, and answers everything in the dialect's own words. */
export const hookRoute = ({ dialect, budgetMs, deliver, observe, textChannels, defaultLocale }: HookRouteDeps): FastifyPluginAsync => async (app) => {
  const { route, authentication } = dialect
  takeBytes(app, dialect)

  app.setErrorHandler((error: HandlerError, request, reply) => {
    const failure = failureOf(error)
    logFault(error, failure.code, request)
    return send(dialect, { kind: 'failure', ...failure }, reply)
  })

  app.post(route, {
    // Below the path of PUBLIC_URL it is the same route again.
    schema: { summary: dialect.summary, tags: [groupOf(route)], security: SECURITY[authentication.by], body: dialect.body, response: dialect.replies, hide: app.prefix !== '' },
    onRequest: async (request) => {
      request.deadline = Deadline.in(Math.min(dialect.budgetMs, budgetMs))
      request.watched = observe(dialect.name, request)
      // Where the body has no say in it, it is not read for somebody who is not known.
      if (authentication.by === 'headers') believe(request, await authentication.examine(request.headers))
    },
    preValidation: async (request) => {
      request.bytes = request.body instanceof Buffer ? request.body : NO_BYTES
      if (authentication.by === 'body') believe(request, authentication.examine({ headers: request.headers, body: request.bytes }))
      request.body = await parse(app, request)
    },
    // Absent where the process takes no requests any more.
    onResponse: async (request, reply) => { request.watched?.answered(reply) }
  }, async (request, reply) => {
    const asked = dialect.read(request.body, { headers: request.headers, body: request.bytes })
    const watched = request.watched as WatchedHook
    const message = toMessage(asked, { hook: dialect.name, route, caller: request.caller, textChannels, defaultLocale, origin: watched.origin })
    watched.asksFor(message)
    const { outcome, answered } = await deliver(message, request.deadline)
    whenWritten(request, reply, answered)
    return send(dialect, answerOf(outcome), reply)
  })
}

/** Anybody may ask, so that this is not logged more often, in milliseconds. */
const LOG_AGAIN = 60_000

/** A hook whose settings are missing: says so to whoever has pointed an identity provider at it. */
export const unconfiguredHook = (route: string, setting: string, now: () => number): FastifyPluginAsync => async (app) => {
  let logAgainAt = -Infinity
  app.post(route, {
    schema: { hide: true },
    onRequest: async (request) => {
      request.hint = `set ${setting}`
      if (now() >= logAgainAt) {
        logAgainAt = now() + LOG_AGAIN
        request.log.warn({ route, hint: `set ${setting}` }, 'hook.not-configured')
      }
      throw new RequestError('hook_not_configured')
    }
  }, async () => {})
}

/** By which the list of routes is divided. */
const groupOf = (route: string): string => route.startsWith('/hooks/') ? 'hooks of identity providers' : 'messages'

/** A signature is nothing that the page for trying routes could make. */
const SECURITY: Readonly<Record<Authentication['by'], Array<Record<string, string[]>>>> = { headers: [{ secret: [] }], body: [] }

const NO_BYTES = Buffer.alloc(0)

/** Signatures are made over bytes: nothing is parsed before they are checked. */
const takeBytes = (app: FastifyInstance, { formats, bodyLimit }: Dialect): void => {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(formats.map((format) => MEDIA_TYPES[format]), { parseAs: 'buffer', bodyLimit }, (_request, body, done) => { done(null, body) })
}

const believe = (request: FastifyRequest, belief: Belief): void => {
  if ('caller' in belief) request.caller = belief.caller
  else {
    request.hint = belief.doubt
    throw new RequestError('unauthorized')
  }
}

/** Reads the bytes as what they are said to be; what they hold is checked against the dialect's shape afterwards. */
const parse = async (app: FastifyInstance, request: FastifyRequest): Promise<unknown> => {
  const text = request.bytes.toString('utf8')
  if (request.headers['content-type']?.toLowerCase().startsWith(MEDIA_TYPES.form) === true) return Object.fromEntries(new URLSearchParams(text))
  if (text.trim() === '') throw new RequestError('invalid_json')
  // A name that could poison an object is refused, as everywhere.
  return await new Promise((resolve, reject) => {
    app.getDefaultJsonParser('error', 'error')(request, text, (error, value) => { error === null ? resolve(value) : reject(error) })
  })
}

const send = (dialect: Dialect, answer: Answer, reply: FastifyReply): FastifyReply => {
  if (answer.id !== undefined) reply.request.delivery = answer.id
  if (answer.kind === 'failure') {
    reply.request.problem = answer.code
    reply.request.detail = answer.detail
  }
  const told = dialect.reply(answer)
  if (told.kind !== 'problem' && told.retryAfter !== undefined) reply.header('retry-after', told.retryAfter)
  switch (told.kind) {
    case 'json':
      reply.request.watched?.replies(told.body)
      return reply.code(told.status).send(told.body)
    case 'text':
      reply.request.watched?.replies(told.body)
      return reply.code(told.status).type('text/plain; charset=utf-8').send(told.body)
    case 'problem': return sendProblem(reply, told.failure.code, told.failure)
  }
}

/** Does something once the reply has been written in full to a connection that was still there. */
const whenWritten = (request: FastifyRequest, reply: FastifyReply, then: () => Promise<void>): void => {
  // Where the caller has hung up, a reply never finishes.
  reply.raw.once('finish', () => {
    then().catch((error: unknown) => { request.log.error({ err: error }, 'answer.not-recorded') })
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The name of the caller whose secret came with the request; empty where none is asked for. */
    caller: string
    /** By when a hook is to be answered. */
    deadline: Deadline
    /** The body's bytes exactly as they came. */
    bytes: Buffer
    /** Who looks on while it is answered. */
    watched: WatchedHook | undefined
  }
}
