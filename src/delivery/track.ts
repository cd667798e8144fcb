import type { DeliveryStatus } from '../domain/delivery-status.ts'
import type { Reason } from '../domain/reason.ts'
import type { AnnouncementSignal, CallSignal, IncomingCallSignal, ReportSignal, Signal } from '../domain/signal.ts'
import type { Bus } from '../observability/bus.ts'
import type { Attempts, AttemptNews } from '../store/attempts.ts'
import type { CallFlow } from './call-flow.ts'

export interface TrackDeps {
  readonly attempts: Attempts
  /** What the events are of, for the record. */
  readonly vendor: string
  /** Absent where no calls can be made. */
  readonly calls: {
    readonly flow: CallFlow
    readonly announce: (signal: AnnouncementSignal) => Promise<void>
    readonly incoming: (signal: IncomingCallSignal) => Promise<void>
  } | undefined
  readonly bus: Bus
}

/**
 * Takes what providers tell. One signal that fails does not keep the others back; in the end the first failure is
 * thrown, so that the sender sends all of them again, which changes nothing for those that were taken.
 */
export type Track = (signals: readonly Signal[]) => Promise<void>

export const createTrack = ({ attempts, vendor, calls, bus }: TrackDeps): Track => {
  const record = async (news: AttemptNews): Promise<void> => {
    const applied = await attempts.apply(news)
    if (applied === undefined) bus.emit({ type: 'events.ignored', provider: vendor, why: 'foreign', count: 1 })
    else if (applied.changed) bus.emit({ type: 'delivery.updated', delivery: applied.delivery, attempt: news.attempt, status: applied.status, reason: news.reason })
  }

  const report = async ({ attempt, reference, key, status, reason }: ReportSignal): Promise<void> => {
    const found = attempt ?? await attempts.findByReference(reference as string)
    if (found === undefined) bus.emit({ type: 'events.ignored', provider: vendor, why: 'foreign', count: 1 })
    else await record({ attempt: found, key, what: `report.${status}`, status, reason })
  }

  const call = async (flow: CallFlow, signal: CallSignal): Promise<void> => {
    const { delivery, attempt, key, event } = signal
    const verdict = await flow.handle(signal)
    if (verdict === 'foreign') {
      bus.emit({ type: 'events.ignored', provider: vendor, why: 'foreign', count: 1 })
      return
    }
    bus.emit({ type: 'call.event', delivery, attempt, event: event.type, step: 'step' in event ? event.step : undefined })
    const status: DeliveryStatus | undefined = verdict.status
    const reason: Reason | undefined = verdict.status === 'undelivered' ? verdict.reason : undefined
    await record({ attempt, key, what: `call.${event.type}`, status, reason })
  }

  const take = async (signal: Signal): Promise<void> => {
    if (signal.kind === 'report') await report(signal)
    else if (calls === undefined) bus.emit({ type: 'events.ignored', provider: vendor, why: 'foreign', count: 1 })
    else if (signal.kind === 'call') await call(calls.flow, signal)
    else if (signal.kind === 'announcement') await calls.announce(signal)
    else await calls.incoming(signal)
  }

  return async (signals) => {
    const results = await Promise.allSettled(signals.map(take))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}
