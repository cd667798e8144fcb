import { NOBODY, type Message } from '../domain/message.ts'
import type { Guard, Judgement } from '../guard/guard.ts'
import type { Unfinished } from './unfinished.ts'

/** By what the person who asked is counted: keyed digests, which are kept with a message that may be sent later. */
export type Asker = Pick<Judgement['counted'], 'ip' | 'user'>

/** Judges what is sent later than it was asked for, as asked by the same person. */
export const judgeLater = (guard: Guard, message: Pick<Message, 'to' | 'channel' | 'code'>, { ip, user }: Asker): Judgement => {
  const judgement = guard.judge({ ...message, requester: NOBODY, caller: NO_CALLER })
  return { ...judgement, counted: { ...judgement.counted, ip, user } }
}

/** Of nobody it does not matter whose user he is. */
const NO_CALLER = ''

export interface SendLaterDeps {
  readonly guard: Guard
  readonly unfinished: Unfinished
}

/**
 * Sends a message of a delivery later than it was asked for, if the guard lets it. `work` says whether it was, or may have
 * been, sent, and throws only where it was not: that counts for nothing. Says the same, and `false` as well where the guard
 * refuses it, or the number is one for tests. Throws `StoreUnavailable` where the guard cannot tell: nothing is sent then.
 */
export const sendLater = async (
  { guard, unfinished }: SendLaterDeps, delivery: string, judgement: Judgement, work: () => Promise<boolean>
): Promise<boolean> => {
  if (judgement.isTest) return false
  const admission = await guard.admit(delivery, judgement)
  if (admission.kind === 'refused') return false
  let wasSent = false
  try {
    wasSent = await work()
    return wasSent
  } finally {
    await unfinished.settle('settling a budget', () => admission.settle(wasSent))
  }
}
