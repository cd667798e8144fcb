import type { Keys } from '../domain/keys.ts'
import type { Guard } from '../guard/guard.ts'
import type { Meter } from '../guard/meter.ts'
import type { Bus } from '../observability/bus.ts'
import type { CallControl, Provider } from '../providers/provider.ts'
import type { Tables } from '../store/tables.ts'
import type { MakeAttempt } from './attempt.ts'
import { createConductedCalls, type ConductedCallsDeps } from './conducted-calls.ts'
import { createEndCalls } from './end-calls.ts'
import type { EscalationRules } from './escalation-message.ts'
import { createReportsArrive } from './escalation-reports.ts'
import { createEscalate } from './escalation.ts'
import { createGiveFeedback } from './feedback.ts'
import type { DoWork } from './housekeeping.ts'
import { createInquire } from './inquiries.ts'
import { meteredNews } from './metering.ts'
import type { Plan } from './plan.ts'
import { createRetry } from './retries.ts'
import { createSearch } from './search.ts'
import { createSteadfastCalls } from './steadfast-calls.ts'
import { createTrack, type Track, type TrackDeps } from './track.ts'
import type { Unfinished } from './unfinished.ts'

/** What the operator has set of what follows a sending. */
export interface FollowUpRules {
  readonly incomingCalls: ConductedCallsDeps['mode']
  readonly voice: ConductedCallsDeps['voice']
  readonly retrySms: boolean
  readonly escalation: EscalationRules
}

export interface FollowUpDeps {
  readonly rules: FollowUpRules
  readonly tables: Tables
  readonly providers: readonly Provider[]
  /** Absent where no calls are conducted. */
  readonly control: CallControl | undefined
  readonly ownNumbers: ConductedCallsDeps['ownNumbers']
  readonly hintOf: TrackDeps['hintOf']
  readonly makeAttempt: MakeAttempt
  readonly plan: Plan
  readonly guard: Guard
  readonly meter: Meter
  readonly unfinished: Unfinished
  readonly keys: Keys
  readonly bus: Bus
  readonly now: () => number
  /** How long a call may take from the request to its end, in milliseconds. */
  readonly longestCallMs: number
}

/** What is done about messages once they were sent. */
export interface FollowUp {
  /** Takes what vendors tell. */
  readonly track: Track
  /** What is done when it falls due. */
  readonly work: Readonly<Record<'end-call' | 'end-announcement' | 'retry' | 'feedback' | 'escalate', DoWork>>
  /** Asks vendors about messages of which nothing is heard. */
  readonly inquire: ReturnType<typeof createInquire>
}

/** How long after a report a text is sent once more, in milliseconds. */
const RETRY_AFTER_MS = 10_000

/** Ties together what follows a sending: reports, calls, retries, escalation, feedback, questions to vendors. */
export const createFollowUp = (deps: FollowUpDeps): FollowUp => {
  const { rules, tables, providers, control, hintOf, meter, unfinished, keys, bus, now } = deps
  const { attempts, deliveries, due, escalations, inquiries, reports, searches, traffic } = tables
  const calls = createSteadfastCalls(tables.calls, unfinished, bus)
  const conducted = createConductedCalls({ ...deps, mode: rules.incomingCalls, voice: rules.voice, calls, attempts, due, deliveries })
  const trackOf = (source: { readonly asked: boolean }): Track => createTrack({
    attempts: meteredNews(attempts, meter, source),
    unfinished,
    hintOf,
    retryLater: rules.retrySms ? (delivery) => due.add({ id: delivery, kind: 'retry' }, RETRY_AFTER_MS) : undefined,
    escalateNow: escalations.hasten,
    bus,
    now,
    calls: conducted
  })
  const [track, trackAnswers] = [trackOf({ asked: false }), trackOf({ asked: true })]
  const endCalls = createEndCalls({ attempts, calls, control, bus, now })
  const reportsArrive = createReportsArrive({ traffic, reports, now })
  return {
    track,
    work: {
      'end-call': endCalls.ofAttempt,
      'end-announcement': endCalls.byReference,
      // What is still due from a time when texts were sent once more stays unsent.
      retry: rules.retrySms ? createRetry({ ...deps, deliveries }) : async () => {},
      feedback: createGiveFeedback({ attempts, providers }),
      escalate: createEscalate({ ...deps, rules: rules.escalation, escalations, track: trackAnswers, reportsArrive })
    },
    inquire: createInquire({ inquiries, providers, track: trackAnswers, search: createSearch({ searches, keys, track: trackAnswers, bus, now }) })
  }
}
