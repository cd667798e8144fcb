import type { Keys } from '../domain/keys.ts'
import { ID_PATTERN } from '../domain/identifier.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import type { CallContent, Spoken } from '../domain/signal.ts'

/** What a call carries with it, besides the delivery and the attempt that it is bound to. */
export interface SealedCall {
  readonly delivery: string
  readonly attempt: string
  readonly to: PhoneNumber
  readonly locale: string
  /** Absent where the URL is for what comes after it was said. */
  readonly said: Spoken | undefined
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** What a callback's URL proves. */
export type OpenedCallback =
  | { readonly kind: 'call', readonly delivery: string, readonly attempt: string, readonly token: SensitiveText, readonly content: CallContent }
  | { readonly kind: 'announcement', readonly locale: string }

type Query = Readonly<Record<string, unknown>>

/** What is sealed, as it is written. */
interface Sealed {
  readonly to: string
  readonly locale: string
  readonly code?: string
  readonly text?: string
  readonly expiresAt: number
}

/** The URLs that callbacks of calls come back to. They carry what is said, sealed for one attempt: nobody else can read it. */
export interface CallbackUrls {
  forCall (call: SealedCall): URL
  forAnnouncement (locale: string): URL
  /** Reads the query of a callback; `undefined` where it was not made here. What has expired is left out. */
  open (query: Query): OpenedCallback | undefined
}

/** The query parameter that holds the sealed part, by which a call is recognised as ours. */
export const CALL_TOKEN_PARAMETER = 'call'

/** The longest that a call of `VOICE_MAX_SECONDS` takes, and some; in milliseconds. */
const ANNOUNCEMENT_LIFETIME = 15 * 60_000

const inWire = (said: Spoken | undefined): Pick<Sealed, 'code' | 'text'> =>
  said instanceof OneTimeCode ? { code: said.reveal() } : said === undefined ? {} : { text: said.reveal() }

const saidIn = ({ code = '', text }: Sealed): Spoken | undefined =>
  text === undefined ? OneTimeCode.parse(code) : new SensitiveText(text)

const text = (value: unknown): string => typeof value === 'string' ? value : ''

/** Whose calls are sealed. A URL of one vendor's call does not open as one of another's. */
export type CallPurpose = 'call' | 'twilio-call'

export const createCallbackUrls = (base: URL, keys: Keys, now: () => number, purpose: CallPurpose): CallbackUrls => {
  const withQuery = (parameters: Record<string, string>): URL => {
    const url = new URL(base)
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    return url
  }

  const openCall = (query: Query): OpenedCallback | undefined => {
    const [delivery, attempt, token] = [text(query.delivery), text(query.attempt), text(query[CALL_TOKEN_PARAMETER])]
    if (!ID_PATTERN.test(delivery) || !ID_PATTERN.test(attempt)) return undefined
    const opened = keys.open(token, { purpose, subjects: [delivery, attempt] })
    if (opened === undefined) return undefined
    const sealed = JSON.parse(opened.reveal()) as Sealed
    return {
      kind: 'call',
      delivery,
      attempt,
      token: new SensitiveText(token),
      content: {
        to: PhoneNumber.parse(sealed.to) as PhoneNumber,
        locale: sealed.locale,
        said: sealed.expiresAt > now() ? saidIn(sealed) : undefined
      }
    }
  }

  const openAnnouncement = (query: Query): OpenedCallback | undefined => {
    const opened = keys.open(text(query.announcement), { purpose: 'announcement', subjects: [] })
    if (opened === undefined) return undefined
    const { locale, expiresAt } = JSON.parse(opened.reveal()) as { locale: string, expiresAt: number }
    return expiresAt > now() ? { kind: 'announcement', locale } : undefined
  }

  return {
    forCall: ({ delivery, attempt, to, locale, said, expiresAt }) => {
      const content = new SensitiveText(JSON.stringify({ to: to.e164, locale, ...inWire(said), expiresAt } satisfies Sealed))
      const sealed = keys.seal(content, { purpose, subjects: [delivery, attempt] })
      return withQuery({ delivery, attempt, [CALL_TOKEN_PARAMETER]: sealed })
    },
    forAnnouncement: (locale) => {
      const content = new SensitiveText(JSON.stringify({ locale, expiresAt: now() + ANNOUNCEMENT_LIFETIME }))
      return withQuery({ announcement: keys.seal(content, { purpose: 'announcement', subjects: [] }) })
    },
    open: (query) => query.announcement === undefined ? openCall(query) : openAnnouncement(query)
  }
}
