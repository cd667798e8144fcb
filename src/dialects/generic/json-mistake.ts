/** What may stand next. */
type Expected = 'value' | 'value or end' | 'name' | 'name or end' | 'colon' | 'comma or end' | 'nothing'

/** One token of JSON, and the white space before it. https://www.rfc-editor.org/rfc/rfc8259 */
const TOKEN = /[ \t\r\n]*([{}[\],:]|"(?:[ !#-[\]-\u{10ffff}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)/yu

/**
 * The line, counted from 1, of the first thing that keeps a text from being JSON; the last one that has something, where only
 * the end is lacking. The language's own parser does not always tell the place, and quotes the text.
 */
export const lineOfMistake = (text: string): number => {
  const tokens = new RegExp(TOKEN)
  const open: string[] = []
  let expected: Expected = 'value'
  let end = 0
  for (let match = tokens.exec(text); match !== null; match = tokens.exec(text)) {
    const next = after(match[1] as string, expected, open)
    if (next === undefined) break
    expected = next
    end = tokens.lastIndex
  }
  const rest = text.slice(end)
  const mistake = rest.trim() === '' ? end : end + rest.search(/\S/)
  return text.slice(0, mistake).split('\n').length
}

/** What may stand after the token; `undefined` where the token itself may not. `open` has the brackets around it, and is kept up. */
const after = (token: string, expected: Expected, open: string[]): Expected | undefined => {
  const isInObject = open.at(-1) === '{'
  const closed = (): Expected => open.length === 0 ? 'nothing' : 'comma or end'
  const close = (): Expected => {
    open.pop()
    return closed()
  }
  switch (expected) {
    case 'value':
    case 'value or end':
      if (token === '{' || token === '[') {
        open.push(token)
        return token === '{' ? 'name or end' : 'value or end'
      }
      if (token === ']' && expected === 'value or end') return close()
      return /^[\]},:]$/.test(token) ? undefined : closed()
    case 'name':
    case 'name or end':
      if (token === '}' && expected === 'name or end') return close()
      return token.startsWith('"') ? 'colon' : undefined
    case 'colon': return token === ':' ? 'value' : undefined
    case 'comma or end':
      if (token === ',') return isInObject ? 'name' : 'value'
      return token === (isInObject ? '}' : ']') ? close() : undefined
    case 'nothing': return undefined
  }
}

/** What a text says in JSON, or the line in which it is none. What the parser would say holds a piece of it, and there may be secrets in it. */
export const parseJson = (text: string): { readonly value: unknown } | { readonly mistakeIn: number } => {
  // Some editors put a mark before the text.
  const json = text.replace(/^\uFEFF/, '')
  try {
    return { value: JSON.parse(json) }
  } catch {
    return { mistakeIn: lineOfMistake(json) }
  }
}
