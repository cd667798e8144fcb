import { Deadline } from '../domain/deadline.ts'
import type { Keys } from '../domain/keys.ts'
import { mayTry } from '../domain/reason.ts'
import type { Guard } from '../guard/guard.ts'
import type { Bus } from '../observability/bus.ts'
import type { Deliveries, KeptMessage } from '../store/deliveries.ts'
import type { MakeAttempt } from './attempt.ts'
import { openMessage } from './kept-message.ts'
import type { Plan } from './plan.ts'
import { judgeLater, sendLater } from './send-later.ts'
import type { Unfinished } from './unfinished.ts'

export interface RetryDeps {
  readonly deliveries: Deliveries
  readonly makeAttempt: MakeAttempt
  readonly plan: Plan
  readonly guard: Guard
  readonly unfinished: Unfinished
  readonly keys: Keys
  readonly bus: Bus
  readonly now: () => number
}

/** Milliseconds in all. Nobody waits for it but a process that ends. */
const BUDGET = 10_000

/** The part of the time that is left which a provider has. */
const SHARE = 0.6

/** With less life than that left, in milliseconds, a code is of no use to a person any more. */
const LEAST_LIFE = 20_000

/**
 * Sends a text once more that the carrier did not deliver for a reason that passes. The kept message is taken first: of
 * any number of processes one gets it, and once only. Where it is not to be sent again, or the guard refuses it by now,
 * nothing happens, and the message is gone.
 */
export const createRetry = (deps: RetryDeps) => async (delivery: string): Promise<void> => {
  const { deliveries, guard, keys, bus, now } = deps
  const kept = await deliveries.takeKeptMessage(delivery)
  const message = kept && openMessage(kept.sealed, delivery, keys)
  if (kept === undefined || message === undefined || kept.expiresIn < LEAST_LIFE) return
  const { asker, ...content } = message
  // It goes by the channel that it went by: what the guard says of landlines was asked before it was kept.
  await sendLater(deps, delivery, judgeLater(guard, { ...content, channel: 'sms' }, asker), async () => {
    bus.emit({ type: 'delivery.retried', delivery })
    return await send(deps, { delivery, ...content, expiresAt: now() + kept.expiresIn }, kept)
  })
}

/** Tries the providers of its plan in turn, from the next one on. Says whether one of them took it, or may have taken it. */
const send = async ({ makeAttempt, plan }: RetryDeps, order: Parameters<MakeAttempt>[0]['order'], kept: KeptMessage): Promise<boolean> => {
  const deadline = Deadline.in(BUDGET)
  // Somebody may have been called back meanwhile; that was none of the plan.
  const last = kept.attempted.findLast((name) => kept.plan.includes(name))
  for (const provider of plan.again('sms', kept.plan, last)) {
    const result = await makeAttempt({ order, provider, claim: undefined, deadline: deadline.share(SHARE) })
    if (result.kind === 'accepted' || result.kind === 'unknown') return true
    if (result.kind === 'lost' || !mayTry('provider', result.reason)) return false
  }
  return false
}
