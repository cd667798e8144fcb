import { Sensitive } from './sensitive.ts'

/** The shape of a code: 4 to 10 ASCII letters or digits. */
export const CODE_PATTERN = /^[A-Za-z0-9]{4,10}$/

/** A one-time code. Prints as `[code]`; `reveal()` gives its characters. */
export class OneTimeCode extends Sensitive {
  private constructor (characters: string) {
    super(characters)
  }

  /** Reads a code, or gives `undefined` where the text is not 4 to 10 letters or digits. */
  static parse (text: string): OneTimeCode | undefined {
    return CODE_PATTERN.test(text) ? new OneTimeCode(text) : undefined
  }

  /**
   * Reads a code that came as a JSON integer, and so without its leading zeros. Where `text` shows the same number
   * with leading zeros, that is the code.
   */
  static fromInteger (integer: number, text = ''): OneTimeCode | undefined {
    if (!Number.isSafeInteger(integer) || integer < 0) return undefined
    const digits = String(integer)
    const withZeros = new RegExp(`(?<![0-9])0*${digits}(?![0-9])`).exec(text)
    return OneTimeCode.parse(withZeros?.[0] ?? digits)
  }

  get masked (): string {
    return '[code]'
  }

  /** The characters of the code. */
  reveal (): string {
    return this.value
  }
}
