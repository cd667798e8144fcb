import { MASK } from './mask.ts'

/** So many are looked for: what a value holds beyond is masked by its name and its looks alone. */
const MOST_SECRETS = 16
/** In letters and digits. Shorter ones are looked for as they are written. */
const SHORTEST = 4
/** No account has a longer name. */
const LONGEST = 256
/** Shorter pieces of base64 are anything. */
const SHORTEST_BASE64 = 5
/** So many other characters may stand between two of a secret. */
const WIDEST_GAP = 3

/** Hides what is known to be secret. Its work grows with the length of what it reads, and with nothing else. */
export interface HideKnown {
  /** Masks it wherever it stands, in whatever case, with gaps, and in base64; what stands behind so many characters is left out. */
  (text: string, most?: number): string
  /** Whether it is one of them and nothing else. */
  isOne (text: string): boolean
}

/** A text as it is searched, and where in the text each of its characters begins and ends. */
interface Folded {
  readonly text: string
  readonly starts: readonly number[]
  readonly ends: readonly number[]
}

/** Where something stands in a text. */
type Range = readonly [start: number, end: number]

/** Makes the function that masks these. */
export const hideKnown = (known: readonly string[]): HideKnown => {
  const secrets = known.filter((secret) => secret !== '' && secret.length <= LONGEST).slice(0, MOST_SECRETS)
  const ones = new Set(secrets.map((secret) => secret.trim().toLowerCase()))
  const bare: string[] = []
  const exact: string[] = []
  for (const secret of secrets) {
    const letters = bareText(secret)
    if (letters.length >= SHORTEST) bare.push(letters, ...base64Of(secret))
    // Fewer characters are anywhere: they are hidden where nothing else stands.
    else if (secret.length >= SHORTEST) exact.push(fold(secret, true).text)
  }

  const isOne = (text: string): boolean => text.length <= 2 * LONGEST && ones.has(text.trim().toLowerCase())

  const hide = (text: string, most = text.length): string => {
    if (isOne(text)) return MASK
    const ranges = [...bare.length > 0 ? find(fold(text, false), bare) : [], ...exact.length > 0 ? find(fold(text, true), exact) : []]
    return without(text, ranges, most)
  }

  return Object.assign(hide, { isOne })
}

const LETTER = /[\p{L}\p{N}]/u

/** What a character is compared as: without its case, its marks and its typeface. */
const plainCharacter = (character: string): string =>
  character < '\u0080' ? character.toLowerCase() : character.normalize('NFKD').toLowerCase()

const isLetter = (character: string): boolean =>
  character < '\u0080' ? /[a-z0-9]/.test(character) : LETTER.test(character)

/** With all that is no letter and no digit taken out, unless it is to be kept; where much is taken out, a space says so. */
const fold = (text: string, keepsAll: boolean): Folded => {
  const characters: string[] = []
  const starts: number[] = []
  const ends: number[] = []
  let at = 0
  let end = 0
  const put = (character: string, start: number): void => {
    characters.push(character)
    starts.push(start)
    ends.push(at)
  }
  for (const character of text) {
    const start = at
    at += character.length
    for (const plain of plainCharacter(character)) {
      if (!keepsAll && !isLetter(plain)) continue
      if (!keepsAll && start - end > WIDEST_GAP) put(' ', start)
      // Both halves of a character beyond the first plane have a place of their own.
      for (let half = 0; half < plain.length; half++) put(plain.charAt(half), start)
      end = at
    }
  }
  return { text: characters.join(''), starts, ends }
}

const bareText = (text: string): string => fold(text, false).text.replaceAll(' ', '')

/** As it stands in base64, by what stands before it; with the characters only that no other than it makes. */
const base64Of = (secret: string): string[] => [0, 1, 2].flatMap((before) => {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
  const written = bytes.toString('base64').slice(Math.ceil(before * 8 / 6), Math.floor(bytes.length * 8 / 6))
  const letters = bareText(written)
  return letters.length >= SHORTEST_BASE64 ? [letters] : []
})

const find = ({ text, starts, ends }: Folded, wanted: readonly string[]): Range[] => {
  const found: Range[] = []
  for (const one of wanted) {
    for (let at = text.indexOf(one); at >= 0; at = text.indexOf(one, at + one.length)) {
      found.push([starts[at] as number, ends[at + one.length - 1] as number])
    }
  }
  return found.sort(([one], [other]) => one - other)
}

const without = (text: string, ranges: readonly Range[], most: number): string => {
  const pieces: string[] = []
  let from = 0
  for (const [start, end] of ranges) {
    if (start >= most) break
    // Of two that overlap one mask is left.
    if (start >= from) pieces.push(text.slice(from, start), MASK)
    from = Math.max(from, end)
  }
  pieces.push(text.slice(from, most))
  return pieces.join('')
}
