import type { Bus } from '../observability/bus.ts'
import type { Taken } from '../providers/provider.ts'
import type { Deliveries } from '../store/deliveries.ts'
import type { Due } from '../store/due.ts'
import type { VerificationRecord, Verifications } from '../store/verifications.ts'

export interface EndDeps {
  readonly verifications: Pick<Verifications, 'end'>
  readonly deliveries: Pick<Deliveries, 'markUsed' | 'forget'>
  readonly due: Pick<Due, 'add' | 'later' | 'done'>
  /** Lets a code that a vendor made be right no more; `unknown` where it may still be. */
  readonly cancelAtVendor: (verification: VerificationRecord) => Promise<Taken>
  /** Whether somebody is told of ends. */
  readonly hasWebhook: boolean
  readonly bus: Bus
}

const KIND = 'verification-end'

/** How long it is waited at first for what is not over yet, in milliseconds; twice as long each time. */
const FIRST_PAUSE = 1000

/** After so many times, a quarter of an hour in all, no code of a vendor lives any more. */
const MOST_TRIES = 10

/**
 * Does what is to be done once a verification has ended, and notes that it has expired, by the store's clock. Of one that was
 * approved the codes are used, and count as that. Of another nothing is sent any more, and its code is canceled where a
 * vendor made it. What was taken over by a newer verification is none of its messages any more, and is left alone.
 * All of it may be done again; that it has ended is told once. `tries`: how often something was not over yet.
 */
export const createEnd = ({ verifications, deliveries, due, cancelAtVendor, hasWebhook, bus }: EndDeps) => {
  /** Says whether all is over. */
  const settle = async (verification: VerificationRecord): Promise<boolean> => {
    const isApproved = verification.status === 'approved'
    await Promise.all(verification.deliveries.map(async (delivery) => {
      if (!isApproved) await deliveries.forget(delivery)
      else if (await deliveries.markUsed(delivery, undefined) === 'first') bus.emit({ type: 'delivery.used', delivery })
    }))
    // Its newest message is on its way to the provider, and is none of its deliveries yet.
    return verification.message !== 'sending' || verification.isDecoy
  }

  const isCanceled = async (verification: VerificationRecord): Promise<boolean> => {
    const mustCancel = verification.codeMaker !== 'gateway' && verification.status !== 'approved' && !verification.isDecoy
    return !mustCancel || await cancelAtVendor(verification) !== 'unknown'
  }

  return async (id: string, tries: number): Promise<'kept' | undefined> => {
    const verification = await verifications.end(id)
    if (verification === undefined) return undefined
    // Looked at too early, it is looked at again when this piece of work is nobody's any more. It is not put off: whoever ends
    // it meanwhile lets it fall due at once, and that must stay.
    if (verification.status === 'pending') return 'kept'
    const isSettled = await settle(verification)
    if (tries === 0 && hasWebhook) await due.add({ id, kind: 'verification-webhook' }, 0)
    const isOver = (await isCanceled(verification) && isSettled) || tries >= MOST_TRIES
    await (isOver ? due.done({ id, kind: KIND }) : due.later({ id, kind: KIND }, FIRST_PAUSE * 2 ** tries))
    // Last: by what fails before, all of it is done again.
    if (tries === 0) bus.emit({ type: 'verification.ended', verification: id, status: verification.status })
    return 'kept'
  }
}
