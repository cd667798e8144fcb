import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { NoteLogins } from '../delivery/logins.ts'
import type { LoginTeller } from '../dialects/logins/login.ts'
import { Deadline } from '../domain/deadline.ts'
import { RequestError } from '../domain/errors.ts'
import { EventsUnavailable } from '../providers/provider.ts'
import { replyWithError, type HandlerError } from './problem.ts'

export interface LoginRoutesDeps {
  readonly tellers: readonly LoginTeller[]
  readonly noteLogins: NoteLogins
}

/** Some hundred logs at once. */
const BODY_LIMIT = 1024 * 1024

/**
 * Where identity providers tell of logins with codes that they have made. What is understood is answered with an empty 200, also
 * where no message belongs to it; where it cannot be noted down right now 503 asks to be told again.
 */
export const loginRoutes = ({ tellers, noteLogins }: LoginRoutesDeps): FastifyPluginAsync => async (app) => {
  // Lines of JSON have no media type that everybody agrees on.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string', bodyLimit: BODY_LIMIT }, (_request, body, done) => { done(null, body) })

  app.setErrorHandler((error: HandlerError, request, reply) => {
    const isTheirs = error instanceof RequestError || (error.statusCode !== undefined && error.statusCode < 500)
    return replyWithError(isTheirs ? error : new EventsUnavailable({ cause: error }), request, reply)
  })

  for (const teller of tellers) addTeller(app, teller, noteLogins)
}

const addTeller = (app: FastifyInstance, { hook, route, summary, budgetMs, verify, ...teller }: LoginTeller, noteLogins: NoteLogins): void => {
  if (verify !== undefined) {
    app.get(route, { schema: { hide: true } }, async ({ headers }, reply) => reply.header('cache-control', 'no-store').send(verify(headers)))
  }
  app.post(route, {
    schema: { summary, tags: ['hooks of identity providers'], security: [{ secret: [] }], hide: app.prefix !== '' },
    onRequest: async (request) => {
      request.deadline = Deadline.in(budgetMs)
      believe(request, teller)
    }
  }, async ({ body, caller, deadline }, reply) => {
    const told = teller.read(typeof body === 'string' ? body : '')
    if (told === undefined) throw new RequestError('invalid_json')
    await noteLogins(told.map((login) => ({ ...login, hook, caller: teller.senderOf(caller) })), deadline)
    return reply.code(200).send()
  })
}

const believe = (request: FastifyRequest, teller: Pick<LoginTeller, 'examine'>): void => {
  const belief = teller.examine(request.headers)
  if ('caller' in belief) request.caller = belief.caller
  else {
    request.hint = belief.doubt
    throw new RequestError('unauthorized')
  }
}
