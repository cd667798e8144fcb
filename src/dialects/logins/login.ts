import type { IncomingHttpHeaders } from 'node:http'
import type { Login } from '../../domain/login.ts'
import type { Belief } from '../dialect.ts'

/** A login with a phone code, as it is told of. */
export type ToldLogin = Pick<Login, 'user' | 'at'>

/** One identity provider's way to tell of logins with codes that it has made. */
export interface LoginTeller {
  /** Beginning of the names of hooks that its codes come by: `okta`. */
  readonly hook: string
  /** Where it tells: `/hooks/okta/events`. */
  readonly route: string
  /** One line for the list of routes. */
  readonly summary: string
  /** Milliseconds in which it is answered. */
  readonly budgetMs: number
  /** Who tells, by the headers, before the body is read; or why nobody is believed. Compares in constant time. */
  examine (headers: IncomingHttpHeaders): Belief
  /** Whose messages the codes came by that this caller tells of. */
  senderOf (caller: string): string
  /** Answers the GET by which the route is verified once; absent: nobody asks so. Throws `RequestError`. */
  readonly verify: ((headers: IncomingHttpHeaders) => object) | undefined
  /**
   * The logins with a phone code that a body tells of. What is no such login, or cannot be read, is passed over: one odd
   * item does not lose its batch. Gives `undefined` where nothing can be read at all.
   */
  read (body: string): readonly ToldLogin[] | undefined
}

/** The most logins that one body may tell of; what comes after them is passed over. */
export const MOST_LOGINS = 1000
