import type { Deadline } from '../domain/deadline.ts'
import { timeOrderedId } from '../domain/identifier.ts'
import type { SendResult } from '../domain/outcome.ts'
import type { Bus } from '../observability/bus.ts'
import type { Order, Provider } from '../providers/provider.ts'
import type { Attempts } from '../store/attempts.ts'

export interface AttemptDeps {
  readonly attempts: Attempts
  readonly bus: Bus
  readonly now: () => number
  /** How long a call may take from the request to its end, in milliseconds. */
  readonly longestCallMs: number
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
}

/** Makes one attempt: on disk before the request is written, and its result after. `lost`: nothing was sent. */
export type MakeAttempt = (request: AttemptRequest) => Promise<SendResult | { readonly kind: 'lost' }>

/** A process that stands still may come back late; its attempts are not given up before that, in milliseconds. */
const LEASE_MARGIN = 5000

/** The part of the time that is kept for the record, in milliseconds and as a share of what is left. */
const RECORD_RESERVE = 250
const RECORD_SHARE = 0.1

export const createMakeAttempt = ({ attempts, bus, now, longestCallMs }: AttemptDeps): MakeAttempt =>
  async ({ order, provider, claim, deadline }) => {
    const startedAt = now()
    const attempt = timeOrderedId(startedAt)
    const begun = await deadline.bound(attempts.begin({
      id: attempt,
      delivery: order.delivery,
      provider: provider.name,
      channel: provider.channel,
      leaseFor: Math.ceil(deadline.remaining) + LEASE_MARGIN,
      claim: claim && { key: claim.key, holdFor: claim.whileUnknown },
      endCallIn: provider.channel === 'voice' ? longestCallMs : undefined
    }))
    if (!begun) return { kind: 'lost' }

    const started = performance.now()
    const forRecord = Math.min(RECORD_RESERVE, deadline.remaining * RECORD_SHARE)
    // The provider settles first; the second bound is for one that does not.
    const send = (): Promise<SendResult> => provider.send({ ...order, attempt, startedAt }, deadline.earlier(forRecord))
    const result = await settled(send, deadline.earlier(forRecord / 2), `sending by ${provider.name}`, bus)
    const milliseconds = Math.round(performance.now() - started)

    const { reason, vendorCode } = result.kind === 'accepted' ? NO_FAILURE : { ...result, vendorCode: withoutEcho(result.vendorCode, order) }
    bus.emit({ type: 'attempt.finished', delivery: order.delivery, attempt, provider: provider.name, result: result.kind, reason, vendorCode, milliseconds })
    const holdFor = claim?.holdAfter(result)
    try {
      await deadline.bound(attempts.finish({
        attempt,
        status: result.kind,
        reason,
        vendorCode,
        reference: result.kind === 'accepted' ? result.reference : undefined,
        claim: claim === undefined || holdFor === undefined ? undefined : { key: claim.key, delivery: order.delivery, holdFor }
      }))
    } catch (error) {
      // What the provider said is true all the same. Without its record the attempt counts as unknown later on, and the
      // key stays held, so nothing is sent twice.
      bus.emit({ type: 'work.failed', what: 'recording an attempt', error })
    }
    return result
  }

const NO_FAILURE = { reason: undefined, vendorCode: undefined }

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
const withoutEcho = (vendorCode: string | undefined, { to, code }: AttemptRequest['order']): string | undefined => {
  const echoes = [code?.reveal(), to.e164.slice(1)].some((secret) => secret !== undefined && vendorCode?.includes(secret) === true)
  return echoes ? undefined : vendorCode
}
