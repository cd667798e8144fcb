import type { PublicKey, SigningKeys } from '../domain/signing-keys.ts'
import type { FinalStatus } from '../domain/verification.ts'

export interface ResultsDeps {
  readonly signingKeys: SigningKeys
  /** Who says so: the gateway, as the outside knows it. */
  readonly issuer: string
  /** The store's clock, milliseconds since 1970, by which verifications end. */
  readonly now: () => number
}

/** How a verification ended. Nothing of it tells the number. */
export interface ResultFacts {
  readonly id: string
  readonly status: FinalStatus
  /** The app that it is for. */
  readonly caller: string
  /** The app's own word for what it was about. */
  readonly reference: string | undefined
  /** Milliseconds since 1970. */
  readonly endedAt: number
}

/** Results that a browser carries to its app: signed, so that it can neither make nor change one. */
export interface Results {
  /**
   * A JWT for the app (RFC 7519), which holds until five minutes after the end, and always says the same of one end: nobody gets
   * a fresh one out of a verification of long ago. `undefined` once it would not hold any more.
   */
  sign (facts: ResultFacts): string | undefined
  /** What results are checked with, as a JWK set (RFC 7517). */
  publicKeys (): { readonly keys: readonly PublicKey[] }
}

/** The issuer where nobody has said by which address the gateway is known. */
export const NAMELESS_ISSUER = 'phone-code-gateway'

/** In seconds: a browser goes straight to its app with it. */
const LIFETIME = 300

export const createResults = ({ signingKeys, issuer, now }: ResultsDeps): Results => ({
  sign ({ id, status, caller, reference, endedAt }) {
    const iat = Math.floor(endedAt / 1000)
    if (now() >= (iat + LIFETIME) * 1000) return undefined
    const header = encode({ alg: 'EdDSA', typ: 'JWT', kid: signingKeys.kid })
    const claims = encode({ iss: issuer, aud: caller, sub: id, status, ref: reference, iat, exp: iat + LIFETIME, jti: id })
    const signed = `${header}.${claims}`
    return `${signed}.${signingKeys.sign(Buffer.from(signed)).toString('base64url')}`
  },
  publicKeys: () => ({ keys: signingKeys.publicKeys })
})

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
