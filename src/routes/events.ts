import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify'
import type { Track } from '../delivery/track.ts'
import { RequestError } from '../domain/errors.ts'
import type { Bus } from '../observability/bus.ts'
import { EventsUnavailable, type EventReader } from '../providers/provider.ts'
import { countIgnored } from './ignored.ts'
import { replyWithError, type HandlerError } from './problem.ts'

export interface EventRouteDeps {
  /** The name of the vendor whose events these are, for the record. */
  readonly vendor: string
  readonly reader: EventReader
  readonly track: Track
  readonly bus: Bus
}

/** An event may have 1 MiB, and so may a batch; and there is an envelope around it. */
const BODY_LIMIT = 2 * 1024 * 1024

const EVENT_GRID_ORIGIN = 'eventgrid.azure.net'

/** `/events`: what Azure tells of messages and calls, in each of its three forms. */
export const eventRoutes = ({ vendor, reader, track, bus }: EventRouteDeps): FastifyPluginAsync => async (app) => {
  takeCloudEvents(app)

  // Event Grid never sends again what was answered with 4xx. Whatever goes wrong on our side must therefore be 503.
  app.setErrorHandler((error: HandlerError, request, reply) => {
    const isTheirs = error instanceof RequestError || (error.statusCode !== undefined && error.statusCode < 500)
    return replyWithError(isTheirs ? error : new EventsUnavailable({ cause: error }), request, reply)
  })

  app.post('/events', { bodyLimit: BODY_LIMIT, schema: { hide: true } }, async (request, reply) => {
    const received = await reader.read({ headers: request.headers, query: request.query as Record<string, unknown>, body: request.body })
    switch (received.kind) {
      case 'unauthorized': throw new RequestError('unauthorized')
      case 'handshake': return reply.send(received.reply)
      case 'signals':
        countIgnored(bus, vendor, received.ignored)
        await track(vendor, received.signals)
        return reply.send({ received: received.signals.length, ignored: received.ignored.length })
    }
  })

  // The handshake of CloudEvents comes without a credential; it changes nothing and lets nothing in.
  app.options('/events', { schema: { hide: true } }, async (request, reply) => {
    if (originOf(request) !== EVENT_GRID_ORIGIN) throw new RequestError('forbidden')
    return reply
      .header('webhook-allowed-origin', EVENT_GRID_ORIGIN)
      .header('webhook-allowed-rate', '*')
      .header('allow', 'POST')
      .send()
  })
}

const originOf = ({ headers }: FastifyRequest): unknown => headers['webhook-request-origin']

/**
 * CloudEvents have media types of their own; the bodies are JSON. A name that could poison an object is left out: one odd
 * item must not lose its batch.
 */
const takeCloudEvents = (app: FastifyInstance): void => {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser(
    ['application/json', 'application/cloudevents+json', 'application/cloudevents-batch+json'],
    { parseAs: 'string', bodyLimit: BODY_LIMIT },
    app.getDefaultJsonParser('remove', 'remove'))
}
