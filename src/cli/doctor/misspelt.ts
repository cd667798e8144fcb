import { COUNTRY_PREFIXES, isSetting, SETTING_NAMES, type Environment } from '../../config/read-settings.ts'

/**
 * Names of the environment that are no settings and almost are one, with the setting that they may be meant to be.
 * `isNamed`: whether somebody else asks for a name.
 */
export const findMisspelt = (environment: Environment, isNamed: (name: string) => boolean): ReadonlyMap<string, string> =>
  new Map(Object.keys(environment).filter((name) => !isSetting(name) && !isNamed(name)).flatMap((name) => {
    const meant = nearestTo(name)
    return meant === undefined ? [] : [[name, meant]]
  }))

const nearestTo = (name: string): string | undefined => {
  const written = name.toUpperCase()
  const [, country] = /_([A-Z]{2})$/.exec(written) ?? []
  const candidates = country === undefined ? SETTING_NAMES : [...SETTING_NAMES, ...COUNTRY_PREFIXES.map((prefix) => `${prefix}${country}`)]
  return candidates
    .map((candidate) => ({ candidate, distance: distanceBetween(written, candidate) }))
    .filter(({ candidate, distance }) => distance <= patienceWith(candidate))
    .sort((one, other) => one.distance - other.distance)[0]?.candidate
}

/** So many letters may be wrong. Of a short name little is left then, and many a program has such ones. */
const patienceWith = ({ length }: string): number => length < 6 ? -1 : length < 10 ? 1 : 2

/** How many letters are to be put in, taken away, changed, or changed with their neighbour. */
const distanceBetween = (one: string, other: string): number => {
  // Nothing that differs by more than that is asked for.
  if (Math.abs(one.length - other.length) > 2) return Infinity
  let before: number[] = []
  let row = Array.from({ length: other.length + 1 }, (_, column) => column)
  for (let line = 1; line <= one.length; line += 1) {
    const next = [line]
    for (let column = 1; column <= other.length; column += 1) {
      const isSame = one[line - 1] === other[column - 1]
      const isSwapped = line > 1 && column > 1 && one[line - 1] === other[column - 2] && one[line - 2] === other[column - 1]
      next.push(Math.min(
        at(next, column - 1) + 1,
        at(row, column) + 1,
        at(row, column - 1) + (isSame ? 0 : 1),
        isSwapped ? at(before, column - 2) + 1 : Infinity
      ))
    }
    before = row
    row = next
  }
  return at(row, other.length)
}

const at = (row: readonly number[], column: number): number => row[column] as number
