import type { IncomingHttpHeaders } from 'node:http'
import { Type } from 'typebox'
import { SensitiveText } from '../domain/sensitive.ts'
import { findCode, readCode } from './code.ts'
import { believe, dialectOf, HOOK_BODY_LIMIT, hookMessage, type Dialect } from './dialect.ts'
import { isGiven } from './given.ts'
import { readLocale } from './locale.ts'
import type { NumberReader } from './number.ts'
import { replyByStatus, STATUS_REPLIES } from './reply-by-status.ts'
import { readRequester, type RequesterPaths } from './requester.ts'
import type { CallerOf } from './secret-authentication.ts'

export interface KratosDeps {
  readonly callerOf: CallerOf
  readonly numbers: NumberReader
  readonly now: () => number
}

/** Milliseconds, out of the ten seconds for which Kratos waits. */
const BUDGET = 9000

const PhoneNumber = Type.Optional(Type.String({ maxLength: 64 }))
const Text = Type.Optional(Type.String({ description: 'At most 1600 characters.' }))
const Code = Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Integer({ minimum: 0 }), Type.Null()]))

const Body = Type.Object({
  recipient: PhoneNumber,
  body: Text,
  template_type: Type.Optional(Type.String({ maxLength: 128 })),
  template_data: Type.Optional(Type.Union([
    Type.Object({ login_code: Code, registration_code: Code, verification_code: Code, recovery_code: Code, expires_in_minutes: Type.Optional(Type.Unknown()) }),
    Type.Null()
  ])),
  request_headers: Type.Optional(Type.Unknown({ description: 'Those of the person\'s request, of which `Accept-Language` is read.' })),
  ip: Type.Optional(Type.Unknown({ description: 'The address that the person asks from.' })),
  user: Type.Optional(Type.Unknown({ description: 'The id of the identity.' })),
  to: PhoneNumber,
  To: PhoneNumber,
  text: Text,
  Body: Text,
  code: Code
}, {
  description: 'As the Jsonnet file of this gateway has Kratos send it; or, out of a Jsonnet file of one\'s own, `to` and `text`, or `To` and `Body`.',
  examples: [{ recipient: '+14155550123', body: 'Your login code is: 482913', template_type: 'login_code_valid', template_data: { login_code: '482913', expires_in_minutes: 15 } }]
})

/**
 * The HTTP channel of the courier of Ory Kratos. Its body is what a Jsonnet file makes of a message.
 * https://www.ory.com/docs/kratos/emails-sms/sending-sms
 */
export const createKratos = ({ callerOf, numbers, now }: KratosDeps): Dialect => dialectOf({
  name: 'kratos',
  route: '/hooks/kratos',
  summary: 'Ory Kratos: courier channel for SMS',
  budgetMs: BUDGET,
  formats: ['json', 'form'],
  bodyLimit: HOOK_BODY_LIMIT,
  body: Body,
  replies: STATUS_REPLIES,
  authentication: {
    by: 'headers',
    examine (headers) {
      const caller = secretsIn(headers).map(callerOf).find((caller) => caller !== undefined)
      return believe(caller, 'no secret of SECRET_HEADER and CALLERS is in Authorization, X-Api-Key or a cookie')
    }
  },
  read (body) {
    const data = body.template_data ?? {}
    const text = [body.body, body.text, body.Body].find((words) => words !== undefined && words.trim() !== '')
    const hasCode = !WITHOUT_CODE.test(body.template_type ?? '')
    // Whatever a message is about, it has one of these; that of a recovery is called the code of a verification.
    const codes = [data.login_code, data.registration_code, data.verification_code, data.recovery_code, body.code].filter(isGiven)
    return hookMessage({
      to: numbers.careful([body.recipient, body.to, body.To].find(isGiven)),
      channel: 'text',
      text: text === undefined ? undefined : new SensitiveText(text),
      code: hasCode ? readCode(codes.find((code) => code !== null) ?? codes[0], text) : undefined,
      findCode: hasCode ? findCode : undefined,
      locale: languageOf(body.request_headers),
      expiresAt: expiryOf(data.expires_in_minutes, now()),
      requester: readRequester(body, REQUESTER)
    })
  },
  // Whatever has failed is tried again, as often as its configuration says.
  reply: replyByStatus
})

/** Messages that tell of something, in which a number is anything but a code. */
const WITHOUT_CODE = /^authenticator_key_added$|^verifiable_address_changed$|_invalid$/

/** A key may be sent as a cookie, whose name Kratos lets one choose. */
const MOST_COOKIES = 10

/** All that may be the secret: its header, that of API keys, and cookies. */
const secretsIn = ({ authorization, 'x-api-key': key, cookie = '' }: IncomingHttpHeaders): ReadonlyArray<string | undefined> => [
  authorization,
  ...[key].flat(),
  ...cookie.split(';', MOST_COOKIES).map((pair) => pair.trim().replace(/^[^=]*=/, '').replace(/^"(.*)"$/, '$1'))
]

/**
 * None of the headers is read for an address: `X-Forwarded-For`, and `True-Client-Ip` where nothing in front of Kratos takes
 * it away, hold whatever the person has written there. A Jsonnet file that hands on everything has the id in the identity.
 */
const REQUESTER: RequesterPaths = {
  ip: ['ip'],
  user: ['user', 'template_data.identity.id']
}

/** What the person's browser asked for, of which the first language counts. */
const languageOf = (headers: unknown): string | undefined => {
  const { 'Accept-Language': language, 'accept-language': lower } = Object(headers) as Readonly<Record<string, unknown>>
  return readLocale([language ?? lower].flat()[0])
}

const MINUTE = 60_000
const MOST_MINUTES = 60

/** A life of a code that none can have is let go. */
const expiryOf = (minutes: unknown, now: number): number | undefined =>
  typeof minutes === 'number' && minutes >= 1 && minutes <= MOST_MINUTES ? now + minutes * MINUTE : undefined
