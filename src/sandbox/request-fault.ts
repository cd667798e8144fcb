import type { FastifyReply } from 'fastify'
import type { RequestFault } from './behaviour.ts'
import type { Pacer } from './pacer.ts'

const HUGE_BODY_BYTES = 8 * 1024 * 1024

const UNUSABLE: Readonly<Record<NonNullable<RequestFault['malformed']>, readonly [type: string, body: () => string]>> = {
  'empty-object': ['application/json', () => '{}'],
  html: ['text/html', () => '<!doctype html><title>Service</title><h1>Service</h1>'],
  'broken-json': ['application/json', () => '{"value":[{"to":'],
  huge: ['application/json', () => `{"value":[],"padding":"${'x'.repeat(HUGE_BODY_BYTES)}"}`]
}

export interface FaultDeps {
  readonly pacer: Pacer
  /** Told when a request will have no reply. */
  readonly withoutReply: (reply: FastifyReply, how: 'dropped' | 'unanswered') => void
}

/** Plays the scripted faults of requests. Both verbs say whether the reply has been given, or will never be. */
export interface Faults {
  /** What goes wrong before anything was done. */
  before (fault: RequestFault, reply: FastifyReply): Promise<boolean>
  /** What goes wrong once it was done. `status` is the one that a good reply has. */
  after (fault: RequestFault, reply: FastifyReply, status: number): boolean
}

/** Makes the player of faults. */
export const createFaults = ({ pacer, withoutReply }: FaultDeps): Faults => {
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
        const { status, headers = {}, body = { error: { code: String(status), message: 'As scripted.' } } } = httpError
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
      reply.code(status).type(type).send(body())
      return true
    }
  }
}
