import { Deadline } from '../domain/deadline.ts'
import type { Inquiry, Provider } from '../providers/provider.ts'
import type { DueInquiry, Inquiries } from '../store/inquiries.ts'
import type { SearchFor } from './search.ts'
import { throwFirst } from './throw-first.ts'
import type { Track } from './track.ts'
import { vendorOf } from './vendor-of.ts'

export interface InquiryDeps {
  readonly inquiries: Inquiries
  readonly providers: readonly Provider[]
  readonly track: Track
  readonly search: SearchFor
}

/** How many messages are asked about at a time, and for how long nobody else asks, in milliseconds. */
const BATCH = 20
const LEASE = 30_000

/** Milliseconds that a vendor has to answer. */
const BUDGET = 5000

/** After the first time a message is asked about whenever it has become twice as old, up to this age in milliseconds. */
const OLDEST = 60 * 60_000

/**
 * Asks vendors what became of messages of which nothing final was heard for a while, and looks for those whose answers were
 * lost. Gives how many were asked about; the answers count like reports that came by themselves. A process that stops asks
 * about no more.
 */
export const createInquire = ({ inquiries, providers, track, search }: InquiryDeps) => {
  const askAbout = async ({ attempt, provider, channel, reference, age }: DueInquiry & { readonly reference: string }, inquiry: Inquiry): Promise<number | undefined> => {
    const word = await inquiry.ask(reference, Deadline.in(BUDGET))
    if (word === undefined) return age > OLDEST ? undefined : Math.max(inquiry.after, age)
    await track(vendorOf(provider), [{ kind: 'report', channel, attempt, reference, key: `asked ${word.status}`, what: `report.${word.status}`, ...word }])
    return undefined
  }

  const askOrSearch = async (due: DueInquiry, inquiry: Inquiry): Promise<number | undefined> =>
    await (due.reference === undefined ? search(due, inquiry) : askAbout(due, inquiry))

  const ask = async (due: DueInquiry): Promise<void> => {
    const inquiry = providers.find(({ name, channel }) => name === due.provider && channel === due.channel)?.inquiry
    await inquiries.again(due.attempt, inquiry && await askOrSearch(due, inquiry))
  }

  return async (isStopping: () => boolean): Promise<number> => {
    const due = await inquiries.take(BATCH, LEASE)
    if (isStopping()) {
      // Others may ask about them at once.
      await Promise.all(due.map(({ attempt }) => inquiries.again(attempt, 0)))
      return 0
    }
    throwFirst(await Promise.allSettled(due.map(ask)))
    return due.length
  }
}
