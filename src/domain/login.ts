import type { SensitiveText } from './sensitive.ts'

/** A login with a code that an identity provider made itself, as it tells of it. */
export interface Login {
  /** Whose messages the code came by. */
  readonly caller: string
  /** Beginning of the names of hooks that it can have come by: `okta`, `auth0`. */
  readonly hook: string
  /** The identity provider's own id of the account, as its hook gives it. */
  readonly user: SensitiveText
  /** Milliseconds since 1970. */
  readonly at: number
}
