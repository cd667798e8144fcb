import type { IncomingHttpHeaders } from 'node:http'
import type { Static, TSchema } from 'typebox'
import type { ErrorCode } from '../domain/errors.ts'
import { NOBODY, type Channel, type IdempotencyKey, type Requester } from '../domain/message.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import type { SensitiveText } from '../domain/sensitive.ts'

/** A request to a hook, of which nothing may be believed until it is authenticated. */
export interface HookRequest {
  readonly headers: IncomingHttpHeaders
  /** The body's bytes exactly as they came. */
  readonly body: Buffer
}

/** Who asks; or why nobody is believed, in fixed words for the operator's log, and never for who asked. */
export type Belief = { readonly caller: string } | { readonly doubt: string }

/** Believes a caller who was recognised; where none was, `doubt` says why. */
export const believe = (caller: string | undefined, doubt: string): Belief => caller === undefined ? { doubt } : { caller }

/**
 * How a request is authenticated: by its headers, before the body is read, or by a signature over the body's bytes. They
 * compare in constant time.
 */
export type Authentication =
  | {
    readonly by: 'headers'
    /** Throws `RequestError` where it cannot be told right now. */
    examine (headers: IncomingHttpHeaders): Belief | Promise<Belief>
  }
  | { readonly by: 'body', examine (request: HookRequest): Belief }

/** A message as an identity provider asks for it. */
export interface HookMessage {
  readonly to: PhoneNumber
  /** `text`: as a text message, or by whatever channel the settings have texts of this hook travel. */
  readonly channel: 'text' | Channel
  /** The words of a text message; absent: the code is worded here. */
  readonly text: SensitiveText | undefined
  /** What a call says where there is no code; absent: the words of the text. */
  readonly speech: SensitiveText | undefined
  readonly code: OneTimeCode | undefined
  /** Looks for the code in the text where it did not come by itself; absent: there is none in it. */
  readonly findCode: ((text: string) => OneTimeCode | undefined) | undefined
  /** As it was given: any form, or none. */
  readonly locale: string | undefined
  /** A key that stands for this message, and for nothing that says something else; absent: it is told apart by what it says. */
  readonly idempotencyKey: IdempotencyKey | undefined
  /** What counts of all that it says; absent: all of it. */
  readonly distinction: SensitiveText | undefined
  /** When the code is worth nothing any more, milliseconds since 1970, where that was said. */
  readonly expiresAt: number | undefined
  /** For whom it is asked, as far as that is said. */
  readonly requester: Requester
}

/** What is to be told to the identity provider. */
export type Answer = Extract<Outcome, { kind: 'accepted' | 'duplicate' | 'unknown' }> | Failure

/** Nothing was sent. `code` says why, by the table of errors; `detail` is a fixed word or two; `id` is the delivery's. */
export interface Failure {
  readonly kind: 'failure'
  readonly code: ErrorCode
  readonly detail?: string | undefined
  readonly id?: string | undefined
  /** In how many seconds the same might be taken, where that is known. */
  readonly retryAfter?: number | undefined
}

/** A reply as its identity provider expects it. `retryAfter`: the seconds of its header `Retry-After`. */
export type HookReply =
  | { readonly kind: 'json', readonly status: number, readonly body: object, readonly retryAfter?: number | undefined }
  | { readonly kind: 'text', readonly status: number, readonly body: string, readonly retryAfter?: number | undefined }
  /** The failure as `application/problem+json`, with the status of the table. */
  | { readonly kind: 'problem', readonly failure: Failure }

/** The longest text that every provider takes, in UTF-16 code units. */
export const LONGEST_TEXT = 1600

/** For hooks that send all that they know of a person along with the code, in bytes. */
export const HOOK_BODY_LIMIT = 256 * 1024

export type BodyFormat = 'json' | 'form'

/** One identity provider's way to ask for a message and to be told what came of it. */
export interface Dialect {
  /** As settings name it: `okta`, `generic/logto`. */
  readonly name: string
  /** Where it is asked: `/hooks/okta`. */
  readonly route: string
  /** One line for the list of routes. */
  readonly summary: string
  /** Milliseconds in which a request is answered, counted from its first byte. */
  readonly budgetMs: number
  readonly formats: readonly BodyFormat[]
  /** The most bytes that a body may have. */
  readonly bodyLimit: number
  /** The shape of the body; further fields are tolerated. */
  readonly body: TSchema
  /** The replies by status, for the list of routes; what is not listed is not described. */
  readonly replies: Readonly<Record<number, TSchema>>
  readonly authentication: Authentication
  /** Reads a body that has the shape. Throws `RequestError` for what cannot be sent. */
  read (body: unknown, request: HookRequest): HookMessage
  /** Says every kind of answer in the provider's own words. Nothing in it but fixed words, ids and names of ours. */
  reply (answer: Answer): HookReply
}

/** A dialect whose `read` is typed by the shape of its body. */
export const dialectOf = <Body extends TSchema>(
  dialect: Omit<Dialect, 'body' | 'read'> & { readonly body: Body, read (body: Static<Body>, request: HookRequest): HookMessage }
): Dialect => ({ ...dialect, read: (body, request) => dialect.read(body as Static<Body>, request) })

/** A message with nothing but what is given. */
export const hookMessage = (given: Pick<HookMessage, 'to' | 'channel'> & Partial<HookMessage>): HookMessage => ({
  text: undefined,
  speech: undefined,
  code: undefined,
  findCode: undefined,
  locale: undefined,
  idempotencyKey: undefined,
  distinction: undefined,
  expiresAt: undefined,
  requester: NOBODY,
  ...given
})
