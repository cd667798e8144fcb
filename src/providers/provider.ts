import type { IncomingHttpHeaders } from 'node:http'
import type { CodeVendor } from '../domain/code-maker.ts'
import type { Deadline } from '../domain/deadline.ts'
import type { Channel } from '../domain/message.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import type { SendResult } from '../domain/outcome.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import type { Signal, Spoken, Word } from '../domain/signal.ts'
import type { Speech } from '../domain/speech.ts'

/** One attempt to deliver one message. */
export interface Order {
  readonly delivery: string
  /** The attempt's id; where the vendor can carry something opaque, it carries this. */
  readonly attempt: string
  /** When the attempt began, milliseconds since 1970. */
  readonly startedAt: number
  readonly to: PhoneNumber
  /** The words of a text message, or of a call that has no code to say. */
  readonly text: SensitiveText | undefined
  /** What a call says where there is one. */
  readonly code: OneTimeCode | undefined
  /** What a call says in place of the usual words around the code, which is in it. */
  readonly speech?: SensitiveText | undefined
  readonly locale: string
  /** When the code is worth nothing any more, milliseconds since 1970. */
  readonly expiresAt: number
}

/** A way to deliver messages by one channel. */
export interface Provider {
  /** As it stands in settings, records and replies: `acs-sms`. */
  readonly name: string
  readonly channel: Channel
  /** Whether it words a message itself, around a code: without one there is nothing that it could send. */
  readonly needsCode: boolean
  /** Whether the gateway conducts the calls that it places, and must see to their end. */
  readonly isConducted: boolean
  /** Sends once. Settles before the deadline with what is known; throws only for a bug. */
  send (order: Order, deadline: Deadline): Promise<SendResult>
  /**
   * What an operator can do about the vendor's own code for a failure; `undefined` where nothing is known of it.
   * `country`: ISO code of the number's country, where it is known.
   */
  hint (vendorCode: string, country: string | undefined): string | undefined
  /** Absent: the vendor cannot be asked, or always tells by itself. */
  readonly inquiry: Inquiry | undefined
  /** Absent: the vendor does not want to know. */
  readonly feedback: Feedback | undefined
}

/** Asking a vendor what became of a message. */
export interface Inquiry {
  /** How long to wait for the vendor to tell by itself, in milliseconds. */
  readonly after: number
  /** What the vendor says of the message that it called so; `undefined` where it has no final word, or none that came. Never throws. */
  ask (reference: string, deadline: Deadline): Promise<Word | undefined>
  /** Finding the message where the vendor's answer was lost, and its name with it. */
  readonly search: Search
}

/** Looking through a vendor's records for what an attempt became. */
export interface Search {
  /** What of an order the vendor shows in its records: the words, or the code in them; `undefined` where it shows neither. */
  shown (order: Pick<Order, 'text' | 'code'>): SensitiveText | undefined
  /** Reads the records of what went to that number. `undefined` where they could not be read. Never throws. */
  find (sought: Sought, deadline: Deadline): Promise<Findings | undefined>
}

/** What is known of a message whose name is not. */
export interface Sought {
  readonly to: PhoneNumber
  /** As `shown` gave it. */
  readonly shown: SensitiveText | undefined
  /** Between which moments the vendor took it, if it did: milliseconds since 1970. */
  readonly from: number
  readonly until: number
}

export interface Findings {
  /** What may be the message, in no order. Records that cannot be it are left out. */
  readonly traces: readonly Trace[]
  /**
   * How far the records were read: `all` of them; all that come into question, though not to the end (`window`); or a
   * `part`, by which nothing can be told.
   */
  readonly reach: 'all' | 'window' | 'part'
}

/** A record of a vendor's that may be of the message that is sought. */
export interface Trace {
  /** The vendor's own id of it. */
  readonly reference: string
  /** The vendor's id of what it belongs to, where there is such a thing. */
  readonly transaction: string | undefined
  /**
   * `words`: number, time and words are the same. `number`: number and time are, and the vendor shows no words. `maybe`:
   * it is a little beside the time, or otherwise odd; it is not taken for the message, nor for somebody else's.
   */
  readonly fits: 'words' | 'number' | 'maybe'
  /** What became of it; `undefined` where there is no final word. */
  readonly word: Word | undefined
}

/** Telling a vendor that a code was used, which it counts, and frees the person's allowance by. */
export interface Feedback {
  /** Whether it is told of a message that did not arrive as well: its code was used, and came by another. */
  readonly ofUndelivered: boolean
  /** `transaction` is what the vendor called it when it took the message. Gives `refused` where there is nothing to tell any more. */
  used (transaction: string, deadline: Deadline): Promise<Taken>
}

/** The words of calls, for vendors that want them when a call is placed. */
export interface CallWords {
  /** Says the code so often; words that stand in its place, less often. */
  code (locale: string, said: Spoken, repeats: number): Speech
  /** Says the same, then asks for a key to hear it again. */
  codeThenKey (locale: string, said: Spoken, repeats: number): Speech
  /** Says what the call is and asks for a key, before anything secret is said. */
  confirm (locale: string): Speech
}

