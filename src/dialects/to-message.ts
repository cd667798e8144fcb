import { RequestError } from '../domain/errors.ts'
import type { Channel, Message } from '../domain/message.ts'
import type { Origin } from '../domain/origin.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import { withoutWebOtp } from './code.ts'
import { LONGEST_TEXT, type HookMessage } from './dialect.ts'

/** By which channel the texts of hooks travel. */
export interface TextChannels {
  /** Of some countries, by ISO code: these come first. */
  readonly byCountry: ReadonlyMap<string, Channel>
  /** Of some hooks, by name. */
  readonly byHook: ReadonlyMap<string, Channel>
}

export interface MessageContext {
  /** The name of the dialect. */
  readonly hook: string
  readonly route: string
  readonly caller: string
  readonly textChannels: TextChannels
  /** The locale of messages that came without one. */
  readonly defaultLocale: string | undefined
  readonly origin: Origin
}

/** Settles how a message travels and what it says there. Throws `RequestError` where there is nothing that it could say. */
export const toMessage = (asked: HookMessage, { hook, route, caller, textChannels, defaultLocale, origin }: MessageContext): Message => {
  const { to, text, locale, idempotencyKey, distinction, expiresAt, requester } = asked
  const code = asked.code ?? (text && asked.findCode?.(text.reveal()))
  const channel = channelOf(asked, code !== undefined, textChannels, hook)
  const message: Message = {
    caller,
    route,
    hook,
    requester,
    channel,
    to,
    text: wordsFor(channel, asked, code !== undefined),
    code,
    speech: undefined,
    codeMaker: undefined,
    locale: locale ?? defaultLocale,
    idempotencyKey,
    distinction,
    expiresAt,
    origin
  }
  if (message.text === undefined && code === undefined) throw new RequestError(channel === 'whatsapp' ? 'code_missing' : 'content_missing')
  return message
}

/** What takes codes only is no way for a text without one, unless it was asked for. */
const channelOf = (asked: HookMessage, hasCode: boolean, { byCountry, byHook }: TextChannels, hook: string): Channel => {
  if (asked.channel !== 'text') return asked.channel
  const channel = byCountry.get(asked.to.country ?? '') ?? byHook.get(hook) ?? 'sms'
  return channel === 'whatsapp' && !hasCode ? 'sms' : channel
}

/** Where there is a code, it is worth more than the words around it: then it is worded here. */
const fitting = (text: SensitiveText | undefined, hasCode: boolean): SensitiveText | undefined => {
  if (text === undefined || text.reveal().length <= LONGEST_TEXT) return text
  if (hasCode) return undefined
  throw new RequestError('invalid_body', `The text must not be longer than ${LONGEST_TEXT} characters.`)
}

const wordsFor = (channel: Channel, { text, speech }: HookMessage, hasCode: boolean): SensitiveText | undefined => {
  switch (channel) {
    case 'sms': return fitting(text, hasCode)
    // Approved words only, around a code.
    case 'whatsapp': return undefined
    case 'voice': {
      const words = withoutWebOtp((speech ?? text)?.reveal() ?? '')
      return hasCode || words === '' ? undefined : new SensitiveText(words)
    }
  }
}
