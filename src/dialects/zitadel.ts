import { Type } from 'typebox'
import { SensitiveText } from '../domain/sensitive.ts'
import { findCode, readCode } from './code.ts'
import { dialectOf, HOOK_BODY_LIMIT, hookMessage, type Dialect } from './dialect.ts'
import { isGiven } from './given.ts'
import type { NumberReader } from './number.ts'
import { replyByStatus, STATUS_REPLIES } from './reply-by-status.ts'
import { readRequester, type RequesterPaths } from './requester.ts'
import { believeSigned, digestOfBody, keyOfSigned } from './signature.ts'
import { createZitadelSignature } from './zitadel-signature.ts'

export interface ZitadelDeps {
  readonly signingKeys: readonly SensitiveText[]
  readonly numbers: NumberReader
  readonly now: () => number
}

/** Milliseconds, out of the five seconds for which ZITADEL waits. */
const BUDGET = 4500

const Code = Type.Optional(Type.Union([Type.String({ maxLength: 64 }), Type.Integer({ minimum: 0 }), Type.Null()]))

const Body = Type.Object({
  contextInfo: Type.Object({ recipientPhoneNumber: Type.Optional(Type.String({ maxLength: 64 })) }),
  templateData: Type.Optional(Type.Object({ text: Type.Optional(Type.String({ description: 'The words to send, at most 1600 characters.' })) })),
  args: Type.Optional(Type.Union([
    Type.Object({ code: Code, oTP: Code, otp: Code, Code, OTP: Code, expiry: Type.Optional(Type.Unknown({ description: 'Nanoseconds for which the code lives.' })) }),
    Type.Null()
  ]))
}, {
  description: 'As ZITADEL sends it.',
  examples: [{ contextInfo: { eventType: 'session.otp.sms.challenged', recipientPhoneNumber: '+14155550123' }, templateData: { text: 'Your code is 482913.' }, args: { oTP: '482913' } }]
})

/**
 * ZITADEL's SMS provider of the type HTTP.
 * https://zitadel.com/docs/guides/manage/customize/notification-providers
 */
export const createZitadel = ({ signingKeys, numbers, now }: ZitadelDeps): Dialect => {
  const doubtOf = createZitadelSignature({ signingKeys, now })
  return dialectOf({
    name: 'zitadel',
    route: '/hooks/zitadel',
    summary: 'ZITADEL: HTTP provider for SMS',
    budgetMs: BUDGET,
    formats: ['json'],
    bodyLimit: HOOK_BODY_LIMIT,
    body: Body,
    replies: STATUS_REPLIES,
    authentication: { by: 'body', examine: (request) => believeSigned('zitadel', doubtOf(request)) },
    read (given, { body }) {
      const { contextInfo, templateData, args } = given
      const to = numbers.careful(contextInfo.recipientPhoneNumber)
      const text = templateData?.text?.trim() ? templateData.text : undefined
      const code = readCode(NAMES_OF_CODE.map((name) => args?.[name]).find(isGiven), text)
      const said = code === undefined ? digestOfBody(body) : `${to.e164} ${code.reveal()}`
      return hookMessage({
        to,
        channel: 'text',
        text: text === undefined ? undefined : new SensitiveText(text),
        code,
        findCode,
        // A retry is signed anew, and may differ in what it says of the event and the user; its code does not.
        idempotencyKey: keyOfSigned(said),
        distinction: new SensitiveText(said),
        expiresAt: expiryOf(args?.expiry, now()),
        requester: readRequester(given, REQUESTER)
      })
    },
    // A job that failed is tried again, whatever the failure.
    reply: replyByStatus
  })
}

/** ZITADEL tells no address, and of the user its names; where it tells an id one day, that. */
const REQUESTER: RequesterPaths = { user: ['contextInfo.userID', 'contextInfo.userId', 'args.userID', 'args.userId', 'args.preferredLoginName'] }

/** The first letter of each name is made small, and only that: `OTP` comes as `oTP`. The others are those of next year. */
const NAMES_OF_CODE = ['code', 'oTP', 'otp', 'Code', 'OTP'] as const

const NANOSECONDS = 1e6
const SECOND = 1000
const HOUR = 3600 * SECOND

/** A life of a code that none can have is let go. */
const expiryOf = (nanoseconds: unknown, now: number): number | undefined => {
  const life = typeof nanoseconds === 'number' ? nanoseconds / NANOSECONDS : 0
  return life >= SECOND && life <= HOUR ? now + life : undefined
}
