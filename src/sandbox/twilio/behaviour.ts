import { Type, type Static } from 'typebox'
import { exact, milliseconds, requestFault } from '../fault-schema.ts'

const copies = Type.Integer({ minimum: 1, maximum: 10 })
const errorNumber = Type.Integer({ minimum: 10_000, maximum: 999_999 })

const twilioFault = {
  ...requestFault,
  /** Answers with Twilio's body of this error, and does nothing. Obeys `times`. */
  error: Type.Optional(Type.Object({
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    code: errorNumber
  }, exact))
}

const report = {
  /** The last word on the message; `none` never comes, and the message stays `sent`. */
  report: Type.Optional(Type.Union([
    Type.Literal('delivered'), Type.Literal('undelivered'), Type.Literal('failed'), Type.Literal('none')
  ])),
  /** Why it was not delivered: `ErrorCode`; 30003 for `undelivered` and 30008 for `failed` by default. */
  errorCode: Type.Optional(errorNumber),
  reportDelayMs: Type.Optional(milliseconds)
}

export const MessageBehaviourSchema = Type.Object({
  ...twilioFault,
  ...report,
  /** How many times the last word comes; 1 is usual. */
  reportCopies: Type.Optional(copies),
  /** `sent` comes after the last word. */
  outOfOrder: Type.Optional(Type.Boolean())
}, exact)

export const TwilioCallBehaviourSchema = Type.Object({
  ...twilioFault,
  /** What becomes of a call to the number. `manual` rings until it is answered or declined by a control route. */
  outcome: Type.Optional(Type.Union([
    Type.Literal('answer'), Type.Literal('manual'), Type.Literal('busy'), Type.Literal('no-answer'),
    Type.Literal('failed'), Type.Literal('canceled'), Type.Literal('voicemail')
  ])),
  /** Why the call was not completed: `ErrorCode` in its last callback. */
  errorCode: Type.Optional(errorNumber),
  /** Keys pressed, one entry for each successive `<Gather>` of a call; `''`, or no entry left, is silence. */
  keys: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9*#]*$', maxLength: 100 }), { maxItems: 100 })),
  /** The callee hangs up in the middle of the first thing said outside a `<Gather>`. */
  hangUpDuringPlay: Type.Optional(Type.Boolean()),
  /** Values of `CallStatus` (`completed`) whose callback is never sent. */
  loseCallbacks: Type.Optional(Type.Array(Type.String({ pattern: '^[a-z-]+$', maxLength: 20 }), { maxItems: 20 })),
  /** How many times each callback comes; 1 is usual. */
  callbackCopies: Type.Optional(copies)
}, exact)

/** Verify has no callbacks: a report changes what the Attempts API tells. */
export const VerificationBehaviourSchema = Type.Object({
  ...twilioFault,
  ...report,
  /** What has ended is not there any more, also for who asks how it ended. */
  forgetsEnded: Type.Optional(Type.Boolean())
}, exact)

export const TwilioBehaviourSchema = Type.Object({
  message: Type.Optional(MessageBehaviourSchema),
  call: Type.Optional(TwilioCallBehaviourSchema),
  verification: Type.Optional(VerificationBehaviourSchema),
  /** A fault of the requests about what there already is: asking for it, ending it, telling how it went. */
  later: Type.Optional(Type.Object(twilioFault, exact))
}, exact)

export type MessageBehaviour = Static<typeof MessageBehaviourSchema>
export type TwilioCallBehaviour = Static<typeof TwilioCallBehaviourSchema>
export type VerificationBehaviour = Static<typeof VerificationBehaviourSchema>
export type TwilioBehaviour = Static<typeof TwilioBehaviourSchema>

/** What can go wrong with any request to Twilio. */
export type TwilioFault = NonNullable<TwilioBehaviour['later']>
