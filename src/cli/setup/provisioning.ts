import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { IDENTITY_PROVIDERS, type IdentityProvider, type IdentityProviderName } from './identity-providers.ts'

/** A file to be written; its path is below the folder that is set up. */
export interface ProvisioningFile {
  readonly path: string
  readonly content: string
  /** Then it is for its owner only. */
  readonly isSecret: boolean
}

export interface Filling {
  readonly url: string
  readonly secret: string
  /** Lines that `gateway.env` has besides. */
  readonly exports?: readonly string[]
}

const source = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** The files of an identity provider, with the gateway's URL and the secret in their places. */
export const provisioningFiles = (name: IdentityProviderName, { url, secret, exports = [] }: Filling): readonly ProvisioningFile[] => {
  const { actionCode, keepsPlaceholders, holdsSecret }: IdentityProvider = IDENTITY_PROVIDERS[name]
  const fill = (content: string): string => content.replaceAll('##GATEWAY_URL##', () => url).replaceAll('##GATEWAY_SECRET##', () => secret)
  const more = exports.map((line) => `${line}\n`).join('')
  const templates = templatesOf(name).map(({ path, content }) => ({ path, content: (keepsPlaceholders.includes(path) ? content : fill(content)) + (path === 'gateway.env' ? more : '') }))
  const action = readFileSync(source('auth0-action/custom-phone-provider.js'), 'utf8')
  return [...templates, ...actionCode.map((path) => ({ path, content: action }))].map((file) => ({ ...file, isSecret: holdsSecret.includes(file.path) }))
}

const templatesOf = (name: IdentityProviderName): ReadonlyArray<Pick<ProvisioningFile, 'path' | 'content'>> => {
  const folder = source(`provisioning/${name}`)
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => join(item.parentPath, item.name))
    .sort()
    // Under its real name git would obey it here.
    .map((file) => ({ path: relative(folder, file).replace(/^gitignore$/, '.gitignore'), content: readFileSync(file, 'utf8') }))
}
