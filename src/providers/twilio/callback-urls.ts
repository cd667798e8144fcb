import { ID_PATTERN } from '../../domain/identifier.ts'
import type { Keys } from '../../domain/keys.ts'
import type { CallContent } from '../../domain/signal.ts'
import { createCallbackUrls, CALL_TOKEN_PARAMETER, type SealedCall } from '../callback-url.ts'
import type { CallbackRequest } from '../provider.ts'
import { formatStep, type CallStep } from './call-step.ts'

/** Where a call goes on with a step. */
export type NextUrl = (step: CallStep) => string

/** A call of ours that asks how to go on. */
export interface OpenedCall {
  readonly attempt: string
  readonly content: CallContent
  readonly next: NextUrl
}

/** The parameters of a callback's query that stand in it once. */
export type CallbackQuery = Readonly<Partial<Record<string, string>>>

/** The URLs that Twilio's callbacks come back to. */
export interface TwilioCallbackUrls {
  /** Where to tell what became of a message. */
  forMessage (attempt: string): URL
  /** Where to tell how far a call is. */
  forCallStatus (attempt: string): URL
  /** Where a call asks how to go on. The URLs carry what it is to say, sealed for its attempt. */
  forCall (call: SealedCall): NextUrl
  /** Reads what `forCall` made; `undefined` for anything else. What has expired is left out. */
  open (query: CallbackQuery): OpenedCall | undefined
  /** The URLs one of which Twilio must have signed: our own, with its port or without, and the query exactly as it came. */
  signed (about: CallbackRequest['about'], search: string): readonly string[]
}

// How Twilio repeats what we did not answer well; by default only what did not connect. The fragment is not sent, and not
// part of what is signed. https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
const OF_NEWS = '#rc=3&rp=all'
const OF_A_CALL = '#rc=2&rp=all'

const STEP_PARAMETER = 'step'

/** `base` is where both kinds of callbacks come: `<base>/message` and `<base>/call`. */
export const createTwilioCallbackUrls = (base: URL, keys: Keys, now: () => number): TwilioCallbackUrls => {
  const addresses = { message: addressOf(base, 'message'), call: addressOf(base, 'call') }
  const sealed = createCallbackUrls(addresses.call, keys, now, 'twilio-call')

  const news = (about: CallbackRequest['about'], attempt: string): URL =>
    withQuery(addresses[about], { attempt }, OF_NEWS)

  const nextAfter = (call: URL): NextUrl => (step) => withQuery(call, { [STEP_PARAMETER]: formatStep(step) }, OF_A_CALL).href

  return {
    forMessage: (attempt) => news('message', attempt),
    forCallStatus: (attempt) => news('call', attempt),
    forCall (call) {
      const before = nextAfter(sealed.forCall(call))
      // A request has little room for words, and after their time nobody needs them.
      const after = nextAfter(sealed.forCall({ ...call, said: undefined }))
      return (step) => step.kind === 'code' ? before(step) : after(step)
    },
    open (query) {
      const opened = sealed.open(query)
      if (opened?.kind !== 'call') return undefined
      const { delivery, attempt, token, content } = opened
      // Sealed once, so that the same question has the same answer, to the letter.
      const call = withQuery(addresses.call, { delivery, attempt, [CALL_TOKEN_PARAMETER]: token.reveal() }, '')
      return { attempt, content, next: nextAfter(call) }
    },
    signed: (about, search) => originsOf(addresses[about]).map((origin) => `${origin}${addresses[about].pathname}${search}`)
  }
}

const withQuery = (address: URL, parameters: Readonly<Record<string, string>>, fragment: string): URL => {
  const url = new URL(address)
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
  url.hash = fragment
  return url
}

/**
 * Twilio may leave a port out of what it signs, and name one that goes without saying.
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
const originsOf = ({ protocol, hostname, port }: URL): readonly string[] => {
  const usualPort = protocol === 'https:' ? '443' : '80'
  return [`${protocol}//${hostname}`, `${protocol}//${hostname}:${port === '' ? usualPort : port}`]
}

const addressOf = (base: URL, about: CallbackRequest['about']): URL => {
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${about}`
  return url
}

/** Reads a query, of which nothing may be believed yet. */
export const queryOf = (search: string): CallbackQuery => {
  const parameters = new URLSearchParams(search)
  return Object.fromEntries([...parameters].filter(([name]) => parameters.getAll(name).length === 1))
}

/** The attempt that a query names. */
export const attemptOf = ({ attempt }: CallbackQuery): string | undefined =>
  attempt !== undefined && ID_PATTERN.test(attempt) ? attempt : undefined

/** The step with which a query asks how to go on, as it stands there. */
export const stepOf = (query: CallbackQuery): string | undefined => query[STEP_PARAMETER]
