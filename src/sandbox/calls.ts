import { randomBytes, randomUUID } from 'node:crypto'
import type { CallBehaviour } from './behaviour.ts'
import type { Behaviours } from './behaviours.ts'
import { remember } from './bounded.ts'
import { createCallMedia, type CallMedia } from './call-media.ts'
import type { CallbackQueue } from './callback-queue.ts'
import type { Ledger } from './ledger.ts'
import { createLiveCall, type HandsetCall, type LiveCall } from './live-call.ts'
import { mediaEvents } from './media-events.ts'
import type { Pacer, Scheduled } from './pacer.ts'
import type { ResultInformation, SandboxCall } from './records.ts'
import { CALL_ENDS, MEDIA_RESULTS } from './result-information.ts'

const RINGING = 1_500
const NO_ANSWER = 30_000
const CONNECTING = 300

/** How the gateway wants a call to be. */
export interface CallSetup {
  readonly callbackUri: string
  readonly operationContext?: string
  readonly cognitiveServicesEndpoint?: string
}

export interface NewCall extends CallSetup {
  readonly from: string
  readonly to: string
  readonly repeatabilityRequestId?: string
}

/** A call that is not over, with what can be done to it. */
export interface OpenCall extends HandsetCall {
  readonly media: CallMedia
  /** The gateway ends the call. */
  terminate (): void
}

/** The calls of the account. */
export interface Calls {
  /** Calls a number. A repeatability id that came before gives its call again. */
  create (call: NewCall): SandboxCall
  /** Somebody calls the gateway. Rings for as long as the sandbox has patience with the gateway. */
  ring (from: string, to: string): SandboxCall
  /** The gateway answers an inbound call that still rings. */
  answer (call: OpenCall, setup: CallSetup): SandboxCall
  /** A call that is not over. */
  find (id: string): OpenCall | undefined
}

export interface CallsDeps {
  readonly behaviours: Behaviours
  readonly ledger: Ledger
  readonly pacer: Pacer
  readonly createQueue: (behaviour: CallBehaviour) => CallbackQueue
  /** Somebody looks at the handset page. */
  readonly attended: () => boolean
  /** Real milliseconds for which a call rings at a person or at the gateway. */
  readonly patienceMs: number
  readonly now: () => number
}

/** Makes the calls of an account. */
export const createCalls = (
  { behaviours, ledger, pacer, createQueue, attended, patienceMs, now }: CallsDeps
): Calls => {
  const open = new Map<string, OpenCall & { readonly live: LiveCall, ringing: Scheduled | undefined }>()
  const created = new Map<string, string>()
  const timestamp = () => new Date(now()).toISOString()

  const begin = (details: Pick<SandboxCall, 'direction' | 'from' | 'to'> & Partial<SandboxCall>, behaviour: CallBehaviour) => {
    const id = randomUUID()
    const live = createLiveCall({
      id,
      vendor: 'azure',
      callConnectionId: id,
      serverCallId: randomBytes(48).toString('base64url'),
      correlationId: randomUUID(),
      state: 'connecting',
      repeats: 0,
      attended: behaviour.outcome === 'manual' || (behaviour.outcome === undefined && attended()),
      spoken: [],
      transcript: [],
      played: [],
      keys: [],
      operations: [],
      startedAt: timestamp(),
      ...details
    }, { ledger, queue: createQueue(behaviour), behaviour })

    const end = (result: ResultInformation, event = 'CallDisconnected') => {
      const { operationContext } = live.record
      call.ringing?.cancel()
      media.cancelAll()
      open.delete(id)
      live.update({ state: 'disconnected', end: result })
      live.notify(event, { ...(operationContext === undefined ? {} : { operationContext }), resultInformation: result })
    }
    const hangUp = () => end(live.record.state === 'connected' ? CALL_ENDS.calleeHungUp : CALL_ENDS.cancelled)
    const media = createCallMedia({ call: live, behaviour, pacer, hangUp, tell: mediaEvents(live) })
    const call = {
      live,
      media,
      ringing: undefined as Scheduled | undefined,
      get record () { return live.record },
      pickUp () {
        call.ringing?.cancel()
        live.update({ state: 'connected', connectedAt: timestamp() })
        const { operationContext, direction, from, to } = live.record
        const person = direction === 'outbound' ? to : from
        live.notify('ParticipantsUpdated', {
          participants: [{
            identifier: { rawId: `4:${person}`, kind: 'phoneNumber', phoneNumber: { value: person } }, isMuted: false, isOnHold: false
          }],
          sequenceNumber: 1
        })
        live.notify('CallConnected', {
          ...(operationContext === undefined ? {} : { operationContext }),
          resultInformation: { ...MEDIA_RESULTS.completed, message: '' }
        })
      },
      decline: () => end(CALL_ENDS.declined),
      hangUp,
      terminate: () => end(live.record.state === 'connected' ? CALL_ENDS.gatewayHungUp : CALL_ENDS.cancelled)
    }
    open.set(id, call)
    return { call, end }
  }

  const meetFate = ({ call, end }: ReturnType<typeof begin>) => {
    const after = (milliseconds: number, work: () => void) => { call.ringing = pacer.after(milliseconds, work) }
    switch (call.live.behaviour.outcome) {
      case 'manual': return
      case 'busy': return after(CONNECTING, () => end(CALL_ENDS.busy))
      case 'unreachable': return after(CONNECTING, () => end(CALL_ENDS.unreachable))
      case 'create-failed': return after(CONNECTING, () => end(CALL_ENDS.createFailed, 'CreateCallFailed'))
      case 'declined': return after(RINGING, call.decline)
      case 'no-answer': return after(NO_ANSWER, () => end(CALL_ENDS.noAnswer))
      case 'answer':
      case 'voicemail': return after(RINGING, call.pickUp)
      case undefined:
        if (!call.record.attended) return after(RINGING, call.pickUp)
        call.ringing = pacer.deadline(patienceMs, () => end(CALL_ENDS.noAnswer))
    }
  }

  return {
    create (request) {
      const scripted = behaviours.call(request.to)
      const known = scripted.ignoreRepeatability === true ? undefined : created.get(request.repeatabilityRequestId ?? '')
      const first = known === undefined ? undefined : ledger.get('call', known)
      if (first !== undefined) {
        const change = { repeats: first.repeats + 1 }
        const still = open.get(first.id)
        if (still === undefined) ledger.put('call', { ...first, ...change })
        else still.live.update(change)
        return ledger.get('call', first.id)!
      }
      const begun = begin({ ...request, direction: 'outbound' }, scripted.outcome === 'voicemail' ? { ...scripted, keys: [] } : scripted)
      const { record } = begun.call
      if (request.repeatabilityRequestId !== undefined) remember(created, request.repeatabilityRequestId, record.id)
      meetFate(begun)
      return record
    },
    ring (from, to) {
      const { call, end } = begin({ from, to, direction: 'inbound' }, behaviours.call(from))
      call.ringing = pacer.deadline(patienceMs, () => end(CALL_ENDS.noAnswer))
      return call.record
    },
    answer ({ record: { id } }, setup) {
      const call = open.get(id)!
      call.ringing?.cancel()
      call.live.update(setup)
      call.ringing = pacer.after(CONNECTING, call.pickUp)
      return call.record
    },
    find: id => open.get(id)
  }
}
