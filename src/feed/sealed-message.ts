import { CODE_MAKERS, codeVendorOf, type CodeMaker } from '../domain/code-maker.ts'
import type { Keys, SealContext } from '../domain/keys.ts'
import { CHANNELS, type Message } from '../domain/message.ts'
import { OneTimeCode } from '../domain/one-time-code.ts'
import { NO_ORIGIN } from '../domain/origin.ts'
import { PhoneNumber } from '../domain/phone-number.ts'
import { hidden, SensitiveText } from '../domain/sensitive.ts'

/** Grows where what is written changes so that others could misread it. */
const VERSION = 1

/** What is sealed. What tells one message from another is left out: it is to be sent once more. */
interface Content {
  readonly version: typeof VERSION
  readonly caller: string
  readonly route: string
  readonly hook: string
  readonly user: string | undefined
  readonly channel: Message['channel']
  readonly to: string
  readonly text: string | undefined
  readonly code: string | undefined
  readonly speech: string | undefined
  readonly codeMaker: CodeMaker
  readonly locale: string | undefined
}

const contextOf = (id: string): SealContext => ({ purpose: 'replay', subjects: [id] })

/** Seals a message to be kept with the request `id` that asked for it, and to be opened for that request only. */
export const sealMessage = ({ caller, route, hook, requester, channel, to, text, code, speech, codeMaker, locale }: Message, id: string, keys: Keys): string => {
  const content: Content = {
    version: VERSION,
    caller,
    route,
    hook,
    user: requester.user?.reveal(),
    channel,
    to: to.e164,
    text: text?.reveal(),
    code: code?.reveal(),
    speech: speech?.reveal(),
    codeMaker: codeMaker ?? 'gateway',
    locale
  }
  return keys.seal(new SensitiveText(JSON.stringify(content)), contextOf(id))
}

/**
 * Opens a sealed message; `undefined` where it was not sealed for that request, its key is gone, or another version wrote
 * it. Nobody asks for it any more, and so it has no address that it is asked from and no key; its code counts from now on.
 */
export const openMessage = (sealed: string, id: string, keys: Keys): Message | undefined => {
  const opened = keys.open(sealed, contextOf(id))
  const content = opened && JSON.parse(opened.reveal()) as Content
  if (content?.version !== VERSION) return undefined
  const { caller, route, hook, user, channel, text, code, speech, codeMaker, locale } = content
  const to = PhoneNumber.parse(content.to)
  if (!(to instanceof PhoneNumber) || !CHANNELS.includes(channel) || !CODE_MAKERS.includes(codeMaker)) return undefined
  return {
    caller,
    route,
    hook,
    requester: { ip: undefined, user: hidden(user) },
    channel,
    to,
    text: hidden(text),
    code: code === undefined ? undefined : OneTimeCode.parse(code),
    speech: hidden(speech),
    codeMaker: codeVendorOf(codeMaker),
    locale,
    idempotencyKey: undefined,
    distinction: undefined,
    expiresAt: undefined,
    origin: NO_ORIGIN
  }
}
