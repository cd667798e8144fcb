import type { Search, Sought } from '../provider.ts'
import { finalWordOfCall } from './call-word.ts'
import type { TwilioClient } from './client.ts'
import { findInList, timeOf, type Reading } from './listing.ts'
import { sidOf } from './sid.ts'

/** What Twilio shows of a call: https://www.twilio.com/docs/voice/api/call-resource#call-properties */
interface ListedCall {
  readonly sid: unknown
  readonly to: unknown
  readonly from: unknown
  readonly direction: unknown
  readonly status: unknown
  readonly dateCreated: unknown
}

/**
 * Finds calls from that number. What a call says is on no record. The list is not narrowed by its dates: they are days,
 * and of when a call began, which one that still waits did not.
 * https://www.twilio.com/docs/voice/api/call-resource#retrieve-a-list-of-calls
 */
export const callSearch = (client: TwilioClient, from: string): Search => {
  const read = (call: ListedCall, sought: Sought): Reading => {
    const reference = sidOf(call.sid, 'CA')
    if (reference === undefined) return 'unreadable'
    const time = timeOf(call.dateCreated, sought)
    if (time === 'far' || call.direction !== 'outbound-api' || call.from !== from) return 'foreign'
    const fits = time === 'within' && call.to === sought.to.e164
    return { reference, transaction: undefined, fits: fits ? 'number' : 'maybe', word: finalWordOfCall(call.status) }
  }
  return {
    shown: () => undefined,
    find: (sought, deadline) => findInList<ListedCall>({
      client,
      page: (sdk, { to }, place) => sdk.calls.page({ to: to.e164, ...place }),
      read,
      madeAt: ({ dateCreated }) => dateCreated
    }, sought, deadline)
  }
}
