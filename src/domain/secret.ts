import { createHash, timingSafeEqual } from 'node:crypto'
import { SensitiveText } from './sensitive.ts'

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

/** A secret of production that has fewer characters can be guessed. */
export const SHORTEST_SECRET = 16

/** The name and the password of a header of the scheme Basic, as `name:password`; `undefined` for any other. RFC 7617 */
export const decodeBasic = (header: string): string | undefined => {
  const encoded = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header)?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
}

/** Secrets of which any one opens the door; several of them let an operator change a secret without a gap. */
export class SecretSet {
  readonly #digests: readonly Buffer[]

  constructor (secrets: readonly SensitiveText[]) {
    this.#digests = secrets.map((secret) => digestOf(secret.reveal()))
  }

  /** Whether the presented text is one of the secrets. Takes the same time whatever is presented, and compares with all. */
  has (presented: string): boolean {
    const digest = digestOf(presented)
    return this.#digests.filter((known) => timingSafeEqual(known, digest)).length > 0
  }
}
