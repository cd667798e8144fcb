import type { MediaEvent, MediaRequest } from '../call-media.ts'
import type { PostResult } from '../outbox.ts'
import type { HeardSource } from '../play-source.ts'
import { MEDIA_RESULTS } from '../result-information.ts'
import { parseXml, type XmlElement } from '../xml.ts'
import { hearSay, textOf } from './say.ts'
import type { Webhook } from './webhooks.ts'

const MOST_DOCUMENTS = 100
const LONGEST_PAUSE_SECONDS = 600
const APPLICATION_ERROR = 'We are sorry. An application error has occurred. Goodbye.'

/** Twilio's numbers of what is wrong with a document, or with getting it. */
const BAD_ADDRESS = 11100
const BAD_ANSWER = 11200
const NO_ANSWER = 11205
const NOT_PARSED = 12100
const UNKNOWN_VERB = 12200
const BAD_TYPE = 12300

/** A document, or where it is to be asked for. */
export type Instructions =
  | { readonly kind: 'document', readonly text: string, readonly url?: string }
  | { readonly kind: 'link', readonly verb: string, readonly webhook: Webhook }

/** The call that a document is carried out in. */
export interface TwimlCall {
  readonly over: boolean
  /** Resolves with how it ended, at the latest when the call does. */
  play (request: MediaRequest): Promise<Exclude<MediaEvent, { kind: 'started' }>>
  pause (milliseconds: number): Promise<void>
  /** Asks the gateway for a document; `verb` says why. The fields are beside those of every request. */
  ask (webhook: Webhook, verb: string): Promise<PostResult>
  /** Notes that something was wrong. */
  warn (code: number): void
}

/** What a verb leads to: the next verb, something else to carry out, or the end of the call; a number is a fault. */
type Next = 'next' | 'end' | Instructions | number

const seconds = (text: string | undefined, otherwise: number): number =>
  text !== undefined && /^\d{1,6}$/.test(text) ? Math.min(LONGEST_PAUSE_SECONDS, Number(text)) : otherwise

const elementsOf = ({ children }: XmlElement): XmlElement[] =>
  children.filter((child): child is XmlElement => typeof child !== 'string')

const pauseOf = ({ attributes }: XmlElement): number => seconds(attributes['length'], 1) * 1_000

/** Where a verb leads, seen from the document that it stands in. */
const linkOf = (verb: XmlElement, address: string, base: string | undefined, form: Webhook['form']): Instructions | number => {
  const target = address === '' ? base : URL.canParse(address, base) ? new URL(address, base).href : undefined
  if (target === undefined || !/^https?:/.test(target)) return BAD_ADDRESS
  const method = verb.attributes['method'] === 'GET' ? 'GET' : 'POST'
  return { kind: 'link', verb: verb.name, webhook: { url: target, method, form } }
}

/**
 * Carries out documents until the call is to end: the last of them is done, one hangs up, or one cannot be had, which
 * is said aloud. Resolves early where the call ends by itself.
 * https://www.twilio.com/docs/voice/twiml
 */
export const runTwiml = async (first: Instructions, call: TwimlCall): Promise<void> => {
  const play = (sources: readonly HeardSource[], more: Partial<MediaRequest> = {}) =>
    call.play({ sources, interrupt: false, loop: false, ...more })

  const say = async (verb: XmlElement): Promise<Next> => {
    const heard = hearSay(verb)
    if (typeof heard === 'number') call.warn(heard)
    else await play([heard], { loop: heard.loops })
    return 'next'
  }

  const promptOf = (verb: XmlElement): HeardSource[] => elementsOf(verb).flatMap((child): HeardSource[] => {
    if (child.name === 'Pause') return [{ raw: '', speech: [{ kind: 'pause', milliseconds: pauseOf(child) }] }]
    const heard = child.name === 'Say' ? hearSay(child) : UNKNOWN_VERB
    if (typeof heard !== 'number') return [heard]
    call.warn(heard)
    return []
  })

  const gather = async (verb: XmlElement, url: string | undefined): Promise<Next> => {
    const { numDigits, timeout, finishOnKey = '#', action = '', actionOnEmptyResult } = verb.attributes
    const silence = Math.max(1, seconds(timeout, 5))
    const event = await play(promptOf(verb), {
      listening: {
        mostTones: seconds(numDigits, 0) || Infinity,
        stopKeys: [...finishOnKey],
        initialSilence: silence,
        betweenTones: silence,
        interruptible: true
      }
    })
    if (event.kind === 'canceled') return 'end'
    const finishedOn = event.result === MEDIA_RESULTS.stopTone ? event.keys.at(-1)! : ''
    const digits = event.keys.join('').slice(0, event.keys.length - finishedOn.length)
    if (digits === '' && actionOnEmptyResult !== 'true') return 'next'
    return linkOf(verb, action, url, { Digits: digits, FinishedOnKey: finishedOn, msg: 'Gather End' })
  }

  const perform = async (verb: XmlElement, url: string | undefined): Promise<Next> => {
    switch (verb.name) {
      case 'Say': return await say(verb)
      case 'Pause':
        await call.pause(pauseOf(verb))
        return 'next'
      case 'Gather': return await gather(verb, url)
      case 'Redirect': return linkOf(verb, textOf(verb).trim(), url, {})
      case 'Hangup':
      case 'Reject': return 'end'
      default:
        call.warn(UNKNOWN_VERB)
        return 'next'
    }
  }

  const carryOut = async (text: string, url: string | undefined): Promise<Next> => {
    const root = parseXml(text)
    if (root?.name !== 'Response') return NOT_PARSED
    for (const verb of elementsOf(root)) {
      const next = await perform(verb, url)
      if (call.over || next !== 'next') return call.over ? 'end' : next
    }
    return 'end'
  }

  const fetchDocument = async ({ webhook, verb }: Extract<Instructions, { kind: 'link' }>): Promise<Next> => {
    const { status, headers, text } = await call.ask(webhook, verb)
    if (typeof status === 'string') return NO_ANSWER
    if (status < 200 || status > 299) return BAD_ANSWER
    return /^(text|application)\/xml\b/.test(String(headers['content-type']))
      ? { kind: 'document', text, url: webhook.url.split('#', 1)[0]! }
      : BAD_TYPE
  }

  let next: Next = first
  for (let documents = 0; typeof next === 'object'; documents += 1) {
    if (documents === 2 * MOST_DOCUMENTS) next = BAD_ANSWER
    else next = next.kind === 'link' ? await fetchDocument(next) : await carryOut(next.text, next.url)
    if (call.over) return
  }
  if (typeof next !== 'number') return
  call.warn(next)
  await play([{ raw: APPLICATION_ERROR, speech: [{ kind: 'say', text: APPLICATION_ERROR, locale: 'en-US', rate: 1 }] }])
}
