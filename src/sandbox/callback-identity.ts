import type { FastifyPluginAsync } from 'fastify'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { randomUUID } from 'node:crypto'

const LIFE_SECONDS = 300

export interface CallbackIdentityOptions {
  /** The address of the sandbox, once it listens: the issuer of its tokens. */
  readonly issuer: () => string
  /** The immutable id of the resource: the audience of its tokens. */
  readonly resourceId: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

export interface CallbackIdentity {
  /** A new token for one callback, valid for five minutes. */
  token (): Promise<string>
  /** Serves the key and the document that leads to it. */
  readonly routes: FastifyPluginAsync
}

// Finding the primes takes longer than all the rest of a start; the sandboxes of one process share a key.
let keyPair: ReturnType<typeof generateKeyPair> | undefined

export const JWKS_PATH = '/calling/keys'

/**
 * Makes the identity under which this sandbox signs its call events.
 * https://learn.microsoft.com/azure/communication-services/how-tos/call-automation/secure-webhook-endpoint
 */
export const createCallbackIdentity = async (
  { issuer, resourceId, now }: CallbackIdentityOptions
): Promise<CallbackIdentity> => {
  keyPair ??= generateKeyPair('RS256')
  const { publicKey, privateKey } = await keyPair
  const kid = randomUUID()
  const jwk = { ...await exportJWK(publicKey), kid, alg: 'RS256', use: 'sig' }
  return {
    token () {
      const seconds = Math.floor(now() / 1_000)
      return new SignJWT()
        .setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' })
        .setIssuer(issuer()).setAudience(resourceId)
        .setIssuedAt(seconds).setNotBefore(seconds).setExpirationTime(seconds + LIFE_SECONDS)
        .sign(privateKey)
    },
    async routes (app) {
      app.get(JWKS_PATH, () => ({ keys: [jwk] }))
      app.get('/calling/.well-known/acsopenidconfiguration', () => ({
        issuer: issuer(),
        jwks_uri: `${issuer()}${JWKS_PATH}`,
        id_token_signing_alg_values_supported: ['RS256']
      }))
    }
  }
}
