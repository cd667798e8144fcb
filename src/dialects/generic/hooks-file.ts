import type { GenericHook } from './hook.ts'
import { isObject } from './hook-shape.ts'
import { parseJson } from './json-mistake.ts'
import { resolveHook, type HookEnvironment } from './resolve-hook.ts'

export type { GenericHook } from './hook.ts'

export interface ReadHooks {
  readonly hooks: readonly GenericHook[]
  /** One line for each thing that is wrong; names, never values. */
  readonly problems: readonly string[]
}

const LARGEST_FILE = 64 * 1024

/** Reads the hooks file. `environment` holds what the file refers to by `$NAME`, and says whether this is production. */
export const readHooks = (text: string, environment: HookEnvironment): ReadHooks => {
  if (Buffer.byteLength(text) > LARGEST_FILE) return nothingBut(`must have at most ${LARGEST_FILE / 1024} KiB.`)
  const parsed = parseJson(text)
  if ('mistakeIn' in parsed) return nothingBut(`must be JSON: an object that has the hooks by name. What stands in line ${parsed.mistakeIn} is not expected there.`)
  const file = parsed.value
  if (!isObject(file)) return nothingBut('must be JSON: an object that has the hooks by name.')
  const problems: string[] = []
  const hooks: GenericHook[] = []
  Object.entries(file).forEach(([name, given], place) => {
    if (!/^[a-z0-9-]{1,40}$/.test(name)) {
      problems.push(`HOOKS_FILE: the name of hook ${place + 1} must be 1 to 40 small letters, digits and hyphens.`)
      return
    }
    const resolved = resolveHook(name, given, environment)
    if ('hook' in resolved) hooks.push(resolved.hook)
    else problems.push(...resolved.problems.map((problem) => `HOOKS_FILE: ${name}: ${problem}`))
  })
  return { hooks, problems }
}

const nothingBut = (problem: string): ReadHooks => ({ hooks: [], problems: [`HOOKS_FILE ${problem}`] })
