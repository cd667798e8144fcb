import { SensitiveText } from '../../../src/domain/sensitive.ts'

/** An element of a document that was read back. */
export interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<Element | string>
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const decoded = (text: string): string => text.replace(/&([^;]*);?/g, (whole, name: string) => {
  const numeric = /^#x([0-9A-F]+)$/i.exec(name)
  if (numeric !== null) return String.fromCodePoint(parseInt(numeric[1] as string, 16))
  const character = ENTITIES[name]
  if (character === undefined) throw new Error(`no entity: ${whole}`)
  return character
})

/** Reads a document as strictly as XML 1.0 asks for. Throws for anything that is not well-formed. */
export const readXml = (text: string): Element => {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text)) throw new Error('an illegal character')
  const root = { name: '', attributes: {}, children: [] as Array<Element | string> }
  const open = [root]
  const markup = /<(\/?)([A-Za-z][A-Za-z-]*)((?:\s+[A-Za-z-]+="[^"<]*")*)\s*(\/?)>/y
  let at = text.startsWith('<?xml version="1.0" encoding="UTF-8"?>') ? 38 : 0
  while (at < text.length) {
    const parent = open.at(-1) as typeof root
    const next = text.indexOf('<', at)
    if (next !== at) {
      parent.children.push(decoded(text.slice(at, next === -1 ? undefined : next)))
      at = next === -1 ? text.length : next
      continue
    }
    markup.lastIndex = at
    const [whole, end, name, attributes, empty] = markup.exec(text) ?? []
    if (whole === undefined || name === undefined) throw new Error(`no markup: ${text.slice(at, at + 30)}`)
    at += whole.length
    if (end === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`)
      continue
    }
    const pairs = [...(attributes as string).matchAll(/([A-Za-z-]+)="([^"]*)"/g)]
    const element = { name, attributes: Object.fromEntries(pairs.map(([, key, value]) => [key, decoded(value as string)])), children: [] }
    parent.children.push(element)
    if (empty === '') open.push(element)
  }
  const [only, ...others] = root.children
  if (open.length !== 1 || typeof only !== 'object' || others.length > 0) throw new Error('not one element')
  return only
}

// What may stand in what: https://www.twilio.com/docs/voice/twiml
const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  Response: ['Say', 'Pause', 'Gather', 'Redirect', 'Hangup'],
  Gather: ['Say', 'Pause'],
  Say: ['#text', 'prosody', 'break', 'say-as'],
  prosody: ['#text', 'break', 'say-as'],
  'say-as': ['#text'],
  Redirect: ['#text']
}

const SSML = ['prosody', 'break', 'say-as']

const ATTRIBUTES: Readonly<Record<string, readonly string[]>> = {
  Say: ['voice', 'language'],
  Pause: ['length'],
  Gather: ['action', 'method', 'input', 'numDigits', 'finishOnKey', 'timeout'],
  Redirect: ['method'],
  prosody: ['rate'],
  break: ['time'],
  'say-as': ['interpret-as']
}

export const elementsIn = (element: Element): Element[] =>
  element.children.flatMap((child) => typeof child === 'string' ? [] : [child, ...elementsIn(child)])

export const named = (element: Element, name: string): Element[] => elementsIn(element).filter((one) => one.name === name)

export const textOf = (element: Element): string =>
  element.children.map((child) => typeof child === 'string' ? child : textOf(child)).join('')

/** The voices that take SSML, by their documentation; with `say-as`, or without. */
const takes = (voice: string, tag: string): boolean => {
  if (/^Google\..*-(Standard|Wavenet|Neural2)-/.test(voice) || /^Polly\.[^-]+$/.test(voice)) return true
  return /^Polly\.[^-]+-Neural$/.test(voice) && tag !== 'say-as'
}

/** Reads TwiML back, and throws for what Twilio would not execute. */
export const readTwiml = (document: SensitiveText | string | undefined): Element => {
  const response = readXml(document instanceof SensitiveText ? document.reveal() : document ?? '')
  if (response.name !== 'Response') throw new Error(`a document of ${response.name}`)
  for (const element of [response, ...elementsIn(response)]) {
    const { name, attributes, children } = element
    for (const child of children) {
      const kind = typeof child === 'string' ? '#text' : child.name
      if (!(CHILDREN[name] ?? []).includes(kind)) throw new Error(`<${kind}> in <${name}>`)
    }
    for (const attribute of Object.keys(attributes)) {
      if (!(ATTRIBUTES[name] ?? []).includes(attribute)) throw new Error(`${attribute} of <${name}>`)
    }
    if (name !== 'Say') continue
    if (JSON.stringify(element).length > 3000) throw new Error('a Say that is too long')
    for (const tag of elementsIn(element)) {
      if (SSML.includes(tag.name) && !takes(attributes.voice ?? '', tag.name)) throw new Error(`<${tag.name}> in ${attributes.voice}`)
    }
  }
  return response
}

/** What is said in a document, in one line. */
export const saidIn = (element: Element): string => named(element, 'Say').map(textOf).join('').replace(/\s+/g, ' ').trim()
