import type { Bus } from '../observability/bus.ts'
import type { CallControl } from '../providers/provider.ts'
import type { Attempts } from '../store/attempts.ts'
import { ENDED, type Calls } from '../store/calls.ts'

export interface EndCallsDeps {
  readonly attempts: Attempts
  readonly calls: Calls
  /** Absent where no calls are conducted. */
  readonly control: CallControl | undefined
  readonly bus: Bus
  readonly now: () => number
}

/** Ends calls that last too long. What fails half-way throws, and may all be done again. */
export interface EndCalls {
  /** Ends the call of an attempt of ours, and records why. */
  ofAttempt (attempt: string): Promise<void>
  /** Ends a call that somebody made to us. */
  byReference (reference: string): Promise<void>
}

export const createEndCalls = ({ attempts, calls, control, bus, now }: EndCallsDeps): EndCalls => {
  /** A call that may still go on stays due. */
  const hangUp = async (reference: string): Promise<void> => {
    if (control !== undefined && !await control.hangUp(reference)) throw new Error('the call may still go on')
  }

  const tellTooLong = async (attempt: string): Promise<void> => {
    const reason = 'call_too_long'
    const news = await attempts.apply({
      vendor: undefined,
      attempt,
      channel: 'voice',
      reference: undefined,
      key: 'call too long',
      what: 'call.ended-by-us',
      status: 'undelivered',
      reason,
      vendorCode: undefined
    })
    if (news?.changed !== true) return
    const { delivery, provider, status, attemptStatus, attemptWas, country, attemptedAt, trace } = news
    bus.emit({ type: 'delivery.updated', delivery, attempt, provider, channel: 'voice', country, what: 'call.ended-by-us', status, attemptStatus, attemptWas, reason, vendorCode: undefined, hint: undefined, attemptedAt, milliseconds: now() - attemptedAt, trace })
  }

  return {
    async ofAttempt (attempt) {
      const call = await calls.find(attempt)
      if (call?.reference !== undefined) {
        // Told before the call is ended: the end of the call, which the provider tells in turn, has no better reason.
        if (call.step !== ENDED) await tellTooLong(attempt)
        await hangUp(call.reference)
      }
      await calls.over(attempt)
    },
    byReference: hangUp
  }
}
