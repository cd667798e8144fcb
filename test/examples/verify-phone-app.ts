import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { SECRET, testPort } from '../support/gateway.ts'

export const FILE = fileURLToPath(new URL('../../examples/verify-phone/server.mjs', import.meta.url))

export interface AppOptions {
  readonly secret?: string
  /** Where people reach it, where that is not where it listens. */
  readonly url?: string
  /** Where what it complains of is put, piece by piece. */
  readonly complaints?: string[]
}

/** Starts the app in a process of its own, in front of a gateway; gives its address. */
export const startApp = async (t: Test, gateway: string, { secret = SECRET, url, complaints = [] }: AppOptions = {}): Promise<string> => {
  const child = spawn(process.execPath, [FILE], {
    env: { PATH: process.env.PATH, PORT: String(await testPort()), GATEWAY_URL: gateway, GATEWAY_SECRET: secret, ...url !== undefined && { APP_URL: url } }, stdio: ['ignore', 'pipe', 'pipe']
  })
  child.stderr.setEncoding('utf8').on('data', (piece: string) => { complaints.push(piece) })
  t.teardown(async () => {
    child.kill()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const [app] = await once(createInterface({ input: child.stdout }), 'line') as [string]
  return app
}
