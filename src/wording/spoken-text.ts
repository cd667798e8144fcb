import { SensitiveText } from '../domain/sensitive.ts'

// What is said travels sealed in the URLs of a call, and for some vendors in a document of at most 4000 bytes. Four hundred
// characters take half a minute to say.
const MOST_CHARACTERS = 400
const MOST_BYTES = 600

/** How much can be spoken, in words. */
export const MOST_SPOKEN = `${MOST_CHARACTERS} characters, and ${MOST_BYTES} bytes in UTF-8`

/** Where a word or a character ends is seen in what follows, within reason. */
const LOOKED_AT = 3 * MOST_CHARACTERS

/** A sentence that is whole is worth up to a third of the words. */
const LEAST_SHARE_IN_SENTENCES = 2 / 3

/** What nobody says: white space of every kind, control characters, and halves of characters. */
const UNSPOKEN = /[\s\p{Cc}\p{Cs}]+/gu

const SENTENCES = new Intl.Segmenter('en', { granularity: 'sentence' })
const WORDS = new Intl.Segmenter('en', { granularity: 'word' })
const CHARACTERS = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * The words of a text that a call has time and room for: at most 400 characters (UTF-16) and 600 bytes (UTF-8), on one line.
 * A longer text ends with a word, or with a sentence where one ends in the last third. `undefined` where nothing is left.
 */
export const spokenText = (text: SensitiveText): SensitiveText | undefined => {
  const words = shortened(text.reveal().replace(UNSPOKEN, ' ').trim())
  return words === '' ? undefined : new SensitiveText(words)
}

/** Whether a call has time and room for the whole of a text. */
export const canBeSpoken = (text: string): boolean => text.length <= MOST_CHARACTERS && Buffer.byteLength(text) <= MOST_BYTES

const shortened = (text: string): string => {
  if (canBeSpoken(text)) return text
  const [sentences, words] = [beginningOf(text, SENTENCES), beginningOf(text, WORDS)]
  if (words === '') return beginningOf(text, CHARACTERS)
  return sentences.length >= words.length * LEAST_SHARE_IN_SENTENCES ? sentences : words
}

/** As many whole segments from the beginning as fit. */
const beginningOf = (text: string, segmenter: Intl.Segmenter): string => {
  let end = 0
  for (const { index, segment } of segmenter.segment(text.slice(0, LOOKED_AT))) {
    if (!canBeSpoken(text.slice(0, index + segment.length).trimEnd())) break
    end = index + segment.length
  }
  return text.slice(0, end).trimEnd()
}
