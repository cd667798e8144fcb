import type { OneTimeCode } from './one-time-code.ts'
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
  readonly channel: Channel
  readonly to: PhoneNumber
  /** The words to send; where absent, the gateway words the code. */
  readonly text: SensitiveText | undefined
  readonly code: OneTimeCode | undefined
  /** As the caller gave it: any form, or none. */
  readonly locale: string | undefined
  /** The caller's own key for this message, where it gave one. */
  readonly idempotencyKey: SensitiveText | undefined
}
