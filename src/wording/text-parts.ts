import { OneTimeCode } from '../domain/one-time-code.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { SpeechPart } from '../domain/speech.ts'

/** What may be a code, and would be read out as a number. */
const DIGITS = /(?<![0-9])[0-9]{4,10}(?![0-9])/g

/** Spelling takes time, and room in a document; a text with more such numbers is a list of something else. */
const MOST_SPELLED = 3

/** A stop behind digits: what is spelled ends in a pause of its own, and a stop that stands alone may be read out. */
const STOP = /^(?:[.,;:!?…]+(?=\s|$)|[。，！？、；：।۔؟،؛]+)/u

/** A text as it is spoken: its words as they are, its first runs of 4 to 10 digits one by one. */
export const textParts = (text: SensitiveText): SpeechPart[] => {
  const words = text.reveal()
  const parts: SpeechPart[] = []
  let end = 0
  for (const { 0: digits, index } of [...words.matchAll(DIGITS)].slice(0, MOST_SPELLED)) {
    parts.push(...wordsIn(words.slice(end, index)), { kind: 'spell', code: OneTimeCode.parse(digits) as OneTimeCode })
    end = index + digits.length
    end += STOP.exec(words.slice(end))?.[0].length ?? 0
  }
  return [...parts, ...wordsIn(words.slice(end))]
}

const wordsIn = (text: string): SpeechPart[] => {
  const words = text.trim()
  return words === '' ? [] : [{ kind: 'words', text: new SensitiveText(words) }]
}
