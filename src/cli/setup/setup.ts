import { relative, resolve } from 'node:path'
import { withEnvFile } from '../../config/development.ts'
import type { Environment } from '../../config/read-settings.ts'
import { readGatewayUrl } from './gateway-url.ts'
import { hookSecret } from './hook-secret.ts'
import { IDENTITY_PROVIDERS, type IdentityProvider } from './identity-providers.ts'
import { readOptions } from './options.ts'
import { provisioningFiles } from './provisioning.ts'
import { writeFiles } from './write-files.ts'

export interface SetupDeps {
  readonly environment: Environment
  /** Where the command was typed. */
  readonly folder: string
  readonly print: (line: string) => void
}

/** Writes the files that an identity provider needs, and says how to go on. Throws `Refusal`, having written nothing. */
export const setup = (words: readonly string[], { environment, folder, print }: SetupDeps): void => {
  const { name, url: typedUrl, secret: typedSecret, out, force } = readOptions(words)
  const provider: IdentityProvider = IDENTITY_PROVIDERS[name]
  const settings = withEnvFile(environment, folder)
  const url = readGatewayUrl(typedUrl, settings)
  const target = resolve(folder, out ?? `phone-code-gateway-${name}`)
  const secret = hookSecret(provider.secret, { typed: typedSecret, environment: settings, folder, target, url: url.text })
  const files = provisioningFiles(name, { url: url.text, secret: secret.text, exports: provider.exports(settings) })
  writeFiles({ from: folder, folder: target, files, force, isPrivate: provider.keepsSecrets })

  const shown = shellWord(relative(folder, target) || '.')
  print(`Wrote ${files.length} files to ${shown}, for the gateway at ${url.text}.`)
  if (provider.holdsSecret.length > 0) print(`The secret is in ${provider.holdsSecret.join(' and ')}: readable by you only, and kept out of git.`)
  const remarks = [...url.warnings, ...provider.notes(settings), ...secret.lines]
  for (const line of ['', ...remarks, ...(remarks.length > 0 ? [''] : []), ...provider.next(shown), '', `The guide: docs/identity-providers/${name}.md`]) print(line)
}

/** A path as it can be pasted into a shell. */
const shellWord = (path: string): string => /^[\w./@:+][\w./@:+-]*$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`
