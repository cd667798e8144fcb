import { mayTry } from '../domain/reason.ts'
import type { CallSignal, IncomingCallSignal, ReportSignal, Signal } from '../domain/signal.ts'
import type { Bus } from '../observability/bus.ts'
import type { Attempts, AttemptNews } from '../store/attempts.ts'
import type { Announcements } from './announcements.ts'
import type { CallFlow } from './call-flow.ts'
import { throwFirst } from './throw-first.ts'
import type { Unfinished } from './unfinished.ts'

export interface TrackDeps {
  readonly attempts: Attempts
  readonly unfinished: Unfinished
  /** What an operator can do about a provider's code for a failure, where something is known. */
  readonly hintOf: (provider: string, vendorCode: string, country: string | undefined) => string | undefined
  /** Told of texts that did not arrive for a reason that passes; absent where nothing is sent once more. */
  readonly retryLater: ((delivery: string) => Promise<void>) | undefined
  /** Told of deliveries that did not arrive for a reason after which another channel may be tried. */
  readonly escalateNow: (delivery: string) => Promise<void>
  /** Absent where no calls can be made. */
  readonly calls: {
    readonly flow: CallFlow
    readonly announcements: Announcements
    readonly incoming: (signal: IncomingCallSignal) => Promise<void>
  } | undefined
  readonly bus: Bus
  readonly now: () => number
}

/**
 * Takes what a vendor tells; of what went by another vendor it is not believed. One signal that fails does not keep the
 * others back; in the end the first failure is thrown, so that the sender sends all of them again, which changes nothing
 * for those that were taken.
 */
export type Track = (vendor: string, signals: readonly Signal[]) => Promise<void>

type News = Omit<AttemptNews, 'vendor'>

export const createTrack = ({ attempts, unfinished, hintOf, retryLater, escalateNow, calls, bus, now }: TrackDeps): Track => {
  const ignoreForeign = (vendor: string): void => { bus.emit({ type: 'events.ignored', provider: vendor, why: 'foreign', count: 1 }) }

  /** Gives the context of the span that the message belongs to. */
  const record = async (vendor: string, news: News): Promise<string | undefined> => {
    const applied = await attempts.apply({ ...news, vendor })
    if (applied === undefined) {
      ignoreForeign(vendor)
      return undefined
    }
    const { attempt, channel, reason, vendorCode } = news
    const { delivery, provider, country, attemptedAt, trace } = applied
    const hint = vendorCode && hintOf(provider, vendorCode, country)
    if (applied.changed) {
      const { status, attemptStatus, attemptWas } = applied
      bus.emit({ type: 'delivery.updated', delivery, attempt, provider, channel, country, what: news.what, status, attemptStatus, attemptWas, reason, vendorCode, hint, attemptedAt, milliseconds: now() - attemptedAt, trace })
    }
    // Asked for also where the same was told before: it may not have been noted then. It is sent once all the same.
    if (applied.attemptStatus === 'undelivered' && reason !== undefined) {
      if (channel === 'sms' && mayTry('again', reason)) await retryLater?.(delivery)
      // After the retry was noted: that comes first.
      if (mayTry('channel', reason)) await escalateNow(delivery)
    }
    return trace
  }

  const report = async (vendor: string, { attempt, reference, channel, key, what, status, reason, vendorCode }: ReportSignal): Promise<void> => {
    const found = attempt ?? await attempts.findByReference(reference as string)
    if (found === undefined) ignoreForeign(vendor)
    else await record(vendor, { attempt: found, channel, reference, key, what, status, reason, vendorCode })
  }

  const call = async (vendor: string, flow: CallFlow, signal: CallSignal): Promise<void> => {
    const { delivery, attempt, key, event, vendorCode } = signal
    const verdict = await flow.handle(signal)
    if (verdict === 'foreign') {
      ignoreForeign(vendor)
      return
    }
    const tell = (trace: string | undefined): void => {
      bus.emit({ type: 'call.event', delivery, attempt, event: event.type, step: 'step' in event ? event.step : undefined, trace })
    }
    const { status, reason, after } = verdict
    const news: News = { attempt, channel: 'voice', reference: undefined, key, what: `call.${event.type}`, status, reason, vendorCode }
    try {
      tell(await record(vendor, news))
    } catch (error) {
      tell(undefined)
      // A call does not happen again: what it told is kept until it can be written down.
      unfinished.settle('recording a call', async () => { await record(vendor, news) })
      throw error
    } finally {
      await after?.()
    }
  }

  const take = (vendor: string) => async (signal: Signal): Promise<void> => {
    if (signal.kind === 'report') await report(vendor, signal)
    else if (calls === undefined) ignoreForeign(vendor)
    else if (signal.kind === 'call') await call(vendor, calls.flow, signal)
    else if (signal.kind === 'announcement') await calls.announcements.handle(signal)
    else await calls.incoming(signal)
  }

  return async (vendor, signals) => {
    throwFirst(await Promise.allSettled(signals.map(take(vendor))))
  }
}
