import { Deadline } from '../domain/deadline.ts'
import type { Keys } from '../domain/keys.ts'
import type { Bus } from '../observability/bus.ts'
import type { Inquiry, Trace } from '../providers/provider.ts'
import type { DueInquiry } from '../store/inquiries.ts'
import type { Rival, Searches } from '../store/searches.ts'
import { openSought, type SoughtContent } from './sought.ts'
import type { Track } from './track.ts'
import { vendorOf } from './vendor-of.ts'

export interface SearchDeps {
  readonly searches: Searches
  readonly keys: Keys
  readonly track: Track
  readonly bus: Bus
  readonly now: () => number
}

/** An attempt whose answer was lost. */
export type DueSearch = DueInquiry & { readonly sought: string }

/**
 * Looks for what an attempt became whose answer was lost. Found, it is tied to its reference, and what became of it counts
 * like a report. Gives in how many milliseconds the vendor is to be asked again; `undefined`: never.
 */
export type SearchFor = (due: DueSearch, inquiry: Inquiry) => Promise<number | undefined>

/** Milliseconds that a vendor has for its records, all pages of them. */
const BUDGET = 10_000

/** The clock of the vendor counts in whole seconds. */
const BEFORE = 1000

/** At which ages a message is looked for, in milliseconds; later whenever it is twice as old, and at least once an hour. */
const SECOND_LOOK = 2 * 60_000
const THIRD_LOOK = 10 * 60_000
const HOUR = 60 * 60_000

/** A message that is not on record at this age, in milliseconds, was never taken. */
const ABSENT_FROM = THIRD_LOOK

/** What is kept to find a message by is wiped when it is a day old. */
const OLDEST = 23 * HOUR

const nextLook = (age: number): number | undefined => {
  if (age < SECOND_LOOK) return SECOND_LOOK - age
  if (age < THIRD_LOOK) return THIRD_LOOK - age
  return age > OLDEST ? undefined : Math.min(age, HOUR)
}

export const createSearch = ({ searches, keys, track, bus, now }: SearchDeps): SearchFor => {
  /** Whether an attempt whose answer was lost too may have become the message. */
  const mayBeOf = ({ attempt, sought }: Rival, { fits }: Trace, { shown }: SoughtContent): boolean => {
    const other = sought === undefined ? undefined : openSought(sought, attempt, keys)
    return fits !== 'words' || other === undefined || other.shown?.reveal() === shown?.reveal()
  }

  const tie = async ({ attempt, provider, channel, age }: DueSearch, inquiry: Inquiry, { reference, transaction, word }: Trace): Promise<number | undefined> => {
    if (!await searches.tie({ attempt, reference, transaction })) return nextLook(age)
    const report = { kind: 'report', channel, attempt, reference } as const
    await track(vendorOf(provider), [word === undefined
      ? { ...report, key: 'search', what: 'search.found', status: 'accepted', reason: undefined, vendorCode: undefined }
      : { ...report, key: `asked ${word.status}`, what: `report.${word.status}`, ...word }])
    return word === undefined ? Math.max(inquiry.after, age) : undefined
  }

  const settle = async ({ attempt, provider, age }: DueSearch): Promise<number | undefined> => {
    const settled = await searches.settle(attempt)
    if (settled === undefined) return nextLook(age)
    bus.emit({
      type: 'delivery.updated',
      ...settled,
      attempt,
      provider,
      what: 'search.absent',
      attemptStatus: 'failed',
      attemptWas: 'unknown',
      reason: 'not_taken',
      vendorCode: undefined,
      hint: undefined,
      milliseconds: now() - settled.attemptedAt
    })
    return undefined
  }

  return async (due, inquiry) => {
    const { attempt, sought, startedAt, leaseUntil, age } = due
    const content = openSought(sought, attempt, keys)
    if (content === undefined) return undefined
    const findings = await inquiry.search.find({ ...content, from: startedAt - BEFORE, until: leaseUntil }, Deadline.in(BUDGET))
    if (findings === undefined || findings.reach === 'part') return nextLook(age)
    const free = await searches.free(attempt, findings.traces.map(({ reference }) => reference))
    const traces = findings.traces.filter(({ reference }) => free.includes(reference))
    if (traces.length === 0 && findings.reach === 'all' && age >= ABSENT_FROM) return await settle(due)
    const [candidate, another] = traces.filter(({ fits }) => fits !== 'maybe')
    if (candidate === undefined || another !== undefined) return nextLook(age)
    const rivals = await searches.rivals(attempt)
    return rivals.some((rival) => mayBeOf(rival, candidate, content)) ? nextLook(age) : await tie(due, inquiry, candidate)
  }
}
