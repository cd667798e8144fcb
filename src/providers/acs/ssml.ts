import type { OneTimeCode } from '../../domain/one-time-code.ts'
import { SensitiveText } from '../../domain/sensitive.ts'
import type { Speech, SpeechPart } from '../../domain/speech.ts'
import { legalInXml } from '../xml-text.ts'

// https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-structure
const LONGEST_BREAK_MS = 5000
const BETWEEN_CHARACTERS_MS = 400
const RATE = '-20%'

// Of text without markup: https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/play-action
const LONGEST_PLAIN_TEXT = 400

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

const escape = (text: string): string => legalInXml(text).replace(/[&<>"']/g, (character) => ENTITIES[character] as string)

const silence = (milliseconds: number): string =>
  `<break time="${Math.min(LONGEST_BREAK_MS, Math.max(0, Math.round(milliseconds)))}ms"/>`

const characterOf = (character: string): string =>
  /[0-9]/.test(character) ? character : `<say-as interpret-as="characters">${character}</say-as>`

// Each character is a token of its own, because not every voice heeds `say-as` and some run digits together. The code
// ends in a break and in no full stop: after a digit, that is the sign of an ordinal in half of Europe.
const spelled = (code: OneTimeCode): string => {
  const characters = [...code.reveal()].map((character) => `${characterOf(character)} ${silence(BETWEEN_CHARACTERS_MS)}`)
  return `<prosody rate="${RATE}">${characters.join('')}</prosody>`
}

const marked = (part: SpeechPart): string => {
  switch (part.kind) {
    case 'say': return escape(part.text)
    case 'words': return escape(part.text.reveal())
    case 'spell': return spelled(part.code)
    case 'pause': return silence(part.milliseconds)
  }
}

const plain = (part: SpeechPart): string[] => {
  switch (part.kind) {
    case 'say': return [legalInXml(part.text)]
    case 'words': return [legalInXml(part.text.reveal())]
    case 'spell': return [`${[...part.code.reveal()].join(', ')};`]
    case 'pause': return []
  }
}

/** The speech as a document for Azure's text-to-speech. Text in it is escaped; no pause is longer than 5 s. */
export const toSsml = (speech: Speech, voice: { readonly name: string, readonly locale: string }): SensitiveText =>
  new SensitiveText('<speak version="1.0" xmlns="http://www.w3.org/2001/10/synthesis" ' +
    `xml:lang="${escape(voice.locale)}"><voice name="${escape(voice.name)}">${speech.parts.map(marked).join(' ')}</voice></speak>`)

/**
 * The speech without markup, for when its document was refused: pauses are dropped, and the characters of a code are
 * separated by commas. A semicolon ends them, because a full stop would make an ordinal of the last digit. Azure takes 400
 * characters of it: what is longer ends before the word that does not fit.
 */
export const toPlainText = (speech: Speech): SensitiveText => {
  const text = speech.parts.flatMap(plain).join(' ')
  return new SensitiveText(text.length <= LONGEST_PLAIN_TEXT ? text : beginningOf(text))
}

/** Where there are no spaces between words, a character may be cut in two, and is left out. */
const beginningOf = (text: string): string =>
  legalInXml(text.slice(0, LONGEST_PLAIN_TEXT + 1).replace(/\s+\S*$/, '').slice(0, LONGEST_PLAIN_TEXT))