/** Whether the vendor took a request: `unknown` where its answer was lost, and the request may have been taken. */
export type Taken = 'taken' | 'refused' | 'unknown'

/** What can be said and asked in a call that is connected. Each settles within a few seconds. */
export interface CallControl {
  /** Speaks. `step` comes back with the events of this speech; `plain` does without markup. */
  speak (reference: string, speech: Speech, options: { readonly step: string, readonly plain: boolean }): Promise<Taken>
  /** Speaks, may be interrupted by a key, and waits for a key for a while after. */
  ask (reference: string, to: PhoneNumber, speech: Speech, options: { readonly step: string, readonly plain: boolean }): Promise<Taken>
  /** Ends a call for everybody. `false`: it may still go on. A call that is over already is no failure. */
  hangUp (reference: string): Promise<boolean>
  /** Whether the vendor confirms that the call was placed with this token of ours. Throws `EventsUnavailable` where it cannot be asked. */
  confirms (reference: string, token: SensitiveText): Promise<boolean>
  reject (context: SensitiveText): Promise<Taken>
  /** Answers a call, to announce something in that locale; gives the vendor's id of the call, where it was answered. */
  answer (context: SensitiveText, locale: string): Promise<string | undefined>
}

/** A request that came to a vendor's event route. */
export interface EventRequest {
  readonly headers: IncomingHttpHeaders
  readonly query: Readonly<Record<string, unknown>>
  /** The body, parsed as JSON. */
  readonly body: unknown
}

export type ReceivedEvents =
  /** Nothing in it may be believed. */
  | { readonly kind: 'unauthorized' }
  /** The vendor asks whether the events may come here. */
  | { readonly kind: 'handshake', readonly reply: Readonly<Record<string, string>> }
  | { readonly kind: 'signals', readonly signals: readonly Signal[], readonly ignored: readonly IgnoredItem[] }

/** An item that was passed over: not of a kind we use, not of a shape we know, or not for the bearer to say. */
export type IgnoredItem = 'unknown' | 'malformed' | 'foreign'

/** Thrown where events cannot be checked right now, by no fault of the sender: it should send them again. */
export class EventsUnavailable extends Error {
  constructor (options?: ErrorOptions) {
    super('the events cannot be checked right now', options)
    this.name = 'EventsUnavailable'
  }
}

/** Reads a vendor's events: who says so, and what it means. */
export interface EventReader {
  /** Authenticates a request and gives what it says. Throws `EventsUnavailable`. */
  read (request: EventRequest): Promise<ReceivedEvents>
}

/** A form that came to one of a vendor's callback routes. */
export interface CallbackRequest {
  readonly about: 'message' | 'call'
  readonly headers: IncomingHttpHeaders
  /** The query exactly as it came, from its `?` on; empty where there is none. */
  readonly search: string
  /** The fields of the body, decoded; a field that comes several times has several values. */
  readonly form: Readonly<Record<string, string | string[]>>
}

export type ReceivedCallback =
  /** Not signed by the vendor: nothing in it may be believed. */
  | { readonly kind: 'forged' }
  | {
    readonly kind: 'signals'
    readonly signals: readonly Signal[]
    readonly ignored: readonly IgnoredItem[]
    /** What the call is to do next, in the vendor's own XML; absent where nothing is asked. */
    readonly reply: SensitiveText | undefined
  }

/** Reads what a vendor tells of a message or of a call that it conducts: who says so, and what it means. */
export interface CallbackReader {
  read (request: CallbackRequest): ReceivedCallback
}

/** Everything that the configured vendors can do. */
export interface Providers {
  readonly providers: readonly Provider[]
  /** The numbers that are ours, in E.164 form. */
  readonly ownNumbers: readonly string[]
  readonly calls: CallControl | undefined
  readonly events: EventReader | undefined
  readonly callbacks: CallbackReader | undefined
  readonly codeOwners: readonly CodeOwner[]
}

/** A vendor that makes codes itself, and checks them. */
export interface CodeOwner {
  readonly name: CodeVendor
  /** What sends a code of its own making, one for each channel. A message of theirs has neither words nor a code. */
  readonly providers: readonly Provider[]
  /**
   * Checks a code of what it called by that name when it took the message. `over`: it checks nothing more there, because the
   * code was approved, has expired or was tried too often. `unknown`: its answer was lost; it may have approved. Never throws.
   */
  check (transaction: string, code: OneTimeCode, deadline: Deadline): Promise<'right' | 'wrong' | 'over' | 'unknown'>
  /** Whether a code of it was approved. `unknown` where it cannot be told right now. Never throws. */
  isApproved (transaction: string, deadline: Deadline): Promise<boolean | 'unknown'>
  /** Lets its code be right no more. Never throws. */
  cancel (transaction: string, deadline: Deadline): Promise<Taken>
}
