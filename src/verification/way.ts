import type { Plan } from '../delivery/plan.ts'
import { codeVendorOf, type CodeMaker } from '../domain/code-maker.ts'
import type { Channel, Requester } from '../domain/message.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import type { Guard } from '../guard/guard.ts'
import { done, refused } from './answered.ts'
import { canSend } from './offered-channels.ts'
import type { Answered } from './service.ts'

export interface WayDeps {
  readonly plan: Pick<Plan, 'for'>
  readonly guard: Pick<Guard, 'judge'>
}

/** A message that somebody wants sent. */
export interface WantedMessage {
  readonly to: PhoneNumber
  readonly channel: Channel
  /** Absent where a vendor makes it. */
  readonly code: OneTimeCode | undefined
  readonly codeMaker: CodeMaker
  readonly requester: Requester
  readonly caller: string
}

/**
 * By which channel a message would go: a landline gets a call. Refuses what would be refused, or could not be sent, whoever
 * asks: it is told at once, and tells nothing of what is known of the number here.
 */
export type FindWay = (message: WantedMessage) => Answered<Channel>

export const createFindWay = ({ guard, plan }: WayDeps): FindWay => (message) => {
  const { to, codeMaker } = message
  const { isTest, channel, findings } = guard.judge({ ...message, codeMaker: codeVendorOf(codeMaker) })
  const refusal = findings.find(({ mode }) => mode === 'enforce')
  if (refusal !== undefined) return refused(refusal.reason === 'number_not_mobile' ? 'recipient_refused' : 'recipient_not_allowed')
  return isTest || canSend(plan, codeMaker, channel, to.country) ? done(channel) : refused('no_provider')
}
