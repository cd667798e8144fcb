import type { Order, Provider } from '../provider.ts'
import type { TwilioClient } from './client.ts'
import { hintOf } from './codes.ts'
import { messageFeedback } from './message-feedback.ts'
import { compareWords, messageSearch } from './message-search.ts'
import { callingBack, messageInquiry, sendMessage, type StatusCallback } from './messages.ts'

export interface TwilioSmsDeps {
  readonly client: TwilioClient
  /** Who sends: a number, or a Messaging Service that chooses one. */
  readonly from: { readonly phoneNumber: string } | { readonly messagingServiceSid: string }
  readonly statusCallback: StatusCallback
  /** Whether Twilio is to take feedback, and gets it. It takes silence for a message that did not help. */
  readonly withFeedback: boolean
}

/** The most seconds that Twilio takes: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
const LONGEST_VALIDITY = 36_000

/** Text messages by Twilio's Programmable Messaging. Once the code has expired, Twilio does not send them any more. */
export const createTwilioSms = ({ client, from, statusCallback, withFeedback }: TwilioSmsDeps): Provider => {
  const sender = 'phoneNumber' in from ? { from: from.phoneNumber } : { messagingServiceSid: from.messagingServiceSid }
  return {
    name: 'twilio-sms',
    channel: 'sms',
    needsCode: false,
    isConducted: false,
    async send (order, deadline) {
      const result = await sendMessage(client, {
        to: order.to.e164,
        ...sender,
        ...callingBack(statusCallback, order),
        ...withFeedback && { provideFeedback: true },
        validityPeriod: validityOf(order),
        body: order.text?.reveal() ?? ''
      }, deadline)
      // Feedback falls due for what names a transaction.
      return withFeedback && result.kind === 'accepted' && result.reference !== undefined ? { ...result, transaction: result.reference } : result
    },
    hint: hintOf,
    inquiry: messageInquiry(client, statusCallback, messageSearch({
      client,
      addressOf: (e164) => e164,
      isFromUs: (message) => 'phoneNumber' in from ? message.from === from.phoneNumber : message.messagingServiceSid === from.messagingServiceSid,
      shown: ({ text }) => text,
      compare: compareWords,
      isTransaction: withFeedback
    })),
    feedback: withFeedback ? messageFeedback(client) : undefined
  }
}

/** Whole seconds for which a message is worth anything. */
const validityOf = ({ startedAt, expiresAt }: Order): number =>
  Math.min(Math.max(Math.floor((expiresAt - startedAt) / 1000), 1), LONGEST_VALIDITY)
