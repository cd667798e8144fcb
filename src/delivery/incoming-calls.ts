import { Deadline } from '../domain/deadline.ts'
import type { Keys } from '../domain/keys.ts'
import { numberDigest } from '../domain/number-digest.ts'
import type { IncomingCallSignal } from '../domain/signal.ts'
import type { Guard } from '../guard/guard.ts'
import type { Bus } from '../observability/bus.ts'
import type { CallControl, Provider } from '../providers/provider.ts'
import type { Deliveries } from '../store/deliveries.ts'
import { localeOfCountry } from '../wording/wording.ts'
import type { Announcements } from './announcements.ts'
import type { MakeAttempt } from './attempt.ts'
import { openKeptCode } from './kept-code.ts'
import type { PhoneNumber } from '../domain/phone-number.ts'
import { judgeLater, sendLater } from './send-later.ts'
import type { Unfinished } from './unfinished.ts'

export interface IncomingCallDeps {
  readonly mode: 'reject' | 'announce' | 'call-back'
  readonly control: CallControl
  readonly announcements: Announcements
  readonly keys: Keys
  readonly deliveries: Deliveries
  readonly makeAttempt: MakeAttempt
  readonly voiceProvider: Provider
  readonly guard: Guard
  readonly unfinished: Unfinished
  /** Numbers of ours, in E.164 form: they are never called back. */
  readonly ownNumbers: readonly string[]
  readonly bus: Bus
  readonly now: () => number
}

/** Milliseconds for placing a call back; Event Grid waits 30 s. */
const CALL_BACK_BUDGET = 10_000

/**
 * Answers for the number when somebody calls it. A caller's number can be forged: no code is ever spoken into an
 * incoming call; at most the number that a code was sent to is rung back.
 */
export const createIncomingCalls = (deps: IncomingCallDeps) => async ({ from, context }: IncomingCallSignal): Promise<void> => {
  const { mode, control, announcements, bus } = deps
  if (from !== undefined && deps.ownNumbers.includes(from.e164)) {
    await control.reject(context)
    bus.emit({ type: 'call.incoming', answer: 'ignored' })
  } else if (mode === 'announce') {
    await announcements.answer(context, localeOfCountry(from?.country))
    bus.emit({ type: 'call.incoming', answer: 'announced' })
  } else {
    await control.reject(context)
    const calledBack = mode === 'call-back' && from !== undefined && await callBack(deps, from)
    bus.emit({ type: 'call.incoming', answer: calledBack ? 'called-back' : 'rejected' })
  }
}

/**
 * Rings a number with the code that was sent to it, if one is still valid and the guard lets it; each code once. One that
 * the guard refuses is gone as well.
 */
const callBack = async (deps: IncomingCallDeps, to: PhoneNumber): Promise<boolean> => {
  const { keys, deliveries, guard, makeAttempt, voiceProvider, now } = deps
  const kept = await deliveries.takeKeptCode(numberDigest(keys, to))
  const opened = kept && openKeptCode(kept.sealed, kept.delivery, keys)
  if (kept === undefined || opened === undefined) return false
  const { asker, ...content } = opened
  const order = { delivery: kept.delivery, to, text: undefined, ...content, expiresAt: now() + kept.expiresIn }
  return await sendLater(deps, kept.delivery, judgeLater(guard, { ...order, channel: 'voice' }, asker), async () => {
    const result = await makeAttempt({ order, provider: voiceProvider, claim: undefined, deadline: Deadline.in(CALL_BACK_BUDGET) })
    return result.kind === 'accepted' || result.kind === 'unknown'
  })
}
