import type { CodeMaker } from './code-maker.ts'
import type { Channel } from './message.ts'

/** How a verification can end. */
export const FINAL_STATUSES = ['approved', 'failed', 'expired', 'canceled'] as const

export type FinalStatus = typeof FINAL_STATUSES[number]

export const VERIFICATION_STATUSES = ['pending', ...FINAL_STATUSES] as const

export type VerificationStatus = typeof VERIFICATION_STATUSES[number]

/** What holds for the verifications of one kind, where who starts them says nothing else. Times are milliseconds. */
export interface Profile {
  readonly name: string
  /** Which words are sent: `login`, `signup` or any other that the templates know. */
  readonly purpose: string
  /** The ways that may be asked for; the first is taken where none is. */
  readonly channels: readonly Channel[]
  /** Digits. */
  readonly codeLength: number
  readonly lifetime: number
  /** Wrong codes of a number in any hour, after which nothing is right any more. */
  readonly maxAttempts: number
  /** Between one message and the next. */
  readonly cooldown: number
  /** Messages in all. */
  readonly maxSends: number
  readonly codeMaker: CodeMaker
}

/** What became of the newest message of a verification, as far as whoever started it is told. */
export type MessageState = 'sending' | 'sent' | 'failed'

/**
 * For so many milliseconds after a message was asked for, it is shown as being sent at least. That of a decoy, which is sent
 * to nobody, is shown so for as long: by that the two cannot be told apart.
 */
export const SHOWN_AS_SENDING = 1000
