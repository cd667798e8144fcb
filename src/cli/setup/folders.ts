import { lstatSync, mkdirSync, realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, parse, relative, sep } from 'node:path'
import { Refusal } from '../refusal.ts'

/**
 * Every folder on the way to one is a folder, or is not there yet. What is above `from` is not looked at where the way leads
 * below it. Throws `Refusal` for a link, by which secrets would be written to where somebody else has it lead.
 */
export const requireNoLinks = (from: string, folder: string): void => {
  const way = relative(from, folder)
  const isBelow = way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
  const { root } = parse(folder)
  let path = isBelow ? from : root
  for (const name of (isBelow ? way : relative(root, folder)).split(sep).filter((part) => part !== '')) {
    path = join(path, name)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    if (stats === undefined) return
    if (stats.isSymbolicLink()) throw new Refusal(`${path} is a link, and files with secrets are not written through one. Name the directory itself by --out${placeOf(path)}.`, 1)
    if (!stats.isDirectory()) throw new Refusal(`${path} is no directory: take another one by --out.`, 1)
  }
}

/** Where the link leads, for whoever set it. */
const placeOf = (path: string): string => {
  try {
    return `: ${realpathSync(path)}`
  } catch {
    return ''
  }
}

/** Makes a folder and those above it that are missing, with the rights of `mode`; gives those that were made, the uppermost first. */
export const makeFolders = (folder: string, mode: number): string[] => {
  if (lstatSync(folder, { throwIfNoEntry: false }) !== undefined) return []
  const above = makeFolders(dirname(folder), mode)
  mkdirSync(folder, { mode })
  return [...above, folder]
}
