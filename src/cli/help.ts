import { readFileSync } from 'node:fs'
import { IDENTITY_PROVIDERS } from './setup/identity-providers.ts'

const MANIFEST = new URL('../../package.json', import.meta.url)

/** The version of this gateway. */
export const version = (): string => (JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string }).version

/** What can be typed. */
export const help = (): string => {
  const names = Object.keys(IDENTITY_PROVIDERS)
  return `Phone Code Gateway ${version()}

phone-code-gateway setup <provider> [options]
    Writes what an identity provider needs to send its codes by this gateway.
    <provider>       ${names.join(', ')}
    --url URL        where the gateway is reached, instead of PUBLIC_URL
    --secret SECRET  the secret of the hook, instead of the one of the settings. Better
                     set it in .env: others on this machine can read a command line
    --out DIR        where to write, instead of ./phone-code-gateway-<provider>
    --force          replaces files that are there

phone-code-gateway doctor
    Looks for what is wrong with the settings, the providers and the hooks.

phone-code-gateway wording [options]
    Shows the texts of codes that the gateway makes, and the segments they take.
    --purpose PURPOSE  of one purpose only: login, signup, or that of a profile
    --locale LOCALE    in one language only, such as de or pt-BR; with what a call says

phone-code-gateway help
phone-code-gateway --version

The settings are those of the environment and of the file .env in this directory.`
}
