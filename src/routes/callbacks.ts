import formBody from '@fastify/formbody'
import type { FastifyPluginAsync } from 'fastify'
import type { Track } from '../delivery/track.ts'
import type { Unfinished } from '../delivery/unfinished.ts'
import { RequestError } from '../domain/errors.ts'
import type { Bus } from '../observability/bus.ts'
import type { CallbackReader, CallbackRequest } from '../providers/provider.ts'
import { countIgnored } from './ignored.ts'

export interface CallbackRouteDeps {
  /** The vendor's name, as it stands in the route. */
  readonly vendor: string
  /** What an operator should look at where the signature does not hold. */
  readonly hint: string
  readonly reader: CallbackReader
  readonly track: Track
  readonly unfinished: Unfinished
  readonly bus: Bus
}

const BODY_LIMIT = 64 * 1024

/** `/events/<vendor>/message` and `/events/<vendor>/call`: signed forms that tell what became of a message or of a call. */
export const callbackRoutes = ({ vendor, hint, reader, track, unfinished, bus }: CallbackRouteDeps): FastifyPluginAsync => async (app) => {
  app.removeAllContentTypeParsers()
  await app.register(formBody, { bodyLimit: BODY_LIMIT })

  for (const about of ['message', 'call'] as const) {
    app.post(`/events/${vendor}/${about}`, { schema: { hide: true } }, async ({ headers, url, body }, reply) => {
      const search = url.includes('?') ? url.slice(url.indexOf('?')) : ''
      const received = reader.read({ about, headers, search, form: (body ?? {}) as CallbackRequest['form'] })
      if (received.kind === 'forged') {
        bus.emit({ type: 'callback.forged', vendor, hint })
        throw new RequestError('signature_invalid')
      }
      countIgnored(bus, vendor, received.ignored)
      const tracked = track(vendor, received.signals)
      if (received.reply === undefined) {
        await tracked
        return reply.code(204).send()
      }
      // A person is on the line: what they hear does not wait for what can be written down.
      tracked.catch(() => unfinished.settle('recording a call', () => track(vendor, received.signals)))
      return reply.type('text/xml; charset=utf-8').header('cache-control', 'no-store').send(received.reply.reveal())
    })
  }
}
