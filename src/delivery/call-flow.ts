import type { Reason } from '../domain/reason.ts'
import type { CallSignal } from '../domain/signal.ts'
import type { CallControl } from '../providers/provider.ts'
import type { Calls, CallState } from '../store/calls.ts'
import { codePrompt, codeSpeech, confirmPrompt } from '../wording/wording.ts'
import { formatStep, parseStep, type CallStep } from './call-step.ts'

export interface CallFlowDeps {
  readonly calls: Calls
  readonly control: CallControl
  /** `keypress`: ask for a key before the code, so that voicemail never holds it. */
  readonly confirm: 'none' | 'keypress'
  readonly repeats: number
  /** How long a call may last once it was answered, in milliseconds. */
  readonly maxMs: number
}

/** What a call event means for the attempt; `undefined`: nothing, or that the event is not about a call of ours. */
export type CallVerdict =
  | { readonly status: 'accepted' | 'delivered' }
  | { readonly status: 'undelivered', readonly reason: Reason }
  | { readonly status: undefined }

/** How often a person is asked for a key, and how often a key repeats the code. */
const MAX_CONFIRM_ROUNDS = 2
const MAX_CODE_ROUNDS = 5

const NOTHING: CallVerdict = { status: undefined }
const DELIVERED: CallVerdict = { status: 'delivered' }
const undelivered = (reason: Reason): CallVerdict => ({ status: 'undelivered', reason })

/**
 * Conducts the calls that we placed: each event moves the call by one step, and whoever moves it acts on it. Events that
 * come twice, late or in another order move nothing, so any replica may take any event.
 */
export interface CallFlow {
  /** Acts on an event. `foreign`: it is not about the one call that the attempt is tied to. */
  handle (signal: CallSignal): Promise<CallVerdict | 'foreign'>
}

export const createCallFlow = ({ calls, control, confirm, repeats, maxMs }: CallFlowDeps): CallFlow => {
  /** The state of the call, if this event is about the one call of its attempt. */
  const callOf = async ({ attempt, reference, token, event }: CallSignal): Promise<CallState | undefined> => {
    const state = await calls.find(attempt)
    if (state === undefined || state.reference === reference) return state
    if (state.reference !== undefined) return undefined
    // The reply that named the call was lost, or is not recorded yet. A call that is over cannot be asked any more.
    if (event.type === 'ended' || event.type === 'not-placed') return state
    if (!await control.confirms(reference, token)) return undefined
    return await calls.bind(attempt, reference) === reference ? state : undefined
  }

  const end = async ({ attempt, reference }: CallSignal, from?: string): Promise<void> => {
    if (await calls.end(attempt, from)) await control.hangUp(reference)
  }

  const fail = async (signal: CallSignal, reason: Reason): Promise<CallVerdict> => {
    await end(signal)
    return undelivered(reason)
  }

  const say = async (signal: CallSignal, step: CallStep): Promise<CallVerdict> => {
    const { reference, content: { to, locale, code } } = signal
    const options = { step: formatStep(step), plain: step.plain }
    if (code === undefined) return await fail(signal, 'expired')
    const taken = step.phase === 'confirm'
      ? await control.ask(reference, to, confirmPrompt(locale), options)
      : confirm === 'keypress'
        ? await control.ask(reference, to, codePrompt(locale, code, { repeats }), options)
        : await control.speak(reference, codeSpeech(locale, code, { repeats }), options)
    return taken ? NOTHING : await speechFailed(signal, step)
  }

  /** Moves the call on and says what comes next; does nothing where somebody else has moved it. */
  const proceed = async (signal: CallSignal, from: string, next: CallStep): Promise<CallVerdict> =>
    await calls.advance(signal.attempt, from, formatStep(next)) ? await say(signal, next) : NOTHING

  /** Markup that one voice does not take, plain text may still say. */
  const speechFailed = async (signal: CallSignal, step: CallStep): Promise<CallVerdict> =>
    step.plain ? await fail(signal, 'speech_failed') : await proceed(signal, formatStep(step), { ...step, plain: true })

  const connected = async (signal: CallSignal): Promise<CallVerdict> => {
    const verdict = await proceed(signal, '', { phase: confirm === 'keypress' ? 'confirm' : 'code', round: 1, plain: false })
    await calls.endIn(signal.attempt, maxMs)
    return verdict.status === undefined ? { status: 'accepted' } : verdict
  }

  const spoken = async (signal: CallSignal, step: CallStep): Promise<CallVerdict> => {
    await end(signal, formatStep(step))
    return DELIVERED
  }

  const keyPressed = async (signal: CallSignal, step: CallStep): Promise<CallVerdict> => {
    if (step.phase === 'confirm') return await proceed(signal, formatStep(step), { phase: 'code', round: 1, plain: false })
    if (step.round === MAX_CODE_ROUNDS) return await spoken(signal, step)
    return await proceed(signal, formatStep(step), { ...step, round: step.round + 1 })
  }

  const noKey = async (signal: CallSignal, step: CallStep): Promise<CallVerdict> => {
    if (step.phase === 'code') return await spoken(signal, step)
    if (step.round < MAX_CONFIRM_ROUNDS) return await proceed(signal, formatStep(step), { ...step, round: step.round + 1 })
    await end(signal, formatStep(step))
    return undelivered('not_confirmed')
  }

  const over = async ({ attempt }: CallSignal, { step }: CallState, reason: Reason): Promise<CallVerdict> => {
    await calls.end(attempt)
    const phase = parseStep(step)?.phase
    if (phase === 'confirm') return undelivered('not_confirmed')
    return undelivered(phase === 'code' ? 'hung_up' : reason)
  }

  return {
    async handle (signal) {
      const { event } = signal
      const state = await callOf(signal)
      if (state === undefined) return 'foreign'
      if (event.type === 'connected') return await connected(signal)
      if (event.type === 'ended' || event.type === 'not-placed') return await over(signal, state, event.reason)
      const step = parseStep(event.step)
      if (step === undefined) return NOTHING
      switch (event.type) {
        case 'speaking': return NOTHING
        case 'spoken': return await spoken(signal, step)
        case 'speech-failed': return await speechFailed(signal, step)
        case 'key-pressed': return await keyPressed(signal, step)
        case 'no-key': return await noKey(signal, step)
      }
    }
  }
}
