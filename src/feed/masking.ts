import { isIP } from 'node:net'
import { kindsOfFields, kindsOfItems } from './field-kinds.ts'
import { hideKnown } from './hide-known.ts'
import { MASK } from './mask.ts'
import { LONGEST_LOOK, maskNumber, maskText, wholeWords } from './masked-text.ts'
import { isMeasure, isMoment, type SecretKind } from './secret-names.ts'
import { isPlain, readForm, readInner, secretsIn } from './secrets-in.ts'

export interface MaskOptions {
  /** What is secret wherever it stands; what the value itself shows to be, where absent. */
  readonly known?: readonly string[]
  /** So many characters of it are looked at, and no more are shown. */
  readonly most?: number
  /** Whether sentences are left out: where a code stands in one that nobody knows, it cannot be told from a word for certain. */
  readonly withoutSentences?: boolean
}

/** Stands for what is left out. */
const CUT = '…'
const MOST = 8 * 1024
const LONGEST_STRING = 500
const LONGEST_NAME = 64
/** What is known takes up no more, with its gaps. */
const LONGEST_KNOWN = 512
const DEEPEST = 8
const MOST_ITEMS = 200

/**
 * Gives what came as JSON as it may be shown: without whatever is, or may be, a code, a number, a secret or an address,
 * by its name, by what it looks like, or because the same stands under such a name elsewhere in it. The kind of a value may
 * change: a number that is masked becomes a string. Deep, wide and long values are cut.
 */
export const maskJson = (value: unknown, { known = secretsIn(value), most = MOST, withoutSentences = false }: MaskOptions = {}): unknown => {
  const hide = hideKnown(known)
  let left = most

  const text = (words: string, name: string, depth: number): string => {
    if (isHarmless(words, name)) return hide.isOne(words) ? MASK : words
    const inner = readInner(words)
    if (inner !== undefined) return cut(JSON.stringify(walk(inner, { name, kind: undefined, depth: depth + 1 })))
    const form = readForm(words)
    if (form !== undefined) {
      const fields = Object.entries(walk(form, { name, kind: undefined, depth: depth + 1 }) as Record<string, unknown>)
      return cut(fields.map(([field, content]) => `${field}=${String(content)}`).join('&'))
    }
    if (withoutSentences && isSentence(words)) return MASK
    if (words.length <= LONGEST_LOOK) return cut(maskText(hide(words)))
    // A little more is looked at than may be shown: what is known may begin before the end of that.
    return cut(maskText(wholeWords(hide(words.slice(0, LONGEST_LOOK + LONGEST_KNOWN), LONGEST_LOOK))))
  }

  const nameOf = (name: string): string => {
    const shown = hide(name.slice(0, LONGEST_NAME))
    return isPlainName(shown) || isHarmless(shown, '') ? shown : maskText(shown)
  }

  const walk = (item: unknown, { name, kind, depth }: Place): unknown => {
    left -= 4
    if (item === null || typeof item === 'boolean' || item === undefined) return item
    if (left <= 0 || depth > DEEPEST) return CUT
    if (typeof item === 'string') {
      left -= item.length
      return kind === undefined ? text(item, name, depth) : maskedAs(kind, item)
    }
    if (typeof item === 'number') {
      if (hide.isOne(String(item))) return MASK
      return kind === undefined ? quantity(item, name) : maskedAs(kind, String(item))
    }
    if (!isPlain(item)) return MASK
    if (Array.isArray(item)) {
      const kinds = kindsOfItems(item)
      const shown = item.slice(0, MOST_ITEMS).map((one: unknown, index) => walk(one, { name, kind: kind ?? kinds(index), depth: depth + 1 }))
      return item.length > MOST_ITEMS ? [...shown, CUT] : shown
    }
    const fields = new Map<string, unknown>()
    const entries = Object.entries(item)
    const kindOf = kindsOfFields(entries, name)
    for (const [field, content] of entries.slice(0, MOST_ITEMS)) {
      if (left <= 0) break
      left -= field.length
      const shown = nameOf(field)
      const place = { name: field, kind: kind ?? kindOf(field), depth: depth + 1 }
      fields.set(fields.has(shown) ? `${shown} (${fields.size})` : shown, walk(content, place))
    }
    if (fields.size < entries.length) fields.set(CUT, CUT)
    return Object.fromEntries(fields)
  }

  return walk(value, { name: '', kind: undefined, depth: 0 })
}

