import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../../../src/config/read-settings.ts'

const file = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const LOADER = new URL('../loader/register.mjs', import.meta.url).href
const SKEW = new URL('skew.mjs', import.meta.url).href
const SERVER = file('../../../src/server.ts')

/** Milliseconds that a replica has to be ready, or to end when it was told to. */
const PATIENCE = 90_000

export interface ReplicaOptions {
  readonly name: string
  readonly port: number
  /** Its working directory. */
  readonly folder: string
  readonly settings: Environment
  /** Milliseconds by which its clock runs ahead. */
  readonly skew: number
  /** Reads each line that it writes. */
  readonly read: (line: string) => void
}

/** A gateway in a process of its own. */
export interface Replica {
  readonly name: string
  readonly port: number
  /** Of the process that was started last. */
  readonly pid: number | undefined
  /** Starts it, again and again where it ends while it starts. Settles once it is ready. */
  start (): Promise<void>
  /** Ends it at once, as a machine that fails does. */
  kill (): Promise<void>
  /** Tells it to end, and gives how it did. */
  terminate (): Promise<{ readonly code: number | null, readonly milliseconds: number }>
  /** Stands still for that many milliseconds, and then goes on as though nothing had been. */
  freeze (milliseconds: number): Promise<void>
}

export const createReplica = ({ name, port, folder, settings, skew, read }: ReplicaOptions): Replica => {
  let child: ChildProcess | undefined

  const hasEnded = (one: ChildProcess): boolean => one.exitCode !== null || one.signalCode !== null

  const isReady = async (): Promise<boolean> =>
    await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(2000) }).then(async (reply) => { await reply.text(); return reply.ok }, () => false)

  const startOnce = async (): Promise<boolean> => {
    const started = spawn(process.execPath, [`--import=${LOADER}`, `--import=${SKEW}`, SERVER], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: process.env.TMPDIR, PORT: String(port), CHAOS_SKEW: String(skew), ...settings },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    child = started
    for (const stream of [started.stdout, started.stderr]) createInterface({ input: stream }).on('line', read)
    const end = performance.now() + PATIENCE
    while (!hasEnded(started)) {
      if (await isReady()) return true
      if (performance.now() > end) throw new Error(`${name} was not ready in time`)
      await wait(50)
    }
    return false
  }

  const endBy = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child === undefined || hasEnded(child)) return null
    const ended = once(child, 'exit') as Promise<[number | null]>
    child.kill(signal)
    return (await ended)[0]
  }

  return {
    name,
    port,
    get pid () { return child?.pid },
    async start () {
      const end = performance.now() + PATIENCE
      while (!await startOnce()) {
        if (performance.now() > end) throw new Error(`${name} does not start`)
        await wait(500)
      }
    },
    async kill () { await endBy('SIGKILL') },
    async terminate () {
      const began = performance.now()
      const late = setTimeout(() => { child?.kill('SIGKILL') }, PATIENCE)
      const code = await endBy('SIGTERM')
      clearTimeout(late)
      return { code, milliseconds: Math.round(performance.now() - began) }
    },
    async freeze (milliseconds) {
      child?.kill('SIGSTOP')
      await wait(milliseconds)
      child?.kill('SIGCONT')
    }
  }
}
