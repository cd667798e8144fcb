import { jwtVerify } from 'jose'
import type { SensitiveText } from '../domain/sensitive.ts'
import { bearerOf } from '../tokens/token-verifier.ts'
import type { Authentication } from './dialect.ts'

export interface SignedTokensDeps {
  readonly secrets: readonly SensitiveText[]
  /** The audience that tokens must have; absent: any will do. */
  readonly audience: string | undefined
  readonly now: () => number
}

/** What a secret can sign with. Auth0 does not tell which one it takes; `none` and keys of other kinds are no secret's. */
const ALGORITHMS = ['HS256', 'HS384', 'HS512']

/** Seconds by which the clocks may differ. */
const CLOCK_TOLERANCE = 30

/** Who is believed brings such a token. */
const CALLER = 'auth0-sms-gateway'

/**
 * Believes a bearer token that one of the secrets has signed. Auth0 takes a secret as it stands, or, with
 * `secret_base64_encoded`, the bytes that it spells. Whether its tokens expire is not documented: one that says when, does.
 * https://auth0.com/docs/authenticate/passwordless/authentication-methods/use-sms-gateway-passwordless
 */
export const createSignedTokens = ({ secrets, audience, now }: SignedTokensDeps): Authentication => {
  const keys = secrets.flatMap((secret) => keysOf(secret.reveal()))

  return {
    by: 'headers',
    async examine ({ authorization }) {
      const token = bearerOf(authorization)
      if (token === undefined) return { doubt: 'there is no bearer token in Authorization' }
      const options = { algorithms: ALGORITHMS, clockTolerance: CLOCK_TOLERANCE, currentDate: new Date(now()), ...audience !== undefined && { audience } }
      // Every key is asked, so that the time does not tell which one it was. A token that cannot be checked does not hold.
      const held = await Promise.all(keys.map((key) => jwtVerify(token, key, options).then(() => true, () => false)))
      return held.includes(true) ? { caller: CALLER } : { doubt: 'the token does not hold: see its time, AUTH0_SMS_GATEWAY_SECRET and AUTH0_SMS_GATEWAY_AUDIENCE' }
    }
  }
}

/** The bytes of a secret as it stands, and of one that is base64 those that it spells, of which there is at least one. */
const keysOf = (secret: string): Uint8Array[] => {
  const spelled = Buffer.from(secret, 'base64')
  const digits = secret.replace(/=+$/, '')
  // Anything decodes to something: only what comes back the same is base64. A key of no bytes would be anybody's.
  const isBase64 = spelled.length > 0 && (spelled.toString('base64').replace(/=+$/, '') === digits || spelled.toString('base64url') === digits)
  return [Buffer.from(secret), ...isBase64 ? [spelled] : []]
}
