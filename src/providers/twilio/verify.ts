import type { Channel } from '../../domain/message.ts'
import type { SendResult } from '../../domain/outcome.ts'
import type { Reason } from '../../domain/reason.ts'
import type { Word } from '../../domain/signal.ts'
import type { Feedback, Inquiry, Provider } from '../provider.ts'
import { TwilioRefusal, type TwilioClient } from './client.ts'
import { hintOf } from './codes.ts'
import { maybeSent, toSendResult } from './failures.ts'
import { isFinal, wordOfMessage } from './message-word.ts'
import { sidOf } from './sid.ts'
import { verifyLocaleOf } from './verify-locale.ts'

export interface TwilioVerifyDeps {
  readonly client: TwilioClient
  readonly serviceSid: string
  readonly channel: Channel
}

/** Twilio's names of our channels. */
const CHANNEL_NAMES: Readonly<Record<Channel, string>> = { sms: 'sms', voice: 'call', whatsapp: 'whatsapp' }

/** Verify never calls back: it is asked after that many milliseconds. */
const ASK_AFTER = 60_000

/** Calls that were not answered; the other statuses of calls read as those of messages do. */
const REASON_OF_CALL: ReadonlyMap<string, Reason> = new Map([['busy', 'busy'], ['no-answer', 'no_answer']])

/**
 * Codes by Twilio Verify, in its own words and from its own senders. Each send is an attempt (`VL`) at a verification
 * (`VE`), which lives for ten minutes and is told when the code was used. https://www.twilio.com/docs/verify/api/verification
 */
export const createTwilioVerify = ({ client, serviceSid, channel }: TwilioVerifyDeps): Provider => ({
  name: 'twilio-verify',
  channel,
  needsCode: true,
  isConducted: false,
  async send (order, deadline) {
    const { code, to } = order
    if (code === undefined) return { kind: 'failed', reason: 'content_refused' }
    const locale = verifyLocaleOf(order.locale)
    try {
      return readVerification(await client.within(deadline.remaining, (sdk) => sdk.verify.v2.services(serviceSid).verifications.create({
        to: to.e164, channel: CHANNEL_NAMES[channel], customCode: code.reveal(), ...(locale === undefined ? {} : { locale })
      })))
    } catch (error) {
      return toSendResult(error)
    }
  },
  hint: hintOf,
  inquiry: attemptInquiry(client),
  feedback: verificationFeedback(client, serviceSid)
})

/** The last attempt is ours: a verification that is under way already is used again. */
const readVerification = ({ sid, sendCodeAttempts }: { readonly sid: unknown, readonly sendCodeAttempts: unknown }): SendResult => {
  const transaction = sidOf(sid, 'VE')
  if (transaction === undefined) return maybeSent()
  const last: unknown = Array.isArray(sendCodeAttempts) ? sendCodeAttempts.at(-1) : undefined
  return { kind: 'accepted', reference: sidOf((last as { attempt_sid?: unknown } | null | undefined)?.attempt_sid, 'VL'), transaction }
}

const attemptInquiry = (client: TwilioClient): Inquiry => ({
  after: ASK_AFTER,
  async ask (reference, deadline) {
    const sid = sidOf(reference, 'VL')
    if (sid === undefined) return undefined
    try {
      const attempt = await client.within(deadline.remaining, (sdk) => sdk.verify.v2.verificationAttempts(sid).fetch())
      const word = wordOfAttempt(attempt.channelData)
      return word !== undefined && isFinal(word) ? word : undefined
    } catch {
      return undefined
    }
  }
})

/** The fields differ by channel, and the examples of the documentation do not agree on their case. */
const wordOfAttempt = (channelData: Readonly<Record<string, unknown>> | null | undefined): Word | undefined => {
  const status = String(channelData?.message_status ?? channelData?.call_status ?? channelData?.status).toLowerCase()
  const reason = REASON_OF_CALL.get(status.replace('_', '-'))
  return reason === undefined
    ? wordOfMessage(status, channelData?.error_code)
    : { status: 'undelivered', reason, vendorCode: undefined }
}

/** A verification that Twilio does not know any more, or does not let be approved, needs nothing more. */
const NOTHING_TO_TELL: ReadonlySet<number> = new Set([400, 404])

const verificationFeedback = (client: TwilioClient, serviceSid: string): Feedback => ({
  async used (transaction, deadline) {
    const sid = sidOf(transaction, 'VE')
    if (sid === undefined) return 'refused'
    try {
      await client.within(deadline.remaining, (sdk) => sdk.verify.v2.services(serviceSid).verifications(sid).update({ status: 'approved' }))
      return 'taken'
    } catch (error) {
      return error instanceof TwilioRefusal && NOTHING_TO_TELL.has(error.status) ? 'refused' : 'unknown'
    }
  }
})
