import type { FastifyReply } from 'fastify'
import type { Readable } from 'node:stream'
import { endlessDocument, hugeDocument } from './endless.ts'
import type { RequestFault } from './fault-schema.ts'
import type { Pacer } from './pacer.ts'

const HUGE_BODY_BYTES = 50 * 1024 * 1024

type Malformed = NonNullable<RequestFault['malformed']>

const UNUSABLE: Readonly<Record<Malformed, readonly [type: string, body: (pacer: Pacer) => string | Readable]>> = {
  'empty-object': ['application/json', () => '{}'],
  html: ['text/html', () => '<!doctype html><title>Service</title><h1>Service</h1>'],
  'broken-json': ['application/json', () => '{"value":[{"to":'],
  huge: ['application/json', () => hugeDocument(HUGE_BODY_BYTES)],
  endless: ['application/json', endlessDocument]
}

export interface FaultDeps {
  readonly pacer: Pacer
  /** Told when a request will have no reply. */
  readonly withoutReply: (reply: FastifyReply, how: 'dropped' | 'unanswered') => void
  /** What an error says whose body was not scripted. */
  readonly errorBody: (status: number) => unknown
}

/** Plays the scripted faults of requests. Both verbs say whether the reply has been given, or will never be. */
export interface Faults {
  /** What goes wrong before anything was done. */
  before (fault: RequestFault, reply: FastifyReply): Promise<boolean>
  /** What goes wrong once it was done. `status` is the one that a good reply has. */
  after (fault: RequestFault, reply: FastifyReply, status: number): boolean
}

/** Makes the player of faults. */
export const createFaults = ({ pacer, withoutReply, errorBody }: FaultDeps): Faults => {
  const reset = (reply: FastifyReply) => {
    reply.hijack()
    withoutReply(reply, 'dropped')
    reply.raw.req.socket.resetAndDestroy()
  }

  return {
    async before ({ delayMs, drop, hang, httpError }, reply) {
      if (delayMs !== undefined) await pacer.delay(delayMs)
      if (drop === 'before-read') {
        reset(reply)
        return true
      }
      if (hang === true) {
        reply.hijack()
        withoutReply(reply, 'unanswered')
        return true
      }
      if (httpError !== undefined) {
        const { status, headers = {}, body = errorBody(status) } = httpError
        reply.code(status).type('application/json').headers(headers)
          .send(typeof body === 'string' ? body : JSON.stringify(body))
        return true
      }
      return false
    },
    after ({ drop, malformed }, reply, status) {
      if (drop === 'after-accept') {
        reset(reply)
        return true
      }
      if (malformed === undefined) return false
      const [type, body] = UNUSABLE[malformed]
      reply.code(status).type(type).send(body(pacer))
      return true
    }
  }
}
