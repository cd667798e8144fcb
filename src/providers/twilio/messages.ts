import type { MessageListInstanceCreateOptions } from 'twilio/lib/rest/api/v2010/account/message.js'
import type { Deadline } from '../../domain/deadline.ts'
import type { SendResult } from '../../domain/outcome.ts'
import type { Inquiry, Order, Search } from '../provider.ts'
import type { TwilioClient } from './client.ts'
import { maybeSent, notSent, toSendResult } from './failures.ts'
import { finalWordOfMessage, wordOfMessage } from './message-word.ts'
import { sidOf } from './sid.ts'

/** Where Twilio tells what becomes of a message; absent where it cannot call back. */
export type StatusCallback = ((order: Order) => URL) | undefined

/** How long to wait for Twilio before asking, in milliseconds, where it calls back and where it does not. */
const AFTER_CALLBACKS = 120_000
const WITHOUT_CALLBACKS = 15_000

/** Makes one message by Programmable Messaging. Accepted means that Twilio queues it; the rest comes later. */
export const sendMessage = async (
  client: TwilioClient, message: MessageListInstanceCreateOptions, deadline: Deadline
): Promise<SendResult> => {
  try {
    const { sid, status, errorCode } = await client.within(deadline.remaining, (sdk) => sdk.messages.create(message))
    const reference = sidOf(sid, 'SM', 'MM')
    if (reference === undefined) return maybeSent()
    const word = wordOfMessage(status, errorCode)
    return word?.reason === undefined || word.status === 'unknown'
      ? { kind: 'accepted', reference }
      : notSent(word.reason, word.vendorCode)
  } catch (error) {
    return toSendResult(error)
  }
}

/** Asks Twilio for the status of a message. */
export const messageInquiry = (client: TwilioClient, statusCallback: StatusCallback, search: Search): Inquiry => ({
  after: statusCallback === undefined ? WITHOUT_CALLBACKS : AFTER_CALLBACKS,
  async ask (reference, deadline) {
    const sid = sidOf(reference, 'SM', 'MM')
    if (sid === undefined) return undefined
    try {
      const { status, errorCode } = await client.within(deadline.remaining, (sdk) => sdk.messages(sid).fetch())
      return finalWordOfMessage(status, errorCode)
    } catch {
      return undefined
    }
  },
  search
})

/** The part of a message that tells Twilio where to call back. */
export const callingBack = (statusCallback: StatusCallback, order: Order): { statusCallback?: string } =>
  statusCallback === undefined ? {} : { statusCallback: statusCallback(order).href }
