import type { Channel } from '../../domain/message.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
import type { BodyFormat } from '../dialect.ts'
import type { NumberReader } from '../number.ts'

/** How the numbers of a hook are read. */
export const NUMBER_WAYS = ['strict', 'international', 'careful'] as const satisfies ReadonlyArray<keyof NumberReader>

export type NumberWay = typeof NUMBER_WAYS[number]

/** What a hook can say in its body. */
export const FIELD_NAMES = ['number', 'code', 'text', 'locale', 'channel', 'key', 'ip', 'user'] as const

export type FieldName = typeof FIELD_NAMES[number]

/** Kinds of answers that a hook can word for itself. */
export const REPLY_NAMES = ['accepted', 'undecided', 'unauthorized', 'invalid', 'number', 'refused', 'limited', 'failed', 'unavailable'] as const

export type ReplyName = typeof REPLY_NAMES[number]

/** What a hook says instead of our own words: an object is sent as JSON, a text as plain text. */
export interface FixedReply {
  readonly status?: number
  readonly body?: object | string
}

/** What the value of a channel's field means: a way to send, or a text by whatever channel texts of the hook travel. */
export type ChannelMeaning = 'text' | Channel

export type SignatureAlgorithm = 'sha256' | 'sha512'

export type SignatureEncoding = 'hex' | 'base64'

/** A signature over the body's bytes, by any of the secrets. */
interface Signed {
  readonly header: string
  readonly algorithm: SignatureAlgorithm
  readonly encoding: SignatureEncoding
  readonly secrets: readonly SensitiveText[]
}

/** How a hook tells who it is. Headers are in lower case. */
export type HookAuthentication =
  /** A header holds a secret: plain, as `Bearer`, or as the password of `Basic`. Without `secrets`: one of the callers'. */
  | { readonly type: 'secret', readonly header: string, readonly secrets: readonly SensitiveText[] | undefined }
  /** `Basic`, with that user, or any. */
  | { readonly type: 'basic', readonly username: string | undefined, readonly secrets: readonly SensitiveText[] | undefined }
  | Signed & { readonly type: 'hmac', readonly prefix: string }
  /** The header is `t=<seconds>,<version>=<signature>`, over `<seconds>.<body>`. */
  | Signed & { readonly type: 'timestamped', readonly version: string, readonly toleranceMs: number }

/** A hook of the file, with every setting resolved. */
export interface GenericHook {
  /** As it stands in the route: `/hooks/generic/<name>`. */
  readonly name: string
  readonly authentication: HookAuthentication
  readonly formats: readonly BodyFormat[]
  /** Paths in the body, of which the first that has something counts. */
  readonly fields: Readonly<Record<FieldName, readonly string[]>>
  readonly numbers: NumberWay
  /** Finds the code in a text where it did not come by itself; absent: the only run of digits is it. */
  readonly codePattern: RegExp | undefined
  /** By the value of the channel's field, in lower case. */
  readonly channels: ReadonlyMap<string, ChannelMeaning>
  readonly replies: Readonly<Partial<Record<ReplyName, FixedReply>>>
  /** Milliseconds in which a request is answered. */
  readonly budgetMs: number
}
