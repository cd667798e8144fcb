import { PhoneNumber } from '../domain/phone-number.ts'
import { CODE_WORDS, DIGIT_WORDS, HAN_DIGITS, LETTERS as LETTER } from './code-words.ts'
import { MASK } from './mask.ts'
import { maskLink } from './masked-link.ts'
import { secretKindOf } from './secret-names.ts'
import { toldCodes } from './told-codes.ts'

/** Longer texts are looked at no further: in characters. */
export const LONGEST_LOOK = 1500

/** Letters and digits that make up a word. */
const W = `[${LETTER}\\p{N}]`
const WITH_DIGIT = `(?:[${LETTER}]{0,20}\\p{N}${W}{0,20})`

/** What may stand between the characters of something that is written apart, or spoken one by one: marks, spaces, a tag of SSML. */
const GAP = '(?:<[^<>]{0,80}>|[^\\p{L}\\p{N}<])'

/** Words in small or large letters. */
const anyOf = (words: readonly string[]): string => `(?:${words.join('|').replace(/\p{L}/gu, (letter) => `[${letter}${letter.toUpperCase()}]`)})`

/** A word for a code, and what tells that it follows. */
const CODE_WORD = anyOf(CODE_WORDS)
const IS = '(?:\\s?[:：=]|\\s(?:is|ist|lautet|es|est|è|é|er|är|on|jest|to|este)(?!\\p{L})[:：]?)'

/** A digit, or a word for one. */
const DIGIT = `(?:\\p{N}|${anyOf(DIGIT_WORDS)})`

/** What a code, a number, an address, a secret or a query looks like; the first that fits at a place counts. */
const SUSPICIOUS: ReadonlyArray<readonly [name: string, source: string]> = [
  ['link', '[Hh][Tt][Tt][Pp][Ss]?://[^\\s"\'<>]+'],
  ['query', '\\?[^\\s"\'<>]+'],
  ['credential', '\\b(?:[Bb]earer|[Bb]asic|[Dd]igest|BEARER|BASIC) +\\S+'],
  ['mail', '[^\\s@<>"\',;:()]{1,64}@[^\\s@<>"\',;:()]+'],
  ['number', `[+＋]${GAP}{0,3}\\p{N}(?:${GAP}{0,4}\\p{N}){3,30}`],
  ['read', `(?<!\\p{L})${DIGIT}(?:${GAP}{0,6}${DIGIT}){3,60}(?!\\p{L})`],
  ['han', `[${HAN_DIGITS}](?:${GAP}{0,3}[${HAN_DIGITS}\\p{N}]){3,60}`],
  ['digits', `${W}{0,20}\\p{N}(?:${GAP}{0,4}\\p{N}){3,60}${W}{0,20}`],
  ['token', '\\beyJ[A-Za-z0-9_.=-]{8,}'],
  ['long', '[A-Za-z0-9+/_=-]{24,}'],
  ['groups', `(?<!${W})${WITH_DIGIT}(?:[ ._·–/-]{1,3}${WITH_DIGIT})+`],
  ['upper', `(?<!${W})[\\p{Lu}\\p{N}]{1,6}(?:[ ._·–-][\\p{Lu}\\p{N}]{1,6}){1,8}(?!${W})`],
  ['mixed', `(?<!${W})${WITH_DIGIT}`],
  ['spelled', `(?<!${W})${W}(?:${GAP}{1,4}${W}){3,30}(?!${W})`],
  ['tag', '#[\\p{L}\\p{N}]{4,}'],
  ['told', `(?=[${LETTER}]{4})(?<=${CODE_WORD}\\p{L}{0,4}${IS}[\\s"'„“”«‘*(<]{0,4})[${LETTER}]{4,24}(?!\\p{L})`],
  ['capitals', `(?<!${W})\\p{Lu}{4,10}(?!${W})`],
  ['odd', `(?<!${W})[A-Za-z]{6,}(?!${W})`]
]

/** Those that begin with a digit, or have one: there is no need to look for them where there is none. */
const OF_DIGITS = new Set(['number', 'digits', 'groups', 'mixed'])

interface Search {
  readonly pattern: RegExp
  readonly names: readonly string[]
}

const searchFor = (suspicious: typeof SUSPICIOUS): Search =>
  ({ pattern: new RegExp(suspicious.map(([, source]) => `(${source})`).join('|'), 'gu'), names: suspicious.map(([name]) => name) })

const ALL = searchFor(SUSPICIOUS)
const WITHOUT_DIGITS = searchFor(SUSPICIOUS.filter(([name]) => !OF_DIGITS.has(name)))

/** Whether it is words that are put together, `second-factor-authentication`: no random text is like that. */
const isWords = (text: string): boolean => {
  const words = text.split(/[/_.=-]+|(?=[A-Z])/).filter((word) => word !== '')
  return words.every((word) => /^[A-Z]?[a-z]{0,20}$/.test(word)) && words.length * 4 <= text.length
}

