import { Deadline } from '../domain/deadline.ts'
import type { Keys } from '../domain/keys.ts'
import { mayTry } from '../domain/reason.ts'
import type { Bus } from '../observability/bus.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { MakeAttempt } from './attempt.ts'
import { openMessage } from './kept-message.ts'
import type { Plan } from './plan.ts'

export interface RetryDeps {
  readonly deliveries: Deliveries
  readonly makeAttempt: MakeAttempt
  readonly plan: Plan
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
 * any number of processes one gets it, and once only. Where it is not to be sent again, nothing happens.
 */
export const createRetry = ({ deliveries, makeAttempt, plan, keys, bus, now }: RetryDeps) => async (delivery: string): Promise<void> => {
  const kept = await deliveries.takeKeptMessage(delivery)
  const message = kept && openMessage(kept.sealed, delivery, keys)
  if (kept === undefined || message === undefined || kept.expiresIn < LEAST_LIFE) return
  const order = { delivery, ...message, expiresAt: now() + kept.expiresIn }
  const deadline = Deadline.in(BUDGET)
  bus.emit({ type: 'delivery.retried', delivery })
  // Somebody may have been called back meanwhile; that was none of the plan.
  const last = kept.attempted.findLast((name) => kept.plan.includes(name))
  for (const provider of plan.again('sms', kept.plan, last)) {
    const result = await makeAttempt({ order, provider, claim: undefined, deadline: deadline.share(SHARE) })
    const isOver = result.kind === 'lost' || result.kind === 'accepted' || result.kind === 'unknown' || !mayTry('provider', result.reason)
    if (isOver) return
  }
}
