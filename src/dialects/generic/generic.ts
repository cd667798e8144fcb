import { createHash } from 'node:crypto'
import { Type } from 'typebox'
import { RequestError } from '../../domain/errors.ts'
import type { IdempotencyKey } from '../../domain/message.ts'
import { SensitiveText } from '../../domain/sensitive.ts'
import { findCode, findCodeBy, readCode } from '../code.ts'
import { dialectOf, HOOK_BODY_LIMIT, hookMessage, type Dialect, type HookMessage } from '../dialect.ts'
import { readLocale } from '../locale.ts'
import type { NumberReader } from '../number.ts'
import { createGenericAuthentication } from './authentication.ts'
import { valueAt } from './field-path.ts'
import type { ChannelMeaning, FieldName, GenericHook } from './hook.ts'
import { createGenericReply } from './reply.ts'

export interface GenericDeps {
  readonly hook: GenericHook
  /** The caller whose secret stands in a header of this form: plain, as `Bearer`, or as the password of `Basic`. */
  readonly callerOf: (header: string | undefined) => string | undefined
  readonly numbers: NumberReader
  readonly now: () => number
}

/** `POST /hooks/generic/<name>`: a hook that its operator describes in a file. */
export const createGeneric = ({ hook, callerOf, numbers, now }: GenericDeps): Dialect => {
  const name = `generic/${hook.name}`
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
      const code = readCode(at('code'), text)
      const channel = readChannel(at('channel'), hook.channels)
      const said = code?.reveal() ?? text ?? ''
      return hookMessage({
        to,
        channel,
        text: text === undefined ? undefined : new SensitiveText(text),
        code,
        findCode: hook.codePattern === undefined ? findCode : findCodeBy(hook.codePattern),
        locale: firstLocale(at('locale')),
        idempotencyKey: keyOf(hook, at('key'), JSON.stringify([to.e164, channel, said]), request.body),
        distinction: new SensitiveText(said)
      })
    },
    reply: createGenericReply(hook.replies)
  })
}

/** The longest text that is sent. */
const LONGEST_TEXT = 1600

const readText = (given: unknown): string | undefined => {
  if (given === undefined || given === null) return undefined
  if (typeof given !== 'string' || given.length > LONGEST_TEXT) throw new RequestError('invalid_body', `The text must be a text of at most ${LONGEST_TEXT} characters.`)
  return given.trim() === '' ? undefined : given
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

/** A key of the provider means one message for ten minutes, in milliseconds. */
const HOLD_OF_KEY = 10 * 60_000

/** A signature without a time is good for ever: what it is over is sent once a day at most. */
const HOLD_OF_SIGNED = 24 * 60 * 60_000

/** The longest key. */
const LONGEST_KEY = 255

/**
 * What stands for the message: the provider's key along with what is sent where, as a key may be that of a login, with a
 * second code in it; for what is signed and has no key, the body itself.
 */
const keyOf = ({ authentication: { type } }: GenericHook, given: unknown, message: string, body: Buffer): IdempotencyKey | undefined => {
  const signed = type === 'hmac' || type === 'timestamped'
  const holdFor = type === 'hmac' ? HOLD_OF_SIGNED : HOLD_OF_KEY
  if (given !== undefined && given !== null) {
    if (!['string', 'number'].includes(typeof given) || String(given).length > LONGEST_KEY) throw new RequestError('idempotency_key_invalid')
    return { value: new SensitiveText(`key ${String(given)} ${message}`), holdFor }
  }
  return signed ? { value: new SensitiveText(`body ${createHash('sha256').update(body).digest('base64url')}`), holdFor } : undefined
}
