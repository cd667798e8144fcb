import { Type } from 'typebox'
import { RequestError } from '../../domain/errors.ts'
import type { IdempotencyKey } from '../../domain/message.ts'
import { SensitiveText } from '../../domain/sensitive.ts'
import { findCode, readCode } from '../code.ts'
import { dialectOf, HOOK_BODY_LIMIT, hookMessage, LONGEST_TEXT, type Dialect, type HookMessage } from '../dialect.ts'
import { readLocale } from '../locale.ts'
import type { NumberReader } from '../number.ts'
import { readRequester } from '../requester.ts'
import type { CallerOf } from '../secret-authentication.ts'
import { digestOfBody, holdOfSigned } from '../signature.ts'
import { createGenericAuthentication } from './authentication.ts'
import { findCodeBy } from './code-pattern.ts'
import { valueAt } from './field-path.ts'
import type { ChannelMeaning, FieldName, GenericHook, HookAuthentication } from './hook.ts'
import { createGenericReply } from './reply.ts'

export interface GenericDeps {
  readonly hook: GenericHook
  readonly callerOf: CallerOf
  readonly numbers: NumberReader
  readonly now: () => number
}

/** `POST /hooks/generic/<name>`: a hook that its operator describes in a file. */
export const createGeneric = ({ hook, callerOf, numbers, now }: GenericDeps): Dialect => {
  const name = `generic/${hook.name}`
  const findIn = hook.codePattern === undefined ? findCode : findCodeBy(hook.codePattern)
  return dialectOf({
    name,
    route: `/hooks/${name}`,
    summary: `The hook ${hook.name} of the hooks file`,
    budgetMs: hook.budgetMs,
    formats: hook.formats,
    bodyLimit: HOOK_BODY_LIMIT,
    body: Type.Object({}, { description: 'The fields that the hooks file names; further ones are let go.' }),
    replies: {},
    authentication: createGenericAuthentication({ authentication: hook.authentication, caller: name, callerOf, now }),
    read (body, request) {
      const at = (field: FieldName): unknown => valueAt(body, hook.fields[field])
      const to = numbers[hook.numbers](at('number'))
      const text = readText(at('text'))
      const given = readCode(at('code'), text)
      const code = given ?? (text === undefined ? undefined : findIn(text))
      // Around a code there may be more words: then the code alone is sent.
      if (code === undefined && text !== undefined && text.length > LONGEST_TEXT) throw new RequestError('invalid_body', NO_TEXT)
      const channel = readChannel(at('channel'), hook.channels)
      const said = given?.reveal() ?? text ?? ''
      return hookMessage({
        to,
        channel,
        text: text === undefined ? undefined : new SensitiveText(text),
        code,
        locale: firstLocale(at('locale')),
        idempotencyKey: keyOf(hook.authentication, {
          given: readKey(at('key')), message: JSON.stringify([to.e164, channel, said]), body: request.body, hasCode: code !== undefined
        }),
        distinction: new SensitiveText(said),
        requester: readRequester(body, hook.fields)
      })
    },
    reply: createGenericReply(hook.replies)
  })
}

const NO_TEXT = `The text must be a text of at most ${LONGEST_TEXT} characters.`

const readText = (given: unknown): string | undefined => {
  if (given === undefined || given === null) return undefined
  if (typeof given !== 'string') throw new RequestError('invalid_body', NO_TEXT)
  return given
}

const readChannel = (given: unknown, channels: ReadonlyMap<string, ChannelMeaning>): HookMessage['channel'] => {
  if (given === undefined || given === null) return 'text'
  const channel = typeof given === 'string' ? channels.get(given.trim().toLowerCase()) : undefined
  if (channel === undefined) throw new RequestError('invalid_body', 'The channel must be one that the hooks file knows.')
  return channel
}

/** Of several languages, in a list or in one text, the one that comes first. */
const firstLocale = (given: unknown): string | undefined => {
  const first: unknown = Array.isArray(given) ? given.find((one) => typeof one === 'string') : given
  return readLocale(typeof first === 'string' ? first.slice(0, 256).trim().split(/[\s,;]/)[0] : undefined)
}

/** The longest key. */
const LONGEST_KEY = 255

/** The provider's key; what cannot be one is let go, as no message is lost for it. */
const readKey = (given: unknown): string | undefined => {
  const key = typeof given === 'number' ? String(given) : given
  return typeof key === 'string' && key.length <= LONGEST_KEY ? key : undefined
}

const MINUTE = 60_000

/** A key means one message for so long, in milliseconds. */
const HOLD_OF_KEY = 10 * MINUTE

/** A signature without a time is good for ever: what it is over is sent once a day at most. */
const HOLD_OF_SIGNED = 24 * 60 * MINUTE

interface KeyParts {
  readonly given: string | undefined
  /** What is sent where. */
  readonly message: string
  readonly body: Buffer
  readonly hasCode: boolean
}

/**
 * What stands for the message: the provider's key along with what is sent where, as a key may be that of a login, with a
 * second code in it; for what is signed and has no key, the body itself.
 */
const keyOf = (authentication: HookAuthentication, { given, message, body, hasCode }: KeyParts): IdempotencyKey | undefined => {
  if (given !== undefined) return { value: new SensitiveText(`key ${given} ${message}`), holdFor: holdFor(authentication, true) }
  if (authentication.type !== 'hmac' && authentication.type !== 'timestamped') return undefined
  return { value: new SensitiveText(`body ${digestOfBody(body)}`), holdFor: holdFor(authentication, hasCode) }
}

/** `isOnce`: whether the message is one that does not come twice in a day, as a notice in the same words may. */
const holdFor = (authentication: HookAuthentication, isOnce: boolean): number => {
  switch (authentication.type) {
    case 'secret':
    case 'basic': return HOLD_OF_KEY
    case 'hmac': return isOnce ? HOLD_OF_SIGNED : HOLD_OF_KEY
    case 'timestamped': return holdOfSigned(authentication.toleranceMs)
  }
}
