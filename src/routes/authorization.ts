import { decodeBasic, SecretSet } from '../domain/secret.ts'
import type { SensitiveText } from '../domain/sensitive.ts'

/** Tells who calls by the secret that came with the request. */
export interface Authorization {
  /** The caller whose secret is in a header: plain, as `Bearer`, or as the password of `Basic`. */
  callerOf (header: string | undefined): string | undefined
  isAdmin (header: string | undefined): boolean
}

const presentedIn = (header = ''): string => {
  const basic = decodeBasic(header)
  // Whoever is named before the colon: the secret tells who it is.
  return basic === undefined ? header.replace(/^Bearer +/i, '') : basic.replace(/^[^:]*:/, '')
}

export const createAuthorization = (
  callers: ReadonlyMap<string, readonly SensitiveText[]>, adminSecret: SensitiveText | undefined
): Authorization => {
  const sets = [...callers].map(([name, secrets]) => ({ name, secrets: new SecretSet(secrets) }))
  const admin = new SecretSet(adminSecret === undefined ? [] : [adminSecret])
  return {
    callerOf (header) {
      const presented = presentedIn(header)
      let found: string | undefined
      // Every set is asked, so that the time does not tell which one it was.
      for (const { name, secrets } of sets) found = secrets.has(presented) ? name : found
      return found
    },
    isAdmin: (header) => admin.has(presentedIn(header))
  }
}
