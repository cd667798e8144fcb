import { randomUUID } from 'node:crypto'
import type { CallBehaviour } from './behaviour.ts'
import type { CallbackIdentity } from './callback-identity.ts'
import type { Outbox } from './outbox.ts'
import type { Pacer } from './pacer.ts'
import type { SandboxCall } from './records.ts'

const VERSION = '2026-03-12'

export interface CallEvent {
  /** Without its prefix: `CallConnected`. */
  readonly type: string
  readonly url: string
  readonly data: Readonly<Record<string, unknown>>
}

/** The events of one call, sent one after the other, each once, whatever the gateway answers. */
export interface CallbackQueue {
  push (call: SandboxCall, event: CallEvent): void
}

export interface CallbackQueueDeps {
  readonly identity: Pick<CallbackIdentity, 'token'>
  readonly outbox: Pick<Outbox, 'deliver'>
  readonly pacer: Pick<Pacer, 'track'>
  readonly now: () => number
  readonly behaviour: Pick<CallBehaviour, 'loseCallbacks' | 'reorderCallbacks' | 'callbackCopies'>
}

const ENDINGS = ['CallDisconnected', 'CreateCallFailed', 'AnswerFailed']

/** Makes the queue of one call, with the losses, copies and disorder that were scripted for it. */
export const createCallbackQueue = ({ identity, outbox, pacer, now, behaviour }: CallbackQueueDeps): CallbackQueue => {
  const { loseCallbacks = [], reorderCallbacks = [], callbackCopies = 1 } = behaviour
  let last = Promise.resolve()
  let held: Array<() => Promise<void>> = []

  const send = async (call: SandboxCall, { type, url, data }: CallEvent, id: string) => {
    const source = `calling/callConnections/${call.id}`
    const fullType = `Microsoft.Communication.${type}`
    const cloudEvent = {
      id,
      source,
      type: fullType,
      data: {
        ...data,
        version: VERSION,
        callConnectionId: call.id,
        serverCallId: call.serverCallId,
        correlationId: call.correlationId,
        publicEventType: fullType
      },
      time: new Date(now()).toISOString().replace('Z', '+00:00'),
      specversion: '1.0',
      datacontenttype: 'application/json',
      subject: source
    }
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${await identity.token()}` }
    await outbox.deliver({ url, headers, body: JSON.stringify([cloudEvent]) },
      { via: 'callback', eventId: id, type: fullType, attempt: 1, subject: call.id })
  }

  return {
    push (call, event) {
      if (loseCallbacks.includes(event.type)) return
      const id = randomUUID()
      const sendCopies = async () => {
        for (let copy = 0; copy < callbackCopies; copy += 1) await send(call, event, id)
      }
      // What ends a call has nothing after it to wait for.
      if (reorderCallbacks.includes(event.type) && !ENDINGS.includes(event.type)) {
        held.push(sendCopies)
        return
      }
      const due = [sendCopies, ...held]
      held = []
      for (const sendOne of due) last = pacer.track(last.then(sendOne))
    }
  }
}
