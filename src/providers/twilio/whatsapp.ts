import { SensitiveText } from '../../domain/sensitive.ts'
import type { Provider } from '../provider.ts'
import type { TwilioClient } from './client.ts'
import { hintOf } from './codes.ts'
import { compareCode, messageSearch } from './message-search.ts'
import { callingBack, messageInquiry, sendMessage, type StatusCallback } from './messages.ts'

export interface TwilioWhatsappDeps {
  readonly client: TwilioClient
  /** The sender's number, in E.164 form. */
  readonly number: string
  /** The approved template of the category authentication; its one variable is the code. */
  readonly contentSid: string
  readonly statusCallback: StatusCallback
}

const addressOf = (e164: string): string => `whatsapp:${e164}`

/**
 * WhatsApp messages by Twilio. WhatsApp lets nobody begin a conversation with words of their own: the template has the
 * words, and the code is all that is sent. https://www.twilio.com/docs/content/whatsappauthentication
 */
export const createTwilioWhatsapp = ({ client, number, contentSid, statusCallback }: TwilioWhatsappDeps): Provider => ({
  name: 'twilio-whatsapp',
  channel: 'whatsapp',
  needsCode: true,
  isConducted: false,
  async send (order, deadline) {
    if (order.code === undefined) return { kind: 'failed', reason: 'content_refused' }
    return await sendMessage(client, {
      to: addressOf(order.to.e164),
      from: addressOf(number),
      ...callingBack(statusCallback, order),
      contentSid,
      contentVariables: JSON.stringify({ 1: order.code.reveal() })
    }, deadline)
  },
  hint: hintOf,
  inquiry: messageInquiry(client, statusCallback, messageSearch({
    client,
    addressOf,
    isFromUs: ({ from }) => from === addressOf(number),
    shown: ({ code }) => code && new SensitiveText(code.reveal()),
    compare: compareCode,
    isTransaction: false
  })),
  feedback: undefined
})
