import { OneTimeCode } from '../domain/one-time-code.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { Spoken } from '../domain/signal.ts'
import type { Speech, SpeechPart } from '../domain/speech.ts'
import { isRegion, resolveLocale } from './locale.ts'
import { PHRASES } from './phrases.ts'
import type { Phrases } from './phrases/shape.ts'
import { textParts } from './text-parts.ts'

/** How a code is said, or a text. */
export interface SpokenOptions {
  /** How often it is said in all; at least once. */
  readonly repeats: number
}

/** A text takes longer than a code, and is understood sooner. */
const MOST_REPEATS_OF_TEXT = 2

// The first pause survives the moment before the line carries sound; the others give time to write.
const PAUSE: SpeechPart = { kind: 'pause', milliseconds: 1000 }

const say = (text: string): SpeechPart => ({ kind: 'say', text })

const speechOf = (locale: string | undefined, parts: (phrases: Phrases) => readonly SpeechPart[]): Speech => {
  const resolved = resolveLocale(locale)
  return { locale: resolved.locale, parts: [PAUSE, ...parts(PHRASES[resolved.language])] }
}

const spelled = (phrases: Phrases, code: OneTimeCode, repeats: number): SpeechPart[] => {
  const parts: SpeechPart[] = [say(phrases.codeSpeech), { kind: 'spell', code }]
  for (let said = 1; said < repeats; said++) parts.push(PAUSE, say(phrases.again), { kind: 'spell', code })
  return parts
}

const recited = (text: SensitiveText, repeats: number): SpeechPart[] => {
  const words = textParts(text)
  const parts = [...words]
  for (let said = 1; said < Math.min(repeats, MOST_REPEATS_OF_TEXT); said++) parts.push(PAUSE, ...words)
  return parts
}

const spoken = (phrases: Phrases, said: Spoken, repeats: number): SpeechPart[] =>
  said instanceof OneTimeCode ? spelled(phrases, said, repeats) : recited(said, repeats)

/** The text message for a code that came without words: one segment. */
export const codeText = (locale: string | undefined, code: OneTimeCode): SensitiveText =>
  new SensitiveText(PHRASES[resolveLocale(locale).language].codeText.replace('{code}', code.reveal()))

/**
 * Says the code, `repeats` times in all. Words that stand in its place are said as they are, twice at most; what looks like a
 * code in them is spelled.
 */
export const codeSpeech = (locale: string | undefined, said: Spoken, { repeats }: SpokenOptions): Speech =>
  speechOf(locale, (phrases) => spoken(phrases, said, repeats))

/** Says what `codeSpeech` says, then asks for a key to hear it again. */
export const codePrompt = (locale: string | undefined, said: Spoken, { repeats }: SpokenOptions): Speech =>
  speechOf(locale, (phrases) => [...spoken(phrases, said, repeats), PAUSE, say(phrases.pressToRepeat)])

/** Says what the call is and asks for a key, before anything secret is said. */
export const confirmPrompt = (locale: string | undefined): Speech =>
  speechOf(locale, (phrases) => [say(phrases.pressKey)])

/** Tells somebody who calls one of our numbers what it is for. */
export const incomingAnnouncement = (locale: string | undefined): Speech =>
  speechOf(locale, (phrases) => [say(phrases.thisNumber), say(phrases.goodbye)])

/**
 * The locale of the likely language of a country (ISO 3166, two letters), where we have words for it: `CH` gives
 * `de-CH`. Else, and for what is no country, `en-US`.
 */
export const localeOfCountry = (country: string | undefined): string => {
  if (country === undefined || !/^[a-z]{2}$/i.test(country)) return 'en-US'
  const tag = new Intl.Locale(`und-${country}`)
  return isRegion(tag.region) ? resolveLocale(tag.maximize().toString()).locale : 'en-US'
}
