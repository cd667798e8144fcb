import { Type, type Static } from 'typebox'
import { exact, milliseconds, requestFault, RequestFaultSchema } from './fault-schema.ts'
import { TwilioBehaviourSchema } from './twilio/behaviour.ts'

export type { RequestFault } from './fault-schema.ts'

const callbackTypes = Type.Array(Type.String({ pattern: '^[A-Z][A-Za-z]+$', maxLength: 60 }), { maxItems: 20 })

export const SmsBehaviourSchema = Type.Object({
  ...requestFault,
  /** The request is answered 202, the recipient in it is refused. Obeys `times`. */
  recipientError: Type.Optional(Type.Object({
    httpStatusCode: Type.Integer({ minimum: 300, maximum: 599 }),
    errorMessage: Type.String({ maxLength: 1_000 })
  }, exact)),
  /** A repeated repeatability id makes a second message, as though the service kept no window. */
  ignoreRepeatability: Type.Optional(Type.Boolean()),
  report: Type.Optional(Type.Union([Type.Literal('delivered'), Type.Literal('failed'), Type.Literal('none')])),
  /** The report's `deliveryStatusDetails`. */
  reportDetails: Type.Optional(Type.String({ maxLength: 1_000 })),
  reportDelayMs: Type.Optional(milliseconds),
  /** How many times the same report comes; 1 is usual. */
  reportCopies: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
  /** After the report comes one that is older and says the opposite. */
  outOfOrder: Type.Optional(Type.Boolean())
}, exact)

export const CallBehaviourSchema = Type.Object({
  ...requestFault,
  ignoreRepeatability: Type.Optional(Type.Boolean()),
  /** What becomes of a call to the number. `manual` rings until it is answered or declined by a control route. */
  outcome: Type.Optional(Type.Union([
    Type.Literal('answer'), Type.Literal('busy'), Type.Literal('no-answer'), Type.Literal('declined'),
    Type.Literal('unreachable'), Type.Literal('voicemail'), Type.Literal('create-failed'), Type.Literal('manual')
  ])),
  /** The first so many plays and prompts of each call fail. */
  playFailures: Type.Optional(Type.Integer({ minimum: 1 })),
  /** What failing plays say; a refusal of the speech service by default. */
  playFailure: Type.Optional(Type.Object({
    code: Type.Integer(), subCode: Type.Integer(), message: Type.String({ maxLength: 1_000 })
  }, exact)),
  /** Tones pressed, one entry for each successive recognition of a call; `''`, or no entry left, is silence. */
  keys: Type.Optional(Type.Array(Type.String({ pattern: '^[0-9*#A-D]*$', maxLength: 100 }), { maxItems: 100 })),
  /** Types of callback (`CallConnected`) that are never sent. */
  loseCallbacks: Type.Optional(callbackTypes),
  /** Types of callback that come after the one that follows them. */
  reorderCallbacks: Type.Optional(callbackTypes),
  /** How many times each callback comes; 1 is usual. */
  callbackCopies: Type.Optional(Type.Integer({ minimum: 1, maximum: 10 })),
  /** The callee hangs up in the middle of the first play. */
  hangUpDuringPlay: Type.Optional(Type.Boolean()),
  /** A fault of the requests that play and recognise, counted over all calls. */
  media: Type.Optional(RequestFaultSchema)
}, exact)

export const BehaviourSchema = Type.Object({
  sms: Type.Optional(SmsBehaviourSchema),
  call: Type.Optional(CallBehaviourSchema),
  twilio: Type.Optional(TwilioBehaviourSchema)
}, exact)

export type SmsBehaviour = Static<typeof SmsBehaviourSchema>
export type CallBehaviour = Static<typeof CallBehaviourSchema>

/**
 * How a number behaves when the gateway writes to it or calls it: `sms` and `call` by Azure, `twilio` by Twilio. Durations in
 * milliseconds, multiplied by the pace.
 */
export type Behaviour = Static<typeof BehaviourSchema>
