import type { GenericHook } from '../../../dialects/generic/hooks-file.ts'

/** A value, and the path at which the hook looks for it. */
export interface PlacedValue {
  readonly path: string
  readonly value: string
}

/** A body in the hook's format that has every value at its path. */
export const bodyWith = ({ formats }: GenericHook, values: readonly PlacedValue[]): string => formats.includes('json')
  ? JSON.stringify(values.reduce((body, { path, value }) => placed(body, path.split('.'), value), {}))
  : new URLSearchParams(Object.fromEntries(values.map(({ path, value }) => [path, value]))).toString()

/** A part with the value in it; a step that is a number is a place in a list. */
const placed = (part: unknown, [name, ...rest]: readonly string[], value: string): object | string => {
  if (name === undefined) return value
  if (/^[0-9]{1,4}$/.test(name) && (part === undefined || Array.isArray(part))) {
    const list: unknown[] = Array.isArray(part) ? [...part] : []
    list[Number(name)] = placed(list[Number(name)], rest, value)
    return list
  }
  const fields = Object(part) as Readonly<Record<string, unknown>>
  return { ...fields, [name]: placed(Object.hasOwn(fields, name) ? fields[name] : undefined, rest, value) }
}
