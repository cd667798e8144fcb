import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { StorePlace } from '../../store/open-store.ts'
import type { PostgresPlace } from '../../store/postgres-connection.ts'
import { fail, ok, type Finding } from '../../domain/finding.ts'

/** The oldest Node that the gateway runs on. */
const OLDEST_NODE = [20, 19] as const

/** Whether this Node will do. */
export const examineNode = (version: string): Finding => {
  const [major, minor] = version.split('.').map(Number) as [number, number]
  const [oldestMajor, oldestMinor] = OLDEST_NODE
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)
    ? ok('Node', `${version} will do.`)
    : fail('Node', `${version} is too old: the gateway needs ${OLDEST_NODE.join('.')} or later.`)
}

/** Whether the store's file can be read and written, or made. It is not opened: a gateway may be using it. */
export const examineStore = async (store: StorePlace, isAllowed: (path: string, mode: number) => Promise<boolean> = isAllowedHere): Promise<Finding> => {
  if (store.engine === 'postgres') return await examinePostgres(store)
  const { file } = store
  const found = await kindOf(file)
  if (found === 'other') return fail('STORE_URL', 'it names something that is no file: set it to a path in a folder that exists.')
  if (found === 'blocked') return fail('STORE_URL', 'its path cannot be followed: see that every folder of it is a folder, and open to the user that the gateway runs as.')
  if (found === 'file') {
    return await isAllowed(file, constants.R_OK | constants.W_OK) && await isAllowed(dirname(file), constants.W_OK | constants.X_OK)
      ? ok('STORE_URL', 'the file and its folder can be written to.')
      : fail('STORE_URL', 'the file or its folder cannot be written to: give both to the user that the gateway runs as.')
  }
  return await isAllowed(await nearestFolder(dirname(file)), constants.W_OK | constants.X_OK)
    ? ok('STORE_URL', 'there is no file yet; it can be made.')
    : fail('STORE_URL', 'its folder cannot be written to: give it to the user that the gateway runs as, or mount a volume there.')
}

const examinePostgres = async (store: PostgresPlace): Promise<Finding> => {
  const { probePostgres } = await import('../../store/postgres-trouble.ts')
  const trouble = await probePostgres(store)
  return trouble === undefined ? ok('STORE_URL', 'PostgreSQL answers and lets us in.') : fail('STORE_URL', trouble.says)
}

const kindOf = async (path: string): Promise<'file' | 'other' | 'absent' | 'blocked'> => {
  try {
    return (await stat(path)).isFile() ? 'file' : 'other'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'absent' : 'blocked'
  }
}

/** The folder itself, or the one above it that there is. */
const nearestFolder = async (folder: string): Promise<string> =>
  await kindOf(folder) === 'absent' && dirname(folder) !== folder ? await nearestFolder(dirname(folder)) : folder

const isAllowedHere = (path: string, mode: number): Promise<boolean> => access(path, mode).then(() => true, () => false)
