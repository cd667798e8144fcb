import type { FastifyPluginAsync } from 'fastify'
import { Type, type Static } from 'typebox'
import { SESSION_MS, type InspectorSessions } from '../inspector/sessions.ts'
import type { Viewers } from '../inspector/viewers.ts'
import { COOKIE, type InspectorGuard } from './inspector-guard.ts'

export interface InspectorSessionDeps {
  readonly sessions: InspectorSessions
  readonly guard: InspectorGuard
  readonly viewers: Pick<Viewers, 'endOf'>
}

const BODY_LIMIT = 4 * 1024

const Body = Type.Union([
  Type.Object({ secret: Type.String({ maxLength: 1024 }) }, { additionalProperties: false }),
  Type.Object({ link: Type.String({ maxLength: 256 }) }, { additionalProperties: false })
])

/**
 * `POST /inspector/session`: a cookie for the admin secret, or for a link that opens once. `DELETE`: it is gone, and with
 * it the session and its views. `GET`: whether the browser has one; it keeps its own from pages to which another site leads,
 * and sends it with what they ask.
 */
export const inspectorSessionRoutes = ({ sessions, guard, viewers }: InspectorSessionDeps): FastifyPluginAsync => async (app) => {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    guard.checkSource(request)
  })

  app.post<{ Body: Static<typeof Body> }>('/inspector/session', { bodyLimit: BODY_LIMIT, schema: { body: Body, hide: true } }, async ({ body, headers: { origin } }, reply) => {
    const token = 'secret' in body ? sessions.signIn(body.secret) : sessions.byLink(body.link)
    if (token === undefined) return guard.refuse(reply, true)
    return await reply.header('set-cookie', cookie(token, SESSION_MS / 1000, origin)).code(204).send()
  })

  app.get('/inspector/session', { schema: { hide: true } }, async (request, reply) => {
    if (guard.entryOf(request) === undefined) return guard.refuse(reply, request.headers.authorization !== undefined)
    return await reply.code(204).send()
  })

  app.delete('/inspector/session', { schema: { hide: true } }, async (request, reply) => {
    guard.entryOf(request)
    for (const session of guard.sessionsOf(request)) {
      sessions.end(session)
      viewers.endOf(session.id)
    }
    return await reply.header('set-cookie', cookie('', 0, request.headers.origin)).code(204).send()
  })
}

/**
 * It has no `Path`: browsers then take that of `/inspector/session` up to the last slash, as they see it, whatever a proxy puts
 * before it or takes away. By what scheme the page came they say in `Origin`, which a proxy leaves alone.
 */
const cookie = (token: string, seconds: number, origin = ''): string =>
  [`${COOKIE}=${token}`, `Max-Age=${seconds}`, 'HttpOnly', 'SameSite=Strict', ...origin.startsWith('https:') ? ['Secure'] : []].join('; ')
