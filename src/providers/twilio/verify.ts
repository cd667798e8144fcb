import type { Deadline } from '../../domain/deadline.ts'
import type { Channel } from '../../domain/message.ts'
import type { SendResult } from '../../domain/outcome.ts'
import type { Inquiry, Provider, Search, Taken } from '../provider.ts'
import { attemptSearch } from './attempt-search.ts'
import { finalWordOfAttempt } from './attempt-word.ts'
import type { TwilioClient } from './client.ts'
import { hintOf } from './codes.ts'
import { maybeSent, takenAfter, toSendResult } from './failures.ts'
import { sidOf } from './sid.ts'
import { verifyLocaleOf } from './verify-locale.ts'

export interface TwilioVerifyDeps {
  readonly client: TwilioClient
  readonly serviceSid: string
  readonly channel: Channel
  /** Whose codes go out: those of our messages, or such as Twilio makes itself. */
  readonly codes: 'ours' | 'its own'
}

/** Twilio's names of our channels. */
const CHANNEL_NAMES: Readonly<Record<Channel, string>> = { sms: 'sms', voice: 'call', whatsapp: 'whatsapp' }

/** Verify never calls back: it is asked after that many milliseconds. */
const ASK_AFTER = 60_000

/**
 * Codes by Twilio Verify, in its own words and from its own senders. Each send is an attempt (`VL`) at a verification
 * (`VE`), which lives for ten minutes and is told when the code was used. https://www.twilio.com/docs/verify/api/verification
 */
export const createTwilioVerify = ({ client, serviceSid, channel, codes }: TwilioVerifyDeps): Provider => ({
  name: 'twilio-verify',
  channel,
  needsCode: codes === 'ours',
  isConducted: false,
  async send (order, deadline) {
    const customCode = codes === 'ours' ? order.code?.reveal() : undefined
    if (codes === 'ours' && customCode === undefined) return { kind: 'failed', reason: 'content_refused' }
    const locale = verifyLocaleOf(order.locale)
    try {
      return readVerification(await client.within(deadline.remaining, (sdk) => sdk.verify.v2.services(serviceSid).verifications.create({
        to: order.to.e164, channel: CHANNEL_NAMES[channel], ...(customCode === undefined ? {} : { customCode }), ...(locale === undefined ? {} : { locale })
      })))
    } catch (error) {
      return toSendResult(error)
    }
  },
  hint: hintOf,
  inquiry: attemptInquiry(client, attemptSearch(client, serviceSid, CHANNEL_NAMES[channel])),
  // Of a code that it has made and checked itself Twilio knows.
  feedback: codes === 'ours'
    ? { ofUndelivered: true, used: (transaction, deadline) => endVerification(client, serviceSid, transaction, 'approved', deadline) }
    : undefined
})

/** The last attempt is ours: a verification that is under way already is used again. */
const readVerification = ({ sid, sendCodeAttempts }: { readonly sid: unknown, readonly sendCodeAttempts: unknown }): SendResult => {
  const transaction = sidOf(sid, 'VE')
  if (transaction === undefined) return maybeSent()
  const last: unknown = Array.isArray(sendCodeAttempts) ? sendCodeAttempts.at(-1) : undefined
  return { kind: 'accepted', reference: sidOf((last as { attempt_sid?: unknown } | null | undefined)?.attempt_sid, 'VL'), transaction }
}

const attemptInquiry = (client: TwilioClient, search: Search): Inquiry => ({
  after: ASK_AFTER,
  async ask (reference, deadline) {
    const sid = sidOf(reference, 'VL')
    if (sid === undefined) return undefined
    try {
      const attempt = await client.within(deadline.remaining, (sdk) => sdk.verify.v2.verificationAttempts(sid).fetch())
      return finalWordOfAttempt(attempt.channelData)
    } catch {
      return undefined
    }
  },
  search
})

/**
 * Ends a verification by our word for it: `refused` where it is over already. Never throws.
 * https://www.twilio.com/docs/verify/api/verification
 */
export const endVerification = async (
  client: TwilioClient, serviceSid: string, transaction: string, status: 'approved' | 'canceled', deadline: Deadline
): Promise<Taken> => {
  const sid = sidOf(transaction, 'VE')
  if (sid === undefined) return 'refused'
  try {
    await client.within(deadline.remaining, (sdk) => sdk.verify.v2.services(serviceSid).verifications(sid).update({ status }))
    return 'taken'
  } catch (error) {
    return takenAfter(error)
  }
}
