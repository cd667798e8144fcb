import { createHash, timingSafeEqual } from 'node:crypto'
import { SensitiveText } from './sensitive.ts'

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()

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
