import { mayTry, type Reason } from '../domain/reason.ts'
import type { EscalationAttempt, EscalationState } from '../store/escalations.ts'
import { LEAST_LIFE } from './send-later.ts'

/** What is to be done about a delivery that may go on by another channel. */
export type EscalationVerdict =
  /** It goes nowhere any more. */
  | { readonly kind: 'over' }
  /** It is to be looked at again, in milliseconds. */
  | { readonly kind: 'wait', readonly milliseconds: number }
  /** Nothing but what is yet to be told changes anything. */
  | { readonly kind: 'rest' }
  /** It goes on. `from`: the newest attempt. */
  | { readonly kind: 'go', readonly from: EscalationAttempt, readonly why: Reason }
  /** The same, if the report on `of`, for which it has waited in vain, would have come. */
  | { readonly kind: 'unheard', readonly of: EscalationAttempt, readonly from: EscalationAttempt, readonly why: Reason }

/** In milliseconds. */
export interface EscalationTimes {
  /** How long a report may take. */
  readonly afterMs: number
  /** How long a call may take, from the request to its end. */
  readonly longestCallMs: number
}

/** How soon what is under way is looked at again, in milliseconds. */
const SOON = 5000

const OVER: EscalationVerdict = { kind: 'over' }

/** Judges how a delivery stands. Asks nobody: whether reports come at all is not its to say. */
export const judgeEscalation = (state: EscalationState, times: EscalationTimes): EscalationVerdict => {
  const { attempts, expiresIn, status, isOvertaken, isRetried, sinceStep } = state
  const isEnded = status === 'delivered' || status === 'refused' || status === 'failed'
  if (isEnded || isOvertaken || expiresIn < LEAST_LIFE || attempts.some(({ forbids }) => forbids)) return OVER
  const taken = attempts.filter((attempt) => attempt.status !== 'refused' && attempt.status !== 'failed')
  const [newest] = attempts
  const [last] = taken
  if (newest === undefined || last === undefined || isRetried || taken.some((attempt) => attempt.status === 'pending')) return { kind: 'wait', milliseconds: SOON }
  // A step was taken, and whoever took it has begun no attempt: it is under way, or lost.
  if (sinceStep !== undefined && newest.age > sinceStep && sinceStep < times.afterMs) return { kind: 'wait', milliseconds: times.afterMs - sinceStep }
  if (newest !== last && !leadsOn(newest)) return OVER
  const tooEarly = patienceFor(last, times) - last.age
  if (last.status !== 'undelivered' && tooEarly > 0) return { kind: 'wait', milliseconds: tooEarly }
  return judgeEvidence(evidenceOf(taken), newest)
}

const judgeEvidence = (evidence: EscalationAttempt, from: EscalationAttempt): EscalationVerdict => {
  const why = isHeard(from) ? from.reason ?? 'unspecified' : 'no_report'
  if (evidence.status === 'undelivered') return leadsOn(evidence) ? { kind: 'go', from, why } : OVER
  return evidence.saysNone ? { kind: 'rest' } : { kind: 'unheard', of: evidence, from, why }
}

const isHeard = ({ status }: EscalationAttempt): boolean => status === 'undelivered' || status === 'refused' || status === 'failed'

/** What we ourselves broke off, and what was never taken, says nothing against another channel. */
const leadsOn = ({ reason }: EscalationAttempt): boolean =>
  reason !== undefined && reason !== 'no_report' && (mayTry('channel', reason) || reason === 'no_time_left' || reason === 'not_taken')

/** A call tells what became of it when it is over. */
const patienceFor = ({ channel }: EscalationAttempt, { afterMs, longestCallMs }: EscalationTimes): number =>
  channel === 'voice' ? Math.max(afterMs, longestCallMs) : afterMs

/**
 * The newest attempt that somebody took. Of one whose answer was lost nobody knows whether it went out: once its time is
 * over, that counts which was known before it. Where nothing was, it is waited for like any other.
 */
const evidenceOf = (taken: readonly EscalationAttempt[]): EscalationAttempt =>
  taken.find(({ status, saysNone }) => status !== 'unknown' || saysNone) ?? taken.at(-1) as EscalationAttempt
