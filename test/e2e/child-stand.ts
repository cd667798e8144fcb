import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { Environment } from '../../src/config/read-settings.ts'
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { nodeArguments } from '../support/child.ts'
import { EVENT_GRID_SECRET, SECRET, settingsFor, testPort, twilioSettingsFor } from '../support/gateway.ts'

export const NUMBER = '+14155550123'
export const MESSAGE = { phoneNumber: NUMBER, code: '482913' }

/** A gateway in a process of its own, in front of a sandbox in this one. */
export interface Child {
  readonly left: { folder: string, environment: Environment, sandbox: Sandbox, port: number }
  /** Sends a message, without waiting for an answer that may never come. */
  send (path: string): void
  /** Settles once the process has printed that word. */
  says (word: string): Promise<void>
  /** Lets its clock go on by that many milliseconds, and has it do what has fallen due. */
  goOn (milliseconds: number): void
  kill (): Promise<void>
}

export interface ChildOptions {
  /** Text of the SQL that it stands still at, and at the how many-th time. */
  readonly stallAt?: string | undefined
  readonly stallNumber?: number
  /** The URL of its PostgreSQL; SQLite where absent. */
  readonly database?: string | undefined
  /** Whether Twilio is there beside Azure. */
  readonly twilio?: boolean
  readonly settings?: Environment
  readonly sandbox?: Partial<SandboxOptions>
}

/** Starts one; it is killed at the end of the test at the latest. */
export const startChild = async (t: Test, { stallAt, stallNumber = 1, database, twilio = false, settings, sandbox: sandboxOptions }: ChildOptions = {}): Promise<Child> => {
  const sandbox = await startSandbox({ eventGridSecret: EVENT_GRID_SECRET, pace: 0, ...sandboxOptions })
  const [folder, port] = [mkdtempSync(join(tmpdir(), 'gateway-kill-')), await testPort()]
  const environment = { ...settingsFor(sandbox, port), ...twilio && twilioSettingsFor(sandbox, port), ...settings }
  const child = spawn(process.execPath, [...nodeArguments, fileURLToPath(new URL('../support/child-gateway.ts', import.meta.url))], {
    env: { ...process.env, ...environment, TEST_FOLDER: folder, TEST_PORT: String(port), ...(database !== undefined && { TEST_DATABASE: database }), ...(stallAt !== undefined && { TEST_STALL_AT: stallAt, TEST_STALL_NUMBER: String(stallNumber) }) },
    stdio: ['pipe', 'pipe', 'inherit']
  })
  const words = new Set<string>()
  const lines = createInterface({ input: child.stdout })
  lines.on('line', (line) => { words.add(line) })
  const says = async (word: string): Promise<void> => {
    while (!words.has(word)) await once(lines, 'line')
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  t.teardown(kill)
  await says('ready')
  return {
    left: { folder, environment, sandbox, port },
    says,
    kill,
    goOn (milliseconds) { child.stdin.write(`${milliseconds}\n`) },
    send (path) {
      fetch(`http://127.0.0.1:${port}${path}`, {
        method: 'POST', headers: { authorization: SECRET, 'content-type': 'application/json' }, body: JSON.stringify(MESSAGE)
      }).then(async (response) => await response.text(), () => {})
    }
  }
}
