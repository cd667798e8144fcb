import type { Deadline } from '../domain/deadline.ts'
import { timeOrderedId } from '../domain/identifier.ts'
import type { Keys } from '../domain/keys.ts'
import type { SendResult } from '../domain/outcome.ts'
import type { Reason } from '../domain/reason.ts'
import type { Bus } from '../observability/bus.ts'
import type { Circuits } from './circuits.ts'
import type { Order, Provider } from '../providers/provider.ts'
import type { Attempts } from '../store/attempts.ts'
import { sealSought } from './sought.ts'
import type { Unfinished } from './unfinished.ts'

export interface AttemptDeps {
  readonly attempts: Attempts
  readonly unfinished: Unfinished
  readonly circuits: Circuits
  readonly bus: Bus
  readonly now: () => number
  /** How long a call may take from the request to its end, in milliseconds. */
  readonly longestCallMs: number
  readonly keys: Keys
}

/** The key that must be held for the attempt to be made, and for how long it is held in the end. */
export interface AttemptClaim {
  readonly key: string
  readonly whileUnknown: number
  readonly holdAfter: (result: SendResult) => number | undefined
}

export interface AttemptRequest {
  readonly order: Omit<Order, 'attempt' | 'startedAt'>
  readonly provider: Provider
  /** Absent where no key is at stake. */
  readonly claim: AttemptClaim | undefined
  readonly deadline: Deadline
  /** The context of the span that the attempt belongs to. */
  readonly trace?: string | undefined
}

/** Makes one attempt: on disk before the request is written, and its result after. `lost`: nothing was sent. */
export type MakeAttempt = (request: AttemptRequest) => Promise<SendResult | { readonly kind: 'lost' }>

/** A process that stands still may come back late; its attempts are not given up before that, in milliseconds. */
const LEASE_MARGIN = 5000

/** The part of the time that is kept for the record, in milliseconds and as a share of what is left. */
const RECORD_RESERVE = 250
const RECORD_SHARE = 0.1

/** In how many milliseconds a message whose answer was lost is looked for: it may not be on record at once. */
const SEARCH_AFTER = 30_000

/** With less than that left, in milliseconds, no provider can answer. */
const LEAST_TIME_TO_SEND = 20

export const createMakeAttempt = ({ attempts, unfinished, circuits, bus, now, longestCallMs, keys }: AttemptDeps): MakeAttempt =>
  async ({ order, provider, claim, deadline, trace }) => {
    const startedAt = now()
    const attempt = timeOrderedId(startedAt)
    const sought = provider.inquiry && sealSought({ ...order, attempt }, provider.inquiry.search, keys)
    circuits.begin(provider)
    const record = async (result: SendResult, holdFor: number | undefined, vendorCode?: string, milliseconds?: number): Promise<void> => {
      const { reason, reference, transaction } = { ...NOTHING_TOLD, ...result }
      await attempts.finish({
        attempt,
        status: result.kind,
        reason,
        vendorCode,
        reference,
        transaction,
        milliseconds,
        askIn: provider.inquiry && (result.kind === 'unknown' ? SEARCH_AFTER : provider.inquiry.after),
        claim: claim === undefined || holdFor === undefined ? undefined : { key: claim.key, delivery: order.delivery, holdFor }
      })
    }
    const notSent = (): Promise<void> => unfinished.settle('recording an attempt', () => record(NO_TIME_LEFT, 0))

    const beginning = attempts.begin({
      id: attempt,
      delivery: order.delivery,
      provider: provider.name,
      channel: provider.channel,
      leaseFor: Math.ceil(deadline.remaining) + LEASE_MARGIN,
      claim: claim && { key: claim.key, holdFor: claim.whileUnknown },
      endCallIn: provider.isConducted ? longestCallMs : undefined,
      sought
    })
    const begun = await deadline.bound(beginning).catch((error: unknown) => {
      // It may be written down yet, too late to be sent, or its answer was lost: then it must not pass for one that was.
      beginning.then(notSent, notSent)
      throw error
    })
    if (!begun) return { kind: 'lost' }
    if (deadline.remaining < LEAST_TIME_TO_SEND) {
      await deadline.bound(notSent()).catch(() => {})
      return NO_TIME_LEFT
    }

    const started = performance.now()
    const forRecord = Math.min(RECORD_RESERVE, deadline.remaining * RECORD_SHARE)
    // The provider settles first; the second bound is for one that does not.
    const send = (): Promise<SendResult> => provider.send({ ...order, attempt, startedAt }, deadline.earlier(forRecord))
    const result = await settled(send, deadline.earlier(forRecord / 2), `sending by ${provider.name}`, bus)
    const milliseconds = Math.round(performance.now() - started)
    circuits.note(provider, result)

    const { reason, vendorCode } = { ...NOTHING_TOLD, ...result }
    const told = withoutEcho(vendorCode, order)
    const hint = told && provider.hint(told, order.to.country)
    bus.emit({ type: 'attempt.finished', delivery: order.delivery, attempt, provider: provider.name, channel: provider.channel, country: order.to.country, result: result.kind, reason, vendorCode: told, hint, milliseconds, trace })
    // What the provider said is true, whether it can be written down in time or not. Until it is, the key stays held.
    await deadline.bound(unfinished.settle('recording an attempt', () => record(result, claim?.holdAfter(result), told, milliseconds))).catch(() => {})
    return result
  }

const NO_TIME_LEFT: SendResult = { kind: 'failed', reason: 'no_time_left' }

const NOTHING_TOLD: { readonly reason?: Reason, readonly reference?: string | undefined, readonly transaction?: string, readonly vendorCode?: string } = {}

/** A bug in a provider, or one that never settles, must not look like "not sent". */
const settled = async (send: () => Promise<SendResult>, deadline: Deadline, what: string, bus: Bus): Promise<SendResult> => {
  try {
    return await deadline.bound(send())
  } catch (error) {
    bus.emit({ type: 'work.failed', what, error })
    return { kind: 'unknown', reason: 'timeout' }
  }
}

/** A vendor may put anything into its code for a failure, even what it was sent. */
const withoutEcho = (vendorCode: string | undefined, { to, code, text }: AttemptRequest['order']): string | undefined => {
  if (vendorCode === undefined) return undefined
  const holds = [code?.reveal(), to.e164.slice(1)].some((secret) => secret !== undefined && vendorCode.includes(secret))
  return holds || text?.reveal().includes(vendorCode) === true ? undefined : vendorCode
}
