import type { JWTPayload } from 'jose'
import { RequestError } from '../domain/errors.ts'
import type { FetchKeys } from '../tokens/remote-keys.ts'
import { bearerOf, createTokenVerifier } from '../tokens/token-verifier.ts'
import type { Authentication } from './dialect.ts'
import { believeSecret, type CallerOf } from './secret-authentication.ts'

/** Tokens that Okta gets for its hook from an authorization server. */
export interface OktaOAuth {
  /** Without a slash at its end; tokens may have one there. */
  readonly issuer: string
  readonly audience: readonly string[]
  /** The applications whose tokens open the hook; absent: those of any. */
  readonly clientIds: readonly string[] | undefined
  /** The scope that tokens must have; absent: any will do. */
  readonly scope: string | undefined
  readonly jwksUrl: URL
}

export interface OktaAuthenticationDeps {
  /** The header that holds the secret. */
  readonly header: string
  /** Where it is set a secret opens nothing any more. */
  readonly oauth: OktaOAuth | undefined
  readonly callerOf: CallerOf
  readonly fetchKeys: FetchKeys
  readonly now: () => number
}

/** Who brings a token that holds. */
const CALLER = 'okta'

/** Milliseconds for fetching keys; what is left of Okta's three seconds is for the message. */
const KEYS_TIMEOUT = 1500

/**
 * How Okta's hooks authenticate: by a fixed header of any name, or by OAuth 2.0. Nothing signs the body.
 * https://developer.okta.com/docs/guides/common-hook-set-up-steps/
 */
export const createOktaAuthentication = ({ header, oauth, callerOf, fetchKeys, now }: OktaAuthenticationDeps): Authentication =>
  oauth === undefined ? bySecret(header, callerOf) : byToken(oauth, fetchKeys, now)

const bySecret = (header: string, callerOf: CallerOf): Authentication => ({
  by: 'headers',
  // One header, as it happens, comes as a list.
  examine: (headers) => believeSecret(header, [headers[header.toLowerCase()]].flat()[0], callerOf)
})

const byToken = ({ issuer, audience, jwksUrl, ...oauth }: OktaOAuth, fetchKeys: FetchKeys, now: () => number): Authentication => {
  const tokens = createTokenVerifier({ jwksUrl, fetchKeys, timeout: KEYS_TIMEOUT, now })
  const rules = { issuer: [issuer, `${issuer}/`], audience: [...audience] }
  return {
    by: 'headers',
    async examine ({ authorization }) {
      const token = bearerOf(authorization)
      if (token === undefined) return { doubt: 'there is no bearer token in Authorization: with OKTA_ISSUER no secret is taken' }
      const payload = await tokens.verify(token, rules).catch((error: unknown) => {
        // That the keys cannot be had is not the token's fault.
        throw new RequestError('keys_unavailable', undefined, { cause: error })
      })
      if (payload === undefined) return { doubt: 'the token does not hold: see its time and signature, OKTA_ISSUER and OKTA_AUDIENCE' }
      return isMeant(payload, oauth) ? { caller: CALLER } : { doubt: 'the token is not for this hook: see OKTA_CLIENT_ID and OKTA_SCOPE' }
    }
  }
}

/**
 * One server issues tokens for many: Okta's hook gets its own as an application, while those of people name the person, as
 * `uid`. https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/
 */
const isMeant = (payload: JWTPayload, { clientIds, scope }: Pick<OktaOAuth, 'clientIds' | 'scope'>): boolean =>
  payload['uid'] === undefined &&
  (clientIds === undefined || clientIds.some((id) => id === (payload['cid'] ?? payload['client_id']))) &&
  (scope === undefined || scopesOf(payload).has(scope))

/** Okta's own servers list scopes as `scp`; others give them as words in `scope`. https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3 */
const scopesOf = ({ scp, scope }: JWTPayload): ReadonlySet<unknown> =>
  new Set([scp, scope].flat().flatMap((scopes) => typeof scopes === 'string' ? scopes.split(' ') : []))
