import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import helmet from '@fastify/helmet'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyRequest } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import { replyWithError } from './problem.ts'

export interface HttpAppDeps {
  readonly logger: FastifyBaseLogger
  /** Whether the routes are shown at `/docs`. */
  readonly withDocs: boolean
  readonly isDraining: () => boolean
}

const BODY_LIMIT = 64 * 1024

/** Probes ask every few seconds; nobody wants to read that. */
const PROBES: ReadonlySet<string | undefined> = new Set(['/livez', '/readyz'])

/** What browsers load, and what a page asks again and again while it is open; below whatever path. */
const LOOKS = ['/verify', '/verify/assets/*', '/verify.js', '/verify.mjs', '/verify/session', '/verifications/:id']

/** What vendors tell belongs to messages that are under way, of which every change has a line of its own. */
const isEvents = (route: string | undefined): boolean => route !== undefined && /\/events($|\/)/.test(route)

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
  app.decorateRequest('problem', undefined)
  app.decorateRequest('detail', undefined)
  app.decorateRequest('hint', undefined)
  app.decorateRequest('delivery', undefined)
  await app.register(helmet)
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
    if (isDraining() && !PROBES.has(url) && !isEvents(url)) throw new RequestError('draining')
  })
  app.addHook('onSend', async (_request, reply) => {
    if (isDraining()) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions: { url }, problem, detail, hint, delivery } = request
    const line = { method, route: url, path: url === undefined ? wordsOf(pathOf(request)) : undefined, status: reply.statusCode, ms: Math.round(reply.elapsedTime), problem, detail, hint, delivery }
    // A message has a line of its own; the request's line would only repeat it.
    const isQuiet = PROBES.has(url) || isEvents(url) || isLook(request) || delivery !== undefined
    if (isQuiet && problem === undefined) request.log.debug(line, 'request')
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
