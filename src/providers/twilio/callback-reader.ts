import { timingSafeEqual } from 'node:crypto'
import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js'
import type { SensitiveText } from '../../domain/sensitive.ts'
import type { ReportSignal, Word } from '../../domain/signal.ts'
import type { CallbackReader, CallbackRequest, IgnoredItem, ReceivedCallback } from '../provider.ts'
import type { CallScript } from './call-script.ts'
import { parseStep, type CallStep } from './call-step.ts'
import { wordOfCall } from './call-word.ts'
import { attemptOf, queryOf, stepOf, type CallbackQuery, type OpenedCall, type TwilioCallbackUrls } from './callback-urls.ts'
import { vendorCodeOf } from './codes.ts'
import { wordOfMessage } from './message-word.ts'
import { sidOf } from './sid.ts'

export interface TwilioCallbackReaderDeps {
  /** Tokens of the account; any one may have signed, so that one can be changed without a gap. */
  readonly authTokens: readonly SensitiveText[]
  /** Absent: Twilio has no way to us, and everything that comes is forged. */
  readonly urls: TwilioCallbackUrls | undefined
  readonly script: CallScript
}

type Form = CallbackRequest['form']

/** What a step of a call says, and what the call does next. */
interface Turn {
  readonly what: string
  readonly word: Word
  readonly reply: SensitiveText
}

// Twilio sends a few dozen fields, and may add to them; of a length that fits into its own 64 KiB.
const MOST_FIELDS = 200
const LONGEST_FORM = 64 * 1024

const ACCEPTED: Word = { status: 'accepted', reason: undefined, vendorCode: undefined }
const DELIVERED: Word = { status: 'delivered', reason: undefined, vendorCode: undefined }

/** An HMAC-SHA1 in base64. Two headers of one name come joined, and are none. */
const SIGNATURE = /^[A-Za-z0-9+/]{27}=$/

/**
 * Reads what Twilio tells of messages and calls, and answers calls that ask how to go on. All of it is signed with the
 * account's token, over the URL that we gave and every field of the form; a call's question carries sealed what it says. No
 * store is asked: a person is on the line.
 */
