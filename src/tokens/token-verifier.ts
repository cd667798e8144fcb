import { errors, jwtVerify, type JWTPayload } from 'jose'
import { createRemoteKeys, type RemoteKeysDeps } from './remote-keys.ts'

/** Seconds by which the clocks may differ. */
const CLOCK_TOLERANCE = 30

/** Thrown where the keys cannot be had right now: that is not the fault of whoever brings the token. */
export class KeysUnavailable extends Error {
  constructor (options?: ErrorOptions) {
    super('the keys of the issuer cannot be had right now', options)
    this.name = 'KeysUnavailable'
  }
}

export interface TokenRules {
  readonly issuer: string | string[]
  readonly audience: string | string[]
}

/** Checks tokens that one issuer signs with keys that it publishes. */
export interface TokenVerifier {
  /** Gives what the token says, or `undefined` where it does not hold. Throws `KeysUnavailable`. */
  verify (token: string, rules: TokenRules): Promise<JWTPayload | undefined>
}

export const createTokenVerifier = (deps: RemoteKeysDeps): TokenVerifier => {
  const keys = createRemoteKeys(deps)
  return {
    async verify (token, rules) {
      try {
        const options = { ...rules, algorithms: ['RS256'], clockTolerance: CLOCK_TOLERANCE, currentDate: new Date(deps.now()), requiredClaims: ['exp'] }
        return (await jwtVerify(token, keys, options)).payload
      } catch (error) {
        if (saysNo(error)) return undefined
        throw new KeysUnavailable({ cause: error })
      }
    }
  }
}

/** The token of an `Authorization` header. */
export const bearerOf = (authorization: string | undefined): string | undefined => /^Bearer +([^ ]+)$/i.exec(authorization ?? '')?.[1]

/** Whether the error speaks of the token; any other speaks of the keys, which could not be had. */
const saysNo = (error: unknown): boolean =>
  error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired || error instanceof errors.JWTInvalid ||
  error instanceof errors.JWSInvalid || error instanceof errors.JWSSignatureVerificationFailed ||
  error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported || error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys
