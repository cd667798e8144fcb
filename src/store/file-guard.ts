import { lstatSync, mkdirSync, readlinkSync, realpathSync, statfsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import Database from 'libsql'
import { StoreRefused } from './sql.ts'

const SHARE_BY_POSTGRESQL = 'SQLite serves one process on a local disk; several replicas share a PostgreSQL.'

/** Network file systems by their magic numbers (statfs(2), linux/magic.h): their locks and fsync cannot be trusted. */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'], [0x517B, 'SMB'], [0xFF534D42, 'CIFS'], [0xFE534D42, 'SMB2'], [0x00C36400, 'Ceph'],
  [0x5346414F, 'AFS'], [0x73757245, 'Coda'], [0x01021997, '9P']
])

/** Tells the kind of the file system that a folder is on, as `statfs` does. */
export type FileSystemOf = (folder: string) => { readonly type: number }

/** Makes the folder of the file, and gives the file's real path, by which it has one lock under whatever name. */
export const realFile = (file: string): string => {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const folder = realpathSync(dirname(file))
  const real = join(folder, basename(file))
  // Link by link, since the last one may point to a file that is yet to be made.
  return lstatSync(real, { throwIfNoEntry: false })?.isSymbolicLink() === true ? realFile(resolve(folder, readlinkSync(real))) : real
}

/** Throws `StoreRefused` where the file is on a network file system. */
export const requireLocalDisk = (file: string, fileSystemOf: FileSystemOf = statfsSync): void => {
  const folder = dirname(file)
  const kind = NETWORK_FILE_SYSTEMS.get(fileSystemOf(folder).type)
  if (kind !== undefined) throw new StoreRefused(`The store file is on a network file system (${kind}). ${SHARE_BY_POSTGRESQL}`)
}

/**
 * Holds a lock beside the file until it is released or the process ends, however it ends. Throws `StoreRefused`
 * where another process holds it. The lock is SQLite's own, on a file that holds nothing else.
 */
export const lockFile = (file: string): { release (): void } => {
  const lock = new Database(`${file}.lock`)
  try {
    lock.exec('PRAGMA busy_timeout = 0')
    lock.exec('BEGIN EXCLUSIVE')
  } catch {
    lock.close()
    throw new StoreRefused(`Another process uses the store file: end that one, or set STORE_URL to another file. ${SHARE_BY_POSTGRESQL}`)
  }
  return { release: () => { lock.close() } }
}
