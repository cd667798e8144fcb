import { RequestError } from '../domain/errors.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { isNoCode } from './not-a-code.ts'

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

/** A day: `2026-08-20`. Those with other marks are no tokens. */
const DATE = /(?<![0-9])(?:[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}-[0-9]{1,2}-[0-9]{4})(?![0-9])/g

/** What may be a code, or look like one to people: digits in groups, and 4 to 10 digits and capitals. */
const LOOK = '(?=(?:[ \\u00a0-]?[0-9]){4})[0-9]{1,10}(?:[ \\u00a0-][0-9]{1,10}){1,9}|(?=[A-Z]{0,9}[0-9])[A-Z0-9]{4,10}'

/**
 * What looks like a code and stands by itself: no piece of a number with other marks in it, and no price. Letters that have
 * capitals make one word with digits; those of languages without spaces do not.
 */
const TOKEN = new RegExp(`(?<![\\p{Lu}\\p{Ll}\\p{Lt}\\p{N}_+]|\\p{N}[.,:/-]|\\p{Sc} ?)(?:${LOOK})(?![\\p{Lu}\\p{Ll}\\p{Lt}\\p{N}_年년]|[.,:/-]\\p{N}| ?\\p{Sc})`, 'gu')

/** Characters of a text in which a code is looked for, from the end: usual ones are shorter. */
export const MOST_SEARCHED = 2000

/**
 * Finds the code in a text: the one that the line for browsers names, else the only run of 4 to 10 digits that is nothing
 * else. Where something else looks like a code too, nobody can tell which one it is: `undefined`.
 */
export const findCode = (text: string): OneTimeCode | undefined => {
  const looked = text.slice(-MOST_SEARCHED)
  const named = WEB_OTP.exec(looked)?.[1]
  if (named !== undefined) return OneTimeCode.parse(named)
  const words = looked.replaceAll(/\S+/g, (word) => ADDRESS.test(word) ? '' : word).replaceAll(PHONE_NUMBER, '+').replaceAll(DATE, '')
  const tokens = [...words.matchAll(TOKEN)].filter(({ index, 0: token }) => !isNoCode(words, index, index + token.length))
  const [first, ...others] = new Set(tokens.map(([token]) => token))
  return first === undefined || others.length > 0 || !/^[0-9]+$/.test(first) ? undefined : OneTimeCode.parse(first)
}

/** The text without the line that is for browsers only. */
export const withoutWebOtp = (text: string): string => text.replace(WEB_OTP, '').trim()