/** Whether small and large letters stand in it as in no name that is put together: `aBcDeF`, `NDgyOTEz`, but not `WhatsApp`. */
const isOdd = (text: string): boolean =>
  /[a-z]/.test(text) && text.split(/(?<=[a-z])(?=[A-Z])|(?=[A-Z][a-z])/).filter((word) => word !== '').length * 3 > text.length

/** What people write without spaces. */
const isSentenceText = (text: string): boolean => /\s\S|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u.test(text)

const digitsIn = (text: string): number => text.match(/\p{N}/gu)?.length ?? 0

/** A number as it may be shown, where it can be one. */
export const maskNumber = (text: string): string => {
  const number = PhoneNumber.parse(text)
  return number instanceof PhoneNumber ? number.masked : MASK
}

/** A number in a sentence. Its end is not shown there: a code may stand right behind it. */
const maskNumberInText = (text: string): string => {
  const number = PhoneNumber.parse(text)
  return number instanceof PhoneNumber ? `+${number.callingCode}${MASK}` : MASK
}

/** A word that stands alone and says nothing: most values are one. */
const PLAIN_WORD = /^[a-z]{0,10}$/

/** A text that is a number and nothing else. */
const ONLY_NUMBER = /^\s*[+＋]\p{Nd}(?:[ ().\u00a0-]{0,2}\p{Nd}){6,14}\s*$/u

/** What is put in place of something that was found; `undefined` where it may stay. */
const replacementOf = (kind: string, found: string, isSentence: boolean): string | undefined => {
  switch (kind) {
    case 'number': return maskNumberInText(found)
    case 'link': return maskLink(found)
    case 'query': return `?${MASK}`
    case 'credential': return `${found.slice(0, found.indexOf(' '))} ${MASK}`
    case 'long': return isWords(found) ? undefined : MASK
    case 'upper': return (isSentence || digitsIn(found) > 0) && found.replace(/[^\p{L}\p{N}]/gu, '').length >= 4 ? MASK : undefined
    case 'mixed': return found.length >= 4 ? MASK : undefined
    case 'odd': return isOdd(found) ? MASK : undefined
    case 'capitals': return isSentence ? MASK : undefined
    default: return MASK
  }
}

/** The text up to so many characters, without a word that it ends in: half a code is one too. */
export const wholeWords = (text: string): string => {
  let end = Math.min(text.length, LONGEST_LOOK)
  while (end > 0 && !/\s/.test(text.charAt(end - 1))) end -= 1
  return `${text.slice(0, end)}…`
}

/** Elements of XML and HTML that are named as a secret is: `<otp>kxrmtq</otp>`. */
const maskElements = (text: string): string =>
  text.replace(/(<(\p{L}[^\s<>/]{0,63})(?:\s[^<>]{0,200})?>)[^<>]{1,200}(?=<\/)/gu, (whole, opening: string, name: string) =>
    secretKindOf(name, '') === 'secret' ? `${opening}${MASK}` : whole)

/** Words of which the text says that they are codes. */
const maskTold = (text: string): string => {
  const pieces: string[] = []
  let from = 0
  for (const [start, end] of toldCodes(text)) {
    pieces.push(text.slice(from, start), MASK)
    from = end
  }
  return [...pieces, text.slice(from)].join('')
}

/**
 * Masks whatever in a text is, or may be, a code, a number, an e-mail address or a secret. What is masked too much is no harm.
 */
export const maskText = (text: string): string => {
  if (PLAIN_WORD.test(text)) return text
  if (ONLY_NUMBER.test(text)) return maskNumber(text)
  const isSentence = isSentenceText(text)
  const whole = text.length > LONGEST_LOOK ? wholeWords(text) : text
  return isSentence ? maskLooks(maskTold(maskElements(whole)), true) : maskLooks(maskElements(whole), false)
}

/** Masks what looks like something secret. */
const maskLooks = (looked: string, isSentence: boolean): string => {
  const plain: string[] = []
  const masks: string[] = []
  let from = 0
  const { pattern, names } = /\p{N}/u.test(looked) ? ALL : WITHOUT_DIGITS
  for (const match of looked.matchAll(pattern)) {
    const [found, ...groups] = match
    const kind = names[groups.findIndex((group) => group !== undefined)] as string
    const replacement = replacementOf(kind, found, isSentence)
    if (replacement === undefined) continue
    plain.push(looked.slice(from, match.index))
    masks.push(replacement)
    from = match.index + found.length
  }
  plain.push(looked.slice(from))
  // A code may be scattered: `one 4, one 8, then 2 and 9`.
  const isScattered = digitsIn(plain.join('')) >= 4
  return plain.map((piece, index) => `${isScattered ? piece.replace(new RegExp(WITH_DIGIT, 'gu'), MASK) : piece}${masks[index] ?? ''}`).join('')
}
