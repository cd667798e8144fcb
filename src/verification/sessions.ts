import { openJson, sealJson } from '../delivery/sealed-json.ts'
import type { Keys, SealContext } from '../domain/keys.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import { readRequester, writeRequester, type WrittenRequester } from './sealed-requester.ts'
import type { Session, Sessions } from './session.ts'

export interface SessionsDeps {
  readonly keys: Keys
  /** Those whose sessions open: who is taken out of the settings has none any more. */
  readonly callers: { has (name: string): boolean }
  /** The store's clock, milliseconds since 1970: what one process gives out, another one judges. */
  readonly now: () => number
}

/**
 * Characters of the longest token that is looked at. One of a session with everything at its longest is shorter, and it fits
 * into the 8 KiB that proxies commonly allow a header.
 */
export const LONGEST_TOKEN = 6144

/** The subject binds nothing: all that a session says is inside. */
const CONTEXT: SealContext = { purpose: 'session', subjects: [] }

/** A session as it is written down. */
type WrittenSession = Omit<Session, 'to' | 'ip' | 'user'> & WrittenRequester & { readonly to?: string }

export const createSessions = ({ keys, callers, now }: SessionsDeps): Sessions => ({
  seal: ({ to, ip, user, ...session }) => {
    const written: WrittenSession = {
      ...session,
      ...to && { to: to.e164 },
      ...writeRequester({ ip, user })
    }
    return sealJson(written, CONTEXT, keys)
  },
  open (token) {
    const written = token.length > LONGEST_TOKEN ? undefined : openJson<WrittenSession>(token, CONTEXT, keys)
    return written === undefined || written.expiresAt <= now() || !callers.has(written.caller) ? undefined : read(written)
  }
})

const read = ({ id, caller, profile, to, country, locale, origin, returnUrl, reference, expiresAt, ...requester }: WrittenSession): Session => ({
  id,
  caller,
  profile,
  // Sealed as a whole number, it is one still.
  to: to === undefined ? undefined : PhoneNumber.parse(to) as PhoneNumber,
  country,
  locale,
  origin,
  returnUrl,
  reference,
  ...readRequester(requester),
  expiresAt
})
