import { Deadline } from '../domain/deadline.ts'
import type { Provider } from '../providers/provider.ts'
import type { DueInquiry, Inquiries } from '../store/inquiries.ts'
import { throwFirst } from './throw-first.ts'
import type { Track } from './track.ts'

export interface InquiryDeps {
  readonly inquiries: Inquiries
  readonly providers: readonly Provider[]
  readonly track: Track
}

/** How many messages are asked about at a time, and for how long nobody else asks, in milliseconds. */
const BATCH = 20
const LEASE = 30_000

/** Milliseconds that a vendor has to answer. */
const BUDGET = 5000

/** After the first time a message is asked about whenever it has become twice as old, up to this age in milliseconds. */
const OLDEST = 60 * 60_000

/** The name of a provider begins with its vendor's. */
const vendorOf = (provider: string): string => provider.replace(/-.*/, '')

/**
 * Asks vendors what became of messages of which nothing final was heard for a while. Gives how many were asked about; the
 * answers count like reports that came by themselves.
 */
export const createInquire = ({ inquiries, providers, track }: InquiryDeps) => {
  const ask = async ({ attempt, provider: name, channel, reference, age }: DueInquiry): Promise<void> => {
    const inquiry = providers.find((provider) => provider.name === name && provider.channel === channel)?.inquiry
    const word = await inquiry?.ask(reference, Deadline.in(BUDGET))
    if (word !== undefined) {
      await track(vendorOf(name), [{ kind: 'report', channel, attempt, reference, key: `asked ${word.status}`, what: `report.${word.status}`, ...word }])
    }
    const isOver = word !== undefined || inquiry === undefined || age > OLDEST
    await inquiries.again(attempt, isOver ? undefined : Math.max(inquiry.after, age))
  }

  return async (): Promise<number> => {
    const due = await inquiries.take(BATCH, LEASE)
    throwFirst(await Promise.allSettled(due.map(ask)))
    return due.length
  }
}
