import type { ErrorCode } from '../domain/errors.ts'
import type { Channel } from '../domain/message.ts'
import type { OneTimeCode } from '../domain/one-time-code.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import type { Reason } from '../domain/reason.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import type { MessageState, VerificationStatus } from '../domain/verification.ts'
import type { Session } from './session.ts'

/** Who asks: an app with its secret, or a browser with a session that an app has made. */
export type Asker =
  | { readonly kind: 'caller', readonly caller: string }
  | { readonly kind: 'session', readonly session: Session }

/** A verification that somebody wants. What is absent is as the profile says; of a session only `to`, `channel` and `locale` count. */
export interface StartRequest {
  readonly to: PhoneNumber
  readonly profile: string | undefined
  readonly channel: Channel | undefined
  readonly locale: string | undefined
  readonly codeLength: number | undefined
  /** Milliseconds. */
  readonly lifetime: number | undefined
  readonly maxAttempts: number | undefined
  readonly ip: SensitiveText | undefined
  readonly user: SensitiveText | undefined
  /** The app's own id of the browser session that it asks for: tells apart the people of one app. */
  readonly session: string | undefined
}

/** A verification as those may see it who started it. Moments are milliseconds since 1970, by the store's clock. */
export interface View {
  readonly id: string
  readonly status: VerificationStatus
  readonly profile: string
  readonly channel: Channel
  /** Masked. */
  readonly number: string
  /** The number itself; for apps only. */
  readonly to: PhoneNumber | undefined
  /** The app's own word for what it is about, where its session has one; for apps only. */
  readonly reference: string | undefined
  /** Absent once it has ended: then there is no code any more. */
  readonly codeLength: number | undefined
  readonly attemptsLeft: number
  readonly sendsLeft: number
  readonly resendAt: number
  readonly message: { readonly state: MessageState, readonly reason: Reason | undefined }
  readonly createdAt: number
  readonly expiresAt: number
  readonly endedAt: number | undefined
  readonly now: number
  /** Ids of the deliveries that were sent, the newest last; for apps only, once it is approved: sooner, decoys could be told apart by it. */
  readonly deliveries: readonly string[] | undefined
  /** How it ended, signed; for sessions only, once it has. */
  readonly result: string | undefined
}

/** Nothing was done. `retryAfter` is in milliseconds. */
export interface Refused {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly retryAfter?: number | undefined
}

export type Answered<T> = { readonly kind: 'done', readonly value: T } | Refused

export interface CheckView {
  readonly valid: boolean
  readonly status: VerificationStatus
  readonly attemptsLeft: number
  /** For sessions only, once it has ended. */
  readonly result: string | undefined
}

/** Codes of our own. Whose verification it is not, for them there is none: `not_found`. Throws `StoreUnavailable`. */
export interface VerificationService {
  /** Starts one, on disk before this settles; the message is sent afterwards, whatever becomes of this process. */
  start (request: StartRequest, asker: Asker): Promise<Answered<View>>
  find (id: string, asker: Asker): Promise<Answered<View>>
  check (id: string, code: OneTimeCode | undefined, asker: Asker): Promise<Answered<CheckView>>
  resend (id: string, channel: Channel | undefined, asker: Asker): Promise<Answered<View>>
  cancel (id: string, asker: Asker): Promise<Answered<View>>
}
