import type { Channel, Message } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import type { GuardRule } from '../domain/guard-rule.ts'

/** The ranges that a number lies in, from the widest to the narrowest. */
export interface Ranges {
  /** ISO code, where the number tells it. */
  readonly country: string | undefined
  /** Keyed digest of the calling code and the first digits behind it, which is about what a country gives to one network. */
  readonly area: string
  /** Keyed digest of all but the last four digits. */
  readonly block: string
  /** As much of the area as people may read, even beside a masked number: `+49 151…`, of shorter numbers less. */
  readonly shownArea: string
}

/** A rule that would have a message refused; whether it is, is in its mode. */
export interface Finding {
  readonly rule: GuardRule
  readonly mode: 'shadow' | 'enforce'
  readonly reason: Reason
  /** In how many milliseconds the same might be taken, where that is known. */
  readonly retryAfter: number | undefined
}

/** What is to be said of a message by its number alone. */
export interface Judgement {
  /** To a number of `TEST_NUMBERS`: taken, and never sent. */
  readonly isTest: boolean
  /** By which channel it goes: a landline gets a call in place of a text. */
  readonly channel: Channel
  readonly ranges: Ranges
  readonly findings: readonly Finding[]
  /** What it is counted by, for each budget: keyed digests. */
  readonly counted: { readonly number: string, readonly ip: string | undefined, readonly user: string | undefined }
}

/** Whether a message may be sent. */
export type Admission =
  | {
    readonly kind: 'admitted'
    /** To be called once it is known whether anything was, or may have been, sent: what was not sent counts for nothing. */
    settle (wasSent: boolean): Promise<void>
  }
  | { readonly kind: 'refused', readonly reason: Reason, readonly retryAfter: number | undefined }

/** Keeps messages from being sent that nobody wants to pay for. */
export interface Guard {
  /** Judges a message by its number, without asking the store. */
  judge (message: Pick<Message, 'to' | 'channel' | 'requester' | 'caller' | 'code' | 'codeMaker'>): Judgement
  /**
   * Says whether a delivery may be sent, and counts it if so. Each rule that would have it refused is on record before
   * this settles. Throws `StoreUnavailable` where that cannot be told: then nothing may be sent.
   */
  admit (delivery: string, judgement: Judgement): Promise<Admission>
  /** Says the same of a message that is not sent: nothing is counted, and budgets are not asked. */
  rehearse (delivery: string, judgement: Judgement): Promise<Admission>
}
