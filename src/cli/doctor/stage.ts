import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGateway } from '../../app.ts'
import { readConfig, type Config } from '../../config/config.ts'
import type { Environment } from '../../config/read-settings.ts'
import { nextFreePort } from '../../free-port.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { openStore } from '../../store/open-store.ts'
import type { SignToken } from './requests/okta.ts'
import { stageSettings } from './stage-settings.ts'
import { startTokenIssuer } from './token-issuer.ts'

/** A gateway with the hooks as they are set up, in front of a sandbox: nothing that is asked there leaves this machine. */
export interface Stage {
  readonly url: string
  readonly config: Config
  readonly sandbox: Sandbox
  readonly signToken: SignToken
  close (): Promise<void>
}

export interface StageDeps {
  /** The settings, all of which are right. */
  readonly environment: Environment
  /** Where relative paths of the settings begin. */
  readonly folder: string
  readonly now: () => number
}

const LOOPBACK = '127.0.0.1'

/** Sets the stage; where that fails nothing is left of it. */
export const openStage = async ({ environment, folder, now }: StageDeps): Promise<Stage> => {
  const closing: Array<() => unknown> = []
  const close = async (): Promise<void> => {
    for (const end of closing.reverse()) await end()
    closing.length = 0
  }
  try {
    const ownFolder = mkdtempSync(join(tmpdir(), 'phone-code-gateway-doctor-'))
    closing.push(() => { rmSync(ownFolder, { recursive: true, force: true }) })
    const issuer = await startTokenIssuer(now)
    closing.push(issuer.close)
    const { startSandbox } = await import('../../sandbox/sandbox.ts')
    const sandbox = await startSandbox({ eventGridSecret: 'doctor', pace: 0, now })
    closing.push(sandbox.close)
    const port = await nextFreePort(LOOPBACK, 0)
    const config = readConfig(stageSettings(environment, sandbox.settingsFor(port), ownFolder, issuer.jwksUrl), folder)
    const gateway = await createGateway({ config, sql: await openStore(config.store, now), now })
    closing.push(gateway.close)
    const url = await gateway.app.listen({ host: LOOPBACK, port })
    return { url, config, sandbox, signToken: issuer.sign, close }
  } catch (error) {
    await close()
    throw error
  }
}
