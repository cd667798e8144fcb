import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'

/** Fetches a set of keys by its URL; settles in so many milliseconds, with a body of bounded size. */
export type FetchKeys = (url: string, timeout: number) => Promise<Response>

export interface RemoteKeysDeps {
  readonly jwksUrl: URL
  readonly fetchKeys: FetchKeys
  /** Milliseconds for fetching keys. */
  readonly timeout: number
  readonly now: () => number
}

/** For so long keys are not asked for again, in milliseconds. */
const FRESH = 10 * 60_000

/** For so long they serve on while they cannot be had again; longer might keep alive one that was withdrawn. */
const STALE = 24 * 60 * 60_000

/** While they cannot be had, not every request has to wait for that to show. */
const NEXT_ATTEMPT = 30_000

/**
 * The keys that an issuer publishes: fetched when they are first needed, kept, and fetched again where they are old or a token
 * names one that is not among them. What was fetched serves for a day on while the issuer is down. Rejects where there are none.
 */
export const createRemoteKeys = ({ jwksUrl, fetchKeys, timeout, now }: RemoteKeysDeps): JWTVerifyGetKey => {
  // How old they may be is settled here.
  const keys = createRemoteJWKSet(jwksUrl, { timeoutDuration: timeout, cacheMaxAge: Infinity, [customFetch]: (url: string) => fetchKeys(url, timeout) })
  let freshUntil = -Infinity
  let goodUntil = -Infinity

  const renew = async (): Promise<void> => {
    try {
      await keys.reload()
      freshUntil = now() + FRESH
      goodUntil = freshUntil + STALE
    } catch (error) {
      if (now() >= goodUntil) throw error
      freshUntil = now() + NEXT_ATTEMPT
    }
  }

  return async (header, token) => {
    if (now() >= freshUntil) await renew()
    return await keys(header, token)
  }
}
