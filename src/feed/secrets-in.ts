import { kindsOfFields, kindsOfItems } from './field-kinds.ts'

const MOST_NODES = 1000
const MOST_SECRETS = 40
const DEEPEST = 8
const SHORTEST = 4
const LONGEST = 128
/** What of a form stands behind that is neither shown nor looked for. */
const LONGEST_FORM = 16 * 1024

/** Whether it is an array, or an object as JSON makes one: others, such as bytes, hold more than they show. */
export const isPlain = (value: unknown): value is object => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype || prototype === null
}

const ENDS = new Set(['{}', '[]', '""'])

/** Reads a string that holds JSON of its own: an object, a list, or a text that is written as JSON once more. */
export const readInner = (text: string): object | string | undefined => {
  const written = text.trim()
  if (!ENDS.has(`${written.charAt(0)}${written.charAt(written.length - 1)}`)) return undefined
  try {
    return JSON.parse(written) as object | string
  } catch {
    return undefined
  }
}

/** Reads a string that holds fields of a form. */
export const readForm = (text: string): object | undefined =>
  /^[^\s=&?#]{1,64}=[^\s&]*(?:&[^\s=&]{1,64}=[^\s&]*)+$/.test(text) ? Object.fromEntries(new URLSearchParams(text.slice(0, LONGEST_FORM))) : undefined

/** What stands under names of secrets, so that it can be found elsewhere too. */
export const secretsIn = (value: unknown): string[] => {
  const found = new Set<string>()
  let nodes = 0

  const visit = (item: unknown, name: string, isSecret: boolean, depth: number): void => {
    nodes += 1
    if (nodes > MOST_NODES || depth > DEEPEST) return
    if (typeof item === 'string' || typeof item === 'number') {
      const text = String(item)
      if (isSecret && text.length >= SHORTEST && text.length <= LONGEST) found.add(text)
      const inner = isSecret ? undefined : readInner(text) ?? readForm(text)
      if (inner !== undefined) visit(inner, name, false, depth + 1)
    } else if (Array.isArray(item)) {
      const kinds = kindsOfItems(item)
      for (const [index, content] of item.slice(0, MOST_NODES).entries()) visit(content, name, isSecret || kinds(index) === 'secret', depth + 1)
    } else if (isPlain(item)) {
      const entries = Object.entries(item).slice(0, MOST_NODES)
      const kindOf = kindsOfFields(entries, name)
      for (const [field, content] of entries) {
        // What is not visited needs no name.
        if (nodes >= MOST_NODES) return
        visit(content, field, isSecret || kindOf(field) === 'secret', depth + 1)
      }
    }
  }

  visit(value, '', false, 0)
  return [...found].slice(0, MOST_SECRETS)
}
