import { isObject } from './hook-shape.ts'

/**
 * The first of the paths that leads to something. Names are joined by dots, and places in a list are numbers: `data.to.0`.
 * A blank text is nothing; where there is nothing else, `null` counts as what was said. Only what the body itself has is
 * found. Gives `undefined` where no path leads anywhere.
 */
export const valueAt = (body: unknown, paths: readonly string[]): unknown => {
  const found = paths.map((path) => follow(body, path)).filter((value) => value !== undefined && !isBlank(value))
  return found.find((value) => value !== null) ?? found[0]
}

const isBlank = (value: unknown): boolean => typeof value === 'string' && value.trim() === ''

const follow = (body: unknown, path: string): unknown => {
  // A form has no fields within fields; its names may have dots.
  if (isObject(body) && Object.hasOwn(body, path)) return body[path]
  return path.split('.').reduce(step, body)
}

const step = (within: unknown, name: string): unknown => {
  if (Array.isArray(within)) return /^[0-9]{1,4}$/.test(name) ? within[Number(name)] : undefined
  return isObject(within) && Object.hasOwn(within, name) ? within[name] : undefined
}
