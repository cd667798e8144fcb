/** How long a text message is, as networks count it. */
export interface TextLength {
  readonly encoding: 'GSM-7' | 'UCS-2'
  /** Septets of GSM-7, of which some characters take two; code units of UCS-2. */
  readonly characters: number
  /** Messages that it is sent and charged as. */
  readonly segments: number
}

// 3GPP TS 23.038, 6.2.1: the alphabet, and its extension by characters that take an escape and so count double.
const BASIC = new Set('@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà')
const EXTENSION = new Set('\f^{}\\[~]|€')

// 3GPP TS 23.040, 9.2.3.24.1: a message holds 140 bytes, of which each part of several gives six to a header.
const LIMITS = { 'GSM-7': { alone: 160, part: 153 }, 'UCS-2': { alone: 70, part: 67 } } as const

/** Counts a text. No character is divided between two segments, be it an escaped one or one of two code units. */
export const textLength = (text: string): TextLength => {
  const characters = [...text]
  const encoding = characters.every((character) => BASIC.has(character) || EXTENSION.has(character)) ? 'GSM-7' : 'UCS-2'
  const widths = characters.map(encoding === 'GSM-7' ? (character) => EXTENSION.has(character) ? 2 : 1 : ({ length }) => length)
  const total = widths.reduce((sum, width) => sum + width, 0)
  const { alone, part } = LIMITS[encoding]
  return { encoding, characters: total, segments: total <= alone ? 1 : partsOf(widths, part) }
}

const partsOf = (widths: readonly number[], size: number): number => {
  let [parts, used] = [1, 0]
  for (const width of widths) {
    if (used + width > size) [parts, used] = [parts + 1, 0]
    used += width
  }
  return parts
}
