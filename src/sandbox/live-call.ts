import type { CallBehaviour } from './behaviour.ts'
import type { CallbackQueue } from './callback-queue.ts'
import type { Ledger } from './ledger.ts'
import type { CallOperation, SandboxCall } from './records.ts'

/** A call that is not over yet: its newest record, and the way to tell the gateway about it. */
export interface LiveCall {
  readonly behaviour: CallBehaviour
  readonly record: SandboxCall
  update (change: Partial<SandboxCall>): void
  updateOperation (id: string, change: Partial<CallOperation>): void
  /** Tells the gateway, at `url` or else where the call's events go. A call that has no such place tells nobody. */
  notify (type: string, data?: Readonly<Record<string, unknown>>, url?: string): void
}

export interface LiveCallDeps {
  readonly ledger: Ledger
  readonly queue: CallbackQueue
  readonly behaviour: CallBehaviour
}

/** Makes a live call and enters its first record. */
export const createLiveCall = (first: SandboxCall, { ledger, queue, behaviour }: LiveCallDeps): LiveCall => {
  let record = first
  ledger.put('call', first)
  const update = (change: Partial<SandboxCall>) => {
    record = { ...record, ...change }
    ledger.put('call', record)
  }
  return {
    behaviour,
    get record () { return record },
    update,
    updateOperation (id, change) {
      update({ operations: record.operations.map(one => one.id === id ? { ...one, ...change } : one) })
    },
    notify (type, data = {}, url = record.callbackUri) {
      if (url !== undefined) queue.push(record, { type, url, data })
    }
  }
}
