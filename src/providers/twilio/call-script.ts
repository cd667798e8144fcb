import type { SensitiveText } from '../../domain/sensitive.ts'
import type { Spoken } from '../../domain/signal.ts'
import type { Speech } from '../../domain/speech.ts'
import type { CallWords } from '../provider.ts'
import { MAX_CODE_ROUNDS } from './call-step.ts'
import type { NextUrl } from './callback-urls.ts'
import { toTwiml, type CallAction } from './twiml.ts'
import type { Voice } from './voices.ts'

export interface CallScriptDeps {
  readonly words: CallWords
  /** `undefined` for a language that no voice speaks. */
  readonly voiceOf: (locale: string) => Voice | undefined
  /** How often a call says the code. */
  readonly repeats: number
}

/**
 * What a call says and does, as documents for Twilio. The same question has the same answer. What is said of the code holds
 * for words that stand in its place.
 */
export interface CallScript {
  /**
   * The beginning of a call that says its code at once. With `next` it tells when it has done so. Where it would be
   * longer than a request may carry, it says the code less often.
   */
  code (locale: string, said: Spoken, next: NextUrl | undefined): SensitiveText
  /**
   * The beginning of a call that asks for a key first, so that voicemail never holds the code. It asks twice, or once where
   * that would be too long.
   */
  confirmation (locale: string, next: NextUrl): SensitiveText
  /** The code after a key was pressed, for the `round`-th time; a key repeats it. */
  codeAfterKey (locale: string, said: Spoken, round: number, next: NextUrl): SensitiveText
  /** The end of a call. */
  end (): SensitiveText
}

/** How often a person is asked for a key. */
const MAX_CONFIRM_ROUNDS = 2

// https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource: `Twiml`. It speaks of characters; of bytes
// there are never fewer.
const LONGEST_INLINE = 4000

const isShort = (document: SensitiveText): boolean => Buffer.byteLength(document.reveal()) <= LONGEST_INLINE

const ENGLISH = 'en-US'

export const createCallScript = ({ words, voiceOf, repeats }: CallScriptDeps): CallScript => {
  /** Says it in the language that was asked for where a voice speaks that, else in English. */
  const spoken = (locale: string, wordsIn: (locale: string) => Speech): { readonly speech: Speech, readonly voice: Voice } => {
    const speech = wordsIn(locale)
    const voice = voiceOf(speech.locale)
    return voice === undefined ? { speech: wordsIn(ENGLISH), voice: voiceOf(ENGLISH) as Voice } : { speech, voice }
  }

  const codeOnly = (locale: string, said: Spoken, times: number, next: NextUrl | undefined): SensitiveText => toTwiml([
    { kind: 'speak', ...spoken(locale, (locale) => words.code(locale, said, times)) },
    next === undefined ? { kind: 'hang-up' } : { kind: 'go-on', next: next({ kind: 'spoken' }) }
  ])

  return {
    code (locale, said, next) {
      for (let times = repeats; times > 1; times -= 1) {
        const document = codeOnly(locale, said, times, next)
        if (isShort(document)) return document
      }
      return codeOnly(locale, said, 1, next)
    },
    confirmation (locale, next) {
      const question: CallAction = {
        kind: 'ask', ...spoken(locale, (locale) => words.confirm(locale)), next: next({ kind: 'code', round: 1 })
      }
      const asked = (rounds: number): SensitiveText =>
        toTwiml([...Array<CallAction>(rounds).fill(question), { kind: 'go-on', next: next({ kind: 'not-confirmed' }) }])
      const document = asked(MAX_CONFIRM_ROUNDS)
      return isShort(document) ? document : asked(1)
    },
    codeAfterKey (locale, said, round, next) {
      if (round === MAX_CODE_ROUNDS) return codeOnly(locale, said, repeats, next)
      return toTwiml([
        {
          kind: 'ask',
          ...spoken(locale, (locale) => words.codeThenKey(locale, said, repeats)),
          next: next({ kind: 'code', round: round + 1 })
        },
        { kind: 'go-on', next: next({ kind: 'spoken' }) }
      ])
    },
    end: () => toTwiml([{ kind: 'hang-up' }])
  }
}
