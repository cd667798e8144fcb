import { Type } from 'typebox'
import { ERRORS } from '../domain/errors.ts'
import type { SensitiveText } from '../domain/sensitive.ts'
import { json, kindOfFailure, problem, wordsForPeople } from './answer.ts'
import { readCode } from './code.ts'
import { dialectOf, HOOK_BODY_LIMIT, hookMessage, type Answer, type Dialect, type Failure, type HookReply } from './dialect.ts'
import { isGiven } from './given.ts'
import { readLocale } from './locale.ts'
import type { NumberReader } from './number.ts'
import { readRequester } from './requester.ts'
import { believeSigned, digestOfBody, keyOfSigned } from './signature.ts'
import { createStandardWebhooks } from './standard-webhooks.ts'

export interface SupabaseDeps {
  /** In base64. */
  readonly secrets: readonly SensitiveText[]
  readonly numbers: NumberReader
  readonly now: () => number
}

/** Milliseconds, out of the five seconds that Supabase has for all its attempts. */
const BUDGET = 4500

const Phone = Type.Union([Type.String({ maxLength: 64 }), Type.Integer(), Type.Null()], { description: 'With or without `+`, and always with the country.' })

const nullable = <T extends Parameters<typeof Type.Optional>[0]>(type: T) => Type.Optional(Type.Union([type, Type.Null()]))

const Body = Type.Object({
  sms: Type.Object({
    otp: Type.Union([Type.String({ maxLength: 64 }), Type.Integer({ minimum: 0 })]),
    phone: Type.Optional(Phone)
  }),
  user: nullable(Type.Object({ id: Type.Optional(Type.Unknown()), phone: Type.Optional(Phone), user_metadata: Type.Optional(Type.Unknown()) })),
  metadata: nullable(Type.Object({ uuid: Type.Optional(Type.Unknown()), ip_address: Type.Optional(Type.Unknown()) }))
}, { description: 'As Supabase sends it.', examples: [{ user: { phone: '14155550123' }, sms: { otp: '482913' } }] })

const REPLIES = {
  200: Type.Object({ error: Type.Optional(Type.Object({ http_code: Type.Integer(), message: Type.String() })) })
}

/**
 * Supabase's Send SMS hook.
 * https://supabase.com/docs/guides/auth/auth-hooks/send-sms-hook
 */
export const createSupabase = ({ secrets, numbers, now }: SupabaseDeps): Dialect => {
  const doubtOf = createStandardWebhooks({ secrets, setting: 'SUPABASE_HOOK_SECRET', now })
  return dialectOf({
    name: 'supabase',
    route: '/hooks/supabase',
    summary: 'Supabase: Send SMS hook',
    budgetMs: BUDGET,
    formats: ['json'],
    bodyLimit: HOOK_BODY_LIMIT,
    body: Body,
    replies: REPLIES,
    authentication: { by: 'body', examine: (request) => believeSigned('supabase', doubtOf(request)) },
    read (given, { body }) {
      const { sms, user, metadata } = given
      return hookMessage({
        // The number of a second factor need not be that of the user.
        to: numbers.international([sms.phone, user?.phone].find((phone) => phone !== null && isGiven(phone))),
        channel: 'text',
        code: readCode(sms.otp),
        locale: localeOf(user?.user_metadata),
        // An attempt has a new `webhook-id`, and the same body.
        idempotencyKey: keyOfSigned(isId(metadata?.uuid) ? metadata.uuid : digestOfBody(body)),
        requester: readRequester(given, { ip: ['metadata.ip_address'], user: ['user.id'] })
      })
    },
    reply
  })
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value)

/**
 * Supabase knows no language. Applications keep that of a user in the metadata, by one of these names; where it stands for
 * anything else there is no harm, since what names no language is let go.
 */
const localeOf = (metadata: unknown): string | undefined => {
  const { locale, language } = Object(metadata) as { readonly locale?: unknown, readonly language?: unknown }
  return readLocale(locale) ?? readLocale(language)
}

/**
 * A failure is a 200 with an `error`, whose status and message reach the person: of any other status Supabase reads no body.
 * It wants a JSON content type with every 200, and so a body. A 429 of our own with `Retry-After` would have it ask again at
 * once, whatever the header says.
 */
const reply = (answer: Answer): HookReply => {
  switch (answer.kind) {
    case 'accepted':
    case 'duplicate':
    case 'unknown': return json(200, {})
    case 'failure': return kindOfFailure(answer) === 'unauthorized' ? problem(answer) : json(200, { error: { http_code: statusOf(answer), message: wordsForPeople(answer) } })
  }
}

/** Of a number that gets no code Supabase's own providers say 422; that one status tells people to take another. */
const statusOf = (failure: Failure): number => kindOfFailure(failure) === 'number' ? 422 : ERRORS[failure.code].status
