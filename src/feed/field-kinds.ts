import { secretKindOf, type SecretKind } from './secret-names.ts'

/** Fields that hold what something is named, and fields beside them that hold what it is: `{name: 'otp', value: '482913'}`. */
const NAMING = new Set(['name', 'key', 'field', 'header', 'parameter'])
const NAMED = new Set(['value', 'val', 'values', 'content'])

const LONGEST_NAME = 64

/** Where there are more fields they do not tell of each other. */
const MOST_BESIDE = 32

/** A name that a list or an object gives to a value beside it. */
const isName = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= LONGEST_NAME && !/\s/.test(value)

/** What the fields of an object are by their names, or by what stands beside them; `parent` is the name of the field that it is in. */
export const kindsOfFields = (entries: ReadonlyArray<readonly [string, unknown]>, parent: string): (field: string) => SecretKind | undefined => {
  if (entries.length > MOST_BESIDE) return (field) => secretKindOf(field, parent)
  if (entries.every(([name]) => isSpelledName(name)) && isSpelled(entries.map(([, value]) => value))) return () => 'secret'
  const fields = new Map(entries.map(([name, value]) => [name.toLowerCase(), value]))
  const isNamed = [...NAMED].some((name) => fields.has(name))
  const name = isNamed ? [...NAMING].map((one) => fields.get(one)).find(isName) : undefined
  const isError = isVendorError(fields)
  return (field) => {
    const plain = field.toLowerCase()
    if (name !== undefined && NAMED.has(plain)) return secretKindOf(name, parent)
    // There it is the name of what stands beside it.
    if (name !== undefined && plain === 'key') return undefined
    return isError && plain === 'code' ? undefined : secretKindOf(field, parent)
  }
}

/** What the items of a list are by what stands beside them, by their place. */
export const kindsOfItems = (items: readonly unknown[]): (index: number) => SecretKind | undefined => {
  if (isSpelled(items)) return () => 'secret'
  // A name and a value in turn, as the headers of a request are listed.
  if (items.length % 2 !== 0) return () => undefined
  return (index) => {
    const before = index % 2 === 1 ? items[index - 1] : undefined
    return isName(before) ? secretKindOf(before, '') : undefined
  }
}

/** What a vendor answers with, `{status: 400, code: 21211, message}`: the number says what went wrong, and is no one-time code. */
const isVendorError = (fields: ReadonlyMap<string, unknown>): boolean => {
  const [status, code] = [fields.get('status'), fields.get('code')]
  return typeof status === 'number' && status >= 400 && status <= 599 && typeof fields.get('message') === 'string' &&
    Number.isInteger(code) && (code as number) >= 10_000 && (code as number) <= 99_999
}

/** `a`, `0`, `digit1` */
const isSpelledName = (name: string): boolean => /^(?:\p{L}|\p{L}{0,8}[ _-]?\p{N}{1,2})$/u.test(name)

const isPiece = (piece: unknown): boolean => (typeof piece === 'string' || typeof piece === 'number') && /^(?:\p{L}|\p{N}{1,3})$/u.test(String(piece))

/** Whether values are a code in pieces: `[4, 8, 2, 9]`, `['48', '29', '13']`. Fewer than four numbers are just numbers. */
const isSpelled = (items: readonly unknown[]): boolean => {
  if (items.length < 2 || items.length > MOST_BESIDE) return false
  const pieces = items.map(innermost)
  return pieces.every(isPiece) && pieces.join('').length >= 4 && (pieces.length >= 4 || pieces.every((piece) => typeof piece === 'string'))
}

/** What stands alone in a list or an object: `[[4], [8]]`, `[{digit: 4}, {digit: 8}]`. */
const innermost = (piece: unknown): unknown => {
  if (typeof piece !== 'object' || piece === null) return piece
  const contents: unknown[] = Object.values(piece)
  return contents.length === 1 ? contents[0] : piece
}