export const createTwilioCallbackReader = ({ authTokens, urls, script }: TwilioCallbackReaderDeps): CallbackReader => {
  const ignore = (why: IgnoredItem, reply?: SensitiveText): ReceivedCallback => ({ kind: 'signals', signals: [], ignored: [why], reply })

  const tell = (signal: ReportSignal, reply?: SensitiveText): ReceivedCallback => ({ kind: 'signals', signals: [signal], ignored: [], reply })

  const readMessage = (query: CallbackQuery, form: Form): ReceivedCallback => {
    const reference = sidOf(textOf(form, 'MessageSid') ?? textOf(form, 'SmsSid'), 'SM', 'MM')
    const status = statusOf(textOf(form, 'MessageStatus') ?? textOf(form, 'SmsStatus'))
    if (reference === undefined || status === undefined) return ignore('malformed')
    const errorCode = textOf(form, 'ErrorCode')
    const word = wordOfMessage(status, errorCode)
    if (word === undefined) return ignore('unknown')
    const channel = ['To', 'From'].some((name) => textOf(form, name)?.startsWith('whatsapp:')) ? 'whatsapp' : 'sms'
    const key = ['message', status, vendorCodeOf(errorCode)].join(' ').trimEnd()
    return tell({ kind: 'report', channel, attempt: attemptOf(query), reference, key, what: `report.${status}`, ...word })
  }

  const readCall = (query: CallbackQuery, form: Form): ReceivedCallback => {
    const reference = sidOf(textOf(form, 'CallSid'), 'CA')
    const step = stepOf(query)
    if (step !== undefined) return reference === undefined ? ignore('malformed', script.end()) : readStep(query, step, reference, form)
    const status = statusOf(textOf(form, 'CallStatus'))
    if (reference === undefined || status === undefined) return ignore('malformed')
    const word = wordOfCall(status, textOf(form, 'SipResponseCode'), textOf(form, 'ErrorCode'))
    if (word === undefined) return ignore('unknown')
    const what = `call.${status}`
    return tell({ kind: 'report', channel: 'voice', attempt: attemptOf(query), reference, key: `${what} ${word.vendorCode ?? ''}`.trimEnd(), what, ...word })
  }

  const readStep = (query: CallbackQuery, name: string, reference: string, form: Form): ReceivedCallback => {
    const call = urls?.open(query)
    const step = parseStep(name)
    if (call === undefined) return ignore('foreign', script.end())
    if (step === undefined) return ignore('unknown', script.end())
    const { what, word, reply } = take(call, step, form.Digits !== undefined && form.Digits.length > 0)
    return tell({ kind: 'report', channel: 'voice', attempt: call.attempt, reference, key: `call ${name}`, what, ...word }, reply)
  }

  const take = (call: OpenedCall, step: CallStep, hasKey: boolean): Turn => {
    switch (step.kind) {
      case 'spoken': return { what: 'call.spoken', word: DELIVERED, reply: script.end() }
      case 'not-confirmed': return notConfirmed()
      case 'code': return step.round === 1 ? firstKey(call, hasKey) : keyAgain(call, step.round, hasKey)
    }
  }

  const notConfirmed = (): Turn => ({
    what: 'call.not-confirmed',
    word: { status: 'undelivered', reason: 'not_confirmed', vendorCode: undefined },
    reply: script.end()
  })

  const firstKey = ({ content: { locale, said }, next }: OpenedCall, hasKey: boolean): Turn => {
    if (!hasKey) return notConfirmed()
    const what = 'call.key-pressed'
    if (said === undefined) return { what, word: { status: 'undelivered', reason: 'expired', vendorCode: undefined }, reply: script.end() }
    return { what, word: ACCEPTED, reply: script.codeAfterKey(locale, said, 1, next) }
  }

  /** Who asks to hear it again has heard it. */
  const keyAgain = ({ content: { locale, said }, next }: OpenedCall, round: number, hasKey: boolean): Turn => ({
    what: hasKey ? 'call.key-pressed' : 'call.spoken',
    word: DELIVERED,
    reply: hasKey && said !== undefined ? script.codeAfterKey(locale, said, round, next) : script.end()
  })

  return {
    read ({ about, headers, search, form }) {
      const signature = headers['x-twilio-signature']
      if (urls === undefined || typeof signature !== 'string' || !SIGNATURE.test(signature)) return { kind: 'forged' }
      if (!isSigned(authTokens, signature, urls.signed(about, search), form)) return { kind: 'forged' }
      return about === 'message' ? readMessage(queryOf(search), form) : readCall(queryOf(search), form)
    }
  }
}

/**
 * Compares with what Twilio must have signed, to the letter. The SDK's own `validateRequest` would also take a query that it
 * reads and writes anew, and with it what stands behind a thousand parameters, which nobody signed.
 */
const isSigned = (tokens: readonly SensitiveText[], signature: string, urls: readonly string[], form: Form): boolean => {
  // Signatures have one length, or this throws, as the SDK does on what is no form.
  const isOf = (token: string, url: string): boolean =>
    timingSafeEqual(Buffer.from(signature), Buffer.from(getExpectedTwilioSignature(token, url, form)))
  try {
    // An empty token would be one that everybody knows.
    return isBounded(form) && tokens.some((token) => token.reveal() !== '' && urls.some((url) => isOf(token.reveal(), url)))
  } catch {
    return false
  }
}

const isBounded = (form: Form): boolean => {
  const parts = Object.entries(form).flat(2)
  return parts.length <= 2 * MOST_FIELDS && parts.reduce((length, part) => length + part.length, 0) <= LONGEST_FORM
}

/** A field that comes once, and is not empty. */
const textOf = (form: Form, name: string): string | undefined => {
  const value = form[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

const statusOf = (text: string | undefined): string | undefined => {
  const status = text?.toLowerCase() ?? ''
  return /^[a-z_-]{1,40}$/.test(status) ? status : undefined
}
