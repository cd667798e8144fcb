import { Type, type Static } from 'typebox'
import { CHANNELS } from '../domain/message.ts'
import { VERIFICATION_STATUSES } from '../domain/verification.ts'

const Channel = Type.Unsafe<typeof CHANNELS[number]>({ type: 'string', enum: CHANNELS, description: 'One that the profile offers; its first where absent.' })

/** A name that is misspelt could otherwise take away what protects people, such as `session`, without a word. */
const NO_OTHERS = { additionalProperties: false } as const

/** What starts a verification. */
export const StartBody = Type.Object({
  to: Type.Optional(Type.String({ maxLength: 64, description: 'The number: with `+`, or as people of `country`, or else of `DEFAULT_COUNTRY`, write it. A session that has a number needs none.' })),
  country: Type.Optional(Type.String({ maxLength: 8, description: 'Whose people write numbers so, as in ISO 3166.' })),
  channel: Type.Optional(Channel),
  locale: Type.Optional(Type.String({ maxLength: 64, description: 'The language of the message, such as `de-DE` or `es_MX`.' })),
  profile: Type.Optional(Type.String({ maxLength: 64, description: 'The kind of verification, such as `login` or `signup`; where absent the one with `default`, else `login`.' })),
  codeLength: Type.Optional(Type.Integer({ minimum: 4, maximum: 10, description: 'Digits, in place of what the profile says.' })),
  ttlSeconds: Type.Optional(Type.Integer({ minimum: 30, maximum: 3600, description: 'How long the code is right, in place of what the profile says.' })),
  maxAttempts: Type.Optional(Type.Integer({ minimum: 1, maximum: 10, description: 'Wrong codes of the number in any hour, in place of what the profile says.' })),
  session: Type.Optional(Type.String({ minLength: 1, maxLength: 256, description: 'Your own id of the browser session that asks. Another session of yours then does not take over what this one has started.' })),
  ip: Type.Optional(Type.Unknown({ description: 'The address that the person asks from, for `BUDGET_IP`. What is no address of the internet is not looked at.' })),
  user: Type.Optional(Type.Unknown({ description: 'Your own id of the person\'s account, for `BUDGET_USER`: at most 256 characters. A longer one is not looked at.' }))
}, { ...NO_OTHERS, examples: [{ to: '+14155550123', profile: 'login', locale: 'en-US' }] })

export type StartFields = Static<typeof StartBody>

/** A code that somebody has entered. */
export const CheckBody = Type.Object({
  code: Type.Optional(Type.Union([
    Type.String({ maxLength: 64, description: 'As it was entered: spaces and hyphens in it do not matter.' }),
    // To be told why it is not taken.
    Type.Number({ description: 'Not taken: a number loses its leading zeros.' })
  ]))
}, { ...NO_OTHERS, examples: [{ code: '482913' }] })

/** By which channel the same code is to come once more. Many clients send no body where nothing must be in it. */
export const ResendBody = Type.Unsafe<{ readonly channel?: typeof CHANNELS[number] } | null>({
  ...NO_OTHERS, type: ['object', 'null'], properties: { channel: { ...Channel, description: 'The one before where absent.' } }
})

export const IdParams = Type.Object({ id: Type.String() })

const Status = Type.Unsafe<string>({ type: 'string', enum: VERIFICATION_STATUSES })
const Moment = Type.String({ format: 'date-time' })

/** A verification, as `verificationReply` shows it. */
export const VerificationBody = Type.Object({
  id: Type.String(),
  status: Status,
  profile: Type.String(),
  channel: Type.String(),
  number: Type.String({ description: 'Masked.' }),
  to: Type.Optional(Type.String({ description: 'The number itself; for apps only.' })),
  reference: Type.Optional(Type.String({ description: 'Your own word for what it is about, where its session has one; for apps only.' })),
  codeLength: Type.Optional(Type.Integer()),
  attemptsLeft: Type.Integer(),
  sendsLeft: Type.Integer(),
  resendAt: Moment,
  message: Type.Object({ state: Type.String({ description: '`sending`, `sent` or `failed`.' }), reason: Type.Optional(Type.String()) }),
  createdAt: Moment,
  expiresAt: Moment,
  endedAt: Type.Optional(Moment),
  now: Moment,
  deliveries: Type.Optional(Type.Array(Type.String(), { description: 'What `GET /deliveries/:id` knows its messages by, the newest last; for apps only, once it is approved.' })),
  result: Type.Optional(Type.String({ description: 'How it ended, signed; for sessions only, once it has.' })),
  links: Type.Object({ status: Type.String(), check: Type.String(), resend: Type.String(), cancel: Type.String() })
})

/** What came of a code. */
export const CheckedBody = Type.Object({
  valid: Type.Boolean(), status: Status, attemptsLeft: Type.Integer(), result: Type.Optional(Type.String())
})
