import { createGateway, type Gateway } from './app.ts'
import { readConfig, SettingsWrong, type Config, type Listen } from './config/config.ts'
import { withEnvFile, withGeneratedSecrets } from './config/development.ts'
import { isProduction, isSet, type Environment } from './config/read-settings.ts'
import { nextFreePort } from './free-port.ts'
import { openStore } from './store/open-store.ts'
import { welcome } from './welcome.ts'
import type { Sandbox } from './sandbox/sandbox.ts'

export interface StartOptions {
  readonly environment: Environment
  /** Where `.env` and `data/` are looked for. */
  readonly folder: string
  /** Says something to the person who starts it. */
  readonly print: (line: string) => void
}

export interface Running {
  readonly url: string
  /** Where the sandbox's handset is; absent: there is no sandbox. */
  readonly handsetUrl: string | undefined
  /** Finishes what is under way and ends. */
  stop (): Promise<void>
}

/**
 * Starts the gateway: reads the settings, opens the store, starts the sandbox where it is wanted, listens. Throws
 * `SettingsWrong` and `StoreRefused`, which are for the operator to read. Where it throws, nothing is left running.
 */
export const start = async ({ environment: given, folder, print }: StartOptions): Promise<Running> => {
  const configured = isProduction(given) ? given : withEnvFile(given, folder)
  const environment = isProduction(configured) ? configured : withGeneratedSecrets(configured, folder)
  let config = readConfig(environment, folder)
  const port = await portOf(config.listen)
  const sandbox = config.sandbox && await startSandbox(config.sandbox, environment, port)
  try {
    if (sandbox !== undefined) config = readConfig({ ...withSandboxDefaults(environment), ...sandbox.settingsFor(port), SANDBOX: 'off' }, folder)
    const { gateway, url } = await listen(config, port, sandbox)
    const generatedSecret = environment.SECRET_HEADER === configured.SECRET_HEADER ? undefined : environment.SECRET_HEADER
    if (!config.production) print(welcome({ url, config, handsetUrl: sandbox?.url, generatedSecret, inspectorUrl: linkOf(url, gateway) }))
    return {
      url,
      handsetUrl: sandbox?.url,
      stop: async () => {
        gateway.drain()
        await gateway.close()
        await sandbox?.close()
      }
    }
  } catch (error) {
    await sandbox?.close()
    throw error
  }
}

/** Where the inspector opens for whoever started the gateway. */
const linkOf = (url: string, { inspectorLink }: Gateway): string | undefined => {
  const path = inspectorLink()
  return path && `${url}${path}`
}

const listen = async (config: Config, port: number, sandbox: Sandbox | undefined): Promise<{ gateway: Gateway, url: string }> => {
  const logDestination = config.production ? undefined : (await import('pino-pretty')).default({ translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true, ignore: 'caller' })
  const sql = await openStore(config.store, Date.now)
  const gateway = await createGateway({ config, sql, now: Date.now, handset: sandbox?.url, ...(logDestination === undefined ? {} : { logDestination }) })
  try {
    // What is shut is known before anybody asks. Where the store is away right now, both are done again in a moment.
    await Promise.allSettled([gateway.housekeeping.recover(), gateway.housekeeping.count()])
    const url = await gateway.app.listen({ host: config.listen.host, port }).catch(sayPortIsTaken('PORT'))
    for (const warning of config.warnings) gateway.app.log.warn(warning)
    await sandbox?.subscribe(`http://127.0.0.1:${port}/events`)
    gateway.housekeeping.start()
    return { gateway, url }
  } catch (error) {
    await gateway.close()
    throw error
  }
}

/** In front of the sandbox, the numbers that no country has given out reach its handset: nobody else has them. */
const withSandboxDefaults = (environment: Environment): Environment =>
  isSet(environment.DENIED_NUMBER_TYPES) ? environment : { ...environment, DENIED_NUMBER_TYPES: 'premium,shared-cost' }

const portOf = async ({ host, port, portIsFixed }: Listen, promised?: number): Promise<number> =>
  portIsFixed && port !== 0 ? port : await nextFreePort(host, port, promised)

const sayPortIsTaken = (setting: string) => (error: NodeJS.ErrnoException): never => {
  if (error.code === 'EADDRNOTAVAIL') throw new SettingsWrong(['HOST must be an address of this machine.'])
  if (error.code !== 'EADDRINUSE') throw error
  throw new SettingsWrong([`${setting} is taken by another process: end that one, or set another port.`])
}

const startSandbox = async (listen: Listen, environment: Environment, gatewayPort: number): Promise<Sandbox> => {
  const sandbox = await import('./sandbox/sandbox.ts')
  const eventGridSecret = environment.EVENT_GRID_SECRET?.split(',')[0]?.trim() as string
  return await sandbox.startSandbox({ port: await portOf(listen, gatewayPort), eventGridSecret }).catch(sayPortIsTaken('SANDBOX_PORT'))
}
