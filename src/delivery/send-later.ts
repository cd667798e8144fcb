import { Deadline } from '../domain/deadline.ts'
import { NOBODY, type Message } from '../domain/message.ts'
import { mayTry, type Reason } from '../domain/reason.ts'
import type { Guard, Judgement } from '../guard/guard.ts'
import type { Provider } from '../providers/provider.ts'
import type { AttemptRequest, MakeAttempt } from './attempt.ts'
import type { Unfinished } from './unfinished.ts'

/** By what the person who asked is counted: keyed digests, which are kept with a message that may be sent later. */
export type Asker = Pick<Judgement['counted'], 'ip' | 'user'>

/** Judges what is sent later than it was asked for, as asked by the same person. */
export const judgeLater = (guard: Guard, message: Pick<Message, 'to' | 'channel' | 'code'>, { ip, user }: Asker): Judgement => {
  const judgement = guard.judge({ ...message, codeMaker: undefined, requester: NOBODY, caller: NO_CALLER })
  return { ...judgement, counted: { ...judgement.counted, ip, user } }
}

/** Of nobody it does not matter whose user he is. */
const NO_CALLER = ''

export interface SendLaterDeps {
  readonly guard: Guard
  readonly unfinished: Unfinished
}

/** Milliseconds in all. Nobody waits for it but a process that ends. */
const BUDGET = 10_000

/** The part of the time that is left which a provider has. */
const SHARE = 0.6

/** With less life than that left, in milliseconds, a code is of no use to a person any more. */
export const LEAST_LIFE = 20_000

/** Tries providers in turn, with no key at stake. Says whether one of them took the message, or may have taken it. */
export const tryInTurn = async (
  makeAttempt: MakeAttempt, { order, trace }: Pick<AttemptRequest, 'order' | 'trace'>, providers: readonly Provider[]
): Promise<boolean> => {
  const deadline = Deadline.in(BUDGET)
  for (const provider of providers) {
    const result = await makeAttempt({ order, provider, claim: undefined, deadline: deadline.share(SHARE), trace })
    if (result.kind === 'accepted' || result.kind === 'unknown') return true
    if (result.kind === 'lost' || !mayTry('provider', result.reason)) return false
  }
  return false
}

/**
 * Sends a message of a delivery later than it was asked for, if the guard lets it. `work` says whether it was, or may have
 * been, sent, and throws only where it was not: that counts for nothing. Says the same, and `false` as well where the guard
 * refuses it, which `refused` is told of, or the number is one for tests. Throws `StoreUnavailable` where the guard cannot tell: nothing is sent then.
 */
export const sendLater = async (
  { guard, unfinished }: SendLaterDeps, delivery: string, judgement: Judgement, work: () => Promise<boolean>,
  refused: (reason: Reason) => Promise<void> = async () => {}
): Promise<boolean> => {
  if (judgement.isTest) return false
  const admission = await guard.admit(delivery, judgement)
  if (admission.kind === 'refused') {
    await refused(admission.reason)
    return false
  }
  let wasSent = false
  try {
    wasSent = await work()
    return wasSent
  } finally {
    await unfinished.settle('settling a budget', () => admission.settle(wasSent))
  }
}
