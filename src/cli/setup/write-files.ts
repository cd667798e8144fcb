import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Refusal } from '../refusal.ts'
import type { ProvisioningFile } from './provisioning.ts'

/**
 * Writes the files, readable by their owner only. Where one of them is there already nothing is written, unless `force`: then
 * it is replaced, and a link is replaced and not followed. Throws `Refusal`.
 */
export const writeFiles = (folder: string, files: readonly ProvisioningFile[], force: boolean): void => {
  const present = files.map(({ path }) => path).filter((path) => isThere(join(folder, path)))
  if (present.length > 0 && !force) throw new Refusal(`In ${folder} there is already ${present.join(', ')}. --force replaces what is there; --out takes another directory.`, 1)
  try {
    for (const { path, content } of files) {
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
      rmSync(file, { force: true })
      writeFileSync(file, content, { flag: 'wx', mode: 0o600 })
    }
  } catch (error) {
    throw new Refusal(`The files cannot be written to ${folder}: ${(error as NodeJS.ErrnoException).code}.`, 1)
  }
}

const isThere = (file: string): boolean => {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined
  } catch {
    // Something on the way is no directory: writing will say so.
    return false
  }
}
