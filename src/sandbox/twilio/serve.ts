import type { FastifyReply } from 'fastify'
import type { Behaviours } from '../behaviours.ts'
import { Refusal } from '../refusal.ts'
import type { Faults } from '../request-fault.ts'
import type { TwilioBehaviour } from './behaviour.ts'
import { twilioError } from './errors.ts'

/** Which script a request is under, and the status of a good reply. */
export interface Served {
  readonly number: string
  readonly kind: keyof TwilioBehaviour
  readonly status: number
}

/** Does what a request asks, under the fault that was scripted for its number. */
export type Serve = (reply: FastifyReply, served: Served, work: () => unknown) => Promise<unknown>

export interface ServeDeps {
  readonly behaviours: Behaviours
  readonly faults: Faults
}

/** Makes the one way in which all of Twilio's requests are served. */
export const createServe = ({ behaviours, faults }: ServeDeps): Serve => async (reply, { number, kind, status }, work) => {
  const fault = behaviours.twilio(number)[kind] ?? {}
  const faulty = behaviours.counts(number, `twilio-${kind}`, fault)
  if (faulty && await faults.before(fault, reply)) return reply
  if (faulty && fault.error !== undefined) return twilioError(fault.error.code, undefined, fault.error.status)
  const answer = work()
  if (answer instanceof Refusal) return answer
  if (faulty && faults.after(fault, reply, status)) return reply
  reply.code(status)
  return answer
}
