import type { Keys } from '../domain/keys.ts'
import type { Guard } from '../guard/guard.ts'
import type { Bus } from '../observability/bus.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { MakeAttempt } from './attempt.ts'
import { openMessage } from './kept-message.ts'
import type { Plan } from './plan.ts'
import { judgeLater, LEAST_LIFE, sendLater, tryInTurn } from './send-later.ts'
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

/**
 * Sends a text once more that the carrier did not deliver for a reason that passes. The kept message is taken first: of
 * any number of processes one gets it, and once only. Where it is not to be sent again, or the guard refuses it by now,
 * nothing happens, and the message is gone.
 */
export const createRetry = (deps: RetryDeps) => async (delivery: string): Promise<void> => {
  const { deliveries, makeAttempt, plan, guard, keys, bus, now } = deps
  const kept = await deliveries.takeKeptMessage(delivery)
  const message = kept && openMessage(kept.sealed, delivery, keys)
  if (kept === undefined || message === undefined || kept.expiresIn < LEAST_LIFE) return
  const { asker, ...content } = message
  // It goes by the channel that it went by: what the guard says of landlines was asked before it was kept.
  await sendLater(deps, delivery, judgeLater(guard, { ...content, channel: 'sms' }, asker), async () => {
    bus.emit({ type: 'delivery.retried', delivery, trace: kept.trace })
    // Somebody may have been called back meanwhile; that was none of the plan.
    const last = kept.attempted.findLast((name) => kept.plan.includes(name))
    const order = { delivery, ...content, expiresAt: now() + kept.expiresIn }
    return await tryInTurn(makeAttempt, { order, trace: kept.trace }, plan.again('sms', kept.plan, last))
  })
}
