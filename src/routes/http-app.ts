import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import helmet from '@fastify/helmet'
import websocket from '@fastify/websocket'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import { replyWithError } from './problem.ts'
import { SOCKET_ROUTE, upgradesOf } from './upgrades.ts'

export interface HttpAppDeps {
  readonly logger: FastifyBaseLogger
  /** Whether the routes are shown at `/docs`. */
  readonly withDocs: boolean
  readonly isDraining: () => boolean
}

const BODY_LIMIT = 64 * 1024

/** Who looks on has nothing to say. */
const SOCKET_LIMIT = 1024

/** Probes and scrapers ask every few seconds, to the end; nobody wants to read that. */
const PROBES: ReadonlySet<string | undefined> = new Set(['/livez', '/readyz', '/metrics'])

/** What browsers load, and what a page asks again and again while it is open; below whatever path. */
const LOOKS = [
  '/verify', '/verify/assets/*', '/verify.js', '/verify.mjs', '/verify/session', '/verifications/:id',
  '/inspector', '/inspector/assets/*', '/inspector/session', SOCKET_ROUTE,
  '/inspector/api/state', '/inspector/api/statistics', '/inspector/api/deliveries/:id'
]

/** What vendors and identity providers tell belongs to messages that are under way, of which every change has a line of its own. */
const isEvents = (route: string | undefined): boolean => route !== undefined && /\/(?:events|hooks\/auth0\/logs)($|\/)/.test(route)

const isLook = ({ method, routeOptions: { url } }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') && LOOKS.some((route) => url?.endsWith(route))

/** The HTTP side without its routes: limits, headers, errors, one log line a request. */
export const createHttpApp = async ({ logger, withDocs, isDraining }: HttpAppDeps): Promise<FastifyInstance> => {
  const app = Fastify({
    loggerInstance: logger,
    // Fastify's own lines would show the query, where secrets and sealed codes travel.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT,
    requestTimeout: 30_000,
    routerOptions: { ignoreTrailingSlash: true },
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    // A URL that cannot be read comes back with fixed words like any other failure, and not with itself.
    frameworkErrors: replyWithError,
    clientErrorHandler: refuseUnreadable,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } }
  })
  app.removeContentTypeParser('text/plain')
  app.decorateRequest('caller', '')
  app.decorateRequest('deadline')
  app.decorateRequest('bytes')
  app.decorateRequest('watched')
  app.decorateRequest('problem', undefined)
  app.decorateRequest('detail', undefined)
  app.decorateRequest('hint', undefined)
  app.decorateRequest('delivery', undefined)
  await app.register(helmet)
  await app.register(websocket, {
    // It answers nothing by itself: who asks without reading would have the answers pile up.
    options: { server: upgradesOf(app), maxPayload: SOCKET_LIMIT, autoPong: false },
    // Whoever has the sockets ends them, and says why.
    preClose: (done: () => void) => { done() },
    errorHandler (error, socket, request) {
      request.log.debug({ err: error }, 'socket.failed')
      socket.terminate()
    }
  })
  if (withDocs) await (await import('./docs.ts')).addDocs(app)
  app.setErrorHandler(replyWithError)
  app.setNotFoundHandler((request, reply) => {
    const url = pathOf(request).replace(OWN_ID, '/:id')
    const allowed = METHODS.filter((method) => app.hasRoute({ url, method }))
    if (allowed.length === 0) throw new RequestError('not_found')
    reply.header('allow', allowed.join(', '))
    throw new RequestError('method_not_allowed')
  })
  app.addHook('onRequest', async (request) => {
    const { url } = request.routeOptions
    if (request.ws && !url?.endsWith(SOCKET_ROUTE)) throw new RequestError('not_found')
    if (isDraining() && !PROBES.has(url) && !isEvents(url)) throw new RequestError('draining')
  })
  app.addHook('onSend', async (_request, reply) => {
    if (isDraining()) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions: { url }, problem, detail, hint, delivery } = request
    const line = { method, route: url, path: url === undefined ? wordsOf(pathOf(request)) : undefined, status: reply.statusCode, ms: Math.round(reply.elapsedTime), problem, detail, hint, delivery }
    // A message has a line of its own; the request's line would only repeat it.
    // Who shows wrong secrets without end has ten lines a minute.
    const isQuiet = PROBES.has(url) || isEvents(url) || isLook(request) || delivery !== undefined
    if (problem === undefined ? isQuiet : problem === 'too_many_sign_ins') request.log.debug(line, 'request')
    else request.log.info(line, 'request')
  })
  return app
}

/** Those that some route of ours takes. */
const METHODS = ['GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS']

/** Where an id of ours stands in a path, as routes are declared. */
const OWN_ID = /\/[0-9a-f]{8}-[0-9a-f-]{27}(?=\/|$)/

const pathOf = ({ url }: FastifyRequest): string => url.replace(/\?.*$/s, '').replace(/(.)\/$/s, '$1')

/** A path that leads nowhere, for the log: only where it is words, since it may hold anything. */
const wordsOf = (path: string): string | undefined => /^(?:\/(?:auth0|[a-z-])*){1,8}$/.test(path) && path.length <= 100 ? path : undefined

/** What is no HTTP at all gets the shortest answer that HTTP knows. */
const refuseUnreadable = (_error: Error, socket: Socket): void => {
  if (socket.writable) socket.write('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n')
  socket.destroy()
}
