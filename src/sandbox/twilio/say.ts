import type { HeardSource } from '../play-source.ts'
import { hearMarkup } from '../ssml.ts'
import type { XmlElement } from '../xml.ts'

const BASIC = /^(man|woman|alice)$/
const POLLY = /^Polly\.\p{Lu}\p{L}+(-(Neural|Generative))?$/u
const GOOGLE = /^Google\.([a-z]{2,3}-[A-Za-z0-9]{2,3})-[A-Za-z0-9-]+$/
const LOCALE = /^[a-z]{2,3}(-[A-Za-z0-9]{2,4})*$/
const MARKUP = /^(break|emphasis|lang|p|phoneme|prosody|s|say-as|sub|w|amazon:[a-z-]+)$/
const SAY_AS = /^(characters|spell-out|cardinal|number|ordinal|digits|fraction|unit|date|time|address|expletive|telephone)$/
const MOST_LOOPS = 100

/** Why Twilio does not say something: invalid, or too long. */
export const INVALID_SPEECH = 13520
export const SPEECH_TOO_LONG = 13521

const escape = (text: string) => text.replace(/[&<>"]/g, character => `&#${character.charCodeAt(0)};`)

const write = (node: XmlElement | string): string => {
  if (typeof node === 'string') return escape(node)
  const attributes = Object.entries(node.attributes).map(([name, value]) => ` ${name}="${escape(value)}"`).join('')
  return `<${node.name}${attributes}>${node.children.map(write).join('')}</${node.name}>`
}

/** The words in an element. */
export const textOf = (node: XmlElement | string): string =>
  typeof node === 'string' ? node : node.children.map(textOf).join('')

const isMarkup = ({ name, attributes, children }: XmlElement): boolean =>
  MARKUP.test(name) &&
  (name !== 'say-as' || SAY_AS.test(attributes['interpret-as'] ?? '')) &&
  children.every(child => typeof child === 'string' || isMarkup(child))

interface Voice {
  readonly locale: string | undefined
  readonly takesMarkup: boolean
  readonly longest: number
}

const voiceOf = (name: string): Voice | undefined => {
  if (BASIC.test(name)) return { locale: undefined, takesMarkup: false, longest: 4_096 }
  if (POLLY.test(name)) return { locale: undefined, takesMarkup: true, longest: 3_000 }
  const google = GOOGLE.exec(name)
  return google === null ? undefined : { locale: google[1], takesMarkup: true, longest: 5_000 }
}

/** What is heard of a `<Say>`, and whether it goes on until the end of the call. */
export interface HeardSay extends HeardSource {
  readonly loops: boolean
}

/**
 * Reads a `<Say>`, or gives Twilio's number of what is wrong with it. Only the voices of Polly and Google take markup.
 * https://www.twilio.com/docs/voice/twiml/say
 */
export const hearSay = (element: XmlElement): HeardSay | number => {
  const { voice: name = 'alice', language, loop = '1' } = element.attributes
  const voice = voiceOf(name)
  const text = textOf(element)
  const marked = element.children.some(child => typeof child !== 'string')
  const sound = element.children.every(child => typeof child === 'string' || isMarkup(child))
  if (voice === undefined || text.trim() === '' || (marked && !(voice.takesMarkup && sound))) return INVALID_SPEECH
  const locale = language ?? voice.locale ?? 'en-US'
  if (!LOCALE.test(locale) || (voice.locale ?? locale).toLowerCase() !== locale.toLowerCase()) return INVALID_SPEECH
  if (text.length > voice.longest) return SPEECH_TOO_LONG
  const times = /^\d{1,4}$/.test(loop) ? Math.min(MOST_LOOPS, Number(loop)) : 1
  const speech = hearMarkup(element, locale)
  return {
    raw: write(element),
    speech: Array<typeof speech>(Math.max(1, times)).fill(speech).flat(),
    loops: times === 0
  }
}
