import type { Keys } from '../domain/keys.ts'
import type { Message } from '../domain/message.ts'
import { numberDigest } from '../domain/number-digest.ts'

const MINUTE = 60_000

/** A person who asks again so soon after an answer is a caller that asks twice. */
const HOLD_AFTER_ANSWER = MINUTE / 2
/** A caller that never saw its answer will ask again; Auth0 does so for some minutes. */
const HOLD_WITHOUT_ANSWER = 10 * MINUTE

/** What makes a message the same as another, and for how long, in milliseconds. */
export interface Identity {
  readonly key: string
  readonly content: string
  readonly number: string
  readonly hold: {
    /** From the attempt on, as long as nobody knows what became of it. */
    readonly whileUnknown: number
    readonly afterAcceptance: number
    /** Once the reply has been written; `undefined`: that changes nothing. */
    readonly afterAnswer: number | undefined
  }
}

/**
 * Tells messages apart: by the caller's own key where it gave one, else by what they say. What they say is all of it, or
 * what is told to distinguish them.
 */
export const identify = (message: Message, keys: Keys, codeLifetimeMs: number): Identity => {
  const { route, caller, to, channel, text, code, locale, idempotencyKey, distinction } = message
  const content = distinction === undefined
    ? keys.digest('content', to.e164, channel, text?.reveal() ?? '', code?.reveal() ?? '', locale ?? '')
    : keys.digest('distinction', to.e164, channel, distinction.reveal())
  const number = numberDigest(keys, to)
  return idempotencyKey === undefined
    ? {
        key: keys.digest('message', route, caller, content),
        content,
        number,
        hold: { whileUnknown: codeLifetimeMs, afterAcceptance: HOLD_WITHOUT_ANSWER, afterAnswer: HOLD_AFTER_ANSWER }
      }
    : {
        key: keys.digest('callers-key', route, caller, idempotencyKey.value.reveal()),
        content,
        number,
        hold: { whileUnknown: idempotencyKey.holdFor, afterAcceptance: idempotencyKey.holdFor, afterAnswer: undefined }
      }
}
