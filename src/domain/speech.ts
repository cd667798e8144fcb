import type { OneTimeCode } from './one-time-code.ts'
import type { SensitiveText } from './sensitive.ts'

/**
 * One step of something spoken. A `say` has words of ours, `words` are those of a message. A `spell` is said one character
 * at a time, with a pause after each.
 */
export type SpeechPart =
  | { readonly kind: 'say', readonly text: string }
  | { readonly kind: 'words', readonly text: SensitiveText }
  | { readonly kind: 'spell', readonly code: OneTimeCode }
  | { readonly kind: 'pause', readonly milliseconds: number }

/** Words to be spoken, free of any vendor's markup. */
export interface Speech {
  /** BCP 47 tag of the language that the words are in, with the caller's region where it was given: `es-MX`. */
  readonly locale: string
  readonly parts: readonly SpeechPart[]
}
