import type { Deadline } from '../../domain/deadline.ts'
import type { Findings, Sought, Trace } from '../provider.ts'
import type { TwilioClient } from './client.ts'
import type Twilio from 'twilio/lib/rest/Twilio.js'

/** Which page of a list is read: the SDK's own words for it. */
export interface Place {
  readonly pageSize: number
  readonly pageNumber?: number
  readonly pageToken?: string
}

export interface Page<Item> {
  readonly instances: readonly Item[]
  readonly nextPageUrl?: string
}

/** What a record has to do with what is sought: it may be it, is none of it, or cannot be read. */
export type Reading = Trace | 'foreign' | 'unreadable'

export interface Listing<Item> {
  readonly client: TwilioClient
  /** Asks for a page; the newest records come first. */
  readonly page: (sdk: Twilio, sought: Sought, place: Place) => Promise<Page<Item>>
  readonly read: (item: Item, sought: Sought) => Reading
  /** When a record was made, as the SDK gives it. */
  readonly madeAt: (item: Item) => unknown
}

/** A page of that many is far below what an answer may have. No person has had as many codes as there are in all. */
const PAGE_SIZE = 50
const MOST_PAGES = 6

/** How far beside the time a record may lie, in milliseconds, and still not be told from the one sought: clocks go wrong. */
export const MARGIN = 10 * 60_000

/** Whether a record was made in the time that is sought, not far from it, or at another time. */
export const timeOf = (made: unknown, { from, until }: Sought): 'within' | 'near' | 'far' => {
  const at = made instanceof Date ? made.getTime() : NaN
  if (at >= from && at <= until) return 'within'
  return at < from - MARGIN || at > until + MARGIN ? 'far' : 'near'
}

/** Reads the records of a list, page by page, as far as it goes in the time; `undefined` where a page cannot be read. */
export const findInList = async <Item>(
  { client, page, read, madeAt }: Listing<Item>, sought: Sought, deadline: Deadline
): Promise<Findings | undefined> => {
  // By their names: a list that grows while it is read shows some of them twice.
  const traces = new Map<string, Trace>()
  let place: Place | undefined = { pageSize: PAGE_SIZE }
  let isPast = false
  try {
    for (let pages = 0; place !== undefined && pages < MOST_PAGES; pages += 1) {
      const here: Place = place
      const { instances, nextPageUrl } = await client.within(deadline.remaining, (sdk) => page(sdk, sought, here))
      for (const item of instances) {
        const reading = read(item, sought)
        if (reading === 'unreadable') return { traces: [], reach: 'part' }
        if (reading !== 'foreign') traces.set(reading.reference, reading)
      }
      if (nextPageUrl === undefined) return { traces: [...traces.values()], reach: 'all' }
      const last = madeAtOf(instances, madeAt)
      isPast ||= last !== undefined && last < sought.from - MARGIN
      place = placeOf(nextPageUrl)
    }
    return { traces: [...traces.values()], reach: isPast ? 'window' : 'part' }
  } catch {
    return undefined
  }
}

const madeAtOf = <Item>(items: readonly Item[], madeAt: Listing<Item>['madeAt']): number | undefined => {
  const last = items.at(-1)
  const made = last === undefined ? undefined : madeAt(last)
  return made instanceof Date ? made.getTime() : undefined
}

/** Only the place is taken out of the URL: who answers says where it goes on, and not to whom the credential goes. */
const placeOf = (nextPageUrl: string): Place | undefined => {
  const { searchParams } = new URL(nextPageUrl)
  const [number, token] = [Number(searchParams.get('Page') ?? NaN), searchParams.get('PageToken')]
  if (!Number.isSafeInteger(number)) return undefined
  return { pageSize: PAGE_SIZE, pageNumber: number, ...(token === null ? {} : { pageToken: token }) }
}
