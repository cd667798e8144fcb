import { inspect } from 'node:util'

/**
 * A value that must not be printed: as a string, as JSON and in `util.inspect` it shows only its mask.
 * Subclasses name the one word by which the value is taken out, so that each use can be found by searching for it.
 */
export abstract class Sensitive {
  readonly #value: string

  constructor (value: string) {
    this.#value = value
  }

  protected get value (): string {
    return this.#value
  }

  /** What may be shown in place of the value. */
  abstract get masked (): string

  toString (): string {
    return this.masked
  }

  toJSON (): string {
    return this.masked
  }

  [inspect.custom] (): string {
    return this.masked
  }
}

/** A text that holds, or may hold, a code or a number: a message's words, a secret, a token. */
export class SensitiveText extends Sensitive {
  get masked (): string {
    return '[hidden]'
  }

  /** The text itself. */
  reveal (): string {
    return this.value
  }
}

/** Hides a text, where there is one. */
export const hidden = (text: string | undefined): SensitiveText | undefined => text === undefined ? undefined : new SensitiveText(text)
