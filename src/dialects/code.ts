import { RequestError } from '../domain/errors.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'

/**
 * Reads a code that came in a field of its own; `undefined` where there is none. As a JSON integer it has lost its leading
 * zeros, which `text` may still show. Throws `RequestError` for what is no code, `null` too.
 */
export const readCode = (given: unknown, text?: string): OneTimeCode | undefined => {
  if (given === undefined) return undefined
  const code = typeof given === 'number' ? OneTimeCode.fromInteger(given, text) : OneTimeCode.parse(typeof given === 'string' ? given : '')
  if (code === undefined) throw new RequestError('code_invalid')
  return code
}

/** The last line of a text that browsers read: `@example.com #482913`. https://web.dev/articles/web-otp */
const WEB_OTP = /(?:^|\n)[ \t]*@[a-z0-9.-]{1,253}[ \t]+#([A-Za-z0-9]{4,10})(?:[ \t]+@[a-z0-9.-]{1,253})?\s*$/i

/** A word in which digits are no code: an address. */
const ADDRESS = /\/\/|www\.|@|[a-z]\.[a-z]{2,}[/?#:]/i

/** A telephone number, of which a group may look like a code. */
const PHONE_NUMBER = /\+[0-9](?:[ .-]?\(?[0-9]\)?){6,13}(?![0-9])/g

/**
 * A run of 4 to 10 digits that stands by itself: no piece of a number with other marks in it, no price and no year. Letters
 * that have capitals make one word with digits; those of languages without spaces do not.
 */
const RUN = /(?<![\p{Lu}\p{Ll}\p{Lt}\p{N}_+]|\p{N}[.,:/-]|\p{Sc} ?)[0-9]{4,10}(?![\p{Lu}\p{Ll}\p{Lt}\p{N}_年년]|[.,:/-]\p{N}| ?\p{Sc})/gu

/** Characters that are looked at, from the end: texts are shorter. */
const LONGEST_TEXT = 2000

/**
 * Finds the code in a text: the one that the line for browsers names, else the only run of 4 to 10 digits. Where there are
 * several of them, nobody can tell which one it is: `undefined`.
 */
export const findCode = (text: string): OneTimeCode | undefined => {
  const looked = text.slice(-LONGEST_TEXT)
  const named = WEB_OTP.exec(looked)?.[1]
  if (named !== undefined) return OneTimeCode.parse(named)
  const words = looked.split(/\s+/).filter((word) => !ADDRESS.test(word))
  const [first, ...others] = new Set(words.join(' ').replaceAll(PHONE_NUMBER, '+').match(RUN))
  return first === undefined || others.length > 0 ? undefined : OneTimeCode.parse(first)
}

/** Finds the code by a pattern: by its first group where it has one, else by all of it. */
export const findCodeBy = (pattern: RegExp) => (text: string): OneTimeCode | undefined => {
  const found = pattern.exec(text.slice(-LONGEST_TEXT))
  return found === null ? undefined : OneTimeCode.parse(found[1] ?? found[0])
}

/** The text without the line that is for browsers only. */
export const withoutWebOtp = (text: string): string => text.replace(WEB_OTP, '').trim()
