import type { CodeVendor } from './code-maker.ts'
import type { OneTimeCode } from './one-time-code.ts'
import type { Origin } from './origin.ts'
import type { PhoneNumber } from './phone-number.ts'
import type { SensitiveText } from './sensitive.ts'

/** By what means a message reaches a person. */
export const CHANNELS = ['sms', 'voice', 'whatsapp'] as const

export type Channel = typeof CHANNELS[number]

/** A message that a caller wants delivered, free of the caller's own format. */
export interface Message {
  /** The name of the caller whose secret came with the request. */
  readonly caller: string
  /** The route that took it. */
  readonly route: string
  /** The name of the hook's dialect: `okta`, `generic/logto`. */
  readonly hook: string
  /** For whom the caller asks, as far as it says so. */
  readonly requester: Requester
  readonly channel: Channel
  readonly to: PhoneNumber
  /** The words to send, or to speak where there is no code; where absent, the gateway words the code. */
  readonly text: SensitiveText | undefined
  readonly code: OneTimeCode | undefined
  /** What a call says, with the code in it; where absent, the gateway words the code there too. */
  readonly speech: SensitiveText | undefined
  /** The vendor that makes the code itself and sends it, where one does: then there are no words and no code. */
  readonly codeMaker: CodeVendor | undefined
  /** As the caller gave it: any form, or none. */
  readonly locale: string | undefined
  /** The caller's own key for this message, where it gave one. */
  readonly idempotencyKey: IdempotencyKey | undefined
  /** What tells the message from others to the same number by the same channel, where that is not all that it says. */
  readonly distinction: SensitiveText | undefined
  /** When its code is worth nothing any more, where the caller says so; milliseconds since 1970. */
  readonly expiresAt: number | undefined
  readonly origin: Origin
}

/** For whom a message is asked: to count by, and for nothing else. */
export interface Requester {
  /** The address that the person asks from. */
  readonly ip: SensitiveText | undefined
  /** The caller's own id of the person's account. */
  readonly user: SensitiveText | undefined
}

/** Of a person of whom nothing is said. */
export const NOBODY: Requester = { ip: undefined, user: undefined }

/** A key that stands for one message, and for how long it does so, in milliseconds. */
export interface IdempotencyKey {
  readonly value: SensitiveText
  readonly holdFor: number
}
