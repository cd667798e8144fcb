import type { FastifyInstance, FastifyPluginAsync, FastifyReply } from 'fastify'
import type { Static } from 'typebox'
import { RequestError } from '../domain/errors.ts'
import type { Answered, Asker, VerificationService, View } from '../verification/service.ts'
import type { Sessions } from '../verification/session.ts'
import type { Authorization } from './authorization.ts'
import { readEnteredCode } from './entered-code.ts'
import { sendProblem } from './problem.ts'
import { readStart } from './start-body.ts'
import { basePathOf, bearerOf, verificationReply } from './verification-reply.ts'
import { CheckBody, CheckedBody, IdParams, ResendBody, StartBody, VerificationBody, type StartFields } from './verification-schemas.ts'

export interface VerificationRouteDeps {
  readonly service: VerificationService
  readonly authorization: Pick<Authorization, 'callerOf'>
  readonly sessions: Pick<Sessions, 'open'>
  readonly defaultCountry: string | undefined
  /** Where the outside reaches the gateway, and below which path. */
  readonly publicUrl: URL | undefined
}

interface OfOne {
  readonly Params: Static<typeof IdParams>
}

/** A number and a few words, in bytes. */
const BODY_LIMIT = 4096

const TAGS = ['verifications']

/** The API of codes of our own: start, look, check, send again, cancel. For apps by their secret, for browsers by their session. */
export const verificationRoutes = ({ service, authorization, sessions, defaultCountry, publicUrl }: VerificationRouteDeps): FastifyPluginAsync => async (app) => {
  const base = basePathOf(publicUrl)
  takeJson(app)
  app.decorateRequest('asker')
  // The body is not read for somebody who is not known.
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    request.asker = askerOf(request.headers.authorization, { authorization, sessions })
  })
  const told = { tags: TAGS, security: [{ secret: [] }], hide: app.prefix !== '' }
  const ofOne = { ...told, params: IdParams }
  const show = (reply: FastifyReply, status: number, answered: Answered<View>): FastifyReply =>
    answered.kind === 'refused' ? refuse(reply, answered) : reply.code(status).send(verificationReply(answered.value, base))

  app.post<{ Body: StartFields }>('/verifications', {
    schema: { ...told, summary: 'Send a code of our own', body: StartBody, response: { 202: VerificationBody } }
  }, async ({ body, asker }, reply) => {
    const answered = await service.start(readStart(body, asker, defaultCountry), asker)
    if (answered.kind === 'done') reply.header('location', `${base}/verifications/${answered.value.id}`)
    return show(reply, 202, answered)
  })

  app.get<OfOne>('/verifications/:id', {
    schema: { ...ofOne, summary: 'How a verification stands', response: { 200: VerificationBody } }
  }, async ({ params: { id }, asker }, reply) => show(reply, 200, await service.find(id, asker)))

  app.post<OfOne & { Body: Static<typeof CheckBody> }>('/verifications/:id/check', {
    schema: { ...ofOne, summary: 'Check the code that was entered', body: CheckBody, response: { 200: CheckedBody } }
  }, async ({ params: { id }, body, asker }, reply) => {
    const answered = await service.check(id, readEnteredCode(body.code), asker)
    return answered.kind === 'refused' ? refuse(reply, answered) : reply.send(answered.value)
  })

  app.post<OfOne & { Body: Static<typeof ResendBody> }>('/verifications/:id/resend', {
    schema: { ...ofOne, summary: 'Send the same code once more', body: ResendBody, response: { 202: VerificationBody } }
  }, async ({ params: { id }, body, asker }, reply) => show(reply, 202, await service.resend(id, body?.channel, asker)))

  app.delete<OfOne>('/verifications/:id', {
    schema: { ...ofOne, summary: 'Cancel a verification', response: { 200: VerificationBody } }
  }, async ({ params: { id }, asker }, reply) => show(reply, 200, await service.cancel(id, asker)))
}

/** Takes JSON, and nothing at all where a client says that it sends JSON and sends nothing. */
const takeJson = (app: FastifyInstance): void => {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit: BODY_LIMIT }, (request, text, done) => {
    if (text === '') done(null, undefined)
    else parse(request, text as string, done)
  })
}

/** A secret comes first: what opens the hooks opens this. */
const askerOf = (header: string | undefined, { authorization, sessions }: Pick<VerificationRouteDeps, 'authorization' | 'sessions'>): Asker => {
  const caller = authorization.callerOf(header)
  if (caller !== undefined) return { kind: 'caller', caller }
  const session = sessions.open(bearerOf(header))
  if (session === undefined) throw new RequestError('unauthorized')
  return { kind: 'session', session }
}

const refuse = (reply: FastifyReply, { code, retryAfter }: Extract<Answered<unknown>, { kind: 'refused' }>): FastifyReply =>
  sendProblem(reply, code, { retryAfter: retryAfter === undefined ? undefined : Math.max(1, Math.ceil(retryAfter / 1000)) })

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks for a verification. */
    asker: Asker
  }
}
