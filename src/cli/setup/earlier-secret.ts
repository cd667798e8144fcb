import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A secret that an earlier setup wrote down, and in which file. */
export interface EarlierSecret {
  readonly text: string
  readonly file: string
}

/** Whose secret: one of a caller of ours serves every provider that sends one. */
export type EarlierKind = 'of-caller' | 'standard-webhooks'

export interface EarlierSecretPlaces {
  /** Where commands are typed: the folders in it are looked at. */
  readonly folder: string
  /** Where this setup writes. What is there is of this gateway, wherever that was reached before. */
  readonly target: string
  /** Where the gateway is reached now. Secrets of others are none of its. */
  readonly url: string
}

interface Trace {
  readonly file: string
  readonly secret: RegExp
  /** The file that says for which gateway it is, and how it does. */
  readonly beside: string
  urlAs (url: string): string
}

const inShell = { file: 'gateway.env', beside: 'curl.sh', urlAs: (url: string) => `GATEWAY_URL:-${url}}` } as const

/** As the files of `src/provisioning` have it, filled in. */
const TRACES: Readonly<Record<EarlierKind, readonly Trace[]>> = {
  'of-caller': [
    { ...inShell, secret: /^export GATEWAY_SECRET='([A-Za-z0-9._~+/=:;@|!*-]{1,512})'$/m },
    { file: 'courier.yml', secret: /^ +value: '([A-Za-z0-9._~+/=:;@|!*-]{1,512})'$/m, beside: 'courier.yml', urlAs: (url) => `'${url}/hooks/kratos'` }
  ],
  'standard-webhooks': [{ ...inShell, secret: /^export SUPABASE_HOOK_SECRET='(v1,whsec_[A-Za-z0-9+/]{22,}={0,2})'$/m }]
}

/** The secret that an earlier setup of the same gateway wrote down, so that all of them have one. */
export const earlierSecret = (kind: EarlierKind, { folder, target, url }: EarlierSecretPlaces): EarlierSecret | undefined => {
  for (const place of [target, ...foldersIn(folder)]) {
    for (const { file, secret, beside, urlAs } of TRACES[kind]) {
      const isOfGateway = place === target || readOwn(join(place, beside))?.includes(urlAs(url)) === true
      const text = isOfGateway ? secret.exec(readOwn(join(place, file), OTHERS) ?? '')?.[1] : undefined
      if (text !== undefined) return { text, file: join(place, file) }
    }
  }
  return undefined
}

const foldersIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter((item) => item.isDirectory()).map(({ name }) => join(folder, name)).sort()
  } catch {
    return []
  }
}

/** The rights that a file with a secret gives to nobody else. */
const OTHERS = 0o077

/** Nothing that setup writes is longer, in bytes. */
const LONGEST = 64 * 1024

/** A file that this user has written, and nobody else could: a secret that others know is none. Absent: there is none such. */
const readOwn = (file: string, forbidden = 0o022): string | undefined => {
  const descriptor = openIfThere(file)
  if (descriptor === undefined) return undefined
  try {
    const stats = fstatSync(descriptor)
    const isOwn = stats.isFile() && stats.uid === process.getuid?.() && (stats.mode & forbidden) === 0 && stats.size <= LONGEST
    return isOwn ? readFileSync(descriptor, 'utf8') : undefined
  } finally {
    closeSync(descriptor)
  }
}

/** Not where it is a link, nor waiting for what others may write into it. */
const openIfThere = (file: string): number | undefined => {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return undefined
  }
}
