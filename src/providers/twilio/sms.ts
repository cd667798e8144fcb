import type { Order, Provider } from '../provider.ts'
import type { TwilioClient } from './client.ts'
import { hintOf } from './codes.ts'
import { compareWords, messageSearch } from './message-search.ts'
import { callingBack, messageInquiry, sendMessage, type StatusCallback } from './messages.ts'

export interface TwilioSmsDeps {
  readonly client: TwilioClient
  /** Who sends: a number, or a Messaging Service that chooses one. */
  readonly from: { readonly phoneNumber: string } | { readonly messagingServiceSid: string }
  readonly statusCallback: StatusCallback
}

/** The most seconds that Twilio takes: https://www.twilio.com/docs/messaging/api/message-resource#create-a-message-resource */
const LONGEST_VALIDITY = 36_000

/** Text messages by Twilio's Programmable Messaging. Once the code has expired, Twilio does not send them any more. */
export const createTwilioSms = ({ client, from, statusCallback }: TwilioSmsDeps): Provider => {
  const sender = 'phoneNumber' in from ? { from: from.phoneNumber } : { messagingServiceSid: from.messagingServiceSid }
  return {
    name: 'twilio-sms',
    channel: 'sms',
    needsCode: false,
    isConducted: false,
    send: (order, deadline) => sendMessage(client, {
      to: order.to.e164,
      ...sender,
      ...callingBack(statusCallback, order),
      validityPeriod: validityOf(order),
      body: order.text?.reveal() ?? ''
    }, deadline),
    hint: hintOf,
    inquiry: messageInquiry(client, statusCallback, messageSearch({
      client,
      addressOf: (e164) => e164,
      isFromUs: (message) => 'phoneNumber' in from ? message.from === from.phoneNumber : message.messagingServiceSid === from.messagingServiceSid,
      shown: ({ text }) => text,
      compare: compareWords
    })),
    feedback: undefined
  }
}

/** Whole seconds for which a message is worth anything. */
const validityOf = ({ startedAt, expiresAt }: Order): number =>
  Math.min(Math.max(Math.floor((expiresAt - startedAt) / 1000), 1), LONGEST_VALIDITY)
