import type { SensitiveText } from '../../domain/sensitive.ts'
import type { Search, Sought } from '../provider.ts'
import type { TwilioClient } from './client.ts'
import { findInList, timeOf, type Reading } from './listing.ts'
import { finalWordOfMessage } from './message-word.ts'
import { sidOf } from './sid.ts'

/** What Twilio shows of a message: https://www.twilio.com/docs/messaging/api/message-resource#message-properties */
export interface ListedMessage {
  readonly sid: unknown
  readonly to: unknown
  readonly from: unknown
  readonly messagingServiceSid: unknown
  readonly body: unknown
  readonly direction: unknown
  readonly status: unknown
  readonly errorCode: unknown
  readonly dateCreated: unknown
}

/** How a body compares with what was sent: the same, something else, or nothing that could be compared. */
export type Compare = (body: string, shown: string) => 'same' | 'other' | 'none'

export interface MessageSearchDeps {
  readonly client: TwilioClient
  /** As Twilio writes the number: WhatsApp's with its prefix. */
  readonly addressOf: (e164: string) => string
  readonly isFromUs: (message: Pick<ListedMessage, 'from' | 'messagingServiceSid'>) => boolean
  readonly shown: Search['shown']
  readonly compare: Compare
  /** Whether feedback is given on such messages: it falls due for what names a transaction. */
  readonly isTransaction: boolean
}

/**
 * Finds messages. The list is not narrowed by its dates: they are days, and of when a message was sent, which one that
 * still waits was not. https://www.twilio.com/docs/messaging/api/message-resource#read-multiple-message-resources
 */
export const messageSearch = ({ client, addressOf, isFromUs, shown, compare, isTransaction }: MessageSearchDeps): Search => {
  const read = (message: ListedMessage, sought: Sought): Reading => {
    const reference = sidOf(message.sid, 'SM', 'MM')
    if (reference === undefined) return 'unreadable'
    const time = timeOf(message.dateCreated, sought)
    if (time === 'far' || !String(message.direction).startsWith('outbound')) return 'foreign'
    const words = comparison(message.body, sought.shown, compare)
    const isOurs = isFromUs(message)
    if (words === 'other' || (words === 'none' && !isOurs)) return 'foreign'
    const fits = time === 'within' && isOurs && message.to === addressOf(sought.to.e164)
    return {
      reference,
      transaction: isTransaction ? reference : undefined,
      fits: !fits ? 'maybe' : words === 'same' ? 'words' : 'number',
      word: finalWordOfMessage(message.status, message.errorCode)
    }
  }
  return {
    shown,
    find: (sought, deadline) => findInList<ListedMessage>({
      client,
      page: (sdk, { to }, place) => sdk.messages.page({ to: addressOf(to.e164), ...place }),
      read,
      madeAt: ({ dateCreated }) => dateCreated
    }, sought, deadline)
  }
}

const comparison = (body: unknown, shown: SensitiveText | undefined, compare: Compare): ReturnType<Compare> =>
  typeof body === 'string' && shown !== undefined ? compare(body, shown.reveal()) : 'none'

/** Encoding may change signs, and a trial account puts words before ours: letters and digits stay, and the end does. */
export const compareWords: Compare = (body, shown) => {
  const [has, sent] = [lettersOf(body), lettersOf(shown)]
  if (has === '' || sent === '') return 'none'
  return has.endsWith(sent) ? 'same' : 'other'
}

const lettersOf = (text: string): string => text.normalize('NFKC').replace(/[^\p{L}\p{N}]/gu, '')

/** Of a template only the code is ours. Where no digits are shown, the template may be, and not what was put into it. */
export const compareCode: Compare = (body, shown) => {
  const parts: readonly string[] = body.match(/[A-Za-z0-9]+/g) ?? []
  if (parts.includes(shown)) return 'same'
  return parts.some((part) => /^[0-9]{4,10}$/.test(part)) ? 'other' : 'none'
}
