import { createContext, Script, type Context } from 'node:vm'
import { OneTimeCode } from '../../domain/one-time-code.ts'
import { MOST_SEARCHED } from '../code.ts'

/** Milliseconds that a pattern has for one text; a usual one needs a tenth of one. */
const LIMIT = 50

/** Milliseconds that it has for each trial when it is read: whoever is slow there is so by its nature, and not by chance. */
const LIMIT_OF_TRIAL = 300

/** What patterns repeat, for trials. */
const PIECES = ['1', 'a', 'A', ' ', '1 ', 'a ', '1a ', '1-', '\n']

/** Finds the code by a pattern: by its first group where it has one, else by all of it. What takes too long finds nothing. */
export const findCodeBy = (pattern: RegExp): (text: string) => OneTimeCode | undefined => {
  const search = boundedSearch(pattern, LIMIT)
  return (text) => {
    const found = search(text.slice(-MOST_SEARCHED))
    return found === TOO_MUCH || found === null ? undefined : OneTimeCode.parse(found[1] ?? found[0])
  }
}

/** Whether it is a regular expression. */
export const isPattern = (text: string): boolean => {
  try {
    return new RegExp(text) instanceof RegExp
  } catch {
    return false
  }
}

/**
 * Whether a pattern answers soon on texts that are hard on most of those that do not. An early warning only, as no trial
 * finds all of them.
 */
export const isQuick = (pattern: string): boolean => {
  const search = boundedSearch(new RegExp(pattern), LIMIT_OF_TRIAL)
  return trialsOf(pattern).every((text) => search(text) !== TOO_MUCH)
}

/** Long texts, with and without the words of the pattern before them. What they end in is in no pattern, so that few match. */
const trialsOf = (pattern: string): string[] => {
  const words = pattern.replace(/\\./gs, '').replace(/[^\p{L}\p{N} :=#]/gu, '')
  const pieces = new Set([...PIECES, ...words])
  return ['', words].flatMap((before) => [...pieces].map((piece) => `${before}${piece.repeat(MOST_SEARCHED)}`.slice(0, MOST_SEARCHED - 1) + '\0'))
}

/** The answer of a search that was ended, or that the engine could not begin. */
const TOO_MUCH = Symbol('too much')

/** Of all of Node only this can be ended while it looks for a pattern. */
const SEARCH = new Script('pattern.exec(text)')

type Found = RegExpExecArray | null | typeof TOO_MUCH

/**
 * Looks for a pattern for so many milliseconds at most. It never throws. The room is made once: that takes most of a
 * millisecond, and a search in it a tenth of one.
 */
const boundedSearch = (pattern: RegExp, timeout: number) => {
  const room = createContext({ pattern, text: '' })
  return (text: string): Found => {
    room.text = text
    const found = searchIn(room, timeout)
    room.text = ''
    return found
  }
}

const searchIn = (room: Context, timeout: number): Found => {
  try {
    return SEARCH.runInContext(room, { timeout }) as RegExpExecArray | null
  } catch {
    return TOO_MUCH
  }
}
