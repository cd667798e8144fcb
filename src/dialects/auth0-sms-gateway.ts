import { Type } from 'typebox'
import { RequestError } from '../domain/errors.ts'
import { SensitiveText } from '../domain/sensitive.ts'
import { json } from './answer.ts'
import { createSignedTokens } from './auth0-sms-gateway-authentication.ts'
import { findCode } from './code.ts'
import { dialectOf, HOOK_BODY_LIMIT, hookMessage, type Answer, type Dialect, type HookReply } from './dialect.ts'
import { replyOf } from './direct.ts'
import type { NumberReader } from './number.ts'
import { readRequester } from './requester.ts'

export interface Auth0SmsGatewayDeps {
  readonly secrets: readonly SensitiveText[]
  readonly audience: string | undefined
  readonly numbers: NumberReader
  readonly now: () => number
}

/**
 * `POST /hooks/auth0-sms-gateway`: the SMS gateway of Auth0's older passwordless connection. It asks directly, for texts
 * only, and counts the status alone.
 * https://auth0.com/docs/authenticate/passwordless/authentication-methods/use-sms-gateway-passwordless
 */
export const createAuth0SmsGateway = ({ secrets, audience, numbers, now }: Auth0SmsGatewayDeps): Dialect => dialectOf({
  name: 'auth0-sms-gateway',
  route: '/hooks/auth0-sms-gateway',
  summary: 'Auth0: the SMS gateway of a passwordless connection',
  budgetMs: BUDGET_MS,
  formats: ['json'],
  bodyLimit: HOOK_BODY_LIMIT,
  body: GatewayBody,
  replies: REPLIES,
  authentication: createSignedTokens({ secrets, audience, now }),
  read (given) {
    const { recipient, body = '' } = given
    const to = numbers.careful(recipient)
    if (body.trim() === '') throw new RequestError('content_missing')
    return hookMessage({ to, channel: 'text', text: new SensitiveText(body), findCode, requester: readRequester(given, { ip: ['req.ip'] }) })
  },
  reply
})

/** Auth0 waits for 30 s; whoever waits at the login does not. */
const BUDGET_MS = 10_000

const GatewayBody = Type.Object({
  recipient: Type.Optional(Type.String({ maxLength: 64, description: 'With spaces or without; without `+` as people of `DEFAULT_COUNTRY` write it.' })),
  body: Type.Optional(Type.String({ description: 'The words to send, at most 1600 characters, and the code in them.' })),
  sender: Type.Optional(Type.Unknown({ description: 'Not looked at: the settings say who sends.' })),
  req: Type.Optional(Type.Unknown({ description: 'Where the connection has `forward_req_info`: of it `ip` is read.' }))
}, { examples: [{ recipient: '+1 415 555 0123', body: 'Your verification code is: 482913', sender: '+1 234 567' }] })

const REPLIES = {
  200: Type.Object({
    id: Type.String(),
    status: Type.String({ description: '`accepted`, `duplicate` or `unknown`.' }),
    channel: Type.Optional(Type.String()),
    provider: Type.Optional(Type.String()),
    original: Type.Optional(Type.String({ description: 'How the delivery stands that this one repeats.' }))
  })
}

/** Any status but 200 has the person ask again, who may then get two codes: what may have been sent is told as sent. */
const reply = (answer: Answer): HookReply =>
  answer.kind === 'unknown' ? json(200, { id: answer.id, status: 'unknown' }) : replyOf(answer)
