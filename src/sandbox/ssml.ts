import { parseXml, type XmlElement } from './xml.ts'

/** A piece of what is heard: words, or silence. */
export type SpeechSegment =
  | { readonly kind: 'say', readonly text: string, readonly locale: string, readonly rate: number }
  | { readonly kind: 'pause', readonly milliseconds: number }

interface Manner {
  readonly locale: string
  readonly rate: number
  readonly spelled: boolean
}

const LONGEST_BREAK = 5_000
const STOP = 1_000
const STRENGTHS: Readonly<Record<string, number>> =
  { none: 0, 'x-weak': 250, weak: 500, medium: 750, strong: 1_000, 'x-strong': 1_250 }
const RATES: Readonly<Record<string, number>> = { 'x-slow': 0.5, slow: 0.7, medium: 1, fast: 1.5, 'x-fast': 2 }

const rateOf = (text: string | undefined): number => {
  const relative = /^([+-]\d+(?:\.\d+)?)%$/.exec(text ?? '')
  const share = /^(\d+(?:\.\d+)?)%$/.exec(text ?? '')
  const factor = share !== null
    ? Number(share[1]) / 100
    : relative === null ? Number(RATES[text ?? 'medium'] ?? text) : 1 + Number(relative[1]) / 100
  return Number.isFinite(factor) ? Math.min(2, Math.max(0.5, factor)) : 1
}

const breakOf = ({ time, strength }: Readonly<Record<string, string>>): number => {
  const given = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(time ?? '')
  if (given === null) return STRENGTHS[strength ?? 'medium'] ?? STRENGTHS['medium']!
  return Math.min(LONGEST_BREAK, Number(given[1]) * (given[2] === 's' ? 1_000 : 1))
}

const mannerOf = ({ name, attributes }: XmlElement, manner: Manner): Manner => {
  switch (name) {
    case 'prosody': return { ...manner, rate: rateOf(attributes['rate']) }
    case 'lang': return { ...manner, locale: attributes['xml:lang'] ?? manner.locale }
    case 'say-as': return { ...manner, spelled: /^(characters|spell-out|digits|number_digit)$/.test(attributes['interpret-as'] ?? '') }
    default: return manner
  }
}

const listen = (element: XmlElement, manner: Manner, heard: SpeechSegment[]): void => {
  for (const child of element.children) {
    if (typeof child === 'string') {
      const words = child.replace(/\s+/g, ' ').trim()
      const text = manner.spelled ? [...words.replaceAll(' ', '')].join(' ') : words
      if (text !== '') heard.push({ kind: 'say', text, locale: manner.locale, rate: manner.rate })
    } else if (child.name === 'break') {
      heard.push({ kind: 'pause', milliseconds: breakOf(child.attributes) })
    } else {
      listen(child, mannerOf(child, manner), heard)
    }
  }
}

/** What somebody hears of an element's content, before any of it names another language. */
export const hearMarkup = (element: XmlElement, locale: string): SpeechSegment[] => {
  const heard: SpeechSegment[] = []
  listen(element, { locale, rate: 1, spelled: false }, heard)
  return heard
}

/**
 * What somebody hears of a document, or `undefined` where the speech service would refuse it: not well-formed, not a
 * `speak` with a language, words outside a voice, or a voice without a name.
 * https://learn.microsoft.com/azure/ai-services/speech-service/speech-synthesis-markup-structure
 */
export const hearSsml = (document: string): SpeechSegment[] | undefined => {
  const root = parseXml(document)
  const locale = root?.attributes['xml:lang']
  if (root?.name !== 'speak' || !locale) return undefined
  const heard: SpeechSegment[] = []
  let voices = 0
  for (const child of root.children) {
    if (typeof child === 'string' ? child.trim() !== '' : child.name === 'voice' && !child.attributes['name']) return undefined
    if (typeof child === 'string' || child.name !== 'voice') continue
    voices += 1
    heard.push(...hearMarkup(child, locale))
  }
  return voices === 0 ? undefined : heard
}

/** The words among the segments, as one line. */
export const wordsOf = (speech: readonly SpeechSegment[]): string =>
  speech.flatMap(segment => segment.kind === 'say' ? [segment.text] : []).join(' ').replace(/ ([.,;:!?])/g, '$1')

/** The same as one line each time that somebody stops for a second or more: what is said again stands on a line of its own. */
export const linesOf = (speech: readonly SpeechSegment[]): string[] => {
  const lines: SpeechSegment[][] = [[]]
  for (const segment of speech) {
    if (segment.kind === 'pause' && segment.milliseconds >= STOP) lines.push([])
    else lines.at(-1)!.push(segment)
  }
  return lines.map(wordsOf).filter(words => words !== '')
}

/** About how long it takes to say, in milliseconds: 65 a character at the usual rate, and the pauses. */
export const durationOf = (speech: readonly SpeechSegment[]): number =>
  speech.reduce((total, segment) => total + (segment.kind === 'pause'
    ? segment.milliseconds
    : 250 + segment.text.length * 65 / segment.rate), 0)
