import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { openJson, sealJson } from '../delivery/sealed-json.ts'
import type { Keys, SealContext } from '../domain/keys.ts'
import { SecretSet } from '../domain/secret.ts'
import type { SensitiveText } from '../domain/sensitive.ts'

export interface InspectorSessionsDeps {
  readonly adminSecret: SensitiveText
  readonly keys: Keys
  /** The store's clock, milliseconds since 1970: what one process gives out, another one judges. */
  readonly now: () => number
}

/** One that is open. */
export interface Session {
  /** Tells it from others; it opens nothing. */
  readonly id: string
  /** When it is over, milliseconds since 1970. */
  readonly expires: number
}

/** Who may look on without the admin secret in each request. Sessions live in their own sealed token alone. */
export interface InspectorSessions {
  /** Gives a token to whoever knows the admin secret, however many wrong ones were tried before. */
  signIn (secret: string): string | undefined
  /** Counts a wrong secret or link. Gives 0, or where too many were wrong of late in how many milliseconds one counts again. */
  noteWrong (): number
  /** Gives a token for what `makeLink` gave, once. */
  byLink (link: string): string | undefined
  /** The session that a token opens; `undefined` where it opens none, or not any more. */
  holds (token: string): Session | undefined
  /** Ends a session, in this process. Others take its token until it expires. Of more than 1,000 the first is forgotten. */
  end (session: Session): void
  /** Makes a text that opens once, in this process and within a day; of more than 20 the oldest is forgotten. */
  makeLink (): string
}

/** How long a session is open, in milliseconds. */
export const SESSION_MS = 12 * 3_600_000

const LINK_MS = 24 * 3_600_000
const MOST_LINKS = 20

/**
 * Wrong ones within a minute. In production the secret has 16 characters or more, which nobody guesses at whatever rate: the
 * limit is for the log and the load, and so it must never hold back who has the right one. It goes by a process, since whoever
 * tries may come from everywhere.
 */
const MOST_WRONG = 10
const WRONG_FOR_MS = 60_000

/** Characters of the longest token that is looked at. */
const LONGEST_TOKEN = 256

const MOST_ENDED = 1000

interface Link {
  readonly digest: Buffer
  readonly until: number
}

export const createInspectorSessions = ({ adminSecret, keys, now }: InspectorSessionsDeps): InspectorSessions => {
  const secrets = new SecretSet([adminSecret])
  // Another secret opens none of the sessions that this one has made.
  const context: SealContext = { purpose: 'inspector', subjects: [keys.digest('inspector', adminSecret.reveal())] }
  let links: readonly Link[] = []
  let wrong: readonly number[] = []
  let ended: ReadonlyMap<string, number> = new Map()

  const makeToken = (): string => {
    // A token can be written in several ways. What is ended is told by its content.
    const session: Session = { id: randomBytes(12).toString('base64url'), expires: now() + SESSION_MS }
    return sealJson(session, context, keys)
  }

  return {
    signIn: (secret) => secrets.has(secret) ? makeToken() : undefined,
    noteWrong () {
      wrong = wrong.filter((moment) => moment > now() - WRONG_FOR_MS)
      if (wrong.length >= MOST_WRONG) return wrong[0] as number + WRONG_FOR_MS - now()
      wrong = [...wrong, now()]
      return 0
    },
    byLink (link) {
      const digest = digestOf(link)
      // All are compared, so that the time does not tell which one it was.
      const found = links.filter((known) => timingSafeEqual(known.digest, digest))
      links = links.filter((known) => !found.includes(known))
      return found.some(({ until }) => until > now()) ? makeToken() : undefined
    },
    holds (token) {
      const opened = token.length > LONGEST_TOKEN ? undefined : openJson<Session>(token, context, keys)
      return opened !== undefined && opened.expires > now() && !ended.has(opened.id) ? opened : undefined
    },
    end ({ id, expires }) {
      const lasting = [...ended].filter(([, until]) => until > now())
      ended = new Map([...lasting, [id, expires] as const].slice(-MOST_ENDED))
    },
    makeLink () {
      const link = randomBytes(32).toString('base64url')
      links = [...links, { digest: digestOf(link), until: now() + LINK_MS }].slice(-MOST_LINKS)
      return link
    }
  }
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest()