/** Where in the whole something stands. */
interface Place {
  readonly name: string
  /** What it is by its name, or by the name of what it is in. */
  readonly kind: SecretKind | undefined
  readonly depth: number
}

const isSentence = (text: string): boolean => /\S\s+\S/u.test(text.slice(0, LONGEST_LOOK))

const cut = (text: string): string => text.length > LONGEST_STRING ? `${text.slice(0, LONGEST_STRING)}${CUT}` : text

/** A name of letters; one with a digit only where it is longer than any code: `countryCode3`. */
const isPlainName = (name: string): boolean => /^[\p{L}_$.:-]*$/u.test(name) || (name.length > 10 && /^[A-Za-z_.-]*[0-9]?[A-Za-z_.-]*$/.test(name))

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const MOMENT = /^[12][0-9]{3}-[01][0-9]-[0-3][0-9](?:[T ][0-2][0-9]:[0-5][0-9](?::[0-6][0-9](?:\.[0-9]{1,9})?)?(?:Z|[+-][01][0-9]:?[0-5][0-9])?)?$/
/** Ids of users and apps at Okta, and of messages and calls at Twilio. https://www.twilio.com/docs/glossary/what-is-a-sid */
const VENDOR_ID = /^(?:00[a-z][A-Za-z0-9]{17}|(?:SM|MM|CA|VE|MG)[0-9a-f]{32})$/

/** What cannot be a code, although it has digits. */
const isHarmless = (text: string, name: string): boolean =>
  UUID.test(text) || MOMENT.test(text) || (VENDOR_ID.test(text) && /(?:id|Id|ID|sid|reference)$/.test(name))

/** Years in which such messages are sent, as seconds and as milliseconds since 1970. */
const isPlausible = (moment: number): boolean => [1, 1000].some((unit) => moment >= 1_400_000_000 * unit && moment <= 2_500_000_000 * unit)

const quantity = (number: number, name: string): unknown => {
  // Under the name of a code this is what went wrong at a vendor: other codes are no quantities.
  if (name.toLowerCase() === 'code') return number
  if ((isMoment(name) && isPlausible(number)) || (isMeasure(name) && number < 100_000)) return number
  return String(number).replace(/[^0-9]/g, '').length >= 4 ? MASK : number
}

const maskedAs = (kind: SecretKind, text: string): string => {
  switch (kind) {
    case 'secret': return text === '' ? '' : MASK
    case 'number': return maskedNumber(text)
    case 'address': return text.split(',').slice(0, 5).map((address) => shortAddress(address.trim())).join(', ')
  }
}

/** As the number is masked everywhere, where it is one, with or without its plus. */
const maskedNumber = (text: string): string => {
  const scheme = /^(?:whatsapp|tel|sms|sip):/i.exec(text)?.[0] ?? ''
  const written = text.slice(scheme.length, scheme.length + 40).trim().replace(/^00/, '+')
  const isBare = /^[1-9][0-9]{9,14}$/.test(written)
  return text === '' ? '' : `${scheme}${maskNumber(isBare ? `+${written}` : written)}`
}

/** The network of an internet address. */
const shortAddress = (text: string): string => {
  switch (isIP(text)) {
    case 4: return `${text.split('.').slice(0, 2).join('.')}.•.•`
    case 6: return `${text.split(':').slice(0, 2).join(':')}:${MASK}`
    default: return MASK
  }
}
