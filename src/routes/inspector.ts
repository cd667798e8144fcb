import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import { createHosts } from '../inspector/hosts.ts'
import type { InspectorSessions } from '../inspector/sessions.ts'
import type { Viewers } from '../inspector/viewers.ts'
import type { Authorization } from './authorization.ts'
import { createInspectorGuard, type Entry } from './inspector-guard.ts'
import { inspectorPageRoutes } from './inspector-page.ts'
import { inspectorSessionRoutes } from './inspector-session.ts'
import { SOCKET_ROUTE } from './upgrades.ts'

export interface InspectorRouteDeps {
  readonly sessions: InspectorSessions
  readonly authorization: Pick<Authorization, 'isAdmin'>
  readonly viewers: Pick<Viewers, 'add' | 'endOf' | 'isCrowded'>
  /** Where the outside reaches the gateway. */
  readonly publicUrl: URL | undefined
  /** Further names by which browsers reach it. */
  readonly hosts: readonly string[]
  /** What the page asks, with paths below `/inspector/api`. */
  readonly api: FastifyPluginAsync
}

/** The number of a page, or how many before the newest. */
const PAGE_NUMBER = /^(?:[0-9]{1,15}|-[1-9][0-9]{0,14})$/

/**
 * The inspector: its page and what that is made of, its sessions, its API, and `GET /inspector/socket?after=…`, a WebSocket
 * that tells what happens, from the page after that one on; `after=-300`: the newest 300 pages, and what is new; without a
 * number only what is new.
 */
export const inspectorRoutes = (deps: InspectorRouteDeps): FastifyPluginAsync => async (app) => {
  const { sessions, viewers, api } = deps
  const guard = createInspectorGuard({ ...deps, hosts: createHosts(deps) })
  await app.register(inspectorPageRoutes(guard))
  await app.register(inspectorSessionRoutes({ sessions, guard, viewers }))
  await app.register(async (guarded) => {
    guarded.decorateRequest('entry', undefined)
    guarded.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
      reply.header('cache-control', 'no-store')
      guard.checkSource(request)
      request.entry = guard.entryOf(request)
      return request.entry === undefined ? guard.refuse(reply, request.headers.authorization !== undefined) : undefined
    })

    guarded.route<{ Querystring: { after?: unknown } }>({
      method: 'GET',
      url: SOCKET_ROUTE,
      schema: { hide: true },
      onRequest: async ({ query }) => {
        if (query.after !== undefined && !PAGE_NUMBER.test(String(query.after))) throw new RequestError('bad_request')
        if (viewers.isCrowded()) throw new RequestError('too_many_viewers')
      },
      handler: async () => { throw new RequestError('not_found') },
      wsHandler: (socket, { query: { after }, entry }) => {
        viewers.add(socket, { after: after === undefined ? undefined : Number(after), expires: entry?.session?.expires, session: entry?.session?.id })
      }
    })
    await guarded.register(api, { prefix: '/inspector/api' })
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Who looks on, in the inspector's routes. */
    entry: Entry | undefined
  }
}
