import type { Reason } from '../../domain/reason.ts'
import type { Word } from '../../domain/signal.ts'
import { finalWordOfMessage } from './message-word.ts'

/** What Twilio tells of the message or the call that an attempt of Verify was. */
export type ChannelData = Readonly<Record<string, unknown>> | null | undefined

/** Calls that were not answered; the other statuses of calls read as those of messages do. */
const REASON_OF_CALL: ReadonlyMap<string, Reason> = new Map([['busy', 'busy'], ['no-answer', 'no_answer']])

/**
 * The final word on an attempt of Verify, where there is one. The fields differ by channel, and the examples of the
 * documentation do not agree on their case. https://www.twilio.com/docs/verify/api/list-verification-attempts
 */
export const finalWordOfAttempt = (channelData: ChannelData): Word | undefined => {
  const status = String(channelData?.message_status ?? channelData?.call_status ?? channelData?.status).toLowerCase()
  const reason = REASON_OF_CALL.get(status.replace('_', '-'))
  return reason === undefined
    ? finalWordOfMessage(status, channelData?.error_code)
    : { status: 'undelivered', reason, vendorCode: undefined }
}
