import type { FastifyReply, FastifyRequest } from 'fastify'
import { RequestError } from '../domain/errors.ts'
import type { Hosts } from '../inspector/hosts.ts'
import type { InspectorSessions, Session } from '../inspector/sessions.ts'
import type { Authorization } from './authorization.ts'
import { sendProblem } from './problem.ts'

export interface InspectorGuardDeps {
  readonly hosts: Hosts
  readonly sessions: Pick<InspectorSessions, 'holds' | 'noteWrong'>
  readonly authorization: Pick<Authorization, 'isAdmin'>
}

/** Who asks: by the admin secret itself, or by a session. */
export interface Entry {
  /** Absent: it is the secret. */
  readonly session: Session | undefined
}

export interface InspectorGuard {
  /**
   * Throws `RequestError` for a request by a name that is not ours, and for one that another page makes. A page of somebody
   * else whose name leads here, and one that uses the cookie of whoever looks at it, end here.
   */
  checkSource (request: FastifyRequest): void
  /** Who asks; `undefined` for a stranger. Throws `RequestError` where a cookie asks for more than to look, and no page of ours says so. */
  entryOf (request: FastifyRequest): Entry | undefined
  /** All sessions of the browser that asks. */
  sessionsOf (request: FastifyRequest): readonly Session[]
  /** Replies to a stranger: 401, and 429 to who shows wrong secrets or links (`isTry`) while there are too many of them. */
  refuse (reply: FastifyReply, isTry: boolean): FastifyReply
}

/** The name of the cookie that holds a session. */
export const COOKIE = 'phone-code-inspector'

/** A browser may hold others of that name, from other paths. */
const MOST_COOKIES = 5

export const createInspectorGuard = ({ hosts, sessions, authorization }: InspectorGuardDeps): InspectorGuard => {
  const sessionsOf = ({ headers: { cookie = '' } }: FastifyRequest): Session[] => tokensIn(cookie).flatMap((token) => sessions.holds(token) ?? [])
  return {
    checkSource ({ headers: { host = '', origin }, raw }) {
      if (!hosts.allows(valuesOf('host', raw.rawHeaders))) throw new RequestError('host_not_allowed')
      if (origin !== undefined && !hosts.isOwn(origin, host)) throw new RequestError('forbidden')
    },
    entryOf (request) {
      const { headers: { authorization: header, origin }, method, ws } = request
      if (authorization.isAdmin(header)) return { session: undefined }
      const [session] = sessionsOf(request)
      if (session === undefined) return undefined
      // Browsers say where a page is from that opens a socket, or asks for more than to look.
      const isLook = !ws && (method === 'GET' || method === 'HEAD')
      if (origin === undefined && !isLook) throw new RequestError('forbidden')
      return { session }
    },
    sessionsOf,
    refuse (reply, isTry) {
      const wait = isTry ? sessions.noteWrong() : 0
      return wait === 0 ? sendProblem(reply, 'unauthorized') : sendProblem(reply, 'too_many_sign_ins', { retryAfter: Math.ceil(wait / 1000) })
    }
  }
}

/** All values of a header, of which Node keeps only one. */
const valuesOf = (name: string, rawHeaders: readonly string[]): string[] =>
  rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)

const tokensIn = (cookie: string): string[] =>
  cookie.split(';').map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${COOKIE}=`)).map((pair) => pair.slice(COOKIE.length + 1)).slice(0, MOST_COOKIES)
