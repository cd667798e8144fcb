import type { IncomingHttpHeaders } from 'node:http'
import { Type } from 'typebox'
import { ATTEMPT_STATUSES } from '../domain/delivery-status.ts'
import { RequestError } from '../domain/errors.ts'
import type { IdempotencyKey } from '../domain/message.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import { problem, json } from './answer.ts'
import { findCode } from './code.ts'
import { dialectOf, hookMessage, type Answer, type Authentication, type Dialect, type HookReply } from './dialect.ts'
import { DirectBody, readDirectBody, type DirectFields } from './direct-body.ts'
import type { NumberReader } from './number.ts'
import { readRequester, type RequesterPaths } from './requester.ts'

export interface DirectDeps {
  readonly authentication: Authentication
  readonly numbers: NumberReader
}

interface DirectRoute {
  readonly route: string
  readonly summary: string
  /** Says by which channel the fields are to travel. Throws `RequestError` where they are not enough for it. */
  readonly channelOf: (fields: DirectFields) => 'sms' | 'voice' | 'whatsapp'
}

/** `POST /send-text-code`: sends a text, or words a code and sends that, as a text message or by WhatsApp. */
export const createDirectText = (deps: DirectDeps): Dialect => direct({
  route: '/send-text-code',
  summary: 'Send a code as a text message or by WhatsApp',
  channelOf: ({ text, code, channel = 'sms' }) => {
    if (text === undefined && code === undefined) throw new RequestError('content_missing')
    // WhatsApp takes codes inside approved words only.
    if (channel === 'whatsapp' && code === undefined) throw new RequestError('code_missing')
    return channel
  }
}, deps)

/** `POST /send-voice-code`: calls a number and speaks a code, that of a text where there is no other, or else the text. */
export const createDirectVoice = (deps: DirectDeps): Dialect => direct({
  route: '/send-voice-code',
  summary: 'Speak a code, or a text, in a call',
  channelOf: ({ text, code }) => {
    if (text === undefined && code === undefined) throw new RequestError('code_missing')
    return 'voice'
  }
}, deps)

const direct = ({ route, summary, channelOf }: DirectRoute, { authentication, numbers }: DirectDeps): Dialect => dialectOf({
  name: 'direct',
  route,
  summary,
  // The setting alone says how long its callers wait.
  budgetMs: Infinity,
  formats: ['json'],
  bodyLimit: BODY_LIMIT,
  body: DirectBody,
  replies: DIRECT_REPLIES,
  authentication,
  read (body, { headers }) {
    const fields = readDirectBody(body)
    const channel = channelOf(fields)
    return hookMessage({
      to: numbers.strict(fields.number),
      channel,
      text: fields.text === undefined ? undefined : new SensitiveText(fields.text),
      code: fields.code,
      findCode: channel === 'voice' ? findCode : undefined,
      locale: fields.locale,
      idempotencyKey: readIdempotencyKey(headers),
      requester: readRequester(body, REQUESTER)
    })
  },
  reply: replyOf
})

/** In either shape. */
const REQUESTER: RequesterPaths = { ip: ['ip', 'data.context.request.ipAddress'], user: ['user', 'data.userProfile.userId'] }

/** A number and a few words, in bytes. */
const BODY_LIMIT = 64 * 1024

const Status = Type.Union(ATTEMPT_STATUSES.map((status) => Type.Literal(status)))

/** The replies of `replyOf`, for the list of routes. */
export const DIRECT_REPLIES = {
  200: Type.Union([
    Type.Object({ id: Type.String(), status: Type.Literal('accepted'), channel: Type.String(), provider: Type.String() }),
    Type.Object({ id: Type.String(), status: Type.Literal('duplicate'), original: Status })
  ]),
  202: Type.Object({ id: Type.String(), status: Type.Literal('unknown') })
}

/** What callers are told that were made for this gateway. */
export const replyOf = (answer: Answer): HookReply => {
  switch (answer.kind) {
    case 'accepted': return json(200, { id: answer.id, status: 'accepted', channel: answer.channel, provider: answer.provider })
    case 'duplicate': return json(200, { id: answer.id, status: 'duplicate', original: answer.original })
    case 'unknown': return json(202, { id: answer.id, status: 'unknown' })
    case 'failure': return problem(answer)
  }
}

/** A caller's own key means one message for a day, in milliseconds. */
const HOLD_OF_CALLERS_KEY = 24 * 60 * 60_000

const readIdempotencyKey = (headers: IncomingHttpHeaders): IdempotencyKey | undefined => {
  const key = headers['idempotency-key']
  if (key === undefined) return undefined
  if (typeof key !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(key)) throw new RequestError('idempotency_key_invalid')
  return { value: new SensitiveText(key), holdFor: HOLD_OF_CALLERS_KEY }
}
