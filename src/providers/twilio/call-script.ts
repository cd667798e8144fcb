import type { OneTimeCode } from '../../domain/one-time-code.ts'
import type { SensitiveText } from '../../domain/sensitive.ts'
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

/** What a call says and does, as documents for Twilio. The same question has the same answer. */
export interface CallScript {
  /**
   * The beginning of a call that says its code at once. With `next` it tells when it has done so. Where it would be
   * longer than a request may carry, it says the code less often.
   */
  code (locale: string, code: OneTimeCode, next: NextUrl | undefined): SensitiveText
  /** The beginning of a call that asks for a key first, so that voicemail never holds the code. */
  confirmation (locale: string, next: NextUrl): SensitiveText
  /** The code after a key was pressed, for the `round`-th time; a key repeats it. */
  codeAfterKey (locale: string, code: OneTimeCode, round: number, next: NextUrl): SensitiveText
  /** The end of a call. */
  end (): SensitiveText
}

/** How often a person is asked for a key. */
const MAX_CONFIRM_ROUNDS = 2

// https://www.twilio.com/docs/voice/api/call-resource#create-a-call-resource: `Twiml`. It speaks of characters; of bytes
// there are never fewer.
const LONGEST_INLINE = 4000

const ENGLISH = 'en-US'

export const createCallScript = ({ words, voiceOf, repeats }: CallScriptDeps): CallScript => {
  /** Says it in the language that was asked for where a voice speaks that, else in English. */
  const spoken = (locale: string, wordsIn: (locale: string) => Speech): { readonly speech: Speech, readonly voice: Voice } => {
    const speech = wordsIn(locale)
    const voice = voiceOf(speech.locale)
    return voice === undefined ? { speech: wordsIn(ENGLISH), voice: voiceOf(ENGLISH) as Voice } : { speech, voice }
  }

  const codeOnly = (locale: string, code: OneTimeCode, times: number, next: NextUrl | undefined): SensitiveText => toTwiml([
    { kind: 'speak', ...spoken(locale, (locale) => words.code(locale, code, times)) },
    next === undefined ? { kind: 'hang-up' } : { kind: 'go-on', next: next({ kind: 'spoken' }) }
  ])

  return {
    code (locale, code, next) {
      for (let times = repeats; times > 1; times -= 1) {
        const document = codeOnly(locale, code, times, next)
        if (Buffer.byteLength(document.reveal()) <= LONGEST_INLINE) return document
      }
      return codeOnly(locale, code, 1, next)
    },
    confirmation (locale, next) {
      const question: CallAction = {
        kind: 'ask', ...spoken(locale, (locale) => words.confirm(locale)), next: next({ kind: 'code', round: 1 })
      }
      return toTwiml([...Array<CallAction>(MAX_CONFIRM_ROUNDS).fill(question), { kind: 'go-on', next: next({ kind: 'not-confirmed' }) }])
    },
    codeAfterKey (locale, code, round, next) {
      if (round === MAX_CODE_ROUNDS) return codeOnly(locale, code, repeats, next)
      return toTwiml([
        {
          kind: 'ask',
          ...spoken(locale, (locale) => words.codeThenKey(locale, code, repeats)),
          next: next({ kind: 'code', round: round + 1 })
        },
        { kind: 'go-on', next: next({ kind: 'spoken' }) }
      ])
    },
    end: () => toTwiml([{ kind: 'hang-up' }])
  }
}
