import { CODE_WORDS, DIGIT_WORDS, LETTERS } from './code-words.ts'

/** Where a text says of a word that it is a code. */
export type ToldCode = readonly [start: number, end: number]

interface Word {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly isCodeWord: boolean
  /** What stands between it and the word before it. */
  readonly gap: string
}

/** So many words may stand between a code and the word for it. */
const FARTHEST = 6

const EXACT = new Set(CODE_WORDS)
/** `Bestätigungscode`, `pincodes`; others, as `tan`, are the end of many words. */
const ENDINGS = ['code', 'codes', 'kode', 'código', 'passwort', 'kennwort', 'password']

const isCodeWord = (word: string): boolean => EXACT.has(word) || ENDINGS.some((ending) => word.endsWith(ending))

const IS = new Set(['is', 'ist', 'lautet', 'es', 'est', 'è', 'é', 'är', 'jest', 'as', 'was', 'sein', 'sera', 'será'])
const WHOSE = new Set([
  'your', 'the', 'my', 'our', 'a', 'an', 'ihr', 'ihre', 'dein', 'deine', 'euer', 'der', 'die', 'das', 'su', 'tu', 'el', 'la', 'un', 'una', 'votre', 'ton', 'le', 'il', 'tuo', 'suo', 'o', 'seu', 'teu', 'uw', 'je', 'jouw', 'din', 'ditt',
  'twój', 'twoj'
])
const USE = new Set(['use', 'enter', 'type', 'insert', 'verwende', 'verwenden', 'benutze', 'benutzen', 'nutze', 'gib', 'usa', 'use', 'utilice', 'introduce', 'introduzca', 'utilisez', 'saisissez', 'inserisci', 'gebruik'])
const USE_AS = new Set(['as', 'als', 'como', 'comme', 'come', 'to', 'for', 'zum', 'um', 'pour', 'para', 'per'])

/** Words that stand where a code may stand, so that what is harmless can be read. A word too few hides a word too many. */
const ORDINARY = new Set([...DIGIT_WORDS, ...(
  'this that these those here there what which where when your yours their them they both each with within without from into below above again also only just still already always never ' +
  'valid invalid broken expired expires expire expiring wrong incorrect correct required requires missing unknown sent sending will would should could cannot must have does been being used using ' +
  'please ready entered provided received requested request accepted rejected refused verified verification security login sign signin number text message once soon until after before while ' +
  'hier dies diese dieser dieses wird wurde werden lautet gilt läuft nicht noch nach bitte gültig ungültig abgelaufen gesendet falsch ' +
  'esto este esta aquí para expira caduca válido enviado voici ceci cette votre pour expire valable envoyé questo questa scade valido inviato'
).split(' ')])

const isBreak = (gap: string): boolean => /[.!?;\n。！？]/.test(gap)

const CANDIDATE = new RegExp(`^[${LETTERS}]{4,24}$`, 'u')

/** A word that may be a code: letters. Digits need nothing that tells. */
const mayBeCode = (word: Word | undefined): word is Word => word !== undefined && !word.isCodeWord && CANDIDATE.test(word.text) && !ORDINARY.has(word.text)

const wordsOf = (text: string): Word[] => {
  const words: Word[] = []
  let end = 0
  // Tags stand between words.
  for (const match of text.matchAll(/<[^<>]{0,80}>|[\p{L}\p{N}\p{M}]+/gu)) {
    const [found] = match
    if (found.startsWith('<')) continue
    const lower = found.toLowerCase()
    words.push({ start: match.index, end: match.index + found.length, text: lower, isCodeWord: isCodeWord(lower), gap: text.slice(end, match.index).replace(/<[^<>]{0,80}>/g, ' ') })
    end = match.index + found.length
  }
  return words
}

/**
 * Finds words of letters that a text says are codes: `Your login code for Contoso is abcdef`, `abcdef is your code`, `OTP abcdef`,
 * `Use abcdef as your code`. Each word is looked at with a few around it, so the time it takes grows with the text.
 */
export const toldCodes = (text: string): ToldCode[] => {
  const words = wordsOf(text)

  /** Whether a word for a code stands among the next ones, or the ones before, in the same sentence. */
  const isNear = (from: number, step: 1 | -1): boolean => {
    for (let index = from, left = FARTHEST; left > 0; index += step, left -= 1) {
      const word = words[index]
      if (word === undefined) return false
      if (word.isCodeWord) return true
      if (isBreak(step === 1 ? words[index + 1]?.gap ?? '' : word.gap)) return false
    }
    return false
  }

  const isTold = (word: Word, index: number): boolean => {
    const [before, after, later] = [words[index - 1], words[index + 1], words[index + 2]]
    if (after !== undefined && IS.has(after.text) && later !== undefined && !isBreak(after.gap + later.gap) && (WHOSE.has(later.text) || later.isCodeWord) && isNear(index + 2, 1)) return true
    if (before === undefined || isBreak(word.gap)) return false
    if (USE.has(before.text) && after !== undefined && USE_AS.has(after.text)) return true
    if (before.isCodeWord && before.text !== 'token' && /^[\s"'„“”«»‘’*(:：=-]{1,4}$/.test(word.gap)) return true
    return (IS.has(before.text) || /[:：=]/.test(word.gap)) && isNear(index - 1, -1)
  }

  return words.filter((word, index) => mayBeCode(word) && isTold(word, index)).map(({ start, end }) => [start, end])
}
