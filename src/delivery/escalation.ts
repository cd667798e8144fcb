import { Deadline } from '../domain/deadline.ts'
import type { Keys } from '../domain/keys.ts'
import type { Channel } from '../domain/message.ts'
import type { Reason } from '../domain/reason.ts'
import type { Guard } from '../guard/guard.ts'
import type { Bus } from '../observability/bus.ts'
import type { Provider } from '../providers/provider.ts'
import type { EscalationAttempt, Escalations, EscalationState } from '../store/escalations.ts'
import type { MakeAttempt } from './attempt.ts'
import { openEscalation, type EscalationMessage, type EscalationRules } from './escalation-message.ts'
import type { ReportsArrive } from './escalation-reports.ts'
import { judgeEscalation } from './escalation-verdict.ts'
import type { Plan } from './plan.ts'
import { judgeLater, LEAST_LIFE, sendLater, tryInTurn } from './send-later.ts'
import type { Track } from './track.ts'
import type { Unfinished } from './unfinished.ts'
import { vendorOf } from './vendor-of.ts'

export interface EscalationDeps {
  readonly rules: EscalationRules
  readonly escalations: Escalations
  readonly makeAttempt: MakeAttempt
  readonly plan: Plan
  readonly providers: readonly Provider[]
  readonly guard: Guard
  readonly track: Track
  readonly reportsArrive: ReportsArrive
  readonly unfinished: Unfinished
  readonly keys: Keys
  readonly bus: Bus
  readonly now: () => number
  /** How long a call may take from the request to its end, in milliseconds. */
  readonly longestCallMs: number
}

/** Milliseconds that a vendor has to tell what became of a message. */
const ASK_BUDGET = 5000

/** How soon a delivery is looked at again of which its vendor, asked for it, has told something; in milliseconds. */
const AFTER_WORD = 5000

/** A step that is meant, and what it is about. */
interface Meant {
  readonly delivery: string
  readonly state: EscalationState
  readonly from: EscalationAttempt
  readonly why: Reason
}

/**
 * Looks at a delivery, and sends its code by the next channel where it did not arrive. Each step is taken before it is
 * sent, by one of any number of processes: if this one dies in between the step is lost, and the one after it still due.
 * Throws where the store cannot be asked: then it is looked at again later.
 */
export const createEscalate = (deps: EscalationDeps) => {
  const { rules, escalations, reportsArrive, longestCallMs } = deps

  /** Asks the vendor for a report that did not come: it may have been lost on its way to us. */
  const ask = async ({ id, provider: name, channel, reference }: EscalationAttempt): Promise<boolean> => {
    const inquiry = deps.providers.find((provider) => provider.name === name && provider.channel === channel)?.inquiry
    const word = reference === undefined ? undefined : await inquiry?.ask(reference, Deadline.in(ASK_BUDGET))
    if (word === undefined) return false
    await deps.track(vendorOf(name), [{ kind: 'report', channel, attempt: id, reference, key: `asked ${word.status}`, what: `report.${word.status}`, ...word }])
    return true
  }

  const goOn = async (meant: Meant): Promise<void> => {
    const { delivery, state } = meant
    const message = openEscalation(state.sealed, delivery, deps.keys)
    const channel = message && channelFor(deps, state, message)
    if (message === undefined || channel === undefined) await escalations.end(delivery, state.left)
    else await stepTo(deps, meant, message, channel)
  }

  return async (delivery: string): Promise<'kept' | undefined> => {
    const state = await escalations.find(delivery)
    if (state === undefined) return undefined
    if (!state.isDue) return 'kept'
    const verdict = judgeEscalation(state, { afterMs: rules.afterMs, longestCallMs })
    switch (verdict.kind) {
      case 'over':
        await escalations.end(delivery, state.left)
        break
      case 'wait':
        await escalations.later(delivery, state.lease, verdict.milliseconds)
        break
      case 'rest':
        await escalations.rest(delivery, state.lease)
        break
      case 'go':
        await goOn({ delivery, state, ...verdict })
        break
      case 'unheard':
        if (!await reportsArrive(verdict.of, state.country)) await escalations.rest(delivery, state.lease)
        else if (await ask(verdict.of)) await escalations.later(delivery, state.lease, AFTER_WORD)
        else await goOn({ delivery, state, ...verdict })
    }
    return 'kept'
  }
}

/** The next channel that there is a provider for, as far as the operator still wants it. */
const channelFor = ({ rules, plan }: EscalationDeps, { hook, left }: EscalationState, { to }: EscalationMessage): Channel | undefined =>
  rules.hooks.has(hook) ? left.find((channel) => rules.channels.includes(channel) && plan.for(channel, to.country, true).length > 0) : undefined

/** Takes a step and sends it, if the guard lets it; what the guard does not let goes nowhere else either. */
const stepTo = async (deps: EscalationDeps, { delivery, state, from, why }: Meant, message: EscalationMessage, channel: Channel): Promise<void> => {
  const { escalations, guard, makeAttempt, plan, rules, bus, now } = deps
  const { asker, ...content } = message
  const judgement = judgeLater(guard, { ...content, channel }, asker)
  if (judgement.isTest) {
    await escalations.end(delivery, state.left)
    return
  }
  const step = { delivery, left: state.left, channel, attempt: from.id, why, againIn: rules.afterMs, leastLife: LEAST_LIFE }
  await sendLater(deps, delivery, judgement, async () => {
    if (!await escalations.take(step)) return false
    bus.emit({ type: 'delivery.escalated', delivery, channel, why, trace: state.trace })
    const order = { delivery, ...content, text: undefined, expiresAt: now() + state.expiresIn }
    const wasSent = await tryInTurn(makeAttempt, { order, trace: state.trace }, plan.for(channel, content.to.country, true))
    // Nothing went out: the step after this one, if there is one, need not wait.
    if (!wasSent) await escalations.hasten(delivery)
    return wasSent
  }, async (reason) => { await escalations.refuse(delivery, state.left, from.id, reason) })
}
