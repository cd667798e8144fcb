import { parseArgs } from 'node:util'
import { Refusal } from '../refusal.ts'
import { IDENTITY_PROVIDERS, isIdentityProvider, type IdentityProviderName } from './identity-providers.ts'

/** What was typed behind `setup`. */
export interface SetupOptions {
  readonly name: IdentityProviderName
  readonly url: string | undefined
  readonly secret: string | undefined
  readonly out: string | undefined
  readonly force: boolean
}

const SEE = 'See: phone-code-gateway help'

/** Reads what was typed behind `setup`. Throws `Refusal`. */
export const readOptions = (words: readonly string[]): SetupOptions => {
  const { values, positionals: [name, extra] } = parse(words)
  const known = Object.keys(IDENTITY_PROVIDERS).join(', ')
  if (name === undefined) throw new Refusal(`setup needs an identity provider: ${known}. ${SEE}`, 2)
  if (!isIdentityProvider(name)) throw new Refusal(`setup knows no ${name}, but ${known}. ${SEE}`, 2)
  if (extra !== undefined) throw new Refusal(`setup takes one identity provider, but there is ${extra} too. ${SEE}`, 2)
  const { url, secret, out, force = false } = values
  for (const [option, value] of Object.entries({ url, secret, out })) {
    if (value?.trim() === '') throw new Refusal(`--${option} is empty. ${SEE}`, 2)
  }
  return { name, url, secret, out, force }
}

const parse = (words: readonly string[]) => {
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: { url: { type: 'string' }, secret: { type: 'string' }, out: { type: 'string' }, force: { type: 'boolean' } }
    })
  } catch (error) {
    // It names the option, and never the value.
    throw new Refusal(`${(error as Error).message.split(/\. |\n/)[0]}. ${SEE}`, 2)
  }
}
