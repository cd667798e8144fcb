import type { CallBehaviour } from './behaviour.ts'
import type { CallbackQueue } from './callback-queue.ts'
import type { CallMedia } from './call-media.ts'
import type { Ledger } from './ledger.ts'
import type { CallOperation, SandboxCall } from './records.ts'

/** The newest record of a call that is not over yet. */
export interface LiveRecord {
  readonly record: SandboxCall
  update (change: Partial<SandboxCall>): void
  updateOperation (id: string, change: Partial<CallOperation>): void
}

/** The same with the way to tell the gateway about it, as Azure does. */
export interface LiveCall extends LiveRecord {
  readonly behaviour: CallBehaviour
  /** Tells the gateway, at `url` or else where the call's events go. A call that has no such place tells nobody. */
  notify (type: string, data?: Readonly<Record<string, unknown>>, url?: string): void
}

/** What the person with the handset can do with a call, whoever's it is. */
export interface HandsetCall {
  readonly record: SandboxCall
  readonly media: Pick<CallMedia, 'press' | 'spoken'>
  /** The person called answers, or does not want to; the call must be an outbound one that still rings. */
  pickUp (): void
  decline (): void
  /** The person hangs up. */
  hangUp (): void
}

/** Keeps the record of a call in the ledger. */
export const createLiveRecord = (first: SandboxCall, ledger: Ledger): LiveRecord => {
  let record = first
  ledger.put('call', first)
  const update = (change: Partial<SandboxCall>) => {
    record = { ...record, ...change }
    ledger.put('call', record)
  }
  return {
    get record () { return record },
    update,
    updateOperation (id, change) {
      update({ operations: record.operations.map(one => one.id === id ? { ...one, ...change } : one) })
    }
  }
}

export interface LiveCallDeps {
  readonly ledger: Ledger
  readonly queue: CallbackQueue
  readonly behaviour: CallBehaviour
}

/** Makes a live call and enters its first record. */
export const createLiveCall = (first: SandboxCall, { ledger, queue, behaviour }: LiveCallDeps): LiveCall => {
  const live = createLiveRecord(first, ledger)
  return {
    behaviour,
    get record () { return live.record },
    update: live.update,
    updateOperation: live.updateOperation,
    notify (type, data = {}, url = live.record.callbackUri) {
      if (url !== undefined) queue.push(live.record, { type, url, data })
    }
  }
}
