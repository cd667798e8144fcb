import type { CallSignal, IncomingCallSignal, ReportSignal, Signal } from '../domain/signal.ts'
import type { Bus } from '../observability/bus.ts'
import type { Attempts, AttemptNews } from '../store/attempts.ts'
import type { Announcements } from './announcements.ts'
import type { CallFlow } from './call-flow.ts'
import type { Unfinished } from './unfinished.ts'

export interface TrackDeps {
  readonly attempts: Attempts
  readonly unfinished: Unfinished
  /** What the events are of, for the record. */
  readonly vendor: string
  /** Absent where no calls can be made. */
  readonly calls: {
    readonly flow: CallFlow
    readonly announcements: Announcements
    readonly incoming: (signal: IncomingCallSignal) => Promise<void>
  } | undefined
  readonly bus: Bus
}

/**
 * Takes what providers tell. One signal that fails does not keep the others back; in the end the first failure is
 * thrown, so that the sender sends all of them again, which changes nothing for those that were taken.
 */
export type Track = (signals: readonly Signal[]) => Promise<void>

export const createTrack = ({ attempts, unfinished, vendor, calls, bus }: TrackDeps): Track => {
  const ignoreForeign = (): void => { bus.emit({ type: 'events.ignored', provider: vendor, why: 'foreign', count: 1 }) }

  const record = async (news: AttemptNews): Promise<void> => {
    const applied = await attempts.apply(news)
    if (applied === undefined) ignoreForeign()
    else if (applied.changed) bus.emit({ type: 'delivery.updated', delivery: applied.delivery, attempt: news.attempt, status: applied.status, reason: news.reason, vendorCode: news.vendorCode })
  }

  const report = async ({ attempt, reference, key, status, reason, vendorCode }: ReportSignal): Promise<void> => {
    const found = attempt ?? await attempts.findByReference(reference as string)
    if (found === undefined) ignoreForeign()
    else await record({ attempt: found, channel: 'sms', key, what: `report.${status}`, status, reason, vendorCode })
  }

  const call = async (flow: CallFlow, signal: CallSignal): Promise<void> => {
    const { delivery, attempt, key, event, vendorCode } = signal
    const verdict = await flow.handle(signal)
    if (verdict === 'foreign') {
      ignoreForeign()
      return
    }
    bus.emit({ type: 'call.event', delivery, attempt, event: event.type, step: 'step' in event ? event.step : undefined })
    const { status, reason, after } = verdict
    const news: AttemptNews = { attempt, channel: 'voice', key, what: `call.${event.type}`, status, reason, vendorCode }
    try {
      await record(news)
    } catch (error) {
      // A call does not happen again: what it told is kept until it can be written down.
      unfinished.settle('recording a call', () => record(news))
      throw error
    } finally {
      await after?.()
    }
  }

  const take = async (signal: Signal): Promise<void> => {
    if (signal.kind === 'report') await report(signal)
    else if (calls === undefined) ignoreForeign()
    else if (signal.kind === 'call') await call(calls.flow, signal)
    else if (signal.kind === 'announcement') await calls.announcements.handle(signal)
    else await calls.incoming(signal)
  }

  return async (signals) => {
    const results = await Promise.allSettled(signals.map(take))
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}
