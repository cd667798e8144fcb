import type { Feedback } from '../provider.ts'
import type { TwilioClient } from './client.ts'
import { takenAfter } from './failures.ts'
import { sidOf } from './sid.ts'

/**
 * Confirms messages whose codes were used. Twilio judges routes by that, and shows it as conversion.
 * https://www.twilio.com/docs/messaging/guides/send-message-feedback-to-twilio
 */
export const messageFeedback = (client: TwilioClient): Feedback => ({
  ofUndelivered: false,
  async used (transaction, deadline) {
    const sid = sidOf(transaction, 'SM', 'MM')
    if (sid === undefined) return 'refused'
    try {
      await client.within(deadline.remaining, (sdk) => sdk.messages(sid).feedback.create({ outcome: 'confirmed' }))
      return 'taken'
    } catch (error) {
      return takenAfter(error)
    }
  }
})
