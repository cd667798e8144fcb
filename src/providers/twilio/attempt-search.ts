import type { Search, Sought } from '../provider.ts'
import { finalWordOfAttempt, type ChannelData } from './attempt-word.ts'
import type { TwilioClient } from './client.ts'
import { findInList, MARGIN, timeOf, type Reading } from './listing.ts'
import { sidOf } from './sid.ts'

/** What Twilio shows of an attempt: https://www.twilio.com/docs/verify/api/list-verification-attempts */
interface ListedAttempt {
  readonly sid: unknown
  readonly verificationSid: unknown
  readonly channel: unknown
  readonly channelData: ChannelData
  readonly dateCreated: unknown
}

/**
 * Finds attempts of a Verify service, which shows no code. Twilio may have gone by another channel than was asked for:
 * such an attempt is not taken for ours, nor for nobody's.
 */
export const attemptSearch = (client: TwilioClient, serviceSid: string, channel: string): Search => {
  const read = (attempt: ListedAttempt, sought: Sought): Reading => {
    const reference = sidOf(attempt.sid, 'VL')
    if (reference === undefined) return 'unreadable'
    const time = timeOf(attempt.dateCreated, sought)
    if (time === 'far') return 'foreign'
    const fits = time === 'within' && attempt.channel === channel && attempt.channelData?.to === sought.to.e164
    return {
      reference,
      transaction: sidOf(attempt.verificationSid, 'VE'),
      fits: fits ? 'number' : 'maybe',
      word: finalWordOfAttempt(attempt.channelData)
    }
  }
  return {
    shown: () => undefined,
    find: (sought, deadline) => findInList<ListedAttempt>({
      client,
      page: (sdk, { to, from, until }, place) => sdk.verify.v2.verificationAttempts.page({
        'channelData.to': to.e164,
        verifyServiceSid: serviceSid,
        dateCreatedAfter: new Date(from - MARGIN),
        dateCreatedBefore: new Date(until + MARGIN),
        ...place
      }),
      read,
      madeAt: ({ dateCreated }) => dateCreated
    }, sought, deadline)
  }
}
