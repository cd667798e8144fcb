import type { Deadline } from '../../domain/deadline.ts'
import { CHANNELS } from '../../domain/message.ts'
import type { CodeOwner } from '../provider.ts'
import { TwilioRefusal, type TwilioClient } from './client.ts'
import { sidOf } from './sid.ts'
import { createTwilioVerify, endVerification } from './verify.ts'

export interface VerifyOwnerDeps {
  readonly client: TwilioClient
  readonly serviceSid: string
}

/** What is not there any more, because it was approved or has expired, and what was tried five times. */
const isOver = (error: unknown): boolean =>
  error instanceof TwilioRefusal && (error.status === 404 || error.code === TOO_MANY_CHECKS)

/** https://www.twilio.com/docs/api/errors/60202 */
const TOO_MANY_CHECKS = 60202

/** The statuses of a verification that no code can approve any more. */
const ENDED: ReadonlySet<string> = new Set(['canceled', 'max_attempts_reached', 'deleted', 'failed', 'expired'])

/**
 * Twilio Verify with codes of its own making, which live for ten minutes and are checked five times at most.
 * https://www.twilio.com/docs/verify/api/verification-check
 */
export const createVerifyOwner = ({ client, serviceSid }: VerifyOwnerDeps): CodeOwner => ({
  name: 'twilio-verify',
  providers: CHANNELS.map((channel) => createTwilioVerify({ client, serviceSid, channel, codes: 'its own' })),

  async check (transaction, code, deadline) {
    const verificationSid = sidOf(transaction, 'VE')
    if (verificationSid === undefined) return 'over'
    try {
      const { status } = await client.within(deadline.remaining, (sdk) =>
        sdk.verify.v2.services(serviceSid).verificationChecks.create({ verificationSid, code: code.reveal() }))
      if (status === 'approved') return 'right'
      if (status === 'pending') return 'wrong'
      return ENDED.has(status) ? 'over' : 'unknown'
    } catch (error) {
      return isOver(error) ? 'over' : 'unknown'
    }
  },

  async isApproved (transaction, deadline) {
    const sid = sidOf(transaction, 'VE')
    if (sid === undefined) return false
    try {
      const { status } = await client.within(deadline.remaining, (sdk) => sdk.verify.v2.services(serviceSid).verifications(sid).fetch())
      if (status === 'approved') return true
      return status === 'pending' || ENDED.has(status) ? false : 'unknown'
    } catch (error) {
      return error instanceof TwilioRefusal && error.status === 404 ? await wasConverted(client, sid, deadline) : 'unknown'
    }
  },

  cancel: (transaction, deadline) => endVerification(client, serviceSid, transaction, 'canceled', deadline)
})

/**
 * What is over may be gone without a word of how it ended. Its attempts stay, and tell if they led to an approval; that they
 * do not tell so yet says nothing. https://www.twilio.com/docs/verify/api/list-verification-attempts
 */
const wasConverted = async (client: TwilioClient, sid: string, deadline: Deadline): Promise<true | 'unknown'> => {
  try {
    const { instances } = await client.within(deadline.remaining, (sdk) => sdk.verify.v2.verificationAttempts.page({ verificationSid: sid, pageSize: 20 }))
    return instances.some((attempt) => attempt.verificationSid === sid && String(attempt.conversionStatus).toLowerCase() === 'converted') || 'unknown'
  } catch {
    return 'unknown'
  }
}
