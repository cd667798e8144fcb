import { randomUUID } from 'node:crypto'
import { lstatSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Refusal } from '../refusal.ts'
import { makeFolders, requireNoLinks } from './folders.ts'
import { withLines } from './git-ignore.ts'
import type { ProvisioningFile } from './provisioning.ts'

export interface WriteFilesOptions {
  /** Where the command was typed: how one got here is not looked at. */
  readonly from: string
  readonly folder: string
  readonly files: readonly ProvisioningFile[]
  /** Whether files that are there are replaced. */
  readonly force: boolean
  /** Whether nobody else may look into folders that are made: others keep secrets there, too. */
  readonly isPrivate?: boolean
  /** How a file gets its name. */
  readonly rename?: (from: string, to: string) => void
}

/** One file on its way. */
interface Step extends Pick<ProvisioningFile, 'path' | 'content'> {
  readonly file: string
  /** Where it is written first. */
  readonly draft: string
  /** Where what it replaces is kept until all is done; absent: there is nothing yet. */
  readonly former: string | undefined
  readonly mode: number
}

/**
 * Writes all of the files or, where one of them cannot be, none; those with a secret are readable by their owner only. Where
 * one is there already nothing is written, unless `force`: then it is replaced. `.gitignore` is never replaced: lines that it
 * lacks are added. A link is not followed, be it a file or a folder on the way. Throws `Refusal`.
 */
export const writeFiles = ({ from, folder, files, force, isPrivate = true, rename = renameSync }: WriteFilesOptions): void => {
  const made: string[] = []
  const undo: Array<() => void> = []
  let steps: readonly Step[]
  try {
    for (const path of files.map(({ path }) => join(folder, path))) requireNoLinks(from, dirname(path))
    steps = planned(folder, files, force)
    for (const { file } of steps) made.push(...makeFolders(dirname(file), isPrivate ? 0o700 : 0o755))
    for (const { draft, content, mode } of steps) {
      undo.push(() => { rmSync(draft, { force: true }) })
      writeFileSync(draft, content, { flag: 'wx', mode })
    }
    for (const step of steps) undo.push(...put(step, rename))
  } catch (error) {
    for (const back of undo.reverse()) attempt(back)
    for (const path of made.reverse()) attempt(() => { rmdirSync(path) })
    throw error instanceof Refusal ? error : new Refusal(`The files cannot be written to ${folder}: ${wordsFor((error as NodeJS.ErrnoException).code)}. Nothing was written.`, 1)
  }
  for (const { former } of steps) if (former !== undefined) attempt(() => { rmSync(former) })
}

/** What cannot be tidied up stays: what went wrong before is told all the same. */
const attempt = (tidy: () => void): void => {
  try {
    tidy()
  } catch {}
}

const IGNORE = '.gitignore'

const planned = (folder: string, files: readonly ProvisioningFile[], force: boolean): readonly Step[] => {
  const found = files.map(({ path, content, isSecret }) => ({ path, content, isSecret, file: join(folder, path), stats: lstatSync(join(folder, path), { throwIfNoEntry: false }) }))
  const strange = found.find(({ path, stats }) => stats !== undefined && (stats.isDirectory() || (path === IGNORE && !stats.isFile())))
  if (strange !== undefined) throw new Refusal(`${strange.file} is no file: remove it, or take another directory by --out.`, 1)
  const present = found.filter(({ path, stats }) => stats !== undefined && path !== IGNORE).map(({ path }) => path)
  if (present.length > 0 && !force) throw new Refusal(`In ${folder} there is already ${present.join(', ')}. --force replaces what is there; --out takes another directory.`, 1)
  return found.map(({ path, content, isSecret, file, stats }) => {
    const beside = (what: string): string => join(dirname(file), `.${basename(file)}.${randomUUID()}.${what}`)
    const keeps = path === IGNORE && stats !== undefined
    return {
      path,
      file,
      content: keeps ? withLines(file, content) : content,
      draft: beside('new'),
      former: stats === undefined ? undefined : beside('old'),
      mode: keeps ? stats.mode & 0o777 : isSecret ? 0o600 : 0o644
    }
  })
}

/** Gives a file its name; gives back how to take that back. */
const put = ({ file, draft, former }: Step, rename: (from: string, to: string) => void): ReadonlyArray<() => void> => {
  if (former === undefined) {
    rename(draft, file)
    return [() => { rmSync(file, { force: true }) }]
  }
  renameSync(file, former)
  try {
    rename(draft, file)
  } catch (error) {
    renameSync(former, file)
    throw error
  }
  return [() => { renameSync(former, file) }]
}

const wordsFor = (code: string | undefined): string => {
  switch (code) {
    case 'EACCES':
    case 'EPERM': return 'this user may not write there'
    case 'EROFS': return 'that disk is read-only'
    case 'ENOSPC':
    case 'EDQUOT': return 'there is no room left'
    default: return code ?? 'no reason is known'
  }
}
