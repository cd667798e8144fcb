/** An element of a document: its children are elements and pieces of text, in order. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<XmlElement | string>
}

interface OpenElement extends XmlElement {
  readonly children: Array<XmlElement | string>
}

/** More than anybody speaks in; what reads a document goes down into it step by step. */
const DEEPEST = 100
const NAME = '[A-Za-z_:][\\w:.-]*'
// One markup item at the front of the rest of the document; each alternative begins with `<`.
const MARKUP = new RegExp([
  '<!--(?<comment>[\\s\\S]*?)-->',
  '<\\?[\\s\\S]*?\\?>',
  '<!\\[CDATA\\[(?<cdata>[\\s\\S]*?)\\]\\]>',
  `</(?<closing>${NAME})\\s*>`,
  `<(?<opening>${NAME})(?<attributes>(?:\\s+${NAME}\\s*=\\s*(?:"[^"<]*"|'[^'<]*'))*)\\s*(?<empty>/?)>`
].join('|'), 'y')
const ATTRIBUTE = new RegExp(`(${NAME})\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'g')
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const unescape = (text: string): string | undefined => {
  let sound = true
  const plain = text.replace(/&([^;&]*);?/g, (whole, name: string) => {
    const number = /^#(?:x([0-9a-fA-F]{1,6})|([0-9]{1,7}))$/.exec(name)
    const point = number === null ? undefined : parseInt(number[1] ?? number[2]!, number[1] === undefined ? 10 : 16)
    const known = point === undefined ? ENTITIES[name] : point <= 0x10FFFF ? String.fromCodePoint(point) : undefined
    if (known === undefined || !whole.endsWith(';')) sound = false
    return known ?? ''
  })
  return sound ? plain : undefined
}

const readAttributes = (text: string): Record<string, string> | undefined => {
  const attributes: Record<string, string> = Object.create(null)
  for (const [, name, double, single] of text.matchAll(ATTRIBUTE)) {
    const value = unescape(double ?? single!)
    if (value === undefined || name! in attributes) return undefined
    attributes[name!] = value
  }
  return attributes
}

/** Reads a document and gives its root element, or `undefined` where it is not well-formed, or very deep. Document types are not. */
export const parseXml = (text: string): XmlElement | undefined => {
  const top: OpenElement = { name: '', attributes: {}, children: [] }
  const open = [top]
  let at = 0
  while (at < text.length) {
    const parent = open.at(-1)!
    const next = text.indexOf('<', at)
    if (next !== at) {
      const words = unescape(text.slice(at, next === -1 ? text.length : next))
      if (words === undefined || (parent === top && words.trim() !== '')) return undefined
      if (parent !== top) parent.children.push(words)
      if (next === -1) break
    }
    MARKUP.lastIndex = next
    const markup = MARKUP.exec(text)
    if (markup === null) return undefined
    at = MARKUP.lastIndex
    const { cdata, closing, opening, attributes, empty } = markup.groups!
    if (cdata !== undefined) {
      if (parent === top) return undefined
      parent.children.push(cdata)
    } else if (closing !== undefined) {
      if (open.pop()!.name !== closing) return undefined
    } else if (opening !== undefined) {
      const read = readAttributes(attributes!)
      if (read === undefined || open.length > DEEPEST || (parent === top && top.children.length > 0)) return undefined
      const element: OpenElement = { name: opening, attributes: read, children: [] }
      parent.children.push(element)
      if (empty === '') open.push(element)
    }
  }
  return open.length === 1 ? top.children[0] as XmlElement | undefined : undefined
}
