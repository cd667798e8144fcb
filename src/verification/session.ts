import type { PhoneNumber } from '../domain/phone-number.ts'
import type { SensitiveText } from '../domain/sensitive.ts'

/** Leave for one browser to start verifications for a while, given by an app with its secret. */
export interface Session {
  readonly id: string
  /** The caller whose secret made it. */
  readonly caller: string
  readonly profile: string
  /** The only number that may be verified, where the app knows it. */
  readonly to: PhoneNumber | undefined
  /** The country that the page offers first, as in ISO 3166. */
  readonly country: string | undefined
  readonly locale: string | undefined
  /** The origin of the page that frames ours, which is told of the end. */
  readonly origin: string | undefined
  /** Where the browser is led in the end. */
  readonly returnUrl: string | undefined
  /** The app's own word for what it is about, which comes back with the result. */
  readonly reference: string | undefined
  /** For whom it is asked, as far as the app says so. */
  readonly ip: SensitiveText | undefined
  readonly user: SensitiveText | undefined
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Sessions live in their own sealed token alone, so that any process opens them. */
export interface Sessions {
  /** Seals a session into the token that the browser gets. */
  seal (session: Session): string
  /** Opens a token; `undefined` where it is none of ours, or is over, or of a caller who is gone. */
  open (token: string): Session | undefined
}
